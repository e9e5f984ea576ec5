"""The record of a wire in the journal: made from a plan, compared with a request, opened again.

On disk a record is JSON, which Record and its two Ends are a view of:
    version, id (random, one a transaction), name, backend, made (seconds since the epoch), replaces (the record that
    this one takes the place of, or None)
    netns   {reference: Netns.identity()}
    ends    two of {target, asked (what the user said: ifname, addresses, gateways, routes, mac, mtu, rules, scope), ns,
            dev, mac, mtu, addresses, gateways, routes, bridge, own_bridge, index (None until the link is there), rules
            (with the priorities they got), scope, own_addresses (of the bridge, that netnsctl put there), data (what
            the kind of an anchor was told), node, borrowed_mac and ipv6 (true, or missing), shaping (pairs, or
            missing), lent (of a NIC that the other end gets: its state before, edge.nics.saved)}; dev, mac, index are
            None of an anchor without a link. data, rules, scope and own_addresses are missing in earlier records, and
            node, data and lent where there is none: note_nodes()
    plan    the operations that made it;  undo: what removes it
    tree    of a wire that `up` made: the files that describe it;  saved: true of one that was written into the tree
    unsaid  of one that is not saved as it is: what those that it replaced said of bridges (claiming.said_of_bridges)
    origin  of a wire that a label or a compose file asks for: what Record.origin gives
    dhcp    of a wire with an end by DHCP: the file with the PID of each end's client, or None
    unchecked  true of a wire that failed its last check
    change  true of a pending record whose undo list takes a change of the committed wire back, and not the wire
    revision  how often a wire was changed, or missing: one whose shaping is changed keeps its id
"""
from __future__ import absolute_import, division, print_function

import operator
import time

from netnsctl.compat import random_hex
from netnsctl.edge import link_nodes, netns
from netnsctl.execution.journal import VERSION, DamagedError
from netnsctl.execution.journal import Journal as PlainJournal
from netnsctl.model import operations
from netnsctl.model.endpoint import Endpoint, Target
from netnsctl.model.names import default_name

# Targets whose meaning can change while what they meant lives on: usecases.meaning.
RENAMING = ('docker://', 'podman://')
# What records lack that an earlier netnsctl wrote.
_LACKING = {'rules': [], 'scope': None, 'data': [], 'shaping': [], 'ipv6': False}
_UNORDERED = ('addresses', 'gateways', 'routes')
ASKED = ('ifname', 'addresses', 'gateways', 'routes', 'mac', 'mtu', 'rules', 'scope', 'data', 'dhcp',
         'shaping', 'ipv6')


def _field(key, is_settable=False):
    return property(lambda self: self.data[key],
                    (lambda self, value: self.data.__setitem__(key, value)) if is_settable else None)


