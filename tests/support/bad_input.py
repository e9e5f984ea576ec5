"""The namespaces of tests of bad input."""
from __future__ import absolute_import, division, print_function

import os


A = 'nt%d-bad' % os.getpid()
