"""macvlan://NIC=host: the host gets a macvlan too, by which it and its containers reach each other."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.model.links.macvlan import host_name
from support import inject, process
from support.inside import ip, links, pings, set_up
from support.untouched import assert_untouched, own_state

NIC, FAR = 'nwo%d' % os.getpid(), 'nwf%d' % os.getpid()
OWN = host_name(NIC)


@pytest.fixture(params=('iproute', 'netlink'))
def backend(request):
    return '--backend=' + request.param


@pytest.fixture
def router(netns):
    """The name of a namespace behind a stand-in for a NIC, on which the host has 10.77.0.1."""
    name = netns('r')
    ip(None, 'link', 'add', NIC, 'type', 'veth', 'peer', 'name', FAR, 'netns', name)
    ip(name, 'address', 'add', '10.77.0.254/24', 'dev', FAR)
    ip(None, 'address', 'add', '10.77.0.1/24', 'dev', NIC)
    ip(None, 'link', 'set', 'dev', NIC, 'addrgenmode', 'none')
    ip(name, 'link', 'set', 'dev', FAR, 'addrgenmode', 'none')
    ip(name, 'link', 'set', 'dev', FAR, 'up')
    set_up(None, NIC)
    set_up(name, FAR)
    yield name
    ip(None, 'link', 'delete', 'dev', NIC)


def routes():
    return sorted(line.split()[0] for line in ip(None, 'route', 'show', 'dev', OWN).splitlines())


def test_host_and_containers_reach_each_other_until_the_last_wire_goes(run_netnsctl, netns, router, backend):
    a, b, before = netns('a'), netns('b'), own_state()
    words = ['wire', backend, '--name', 'w', a + ':e=10.77.0.2/24,gw=10.77.0.1', 'macvlan://%s=host' % NIC]
    result = run_netnsctl(*words)
    assert result.status == 0 and 'checked' in result.out, result
    assert run_netnsctl(*words).out.startswith('already wired: w')
    assert run_netnsctl('wire', backend, '--name', 'v', b + ':e=10.77.0.3/24', 'macvlan://%s=host' % NIC).status == 0
    assert routes() == ['10.77.0.2', '10.77.0.3']
    assert pings(None, '10.77.0.2') and pings(b, '10.77.0.1') and pings(a, '10.77.0.3')
    # The network still finds the host by its NIC.
    assert pings(router, '10.77.0.1')
    assert links(None)[NIC]['address'] in ip(router, 'neighbour', 'show', '10.77.0.1')
    assert [line.split()[1] for line in run_netnsctl('ls').out.splitlines()] == ['whole', 'whole']
    assert 'host' in run_netnsctl('show', 'w').out
    assert run_netnsctl('unwire', 'w').status == 0
    assert routes() == ['10.77.0.3'] and pings(None, '10.77.0.3')
    assert run_netnsctl('unwire', 'v').status == 0
    assert_untouched(before)


def test_what_the_host_lost_is_told_with_what_mends_it(run_netnsctl, netns, router):
    a = netns('a')
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.77.0.2/24', 'macvlan://%s=host' % NIC).status == 0
    for spoil, text in ((['route', 'delete', '10.77.0.2/32', 'dev', OWN], 'the host lacks the route to 10.77.0.2/32'),
                        (['link', 'set', 'dev', OWN, 'down'], 'the macvlan %s of the host is down' % OWN)):
        ip(None, *spoil)
        assert text in run_netnsctl('show', 'w').out
        lines = run_netnsctl('check', 'w').out.splitlines()
        at, = [at for at, line in enumerate(lines) if text in line]
        process.must(['sh', '-ec', lines[at + 1]])
        if 'down' in spoil:
            ip(None, 'route', 'add', '10.77.0.2/32', 'dev', OWN, 'src', '10.77.0.1')
        assert run_netnsctl('ls').out.split()[1] == 'whole' and pings(None, '10.77.0.2')
    ip(None, 'link', 'delete', 'dev', OWN)
    assert 'the macvlan %s of the host is gone' % OWN in run_netnsctl('show', 'w').out
    words = ['--name', 'w', a + ':e=10.77.0.2/24', 'macvlan://%s=host' % NIC]
    assert run_netnsctl('wire', '--replace', *words).status == 0 and pings(None, '10.77.0.2')
    assert run_netnsctl('wire', '--replace', *(words[:-1] + ['macvlan://' + NIC])).status == 0
    assert OWN not in links(None)
    assert run_netnsctl('unwire', 'w').status == 0


def test_it_is_saved_comes_back_and_a_dry_run_can_be_pasted(run_netnsctl, netns, router):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', '--save', '--name', 'w', a + ':e=10.77.0.2/24', 'macvlan://%s=host' % NIC).status == 0
    with open('/etc/sysconfig/netns/%s/ifcfg-e' % a) as source:
        assert 'ANCHOR=macvlan://%s=host\n' % NIC in source.read()
    assert run_netnsctl('config', 'check').status == 0
    assert run_netnsctl('down', a).status == 0 and OWN not in links(None)
    assert run_netnsctl('up', a).out == 'wired w\n' and pings(None, '10.77.0.2')
    assert run_netnsctl('config', 'check').status == 0
    assert run_netnsctl('unwire', '--forget', 'w').status == 0
    result = run_netnsctl('wire', '--dry-run', b + ':e=10.77.0.3/24', 'macvlan://%s=host' % NIC)
    process.must(['sh', '-ec', result.out])
    assert pings(None, '10.77.0.3')
    ip(None, 'link', 'delete', 'dev', OWN)


@pytest.mark.parametrize('when', [5, 7, 8, 9, 10, 11])
def test_a_run_that_was_killed_is_rolled_back_and_leaves_the_link_to_others(run_netnsctl, netns, router, when):
    inject.available()
    a, b, before = netns('a'), netns('b'), own_state()
    words = ['wire', '--backend=netlink', '--no-check', '--name', 'w', a + ':e=10.77.0.2/24',
             'macvlan://%s=host' % NIC]
    for is_shared in (False, True):
        if is_shared:
            assert run_netnsctl('wire', '--no-check', '--name', 'v', b + ':e=10.77.0.3/24', words[-1]).status == 0
        process.run(['strace', '-f', '-qq', '-o', os.devnull, '-e', 'trace=sendto',
                     '-e', 'inject=sendto:signal=KILL:when=%d' % when] + run_netnsctl.argv(*words),
                    environ=run_netnsctl.environ())
        assert run_netnsctl('unwire', '--if-exists', 'w').status == 0
        if is_shared:
            assert routes() == ['10.77.0.3'] and run_netnsctl('ls').out.split()[1] == 'whole'
            assert run_netnsctl('unwire', 'v').status == 0
        assert_untouched(before)


@pytest.mark.parametrize('end,items,status,text', [
    ('e=10.77.0.2/24', 'host,mode=vepa', 2, '`host` needs mode=bridge'),
    ('e=10.77.0.2/24', 'host,mode=passthru', 2, '`host` needs mode=bridge'),
    ('e', 'host', 2, '`host` needs an IPv4 address at the other end'),
    ('e=fd77::2/64', 'host', 2, '`host` needs an IPv4 address at the other end'),
    ('e=10.77.0.2/24', 'host=yes', 2, 'host=yes is not an item of'),
    ('e=10.77.0.2/24', 'host,host', 2, 'host is given twice'),
    ('e=10.77.0.2/24', 'mode', 2, 'known items: host mode=')])
def test_what_cannot_be_is_refused_and_nothing_is_touched(run_netnsctl, netns, router, end, items, status, text):
    a, before = netns('a'), own_state()
    result = run_netnsctl('wire', '%s:%s' % (a, end), 'macvlan://%s=%s' % (NIC, items))
    assert result.status == status and text in result.err, result
    assert_untouched(before)


def test_a_host_without_an_address_there_and_a_link_of_that_name_are_refused(run_netnsctl, netns, router):
    a = netns('a')
    ip(None, 'link', 'add', OWN, 'type', 'veth', 'peer', 'name', OWN[:-1])
    try:
        result = run_netnsctl('wire', a + ':e=10.77.0.2/24', 'macvlan://%s=host' % NIC)
        assert result.status == 4 and 'is not one that netnsctl made' in result.err, result
    finally:
        ip(None, 'link', 'delete', 'dev', OWN)
    ip(None, 'address', 'flush', 'dev', NIC)
    before = own_state()
    result = run_netnsctl('wire', a + ':e=10.77.0.2/24', 'macvlan://%s=host' % NIC)
    assert result.status == 3 and 'the host has no IPv4 address on %s' % NIC in result.err, result
    assert_untouched(before)


def test_a_route_in_the_way_is_displaced_and_comes_back(run_netnsctl, netns, router, backend):
    a = netns('a')
    ip(None, 'route', 'add', '10.77.0.2/32', 'via', '10.77.0.254', 'dev', NIC)
    before = own_state()
    words = ['wire', backend, '--name', 'w', a + ':e=10.77.0.2/24', 'macvlan://%s=host' % NIC]
    refused = run_netnsctl(*words)
    assert refused.status == 4 and '--replace displaces it until unwire.' in refused.err, refused
    assert_untouched(before)
    for more in ([], ['--mtu', '1400']):
        assert run_netnsctl(*(words + ['--replace'] + more)).status == 0
        assert routes() == ['10.77.0.2'] and pings(None, '10.77.0.2')
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_what_is_refused_leaves_the_route_of_another_wire(run_netnsctl, netns, router, backend):
    a, b = netns('a'), netns('b')
    items = 'e=10.77.0.2/24', 'macvlan://%s=host' % NIC
    assert run_netnsctl('wire', '--name', 'v', '%s:%s' % (a, items[0]), items[1]).status == 0
    before = own_state()
    for option in ('--force', '--replace'):
        result = run_netnsctl('wire', backend, option, '--name', 'w', '%s:%s' % (b, items[0]), items[1])
        assert result.status == 4 and 'belong' in result.err and 'wire v' in result.err, result
        assert_untouched(before)
    assert run_netnsctl('unwire', 'v').status == 0


def test_an_address_of_somebody_on_the_network_or_of_a_gateway_is_refused(run_netnsctl, netns, router):
    a = netns('a')
    ip(None, 'route', 'add', '10.99.0.0/24', 'nexthop', 'via', '10.77.0.253', 'dev', NIC,
       'nexthop', 'via', '10.77.0.252', 'dev', NIC)
    ip(None, 'route', 'add', '10.98.0.0/24', 'via', '10.77.0.251', 'dev', NIC)
    before = own_state()
    for anchor in ('macvlan://%s=host' % NIC, 'macvlan://' + NIC):
        result = run_netnsctl('wire', a + ':e=10.77.0.254/24', anchor)
        assert result.status == 4 and 'answers for it' in result.err, result
        assert_untouched(before)
    for silent in ('10.77.0.253', '10.77.0.252', '10.77.0.251'):
        result = run_netnsctl('wire', '%s:e=%s/24' % (a, silent), 'macvlan://%s=host' % NIC)
        assert result.status == 4 and 'it is a gateway of this host' in result.err, result
        assert_untouched(before)
    words = ['wire', '--no-check', '--name', 'w', a + ':e=10.77.0.254/24', 'macvlan://%s=host' % NIC]
    assert run_netnsctl(*(words + ['--force'])).status == 0
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_many_wires_ask_the_network_as_well(run_netnsctl, netns, router):
    a, b = netns('a'), netns('b')
    lines = '%s:e=10.77.0.254/24 macvlan://%s\n%s:e=10.77.0.2/24 macvlan://%s --name w\n' % (a, NIC, b, NIC)
    result = run_netnsctl('wire', '-f', '-', feed=lines)
    assert result.status == 4 and 'answers for it' in result.err and 'wired w' in result.out, result
    assert run_netnsctl('unwire', 'w').status == 0


def test_the_link_comes_back_with_a_wire_that_shared_it_and_was_to_be_replaced(run_netnsctl, netns, router, backend):
    a, b = netns('a'), netns('b')
    anchor = 'macvlan://%s=host' % NIC
    assert run_netnsctl('wire', '--name', 'v', a + ':e=10.77.0.2/24', anchor).status == 0
    assert run_netnsctl('wire', '--name', 'w', b + ':e=10.77.0.3/24', anchor).status == 0
    assert run_netnsctl('unwire', 'v').status == 0
    # The near end's name is taken, which only the kernel finds out: by then the wire is gone, and the link with it.
    failed = run_netnsctl('wire', backend, '--replace', '--name', 'w', b + ':e=10.78.0.3/24',
                          'host:%s=10.78.0.1/24' % NIC)
    assert failed.status == 4, failed
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'whole']
    assert routes() == ['10.77.0.3'] and pings(None, '10.77.0.3')
    assert run_netnsctl('unwire', 'w').status == 0
    assert OWN not in links(None)


@pytest.mark.parametrize('more', [[], ['--replace']])
def test_the_route_of_a_lost_wire_is_free(run_netnsctl, netns, router, backend, more):
    a, before = netns('a'), own_state()
    words = [a + ':e=10.77.0.2/24', 'macvlan://%s=host' % NIC]
    assert run_netnsctl('wire', backend, '--name', 'w', *words).status == 0
    process.must(['sh', '-ec', 'ip netns delete %s; ip netns add %s' % (a, a)])
    result = run_netnsctl('wire', backend, '--name', 'v', *(more + words))
    assert result.status == 0 and routes() == ['10.77.0.2'] and pings(None, '10.77.0.2'), result
    assert run_netnsctl('unwire', 'w').status == 0
    assert routes() == ['10.77.0.2'] and pings(None, '10.77.0.2') and run_netnsctl('check', 'v').status == 0
    assert run_netnsctl('unwire', 'v').status == 0
    assert_untouched(before)
