"""Which files of the tree describe wires, and which are left over from a wire before it was replaced."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import config_files
from netnsctl.model.ifcfg import file_names
from netnsctl.model.ifcfg.link import BRIDGE
from netnsctl.model.names import default_name
from netnsctl.usecases.recorded import existing
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
    going = set(item.key for wire in wires for item in wire.interfaces if item is not None)
    items = dict((item.place, item) for wire in wires for item in wire.interfaces if item is not None)
    for wire in wires:
        for bridge in wire.bridges:
            if bridge is not None and not tree.problems and not any(
                    other.link.bridge == bridge.link.device and other.key not in going
                    for other in tree.interfaces):
                items[bridge.place] = bridge
    found = set()
    for item in items.values():
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


class Before(object):
    """The tree's files for recorded wires, before these are saved. found: the records; replaced: records that they took
    the place of. tree: the Tree; records: all of these."""

    def __init__(self, host, found, replaced=()):
        self._host, self.tree, self.records = host, reading.read(host), list(found) + list(replaced)
        self._wires_of = dict((record.name, []) for record in found)
        for wire in self.tree.wires:
            is_replaced = any(existing.by_text(record, *wire.ends) for record in replaced)
            for name in self._wires_of if is_replaced else names_of(wire):
                if name in self._wires_of:
                    self._wires_of[name].append(wire)
        self.files = files_of(host, self.tree, [wire for wires in self._wires_of.values() for wire in wires])

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
