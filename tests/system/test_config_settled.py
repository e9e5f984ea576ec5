"""After a command with --save, --forget or --purge the tree says what is wired: `config check` finds no difference,
`up` does nothing, and the same command succeeds again."""
from __future__ import absolute_import, division, print_function

import pytest

from support.tree import TREE, everything, net, tree_of, wires, write


def saved(name, a, b, *words):
    return ('wire', '--no-check', '--save') + words + ('--name', name, a, b)


def replaced(name, a, b):
    return saved(name, a, b, '--replace')


def is_there_to_stay(command):
    """Does a command leave a tree that says what is wired?"""
    return bool(set(command) & set(['--save', 'save', '--forget']))


def settled(host, *commands):
    """Runs commands, and requires that the tree and what is wired agree after each that writes the tree."""
    host.sh('for each in a b; do [ -e /run/netns/$each ] || ip netns add $each; done')
    for command in commands:
        result = host(*command)
        assert result.status == 0, (command, result)
        if is_there_to_stay(command):
            check = host('config', 'check')
            assert check.status == 0 and 'in no file' not in check.out, (command, check, tree_of(host))
            up = host('up')
            assert up.out.startswith('nothing to do'), (command, up, tree_of(host))
            again = host(*(command + ('--if-exists',) if command[0] == 'unwire' else command))
            assert again.status == 0, (command, again)


def comes_back(host):
    """Requires that what is saved is wired again where no wire is known."""
    names = wires(host)
    assert host('down').status == 0 and host('up').status == 0 and wires(host) == names and names
    assert host('config', 'check').status == 0


def seen(host):
    """What comes back, as far as it does not depend on when one looks."""
    return net(host, 'a', 'b') + host.sh('for each in /sys/class/net/br*; do ip -br address show dev ${each##*/}; done '
                                         '| sed "s/fe80[^ ]*//"; ip route; ip -6 route | sed /fe80/d; nft list ruleset')


@pytest.mark.parametrize('words', [
    # Of a bridge whose file has the addresses of networks that not all of its wires are in.
    [('a:A=10.1.0.2/24,fd00:1::2/64', 'bridge://br0=10.1.0.1/24,fd00:1::1/64,nat'),
     ('b:B=10.2.0.2/24,fd00:2::2/64,gw=10.2.0.9', 'bridge://br0')],
    [('a:A=10.1.0.2/32', 'bridge://br0=10.1.0.1/24'), ('bridge://br0=10.2.0.1/24', 'b:B=10.2.0.2/24'),
     ('b:C', 'bridge://br0')]], ids=['none', 'another'])
def test_wires_of_one_bridge_in_different_networks_come_back_as_they_were(host, words):
    settled(host, *[saved('w%d' % at, *ends) for at, ends in enumerate(words)])
    before = seen(host)
    comes_back(host)
    assert seen(host) == before


def test_addresses_and_routes_come_back_in_the_order_in_which_they_were_given(host):
    first = saved('w', 'a:A=10.2.0.2/24,10.1.0.2/24,fd00:2::2/64,fd00:1::2/64,'
                  'route=192.0.2.7,route=10.8.0.0/16@192.0.2.7,route=default@192.0.2.7,route=fd00:7::1,route=fd00:6::/64@fd00:7::1',
                  'host:h=10.2.0.1/24,10.1.0.1/24')
    settled(host, first)
    before = everything(host)
    comes_back(host)
    assert everything(host) == before
    settled(host, replaced('w', 'a:A=10.3.0.2/24,10.2.0.2/24,10.1.0.2/24', 'host:h=10.2.0.1/24'))
    before = everything(host)
    comes_back(host)
    assert everything(host) == before


def test_wires_that_need_a_link_or_an_address_of_another_come_back_after_it(host):
    settled(host, saved('one', 'b:B=10.1.0.2/24', 'host:h=10.1.0.1/24'), saved('two', 'a:A=10.3.0.2/24', 'macvlan://h'),
            saved('three', 'a:C', 'vxlan://42=remote=192.0.2.1,local=10.1.0.1'),
            saved('four', 'bridge://br0', 'vxlan://43=remote=192.0.2.1,dev=h'), saved('five', 'a:D', 'macvlan://br0'))
    comes_back(host)


