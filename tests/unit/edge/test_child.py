"""A fork that loses no signal."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from support import process
from support.program import SOURCE

# A signal comes while Python runs its hooks after a fork, where it drops every exception.
HOOKED = """
import os, signal, sys
sys.path[:1] = [%r]
from netnsctl.edge.child import Fork
def come(signum, frame):
    raise ValueError('it came')
signal.signal(signal.SIGTERM, come)
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
fork = Fork()
if not fork.pid:
    os._exit(0)
os.waitpid(fork.pid, 0)
try:
    fork.deliver()
except ValueError as error:
    print(error)
assert signal.getsignal(signal.SIGTERM) is come
""" % SOURCE


@pytest.mark.skipif(not hasattr(os, 'register_at_fork'), reason='this Python has no such hooks')
def test_a_signal_during_a_fork_is_delivered_afterwards():
    result = process.run([sys.executable, '-E', '-s', '-c', HOOKED])
    assert (result.status, result.out, result.err) == (0, 'it came\n', ''), result
