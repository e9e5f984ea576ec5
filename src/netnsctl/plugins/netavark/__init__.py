"""The netavark plugin: podman (4.5 and later, with netavark 1.6) attaches containers to networks of the driver
`netnsctl` by it. Its API is netavark's plugin-API.md, version 1.0.0: create, setup, teardown, info.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import sys

from netnsctl import __version__
from netnsctl.compat import native, open_standard_streams, printable, unicode_tree
from netnsctl.edge.host import Host
from netnsctl.edge.privileges import is_in_user_namespace
from netnsctl.errors import Interrupted, NetnsctlError, UsageError
from netnsctl.plugins import documents

API_VERSION = '1.0.0'
DEFAULTS = ('0.0.0.0/0', '::/0')


def main():
    """Ends the process: 0 with the answer on standard output, or 1 with {"error": ...} there."""
    from netnsctl.execution import signals
    open_standard_streams()
    os.umask(os.umask(0o022) | 0o022)
    signals.install()
    status = 1
    try:
        run([native(word) for word in sys.argv[1:]], _write)
        status = 0
    except (NetnsctlError, Interrupted) as error:
        _fail(told(error))
    except (EnvironmentError, ImportError, MemoryError) as error:
        _fail(printable(native(str(error))) or 'out of memory')
    os._exit(status)


def _write(answer):
    documents.write(json.dumps(unicode_tree(answer), sort_keys=True).encode('ascii') + b'\n')


def _fail(text):
    try:
        _write({'error': text})
    except NetnsctlError:
        documents.complain(text)


def told(error):
    """An error as podman shows it: one line of text."""
    hint = documents.without_force(getattr(error, 'hint', None))
    return 'netnsctl: ' + ' '.join(printable(line.strip()) for line in [error.message] + (
        ['(%s)' % ' '.join(hint.split())] if hint else []))


def run(words, answer):
    """Carries a command line out, and gives answer() the object of JSON that is the answer, if there is one.
    NetnsctlError, also of answer()."""
    if words[:1] in ([], ['info']):
        answer({'version': __version__, 'api_version': API_VERSION})
        return
    what, wanted = words[0], {'create': 1, 'setup': 2, 'teardown': 2}.get(words[0])
    if wanted is None:
        raise UsageError('unknown subcommand: %s' % what[:100], hint='It is started by netavark.')
    if len(words) != wanted:
        raise UsageError('%s: %s' % (what, 'takes no argument' if wanted == 1
                                     else 'takes the path of a network namespace'))
    data = documents.as_object(documents.read_all(0, 'standard input'), 'standard input')
    if what == 'create':
        from netnsctl.plugins.netavark import network
        answer(network.completed(data))
        return
    if is_in_user_namespace(Host()):
        raise NetnsctlError('%s: a rootless podman has no rights over links of the host' % what)
    if what == 'setup':
        _setup(words[1], data, answer)
    else:
        _teardown(data)


def _setup(netns, data, answer):
    from netnsctl import library
    from netnsctl.plugins.netavark import attachment
    asked = attachment.read(netns, data)
    library.say_held()
    ends = asked.endpoints(_families_led(netns))
    wire = library.attach(ends[0], ends[1], asked.wire, bool(asked.ports))
    try:
        answer(attachment.status_of(asked, wire))
    except BaseException:
        library.unwire(asked.wire, None, (), {})  # nobody knows of it
        raise


def _families_led(path):
    """The families (4, 6) in which a namespace has a default route already: of another network, which keeps it."""
    from netnsctl.edge import netns
    opened = netns.open_path(path, 'the container')
    try:
        return set(6 if ':' in route.dst else 4 for route in opened.rtnl().routes() if route.dst in DEFAULTS)
    finally:
        opened.close()


def _teardown(data):
    from netnsctl import library
    from netnsctl.plugins.netavark import attachment
    name = attachment.wire_of(data)
    library.say_held()
    library.unwire(name, None, (), {})
