"""What other dumps than that of links say of the links of a namespace: shaping, VLANs of ports, remotes of a vxlan.

Each is asked for only where a link has such a thing. A list that cannot be read is a note, and hides nothing else.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.netlink import fdb, queues
from netnsctl.errors import NetnsctlError
from netnsctl.model import shaping

SHAPERS = ('tbf', 'netem')
REMOTES = 256  # of a link: a container may add any number


def add(rtnl, links):
    """Writes shaping, vlans and remotes of Links. Returns what could not be read: list of text."""
    notes = []
    for is_there, what, read in (
            (any(link.qdisc in SHAPERS for link in links), 'queues', _shaping),
            (any(link.details.get('vlan_filtering') for link in links), 'VLANs of bridge ports', _vlans),
            (any(link.kind == 'vxlan' for link in links), 'remotes of a vxlan', _remotes)):
        if is_there:
            try:
                read(rtnl, links)
            except NetnsctlError as error:
                notes.append('%s: %s' % (what, error.message))
    return notes


def _shaping(rtnl, links):
    """A netem may be inside a tbf, as netnsctl makes it, or the link's own queue."""
    values = {}
    for queue in queues.of_links(rtnl):
        values.setdefault(queue.index, {}).update(queue.values)
    for link in links:
        found = values.get(link.index, {})
        link.shaping = ['%s=%s' % (key, shaping.text_of(key, found[key])) for key in shaping.KEYS if found.get(key)]


def _vlans(rtnl, links):
    from netnsctl.edge.netlink import bridge_vlans  # few hosts filter VLANs
    bridges = set(link.index for link in links if link.details.get('vlan_filtering'))
    told = bridge_vlans.of_links(rtnl)
    for link in links:
        if link.master in bridges:
            own = told.get(link.index, {})
            untagged = bridge_vlans.own_vlan(own)
            link.vlans = {'untagged': untagged, 'tagged': ranges(sorted(
                number for number, flags in own.items() if not flags & bridge_vlans.UNTAGGED))}


def _remotes(rtnl, links):
    told = fdb.remotes(rtnl)
    for link in links:
        texts = [fdb.text_of(remote) for remote in told.get(link.index, ())[:REMOTES] if len(remote or b'') in (4, 16)]
        if texts and 'remote' in link.details and link.details['remote'] not in texts:
            link.details['remote'] = texts[0]  # the link still has the one that it was made with
        link.remotes = [text for text in texts if text != link.details.get('remote')] if link.kind == 'vxlan' else []


def ranges(numbers):
    """Ascending numbers as text: [1, 2, 3, 7] -> ['1-3', '7']."""
    found = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ['%d' % first if first == last else '%d-%d' % (first, last) for first, last in found]