class End(object):
    """One end of a Record, by the fields that are listed above. Fields that an earlier netnsctl did not write have the
    values of that time. dhcp: has it a DHCP client?"""
    __slots__ = ('data', 'dhcp')
    target, ns, dev, mtu = _field('target'), _field('ns'), _field('dev'), _field('mtu')
    addresses, gateways, routes = _field('addresses'), _field('gateways'), _field('routes')
    bridge, own_bridge = _field('bridge'), _field('own_bridge')

    def __init__(self, data, dhcp=False):
        self.data, self.dhcp = data, dhcp

    # Of its link, where that is there; a link that shares a MAC address tells its own when it is made.
    index, mac = _field('index', True), _field('mac', True)

    @property
    def items(self):
        """What the kind of an anchor was told: pairs of text."""
        return [tuple(pair) for pair in self.data.get('data', ())]

    @property
    def tag(self):
        """The ID of the VLAN that its port of a bridge is in (text), or None."""
        return dict(self.items).get('tag') if self.bridge else None

    @property
    def shaping(self):
        """How what leaves its link is shaped: pairs of text, as model.shaping has them."""
        return tuple(tuple(pair) for pair in self.data.get('shaping', ()))

    @shaping.setter
    def shaping(self, pairs):
        for data in (self.data, self.data['asked']):
            data.pop('shaping', None)
            if pairs:  # few ends have any
                data['shaping'] = [list(pair) for pair in pairs]

    @property
    def ipv6(self):
        """Was IPv6 to be enabled for its link?"""
        return self.data.get('ipv6', False)

    @property
    def node(self):
        """The number of its link (edge.link_nodes), or None if it is not known."""
        return self.data.get('node')

    @property
    def lent(self):
        """The state that a NIC had before it was lent, if this is one (edge.nics.saved); else None."""
        return self.data.get('lent')

    @property
    def rules(self):
        return self.data.get('rules', ())

    @property
    def scope(self):
        return self.data.get('scope')

    @property
    def place(self):
        """'docker://a:A'; 'macvlan://eth0' of an anchor that has no link."""
        return '%s:%s' % (self.data['target'], self.data['dev']) if self.has_link else self.data['target']

    @property
    def has_link(self):
        """Does it have its own link?"""
        return self.data['dev'] is not None

    @property
    def has_borrowed_mac(self):
        """Is its MAC address that of the NIC that it hangs on, whatever that is by now?"""
        return self.data.get('borrowed_mac', False)

    def parsed_target(self):
        """Its target as a Target."""
        return Target.parse(self.data['target'])

    def asked(self, key):
        """What was asked for, as asked_of() has it."""
        if key == 'dhcp':
            return self.dhcp
        return self.data['asked'].get(key, _LACKING.get(key))

    def made(self, key):
        """What it was made as, with all that was decided then, in the same form."""
        value = self._made_in_order(key)
        return sorted(value, key=_order if key == 'routes' else None) if key in _UNORDERED else value

    def _made_in_order(self, key):
        """The same, as it was given."""
        if key in ('rules', 'dhcp'):
            return self.asked(key)  # the kernel gave those without a priority one
        if key == 'ifname':
            return self.data['dev']
        return None if key == 'mac' and self.has_borrowed_mac else self.data.get(key, _LACKING.get(key))

    def asked_endpoint(self):
        """The Endpoint that was asked for, with the target that it turned out to mean."""
        return self._endpoint(self.asked)

    def made_endpoint(self):
        """The Endpoint that asks for what it was made as."""
        return self._endpoint(self._made_in_order)

    def _endpoint(self, value_of):
        rules = value_of('rules')
        if rules:
            from netnsctl.model.rule import Rule  # few wires have any
            rules = [Rule(*data) for data in rules]
        found = Endpoint(self.parsed_target(), value_of('ifname'), value_of('addresses'), value_of('gateways'),
                         value_of('mac'), value_of('mtu'), value_of('routes'), rules, value_of('scope'),
                         value_of('data'))
        found.dhcp, found.shaping, found.ipv6 = self.dhcp, self.shaping, self.ipv6
        return found


