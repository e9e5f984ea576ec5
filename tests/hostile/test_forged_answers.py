"""Root in a container sends answers in the kernel's name to netnsctl's socket there: nobody hears them."""
from __future__ import absolute_import, division, print_function

import time

import pytest

from netnsctl.edge import netns as edge_netns
from netnsctl.edge.netlink import nsid
from support.process import must

ANSWERS = ('ack', 'enodev', 'done', 'short', 'bare', 'too long', 'bad address', 'interrupted', 'flood')


@pytest.mark.parametrize('answer', ANSWERS)
def test_a_forged_answer_is_not_heard(run_netnsctl, netns, attackers, answer):
    mine, evil = netns('b'), netns('evil')
    attackers.forge(evil, answer)
    ends = (evil + ':e0=10.1.2.1/24', mine + ':m0=10.1.2.2/24')
    for _ in range(2):
        made = run_netnsctl('wire', '--name', mine, '--backend', 'netlink', '--no-check', *ends)
        assert made.status == 0 and 'Traceback' not in made.err, made
        again = run_netnsctl('wire', '--name', mine, '--backend', 'netlink', '--no-check', *ends)
        assert again.status == 0 and 'already' in again.out, again
        listed = run_netnsctl('ls')
        assert listed.status == 0 and [line for line in listed.out.splitlines() if mine in line and 'whole' in line], \
            listed
        gone = run_netnsctl('unwire', mine)
        assert gone.status == 0 and 'Traceback' not in gone.err, gone
        # By a file: `ip` itself believes what it hears there.
        assert 'e0:' not in must(['ip', 'netns', 'exec', evil, 'cat', '/proc/net/dev'])
        assert 'm0' not in must(['ip', '-n', mine, '-o', 'link'])


@pytest.mark.parametrize('answer', ANSWERS)
def test_what_ip_believes_there_makes_netnsctl_tell_no_lie(run_netnsctl, netns, attackers, answer):
    """`ip` takes answers from anybody: a wire through it may fail; that it is there, or gone, is said if it is."""
    mine, evil = netns('b'), netns('evil')
    attackers.forge(evil, answer)
    made = run_netnsctl('wire', '--name', mine, '--backend', 'iproute', evil + ':e0=10.1.2.1/24',
                        mine + ':m0=10.1.2.2/24')
    assert 'Traceback' not in made.err, made
    if made.status in (0, 5):
        assert 'm0' in must(['ip', '-n', mine, '-o', 'link'])
    else:
        assert 'm0' not in must(['ip', '-n', mine, '-o', 'link']), made
    gone = run_netnsctl('unwire', '--if-exists', mine)
    assert gone.status == 0, gone
    assert 'e0:' not in must(['ip', 'netns', 'exec', evil, 'cat', '/proc/net/dev'])
    assert 'm0' not in must(['ip', '-n', mine, '-o', 'link'])


def test_a_forged_answer_costs_no_other_wire_of_a_file(run_netnsctl, netns, attackers):
    names = [netns('a'), netns('evil'), netns('z')]
    middle = netns('m')
    attackers.forge(names[1], 'enodev')
    made = run_netnsctl('wire', '--no-check', '-f', '-', feed=''.join(
        '%s:e0=10.3.%d.1/24 %s:m%d=10.3.%d.2/24\n' % (name, at, middle, at, at) for at, name in enumerate(names)))
    assert made.status == 0, made
    links = must(['ip', '-n', middle, '-o', 'link'])
    assert 'm0' in links and 'm1' in links and 'm2' in links


@pytest.mark.parametrize('answer', ['enodev', 'short', 'bare', 'flood'])
def test_the_numbers_of_namespaces_are_the_kernels_own(netns, attackers, answer):
    evil, other = netns('evil'), netns('o')
    must(['ip', '-n', evil, 'netns', 'set', other, '7'])
    attackers.forge(evil, answer)
    opened = edge_netns.open_named(evil)
    try:
        with opened.entered():
            numbers = nsid.Nsids()
        for _ in range(40):  # with a rest, in which the forger finds the socket
            numbers.every()
            time.sleep(0.01)
        assert [number.nsid for number in numbers.every()] == [7]
        numbers.close()
    finally:
        opened.close()
