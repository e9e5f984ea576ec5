"""The configuration of a network, as it comes on standard input: its keys, checked. Pure."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import printable, unicode_tree
from netnsctl.edge.files import json_text
from netnsctl.model.endpoint import SHAPING
from netnsctl.plugins.cni import documents
from netnsctl.plugins.cni.problems import CONFIG, UNKNOWN_FIELD, VERSION, CniError
from netnsctl.plugins.cni.request import check_ifname, check_network, is_made_of

TEXTS = 64  # of one list
COMMANDS_SINCE = {'CHECK': '0.4.0', 'GC': '1.1.0', 'STATUS': '1.1.0'}


def _wrong(key, wanted, value):
    shown = json_text.dumps(unicode_tree(value))
    return CniError(CONFIG, '%s: must be %s, not %s' % (key, wanted, shown[:200]))


def text(key, value):
    """A text of one or more characters. CniError."""
    if not isinstance(value, str) or not value:
        raise _wrong(key, 'text', value)
    return value


def item(key, value):
    """The text of one item of an endpoint."""
    if set(',=') & set(text(key, value)):
        raise _wrong(key, 'text without "," and "="', value)
    return value


def texts(key, value):
    """One text or a list of them: list."""
    found = value if isinstance(value, list) else [value]
    if len(found) > TEXTS:
        raise CniError(CONFIG, '%s: more than %d' % (key, TEXTS))
    return [item(key, one) for one in found]


def flag(key, value):
    """True or False."""
    if not isinstance(value, bool):
        raise _wrong(key, 'true or false', value)
    return value


def number(key, value):
    """A whole number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, (int, type(1 << 70))) or value < 0:
        raise _wrong(key, 'a whole number from 0 on', value)
    return value


def table(key, value):
    """An object: dict."""
    if not isinstance(value, dict):
        raise _wrong(key, 'an object', value)
    return value


def folded(key, value):
    """An object of a runtime: dict with its keys in lower case: containerd 1.6 writes HostPort."""
    return dict((name.lower(), value[name]) for name in table(key, value))


def routes(key, value):
    """[{'dst': network, 'gw': address}], or texts 'NETWORK@ADDRESS': [(dst, gw or None)]."""
    found = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            for name in sorted(one):
                # The rest of CNI's keys of a route, as far as they say anything, is not for the command line's routes.
                if name not in ('dst', 'gw') and one[name] not in (0, None):
                    raise CniError(UNKNOWN_FIELD, '%s: %s=%s is not supported here' % (
                        key, printable(name), json_text.dumps(unicode_tree(one[name]))))
            found.append((item(key + '.dst', one.get('dst')), item(key + '.gw', one['gw']) if one.get('gw') else None))
        else:
            dst, _, via = item(key, one).partition('@')
            found.append((dst, via or None))
    if len(found) > TEXTS:
        raise CniError(CONFIG, '%s: more than %d' % (key, TEXTS))
    return found


def dns(key, value):
    """The name servers of a network: dict with CNI's four keys, each a text or texts."""
    found = {}
    for name, given in table(key, value).items():
        if name not in ('nameservers', 'domain', 'search', 'options'):
            raise CniError(UNKNOWN_FIELD, '%s: unknown key %s=%s' % (key, printable(name),
                                                                     json_text.dumps(unicode_tree(given))))
        if given in (None, '', []):
            continue
        if name == 'domain':
            found[name] = text(key + '.' + name, given)
        elif isinstance(given, list) and len(given) <= TEXTS:
            found[name] = [text(key + '.' + name, one) for one in given]
        else:
            raise _wrong(key + '.' + name, 'a list of at most %d texts' % TEXTS, given)
    return found


def ipam(key, value):
    """What is delegated: dict with a type, or None: nothing is."""
    if not table(key, value):
        return None
    program = text(key + '.type', value.get('type'))
    if not is_made_of(program, '_', '_.+-') or len(program) > 100:
        raise _wrong(key + '.type', 'the name of a program', value['type'])
    return value


