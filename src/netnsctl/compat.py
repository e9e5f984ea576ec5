"""What differs between Python 2.6 and 3.14; the only module that looks at the version.

Text is the native `str` everywhere: unicode on 3 (surrogateescape for bytes that are not UTF-8), bytes on 2.
"""
from __future__ import absolute_import, division, print_function

import os
import sys
import time

# Nothing else is imported here: `netnsctl netns` must start as fast as Python does, and re alone takes 2 ms.
_SAFE = frozenset('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-')

PY3 = sys.version_info[0] >= 3
MODULES_HAVE_GETATTR = sys.version_info >= (3, 7)  # PEP 562

# Seconds, unaffected by changes of the clock; Python 2 has only the clock.
monotonic = getattr(time, 'monotonic', time.time)

if PY3:
    from _thread import get_ident  # noqa: F401 # novm
    text_type = str
    string_types = (str,)

    def native(data):
        """bytes or text -> native str; never fails (surrogateescape on 3)."""
        return data.decode('utf-8', 'surrogateescape') if isinstance(data, bytes) else data

    def to_bytes(text):
        """Native str -> the bytes the kernel or a file takes; never fails."""
        try:
            return text.encode('utf-8', 'surrogateescape') if isinstance(text, str) else text
        except UnicodeEncodeError:  # half of a pair, as JSON may hold
            return text.encode('utf-8', 'surrogatepass')

    def argument_bytes(argument):
        """A word of sys.argv -> the original bytes."""
        return os.fsencode(argument)  # novm - Python 3's

    def unicode_of(text):
        """Native str -> unicode text; bytes that are not UTF-8 stay as lone surrogates."""
        return text
else:
    from _codecs import register_error
    from thread import get_ident  # noqa: F401 # novm
    text_type = unicode  # noqa: F821 - a name of Python 2
    string_types = (basestring,)  # noqa: F821

    def native(data):
        """bytes or text -> native str; never fails. Lone surrogates of unicode_of() become their bytes again."""
        if not isinstance(data, text_type):
            return data
        pieces = data.encode('utf-8').split(b'\xed')
        return pieces[0] + b''.join([_unescaped(piece) for piece in pieces[1:]])

    def _unescaped(piece):
        # U+DC80 to U+DCFF are \xed\xb2\x80 to \xed\xb3\xbf.
        if piece[0] not in b'\xb2\xb3':
            return b'\xed' + piece
        return chr((ord(piece[0]) & 3) << 6 | ord(piece[1]) & 0x3f) + piece[2:]

    to_bytes = argument_bytes = native

    def unicode_of(text):
        """Native str -> unicode text; bytes that are not UTF-8 become lone surrogates, as on 3."""
        return text if isinstance(text, text_type) else text.decode('utf-8', 'netnsctl')

    register_error('netnsctl', lambda error: (
        unichr(0xdc00 + ord(error.object[error.start])), error.start + 1))  # noqa: F821 # novm


def is_utf8(text):
    """Are the bytes of this native str valid UTF-8?"""
    try:
        to_bytes(text).decode('utf-8')
    except (UnicodeEncodeError, UnicodeDecodeError):
        return False
    return True


