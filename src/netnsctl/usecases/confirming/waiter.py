"""The process that undoes wires which nobody confirms: it outlives the command, its terminal and its session.

It is there before the first wire is, since that may be what cuts the user off. It holds no lock and has only the
directory of unconfirmed wires open. If it is killed, the next command that takes the lock undoes what is overdue.
"""
from __future__ import absolute_import, division, print_function

import os
import pkgutil
import select
import signal
import syslog
import time

from netnsctl.compat import is_readable, monotonic, random_hex, set_cloexec, uninterrupted
from netnsctl.edge.child import Fork
from netnsctl.edge.events import folders
from netnsctl.errors import NetnsctlError, cause_of
from netnsctl.execution import backends
from netnsctl.usecases.recorded import unconfirmed
from netnsctl.usecases.wires import transaction
from netnsctl.usecases.wires.session import Session

READY_SECONDS = 20.0
LOOK_SECONDS = 1.0  # between looks, where there is no inotify
PAUSE_SECONDS = 60.0  # the longest between attempts
ATTEMPTS = 20
_READY = b'ready'


class Waiter(object):
    """Starts the process for the wires that a session is about to make, and gives that its unconfirmed.Request.

    close() tells it that the command is done; so does the end of this process. NetnsctlError if it does not start.
    """

    def __init__(self, session, seconds, save=False):
        session.confirming = unconfirmed.Request(seconds, save, random_hex(8))
        unconfirmed.uptime(session.host)
        self._lifeline = _start(session.host, session.confirming.run)

    def close(self):
        """The command is done."""
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


def _start(host, run):
    """Forks it: the descriptor whose closing tells it that the command is done."""
    reader, lifeline = os.pipe()
    answers, ready = os.pipe()
    for descriptor in (lifeline, answers):
        set_cloexec(descriptor)
    try:
        fork = Fork()
        if not fork.pid:
            _be_the_waiter(host, run, reader, ready, fork)
        os.close(ready)
        ready = None
        fork.deliver()
        try:
            uninterrupted(os.waitpid, fork.pid, 0)
        except OSError:
            pass  # started with SIGCHLD ignored
        if not is_readable(answers, READY_SECONDS) or os.read(answers, 16) != _READY:
            raise NetnsctlError('wait for a confirmation: the process that would undo the wire did not start',
                                hint='Is there memory left, and may this user start another process?')
    except BaseException as error:
        os.close(lifeline)
        if isinstance(error, OSError):
            raise NetnsctlError('wait for a confirmation: fork: %s' % error.strerror)
        raise
    finally:
        for descriptor in (reader, answers, ready):
            if descriptor is not None:
                os.close(descriptor)
    return lifeline


def _be_the_waiter(host, run, lifeline, ready, fork):
    """Never returns: neither this process nor its child must run the parent's exit handlers."""
    try:
        fork.deliver()
        os.setsid()
        if not os.fork():  # the command waits for the first one, and nobody for this one
            _leave_all(lifeline, ready)
            backends.load('iproute', 'netlink')
            session = Session(host)
            watch = _watch(session)
            os.write(ready, _READY)
            os.close(ready)
            _load()
            _wait(session, run, lifeline, watch)
    except BaseException as error:
        if not isinstance(error, SystemExit):
            log('%s: %s' % (error.__class__.__name__, cause_of(error)))
    finally:
        os._exit(0)


def _load():
    """Loads all that may undo a wire: an upgrade may take the modules away meanwhile."""
    for name in ('edge', 'execution', 'model', 'usecases'):
        package = __import__('netnsctl.' + name, fromlist=['__path__'])
        for _, module, _ in pkgutil.walk_packages(package.__path__, package.__name__ + '.', lambda _: None):
            try:
                __import__(module)
            except Exception:  # nosec B112 # one whose library this host lacks, and which so undoes nothing here
                continue


def _leave_all(*kept):
    """Lets go of the terminal, the directory and the descriptors (but these) of whoever started it."""
    os.chdir('/')
    for signum in (signal.SIGHUP, signal.SIGINT):
        signal.signal(signum, signal.SIG_IGN)
    for signum in (signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(signum, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        if descriptor not in kept:
            os.dup2(nowhere, descriptor)
    for name in os.listdir('/proc/self/fd'):
        if int(name) > 2 and int(name) not in kept:
            try:
                os.close(int(name))
            except OSError:
                pass  # that of the list itself


def _watch(session):
    try:
        return folders.FolderWatch(session.state.path(unconfirmed.FOLDER))
    except OSError:
        return None


def _wait(session, run, lifeline, watch):
    """Until none of its wires is left to be undone."""
    pause = attempts = not_before = 0
    while attempts < ATTEMPTS:
        try:
            found, now = _own(session, run), unconfirmed.uptime(session.host)
        except Exception as error:  # what cannot be read now (ENOMEM, ENFILE) is there all the same
            log(cause_of(error))
            attempts, pause = attempts + 1, _longer(pause)
            time.sleep(pause)
            continue
        if lifeline is None and not found:
            return
        seconds = min([mark.due for mark in found]) - now if found else None
        wait = None if seconds is None else max(seconds, not_before - monotonic())
        if seconds is None or seconds > 0:
            pause = attempts = 0
        if wait is None or wait > 0:
            _sleep(lifeline, watch, wait)
            if lifeline is not None and is_readable(lifeline, 0):
                os.close(lifeline)
                lifeline = None
            continue
        _undo(session.host)
        # A wire that it cannot take back, or another netnsctl that holds the lock: again, more and more seldom.
        attempts, pause = attempts + 1, _longer(pause)
        not_before = monotonic() + pause


def _longer(pause):
    return min(PAUSE_SECONDS, pause * 2 or 0.1)


def _own(session, run):
    """The Marks of the wires of this command. NetnsctlError if they cannot be read."""
    try:
        return [mark for mark in unconfirmed.marks(session) if mark.run == run]
    finally:
        del session.notices[:]


def _sleep(lifeline, watch, seconds):
    """Until the directory changes, the command is done, or that many seconds (None: any number) are over."""
    poll = select.poll()
    for descriptor in (lifeline, watch and watch.fileno()):
        if descriptor is not None:
            poll.register(descriptor, select.POLLIN)
    # The clock of poll(2) stands still while the host sleeps.
    limit = 60.0 if watch is not None else LOOK_SECONDS
    uninterrupted(poll.poll, int(min(limit, limit if seconds is None else seconds) * 1000) + 1)
    if watch is not None:
        try:
            watch.read()
        except OSError:
            time.sleep(LOOK_SECONDS)  # no inotify is left for this user


def _undo(host):
    """Undoes what is overdue. Failures are logged."""
    session = Session(host)
    try:
        with session.locked():
            transaction.recover(session)
    except Exception as error:  # it is tried again
        log(cause_of(error))
    finally:
        for notice in session.notices:
            log(notice)
        session.close()


def log(text):
    """A line in the host's log: there is no terminal."""
    try:
        syslog.openlog('netnsctl', syslog.LOG_PID, syslog.LOG_DAEMON)
        syslog.syslog(syslog.LOG_NOTICE, text.encode('utf-8') if not isinstance(text, str) else text)
    except Exception:  # nosec B110 # without memory, say: the wire is to be undone all the same
        pass
