"""From wires to the files that describe them: the inverse of reading. Text by jinja2, quoting by model.ifcfg.lines."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import templates
from netnsctl.errors import UsageError
from netnsctl.model.endpoint import Target
from netnsctl.model.ifcfg import link, lines, route_files, spaces
from netnsctl.usecases.config_tree import PLACE

TEMPLATE = 'ifcfg.j2'


class Described(object):
    """What the tree says of one link. space: name of the folder; link: link.Link; routes, rules: as Endpoint has
    them."""
    __slots__ = ('space', 'link', 'routes', 'rules')

    def __init__(self, space, parsed, routes=(), rules=()):
        self.space, self.link, self.routes, self.rules = space, parsed, tuple(routes), tuple(rules)

    def place(self, prefix='ifcfg-', root=PLACE):
        return '%s/%s/%s%s' % (root, self.space, prefix, self.link.device)


def describe(name, a, b):
    """What the tree is to say of a wire between two Endpoints with schemes and interface names: list of Described.

    UsageError for what cannot be saved: a PID, a path, an interface name that initscripts could not read.
    """
    found = []
    for end, peer in ((a, b), (b, a)):
        if end.target.scheme == 'bridge':
            found += _describe_bridge(end, peer)
        else:
            found.append(_describe_end(name, end, peer))
    return found


def _describe_end(name, end, peer):
    if not end.ifname:
        raise UsageError('%s: an interface name is needed to save it' % end.place())
    parsed = link.Link(end.ifname, netns=end.target, wire=name, mac=end.mac, mtu=end.mtu, scope=end.scope)
    if peer.target.scheme == 'bridge':
        parsed.bridge, parsed.peer = peer.target.name, peer.ifname
    else:
        spaces.space_of(peer.target)
        parsed.peer, parsed.peer_netns = peer.ifname, peer.target
    parsed.addresses = tuple(address for address in end.addresses if ':' not in address)
    parsed.addresses6 = tuple(address for address in end.addresses if ':' in address)
    for gateway in end.gateways:
        setattr(parsed, 'gateway6' if ':' in gateway else 'gateway', gateway)
    routes = list(end.routes)
    for route in end.routes:
        # METRIC and SRCADDR go with GATEWAY: link's own way to say it.
        if route.dst == '0.0.0.0/0' and route.via and parsed.gateway is None and _is_plain(route):
            parsed.gateway, parsed.metric, parsed.srcaddr = route.via, route.metric, route.src
            routes.remove(route)
    return Described(spaces.space_of(end.target), parsed, routes, end.rules)


def _is_plain(route):
    """Has a route nothing that GATEWAY, METRIC and SRCADDR could not say?"""
    return route == type(route)(route.dst, route.via, metric=route.metric, src=route.src)


def _describe_bridge(end, peer):
    if peer.target.scheme == 'host':
        raise UsageError('%s: a link of the host\'s that is plugged into a bridge cannot be saved' % peer.place())
    if not end.addresses:
        return []
    parsed = link.Link(end.target.name, type=link.BRIDGE, netns=Target('host', ''))
    parsed.addresses = tuple(address for address in end.addresses if ':' not in address)
    parsed.addresses6 = tuple(address for address in end.addresses if ':' in address)
    return [Described(spaces.HOST, parsed)]


def render(items):
    """Assignments [(key, value)] -> the text of a new file. UsageError for a value that cannot stand in one."""
    try:
        quoted = [(key, lines.quote(value)) for key, value in items]
    except ValueError as error:
        raise UsageError('a value cannot be saved: it holds %s' % error)
    return templates.render(TEMPLATE, {'items': quoted})


def render_link(described, text=None):
    """The text of an ifcfg file, new or with its comments and other keys kept from text. UsageError."""
    items = link.to_items(described.link)
    if text is None:
        return render(items)
    from netnsctl.model.ifcfg import fields
    parsed = lines.parse(text, described.place())
    if link.from_lines(parsed, described.place(), described.link.device) == described.link:
        return text
    return lines.update(parsed, items, fields.is_acted)


def side_files(described, root=PLACE):
    """The texts of the route and rule files beside it: list of (place, text; '' where there is nothing to say)."""
    device = described.link.device
    rows = {'route-': [], 'route6-': [], 'rule-': [], 'rule6-': []}
    for route in described.routes:
        rows['route6-' if ':' in route.dst else 'route-'].append(route.words(device))
    for rule in described.rules:
        rows['rule6-' if rule.family == 6 else 'rule-'].append(rule.words())
    return [(described.place(prefix, root), route_files.render(rows[prefix])) for prefix in sorted(rows)]


def render_wires(wires, root=PLACE):
    """The files of new wires [(name, Endpoint, Endpoint)]: {place: text}. UsageError where two say different things."""
    found = {}
    for name, a, b in wires:
        for described in describe(name, a, b):
            texts = [(described.place(root=root), render_link(described))]
            for place, text in texts + [row for row in side_files(described, root) if row[1]]:
                if found.get(place, text) != text:
                    raise UsageError('%s: two wires say different things of it' % place)
                found[place] = text
    return found
