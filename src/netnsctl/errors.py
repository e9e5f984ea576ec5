"""The errors that netnsctl declares, each with the exit code that it ends the program with.

Every error says "what was attempted: cause" in one line; a hint, if there is one, is separate, so that it can be
printed on its own line.
"""
from __future__ import absolute_import, division, print_function

import errno

# This process, or the disk, failed: it says nothing of whether there is what was looked for.
FAILURES = (errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class NetnsctlError(Exception):
    """Base of all declared errors: the attempt failed and nothing was changed.

    message: one line, "what was attempted: cause".
    hint: what to do about it, or None; may be several lines.
    """
    exit_code = 1

    def __init__(self, message, hint=None):
        Exception.__init__(self, message)
        self.message = message
        self.hint = hint

    def __reduce__(self):
        return _bare, (self.__class__,) + self.args, self.__dict__

    def __str__(self):
        return self.message


def cause_of(error):
    """What went wrong, in words: for one of netnsctl's errors or one of Python's, which may come from the kernel."""
    return getattr(error, 'strerror', None) or str(error)


def declared(error, attempt):
    """Any exception as a NetnsctlError, so that an unexpected failure affects only one wire."""
    if isinstance(error, NetnsctlError):
        return error
    return NetnsctlError('%s: %s: %s' % (attempt, error.__class__.__name__, cause_of(error)))


def _bare(kind, *args):
    """For pickle: an error whose constructor needs more than the args that an exception keeps."""
    made = kind.__new__(kind, *args)
    made.args = args  # on Python 2 only __init__() sets them
    return made


class UsageError(NetnsctlError):
    """The command line, or a line of a file, is malformed."""
    exit_code = 2


class WrongTypeError(UsageError, TypeError):
    """A function of the library was given a value of the wrong type, or an argument that it does not have."""


class NotFoundError(NetnsctlError):
    """An endpoint or a wire does not exist.

    is_of_end: did the target of an end mean nothing, so that there was no namespace to wire?
    """
    exit_code = 3
    is_of_end = False


class ConflictError(NetnsctlError):
    """A name or address is taken, a target is ambiguous, or a wire differs.

    operation: the operation that the kernel refused because what it would create exists already, or None. may_pass: may
    what is in the way be in a namespace that has ended, and about to go?
    """
    exit_code = 4
    operation, may_pass = None, False


class CheckFailedError(NetnsctlError):
    """The wire was made, but packets do not pass."""
    exit_code = 5


class UndoError(NetnsctlError):
    """The attempt failed, and something it had made could not be removed."""
    exit_code = 6


class Interrupted(BaseException):
    """A signal ends the command. signum: its number; exit code 128 + signum.

    Neither a NetnsctlError nor an Exception: code that tolerates one failing runtime, wire or check must not swallow
    this.
    """
    hint = None

    def __init__(self, signum):
        BaseException.__init__(self, signum)
        self.message = 'ended by signal %d' % signum
        self.signum = signum
        self.exit_code = 128 + signum

    def __str__(self):
        return self.message


class KernelError(NetnsctlError):
    """The kernel refused a request. errno: its number; words: the kernel's own text or None. may_pass: as for
    ConflictError."""
    may_pass = False

    def __init__(self, message, errno, words=None):
        NetnsctlError.__init__(self, message)
        self.errno = errno
        self.words = words


class NoAnswerError(NetnsctlError):
    """Something outside did not answer within its time limit. may_pass: was it another netnsctl, which had the lock?"""
    may_pass = False
