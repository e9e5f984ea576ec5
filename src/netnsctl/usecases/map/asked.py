"""What was asked for an end of a wire and the kernel does not say of its link, or not in these words."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.survey.more import ranges
from netnsctl.model.features import uplink


def publishes(data):
    """The ports that an end publishes, as a map has them: list. data: pairs of text, as Endpoint.data."""
    found = []
    for port in uplink.ports_of(data):
        one = {'address': port.address or '', 'port': port.first, 'to': port.to, 'protocol': port.protocol}
        if port.last != port.first:
            one['last'] = port.last
        found.append(one)
    return found


def vlans(data):
    """{'untagged', 'tagged'} of the port of a switch by its items tag= and trunks=, or None of a port with neither."""
    tags = [int(value) for key, value in data if key == 'tag']
    trunks = sorted(int(value) for key, value in data if key == 'trunks')
    if not tags and not trunks:
        return None
    return {'untagged': tags[0] if tags else None, 'tagged': ranges(number for number in trunks if number)}


def of(end):
    """What the link of an Endpoint has, of 'publishes', 'shaping' and 'vlans': dict."""
    found = {'publishes': publishes(end.data), 'shaping': ['%s=%s' % pair for pair in end.shaping],
             'vlans': vlans(end.data) if end.target.scheme in ('bridge', 'ovs') else None}
    return dict((key, value) for key, value in found.items() if value)
