"""Where the program starts. `netnsctl netns` takes a path of its own, since it must start as fast as Python does."""
from __future__ import absolute_import, division, print_function

import gc
import os
import sys

try:
    import _signal as signal  # novm - as in execution.signals, which takes over from here
except ImportError:  # Python 2
    import signal

_UTF8 = b'utf-8'  # kept: C code has its address


def main():
    """The program."""
    end_by_interrupt()
    # Collecting garbage after every 700 objects while modules are loaded takes a twentieth of one wire's time.
    gc.set_threshold(20000)
    is_netns = sys.argv[1:2] == ['netns']
    encoding = 'utf-8' if str is bytes else sys.getfilesystemencoding()
    if encoding != 'utf-8' and not (is_netns and encoding == 'ascii'):  # it takes bytes, which ASCII words still have
        try:
            name_files_in_utf8()
        except (EnvironmentError, ImportError, ValueError):
            pass  # no /proc, or a Python without ctypes
    if is_netns:
        from netnsctl import ipnetns
        ipnetns.main(sys.argv[2:])
    if str is bytes:
        from netnsctl import compat
        compat.find_libraries()  # Python 2 has ipaddress of them
    try:
        from netnsctl import cli
    except (EnvironmentError, ImportError, MemoryError) as error:
        # A library is not installed, or there is no descriptor or memory left to read one.
        sys.exit('netnsctl: cannot start: %s' % (error or 'out of memory'))
    cli.main()


def end_by_interrupt():
    """Until execution.signals.install(), SIGINT ends the program without Python's traceback: nothing is begun yet."""
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:  # not where it is ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def name_files_in_utf8():
    """Python 3 encodes the names of files in the locale's encoding, while text here is UTF-8 with surrogateescape: in
    another locale, names that are not ASCII would be those of other files, or a UnicodeEncodeError. For Python 3.6 a C
    locale is one of these."""
    with open('/proc/self/cmdline', 'rb') as source:
        line = source.read().split(b'\0')[:-1]
    if hasattr(sys.flags, 'utf8_mode'):
        os.execv(sys.executable, [sys.executable, '-X', 'utf8'] + line[1:])  # it can be chosen only at the start
    import ctypes
    from netnsctl.compat import native, to_bytes
    # What Python's UTF-8 mode does since 3.7. Without the second, Python 3.6 frees the first as it ends.
    ctypes.c_char_p.in_dll(ctypes.pythonapi, 'Py_FileSystemDefaultEncoding').value = _UTF8
    ctypes.c_int.in_dll(ctypes.pythonapi, 'Py_HasFileSystemDefaultEncoding').value = 1
    os.fsencode = lambda path: to_bytes(os.fspath(path))  # novm
    os.fsdecode = lambda path: native(os.fspath(path))  # novm
    os.environ.encodevalue, os.environ.decodevalue = to_bytes, native
    # From the kernel, since what EUC-JP makes of UTF-8 cannot be undone.
    sys.argv[1:] = [native(word) for word in line[len(line) - len(sys.argv) + 1:]]
