"""python -m netnsctl.__main__ (2.6 has no other way to run a package)."""
from __future__ import absolute_import, division, print_function

from netnsctl.start import main

if __name__ == '__main__':
    main()
