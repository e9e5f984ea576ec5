"""The config tree on throwaway hosts: rendered, saved, checked, brought up and taken down, in real namespaces."""

from __future__ import absolute_import, division, print_function

import json

import pytest

from support.tree import TREE, everything, net, write


HAND_MADE = {
    'a/ifcfg-A': '# by hand\nDEVICE=A\nIPADDR=10.1.1.1\nPREFIX=32\nPEER=B\nPEER_NETNS=b\n',
    'b/ifcfg-B': 'DEVICE=B\nIPADDR=10.1.1.2\nPREFIX=32\n'}


def test_a_tree_without_wires_is_not_said_to_match_what_is_wired(host):
    host.sh('mkdir -p %s/etc/sysconfig' % TREE)
    host('wire', 'a', 'b')
    result = host('config', 'check')
    assert result.status == 0 and result.out == 'nothing to compare: the tree describes no wires\n', result


def test_a_tree_written_by_hand_comes_up_and_pings_and_a_second_up_changes_nothing(host):
    write(host, HAND_MADE)
    result = host('up')
    assert result.status == 0 and result.out == 'wired a:A-b:B\n', result
    host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.2')
    before = host.sh('ip -n a -d link show A; ip -n b -d link show B; cat /run/netnsctl/wires/*')
    again = host('up')
    assert again.status == 0 and again.out.startswith('nothing to do'), again
    assert host.sh('ip -n a -d link show A; ip -n b -d link show B; cat /run/netnsctl/wires/*') == before
    assert host('config', 'check').out == 'the wires match the tree\n'


def test_down_is_the_inverse_of_up_and_takes_the_namespaces_it_made(host):
    before = everything(host)
    write(host, HAND_MADE)
    assert host('up').status == 0
    result = host('down')
    assert result.status == 0, result
    assert result.out == 'unwired a:A-b:B\nremoved the namespace a\nremoved the namespace b\n', result
    assert everything(host) == before
    again = host('down')
    assert again.status == 0 and again.out.startswith('nothing to do'), again


def test_down_leaves_what_netnsctl_did_not_make(host):
    host.sh('ip netns add a; ip netns add c')
    write(host, HAND_MADE)
    assert host('wire', 'c:x=10.5.0.1/32', 'host:y=10.5.0.2/32').status == 0
    assert host('up').status == 0
    host.sh('ip netns exec b sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >/run/pid')
    assert host('down').status == 0
    assert host.sh('ls /run/netns').split() == ['a', 'b', 'c']
    assert 'y' in host('ls').out
    host.sh('kill $(cat /run/pid); while [ -e /proc/$(cat /run/pid)/ns ]; do sleep 0.05; done')
    assert host('down').status == 0
    assert host.sh('ls /run/netns').split() == ['a', 'c']


def test_what_differs_is_made_anew_and_what_is_missing_made(host):
    write(host, HAND_MADE)
    host('up')
    host.sh('ip -n a address del 10.1.1.1/32 dev A')
    check = host('config', 'check')
    assert check.status == 1 and '%s/a/ifcfg-A' % TREE in check.out and 'altered' in check.out, check
    result = host('up')
    assert result.status == 0 and result.out == 'recreated a:A-b:B\n', result
    host.sh("sed -i s/10.1.1.2/10.1.1.9/ %s/b/ifcfg-B" % TREE)
    check = host('config', 'check')
    assert check.status == 1 and '%s/b/ifcfg-B:2' % TREE in check.out and '10.1.1.9' in check.out, check
    assert host('up').out == 'recreated a:A-b:B\n'
    host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.9; ip -n a link del A')
    assert 'half' in host('config', 'check').out or 'altered' in host('config', 'check').out
    assert host('up').status == 0
    host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.9')


def test_a_whole_network_comes_back_as_it_was(host):
    write(host, {
        'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.0.0.1\nPREFIX=24\nIPV6INIT=yes\nIPV6ADDR=fd00::1/64\n',
        'a/ifcfg-eth0': 'BRIDGE=br0\nIPADDR=10.0.0.2\nPREFIX=24\nGATEWAY=10.0.0.1\nMETRIC=5\nSRCADDR=10.0.0.2\n'
                        'MTU=1400\nMACADDR=02:00:00:00:00:0a\nIPV6INIT=yes\nIPV6ADDR=fd00::2\nIPV6_DEFAULTGW=fd00::1\n',
        'a/route-eth0': '10.9.0.0/16 via 10.0.0.1 table 100\n10.8.0.0/16 via 10.0.0.1\n',
        'a/route6-eth0': 'fd01::/64 via fd00::1\n', 'a/rule-eth0': 'from 10.0.0.2 table 100 priority 50\n',
        'b/ifcfg-eth0': 'BRIDGE=br0\nIPADDR0=10.0.0.3\nPREFIX0=24\nIPADDR1=10.7.0.3\nNETMASK1=255.255.0.0\n',
        'b/route-eth0': 'ADDRESS0=10.8.0.0\nNETMASK0=255.255.0.0\nGATEWAY0=10.0.0.1\n'})
    result = host('up')
    assert result.status == 0, result
    host.sh('ip netns exec a busybox ping -c1 -W2 10.0.0.3')
    seen = net(host, 'a', 'b')
    for words in ('10.9.0.0/16', ):
        assert words not in seen
    assert 'default via 10.0.0.1 dev eth0 src 10.0.0.2 metric 5' in seen.replace('  ', ' '), seen
    assert '50:\tfrom 10.0.0.2 lookup 100' in seen and 'fd01::/64 via fd00::1' in seen and '10.7.0.3/16' in seen, seen
    assert '10.9.0.0/16 via 10.0.0.1' in host.sh('ip -n a route show table 100')
    assert 'mtu 1400' in host.sh('ip -n a link show eth0') and '02:00:00:00:00:0a' in host.sh('ip -n a link show eth0')
    assert host('up').out.startswith('nothing to do')
    assert host('config', 'check').status == 0, host('config', 'check')
    assert host('down').status == 0 and host.sh('ls /run/netns; ip -o link show br0 2>/dev/null || true') == ''
    assert host('up').status == 0 and net(host, 'a', 'b') == seen


