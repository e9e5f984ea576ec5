"""What the config tree describes, as a document like that of one look at the host: the kernel is not asked."""
from __future__ import absolute_import, division, print_function

import os
import time

from netnsctl.model.endpoint import Target
from netnsctl.model.links import item_of, kind_named
from netnsctl.model.names import default_name
from netnsctl.usecases.map import asked
from netnsctl.usecases.map.looking import HOST, VERSION
from netnsctl.usecases.tree import reading

SAVED = 'saved'  # the state of a wire of the tree
_NUMBERS = ('id', 'port')


def look(host):
    """The document. NetnsctlError if the tree cannot be read; what is wrong in its files is noted."""
    tree = reading.read(host)
    drawing = _Drawing()
    for item in tree.interfaces:
        if item.link.type == 'Bridge' and item.target == Target(HOST, ''):
            drawing.carrier(item.link.device, 'bridge').update(_settings(item.link.onboot, item.addresses, item.link))
    wires = [drawing.wire(wire) for wire in tree.wires]
    wires.sort(key=lambda wire: wire['name'])
    return {'version': VERSION, 'time': int(time.time()), 'hostname': os.uname()[1], 'offline': True,
            'namespaces': drawing.namespaces(), 'wires': wires, 'notes': [problem.message for problem in tree.problems]}


def _settings(is_up, addresses, link):
    found = {'up': is_up, 'carrier': is_up, 'addresses': list(addresses)}
    if link.mtu:
        found['mtu'] = link.mtu
    return found


class _Drawing(object):
    """The namespaces that the wires of a tree have to do with: {id: its part of the document}, and their links:
    {(id, name): its part}."""

    def __init__(self):
        self._spaces, self._links, self._nameless = {}, {}, 0
        self._space(HOST)

    def namespaces(self):
        """List of parts of the document, the host's own first."""
        return [self._spaces[key] for key in sorted(self._spaces, key=lambda key: (key != HOST, key))]

    def _space(self, identity):
        if identity not in self._spaces:
            scheme, _, name = identity.partition('://')
            self._spaces[identity] = {
                'id': identity, 'inode': None, 'names': [name] if scheme == 'netns' else [], 'mounts': [],
                'containers': [], 'held_by': [], 'gateways': [], 'processes': {'count': 0, 'first': []}, 'links': [],
                'more_links': 0, 'unread': None}
        return self._spaces[identity]

    def _link(self, identity, name, kind):
        """A link, which is added where it is not there yet."""
        if name is None:
            self._nameless += 1
            name = '?%d' % self._nameless
        key = identity, name
        if key not in self._links:
            self._links[key] = {'index': 0, 'name': name, 'kind': kind, 'state': 'unknown', 'up': True, 'carrier': True,
                                'mtu': 0, 'mac': '', 'addresses': []}
            self._space(identity)['links'].append(self._links[key])
        return self._links[key]

    def carrier(self, name, kind):
        """The link of the host that others hang on. Its kind is that of the first mention of more than a NIC."""
        link = self._link(HOST, name, kind)
        if link['kind'] == 'nic':
            link['kind'] = kind
        return link

    def wire(self, wire):
        """Adds the links of a SavedWire: what the document says of the wire."""
        name = wire.name or default_name(*wire.ends)
        anchors = [end for end in wire.ends if end.target.has_no_link and not end.target.has_port]
        anchor = anchors[0] if anchors else None
        ends, made = [], []
        for end, file_of in zip(wire.ends, wire.interfaces):
            link = None
            if end is not anchor:
                link = self._end(end, file_of, wire, anchor)
                link['wire'] = name
                made.append((_space_of(end), link))
            ends.append({'target': '%s' % end.target, 'link': link and link['name'], 'namespace': _space_of(end)})
        if len(made) == 2:
            for (_, link), (there, other) in zip(made, made[::-1]):
                link['peer'] = {'namespace': there, 'link': other['name'], 'index': 0}
        return {'name': name, 'state': SAVED, 'remarks': [], 'ends': ends}

    def _end(self, end, file_of, wire, anchor):
        """The link that an end has."""
        link = self._link(_space_of(end), end.ifname, anchor.target.scheme if anchor else 'veth')
        link.update(_settings(wire.onboot, end.addresses, end))
        link['mac'] = end.mac or ''
        scheme = end.target.scheme
        if scheme in ('bridge', 'ovs'):
            carrier = self.carrier(end.target.name, 'openvswitch' if scheme == 'ovs' else scheme)
            carrier['addresses'] += [one for one in end.addresses if one not in carrier['addresses']]
            link.update(master=carrier['name'], addresses=[])
        elif anchor is not None:
            self._hang(link, anchor)
        link.update(asked.of(end))
        if end.dhcp:
            link.setdefault('details', {})['dhcp'] = True
        for gateway in end.gateways:
            self._space(_space_of(end))['gateways'].append({'link': link['name'], 'via': gateway})
        return link

    def _hang(self, link, anchor):
        """What a link is by its anchor, and what it hangs on."""
        kind, (nic, pairs) = kind_named(anchor.target.scheme), _read_name(anchor)
        if kind.lends:
            link.update(kind='nic', altnames=[nic] if nic != link['name'] else [])
            return
        nic = nic or item_of(anchor, 'dev')
        if nic:
            self.carrier(nic, 'nic')
            link['parent'] = {'namespace': HOST, 'link': nic, 'index': 0}
        details = {}
        for key, value in reversed(pairs + anchor.data):  # the first of several remotes is the link's own
            if key in ('id', 'mode', 'remote', 'local', 'port'):
                details[key] = int(value) if key in _NUMBERS else value
        if link['kind'] == 'vlan':
            details['tag'] = details.pop('id')
        remotes = [value for key, value in anchor.data if key == 'remote'][1:]
        link.update((key, value) for key, value in (('details', details), ('remotes', remotes)) if value)


def _read_name(anchor):
    return kind_named(anchor.target.scheme).read_name(anchor.target.name)


def _space_of(end):
    return HOST if end.target.is_on_host else '%s' % end.target
