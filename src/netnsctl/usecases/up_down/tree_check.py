"""The tree compared with what is wired: each difference with its file and line."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import config_files
from netnsctl.errors import UsageError, declared
from netnsctl.model import shaping
from netnsctl.model.ifcfg import fields, lines, spaces as folder_names
from netnsctl.model.ifcfg.interface import HOST
from netnsctl.usecases.recorded import comparing, existing, inventory, records
from netnsctl.usecases.tree import matching, resolvers
from netnsctl.usecases.up_down import up_down
from netnsctl.usecases.tree import PLACE, clashes, reading

# Attribute of Endpoint: the keys that set it; the first one in the file is reported.
_KEYS = {
    'mac': ('MACADDR',),
    'mtu': ('MTU',),
    'scope': ('SCOPE',),
    'ipv6': ('IPV6INIT',),
    'shaping': tuple(key.upper() for key in shaping.KEYS),
    'ifname': ('DEVICE', 'PEER')}

# Name of an item of an end: its keys; the others are of the anchor's.
_ITEM_KEYS = {'nat': ('NAT',), 'open': ('FORWARD_OPEN',), 'publish': ('PUBLISH',), 'localhost': ('PUBLISH_LOCALHOST',),
              'tag': ('BRIDGE_PORT_VLANS', 'BRIDGE_VLANS')}
_ANCHOR_KEYS = ('ANCHOR', 'VLAN', 'PHYSDEV', 'VLAN_ID', 'VID', 'OVS_BRIDGE', 'OVS_OPTIONS')

_PROTOCOLS = {True: 'dhcp', False: 'none'}


class TreeReport(object):
    """problems: files that cannot be used, differences: between the tree and what is wired, notes: keys without effect;
    each a list of text 'FILE:LINE: what'. wires: how many wires were compared. unsaved: records of what is wired
    and in no file."""

    def __init__(self):
        self.wires, self.unsaved = 0, []
        self.problems, self.differences, self.notes = [], [], []


def check(session, spaces=None):
    """Compares the tree, or these directories of it, with what is wired: TreeReport. NotFoundError for one that is
    none."""
    tree = reading.read(session.host)
    spaces = up_down.named(session, tree, spaces)
    wires, problems = up_down.select(tree, spaces)
    report = TreeReport()
    report.wires = len(wires)
    report.problems = [problem.message for problem in problems] + clashes.find(wires)
    shared = inventory.Look(session.meanings)
    try:
        for wire in wires:
            report.differences += _differences(session, wire, shared)
    finally:
        shared.close()
    report.unsaved = _unsaved(session, tree, spaces)
    for item in tree.interfaces:
        if spaces is None or item.space in spaces:
            report.notes += _notes(session.host, item)
    report.notes += [text for space, text in tree.left if spaces is None or space in spaces]
    report.notes += ['%s: it is wired, but in no file: %s' % (record.name, _way_to_save(record))
                     for record in report.unsaved]
    return report


def _unsaved(session, tree, spaces):
    """The recorded wires, with an end in one of these directories, that no file describes: list."""
    found = [record for record in session.recorded()
             if not any(session.host.exists(place) for place in _places(record))]
    if spaces is not None:
        meant = set(folder_names.target_of_or_none(space) for space in spaces)
        found = [record for record in found if any(_target_of(end) in meant for end in record.ends)]
    if found:
        known = matching.Recorded(session, tree.wires)
        saved = set(record.name for wire in tree.wires for record in known.all_of(wire))
        found = [record for record in found if record.name not in saved]
    return found


def _target_of(end):
    target = end.parsed_target()
    return HOST if target.is_on_host else target


def _places(record):
    """The files that describe the ends of a record, if it is saved: list."""
    return ['%s/%s/ifcfg-%s' % (PLACE, space, end.dev) for end in record.ends if end.has_link
            for space in [folder_names.space_of_or_none(end.parsed_target())] if space is not None]


def _way_to_save(record):
    try:
        for end in record.ends:
            folder_names.space_of(end.parsed_target())
    except UsageError as error:
        return error.message
    return 'netnsctl config save %s' % record.name


def _differences(session, wire, shared):
    where = wire.where('WIRE', 'PEER', 'BRIDGE')
    try:
        name = matching.find(session, wire)
        record = None if name is None else session.journal.load(name)
        if record is None:
            return ['%s: it is not wired' % where]
        state, remarks = inventory.look(record, shared)
        found = []
        if state != inventory.WHOLE:
            found.append('%s: the wire %s is %s: %s' % (where, name, state, '; '.join(remarks)))
        if wire.name and wire.name != name:
            found.append('%s: the wire is called %s, but the tree says %s' % (wire.where('WIRE'), name, wire.name))
        ends = existing.ends_of(session, record, *wire.ends)
        if ends is not None:
            found += _bootproto(wire, up_down.dhcp_ends(session, record, wire))
        for at, key, text in comparing.tree_differences(session, ends, wire.ends, any(wire.dhcp), wire.left):
            place = None if ends is None else _place_of(wire, at, key, ends[at])
            if ends is not None and place is None:
                text = '%s, which has no file: %s' % (wire.ends[at].place(), text)
            found.append('%s: %s' % (place or where, text))
        return found
    except Exception as error:
        return ['%s: %s' % (where, declared(error, 'look at it').message)]


def _bootproto(wire, is_dhcp):
    """Ends with a DHCP client that the tree does not give one, and the reverse: list of text."""
    return ['%s: BOOTPROTO: %s, but the tree says %s' % (
        wire.interfaces[at].where('BOOTPROTO') if wire.interfaces[at] else wire.where('WIRE', 'PEER', 'BRIDGE'),
        _PROTOCOLS[is_dhcp[at]], _PROTOCOLS[wire.dhcp[at]]) for at in (0, 1) if is_dhcp[at] != wire.dhcp[at]]


def _place_of(wire, at, key, end):
    """FILE:LINE of what an end's file says of an attribute of Endpoint in which the recorded end differs, or None if no
    file speaks of that end."""
    if key == 'data':
        return _place_of_item(wire, at, end)
    item = wire.file_of(at) if key == 'addresses' else wire.interfaces[at]
    if item is None:
        return None
    wanted, made = records.asked_of(wire.ends[at])[key], end.made(key)
    if key in _KEYS:
        return item.where(*_KEYS[key])
    # What the tree wants and is missing comes first, since it has a line to show.
    odd = [value for value in wanted if value not in made] + [value for value in made if value not in wanted]
    if key == 'addresses':
        return item.where_address(odd[0]) if odd else item.place
    if key == 'gateways':
        return item.where('IPV6_DEFAULTGW' if odd and ':' in odd[0] else 'GATEWAY')
    rows = dict((str(row.record()), row) for row in getattr(wire.ends[at], key))
    for value in odd:
        row = rows.get(str(value))
        if row is not None:
            return item.rows.get(row) or item.where('GATEWAY')
    return _file_of_rows(item, key, odd)


def _place_of_item(wire, at, end):
    """The same for an end's items: nat of a bridge is in the bridge's file, and what an anchor has is in that of the
    link on it."""
    wanted, made = records.asked_of(wire.ends[at])['data'], end.made('data')
    odd = [pair for pair in wanted + made if (pair in wanted) != (pair in made)]
    keys = _ITEM_KEYS.get(odd[0][0], _ANCHOR_KEYS) if odd else ()
    files = [item for item in (wire.file_of(at), wire.interfaces[at], wire.interfaces[1 - at]) if item is not None]
    for item in files:
        if any(key in item.link.numbers for key in keys):
            return item.where(*keys)
    return files[0].place


def _file_of_rows(item, key, odd):
    """The route or rule file of a link that lacks a row, if it has one, else its ifcfg file."""
    known = [item.rows[row] for row in getattr(item, key) if row in item.rows]
    return known[0].rpartition(':')[0] if odd and known else item.place


def _notes(host, item):
    text = config_files.read(host, item.place)
    if text is None:
        return []
    parsed = lines.parse(text, item.place)
    found = ['%s:%d: %s has no effect here%s' % (item.place, number, key, why and ': %s' % why or '')
             for number, key, why in reading.ineffective(parsed)]
    found += ['%s:%d: %s' % (item.place, number, text) for number, text in item.link.remarks]
    found += ['%s: ONPARENT: left alone' % alias.where('ONPARENT') for alias in item.aliases if alias.is_left]
    if resolvers.place_of(item) is None:
        found += ['%s:%d: %s has no effect here: %s has a resolv.conf of its own' % (
            item.place, line.number, line.key, item.target)
                  for line in parsed if fields.attribute_of(line.key or '') in ('dns', 'domain', 'res_options')]
    return found