def test_ten_files_one_bad_one_container_missing_eight_come_up(host):
    files = dict(('n%d/ifcfg-eth0' % number, 'IPADDR=10.2.%d.1\nPREFIX=24\nPEER=p%d\n' % (number, number))
                 for number in range(8))
    files['bad/ifcfg-eth0'] = 'IPADDR=$(reboot)\n'
    files['docker:gone/ifcfg-eth0'] = 'IPADDR=10.3.0.1\nPREFIX=24\nPEER=pg\n'
    write(host, files)
    result = host('up')
    assert result.status == 2 and len(result.out.splitlines()) == 8, result
    assert '%s/bad/ifcfg-eth0:1: ' % TREE in result.err and '%s/docker:gone/ifcfg-eth0' % TREE in result.err, result
    assert '8 done' in result.err and '2 failed' in result.err, result
    again = host('up')
    assert again.status == 2 and again.out == '' and '0 done, 8 unchanged, 2 failed' in again.err, again


def test_names_choose_folders_and_onboot_no_waits_for_its_name(host):
    write(host, {'a/ifcfg-e': 'PEER=pa\nIPADDR=10.2.0.1\nPREFIX=24\n',
                 'b/ifcfg-e': 'PEER=pb\nIPADDR=10.3.0.1\nPREFIX=24\nONBOOT=no\n'})
    assert host('up').out == 'wired a:e-host:pa\n'
    assert host('up', 'b').out == 'wired b:e-host:pb\n'
    assert host('down', 'a').out == 'unwired a:e-host:pa\nremoved the namespace a\n'
    result = host('up', 'nosuch')
    assert result.status == 3 and 'nosuch: there is no such directory in %s' % TREE in result.err, result
    data = json.loads(host('up', '--json').out)
    assert data['made'] == ['a:e-host:pa'] and data['failed'] == [], data


def test_up_says_that_no_wire_of_the_tree_is_for_boot(host):
    write(host, {'b/ifcfg-e': 'PEER=pb\nIPADDR=10.3.0.1\nPREFIX=24\nONBOOT=no\n'})
    assert host('up').out == 'nothing to do: the wire of the tree has ONBOOT=no\n'
    write(host, {'c/ifcfg-e': 'PEER=pc\nIPADDR=10.4.0.1\nPREFIX=24\nONBOOT=no\n'})
    assert host('up').out == 'nothing to do: all 2 wires of the tree have ONBOOT=no\n'


@pytest.mark.parametrize('damage',
                         ['chown 65534 {0}', 'chmod o+w {0}', 'chmod g+w {0}', 'mv {0} {0}.x; ln -s {0}.x {0}',
                          'rm {0}; mkfifo {0}', 'rm {0}; mkdir {0}', 'chmod o+w $(dirname {0})',
                          'chown 65534 $(dirname {0})', 'head -c 10000000 /dev/zero | tr "\\\\0" x >{0}',
                          'printf "DEVICE=A\\\\r\\\\n" >{0}', 'echo "IPADDR=\\"10.1.1.1" >{0}'])
def test_a_file_that_cannot_be_trusted_or_read_is_refused_and_costs_only_its_wire(host, damage):
    write(host, dict(HAND_MADE, **{'c/ifcfg-e': 'PEER=pc\nIPADDR=10.2.0.1\nPREFIX=24\n'}))
    host.sh(damage.format(TREE + '/a/ifcfg-A'))
    result = host('up')
    assert result.status == 2 and TREE + '/a' in result.err and 'Traceback' not in result.err, result
    assert 'wired c:e-host:pc' in result.out, result


def test_a_value_runs_nothing(host):
    write(host, {'a/ifcfg-e': 'PEER=pa\nIPADDR="$(touch /run/ran)"\n', 'b/ifcfg-e': 'PEER=pb\nMTU=`touch /run/ran`\n',
                 'c/ifcfg-e': "PEER=pc\nDOMAIN='{{7*7}}'\n", 'd/ifcfg-e': '; touch /run/ran\n'})
    assert host('up').status == 2
    host('config', 'check')
    assert host.sh('ls -d /run/ran 2>/dev/null || true') == ''


def test_without_a_tree_up_and_down_have_nothing_to_do(host):
    for verb in ('up', 'down'):
        result = host(verb)
        assert result.status == 0 and result.out.startswith('nothing to do'), result
    assert host('config', 'check').status == 0
