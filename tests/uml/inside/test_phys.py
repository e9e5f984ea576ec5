"""phys://NIC: a NIC of the host is lent to a namespace, and comes back with all that it had."""
from __future__ import absolute_import, division, print_function

import os
import shutil

import pytest

from support import doc_pages, forked, lent_nic, nic_losses, process
from support.inside import addresses, ip, links, pings
from support.program import Program

BACKENDS = ('iproute', 'netlink')


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param


@pytest.fixture
def run_netnsctl():
    return forked.Forked()


@pytest.fixture
def nic(nics):
    """The NIC vec0 with a state of its own; lent_nic.prepare()."""
    before = lent_nic.prepare(*nics)
    yield nics[0], before
    lent_nic.restore_boot(nics[0])


def assert_back(nic):
    assert lent_nic.differences(nic[1], nic[0]) == []


def test_it_is_lent_known_again_and_returned_as_it_was(run_netnsctl, netns, nics, nic, backend):
    a = netns()
    ip(None, 'address', 'add', '10.9.0.254/24', 'dev', nics[1])
    words = ['wire', backend, '--name', 'w', a + ':eth0=10.9.0.1/24,gw=10.9.0.254,mtu=1300', 'phys://' + nics[0]]
    result = run_netnsctl(*words)
    assert result.status == 0, result
    assert nics[0] not in links(None) and links(a)['eth0']['mtu'] == 1300
    assert links(a)['eth0']['address'] == lent_nic.MAC and addresses(a, 'eth0') == ['10.9.0.1/24']
    assert not links(a)['eth0'].get('altnames') and 'default via 10.9.0.254' in ip(a, 'route')
    assert pings(a, '10.9.0.254')
    assert run_netnsctl(*words).out.startswith('already wired: w')
    assert 'whole' in run_netnsctl('ls').out and run_netnsctl('check', 'w').status == 0
    taken = run_netnsctl('wire', netns() + ':eth0=10.9.0.3/24', 'phys://' + nics[0])
    assert taken.status == 4 and 'it is lent to netns://%s:eth0, by the wire w' % a in taken.err
    other = words[:4] + [a + ':eth1=10.9.0.5/24', 'phys://' + nics[0]]
    assert run_netnsctl(*other).status == 4
    assert run_netnsctl(*(other + ['--replace'])).status == 0
    assert list(links(a)) == ['eth1'] and addresses(a, 'eth1') == ['10.9.0.5/24']
    result = run_netnsctl('unwire', 'w')
    assert (result.status, result.out, result.err) == (0, 'unwired w\n', '')
    assert_back(nic)
    assert not os.listdir('/run/netnsctl/wires') and links(a) == {}


@pytest.mark.thorough
def test_a_dry_run_can_be_pasted(run_netnsctl, netns, nics, nic):
    a = netns()
    words = [a + ':eth0=10.9.0.1/24,mac=02:00:00:00:00:07,mtu=1300', 'phys://' + nics[0]]
    text = run_netnsctl('wire', '--dry-run', *words).out
    assert_back(nic)
    process.must(['sh', '-e', '-c', text])
    assert links(a)['eth0']['address'] == '02:00:00:00:00:07' and addresses(a, 'eth0') == ['10.9.0.1/24']
    ip(a, 'link', 'set', 'dev', 'eth0', 'name', nics[0], 'netns', '1')


def test_it_is_saved_and_up_and_down_lend_and_return_it(run_netnsctl, netns, nics, nic):
    a = netns()
    assert run_netnsctl('wire', '--save', '--name', 'w', a + ':eth0=10.9.0.1/24', 'phys://' + nics[0]).status == 0
    with open('/etc/sysconfig/netns/%s/ifcfg-eth0' % a) as source:
        text = source.read()
    assert 'ANCHOR=phys://%s\n' % nics[0] in text and 'MACADDR' not in text
    assert run_netnsctl('config', 'check').status == 0
    assert run_netnsctl('down', a).status == 0
    assert_back(nic)
    # A reboot leaves the tree alone.
    shutil.rmtree('/run/netnsctl')
    assert run_netnsctl('up', a).out == 'wired w\n' and 'eth0' in links(a)
    assert run_netnsctl('unwire', '--forget', 'w').status == 0
    assert_back(nic)


@pytest.mark.thorough
def test_one_of_a_file_and_atomically(run_netnsctl, netns, nics, nic):
    a, b = netns(), netns()
    lines = '%s:eth0=10.9.0.1/24 phys://%s\n%s:A=10.1.1.1/32 %s:B=10.1.1.2/32\n' % (a, nics[0], a, b)
    assert run_netnsctl('wire', '-f', '-', '--atomic', feed=lines).status == 0
    assert sorted(links(a)) == ['A', 'eth0']
    assert run_netnsctl('unwire', '--all').status == 0
    assert_back(nic)
    result = run_netnsctl('wire', '-f', '-', '--atomic', feed=lines + '%s:A=10.1.1.5/32 %s:C=10.1.1.6/32\n' % (a, b))
    assert result.status == 4 and not links(a)
    assert_back(nic)


@pytest.mark.thorough
def test_the_kernel_of_centos_6_moves_none_and_the_message_says_what_to_use(kernel_el6, netns, nics, nic):
    a = netns()
    # backend netlink: today's ip is not one of that system.
    result = Program(kernel=kernel_el6)('wire', '--backend=netlink', '--no-check', a + ':eth0=10.9.0.1/24',
                                        'phys://' + nics[0])
    assert result.status == 1 and 'lend the NIC %s of host to netns://%s as eth0: Invalid argument' % (
        nics[0], a) in result.err
    assert 'Use macvlan:// or vlan:// on it instead' in result.err and len(result.err.splitlines()) == 2
    assert_back(nic)


