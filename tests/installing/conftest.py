"""Fixtures of tests with package managers."""
from __future__ import absolute_import, division, print_function

from support.rpm_hosts import rpm_host, rpm_packages  # noqa: F401
