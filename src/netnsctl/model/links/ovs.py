"""ovs: a veth whose near end is a port of an Open vSwitch bridge, `ovs://br-int=tag=100`.

The link is made like any pair; the port is a row in Open vSwitch's database, which only ovs-vsctl changes, and which
outlives the link and a reboot of the host. ovs-vswitchd.conf.db(5), the table Port.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError
from netnsctl.model.links import Key, Kind, item_of, nic_name
from netnsctl.model.operations import AddLink, SetUp

ID_MAX = 4094  # 4095 is reserved (IEEE 802.1Q)


def _vlan(low):
    """The reader of the ID of a VLAN, from low on."""
    def read(text):
        if not re.match('(0|[1-9][0-9]{0,3})$', text) or not low <= int(text) <= ID_MAX:
            raise UsageError('%s is not the ID of a VLAN (%d to %d)' % (text or 'nothing', low, ID_MAX))
        return text
    return read


def trunks_of(data):
    """The VLANs that a port carries tagged: list of int, in order. data: pairs of text."""
    return sorted(int(value) for key, value in data or () if key == 'trunks')


def columns_of(data):
    """What the row of a port says of its VLANs: list of (column, text), in the words of ovs-vsctl.

    With a tag alone the port is an access port. With trunks alone it is a trunk, and 0 among them stands for what has
    no tag. With both, the tag is of what has none, which Open vSwitch has to be told.
    """
    tag, trunks = dict(data or ()).get('tag'), trunks_of(data)
    found = [('tag', tag)] if tag else []
    found += [('trunks', ','.join('%d' % number for number in trunks))] if trunks else []
    return found + ([('vlan_mode', 'native-untagged')] if tag and trunks else [])


def _steps(end, anchor):
    from netnsctl.model.ports import AddPort  # no other kind has one
    return [AddLink(end.ns, end.dev, end.mac, end.mtu, 'veth',
                    peer=(anchor.ns, anchor.dev, anchor.mac, anchor.mtu)),
            AddPort(anchor.ns, anchor.dev, anchor.anchor, anchor.wire, anchor.data, anchor.stale),
            SetUp(anchor.ns, anchor.dev)]


def _network(anchor):
    tag = item_of(anchor, 'tag')
    return '%s/%s' % (anchor.anchor, tag) if tag else anchor.anchor


def _asked_at(anchor):
    """The bridge's own port carries without a tag what is in no VLAN."""
    trunks = trunks_of(anchor.data)
    return None if item_of(anchor, 'tag') or trunks and 0 not in trunks else anchor.anchor


kind = Kind(
    'veth',
    usual_mtu=1500,
    read_name=nic_name,
    has_port=True,
    # Whether there is such a bridge, the database knows: usecases.switches.
    needs=lambda anchor: None,
    keys={'tag': Key(_vlan(1)), 'trunks': Key(_vlan(0), is_list=True)},
    steps=_steps,
    asked_at=_asked_at,
    network=_network,
    advice=lambda link, is_hosts: None,
)