class Record(object):
    """The record of one wire. data: the JSON, which is not copied; ends: its two Ends.

    KeyError, TypeError or AttributeError if data is missing.
    """
    __slots__ = ('data', 'ends')
    id, name, backend, made = _field('id'), _field('name'), _field('backend'), _field('made')
    netns, plan, revision = _field('netns'), _field('plan'), property(lambda self: self.data.get('revision') or 0)
    is_of_tree = property(lambda self: bool(self.data.get('tree') or self.data.get('saved')))

    def __init__(self, data):
        self.data = data
        ends = data['ends']
        if not isinstance(ends, list) or [type(end) for end in ends] != [dict, dict]:
            raise TypeError('a wire has two ends')
        self.ends = tuple(End(end, bool(pid_file)) for end, pid_file in zip(ends, self.dhcp or (None, None)))

    def __reduce__(self):
        return Record, (self.data,)

    def __repr__(self):
        return 'Record(%s)' % self.name

    @property
    def replaces(self):
        """The Record that this one takes the place of, or None."""
        replaced = self.data['replaces']
        return replaced and Record(replaced)

    @property
    def tree(self):
        """The files that describe a wire that `up` made; None of any other."""
        return self.data.get('tree')

    @property
    def origin(self):
        """What asked for a wire, as plain data (usecases.asked), or None."""
        return self.data.get('origin')

    @property
    def dhcp(self):
        """For each end the file with the PID of its DHCP client, or None; () where no end has one."""
        found = self.data.get('dhcp') or ()
        return found if any(found) else ()

    @property
    def is_change(self):
        """Is it a pending change of the committed wire, which stays?"""
        return bool(self.data.get('change'))

    @property
    def has_failed_check(self):
        """Did it fail its last check by a command that makes wires?"""
        return bool(self.data.get('unchecked'))

    @property
    def group(self):
        """The number of the group that a pending wire stands or falls with, or None."""
        return self.data.get('group')

    def with_changes(self, **changes):
        """The Record of the same with other values; what it holds is shared with this one."""
        for key, value in changes.items():
            if isinstance(value, Record):
                changes[key] = value.data
        return Record(dict(self.data, **changes))

    def has_default_name(self):
        """Has it the name that default_name() makes of its ends?"""
        ends = [Endpoint(end.parsed_target(), end.asked('ifname')) for end in self.ends]
        return self.name in (default_name(*ends), default_name(*reversed(ends)))

    @property
    def gives_host_a_link(self):
        """Is it one to a macvlan:// that gives the host one too?"""
        return any(key == 'host' for end in self.ends for key, _ in end.items)

    @property
    def has_uplink(self):
        """Has it rules in the host's firewall?"""
        return any(step['verb'] == 'add-nat' for step in self.plan)

    def identity(self, end):
        """The Netns.identity() of the namespace that one of its ends is in."""
        return self.data['netns'][end.ns]

    def plan_operations(self):
        """The operations that made it: tuple."""
        return tuple(operations.from_record(data) for data in self.data['plan'])

    def planned(self, *verbs):
        """Those of these verbs: list. The others are not parsed: `ls` reads the plan of every wire."""
        return [operations.from_record(data) for data in self.data['plan'] if data['verb'] in verbs]

    def undo_operations(self):
        """Its undo list as operations; a delete-link knows the indexes and the numbers of its ends, where the record
        does."""
        known = dict(((end.ns, end.dev), (end.index, end.node, None if end.has_borrowed_mac else end.mac))
                     for end in self.ends)
        found = []
        for data in self.data['undo']:
            step = operations.from_record(data)
            if step.verb == 'delete-link':
                index, node, mac = known.get((step.ns, step.dev), (None,) * 3)
                peer_index, peer_node, _ = known.get(step.peer[:2], (None,) * 3) if step.peer else (None,) * 3
                step = step.replaced(index=index, node=node, peer_index=peer_index, peer_node=peer_node,
                                     mac=step.mac or mac)
            found.append(step)
        return tuple(found)

    def note_nodes(self, namespaces):
        """Writes down the numbers of its links (edge.link_nodes), both or none, where no end is in the host: nobody
        moves one away from there. namespaces: {reference: Netns}."""
        numbers, ends = [None], [end for end in self.ends if end.has_link]
        if 'host' not in [end.ns for end in ends]:
            numbers = [link_nodes.number_of(namespaces[end.ns], end.dev, end.index) for end in ends]
        for at, end in enumerate(ends):
            end.data.pop('node', None)
            if None not in numbers:
                end.data['node'] = numbers[at]

    def own_addresses(self, end):
        """Addresses of the bridge of one of its ends that netnsctl put there: list. Earlier records say it by their
        plan alone."""
        if not end.bridge:
            return []
        if 'own_addresses' in end.data:
            return end.data['own_addresses']
        return [step['address'] for step in self.plan if step['verb'] == 'add-address' and step['dev'] == end.bridge]