def test_what_few_ends_have_comes_back(host):
    settled(host, saved('u', 'a:A=fd00:1::2/64,route=192.0.2.7,gw=192.0.2.7', 'host:g=fd00:1::1/64'),
            saved('v', 'b:B=10.1.0.2/0', 'host:h'), saved('w', 'a:C', 'bridge://br0:p=mac=02:00:00:00:00:07'))
    before = everything(host)
    comes_back(host)
    assert everything(host) == before and '02:00:00:00:00:07' in host.sh('ip link show dev p')


def test_a_namespace_that_is_called_as_a_copy_of_another_comes_back(host):
    host.sh('ip netns add a.old')
    settled(host, saved('v', 'a:A=10.1.0.2/24', 'host:h=10.1.0.1/24'), saved('w', 'a.old:A=10.2.0.2/24', 'b:B'))
    host.sh('cp -r {0}/a {0}/a.bak'.format(TREE))
    comes_back(host)
    assert 'a.bak: left alone, as a copy of a' in host('config', 'check').out


def test_wires_of_a_bridge_in_a_vxlan_come_back(host):
    settled(host, saved('v', 'bridge://br0=10.1.0.1/24', 'vxlan://42=remote=192.0.2.1'), saved('w', 'a:A', 'bridge://br0'),
            saved('x', 'b:B=10.1.0.2/24', 'bridge://br0'))
    before = seen(host)
    comes_back(host)
    assert seen(host) == before


@pytest.mark.parametrize('first', [
    saved('v', 'bridge://br0', 'vxlan://42=remote=192.0.2.1'),
    ('config', 'render', '--root', '/', '--name', 'v', 'bridge://br0', 'vxlan://42=remote=192.0.2.1')])
def test_a_vxlan_without_a_name_at_a_bridge_is_saved_where_no_route_leads_to_its_remote(host, first):
    settled(host, first, saved('v', 'bridge://br0', 'vxlan://42=remote=192.0.2.1'))
    comes_back(host)


@pytest.mark.parametrize('words', [
    ('bridge://br0=10.1.1.1/24', 'bridge://br1=10.1.1.2/24'), ('bridge://br0', 'bridge://br1:p1')])
def test_a_wire_between_two_bridges_is_saved_by_its_ports(host, words):
    settled(host, saved('w', *words))
    assert len(tree_of(host)) == (4 if '=' in words[0] else 2)
    comes_back(host)
    result = host('unwire', '--forget', 'w')
    assert result.status == 0 and tree_of(host) == {}, result


def test_a_wire_between_two_bridges_is_rendered_with_its_ports(host):
    words = ('--name', 'w', 'bridge://br0', 'bridge://br1=rate=10mbit')
    assert host('config', 'render', '--root', '/', *words).status == 0 and len(tree_of(host)) == 2
    assert host('up').out == 'wired w\n'
    settled(host, saved(*words[1:]))


def test_a_default_route_by_a_gateway_is_saved_as_a_route(host):
    settled(host, saved('w', 'a:A=10.1.1.2/24,route=default@10.1.1.1', 'host:h=10.1.1.1/24'))
    files = tree_of(host)
    assert files['a/route-A'] == '0.0.0.0/0 via 10.1.1.1 dev A\n' and 'GATEWAY' not in files['a/ifcfg-A'], files
    settled(host, replaced('w', 'a:A=10.1.1.2/24,gw=10.1.1.1', 'host:h=10.1.1.1/24'))
    assert 'GATEWAY=10.1.1.1\n' in tree_of(host)['a/ifcfg-A'] and 'a/route-A' not in tree_of(host), tree_of(host)
    settled(host, replaced('w', 'a:A=10.1.1.2/24,route=default@10.1.1.1', 'host:h=10.1.1.1/24'))


