"""Processes that lend their PIDs to an `ip` that takes no name: they are where they should be, and a PID never means
another namespace than theirs."""

from __future__ import absolute_import, division, print_function

import os
import signal

import pytest

from netnsctl.compat import to_bytes
from netnsctl.ipshim.links import Lenders
from support import process
from support.process import must


@pytest.fixture
def lenders():
    made = Lenders()
    yield made
    made.close()


def pid_of(lenders, name):
    return int(lenders.with_pids([b'link', b'set', b'x', b'netns', to_bytes(name)])[4])


def test_a_lender_sits_in_the_namespace_until_it_is_let_go(lenders, netns):
    name = netns()
    pid = pid_of(lenders, name)
    there, here = os.stat('/proc/%d/ns/net' % pid), os.stat('/run/netns/' + name)
    assert (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
    assert must(['ip', 'netns', 'pids', name]) == '%d\n' % pid
    lenders.close()
    assert not os.path.exists('/proc/%d' % pid)


def test_one_lender_serves_every_name_of_a_namespace(lenders, netns):
    name = netns()
    line = 'link add x netns %s type veth peer name y netns /run/netns/%s' % (name, name)
    words = lenders.with_pids([to_bytes(word) for word in line.split()])
    assert words[4] == words[11] and len(lenders) == 1


def test_the_pid_of_a_lender_that_was_killed_leads_nowhere(netns):
    name = netns()
    # Where a caller has this ignored, the PID would be free for another process at once.
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        lenders = Lenders()
        pid = pid_of(lenders, name)
        os.kill(pid, signal.SIGKILL)
        try:
            with_state = ''
            while ' Z ' not in with_state:
                with open('/proc/%d/stat' % pid) as source:
                    with_state = source.read()
            result = process.run(['ip', 'netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'netns', '%d' % pid])
            assert result.status == 2 and 'No such process' in result.err, result
        finally:
            lenders.close()
    finally:
        signal.signal(signal.SIGCHLD, before)


@pytest.mark.parametrize('words', [
    'link set x netns nosuch', 'link set x netns 1', 'link set x netns', 'link set dev netns', 'link set name netns up',
    'link set x alias netns up', 'netns x', 'link set x netns /etc/passwd', 'link set x netns ../../../etc/passwd'])
def test_what_is_no_namespace_stays_as_it_is(lenders, words):
    words = [to_bytes(word) for word in words.split()]
    assert lenders.with_pids(words) == words and len(lenders) == 0
