"""`wire --confirm` on a host whose clock is set while a wire waits (only time that passes counts), and with a NIC."""
from __future__ import absolute_import, division, print_function

import time

import pytest

from support import process


@pytest.fixture
def clock():
    """Sets the clock of the guest by so many seconds; it is set back at the end."""
    moved = []

    def move(seconds):
        moved.append(seconds)
        process.must(['date', '-s', '@%d' % (time.time() + seconds)])

    yield move
    process.must(['date', '-s', '@%d' % (time.time() - sum(moved))])


def test_a_clock_that_jumps_undoes_nothing_and_keeps_nothing(run_netnsctl, netns, clock):
    a, b = netns(), netns()
    words = ['wire', '--no-check', '--name', 'w', a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24']
    assert run_netnsctl(*(words + ['--confirm', '3600'])).status == 0
    clock(86400)
    assert '(undone in 3' in run_netnsctl('ls').out
    assert run_netnsctl('confirm', 'w').out == 'confirmed w\n'
    assert run_netnsctl('unwire', 'w').status == 0
    assert run_netnsctl(*(words + ['--confirm', '2'])).status == 0
    clock(-3600)
    for _ in range(600):
        if run_netnsctl('ls').out == '':
            break
        time.sleep(0.1)
    assert run_netnsctl('ls').out == '' and run_netnsctl('confirm', 'w').status == 3


@pytest.mark.thorough
def test_a_nic_that_nobody_confirms_comes_home(run_netnsctl, netns, nics):
    a, before = netns(), process.must(['ip', '-o', 'link', 'show', nics[1]]).split(': ')[1]
    made = run_netnsctl('wire', '--no-check', '--name', 'w', a + ':lan=10.1.1.1/24', 'phys://' + nics[1],
                        '--confirm', '2')
    assert made.status == 0 and 'undone in 2 s unless confirmed' in made.out, made
    for _ in range(600):
        if run_netnsctl('ls').out == '':
            break
        time.sleep(0.1)
    assert process.must(['ip', '-o', 'link', 'show', nics[1]]).split(': ')[1] == before
    assert run_netnsctl('confirm', 'w').status == 3