@pytest.mark.parametrize('ends', [('a:A', 'bridge://br0'), ('a:A', 'netns://b:B'), ('a:A=10.1.1.2/24', 'bridge://br0')])
def test_a_wire_without_dhcp_is_saved_as_one_without(host, ends):
    settled(host, ('config', 'render', '--root', '/', '--name', 'w', 'netns://a:A=dhcp', ends[1]), saved('w', *ends))
    assert 'BOOTPROTO=none\n' in tree_of(host)['a/ifcfg-A'], tree_of(host)


@pytest.mark.parametrize('ends', [
    ('netns://a:A=10.1.1.2/24,fd00:1::2/64', 'bridge://br0=10.1.1.1/24,fd00:1::1/64,nat'),
    ('netns://a:A=10.1.1.2/24,publish=80:80', 'host:h=10.1.1.1/24')])
def test_the_default_route_of_nat_and_of_published_ports_is_rendered(host, ends):
    assert host('config', 'render', '--root', '/', '--name', 'w', *ends).status == 0
    assert host('up').out == 'wired w\n' and 'default via 10.1.1.1' in host.sh('ip -n a route')
    settled(host, saved('w', *ends))


def test_nat_that_has_no_address_is_not_rendered(host):
    result = host('config', 'render', '--root', '/', '--name', 'w', 'netns://' + A, 'bridge://br0=nat')
    assert result.status == 2 and 'nat needs an address of this end' in result.err and tree_of(host) == {}, result


# What only some wires say of their bridge

A, B = 'a:A=10.2.0.2/24', 'b:B=10.2.0.3/24'
FULL = 'bridge://br0=10.2.0.1/24,nat,open'
BARE = 'bridge://br0'


@pytest.mark.parametrize('bridge', ['bridge://br0=10.2.0.9/24,fd00::1/64,nat,open', BARE] + [
    pytest.param(text, marks=pytest.mark.thorough) for text in (
        'bridge://br0=10.2.0.1/24,nat', 'bridge://br0=10.2.0.1/24', 'bridge://br0=ipv6', 'bridge://br0=open',
        'bridge://br0=open,ipv6,mtu=1400')])
def test_what_a_wire_no_longer_says_of_its_bridge_goes_from_the_bridges_file(host, bridge):
    settled(host, saved('w', A, FULL), replaced('w', A, bridge))
    comes_back(host)
    settled(host, replaced('w', A, 'bridge://br0=10.2.0.1/24,10.2.0.9/24,fd00::1/64,ipv6'), replaced('w', A, bridge))


@pytest.mark.parametrize('commands', [
    [replaced('one', A, BARE)],
    [('unwire', '--forget', 'one')],
    [('unwire', 'one'), ('config', 'forget', '--stale')]] + [
    pytest.param(lines, marks=pytest.mark.thorough) for lines in (
        [replaced('one', A, 'bridge://br1')],
        [('unwire', 'one'), ('config', 'forget', 'one')],
        [('unwire', 'one'), saved('one', A, 'bridge://br0=10.2.0.9/24')],
        [('unwire', '--forget', 'one'), saved('one', A, FULL), ('unwire', '--forget', 'one')])])
def test_what_only_a_replaced_or_forgotten_wire_said_of_a_bridge_goes_from_its_file(host, commands):
    settled(host, saved('one', A, FULL), saved('two', B, BARE), *commands)
    text = tree_of(host).get('host/ifcfg-br0', '')
    assert '10.2.0.1' not in text and 'NAT' not in text and 'FORWARD' not in text, text
    comes_back(host)


@pytest.mark.parametrize('command', [('unwire', '--forget', 'one'), replaced('one', A, BARE)])
def test_what_another_wire_says_of_a_bridge_stays_in_its_file(host, command):
    settled(host, saved('one', A, FULL), saved('two', B, FULL), command)
    assert 'NAT=yes' in tree_of(host)['host/ifcfg-br0'] and '10.2.0.1' in tree_of(host)['host/ifcfg-br0']
    assert host('down').status == 0 and host('config', 'forget', 'one').status in (0, 3)
    assert 'NAT=yes' in tree_of(host)['host/ifcfg-br0'], 'two is not wired, and may have said it'