class Journal(PlainJournal):
    """The journal, of Records."""

    def load(self, name, pending=False, mentioning=()):
        data = PlainJournal.load(self, name, pending, mentioning)
        if data is None:
            return None
        from netnsctl.usecases.recorded import whole  # the first wire of a host reads no record
        try:
            record = Record(data)
            whole.require(data)
            if data['replaces']:
                whole.require(data['replaces'])
        except (KeyError, TypeError, ValueError, AttributeError):
            # In one place: otherwise each reader would end with a traceback, at a different field.
            raise DamagedError('read %s: not all fields of a record are there' % self.path(name, pending))
        return record

    def begin(self, record):
        PlainJournal.begin(self, record.data)

    def commit(self, record):
        PlainJournal.commit(self, record.data)

    def put_back(self, record):
        PlainJournal.put_back(self, record.data)

    def withdraw(self, record):
        PlainJournal.withdraw(self, record.data)


def asked_of(endpoint):
    """What an Endpoint asks for, as plain data that compares equal after a round through JSON."""
    asked = dict(zip(ASKED, operator.attrgetter(*ASKED)(endpoint)))
    for key in ('addresses', 'gateways'):
        asked[key] = sorted(asked[key])
    for key in ('routes', 'rules'):
        asked[key] = sorted((item.record() for item in asked[key]), key=_order)
    for key in ('data', 'shaping'):
        asked[key] = [list(pair) for pair in asked[key]]
    return asked


def _order(data):
    """A key to sort lists by that hold None beside text and numbers."""
    return ['' if item is None else str(item) for item in data]


def make_record(name, backend, namespaces, ends, plan, undo, replaces=None, **marks):
    """A new Record. ends: [(canonical Target, Endpoint, plan.End)] twice. plan, undo: operations. replaces: the Record
    that it takes the place of. marks: fields that it gets besides."""
    return Record(dict(marks, **{
        'version': VERSION, 'id': random_hex(8), 'name': name, 'backend': backend, 'made': time.time(),
        'replaces': replaces and replaces.data,
        'netns': dict((reference, opened.identity()) for reference, opened in namespaces.items()),
        'ends': [_end_record(*end) for end in ends],
        'plan': [operation.record() for operation in plan],
        'undo': [operation.record() for operation in undo],
    }))


def _end_record(target, endpoint, end):
    found = {'target': str(target), 'asked': asked_of(endpoint), 'ns': end.ns, 'dev': end.dev, 'mac': end.mac,
             'mtu': end.mtu, 'addresses': list(end.addresses), 'gateways': list(end.gateways),
             'routes': [route.record() for route in end.routes],
             'bridge': end.bridge, 'own_bridge': end.own_bridge or end.new_bridge, 'index': None,
             'rules': [rule.record() for rule in end.rules], 'scope': end.scope,
             'own_addresses': list(end.own_addresses)}
    del found['asked']['dhcp']  # of the record
    for key in ('data', 'shaping', 'ipv6'):
        value = found['asked'].pop(key)
        if value:  # few ends have any
            found[key] = found['asked'][key] = value
    if end.lent is not None:
        found['lent'] = end.lent
    return found


def open_namespaces(record, home=None):
    """{reference: Netns} of those namespaces of a record that are still the same ones. The caller closes them.

    home: netnsctl's own namespace, to be used where that is meant instead of opening it again.
    """
    found = {}
    try:
        for reference, identity in record.netns.items():
            if home is not None and identity['label'] == home.label and home.is_the_same_as(identity):
                found[reference] = home
                continue
            opened = netns.open_again(identity)
            if opened is not None:
                found[reference] = opened
    except BaseException:
        close_all(found, home)
        raise
    return found


def close_all(namespaces, home=None):
    """Closes every Netns of a {reference: Netns} but home."""
    for opened in namespaces.values():
        if opened is not home:
            opened.close()
