"""VLAN=yes in an ifcfg file, with the ways in which the NIC and the ID are said."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model.ifcfg import assignments, lines, link
from support.ifcfg import read


@pytest.mark.parametrize('device,text,anchor', [
    ('eth0.100', 'VLAN=yes\n', 'vlan://eth0/100'), ('eth0.0100', 'VLAN=on\n', 'vlan://eth0/100'),
    ('em1.5.7', 'VLAN=yes\n', 'vlan://em1.5/7'), ('eth0.100', 'VLAN=yes\nPHYSDEV=eth0\nVLAN_ID=100\n', 'vlan://eth0/100'),
    ('vlan100', 'VLAN=yes\nPHYSDEV=eth1\n', 'vlan://eth1/100'), ('v', 'TYPE=Vlan\nVLAN=yes\nPHYSDEV=eth1\nVID=7\n',
                                                                 'vlan://eth1/7'),
    ('v', 'ANCHOR=vlan://eth1/7\nVLAN=yes\nPHYSDEV=eth1\nVLAN_ID=7\n', 'vlan://eth1/7'),
    ('eth0.100', 'VLAN=no\nPEER=x\n', None), ('eth0.100', 'PEER=x\n', None), ('eth0.100', 'VLAN=\nPEER=x\n', None)])
def test_a_vlan_hangs_on_its_nic(device, text, anchor):
    assert read(text, device).anchor == anchor


@pytest.mark.parametrize('device,text,message', [
    ('v', 'VLAN=yes\n', 'f:1: VLAN: the NIC is not given: it needs PHYSDEV, or a name such as eth0.100'),
    ('vlan7', 'VLAN=yes\n', 'f:1: VLAN: the NIC is not given'),
    ('v', 'VLAN=yes\nPHYSDEV=eth0\n', 'f:1: VLAN: the ID is not given: it needs VLAN_ID'),
    ('eth0.7', 'VLAN=yes\nPHYSDEV=eth1\n', 'f:2: PHYSDEV: the NIC is eth1, but the name of the link says eth0'),
    ('eth0.7', 'VLAN=yes\nVID=8\n', 'f:2: VID: the ID is 8, but the name of the link says 7'),
    ('v', 'VLAN=yes\nPHYSDEV=eth0\nVLAN_ID=4095\n', '4095 is not the ID of a VLAN (1 to 4094)'),
    ('eth0.0', 'VLAN=yes\n', 'f:1: VLAN: the ID is not given'),
    ('v', 'VLAN=yes\nPHYSDEV=eth0\nVLAN_ID=10\nVID=11\n', 'f:4: VID: the ID is 11, but VLAN_ID says 10'),
    ('v', 'PHYSDEV=eth0\n', 'f:1: PHYSDEV: VLAN=yes is needed with it'),
    ('v', 'VLAN=maybe\n', 'f:1: VLAN: neither yes nor no: maybe'),
    ('eth0.7', 'VLAN=yes\nPEER=x\n', 'f:2: PEER: the link is attached to vlan://eth0/7 and has no other end'),
    ('eth0.7', 'ANCHOR=dummy://\nVLAN=yes\n', 'f:1: ANCHOR: the link is the VLAN vlan://eth0/7'),
    ('eth0.7', 'TYPE=Bridge\nVLAN=yes\n', 'VLAN: a bridge has none here')])
def test_what_makes_no_vlan_is_named_with_its_line(device, text, message):
    with pytest.raises(UsageError) as caught:
        read(text, device)
    assert message in caught.value.message


def test_what_says_no_more_without_vlan_is_a_remark():
    assert read('PEER=x\nVLAN=no\nPHYSDEV=eth0\n', 'v').remarks == [(3, 'PHYSDEV has no effect here: VLAN is no')]


def test_a_new_file_says_it_as_an_anchor_and_an_old_one_keeps_its_words():
    made = read('VLAN=yes\n', 'eth0.7')
    assert ('ANCHOR', 'vlan://eth0/7') in assignments.to_items(made)
    assert link.from_lines(lines.parse('ANCHOR=vlan://eth0/7\n', 'f'), 'f', 'eth0.7') == made
