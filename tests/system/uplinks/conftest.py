"""Fixtures: a host with an outside, for each program that translates addresses."""
from __future__ import absolute_import, division, print_function

from support.uplink_host import world  # noqa: F401
