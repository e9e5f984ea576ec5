"""One look at the whole host: every namespace, its links, and how they are joined, as a document of plain data.

docs/map.schema.json says what the document holds. Nothing is changed, and nobody's namespace can make the look fail:
what cannot be read is said in the document.
"""
from __future__ import absolute_import, division, print_function

import os
import time

from netnsctl.compat import monotonic
from netnsctl.edge import netns
from netnsctl.edge.netlink import lookups
from netnsctl.edge.netlink import nsid as nsids
from netnsctl.edge.runtimes import listing
from netnsctl.edge.survey import places, reading
from netnsctl.errors import KernelError, NetnsctlError
from netnsctl.usecases.map import joining, switched, wired

VERSION = 1
SECONDS = 60.0  # for the reading of all namespaces: each may take as long as edge.netlink.rtnl waits
PROCESSES = 3  # of a namespace that are named
HOST = 'host'
FORWARDING = (('IPv4', '/proc/sys/net/ipv4/ip_forward'), ('IPv6', '/proc/sys/net/ipv6/conf/all/forwarding'))


class Seen(object):
    """A network namespace. id: the target that means it. place: edge.survey.places.Place, None of one that only its
    number (nsid) in the host's leads to. running: containers in it. links, more, gateways: of
    edge.survey.reading.Contents. unread: why its links are not known, or None."""

    def __init__(self, identity, place, running=()):
        self.id, self.place, self.running = identity, place, list(running)
        self.links, self.more, self.gateways, self.unread, self.nsid, self.notes = [], 0, [], None, None, []
        self.contents, self._by_index = None, {}

    def open(self):
        """edge.netns.Netns. KernelError if it may not be opened, or is gone."""
        try:
            opened = netns.Netns(self.place.open(), self.id, self.place.paths[0])
        except EnvironmentError as error:
            raise KernelError('open %s: %s' % (self.id, error.strerror), error.errno)
        if self.id == HOST:
            opened.is_here()
        return opened

    def take(self, contents):
        self.contents = contents
        self.links, self.more, self.gateways = contents.links, contents.more, contents.gateways
        self.notes = contents.notes
        self._by_index = dict((link.index, link) for link in contents.links)

    def link_at(self, index):
        """edge.survey.links.Link, or None."""
        return self._by_index.get(index)


def look(session, each=None):
    """The document. each(opened): called with the edge.netns.Netns of each namespace before it is read."""
    running, notes = listing.running(session.host)
    found, home, more = places.find()
    notes = more + notes
    seen = _seen(found, home, running)
    deadline = monotonic() + SECONDS
    for one in seen:
        _read(one, deadline, None if one.id == HOST else reading.LINKS, each)
    joints = joining.join(seen, nsids.is_supported())
    _add_unseen(seen, joints)
    known = dict((one.place.key, (number, one.contents)) for number, one in enumerate(seen) if one.place)
    wires = wired.wires(session, known)
    ends = dict((at, fields) for wire in wires for at, fields in wire.pop('at') if at)
    spaces = [_to_json(seen, number, joints, ends) for number in range(len(seen))]
    _name_bridges(spaces[0]['links'], running)
    spaces[0]['forwards'] = [family for family, switch in FORWARDING
                             if (session.host.read(switch) or '').strip() == '1']
    notes += ['%s: %s' % (one.id, note) for one in seen for note in one.notes]
    notes += switched.add(session.host, spaces[0]['links'])
    return {'version': VERSION, 'time': int(time.time()), 'hostname': os.uname()[1], 'namespaces': spaces,
            'wires': [_named_ends(seen, wire) for wire in wires], 'notes': notes + session.notices}


def _seen(found, home, running):
    """List of Seen, the host's own first, then those of containers, names, processes, in this order."""
    inside = {}
    by_pid = dict((one.container.pid, one) for one in running)
    for place in found.values():
        inside[place.key] = [by_pid[pid] for pid in place.pids if pid in by_pid]
    rest = []
    for place in found.values():
        if place.key != home:
            rank, identity = _identity(place, inside[place.key])
            rest.append((rank, identity, Seen(identity, place, inside[place.key])))
    rest.sort(key=lambda item: item[:2])
    return [Seen(HOST, found[home], inside[home])] + [one for _, _, one in rest]


def _identity(place, running):
    """(rank, the target that means a namespace)."""
    if running:
        return 0, min('%s://%s' % (one.container.scheme, one.container.name) for one in running)
    if place.names:
        return 1, 'netns://%s' % place.names[0]
    if place.pids:
        return 2, 'pid://%d' % place.pids[0]
    return 3, 'path://%s' % (place.mounts[0] if place.mounts else place.paths[0])