def test_a_bridge_without_an_address_is_saved_with_what_else_is_said_of_it(host):
    settled(host, saved('one', A + ',publish=80:80', 'bridge://br0=open'))
    assert 'FORWARD_OPEN=yes\n' in tree_of(host)['host/ifcfg-br0']
    comes_back(host)
    assert '    open       yes\n' in host('show', 'one').out
    settled(host, replaced('one', A, BARE))
    assert 'FORWARD' not in tree_of(host)['host/ifcfg-br0']


def test_a_bridge_without_an_address_has_no_vlan_of_its_own(host):
    for words in (('netns://' + A, 'bridge://br0=10.2.0.1/24,tag=5'), ('netns://' + B, 'bridge://br0=tag=6,ipv6,open')):
        result = host('config', 'render', '--root', '/', *words)
        assert result.status == 0, result
    text = tree_of(host)['host/ifcfg-br0']
    assert 'BRIDGE_VLANS="5 pvid untagged"\n' in text and 'FORWARD_OPEN=yes\n' in text, text


def test_what_was_written_into_a_bridges_file_by_hand_stays(host):
    settled(host, saved('one', A, FULL), saved('two', B, BARE))
    host.sh('printf "IPADDR1=10.9.9.1 # mine\\nPREFIX1=24\\nNM_CONTROLLED=no\\n" >>%s/host/ifcfg-br0' % TREE)
    assert host('config', 'save', '--all').out.startswith('nothing to do')
    assert host(*replaced('one', A, 'bridge://br0=10.2.0.1/24')).status == 0
    assert host('unwire', '--forget', 'one').status == 0
    text = tree_of(host)['host/ifcfg-br0']
    assert '10.9.9.1' in text and 'NM_CONTROLLED=no\n' in text and '10.2.0.1' not in text and 'NAT' not in text, text


def test_what_an_unsaved_replacement_no_longer_says_is_saved_later(host):
    settled(host, saved('w', A, FULL))
    for bridge in ('bridge://br0=10.2.0.1/24,nat', 'bridge://br0=10.2.0.9/24'):
        assert host('wire', '--no-check', '--replace', '--name', 'w', A, bridge).status == 0
    assert host('config', 'check').status == 1
    settled(host, ('config', 'save', 'w'))
    assert host('wire', '--no-check', '--replace', '--name', 'w', A, BARE).status == 0
    settled(host, saved('w', A, BARE))
    host.sh('printf "IPADDR=10.2.0.9\\nPREFIX=24\\n" >>%s/host/ifcfg-br0' % TREE)  # by hand, now
    assert host('config', 'save', 'w').out.startswith('nothing to do')


def test_what_a_purged_wire_said_of_a_bridge_goes_from_its_file(host):
    settled(host, saved('one', A, FULL), saved('two', B, BARE))
    host.sh('echo "--name two %s %s" >/run/wires' % (B, BARE))
    settled(host, ('wire', '--no-check', '-f', '/run/wires', '--save', '--purge', '*'))
    assert '10.2.0.1' not in tree_of(host)['host/ifcfg-br0'] and host('ls').out.count('br0') == 1


def test_what_the_wires_of_a_file_no_longer_say_of_their_bridge_goes_from_its_file(host):
    host.sh('ip netns add a; ip netns add b')
    for bridges in ((FULL, FULL), (BARE, BARE), (FULL, BARE), (BARE, 'bridge://br0=10.2.0.1/24,nat'), (BARE, BARE)):
        lines = '--name one %s %s\n--name two %s %s\n' % (A, bridges[0], B, bridges[1])
        assert host('wire', '--no-check', '--save', '--replace', '-f', '-', feed=lines).status == 0
        settled(host, ('config', 'save', '--all'))
        assert ('NAT=yes' in tree_of(host).get('host/ifcfg-br0', '')) == (bridges != (BARE, BARE)), bridges


