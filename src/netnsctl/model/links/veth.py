"""veth: a pair of links, each in its namespace, made at once.

linux/veth.h. An end can be told by its peer, which no container can forge: execution.identity knows pairs.
"""
from __future__ import absolute_import, division, print_function

import errno

from netnsctl.model.links import Kind, Way
from netnsctl.model.operations import AddLink, MoveLink


def create_then_move(link, temporary):
    """Both ends beside each other in the first namespace, the second of which is then moved to its own."""
    peer = link.peer
    if link.ns == peer.ns:
        return None
    return (link.replaced(peer=peer._replace(ns=link.ns, dev=temporary)),
            MoveLink(link.ns, temporary, peer.ns, peer.dev))


kind = Kind(
    'veth',
    usual_mtu=1500,  # ether_setup()
    attempt='make the veth pair {dev} in {ns} and {peer_dev} in {peer_ns}',
    attributes=lambda link, peer: [['VETH_INFO_PEER', {'attrs': peer}]],
    probe=lambda name, lower: (AddLink('host', name, None, None, 'veth', peer=('host', lower, None, None)),),
    # VETH_INFO_PEER with a namespace of its own: rtnl_create_link's source namespace.
    way=Way('2.6.33 (EL6: 2.6.32-431)', (errno.EOPNOTSUPP, errno.EINVAL), operations=create_then_move),
)
