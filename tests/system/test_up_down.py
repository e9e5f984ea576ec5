"""up and down: which wire of the tree is which recorded one; routes, addresses, namespaces that up made."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.tree import TREE, everything, wires, write
from support.trees import HOST_SIDE, PAIR, SHARED, nothing_to_do


def test_up_never_destroys_a_wire_that_only_has_the_name(host):
    host.sh('ip netns add c; ip netns add d')
    assert host('wire', '--name', 'w', 'c:x=10.5.0.1/24', 'd:y=10.5.0.2/24').status == 0
    assert host('wire', '--name', 'v', 'c:z=10.6.0.1/24', 'host:z=10.6.0.2/24').status == 0
    write(host, {'a/ifcfg-A': 'WIRE=w\n' + PAIR['a/ifcfg-A'], 'b/ifcfg-B': PAIR['b/ifcfg-B'],
                 'e/ifcfg-e': 'PEER=pe\nWIRE=v\nIPADDR=10.2.0.1\nPREFIX=24\n'})
    result = host('up')
    assert result.status == 4 and '%s/a/ifcfg-A:1' % TREE in result.err and 'netns://c:x' in result.err, result
    assert '%s/e/ifcfg-e:2' % TREE in result.err, result
    host.sh('ip netns exec c busybox ping -c1 -W2 10.5.0.2')
    assert wires(host) == ['v', 'w'] and host.sh('ls /run/netns').split() == ['c', 'd']
    assert host('down').out.startswith('nothing to do') and wires(host) == ['v', 'w']


def test_a_wire_of_another_name_between_the_same_ends_is_the_trees_wire(host):
    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--name', 'w', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32').status == 0
    write(host, PAIR)
    nothing_to_do(host)
    assert wires(host) == ['w']
    host.sh('ip -n a address del 10.1.1.1/32 dev A')
    assert host('up').out == 'recreated w\n'
    assert host('down').out == 'unwired w\n'


@pytest.mark.parametrize('edit,name', [
    ({'a/ifcfg-A': 'WIRE=w\n' + PAIR['a/ifcfg-A']}, 'w'),
    ({'b/ifcfg-B': None, 'b/ifcfg-C': PAIR['b/ifcfg-B'], 'a/ifcfg-A': PAIR['a/ifcfg-A'].replace('=B', '=C')},
     'a:A-b:C'),
    ({'a/ifcfg-A': None, 'a/ifcfg-F': PAIR['a/ifcfg-A'], 'b/ifcfg-B': PAIR['b/ifcfg-B'].replace('=A', '=F')},
     'a:F-b:B'),
    ({'a/ifcfg-A': PAIR['a/ifcfg-A'].replace('=b', '=c'), 'b/ifcfg-B': None, 'c/ifcfg-B': PAIR['b/ifcfg-B']},
     'a:A-c:B')],
    ids=['WIRE added', 'PEER edited', 'file renamed', 'folder renamed'])
def test_an_edited_tree_is_followed(host, edit, name):
    write(host, PAIR)
    assert host('up').status == 0
    before = everything(host).count('veth')
    write(host, edit)
    result = host('up')
    assert result.status == 0 and result.out == 'recreated %s\n' % name, result
    assert wires(host) == [name] and everything(host).count('veth') == before
    host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.2')
    nothing_to_do(host)


@pytest.mark.parametrize('edit', [{'a/ifcfg-A': 'WIRE=w\n' + PAIR['a/ifcfg-A']},
                                  {'b/ifcfg-B': None, 'b/ifcfg-C': PAIR['b/ifcfg-B'],
                                   'a/ifcfg-A': PAIR['a/ifcfg-A'].replace('=B', '=C')},
                                  {'a/ifcfg-A': None, 'a/ifcfg-F': PAIR['a/ifcfg-A'],
                                   'b/ifcfg-B': PAIR['b/ifcfg-B'].replace('=A', '=F')}])
def test_down_takes_the_wire_that_an_edited_tree_described(host, edit):
    write(host, PAIR)
    assert host('up').status == 0
    write(host, edit)
    result = host('down')
    assert result.status == 0 and 'unwired a:A-b:B\n' in result.out, result
    assert wires(host) == [] and host.sh('ls /run/netns') == ''


# What a file says of a:A, which is not up, and a wire that somebody made by hand.
BY_HAND = {'its end': ('A', ''), 'its name': ('C', 'WIRE=manual\n')}


@pytest.mark.parametrize('dev,said', [BY_HAND[key] for key in sorted(BY_HAND)], ids=sorted(BY_HAND))
def test_down_leaves_a_wire_made_by_hand_that_has_only_an_end_or_the_name_of_one_of_the_tree(host, dev, said):
    host.sh('ip netns add a; ip netns add b; ip link add br0 type bridge')
    write(host, {'a/ifcfg-A': said + 'BRIDGE=br0\nIPADDR=10.2.0.1\nPREFIX=24\n'})
    assert host('wire', '--name', 'manual', 'a:%s=10.9.0.1/24' % dev, 'b:B=10.9.0.2/24').status == 0
    before = everything(host)
    assert host('down', '--dry-run').out == '' and host('down', 'a').out.startswith('nothing to do')
    result = host('down')
    assert result.status == 0 and result.out.startswith('nothing to do') and everything(host) == before, result


def test_up_replaces_a_wire_made_by_hand_for_a_link_that_a_file_describes_but_not_for_its_name(host):
    host.sh('ip netns add a; ip netns add b; ip link add br0 type bridge')
    files = {'a/ifcfg-A': 'WIRE=manual\nBRIDGE=br0\nIPADDR=10.2.0.1\nPREFIX=24\n'}
    write(host, files)
    assert host('wire', '--name', 'manual', 'a:C=10.9.0.1/24', 'b:B=10.9.0.2/24').status == 0
    before = everything(host)
    for verb, status in (('config', 1), ('up', 4)):
        result = host(verb, *['check'][:verb == 'config'])
        assert result.status == status and 'netns://a:C and netns://b:B' in result.out + result.err, result
        assert everything(host) == before
    assert host('unwire', 'manual').status == 0
    assert host('wire', '--name', 'other', 'a:A=10.9.0.1/24', 'b:B=10.9.0.2/24').status == 0
    assert host('up').out == 'recreated manual\n' and wires(host) == ['manual']
    nothing_to_do(host)
    assert host('down').out.startswith('unwired manual\n')


@pytest.mark.parametrize('how', [('wire', '--save'), ('config', 'save'), ('wire', '--confirm', '60', '--save')],
                         ids=['wire --save', 'config save', 'confirm'])
def test_down_takes_a_wire_that_was_saved_before_its_files_were_edited(host, how):
    host.sh('ip netns add a; ip netns add b')
    command, ends = ('wire', '--name', 'w'), ('a:A=10.1.1.1/32', 'b:B=10.1.1.2/32')
    assert host(*(command if how[0] == 'config' else how + command[1:]) + ends).status == 0
    if how[0] == 'config':
        assert host('config', 'save', 'w').status == 0
    if '--confirm' in how:
        assert host('confirm', 'w').status == 0
    host.sh('cd %s; sed -i s/=B$/=C/ a/ifcfg-A; mv b/ifcfg-B b/ifcfg-C; sed -i /DEVICE/d b/ifcfg-C' % TREE)
    assert host('down').out == 'unwired w\n' and wires(host) == []


def test_a_file_that_was_renamed_and_names_no_peer_is_followed(host):
    write(host, {'a/ifcfg-e': 'BRIDGE=br0\nIPADDR=10.0.0.2\nPREFIX=24\n'})
    assert host('up').status == 0
    write(host, {'a/ifcfg-e': None, 'a/ifcfg-f': 'BRIDGE=br0\nIPADDR=10.0.0.2\nPREFIX=24\n'})
    assert host('up').out == 'recreated a:f-br0\n'
    assert 'e@' not in host.sh('ip -n a -o link') and wires(host) == ['a:f-br0']


def test_wires_that_swap_their_names_or_their_peers_are_refused_and_stay(host):
    files = {'a/ifcfg-e': 'WIRE=one\n' + HOST_SIDE['a/ifcfg-e'],
             'a/ifcfg-f': 'WIRE=two\nPEER=pf\nIPADDR=10.3.0.1\nPREFIX=24\n'}
    write(host, files)
    assert host('up').status == 0
    before = everything(host)
    write(host, dict((name, text.replace('one', 'x').replace('two', 'one').replace('=x', '=two'))
                     for name, text in files.items()))
    assert host('up').status == 4 and everything(host) == before
    write(host, dict((name, text.replace('pa', 'x').replace('pf', 'pa').replace('=x', '=pf'))
                     for name, text in files.items()))
    assert host('up').status == 4 and everything(host) == before


def test_the_same_wire_with_save_again_is_the_same_after_down_and_up(host):
    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--save', 'a', 'b').status == 0
    assert host('down').status == 0 and host('up').status == 0
    result = host('wire', '--save', 'a', 'b')
    assert result.status == 0 and result.out.startswith('already wired'), result
    result = host('wire', 'a', 'b:eth0=10.9.9.1/24')
    assert result.status == 4 and 'addresses' in result.err, result


def test_two_default_routes_of_one_namespace_are_a_conflict_and_neither_is_displaced(host):
    write(host, {'a/ifcfg-e': HOST_SIDE['a/ifcfg-e'] + 'GATEWAY=10.2.0.9\n',
                 'a/ifcfg-f': 'PEER=pf\nIPADDR=10.3.0.1\nPREFIX=24\nGATEWAY=10.3.0.9\n'})
    result = host('up')
    assert result.status == 4 and result.out == 'wired a:e-host:pa\n', result
    assert 'a:e-host:pa' in result.err and 'a:f-host:pf' in result.err and '0.0.0.0/0' in result.err, result
    before = everything(host)
    again = host('up')
    assert again.status == 4 and again.out == '' and everything(host) == before, again
    write(host, {'a/ifcfg-f': 'PEER=pf\nIPADDR=10.3.0.1\nPREFIX=24\nGATEWAY=10.3.0.9\nMETRIC=7\n'})
    assert host('up').out == 'wired a:f-host:pf\n'
    nothing_to_do(host)


def test_a_route_of_the_hosts_own_that_is_displaced_is_told_and_comes_back(host):
    host.sh('ip link add x type veth peer name y; ip link set x up; ip link set y up; ip address add 10.8.0.1/24 dev x;'
            ' ip route add default via 10.8.0.2')
    before = host.sh('ip route')
    write(host, {'host/ifcfg-pa': 'PEER=e\nPEER_NETNS=a\nIPADDR=10.2.0.2\nPREFIX=24\nGATEWAY=10.2.0.1\n',
                 'a/ifcfg-e': HOST_SIDE['a/ifcfg-e']})
    result = host('up')
    assert result.status == 0 and 'host: the route to 0.0.0.0/0 via 10.8.0.2 dev x' in result.err, result
    assert 'default via 10.2.0.1' in host.sh('ip route')
    assert host('down').status == 0 and host.sh('ip route') == before


def test_files_without_any_address_get_a_pair_of_the_pool_once(host):
    write(host, {'a/ifcfg-A': 'PEER=B\nPEER_NETNS=b\n'})
    assert host('up').status == 0
    assert '198.18.' in host.sh('ip -n a address show A')
    nothing_to_do(host)


@pytest.mark.parametrize('first', ['a', 'b'])
@pytest.mark.parametrize('is_own', [True, False], ids=['our bridge', "the host's bridge"])
def test_an_address_of_a_shared_bridge_goes_with_the_last_wire_that_asks_for_it(host, first, is_own):
    if not is_own:
        host.sh('ip link add br0 type bridge; ip link set br0 up; ip address add 10.7.0.1/24 dev br0')
    before = everything(host)
    write(host, SHARED)
    assert host('up').status == 0
    assert host('down', first).status == 0
    other = {'a': 'b', 'b': 'a'}[first]
    host.sh('ip netns exec %s busybox ping -c1 -W2 10.0.0.1' % other)
    assert host('up', first).status == 0
    nothing_to_do(host)
    assert host('unwire', '%s:e-br0' % other).status == 0
    host.sh('ip netns exec %s busybox ping -c1 -W2 10.0.0.1' % first)
    assert host('up').status == 0 and host('down').status == 0
    assert everything(host) == before


def test_an_address_that_the_host_gave_its_bridge_stays(host):
    host.sh('ip link add br0 type bridge; ip link set br0 up; ip address add 10.0.0.1/24 dev br0')
    before = everything(host)
    write(host, SHARED)
    assert host('up').status == 0 and host('down').status == 0
    assert everything(host) == before


@pytest.mark.parametrize('is_own', [True, False], ids=['our bridge', "the host's bridge"])
def test_a_bridge_address_that_changes_is_told_and_followed(host, is_own):
    if not is_own:
        host.sh('ip link add br0 type bridge; ip link set br0 up')
    write(host, SHARED)
    assert host('up').status == 0
    host.sh('ip address del 10.0.0.1/24 dev br0')
    check = host('config', 'check')
    assert check.status == 1 and check.out.count('lacks the address 10.0.0.1/24') == 2, check
    assert host('up').status == 0
    nothing_to_do(host)
    write(host, {'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.0.0.9\nPREFIX=24\n'})
    check = host('config', 'check')
    assert check.status == 1 and '10.0.0.9/24' in check.out, check
    assert host('up').out == 'recreated a:e-br0\nrecreated b:e-br0\n'
    assert [word for word in host.sh('ip -4 -br address show br0').split() if '/' in word] == ['10.0.0.9/24']
    nothing_to_do(host)


def test_down_gives_back_the_host_as_it_was(host):
    before = everything(host)
    write(host, dict(SHARED, **{
        'c/ifcfg-e': 'PEER=pc\nIPADDR=10.2.0.1\nPREFIX=24\nGATEWAY=10.2.0.2\nIPV6INIT=yes\nIPV6ADDR=fd00::1/64\n'
                     'DNS1=10.2.0.2\n', 'c/route-e': '10.9.0.0/16 via 10.2.0.2 table 100\n',
        'c/rule-e': 'from 10.2.0.1 table 100 priority 50\n'}))
    result = host('up')
    assert result.status == 0, result
    assert everything(host) != before
    result = host('down')
    assert result.status == 0 and everything(host) == before, result


@pytest.mark.parametrize('use,undo', [
    ('ip -n a link add x type veth peer name y netns c', 'ip -n a link del x'),
    ('ip netns exec a sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >/run/pid; sleep 0.2',
     'kill $(cat /run/pid); while [ -e /proc/$(cat /run/pid)/ns ]; do sleep 0.05; done'),
    ('ln -s /run/netns/a /run/netns/alias', None), (None, None)])
def test_down_keeps_a_namespace_that_others_use_and_takes_it_when_they_do_not(host, use, undo):
    host.sh('ip netns add c')
    write(host, HOST_SIDE)
    assert host('up').status == 0
    if undo is None:  # a wire, by this name or by another
        result = host('wire', '--name', 'w', 'netns://alias:x' if use else 'a:x', 'c:y')
        if use:
            host.sh(use)
            result = host('wire', '--name', 'w', 'netns://alias:x', 'c:y')
        assert result.status == 0, result
        undo = 'true'
    else:
        host.sh(use)
    assert host('down').status == 0
    assert 'a' in host.sh('ls /run/netns').split() and 'nothing' in host('down').out
    host.sh(undo)
    host('unwire', 'w')
    result = host('down')
    assert result.out == 'removed the namespace a\n', result
    assert 'a' not in host.sh('ls /run/netns').split()


def test_down_of_the_host_takes_the_namespaces_of_its_wires_and_says_so(host):
    write(host, HOST_SIDE)
    assert host('up').status == 0
    result = host('down', 'host', '--json')
    data = json.loads(result.out)
    assert data['gone'] == ['a:e-host:pa'] and data['removed'] == ['a'], result
    assert host.sh('ls /run/netns') == ''


def test_a_wire_that_fails_leaves_no_namespace_that_was_made_for_it(host):
    host.sh('ip link add pa type bridge')
    write(host, dict(HOST_SIDE, **{'b/ifcfg-e': 'PEER=pb\nPEER_NETNS=docker:gone\nIPADDR=10.3.0.1\nPREFIX=24\n'}))
    result = host('up')
    assert result.status == 4, result
    assert host.sh('ls /run/netns 2>/dev/null || true') == '' and host.sh('ls /run/netnsctl/names || true') == ''


def test_loopback_answers_in_a_namespace_that_up_made_and_in_no_other_that_it_found_down(host):
    host.sh('ip netns add b')
    write(host, PAIR)
    assert host('up').status == 0
    host.sh('ip netns exec a busybox ping -c1 -W2 127.0.0.1; ip netns exec a busybox ping -c1 -W2 10.1.1.1')
    assert 'UP' not in host.sh('ip -n b -br link show lo')


def test_ipv6init_switches_ipv6_on_for_the_link(host):
    host.sh('ip netns add a; for each in all default; do'
            ' ip netns exec a sysctl -qw net.ipv6.conf.$each.disable_ipv6=1; done')
    write(host, {'a/ifcfg-e': 'PEER=pa\nIPV6INIT=yes\nIPV6ADDR=fd00::1/64\n'})
    result = host('up')
    assert result.status == 0, result
    assert 'fd00::1/64' in host.sh('ip -n a -6 -br addr show dev e')
    nothing_to_do(host)


def test_two_files_with_one_address_on_a_bridge_are_told_and_the_first_is_made(host):
    write(host, dict(('%s/ifcfg-e' % name, 'BRIDGE=br0\nIPADDR=10.2.0.2\nPREFIX=24\n') for name in 'ab'))
    result = host('up')
    assert result.status == 4, result
    assert 'the address 10.2.0.2 is in use: the wire a:e-br0 has it, at netns://a:e' in result.err
    assert wires(host) == ['a:e-br0']


def test_a_second_wire_that_is_saved_on_a_bridge_is_what_the_tree_says(host):
    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--save', 'a:e=10.0.0.2/24', 'bridge://br0=10.0.0.1/24').status == 0
    assert host('wire', '--save', 'b:e=10.0.0.3/24', 'bridge://br0').status == 0
    nothing_to_do(host)


def test_a_copy_of_a_folder_is_left_alone_and_named(host):
    write(host, HOST_SIDE)
    host.sh('cp -r {0}/a {0}/a.bak; cp -r {0}/a {0}/a~; mkdir {0}/c.old; cp {0}/a/* {0}/c.old'.format(TREE))
    host.sh('sed -i "s/pa/pc/; s/10.2.0.1/10.3.0.1/" %s/c.old/ifcfg-e' % TREE)
    result = host('up')
    assert result.status == 0 and host.sh('ls /run/netns').split() == ['a', 'c.old'], result
    assert '%s/a.bak: left alone, as a copy of a' % TREE in host('config', 'check').out + host('config', 'check').err


@pytest.mark.parametrize('more', ['METRIC=50\n', 'SRCADDR=203.0.113.7\n', 'WINDOW=4096\n', ''])
def test_a_gateway_off_the_link_is_taken_whatever_else_the_default_route_has(host, more):
    write(host, {'a/ifcfg-e': 'BRIDGE=br0\nIPADDR=203.0.113.7\nPREFIX=32\nGATEWAY=172.31.1.1\n' + more})
    result = host('up')
    assert result.status == 0, result
    assert 'default via 172.31.1.1' in host.sh('ip -n a route') and 'onlink' in host.sh('ip -n a route')
    nothing_to_do(host)


def test_a_namespace_whose_name_is_as_long_as_a_file_name_may_be(host):
    name = 'n' * 250
    write(host, {name + '/ifcfg-e': HOST_SIDE['a/ifcfg-e']})
    result = host('up')
    assert result.status == 0, result
    assert host('down').status == 0 and host.sh('ls /run/netns') == ''


def test_damaged_notes_cost_nothing(host):
    write(host, HOST_SIDE)
    assert host('up').status == 0
    host.sh('cd /run/netnsctl/names; echo "[1]" >x.json; echo \'{"name": "q", "made": {}}\' >y.json; echo x >z.json')
    result = host('down')
    assert result.status == 0 and 'Traceback' not in result.err and 'x.json is damaged' in result.err, result
    assert host.sh('ls /run/netns') == ''
