"""The order of the tree's wires: one that hangs on a link, or uses an address, of another wire comes after that."""
from __future__ import absolute_import, division, print_function

from netnsctl.model import addressing, plan
from netnsctl.model.links import item_of, kind_named


def in_order(wires):
    """(these SavedWires as they can be made one after the other, does any of them need another): otherwise in the order
    in which they come. Wires that need each other stay where they are."""
    needed = [_needed(wire) for wire in wires]
    makers = _makers(wires) if any(needed) else {}
    before = dict((at, [makers[what] for what in found if makers.get(what, at) != at])
                  for at, found in enumerate(needed) if found)
    if not any(before.values()):
        return wires, False
    found, placed = [], set()
    for at in range(len(wires)):
        waiting = [at]
        while waiting:
            missing = [other for other in before.get(waiting[-1], ()) if other not in placed and other not in waiting]
            if missing:
                waiting.append(missing[0])
                continue
            last = waiting.pop()
            if last not in placed:
                placed.add(last)
                found.append(wires[last])
    return found, True


def _needed(wire):
    """The names of links of the host, and the addresses of it, that have to be there first: list."""
    found = []
    for end in wire.ends:
        if end.target.has_no_link:
            anchor = plan.End.of(end)
            found += [kind_named(anchor.kind).needs(anchor), item_of(anchor, 'local')]
    return [what for what in found if what]


def _makers(wires):
    """{name of a link of the host, or an address of it: index of the first of these wires that it comes with}."""
    found = {}
    for at, wire in enumerate(wires):
        for end in wire.ends:
            if end.target.is_on_host and not end.target.has_no_link:
                for what in [end.target.name, end.ifname] + [addressing.bare(address) for address in end.addresses]:
                    found.setdefault(what, at)
    return found
