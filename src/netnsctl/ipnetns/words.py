"""The words: list, list-id, help, add, set, delete, identify, pids, exec, monitor, attach."""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import to_bytes
from netnsctl.edge import netns_dir
from netnsctl.ipnetns.names import cannot_open, is_name, open_name
from netnsctl.ipnetns.options import integer, is_prefix, usage, wrong
from netnsctl.ipnetns.output import Refused, quoted, shown, strerror

NO_NAME = Refused(b'No netns name specified')
EXTRA = Refused(b'extra arguments specified')


def run(settings, argv, out):
    """Runs one word with its arguments (bytes): the exit status. Refused, OSError."""
    if not argv:
        return show_names(settings, [], out)
    word, arguments = argv[0], argv[1:]
    # Before looking at which word this is, as iproute2 does.
    if not settings.all and arguments and not is_name(arguments[0]) and not (
            b'://' in arguments[0] and is_prefix(word, b'exec')):
        raise Refused(quoted(b'Invalid netns name', arguments[0], b''), 255)
    for whole, function, _ in _WORDS:
        if is_prefix(word, whole):
            return function(settings, arguments, out) or 0
    raise Refused(quoted(b'Command', word, b' is unknown, try "ip netns help".'), 255)


def is_word(text):
    """Does this (bytes) mean one of the words?"""
    return any(is_prefix(text, whole) for whole, _, _ in _WORDS)


# list, list-id

def show_names(settings, _arguments, out):
    """list: every name, with its number where it has one."""
    try:
        names = netns_dir.names()
    except OSError:
        return 0
    from netnsctl.ipnetns import numbers
    rows = [(name, number) for name, number, _ in numbers.numbered(names, out)]
    if settings.json:
        out.put(numbers.as_json([[(b'name', name)] + ([(b'id', number)] if number is not None else [])
                                 for name, number in rows], settings.pretty))
        return 0
    for name, number in rows:
        out.put(shown(name) + (b'' if number is None else b' (id: ' + to_bytes(str(number)) + b')') + b'\n')
    return 0


def show_numbers(settings, arguments, out):
    """list-id [target-nsid N] [nsid N]"""
    from netnsctl.ipnetns import numbers
    return numbers.show(settings, arguments, out)


def set_number(_settings, arguments, _out):
    """set NAME auto|N"""
    from netnsctl.edge.netlink import nsid
    if not arguments:
        raise NO_NAME
    if len(arguments) < 2:
        raise Refused(b'No nsid specified')
    name, value = arguments[:2]
    number = nsid.UNASSIGNED
    if value != b'auto':
        number = integer(value)
        if number is None:
            raise wrong(value, b'Invalid "netnsid" value')
        if number < 0:
            raise wrong(value, b'"netnsid" value should be >= 0')
    descriptor, error = open_name(name)
    if descriptor is None:
        raise Refused(cannot_open(name, error))
    try:
        nsid.Nsids().assign(descriptor, number)
    except nsid.NsidError as refusal:
        from netnsctl.ipnetns import numbers
        raise Refused(numbers.explain(refusal), 2)
    finally:
        os.close(descriptor)


# identify, pids

def _is_pid(text):
    return text.isdigit()


def identify(_settings, arguments, out):
    """identify [PID]: the name of that process's namespace, or an empty line."""
    if len(arguments) > 1:
        raise EXTRA
    pid = arguments[0] if arguments else b'self'
    if arguments and not _is_pid(pid):
        raise Refused(b"Specified string '" + pid + b"' is not a pid")
    try:
        descriptor = os.open(b'/proc/' + pid + b'/ns/net', os.O_RDONLY)
    except OSError as error:
        raise Refused(b'Cannot open network namespace: ' + strerror(error))
    try:
        status = os.fstat(descriptor)
        try:
            names = netns_dir.names()
        except OSError as error:
            if error.errno != errno.ENOENT:
                raise Refused(b'Failed to open directory ' + to_bytes(netns_dir.NETNS_DIR) + b':' + strerror(error))
            names = []
        found = b''
        for name in names:
            if _leads_to(name, status):
                found = name  # the last of several, as in iproute2
    finally:
        os.close(descriptor)
    out.put(shown(found) + b'\n')


