"""Where the program starts. `netnsctl netns` takes a path of its own, since it must start as fast as Python does."""
from __future__ import absolute_import, division, print_function

import gc
import sys

try:
    import _signal as signal  # novm - as in execution.signals, which takes over from here
except ImportError:  # Python 2
    import signal


def main():
    """The program."""
    end_by_interrupt()
    # Collecting garbage after every 700 objects while modules are loaded takes a twentieth of one wire's time.
    gc.set_threshold(20000)
    if sys.argv[1:2] == ['netns']:
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