def native_tree(value):
    """A tree of lists, tuples and dicts with every string made native."""
    if PY3:
        return value
    if isinstance(value, dict):
        return dict((native_tree(key), native_tree(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return type(value)([native_tree(item) for item in value])
    if isinstance(value, text_type):
        return native(value)
    return value


class _ShortFloat(float):
    """A float that json writes in as few digits as identify it: Python 2.6 always writes 17."""

    def __repr__(self):
        for digits in (12, 15, 16):
            text = '%.*g' % (digits, self)
            if float(text) == self:
                # As Python 2.7 does: a point or an exponent shows that it is not an integer.
                return text if set('.en').intersection(text) else text + '.0'
        # With an exponent from 1e16 on; %g would leave it out up to 1e17.
        return '%.16e' % self if abs(self) >= 1e16 else '%.17g' % self


def unicode_tree(value):
    """A tree of lists and dicts for Python 2's json: every string as text, because json takes no bytes that are not
    UTF-8, and every float short."""
    if PY3:
        return value
    if isinstance(value, float):
        return _ShortFloat(value)
    if isinstance(value, dict):
        return dict((unicode_of(key), unicode_tree(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return [unicode_tree(item) for item in value]
    return unicode_of(value) if isinstance(value, str) else value


# Characters that affect a terminal or are invisible on one: first and last of each range. Controls (C0, DEL, C1),
# characters without width (soft hyphen, joiners, fillers, variation selectors, tags), those that change the direction
# of text, line and paragraph separators, and surrogates, as which Python 3 carries bytes that are not UTF-8.
_HIDDEN = ((0x00, 0x1f), (0x7f, 0x9f), (0xad, 0xad), (0x34f, 0x34f), (0x61c, 0x61c), (0x115f, 0x1160),
           (0x17b4, 0x17b5), (0x180b, 0x180f), (0x200b, 0x200f), (0x2028, 0x202e), (0x2060, 0x206f), (0x3164, 0x3164),
           (0xd800, 0xdfff), (0xfe00, 0xfe0f), (0xfeff, 0xfeff), (0xffa0, 0xffa0), (0xfff0, 0xfffb),
           (0x1bca0, 0x1bca3), (0x1d173, 0x1d17a), (0xe0000, 0xe0fff))

_PLAIN = bytes(bytearray(range(0x20, 0x7f)))


def _escape(letter):
    number = ord(letter)
    if 0x20 <= number < 0x7f or not any([first <= number <= last for first, last in _HIDDEN]):
        return letter
    if 0xdc80 <= number <= 0xdcff:
        number -= 0xdc00
    return (u'\\x%02x' if number < 0x100 else u'\\u%04x' if number < 0x10000 else u'\\U%08x') % number


def printable(text):
    """Text as native str, with each character that a terminal would act upon or not show written as \\xNN or \\uNNNN:
    the only place where that is decided."""
    text = native(text)
    try:
        # Nearly all text is plain ASCII.
        if not (text.encode('ascii') if PY3 else text).translate(None, _PLAIN):
            return text
    except UnicodeError:
        pass
    shown = u''.join([_escape(letter) for letter in unicode_of(text)])
    return shown if PY3 else to_bytes(shown)


def open_cloexec(path, flags, mode=0o600):
    """os.open with close-on-exec, which Python 2 and kernels before 2.6.23 cannot set in the same call."""
    descriptor = os.open(path, flags | getattr(os, 'O_CLOEXEC', 0), mode)
    if not PY3:
        set_cloexec(descriptor)
    return descriptor


def read_all(descriptor, limit=None):
    """The contents of an open file (bytes), up to its end or to `limit` bytes. Raises OSError."""
    pieces = []
    # Kernel files that are generated line by line return a page per read.
    while limit is None or limit > 0:
        piece = os.read(descriptor, 1 << 20 if limit is None else min(limit, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        limit = None if limit is None else limit - len(piece)
    return b''.join(pieces)


def set_cloexec(descriptor):
    """Marks a descriptor as not inherited (Python 2 leaves every one inheritable)."""
    import fcntl
    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.fcntl(descriptor, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)


def set_inheritable(descriptor):
    """Marks a descriptor as inherited by exec (the default on Python 2 and in the kernel)."""
    import fcntl
    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.fcntl(descriptor, fcntl.F_GETFD) & ~fcntl.FD_CLOEXEC)


def uninterrupted(call, *arguments):
    """A system call, repeated if a signal interrupted it and its handler only took note (before Python 3.5 that is an
    error)."""
    import errno
    import select
    while True:
        try:
            return call(*arguments)
        except (EnvironmentError, select.error) as error:
            if error.args[0] != errno.EINTR:
                raise


def is_readable(descriptor, seconds):
    """Is there anything to read, or the end, within that time? Uses poll(2), since select(2) takes no descriptor above
    1,023."""
    import select
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(uninterrupted(poll.poll, int(seconds * 1000 + 0.999)))


def reap(process, options=0):
    """Waits for the process of a Popen: its status (negative: ended by that signal), or with os.WNOHANG None if it
    still runs.

    Replaces wait() and poll(): an exception from a signal handler can come between waitpid(2) and the moment Popen
    stores the status. Nobody can wait for that process again, which 2.6's wait() treats as an error and Python 2's
    poll() as a process that still runs. Its status is lost, and 0 here, as in Python 3.
    """
    import errno
    if process.returncode is None:
        try:
            pid, status = uninterrupted(os.waitpid, process.pid, options)
        except OSError as error:
            if error.errno != errno.ECHILD:
                raise
            process.returncode = 0
        else:
            if pid:
                process.returncode = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    return process.returncode


class children_waited_for(object):
    """Context in which children can be waited for even if whoever started this process ignores SIGCHLD: the kernel then
    reaps them itself, and their exit status is lost. was_ignored: whether it was ignored.

    Raises ValueError if it is ignored and this is not the main thread, which alone may change that.
    """

    def __enter__(self):
        signal = signal_module()
        self.was_ignored = signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN
        if self.was_ignored:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        return self

    def __exit__(self, *_):
        if self.was_ignored:
            signal = signal_module()
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def signal_module():
    """The C module: signal.py of Python 3 imports enum, which takes 2 ms."""
    try:
        import _signal
        return _signal
    except ImportError:  # Python 2
        import signal
        return signal


class _NamedTuple(tuple):
    """What each class of named_tuple() inherits."""
    __slots__ = ()
    _fields = ()

    def __new__(cls, *values, **named):
        """The fields by position or by name. TypeError unless each is given once."""
        values += tuple([named.pop(field) for field in cls._fields[len(values):] if field in named])
        if named or len(values) != len(cls._fields):
            raise TypeError('%s takes %s' % (cls.__name__, ', '.join(cls._fields)))
        return tuple.__new__(cls, values)

    def _replace(self, **fields):
        """The same with other values of some fields. ValueError for others."""
        values = [fields.pop(field, value) for field, value in zip(self._fields, self)]
        if fields:
            raise ValueError('%s has no %s' % (type(self).__name__, ', '.join(sorted(fields))))
        return tuple.__new__(type(self), values)

    def __repr__(self):
        return '%s(%s)' % (type(self).__name__, ', '.join('%s=%r' % pair for pair in zip(self._fields, self)))

    def __getnewargs__(self):
        return tuple(self)


def named_tuple(name, fields):
    """A class of tuples whose fields ('dst via') have names, as collections.namedtuple() makes it, as far as netnsctl
    uses that: loading collections and making two of its classes takes 2 ms of each start."""
    try:
        from _operator import itemgetter  # the C module, which operator is on Python 2
    except ImportError:
        from operator import itemgetter
    fields = tuple(fields.split())
    members = dict((field, property(itemgetter(at))) for at, field in enumerate(fields))
    # Whose the class is: a process that makes some of the wires of a file pickles their records.
    members['__module__'] = sys._getframe(1).f_globals['__name__']
    return type(name, (_NamedTuple,), dict(members, __slots__=(), _fields=fields))


def find_libraries():
    """Lets the host's libraries be imported where Python was started without them (-S), as the packages start netnsctl:
    looking for them takes a third of a bare start. To be called before one is imported."""
    if sys.flags.no_site and 'site' not in sys.modules:
        import site
        if PY3:
            site.main()  # Python 2's does that when it is imported


def processors():
    """How many processors this process may run on."""
    try:
        return len(os.sched_getaffinity(0))  # novm
    except AttributeError:  # before Python 3.3
        return os.sysconf('SC_NPROCESSORS_ONLN')


def random_hex(count):
    """count random bytes as hexadecimal digits."""
    import binascii
    return native(binascii.hexlify(os.urandom(count)))


_sha256 = None


def sha256_hex(text):
    """The SHA-256 of a text as hexadecimal digits. Uses the C module if Python has it: hashlib loads OpenSSL, which
    takes as long as everything else that `wire` loads for a bridge."""
    global _sha256
    if _sha256 is None:
        try:
            from _sha2 import sha256  # 3.12 and later
        except ImportError:
            try:
                from _sha256 import sha256
            except ImportError:
                from hashlib import sha256
        _sha256 = sha256  # a failed import takes a hundred times as long as the hash
    return _sha256(to_bytes(text)).hexdigest()


def random_mac(first='02'):
    """A random, locally administered MAC address. first: its first byte, two digits."""
    return '%s:%02x:%02x:%02x:%02x:%02x' % ((first,) + tuple(bytearray(os.urandom(5))))


def shell_quote(text):
    """The word that a shell reads as exactly this text (shlex.quote is 3.3's, pipes.quote is gone from 3.13)."""
    if text and _SAFE.issuperset(text):
        return text
    return "'%s'" % text.replace("'", "'\\''")


def open_standard_streams():
    """Opens /dev/null for those of descriptors 0 to 2 that are closed, so that no file of ours takes their number and
    their output."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def default_signals(*numbers):
    """Restores the kernel's default action for these signals, in place of Python's own handling."""
    signal = signal_module()
    for number in numbers:
        # A background job of a shell has SIGINT ignored. (Python itself ignores SIGPIPE, so nobody knows who else did.)
        if number != signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def parse_ini(text):
    """Sections of a file of the ini kind: list of (section, {key in lower case: value}), in the file's order.

    Values that continue on an indented line contain a line feed. Raises ValueError with the reason, in one line.
    """
    import io
    try:
        import configparser as ini  # novm
        options = {'strict': False}
    except ImportError:  # Python 2
        import ConfigParser as ini  # novm
        options = {}
    parser = ini.RawConfigParser(**options)  # novm
    read = getattr(parser, 'read_file', None) or parser.readfp
    try:
        # Latin-1 maps any bytes and back.
        read(io.StringIO(to_bytes(text).decode('latin-1')))
    except ini.Error as error:
        raise ValueError(' '.join(str(error).split()))
    return [(_from_latin1(section), dict((_from_latin1(key), _from_latin1(value or ''))
                                         for key, value in parser.items(section))) for section in parser.sections()]


def _from_latin1(text):
    return native(text.encode('latin-1'))