def _read(one, deadline, limit, each):
    try:
        if monotonic() > deadline:
            raise NetnsctlError('there was no time left')
        opened = one.open()
        try:
            if each is not None:
                each(opened)
            one.take(reading.read(opened, limit))
        finally:
            opened.close()
    except NetnsctlError as error:
        one.unread = error.message


def _add_unseen(seen, joints):
    """Adds the namespaces that nothing leads to but links of the host's, and the links of those that may not be
    entered."""
    if not joints.unseen:
        return
    home, added = seen[0].open(), {}
    try:
        closed = _closed(home, seen)
        for nsid, index in joints.unseen:
            if nsid not in added:
                contents = reading.beyond(home.rtnl(), nsid)
                added[nsid] = None
                if contents is not None and nsid in closed:
                    one = seen[closed[nsid]]
                    one.take(contents)
                    one.notes, one.unread, added[nsid] = [one.unread], None, closed[nsid]
                elif contents is not None:
                    one = Seen('nsid://%d' % nsid, None)
                    one.nsid = nsid
                    one.take(contents)
                    added[nsid] = len(seen)
                    seen.append(one)
            there, below = added[nsid], joints.to[0, index][1]
            if there is not None:
                joints.to[0, index] = (there, below)
                joints.to[there, below] = (0, index)
    finally:
        home.close()


def _closed(home, seen):
    """{number of the host for a namespace that could not be read: its place in the list}"""
    found = {}
    for number, one in enumerate(seen):
        if one.unread is not None and number:
            try:
                opened = one.open()
            except NetnsctlError:
                continue
            try:
                found[lookups.nsid_of(home.rtnl(), opened.fd)] = number
            except NetnsctlError:
                pass
            finally:
                opened.close()
    return found


def _to_json(seen, number, joints, ends):
    one = seen[number]
    place = one.place
    document = {
        'id': one.id, 'links': [_link(seen, number, link, joints, ends) for link in one.links], 'more_links': one.more,
        'inode': place.key[1] if place else None, 'unread': one.unread,
        'names': place.names if place else [], 'mounts': place.mounts if place else [],
        'containers': [_container(running) for running in one.running],
        'processes': _processes(place.pids if place else [], one.id == HOST),
        'held_by': _named(place.holders if place and not place.pids else []),
        'gateways': [{'link': one.link_at(index).name, 'via': via} for index, via in one.gateways]}
    return document


def _name_bridges(links, running):
    """Writes the names of docker's networks into their bridges."""
    names = {}
    for one in running:
        names.update(one.bridges)
    for link in links:
        if link['kind'] == 'bridge' and link['name'] in names:
            link['network'] = names[link['name']]


def _container(running):
    container = running.container
    return {'runtime': container.scheme, 'name': container.name, 'id': container.identity, 'pid': container.pid,
            'ports': [{'address': port.address, 'port': port.port, 'to': port.to, 'protocol': port.protocol}
                      for port in running.ports]}


def _processes(pids, is_host):
    return {'count': len(pids), 'first': [] if is_host else _named(pids[:PROCESSES])}


def _named(pids):
    return [{'pid': pid, 'command': places.command_of(pid)} for pid in pids]


def _link(seen, number, link, joints, ends):
    found = {'index': link.index, 'name': link.name, 'kind': link.sort, 'state': link.state, 'up': link.up,
             'carrier': link.carrier, 'mtu': link.mtu, 'mac': link.mac, 'addresses': link.addresses}
    for key in ('qdisc', 'alias', 'altnames', 'bus', 'port_state', 'details', 'shaping', 'vlans', 'remotes'):
        value = getattr(link, key)
        if value:
            found[key] = value
    if link.master is not None:
        master = seen[number].link_at(link.master)
        found['master'] = master.name if master else '?'
    to = joints.to.get((number, link.index))
    if to is not None:
        found['peer' if link.kind in joining.PEERS else 'parent'] = _other(seen, *to)
    found.update(ends.get((number, link.index), ()))
    return found


def _other(seen, number, index):
    """Where a link leads to: {'namespace': its id, 'link': its name}, None each where that is not known."""
    link = None if number is None else seen[number].link_at(index)
    return {'namespace': None if number is None else seen[number].id, 'link': link.name if link else None,
            'index': index}


def _named_ends(seen, wire):
    """Writes the ids of the namespaces of its ends in the place of their numbers."""
    for end in wire['ends']:
        number = end['namespace']
        end['namespace'] = None if number is None else seen[number].id
    return wire
