"""What the runtime asks for, from the environment, and which wire that is."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import native, printable, sha256_hex, to_bytes
from netnsctl.errors import UsageError
from netnsctl.model import names
from netnsctl.plugins.cni.problems import CONFIG, ENVIRONMENT, CniError

_USUAL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
_OF_NAMES = '_.-'
NAME_BYTES = 1024  # nobody's are longer; the specification names no limit
PATH_BYTES = 4096  # PATH_MAX
ARGS_BYTES = 64 << 10
# {command: variables that it must have}
COMMANDS = {'ADD': ('CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'), 'CHECK': ('CNI_CONTAINERID', 'CNI_NETNS',
            'CNI_IFNAME'), 'DEL': ('CNI_CONTAINERID', 'CNI_IFNAME'), 'GC': (), 'STATUS': (), 'VERSION': ()}


def is_made_of(text, first, more):
    """Does a text begin with an ASCII letter, a digit or one of `first`, and hold only these and those of `more`? By
    hand: loading re is a fifth of an ADD."""
    return bool(text) and not text[0].strip(_USUAL + first) and not text.strip(_USUAL + more)


class Request(object):
    """command, container, netns (a path, '' for none), ifname, args ({key: text} of CNI_ARGS), path (the folders of
    CNI_PATH): as the environment has them."""
    __slots__ = ('command', 'container', 'netns', 'ifname', 'args', 'path')


def read(environ):
    """The Request of an environment. CniError names the variables that are missing or wrong."""
    request = Request()
    values = dict((key, native(environ.get(key) or '')) for key in (
        'CNI_COMMAND', 'CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_ARGS', 'CNI_PATH'))
    request.command = values['CNI_COMMAND']
    if request.command not in COMMANDS:
        raise _wrong('CNI_COMMAND', request.command, 'is not one of %s' % ' '.join(sorted(COMMANDS)))
    needed = COMMANDS[request.command]
    missing = [key for key in needed if not values[key]]
    if missing:
        raise CniError(ENVIRONMENT, '%s: the environment lacks %s' % (request.command, ', '.join(missing)))
    request.container, request.netns, request.ifname = [
        values[key] for key in ('CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME')]
    if needed:
        if not is_made_of(request.container, '', _OF_NAMES) or len(request.container) > NAME_BYTES:
            raise _wrong('CNI_CONTAINERID', request.container,
                         'is not the ID of a container (letters, digits and _ . -)')
        check_ifname(request.ifname)
        if request.command != 'DEL':  # which may come when that is gone
            _check_netns(request.netns)
    request.args = _read_args(values['CNI_ARGS']) if request.command == 'ADD' else {}
    request.path = [folder for folder in values['CNI_PATH'].split(':') if folder.startswith('/')]
    return request


def _wrong(key, value, what):
    shown = value if len(value) <= 300 else value[:300] + '...'
    return CniError(ENVIRONMENT, '%s=%s %s' % (key, printable(shown), what))


def check_ifname(name, where='CNI_IFNAME', code=ENVIRONMENT):
    """CniError for what is not the name of a link, or would mean more in an endpoint."""
    try:
        names.check_ifname(name)
    except UsageError as error:
        raise CniError(code, '%s: %s' % (where, error.message))
    if set('=,') & set(name):
        raise CniError(code, '%s: interface name "%s": must not contain "=" or ","' % (where, printable(name)))


def _check_netns(path):
    if not path.startswith('/') or '=' in path or len(to_bytes(path)) > PATH_BYTES:
        raise _wrong('CNI_NETNS', path, 'is not the path of a network namespace: it begins with "/" and has no "="')
    try:
        names.refuse_odd_bytes('CNI_NETNS', path)
    except UsageError as error:
        raise CniError(ENVIRONMENT, error.message)


def _read_args(text):
    """CNI_ARGS, 'K8S_POD_NAME=web;MAC=...', as a dict."""
    if len(text) > ARGS_BYTES:
        raise CniError(ENVIRONMENT, 'CNI_ARGS: longer than %d bytes' % ARGS_BYTES)
    found = {}
    for item in text.split(';') if text else ():
        key, equals, value = item.partition('=')
        if not equals:
            raise CniError(ENVIRONMENT, 'CNI_ARGS: %s is not KEY=VALUE' % printable(item[:300]))
        found[key] = value
    return found


def check_network(name):
    """CniError for what is not the name of a network. Returns it."""
    if name is None or name == '':
        raise CniError(CONFIG, 'the network configuration has no name')
    if not isinstance(name, str) or not is_made_of(name, '', _OF_NAMES) or len(name) > NAME_BYTES:
        raise CniError(CONFIG, 'name: %s is not the name of a network (letters, digits and _ . -)'
                       % (printable(name[:300]) if isinstance(name, str) else 'that'))
    return name


def prefix_of(network, own_ifname=None):
    """What the names of a network's wires begin with; those of a configuration that names its interface itself
    (own_ifname) are apart."""
    text = network if own_ifname is None else '%s/%s' % (network, own_ifname)
    return 'cni-%s-%s-' % (network[:24], sha256_hex(text)[:8])


def wire_of(network, container, ifname, own_ifname=None):
    """The name of the wire of an attachment. ifname: CNI_IFNAME."""
    link = ''.join(char if char in _USUAL + _OF_NAMES else '_' for char in own_ifname or ifname)
    digest = sha256_hex('/'.join((network, container, ifname, own_ifname or '')))
    return '%s%s-%s-%s' % (prefix_of(network, own_ifname), container[:12], link, digest[:16])