def _leads_to(name, status):
    try:
        other = os.stat(netns_dir.path_of(name))
    except OSError:
        return False
    return (other.st_dev, other.st_ino) == (status.st_dev, status.st_ino)


def pids(_settings, arguments, out):
    """pids NAME: the processes in a namespace, one per line."""
    if not arguments:
        raise NO_NAME
    if len(arguments) > 1:
        raise EXTRA
    descriptor, error = open_name(arguments[0])
    if descriptor is None:
        if error.errno == errno.EINVAL:
            raise Refused(cannot_open(arguments[0], error))
        raise Refused(b'Cannot open network namespace: ' + strerror(error))
    try:
        status = os.fstat(descriptor)
        for entry in os.listdir(b'/proc'):
            if not _is_pid(entry):
                continue
            try:
                other = os.stat(b'/proc/' + entry + b'/ns/net')
            except OSError:
                continue  # ended, or not ours to look at
            if (other.st_dev, other.st_ino) == (status.st_dev, status.st_ino):
                out.put(entry + b'\n')
    finally:
        os.close(descriptor)


# delete

def delete(settings, arguments, out):
    """delete NAME; with -all every name, up to the first that cannot be removed."""
    if not settings.all:
        if not arguments:
            raise NO_NAME
        return _delete(arguments[0], out)
    try:
        names = netns_dir.names()
    except OSError:
        return 0
    for name in names:
        if _delete(name, out):
            break
    return 0


def _delete(name, out):
    try:
        # A file with content is removed too: only names belong here, and iproute2 removes it.
        netns_dir.unmount_and_unlink(name)
    except OSError as error:
        out.tell(quoted(b'Cannot remove namespace file', netns_dir.path_of(name), b': ' + strerror(error)))
        return 1
    return 0


# add, attach, exec, monitor: modules that need ctypes are imported when they are used

def add(_settings, arguments, out):
    """add NAME"""
    from netnsctl.ipnetns import adding
    if not arguments:
        raise NO_NAME
    return adding.add(arguments[0], None, out)


def attach(_settings, arguments, out):
    """attach NAME PID"""
    from netnsctl.ipnetns import adding
    if len(arguments) < 2:
        raise Refused(b'No netns name and PID specified')
    pid = integer(arguments[1])
    if not pid:
        raise Refused(b'Invalid PID: ' + arguments[1])
    return adding.add(arguments[0], pid, out)


def execute(settings, arguments, out):
    """exec NAME COMMAND...; with -all in every namespace, COMMAND..."""
    from netnsctl.ipnetns import entering
    if not settings.all and not arguments:
        raise NO_NAME
    if len(arguments) < (1 if settings.all else 2):
        raise Refused(b'No command specified')
    if settings.all:
        return entering.execute_in_all(arguments, out)
    return entering.execute(arguments[0], arguments[1:], out, settings.batch is not None)


def monitor(_settings, _arguments, out):
    """monitor: a line for each name that comes or goes, until it is ended."""
    from netnsctl.ipnetns import watching
    return watching.watch(out)


def tell_usage(_settings, _arguments, _out):
    """help"""
    raise usage()


# In iproute2's order: a word means the first that it is a prefix of. The modules listed are imported when the word is
# run, unless load() did so before.
_WORDS = (
    (b'list', show_names, 'ipnetns.numbers'), (b'show', show_names, 'ipnetns.numbers'),
    (b'lst', show_names, 'ipnetns.numbers'), (b'list-id', show_numbers, 'ipnetns.numbers'),
    (b'help', tell_usage, None), (b'add', add, 'ipnetns.adding'), (b'set', set_number, 'ipnetns.numbers'),
    (b'delete', delete, 'edge.syscalls'), (b'identify', identify, None), (b'pids', pids, None),
    (b'exec', execute, 'ipnetns.entering'), (b'monitor', monitor, 'ipnetns.watching'),
    (b'attach', attach, 'ipnetns.adding'),
)


def load(argv):
    """Imports everything that run() needs for a word with its arguments. Raises whatever an import raises."""
    for whole, _, module in _WORDS:
        if not argv or is_prefix(argv[0], whole):
            if module is not None:
                __import__('netnsctl.' + module)
            return


def load_all():
    """As load(), for every word."""
    for whole, _, _ in _WORDS:
        load([whole])
