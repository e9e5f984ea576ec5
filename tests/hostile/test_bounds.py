"""A container with thousands of links or a hundred thousand routes, or with links that come and go all the time, costs
its own wire: never another's, nor the host's time and memory without a bound."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.inside import addresses, links
from support.process import must, run

EVERY = bool(os.environ.get('NETNSCTL_TEST_EVERY'))
ROUTES = 1000000 if EVERY else 100000
LINKS = 6000 if EVERY else 600


def wired(run_netnsctl, name, a, b, *words):
    made = run_netnsctl('wire', '--name', name, '--no-check', a, b, *words)
    assert made.status == 0, made
    return made


def fill_with_routes(ns, count):
    must(['ip', '-n', ns, 'link', 'set', 'lo', 'up'])
    must(['ip', '-n', ns, '-batch', '-'], timeout=600, feed=''.join(
        'route add 11.%d.%d.%d/32 dev lo\n' % (number >> 16, number >> 8 & 255, number & 255)
        for number in range(count)))


def peak_of(argv, environ):
    """(status, output, peak of memory in KiB) of a program."""
    script = ('import resource, subprocess, sys\n'
              'child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)\n'
              'out = child.communicate()[0]\n'
              'sys.stdout.write("%d\\n" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n'
              'sys.stdout.flush()\n'
              'getattr(sys.stdout, "buffer", sys.stdout).write(out)\n'
              'sys.exit(child.returncode)\n')
    result = run([argv[0], '-c', script] + argv, environ=environ, timeout=300)
    peak, _, text = result.out.partition('\n')
    return result.status, text, int(peak)


def test_a_hundred_thousand_routes_cost_neither_time_nor_memory(run_netnsctl, netns):
    evil, mine, other = netns('evil'), netns('b'), netns('c')
    wired(run_netnsctl, mine + '-1', evil + ':e0=10.7.0.1/24,gw=10.7.0.2', mine + ':m0=10.7.0.2/24')
    wired(run_netnsctl, mine + '-2', other + ':o0=10.8.0.1/24', mine + ':m1=10.8.0.2/24')
    small = peak_of(run_netnsctl.argv('ls'), run_netnsctl.environ())
    fill_with_routes(evil, ROUTES)
    status, text, peak = peak_of(run_netnsctl.argv('ls'), run_netnsctl.environ())
    assert status == 0 and len([line for line in text.splitlines() if mine in line and 'whole' in line]) == 2, text
    assert peak < small[2] + 16 * 1024  # the list alone would take 40 MiB and more
    # A pair of the pool, a route that is in the way, --replace and unwire look through all of them.
    pair = evil + ':e1', mine + ':m2'
    assert run_netnsctl('wire', '--name', mine + '-3', '--no-check', *pair).status == 0
    status, text, peak = peak_of(run_netnsctl.argv(
        'wire', '--name', mine + '-1', '--replace', '--no-check', evil + ':e0=10.7.0.1/24,gw=10.7.0.3',
        mine + ':m0=10.7.0.2/24'), run_netnsctl.environ())
    assert status == 0 and peak < small[2] + 32 * 1024, (text, peak)
    for name in (mine + '-1', mine + '-2', mine + '-3'):
        assert run_netnsctl('unwire', name).status == 0
    assert not [name for name in links(mine) if name.startswith('m')]


def fill_with_links(ns, count):
    must(['ip', '-n', ns, '-batch', '-'], timeout=600, feed=''.join(
        'link add x%d type veth peer name y%d\n' % (number, number) for number in range(count // 2)))


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_links_that_come_and_go_do_not_veto_unwire(run_netnsctl, netns, attackers, backend):
    evil, mine = netns('evil'), netns('b')
    wired(run_netnsctl, mine + '-1', evil + ':e0=10.7.0.1/24', mine + ':m0=10.7.0.2/24', '--backend', backend)
    wired(run_netnsctl, mine + '-2', evil + ':e1', mine + ':m1', '--backend', backend)
    fill_with_links(evil, LINKS)
    must(['ip', '-n', evil, 'link', 'set', 'e0', 'address', '02:00:00:00:98:01'])
    attackers.flap(evil)
    attackers.flap(evil)
    again = run_netnsctl('ls')
    assert again.status == 0 and mine + '-1' in again.out, again
    wired(run_netnsctl, mine + '-3', evil + '=10.9.0.1/24', mine + '=10.9.0.2/24', '--backend', backend)
    for number in (1, 2, 3):
        gone = run_netnsctl('unwire', '%s-%d' % (mine, number))
        assert gone.status == 0, gone
    assert not links(mine)


def test_routes_of_one_container_take_the_pool_from_nobody_else(run_netnsctl, netns):
    evil, a, b, c = netns('evil'), netns('a'), netns('b'), netns('c')
    must(['ip', '-n', evil, 'link', 'set', 'lo', 'up'])
    must(['ip', '-n', evil, 'route', 'add', '10.234.0.0/24', 'dev', 'lo'])
    made = run_netnsctl('wire', '--no-check', '--pool', '10.234.0.0/24', '-f', '-', feed=''.join(
        '%s:e%d %s:f%d\n' % (one, at, other, at) for at, (one, other) in enumerate(((evil, a), (a, b), (b, c)))))
    assert made.status == 4 and '2 of 3' in made.out + made.err, made
    assert addresses(a, 'e1') == ['10.234.0.1/32'] and addresses(c, 'f2') == ['10.234.0.4/32']


def test_a_route_of_an_end_is_stepped_over_for_its_own_pair(run_netnsctl, netns):
    a, b, c = netns('a'), netns('b'), netns('c')
    must(['ip', '-n', a, 'link', 'set', 'lo', 'up'])
    must(['ip', '-n', a, 'route', 'add', '10.235.0.0/30', 'dev', 'lo'])
    made = run_netnsctl('wire', '--no-check', '--pool', '10.235.0.0/24', '-f', '-',
                        feed='%s:e0 %s:f0\n%s:e1 %s:f1\n' % (a, b, b, c))
    assert made.status == 0, made
    assert addresses(a, 'e0') == ['10.235.0.5/32'] and addresses(b, 'e1') == ['10.235.0.1/32']
