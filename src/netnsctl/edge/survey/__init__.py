"""What is there on a host: every network namespace, and every link in one, whoever made it."""
from __future__ import absolute_import, division, print_function
