"""Namespaces looked at from tests."""
from __future__ import absolute_import, division, print_function

import os


from netnsctl.edge import syscalls


# Before Linux 3.17 only the process leader's is told there.
OWN = '/proc/thread-self/ns/net' if os.path.exists('/proc/thread-self') else '/proc/self/ns/net'


def here():
    return os.stat(OWN if 'thread' in OWN else syscalls.own_folder() + '/ns/net').st_ino


def touch(path):
    with open(path, 'w'):
        pass
