"""Short forms of the operations that make links."""
from __future__ import absolute_import, division, print_function

from netnsctl.model.operations import AddLink, DeleteLink


def add_veth(ns, dev, mac, mtu, peer_ns, peer_dev, peer_mac, peer_mtu):
    return AddLink(ns, dev, mac, mtu, 'veth', peer=(peer_ns, peer_dev, peer_mac, peer_mtu))


def add_bridge(ns, dev, mac):
    return AddLink(ns, dev, mac, None, 'bridge')


def delete_bridge(ns, dev, mac):
    return DeleteLink(ns, dev, mac=mac, kind='bridge')
