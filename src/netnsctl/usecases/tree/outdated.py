"""Which files of the tree describe wires, and which are left over from a wire before it was replaced."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import config_files
from netnsctl.model.ifcfg import file_names
from netnsctl.model.ifcfg.link import BRIDGE
from netnsctl.model.names import default_name
from netnsctl.usecases.recorded import claiming
from netnsctl.usecases.tree import PLACE, reading


def names_of(wire, record=None):
    """The names of a SavedWire: of its record, or that the files say, or that its ends make. list."""
    names = [record.name] if record is not None else []
    if wire.name:
        return names + [wire.name]
    return names + [default_name(*wire.ends), default_name(*reversed(wire.ends))]


def files_of(host, tree, wires):
    """The places of the files that describe these SavedWires of a Tree, in order. A bridge's goes with the last wire
    that the tree plugs into it, but stays where a file cannot be used, which may be that of another one."""
    return files_with(host, wires, [] if tree.problems else bridges_of(tree, wires))


def bridges_of(tree, wires):
    """The Interfaces of bridges that no other wire of a Tree is plugged into, as far as it was read: list."""
    going = keys_of(wires)
    staying = set(item.link.bridge for item in tree.interfaces if item.key not in going)
    return [bridge for wire in wires for bridge in wire.bridges
            if bridge is not None and bridge.link.device not in staying]


def keys_of(wires):
    """The keys of the links that these SavedWires have files of: set."""
    return set(item.key for wire in wires for item in wire.interfaces if item is not None)


def files_with(host, wires, bridges):
    """The places of the files that describe these SavedWires, and of these Interfaces of bridges, in order."""
    items = [item for wire in wires for item in wire.interfaces] + list(bridges)
    found = set()
    for item in dict((item.place, item) for item in items if item is not None).values():
        found.update(files_of_link(host, item.place.rpartition('/')[0], item.link.device))
    return sorted(found)


def files_of_link(host, folder, device):
    """The places of the files of one link in a directory of the tree: its own, its aliases', routes and rules. list."""
    found = []
    for name in config_files.list_folder(host, folder):
        prefix, _, rest = name.partition('-')
        if prefix + '-' in (reading.PREFIX,) + reading.SIDE_PREFIXES and not file_names.is_copy(rest) \
                and device in (rest, file_names.parent_of(rest)):
            found.append('%s/%s' % (folder, name))
    return found


def unsaid(tree, said, wires, records):
    """What the files of bridges have that no wire says any more: list of (Interface of the bridge, set of (VLAN or '',
    word), does a wire still want IPv6 there?).

    said: what wires said that do not any more, as claiming.said_of_bridges() has it. wires: SavedWires of the Tree that
    are not wired; records: those that are. What either says stays, and so does what nobody is known to have said.
    """
    concerned, kept = set(words[0] for words in said), set()
    if not concerned:
        return []
    for wire in wires:
        kept |= claiming.said_of_bridges(wire.ends)
    for record in records:
        kept |= claiming.said_by(record)
    return without([item for item in tree.interfaces if item.link.type == BRIDGE and item.link.device in concerned],
                   said, kept)


def without(bridges, said, kept):
    """unsaid() of these Interfaces of bridges. kept: what is still said, as said has it."""
    return [(item, set(words[1:] for words in said - kept if words[0] == item.link.device),
             (item.link.device, '', 'ipv6') in kept) for item in bridges]


def unsaid_anew(tree, wires, places):
    """unsaid() of wires [(name, Endpoint, Endpoint)] whose files, at these places of a Tree, are rendered again. One at
    a bridge of which none of them says anything leaves the file as it is, and so does a file that cannot be used, which
    may be another wire's."""
    ends = [end for _, a, b in wires for end in (a, b)]
    before, now = set(), claiming.said_of_bridges(ends)
    bridges = set(end.target.name for end in ends if end.target.scheme == 'bridge')
    silent = bridges - set(words[0] for words in now)
    own = [wire for wire in tree.wires if any(item is not None and item.place in places for item in wire.interfaces)]
    for wire in own if not tree.problems else ():
        before |= set(words for words in claiming.said_of_bridges(wire.ends) if words[0] not in silent)
    others = [wire for wire in tree.wires if wire not in own]
    return unsaid(tree, before - now, others, ())


