"""The plugin that hands out addresses, which is started as the runtime started this one: CNI's "Plugin Delegation"."""
from __future__ import absolute_import, division, print_function

import errno
import fcntl
import os
import select
import time

from netnsctl.compat import default_signals, monotonic, native, printable, set_cloexec, to_bytes, uninterrupted
from netnsctl.errors import cause_of
from netnsctl.execution.signals import HANDLED, signal
from netnsctl.plugins import documents as incoming
from netnsctl.plugins.cni import configuration, documents
from netnsctl.plugins.cni.problems import IPAM, TRY_AGAIN, CniError

SECONDS = 120.0  # one that asks a DHCP server takes its time
END_SECONDS = 5.0  # after its answer
ENTRIES = 64  # of its lists


def call(config, request, environ, data, command=None):
    """Runs the IPAM plugin of a Configuration: its result, with the lists ips ([{'address', 'gateway'}]) and routes
    ([(dst, via or None)]) and the dict dns; None where there is none, or it answers nothing. data: what was on standard
    input. command: in place of the request's. CniError.
    """
    delegate = config.get('ipam')
    if delegate is None:
        return None
    name, command = delegate['type'], command or request.command
    out = _run(_find(name, request.path), name, dict(environ, CNI_COMMAND=command), data)
    if command != 'ADD':
        return None
    try:
        return _read(documents.read(out, 'its result'))
    except CniError as error:
        raise CniError(IPAM, 'ipam %s: %s' % (name, error.message), error.details)


def _find(name, folders):
    for folder in folders:
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise CniError(IPAM, 'ipam: there is no plugin %s in CNI_PATH (%s)' % (
        name, printable(':'.join(folders)) or 'which is empty'))


def _run(path, name, environ, data):
    status, out = _exchange(path, name, environ, data)
    if status == 0:
        return out
    try:
        told = documents.read(out, 'its error')
        code, message, details = told.get('code'), told.get('msg'), told.get('details')
        # Not isinstance(): True is an int.
        if type(code) is not int or not 0 < code < 1 << 32 or not isinstance(message, str):
            raise CniError(IPAM, '')
    except CniError:
        raise CniError(IPAM, 'ipam %s: it ended with status %d and printed no error that CNI knows' % (
            name, status), native(out[:1000]))
    raise CniError(code, 'ipam %s: %s' % (name, message), details if isinstance(details, str) else '')


def _exchange(path, name, environ, data):
    """(exit status, or the negative number of the signal that ended it; what it prints, bytes). What it says on
    standard error goes to ours. By hand: subprocess takes longer to load than all the rest of this plugin."""
    feed, inside = os.pipe()
    reader, out = os.pipe()
    child = os.fork()
    if not child:
        _become(path, environ, feed, out)
    try:
        os.close(feed)
        os.close(out)
        text = _converse(name, inside, reader, data)
        status = _ended(name, child)
    except BaseException:
        for kill in (os.kill, os.killpg):  # it may have a group of its own by now
            try:
                kill(child, signal.SIGKILL)
            except OSError:
                continue
        uninterrupted(os.waitpid, child, 0)
        raise
    return (-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)), text


def _ended(name, child):
    """The status of a plugin that has said all it says. CniError if it does not end: the runtime waits."""
    deadline = monotonic() + END_SECONDS
    while True:
        pid, status = uninterrupted(os.waitpid, child, os.WNOHANG)
        if pid:
            return status
        if monotonic() > deadline:
            raise CniError(TRY_AGAIN, 'ipam %s: it closed its output and did not end within %d s' % (
                name, END_SECONDS))
        time.sleep(0.001)


def _become(path, environ, feed, out):
    """The child becomes the plugin; never returns."""
    try:
        os.setsid()
        default_signals(signal.SIGPIPE, *HANDLED)
        os.dup2(feed, 0)
        os.dup2(out, 1)
        for descriptor in [int(one) for one in os.listdir('/proc/self/fd')]:
            try:
                set_cloexec(descriptor) if descriptor > 2 else None
            except (OSError, IOError):
                continue  # listdir's own, closed by now
        os.execve(path, [path], environ)
    except Exception as error:
        os.write(2, to_bytes('cannot run %s: %s\n' % (path, cause_of(error))))
    finally:
        os._exit(127)


def _converse(name, inside, reader, data):
    """Feeds the plugin, and collects what it prints until it closes that."""
    pieces, size, deadline = [], 0, monotonic() + SECONDS
    fcntl.fcntl(inside, fcntl.F_SETFL, fcntl.fcntl(inside, fcntl.F_GETFL) | os.O_NONBLOCK)
    try:
        while True:
            left = deadline - monotonic()
            if left <= 0:
                raise CniError(TRY_AGAIN, 'ipam %s: no answer within %d s' % (name, SECONDS))
            # A descriptor above 1,023, which select(2) does not take, is none of a process that has just begun.
            ready, room, _ = uninterrupted(select.select, [reader], [inside] if inside is not None else [], [], left)
            if room:
                data = _feed(inside, data)
                if not data:
                    os.close(inside)
                    inside = None
            if ready:
                pieces.append(uninterrupted(os.read, reader, 65536))
                size += len(pieces[-1])
                if not pieces[-1]:
                    return b''.join(pieces)
                if size > incoming.BYTES:
                    raise CniError(IPAM, 'ipam %s: printed more than %d bytes' % (name, incoming.BYTES))
    finally:
        os.close(reader)
        if inside is not None:
            os.close(inside)


def _feed(descriptor, data):
    """What is left of the data once the pipe has taken some; none where nobody reads."""
    try:
        return data[os.write(descriptor, data[:4096]):]
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EINTR):
            return data
        return b''


def _read(found):
    ips, routes = found.get('ips') or [], found.get('routes') or []
    for what, entries in (('ips', ips), ('routes', routes)):
        if not isinstance(entries, list) or len(entries) > ENTRIES:
            raise CniError(IPAM, '%s: not a list of at most %d' % (what, ENTRIES))
    for one in ips:
        configuration.item('ips.address', configuration.table('ips', one).get('address'))
        if one.get('gateway'):
            configuration.item('ips.gateway', one['gateway'])
    dns = configuration.dns('dns', found.get('dns') or {})
    return {'ips': ips, 'routes': configuration.routes('routes', routes), 'dns': dns}