@pytest.mark.thorough
def test_the_recipe_works_as_it_stands(run_netnsctl, nics, nic):
    ip(None, 'address', 'add', '192.168.1.1/24', 'dev', nics[1])
    scripts = [block.text for block in doc_pages.blocks('docs/recipes/nic.md') if block.kind == 'sh']
    assert len(scripts) == 2
    for text in scripts:
        for before, after in (('docker run -d --net=none --name web busybox sleep 1000000', 'ip netns add web'),
                              ('docker exec web', 'ip netns exec web'), ('docker rm -f web', 'ip netns del web'),
                              ('ping -c', 'busybox ping -c'), ('eth1', nics[0]), ('netnsctl ', '"$@" ')):
            text = text.replace(before, after)
        process.must(['sh', '-e', '-c', text, 'sh'] + run_netnsctl.argv(), environ=run_netnsctl.environ())
    assert_back(nic)


@pytest.mark.thorough
@pytest.mark.parametrize('kind,options', [('bridge', []), ('bond', ['mode', 'active-backup'])])
def test_it_comes_back_to_its_bridge_or_bond(run_netnsctl, netns, nics, kind, options):
    """A bond has the MAC address of its first link, and gives the NIC its own one back when it leaves."""
    a, own = netns(), links(None)[nics[0]]['address']
    ip(None, 'link', 'add', 'name', 'master0', 'type', kind, *options)
    ip(None, 'link', 'add', 'name', 'other0', 'address', '02:00:00:00:00:01', 'type', 'dummy')
    try:
        ip(None, 'link', 'set', 'dev', 'other0', 'master', 'master0')
        ip(None, 'link', 'set', 'dev', nics[0], 'master', 'master0')
        ip(None, 'link', 'set', 'dev', 'master0', 'up')
        for dev in reversed(nics):
            ip(None, 'link', 'set', 'dev', dev, 'up')
        before = lent_nic.state(nics[0])
        refused = run_netnsctl('wire', a + ':eth0=10.9.0.1/24', 'phys://' + nics[0])
        assert refused.status == 4 and 'is part of master0' in refused.err
        assert run_netnsctl('wire', '--force', '--name', 'w', a + ':eth0=10.9.0.1/24', 'phys://' + nics[0]).status == 0
        ip(a, 'link', 'set', 'dev', 'eth0', 'down')
        ip(a, 'link', 'set', 'dev', 'eth0', 'address', '02:00:00:00:00:66')
        result = run_netnsctl('unwire', 'w')
        assert (result.status, result.err) == (0, '')
        now = links(None)[nics[0]]
        assert now['master'] == 'master0' and now['address'] == before['link']['address']
        assert lent_nic.state(nics[0])['flags'] == before['flags']
        ip(None, 'link', 'set', 'dev', nics[0], 'nomaster')
        assert links(None)[nics[0]]['address'] == own
    finally:
        for dev in ('master0', 'other0'):
            ip(None, 'link', 'del', 'dev', dev)


@pytest.mark.thorough
def test_a_next_hop_by_it_comes_back_into_the_route_that_the_others_kept(run_netnsctl, netns, nics, nic):
    ip(None, 'link', 'add', 'name', 'other0', 'type', 'dummy')
    try:
        ip(None, 'link', 'set', 'dev', 'other0', 'up')
        ip(None, 'address', 'add', '10.8.0.1/24', 'dev', 'other0')
        ip(None, 'address', 'add', 'fd00:8::1/64', 'dev', 'other0', 'nodad')
        for family, to, vias in (('-4', '10.40.0.0/16', ('10.9.0.2', '10.8.0.2')),
                                 ('-6', 'fd00:40::/64', ('fd00:9::2', 'fd00:8::2'))):
            ip(None, family, 'route', 'add', to, 'nexthop', 'via', vias[0], 'weight', '2', 'nexthop', 'via', vias[1],
               'weight', '3')
        assert run_netnsctl('wire', '--name', 'w', netns() + ':eth0=10.9.0.1/24', 'phys://' + nics[0]).status == 0
        assert run_netnsctl('unwire', 'w').err == ''
        for family, to, vias in (('-4', '10.40.0.0/16', ('10.9.0.2', '10.8.0.2')),
                                 ('-6', 'fd00:40::/64', ('fd00:9::2', 'fd00:8::2'))):
            shown = ip(None, family, 'route', 'show', to)
            assert 'via %s dev %s weight 2' % (vias[0], nics[0]) in shown, shown
            assert 'via %s dev other0 weight 3' % vias[1] in shown, shown
    finally:
        ip(None, 'link', 'del', 'dev', 'other0')


# One each of the ways that differ most; tests/uml/losses plays all of them, many times.
@pytest.mark.parametrize('case', [
    nic_losses.name_deleted_while_a_process_lives, nic_losses.renamed_inside, nic_losses.hidden_in_a_descriptor,
    nic_losses.nested, nic_losses.unwire_killed, nic_losses.container_killed_under_watch],
    ids=lambda case: case.__name__)
def test_it_comes_back_whatever_happens(run_netnsctl, nics, nic, case):
    forked.preload()
    try:
        assert nic_losses.judge(case, nics[0], nic[1])[0] == ''
    finally:
        nic_losses.clean_up()
