"""Files as initscripts and NetworkManager have them: obeyed, kept or refused, and what is no file of a link left
alone."""
from __future__ import absolute_import, division, print_function

import pytest

from support.tree import TREE, net, tree_of, wires, write

PEER = 'PEER=p\nPEER_NETNS=b\n'


def test_a_file_as_an_installer_writes_it_makes_its_wire_and_each_key_without_effect_is_told(host):
    text = ('TYPE=Ethernet\nPROXY_METHOD=none\nBROWSER_ONLY=no\nBOOTPROTO=none\nDEFROUTE=yes\nIPV4_FAILURE_FATAL=no\n'
            'IPV6INIT=yes\nIPV6_AUTOCONF=no\nIPV6_DEFROUTE=yes\nNAME=eth0\nUUID=1-2-3\nDEVICE=eth0\nONBOOT=yes\n'
            'IPADDR0=10.4.0.2\nPREFIX0=24\nGATEWAY0=10.4.0.1\nHOSTNAME=x\nDHCP_FQDN=x.example\nPROMISC=yes\n'
            'IPV6ADDR=fd04::2/64\nIPV6_DEFAULTGW=fe80::1%eth0\nDNS1=127.0.0.1\nRES_OPTIONS="timeout:1 rotate"\n')
    write(host, {'a/ifcfg-eth0': PEER + text, 'b/ifcfg-p': 'IPADDR=10.4.0.1\nPREFIX=24\n'})
    result = host('up')
    assert result.status == 0, result
    seen = net(host, 'a')
    assert '10.4.0.2/24' in seen and 'default via 10.4.0.1 dev eth0' in seen and 'fd04::2/64' in seen
    assert 'default via fe80::1 dev eth0' in host.sh('ip -n a -6 route')
    servers = host.sh('cat /etc/netns/a/resolv.conf').splitlines()
    assert servers[1:] == ['options timeout:1 rotate', 'nameserver 127.0.0.1']
    check = host('config', 'check')
    assert check.status == 0, check
    for key, line in (('UUID', 13), ('HOSTNAME', 19), ('DHCP_FQDN', 20), ('PROMISC', 21)):
        assert '%s/a/ifcfg-eth0:%d: %s has no effect here' % (TREE, line, key) in check.out
    before = tree_of(host)
    assert host('config', 'save', '--all').status == 0
    # All that a save adds is the MAC address.
    assert tree_of(host)['a/ifcfg-eth0'].startswith(before['a/ifcfg-eth0'] + 'MACADDR=')
    assert host('config', 'check').status == 0 and host('up').out.count('wired') == 0


@pytest.mark.parametrize('line', ['BONDING_OPTS="mode=1"', 'TYPE=OVSPort', 'DEVICETYPE=ovs',
'MASTER=bond0'])
def test_what_would_be_another_kind_of_link_is_not_made_a_veth(host, line):
    write(host, {'a/ifcfg-eth0': PEER + 'IPADDR=10.4.0.2\n%s\n' % line,
    'c/ifcfg-e': 'PEER=q\nIPADDR=10.5.0.1\nPREFIX=24\n'})
    result = host('up')
    assert result.status == 2 and '%s/a/ifcfg-eth0:4: %s: ' % (TREE, line.partition('=')[0]) in result.err, result
    assert wires(host) == ['c:e-host:q']


def test_copies_and_lo_are_left_alone_and_named(host):
    good = PEER + 'IPADDR=10.4.0.2\nPREFIX=24\n'
    write(host, {'a/ifcfg-eth0': good, 'a/ifcfg-eth0.old': good, 'a/ifcfg-eth0.20150101': good,
    'a/ifcfg-eth0_old': good,
                 'a/ifcfg-eth0.swp': good, 'a/route-eth0.save': 'x\n', 'a/ifcfg-lo': 'DEVICE=lo\nIPADDR=127.0.0.1\n',
                 'b/ifcfg-p': 'IPADDR=10.4.0.1\nPREFIX=24\n'})
    result = host('up')
    assert result.status == 0 and wires(host) == ['a:eth0-b:p'], result
    check = host('config', 'check')
    assert check.status == 0 and '%s/a/ifcfg-eth0_old: left alone, as a copy' % TREE in check.out, check
    assert '%s/a/ifcfg-lo: left alone' % TREE in check.out