def test_what_a_wire_was_before_it_was_unwired_goes_as_a_file_of_wires_saves_it(host):
    host.sh('ip netns add a; ip netns add b')
    lines = ['--name one %s %s' % (A, FULL), '--name two %s %s' % (B, FULL),
             '--name three a:C b:D=10.3.0.1/24,mtu=1400']
    others = ['--name one %s %s' % (A, 'bridge://br0=10.2.0.9/24'), '--name two %s bridge://br0=10.2.0.9/24' % B,
              '--name three a:C host:h=10.3.0.1/24', '--name four a:E b:D']
    for wanted in (lines, others):
        result = host('wire', '--no-check', '--save', '-f', '-', feed='\n'.join(wanted))
        assert result.status == 0, result
        settled(host, ('config', 'save', '--all'))
        assert host('unwire', '--all').status == 0
    assert 'removed %s/b/ifcfg-D\n' % TREE in result.out, result
    assert sorted(tree_of(host)) == ['a/ifcfg-A', 'a/ifcfg-C', 'a/ifcfg-E', 'b/ifcfg-B', 'b/ifcfg-D', 'host/ifcfg-br0',
                                     'host/ifcfg-h'], tree_of(host)
    text = tree_of(host)['host/ifcfg-br0']
    assert 'IPADDR=10.2.0.9\n' in text and 'NAT' not in text and 'FORWARD' not in text, text


def test_an_alias_of_a_bridge_goes_with_the_last_wire_that_says_its_address(host):
    write(host, {'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.2.0.1\nPREFIX=24\n',
                 'host/ifcfg-br0:0': 'IPADDR=10.2.0.7\nPREFIX=24\n',
                 'a/ifcfg-A': 'WIRE=w\nBRIDGE=br0\nIPADDR=10.2.0.2\nPREFIX=24\n'})
    assert host('up').status == 0
    settled(host, replaced('w', A, 'bridge://br0=10.2.0.1/24'))
    assert sorted(tree_of(host)) == ['a/ifcfg-A', 'host/ifcfg-br0'], tree_of(host)


def rendered(host, *wires):
    lines = ''.join('--name %s netns://%s %s\n' % wire for wire in wires)
    result = host('config', 'render', '--root', '/', '-f', '-', feed=lines)
    assert result.status == 0, result
    return tree_of(host)


@pytest.mark.parametrize('bridge', [
    'bridge://br0=10.2.0.1/24,nat', 'bridge://br0=10.2.0.1/24', 'bridge://br0=10.2.0.9/24,fd00::1/64,nat,open',
    'bridge://br0=ipv6', 'bridge://br0=10.2.0.1/24,tag=7'])
def test_what_no_rendered_wire_says_any_more_goes_from_the_bridges_file(host, bridge):
    fresh = rendered(host, ('one', A, bridge), ('two', B, bridge))
    host.sh('rm -r %s' % TREE)
    rendered(host, ('one', A, FULL), ('two', B, FULL))
    write(host, {'host/ifcfg-br0:0': 'IPADDR=10.2.0.7\nPREFIX=24\n'})
    again = rendered(host, ('one', A, bridge), ('two', B, bridge))
    assert sorted(again) == sorted(fresh) and [sorted(again[place].split()) for place in sorted(again)] == [
        sorted(fresh[place].split()) for place in sorted(fresh)], again


def test_what_another_wire_of_the_tree_may_say_stays_where_one_is_rendered(host):
    before = rendered(host, ('one', A, FULL), ('two', B, FULL))['host/ifcfg-br0']
    assert rendered(host, ('one', A, 'bridge://br0=10.2.0.1/24'))['host/ifcfg-br0'] == before
    assert rendered(host, ('one', A, BARE), ('two', B, BARE))['host/ifcfg-br0'] == before, 'they leave it to the file'


def test_a_wire_that_says_nothing_of_a_bridge_leaves_its_file(host):
    write(host, {'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.2.0.1\nPREFIX=24\n'})
    settled(host)
    for _ in range(2):  # again as after a reboot
        assert host(*saved('w', A, BARE)).status == 0 and 'IPADDR=10.2.0.1' in tree_of(host)['host/ifcfg-br0']
        assert host('unwire', 'w').status == 0