def lost_aliases(item, gone):
    """The places of a bridge's aliases of which no wire says any address any more. item, gone: as unsaid() has them."""
    return [alias.place for alias in item.aliases if not alias.is_left and all(
        (item.link.tag or '', address) in gone for address in alias.addresses)]


class Before(object):
    """The tree's files for recorded wires, before these are saved. tree: kept.Kept; found: the records; replaced:
    records that they took the place of; is_new: were they not wired until now? records: all of these."""

    def __init__(self, session, tree, found, replaced=(), is_new=False):
        self._host, self._found, self.tree = session.host, found, tree
        self.records = list(found) + list(replaced)
        self._said = set()
        for record in replaced:
            self._said |= claiming.said_by(record)
        for record in self.records:
            self._said |= claiming.unsaid_by(record)
        self._wires_of = dict((record.name, tree.of(record, replaced)) for record in found)
        self._own = [wire for wires in self._wires_of.values() for wire in wires]
        self.files = tree.files_of(self._own)
        for record in found if is_new else ():
            self._note_unwired(record)

    def _note_unwired(self, record):
        """A wire of the tree said what the file of its bridge says, if it was not wired. One that is at the same bridge
        now and says nothing of it leaves the file as it is."""
        bridges = set(end.bridge for end in record.ends)
        bridges -= set(words[0] for words in claiming.said_by(record))
        for wire in self._wires_of[record.name]:
            self._said |= set(words for words in claiming.said_of_bridges(wire.ends) if words[0] not in bridges)

    def unsaid(self):
        """unsaid() of these."""
        for record in self._found if self._said else ():
            self._said -= claiming.said_by(record)
        return self.tree.unsaid(self._said, self._found, set(self._own)) if self._said else []

    def renamed(self, name, described, all_described):
        """The place of the file of a link that has another name now in the same namespace, where a rendering.Described
        of the wire `name` has none yet: None, or the one file of that wire in its directory that is of none of its
        links."""
        folder = '%s/%s' % (PLACE, described.space)
        links = [item.place for wire in self._wires_of[name] for item in wire.interfaces
                 if item is not None and item.place.rpartition('/')[0] == folder]
        old = set(links) - set(link.place() for link in all_described)
        return old.pop() if len(old) == 1 and described.link.type != BRIDGE else None

    def outdated(self, described):
        """Its files that do not belong to the links of these rendering.Described: places, in order. Each end has a file
        of its own, so a bridge's stays as long as a link is plugged into it."""
        kept, bridges = set(), set()
        for link in described:
            kept.update(files_of_link(self._host, '%s/%s' % (PLACE, link.space), link.link.device))
            bridges.add('%s/host/%s%s' % (PLACE, reading.PREFIX, link.link.bridge))
        return [place for place in self.files if place not in kept and place not in bridges]


class Earlier(object):
    """What the tree said of the wires that are not wired yet, kept in short while a file of wires is made and saved."""

    def __init__(self, session):
        self._files, self._words, self._saying = {}, {}, {}  # {name: places}; {name: words}; {word: names}
        wired = set(session.journal.names()[0])
        for wire in reading.read(session.host).wires:
            words = claiming.said_of_bridges(wire.ends)
            for name in names_of(wire):
                self._files.setdefault(name, set()).update(item.place for item in wire.interfaces if item is not None)
                self._words.setdefault(name, set()).update(words)
                for word in words if name not in wired else ():
                    self._saying.setdefault(word, set()).add(name)

    def has(self, name):
        """Did the tree say anything of a wire of that name?"""
        return name in self._files

    def is_otherwise(self, record, places):
        """Did the tree have a file of the wire of a new record that is at none of these places now, or does the file of
        its bridge say what neither it nor any wire after it says?"""
        name, now = record.name, claiming.said_by(record)
        silent = set(end.bridge for end in record.ends) - set(words[0] for words in now)
        gone = self._words.get(name, set()) - now
        for words in gone:
            self._saying.get(words, set()).discard(name)
        return bool(self._files.get(name, set()).difference(places)) or any(
            words[0] not in silent and not self._saying.get(words) for words in gone)
