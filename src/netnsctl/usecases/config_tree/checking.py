"""The tree held against what is wired: each difference with its file and line."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import config_files
from netnsctl.errors import NetnsctlError
from netnsctl.model.ifcfg import lines
from netnsctl.usecases import inventory, records, resolvers, restoring
from netnsctl.usecases.config_tree import reading

# What Endpoint calls it: the keys that say it, the first that stands in the file is pointed at.
_KEYS = {
    'addresses': ('IPADDR', 'IPADDR0', 'IPV6ADDR'),
    'gateways': ('GATEWAY', 'IPV6_DEFAULTGW'),
    'mac': ('MACADDR',),
    'mtu': ('MTU',),
    'scope': ('SCOPE',),
    'ifname': ('DEVICE', 'PEER'),
    'routes': ('GATEWAY',),
    'rules': ('DEVICE',)}


class Report(object):
    """problems: files that cannot be used, differences: between the tree and what is wired, notes: keys without effect;
    each a list of text 'FILE:LINE: what'."""

    def __init__(self):
        self.problems, self.differences, self.notes = [], [], []


def check(session, spaces=None):
    """Holds the tree, or these folders of it, against what is wired: Report. UsageError for a folder that is none."""
    tree = reading.read(session.host)
    restoring.require_known(tree, spaces)
    wires, problems = restoring.select(tree, spaces)
    report = Report()
    report.problems = [problem.message for problem in problems]
    shared = inventory.Look()
    try:
        for wire in wires:
            report.differences += _differences(session, wire, shared)
    finally:
        shared.close()
    for item in tree.interfaces:
        if spaces is None or item.space in spaces:
            report.notes += _notes(session.host, item)
    return report


def _differences(session, wire, shared):
    where = wire.where('WIRE', 'PEER', 'BRIDGE')
    try:
        name = restoring.find(session, wire)
        record = None if name is None else session.journal.load(name)
        if record is None:
            return ['%s: it is not wired' % where]
        state, remarks = inventory.look(record, shared)
        found = []
        if state != inventory.WHOLE:
            found.append('%s: the wire %s is %s: %s' % (where, name, state, '; '.join(remarks)))
        ends = records.matches(record, *wire.ends)
        for at, key, text in restoring.differences(ends, wire.ends):
            item = wire.interfaces[at]
            found.append('%s: %s' % (where if item is None else item.where(*_KEYS[key]), text))
        return found
    except NetnsctlError as error:
        return ['%s: %s' % (where, error.message)]


def _notes(host, item):
    text = config_files.read(host, item.place)
    if text is None:
        return []
    parsed = lines.parse(text, item.place)
    found = ['%s:%d: %s has no effect here' % (item.place, number, key) for number, key in reading.ineffective(parsed)]
    if resolvers.place_of(item) is None:
        found += ['%s:%d: %s has no effect here: %s has a resolv.conf of its own' % (
            item.place, line.number, line.key, item.target)
                  for line in parsed if line.key == 'DOMAIN' or (line.key or '').startswith('DNS')]
    return found
