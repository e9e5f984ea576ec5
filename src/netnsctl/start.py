"""Where the program starts. `netnsctl netns` takes a path of its own, since it must start as fast as Python does."""
from __future__ import absolute_import, division, print_function

import gc
import sys


def main():
    """The program."""
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
