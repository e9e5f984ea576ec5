"""Where the program starts: `netnsctl netns` goes its own way, for it is to start as fast as Python does."""
from __future__ import absolute_import, division, print_function

import sys


def main():
    """The program."""
    if sys.argv[1:2] == ['netns']:
        from netnsctl import ipnetns
        ipnetns.main(sys.argv[2:])
    from netnsctl import cli
    cli.main()
