"""Which files of a folder are links, which give a link more addresses, and which are copies."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model.ifcfg import aliases, file_names, lines, link


@pytest.mark.parametrize('name', [
    'ifcfg-eth0~', 'ifcfg-eth0.bak', 'ifcfg-eth0.old', 'ifcfg-eth0.orig', 'ifcfg-eth0.rpmnew', 'ifcfg-eth0.rpmsave',
    'ifcfg-eth0.save', 'ifcfg-eth0.save.1', 'ifcfg-eth0.swp', 'ifcfg-eth0.swo', 'ifcfg-eth0.20150101',
    'ifcfg-eth0.2015-01-01', 'ifcfg-eth0-20150101', 'ifcfg-eth0_2015_01_01', 'ifcfg-eth0.20150101.1530',
    'ifcfg-eth0.bak.20150101', 'ifcfg-eth0.bak-2015-01-01', 'ifcfg-eth0_old', 'ifcfg-eth0_bak', 'ifcfg-eth0-bak',
    'ifcfg-eth0-orig', 'ifcfg-eth0.bak1', 'ifcfg-eth0.old.2', 'ifcfg-eth0_bak2', 'ifcfg-eth0.~1~', 'ifcfg-eth0,v',
    'ifcfg-eth0#', 'ifcfg-eth0.dpkg-old', 'ifcfg-eth0.augsave', 'ifcfg-eth0.copy', 'ifcfg-eth0 (copy)',
    'ifcfg-eth0.rej',
    'ifcfg-eth0.backup', 'ifcfg-eth0.disabled', 'route-eth0.old', 'rule6-eth0_old', 'ifcfg-eth0.20150101_old'])
def test_a_copy_is_no_link(name):
    assert file_names.is_copy(name.partition('-')[2])


@pytest.mark.parametrize('name', [
    'ifcfg-eth0', 'ifcfg-eth0.1', 'ifcfg-eth0.100', 'ifcfg-eth0.4094', 'ifcfg-vlan100', 'ifcfg-old', 'ifcfg-bak0',
    'ifcfg-save', 'ifcfg-golden', 'ifcfg-eth0.2015', 'ifcfg-br-old1x', 'ifcfg-eth0:0', 'ifcfg-eth0-range0',
    'ifcfg-hold',
    'ifcfg-a_b', 'ifcfg-p2p1_1', 'ifcfg-nw12345678', 'ifcfg-e20150101'])
def test_a_link_is_no_copy(name):
    assert not file_names.is_copy(name.partition('-')[2])


@pytest.mark.parametrize('device, parent', [('eth0', None), ('eth0:0', 'eth0'), ('eth0:web', 'eth0'), ('eth0.5:1',
'eth0.5'),
                                            ('eth0-range0', 'eth0'), ('eth0-range', 'eth0'), ('lo:0', 'lo'), (':0',
                                            None)])
def test_an_alias_is_one_of_its_link(device, parent):
    assert file_names.parent_of(device) == parent


def read(text, name='eth0:1', parent='IPADDR=10.0.0.2\nPREFIX=24\n'):
    return aliases.read(text, 'f', name, link.from_lines(lines.parse(parent, 'p'), 'p', 'eth0'))


@pytest.mark.parametrize('text, name, addresses', [
    ('DEVICE=eth0:1\nIPADDR=10.0.0.3\nPREFIX=32\n', 'eth0:1', ('10.0.0.3/32',)),
    ('IPADDR=10.0.0.3\nNETMASK=255.255.0.0\n', 'eth0:1', ('10.0.0.3/16',)),
    ('IPADDR=10.0.0.3\n', 'eth0:1', ('10.0.0.3/24',)),  # as its link
    ('IPADDR_START=10.0.0.5\nIPADDR_END=10.0.0.7\nCLONENUM_START=0\nNETMASK=255.255.255.0\n', 'eth0-range0',
     ('10.0.0.5/24', '10.0.0.6/24', '10.0.0.7/24')),
    ('IPADDR_START=10.0.0.5\nIPADDR_END=10.0.0.5\n', 'eth0-range0', ('10.0.0.5/24',))])
def test_the_addresses_of_an_alias(text, name, addresses):
    assert read(text, name).addresses == addresses


def test_where_nobody_names_a_length_it_is_that_of_the_class():
    assert read('IPADDR=192.168.7.3\n', parent='IPADDR=10.0.0.2\n').addresses == ('192.168.7.3/24',)


@pytest.mark.parametrize('text, name, message', [
    ('DEVICE=eth0:2\nIPADDR=10.0.0.3\n', 'eth0:1', 'f:1: DEVICE is eth0:2'), ('ONBOOT=yes\n', 'eth0:1',
    'f: it has no IPADDR'),
    ('IPADDR=10.0.0.3\nBOOTPROTO=dhcp\n', 'eth0:1', 'f:2: BOOTPROTO'), ('IPADDR=10.0.0.3\nNOSUCH=1\n', 'eth0:1',
    'f:2: no key'),
    ('IPADDR=10.0.0.3\nONPARENT=x\n', 'eth0:1', 'f:2: ONPARENT'), ('IPADDR=10.0.0.0\n', 'eth0:1', 'f:1: '),
    ('IPADDR_START=10.0.0.5\n', 'eth0-range0', 'f: IPADDR_END'),
    ('IPADDR_START=10.0.0.5\nIPADDR_END=10.0.1.7\n', 'eth0-range0', 'f:2: IPADDR_END'),
    ('IPADDR_START=10.0.0.5\nIPADDR_END=10.0.0.4\n', 'eth0-range0', 'f:2: IPADDR_END'),
    ('IPADDR_START=x\nIPADDR_END=10.0.0.4\n', 'eth0-range0', 'f:1: IPADDR_START')])
def test_an_alias_that_is_wrong_is_told_with_its_line(text, name, message):
    with pytest.raises(UsageError) as caught:
        read(text, name)
    assert caught.value.message.startswith(message), caught.value.message


def test_an_alias_may_stay_behind_and_may_have_the_gateway():
    assert read('IPADDR=10.0.0.3\nONPARENT=no\nGATEWAY=10.0.0.1\n').is_left
    found = read('IPADDR=10.0.0.3\nGATEWAY=10.0.0.1\n')
    assert not found.is_left and found.gateway == '10.0.0.1'