# {key: its reader}. What has none is read by the runtime, or elsewhere.
READERS = dict({'anchor': text, 'ifname': text, 'addresses': texts, 'gw': texts, 'routes': routes, 'mac': item,
                'mtu': number, 'publish': texts, 'nat': flag, 'ipMasq': flag, 'isGateway': flag, 'localhost': flag,
                'open': flag, 'ipv6': flag, 'check': flag, 'force': flag, 'backend': text, 'dns': dns, 'ipam': ipam,
                'runtimeConfig': table, 'args': table, 'prevResult': table},
               **dict((key, item) for key in SHAPING))
OTHERS = ('cniVersion', 'cniVersions', 'name', 'type', 'capabilities', 'disableCheck', 'disableGC')


class Configuration(object):
    """A network's configuration: version, name, own_ifname (the interface that it names itself, or None), values
    ({key: what its reader made of it}, of the keys that are there), attachments (those that GC is told of, or None)."""
    __slots__ = ('version', 'name', 'own_ifname', 'values', 'attachments')

    def get(self, key, default=None):
        return self.values.get(key, default)


def version_of(document):
    """The version that a document is in. CniError."""
    found = document.get('cniVersion', '0.1.0')  # as the specification had it before it had versions
    if found not in documents.VERSIONS:
        raise CniError(VERSION, 'cniVersion %s is not supported; supported versions: %s' % (
            printable(str(found)[:100]), ' '.join(documents.VERSIONS)))
    return found


def read(document, command):
    """The Configuration that a document holds, for a CNI_COMMAND. CniError.

    Of DEL and GC no more is read than they need: what was made is removed, whatever the configuration has become.
    """
    found = Configuration()
    found.version = version_of(document)
    since = COMMANDS_SINCE.get(command)
    if since is not None and documents.VERSIONS.index(found.version) < documents.VERSIONS.index(since):
        raise CniError(VERSION, 'cniVersion %s has no %s, which came with %s' % (found.version, command, since))
    found.name = check_network(document.get('name'))
    found.own_ifname = document.get('ifname')
    if found.own_ifname is not None:
        check_ifname(text('ifname', found.own_ifname), 'ifname', CONFIG)
    brief = command in ('DEL', 'GC')
    found.values = {}
    for key in sorted(document):
        value = document[key]
        if key in READERS and value is not None and (key == 'ipam' or not brief):
            found.values[key] = READERS[key](key, value)
        elif key not in READERS and key not in OTHERS and not key.startswith('cni.dev/') and not brief:
            shown = json_text.dumps(unicode_tree(value))
            raise CniError(UNKNOWN_FIELD, 'unknown key %s=%s' % (printable(key[:100]), shown[:200]),
                           'Known keys: %s' % ' '.join(sorted(READERS)))
    if not brief and 'anchor' not in found.values:
        raise CniError(CONFIG, 'the configuration has no anchor', 'For example: "anchor": "bridge://br0"')
    found.attachments = _attachments(document) if command == 'GC' else None
    return found


def _attachments(document):
    """The attachments of the network that are to stay: set of (container, ifname)."""
    key = 'cni.dev/valid-attachments'
    # Before CNI 1.1.0 was released it had the other name. libcni leaves it out, or says null, where none is to stay.
    given = document.get(key, document.get('cni.dev/attachments'))
    given = [] if given is None else given
    if not isinstance(given, list):
        raise CniError(CONFIG, 'GC: %s is not a list of the attachments that stay' % key)
    found = set()
    for one in given:
        pair = [one.get(name) if isinstance(one, dict) else None for name in ('containerID', 'ifname')]
        if not all(isinstance(name, str) and name for name in pair):
            raise CniError(CONFIG, 'GC: %s: each has a containerID and an ifname' % key)
        found.add(tuple(pair))
    return found
