"""A running container, and what every runtime's answer is read with.

Answers are foreign text: whatever a runtime prints ends as a Container, as "no such
container" or as a declared error.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import is_utf8, native, printable, to_bytes, unicode_of
from netnsctl.errors import NetnsctlError, NoAnswerError, NotFoundError, UsageError

SECONDS = 5.0
SOON = 3.0  # for an answer of podman's that it may be kept from giving
ANSWER_LIMIT = 4 << 20
PID_MAX = 1 << 22  # proc(5): the limit of pid_max on 64-bit systems


class Container(object):
    """A running container.

    scheme: its runtime's. name: as it was asked for (a name or, for docker and podman, a full ID).
    pid: of its init, in the host's PID namespace. identity: the full ID where the runtime
    has one, else the name; it tells a container from its successor of the same name.
    """
    __slots__ = ('scheme', 'name', 'pid', 'identity')

    def __init__(self, scheme, name, pid, identity):
        self.scheme = scheme
        self.name = name
        self.pid = pid
        self.identity = identity

    def __repr__(self):
        return 'Container(%s://%s, pid %d)' % (self.scheme, self.name, self.pid)


def check_name(scheme, name):
    """Refuses what is not a container's name anywhere, and above all what a program would take for an option."""
    cause = None
    if not name or len(to_bytes(name)) > 255:
        cause = 'it is empty' if not name else 'it is longer than 255 bytes'
    elif name.startswith('-'):
        cause = 'it begins with -'
    elif '/' in name or name in ('.', '..'):
        cause = 'it is a path'
    elif not is_utf8(name) or one_line(name) != name:
        cause = 'it contains a run of blanks, invisible characters or bytes that are not UTF-8'
    if cause:
        raise UsageError('%s container %s: not a container name: %s' % (scheme, one_line(name) or "''", cause))


def one_line(text):
    """Foreign text made fit to be printed: one line of at most 300 characters, escaped by compat.printable()."""
    return printable(native(u' '.join(unicode_of(text).split())[:300]))


def ask(host, scheme, argv, seconds=None, environ=()):
    """Runs a runtime's own program: Result. Every error names the runtime and the program."""
    seconds = seconds or SECONDS
    program = host.find(argv[0])
    if program is None:
        raise NotFoundError('ask %s: the program %s is not on this host' % (scheme, argv[0]))
    result = failed = None
    for attempt in _attempts(host, scheme, seconds):
        try:
            result = host.run([program] + argv[1:], seconds=attempt, environ=environ)
            break
        except NoAnswerError:
            failed = NoAnswerError('ask %s: %s gave no answer within %g s' % (scheme, argv[0], attempt))
            if host.is_waited_for is not None and host.is_waited_for():
                break
        except NetnsctlError as error:
            raise NetnsctlError('ask %s: %s' % (scheme, error.message))
    if result is None:
        raise failed
    if len(result.out) > ANSWER_LIMIT:
        raise nonsense(scheme, 'more than %d bytes' % ANSWER_LIMIT)
    return result


def _attempts(host, scheme, seconds):
    """How long to wait for an answer, attempt by attempt. With the lock held, podman may not be able to give one before
    the lock is released: that is found out after the first."""
    return [SOON, seconds] if scheme == 'podman' and host.is_waited_for is not None and seconds > SOON else [seconds]


def failure(scheme, name, result):
    """The error for a program that ended with a status that does not just mean 'no such container'."""
    lines = [line for line in (result.err or result.out).splitlines() if line.strip()]
    cause = one_line(lines[-1]) if lines else 'it printed nothing'
    message = 'look up %s container %s: %s (status %d)' % (scheme, name, cause, result.status)
    unreachable = re.search(r'(?i)cannot connect|failed to connect|is the docker daemon running|error during connect|'
                            r'trying to connect to the docker daemon', result.err)
    return NoAnswerError(message) if unreachable else NetnsctlError(message)


def nonsense(scheme, what):
    """The error for an answer of another shape than the runtime's."""
    return NetnsctlError('ask %s: its answer makes no sense: %s' % (scheme, what))


def not_running(scheme, name, start):
    """The error for a container that does not run. start: the command that starts it, without the name."""
    if not re.match(r'[A-Za-z0-9_][A-Za-z0-9_.-]*\Z', name):  # the hint is made to be pasted
        name = "'%s'" % name.replace("'", "'\\''")
    return NotFoundError('%s container %s is not running' % (scheme, name), hint='%s %s' % (start, name))


def pid_of(scheme, value):
    """A PID out of an answer, None for 0, which means that the container does not run."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= PID_MAX:
        raise nonsense(scheme, 'PID %s' % one_line(repr(value))[:40])
    return value or None


def version_in(result):
    """The first thing like a version in what a program printed, or None."""
    found = re.search(r'\b[0-9]+(?:\.[0-9]+)+\S*', result.out)
    return found.group(0) if found and result.status == 0 else None
