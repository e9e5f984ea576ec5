"""TYPE=OVSPort in an ifcfg file, as the ifup-ovs of Open vSwitch reads it."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model.ifcfg import assignments, lines, link
from support.ifcfg import read

PORT = 'TYPE=OVSPort\nOVS_BRIDGE=br-int\n'


@pytest.mark.parametrize('text,anchor,peer', [
    (PORT, 'ovs://br-int', None), (PORT + 'OVS_OPTIONS="tag=100"\n', 'ovs://br-int=tag=100', None),
    (PORT + 'DEVICETYPE=ovs\nPEER=p0\nOVS_OPTIONS="trunks=20,0,10"\n', 'ovs://br-int=trunks=0,trunks=10,trunks=20',
     'p0'),
    (PORT + 'OVS_OPTIONS="tag=5 vlan_mode=access"\n', 'ovs://br-int=tag=5', None),
    (PORT + 'OVS_OPTIONS="trunks=[7] vlan_mode=trunk"\n', 'ovs://br-int=trunks=7', None),
    (PORT + 'OVS_OPTIONS="trunks=7 tag=5 vlan_mode=native-untagged"\n', 'ovs://br-int=tag=5,trunks=7', None),
    ('ANCHOR=ovs://br-int:p0=tag=5\n', 'ovs://br-int=tag=5', 'p0'),
    ('TYPE=OVSPort\nANCHOR=ovs://br-int\n', 'ovs://br-int', None)])
def test_a_port_is_of_its_bridge_with_its_vlans(text, anchor, peer):
    made = read(text)
    assert (made.type, made.anchor, made.peer) == ('OVSPort', anchor, peer)


@pytest.mark.parametrize('text', [PORT, PORT + 'PEER=p0\nOVS_OPTIONS="tag=5 trunks=7,8 vlan_mode=native-untagged"\n'])
def test_it_is_written_in_those_words(text):
    made = read(text)
    items = assignments.to_items(made)
    assert [(key, value) for key, value in items if key[:3] in ('TYP', 'OVS', 'PEE', 'ANC')] == sorted(
        (tuple(line.replace('"', '').split('=', 1)) for line in text.splitlines()),
        key=lambda pair: ('TYPE', 'PEER', 'OVS_BRIDGE', 'OVS_OPTIONS').index(pair[0]))
    again = ''.join('%s=%s\n' % (key, lines.quote(value)) for key, value in items)
    assert link.from_lines(lines.parse(again, 'f'), 'f', made.device) == made


@pytest.mark.parametrize('text,message', [
    ('OVS_BRIDGE=br-int\n', 'f:1: OVS_BRIDGE: TYPE=OVSPort is needed with it'),
    ('TYPE=Bridge\nOVS_OPTIONS="tag=1"\n', 'f:2: OVS_OPTIONS: TYPE=OVSPort is needed with it'),
    ('TYPE=OVSPort\n', 'f:1: TYPE: OVSPort, but OVS_BRIDGE does not say of which bridge'),
    (PORT + 'OVS_OPTIONS="tag=4095"\n',
     'f:3: OVS_OPTIONS: endpoint ovs://br-int=tag=4095: 4095 is not the ID of a VLAN'),
    (PORT + 'OVS_OPTIONS="bond_mode=active-backup"\n', 'f:3: OVS_OPTIONS: bond_mode=active-backup is not an option'),
    (PORT + 'OVS_OPTIONS="tag=1 tag=2"\n', 'f:3: OVS_OPTIONS: tag= is given twice'),
    (PORT + 'OVS_OPTIONS="tag=1 vlan_mode=trunk"\n',
     'f:3: OVS_OPTIONS: vlan_mode=trunk: with these VLANs the port is access'),
    (PORT + 'OVS_OPTIONS="tag=1 trunks=2"\n', 'go together with vlan_mode=native-untagged alone'),
    ('TYPE=OVSPort\nOVS_BRIDGE="--"\n', 'f:2: OVS_BRIDGE: endpoint ovs://--'),
    (PORT + 'ANCHOR=ovs://br-ex\n', 'f:3: ANCHOR: the link is the port ovs://br-int'),
    (PORT + 'BRIDGE=br0\n', 'f:3: BRIDGE: the link is attached to ovs://br-int and has no other end'),
    (PORT + 'PEER_NETNS=docker://db\n', 'f:3: PEER_NETNS: the link is attached to ovs://br-int')])
def test_what_makes_no_port_is_named_with_its_line(text, message):
    with pytest.raises(UsageError) as caught:
        read(text)
    assert message in caught.value.message