def test_aliases_give_their_link_more_addresses_and_a_save_leaves_them(host):
    write(host, {'a/ifcfg-eth0': PEER + 'IPADDR=10.4.0.2\nPREFIX=24\n',
                 'a/ifcfg-eth0:0': '# one\nDEVICE=eth0:0\nIPADDR=10.4.0.3\n',
                 'a/ifcfg-eth0:1': 'IPADDR=10.4.0.4\nPREFIX=32\nONPARENT=no\n',
                 'a/ifcfg-eth0-range0': 'IPADDR_START=10.4.0.10\nIPADDR_END=10.4.0.12\nPREFIX=24\n',
                 'b/ifcfg-p': 'IPADDR=10.4.0.1\nPREFIX=24\n'})
    before = tree_of(host)
    result = host('up')
    assert result.status == 0, result
    seen = net(host, 'a')
    for number in (2, 3, 10, 11, 12):
        assert ' 10.4.0.%d/24' % number in seen
    assert '10.4.0.4' not in seen
    assert host('config', 'check').status == 0
    assert host('config', 'save', '--all').status == 0
    assert sorted(tree_of(host)) == sorted(before)
    assert tree_of(host)['a/ifcfg-eth0:0'] == before['a/ifcfg-eth0:0']
    assert 'IPADDR=10.4.0.2\n' in tree_of(host)['a/ifcfg-eth0']
    assert host('up').status == 0 and host('config', 'check').status == 0
    # Without the address of an alias, the wire is saved without its file.
    assert host('wire', '--replace', '--name', 'a:eth0-b:p',
    'a:eth0=10.4.0.2/24,10.4.0.10/24,10.4.0.11/24,10.4.0.12/24',
                'b:p=10.4.0.1/24').status == 0
    saved = host('config', 'save', 'a:eth0-b:p')
    assert saved.status == 0 and 'removed %s/a/ifcfg-eth0:0' % TREE in saved.out, saved


def test_an_alias_without_its_link_or_with_a_bad_word_affects_only_its_own_wire(host):
    write(host, {'a/ifcfg-eth0': PEER + 'IPADDR=10.4.0.2\nPREFIX=24\n', 'a/ifcfg-eth0:0': 'IPADDR=10.4.0.2\n',
                 'b/ifcfg-p': 'IPADDR=10.4.0.1\nPREFIX=24\n', 'c/ifcfg-e': 'PEER=q\nIPADDR=10.5.0.1\nPREFIX=24\n',
                 'c/ifcfg-f:0': 'IPADDR=10.5.0.2\n'})
    result = host('up')
    assert result.status == 2 and wires(host) == ['c:e-host:q'], result
    assert '%s/a/ifcfg-eth0:0:1: the address 10.4.0.2/24 is given twice' % TREE in result.err
    assert '%s/c/ifcfg-f:0: there is no ifcfg-f for it' % TREE in result.err


def test_a_folder_is_named_in_every_spelling(host):
    write(host, {'netns:docker/ifcfg-e': 'PEER=q\nIPADDR=10.5.0.1\nPREFIX=24\n',
    'c/ifcfg-e': 'PEER=r\nIPADDR=10.6.0.1\n'})
    for text in ('netns:docker', 'netns://docker', 'docker'):
        assert host('up', text).out == 'wired docker:e-host:q\n', text
        assert host('config', 'check', text).status == 0
        assert host('down', text).out.startswith('unwired docker:e-host:q\n')
    for text in ('docker://docker', 'x', 'netns://x'):
        assert host('up', text).status == 3
