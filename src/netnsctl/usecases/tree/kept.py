"""The tree read once for all wires that are saved under one lock, and kept as it is by what each of them writes."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import config_files
from netnsctl.errors import NetnsctlError
from netnsctl.model.ifcfg import file_names, spaces
from netnsctl.model.ifcfg.interface import HOST
from netnsctl.model.ifcfg.link import BRIDGE
from netnsctl.usecases.recorded import claiming, existing
from netnsctl.usecases.tree import PLACE, matching, outdated, reading


class Kept(object):
    """The tree, for a session with the lock of the state held: nobody else saves meanwhile, and what is edited by hand
    is seen in the texts that a save reads. tree: the Tree as it was read. is_swept: were the temp files of killed saves
    removed under this lock?

    A wire is one of the tree as long as it is not saved; of those that are, only what other wires have to do with is
    kept: which links there are, which bridges they are plugged into, and what the records say of these.
    """

    def __init__(self, session):
        self._session, self.is_swept = session, False
        self.tree = reading.read(session.host)
        self._named, self._at, self._done = {}, {}, set()  # {name: SavedWires}; {(Target, name): SavedWires}
        for wire in self.tree.wires:
            for name in outdated.names_of(wire):
                self._named.setdefault(name, []).append(wire)
            for end in [end for end in wire.ends if end.ifname]:
                self._at.setdefault((end.target, end.ifname), []).append(wire)
        self._items, self._naming, self._plugged = {}, {}, {}  # {key: Interface}; {key: keys}; {bridge: keys}
        for item in self.tree.interfaces:
            self._put(item.key, item)
        self._saved = set()  # the names of wires that were saved, and the keys of their links
        self._unwired = self._saying = None  # {bridge: SavedWires}; {word of a bridge: names of records}

    def is_of(self, record):
        """Does it know what the files of a record say? Not once they were written."""
        links = [(end.parsed_target(), end.dev) for one in (record, record.replaces) if one for end in one.ends]
        return not self._saved.intersection([record.name] + links)

    def of(self, record, replaced):
        """The SavedWires of a record, by its name, and of those that it took the place of, by their ends: list."""
        found = list(self._named.get(record.name, ()))
        for other in replaced:
            for end in other.ends:
                found += [wire for wire in self._at.get((end.parsed_target(), end.dev), ())
                          if wire not in found and existing.by_text(other, *wire.ends)]
        return [wire for wire in found if wire not in self._done]

    def files_of(self, wires):
        """outdated.files_of() these SavedWires."""
        going = outdated.keys_of(wires)
        names = set(end.target.name for wire in wires for end in wire.ends if end.target.scheme == 'bridge')
        return outdated.files_with(self._session.host, wires, [self._items.get((HOST, name)) for name in names
                                   if not self.tree.problems and self._plugged.get(name, going).issubset(going)])

    def unsaid(self, said, records, own):
        """outdated.unsaid() for these records, whose SavedWires are own."""
        self._look_at_records()
        bridges, kept = sorted(set(words[0] for words in said)), set()
        for wire in [wire for bridge in bridges for wire in self._unwired.get(bridge, ())]:
            if wire not in own and wire not in self._done and not any(
                    existing.by_text(record, *wire.ends) for record in records):
                kept |= claiming.said_of_bridges(wire.ends)
        names = set(record.name for record in records)
        kept |= set(words for words in said.union((bridge, '', 'ipv6') for bridge in bridges)
                    if not self._saying.get(words, names).issubset(names))
        return outdated.without([self._items[HOST, bridge] for bridge in bridges if (HOST, bridge) in self._items],
                                said, kept)

    def _look_at_records(self):
        """Few wires are saved of which a bridge's file may say too much."""
        if self._saying is not None:
            return
        self._unwired, self._saying = {}, {}
        recorded = matching.Recorded(self._session, self.tree.wires)
        for wire in self.tree.wires:
            bridges = set(end.target.name for end in wire.ends if end.target.scheme == 'bridge')
            for bridge in bridges if bridges and recorded.exact(wire) is None else ():
                self._unwired.setdefault(bridge, []).append(wire)
        for record in self._session.recorded():
            self._note_said(record)

    def _note_said(self, record):
        for words in claiming.said_by(record):
            self._saying.setdefault(words, set()).add(record.name)

    def note(self, record, changes):
        """A record was saved, which wrote [(place, text, or None)]: is the rest as it was? If not, what is kept is not
        the tree any more."""
        own = self.of(record, [record.replaces] if record.replaces else [])
        if self._saying is not None:
            gone = set([record.name, (record.replaces or record).name])
            for words in (claiming.said_by(record.replaces) if record.replaces else ()):
                self._saying.get(words, set()).difference_update(gone)
            self._note_said(record)
        if not changes:
            return True
        links = dict(((item.space, item.link.device), item.key)
                     for wire in own for item in wire.interfaces if item is not None)
        try:
            return self._note_links(record, links, set(_link_of(place) for place, _ in changes).union(links), own)
        except NetnsctlError:
            return False  # whoever reads the tree reports it

    def _note_links(self, record, own_links, links, own):
        """The files of these links (directory, name), of which own_links {link: key} had files of the wire's before,
        may have changed."""
        if any(not problem.spaces or set(problem.spaces).intersection(space for space, _ in links)
               for problem in self.tree.problems):
            return False
        before, now = set(own_links.values()), []
        for space, device in sorted(links):
            folder = '%s/%s' % (PLACE, space)
            names = config_files.list_folder(self._session.host, folder)
            item = reading.read_interface(self._session.host, folder, space, device, names) \
                if reading.PREFIX + device in names else None
            key = own_links.get((space, device)) or (spaces.target_of(space), device)
            old = self._items.get(key) if key not in before else None
            if old is not None and old.link.type == BRIDGE and (item is None or item.link.type == BRIDGE):
                self._put(key, item)
            elif old is None and (item is None or item.link.type != BRIDGE or key not in before):
                self._put(key, item)
                now += [item] if item is not None and item.link.type != BRIDGE else []
            else:
                return False  # it was another wire's
        keys, peers = before.union(item.key for item in now), set(_peer_of(item) for item in now) - set([None])
        self._done.update(own)
        self._saved.update(keys.union([record.name]))
        return not peers.difference(keys).intersection(self._items) and all(
            self._naming.get(key, keys).issubset(keys) for key in keys.union(peers))

    def _put(self, key, item):
        """The file of a link says this Interface now; None: it is gone."""
        old = self._items.pop(key, None)
        if old is not None:
            self._naming.get(_peer_of(old), set()).discard(key)
            self._plugged.get(old.link.bridge, set()).discard(key)
        if item is not None:
            self._items[key] = item
            self._naming.setdefault(_peer_of(item), set()).add(key)
            self._plugged.setdefault(item.link.bridge, set()).add(key)


def _peer_of(item):
    """The key of the other end that an Interface names; None if it names none."""
    return None if item.link.peer is None else (item.link.peer_netns or HOST, item.link.peer)


def _link_of(place):
    """The link that a file of the tree is about: (directory, name)."""
    space, name = place[len(PLACE) + 1:].split('/')
    device = name.partition('-')[2]
    return space, file_names.parent_of(device) or device
