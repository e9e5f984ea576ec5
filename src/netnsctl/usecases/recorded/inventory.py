"""Recorded wires held against what the kernel says."""
from __future__ import absolute_import, division, print_function

import _socket as socket

from netnsctl.edge import bridges, link_nodes, netns
from netnsctl.edge.netlink.reading import ALL_KINDS, RTN_LOCAL, leading_to
from netnsctl.errors import NetnsctlError
from netnsctl.execution import identity
from netnsctl.model import operations
from netnsctl.model.links import kind_named
from netnsctl.model.names import may_be_name
from netnsctl.model.route import scope_name
from netnsctl.usecases.recorded import existing

WHOLE, LOST, ALTERED, HALF = 'whole', 'lost', 'altered', 'half'


class Look(object):
    """One look at the kernel: each namespace is opened, and its addresses, routes and rules listed, once,
    however many wires end in it. meanings: meaning.Meanings, for a look at what the names of containers mean now; None
    for none (who asks has resolved them). is_of_one: it is a look at one wire, which needs to list no more than its
    links have. known: {Netns.key: (links, addresses)} of namespaces of which these have been read just now.
    """

    def __init__(self, meanings=None, is_of_one=False, known=None):
        self._is_of_one, self._meanings, self._known = is_of_one, meanings, known or {}
        self._namespaces = {}
        self._lists = {}
        self._rules = {}
        self._queues = {}
        self.rule_counts = {}  # usecases.uplinks.standing
        self._port_vlans = self.switches = None

    def namespace(self, identity):
        """The Netns that a record's identity means, or None if it is gone."""
        key = tuple(identity[field] for field in ('path', 'pid', 'start', 'dev', 'ino', 'cookie'))
        if key not in self._namespaces:
            opened = self._namespaces[key] = netns.open_again(identity)
            if opened is not None and opened.key in self._known:
                opened.keep(*self._known[opened.key])
            if len(self._namespaces) > 200:
                # Two thousand namespaces must not need two thousand descriptors.
                for old in [other for other in self._namespaces if other != key]:
                    opened = self._namespaces.pop(old)
                    if opened is not None:
                        self._lists.pop(opened.key, None)
                        self._rules.pop(opened.key, None)
                        self._queues.pop(opened.key, None)
                        opened.close()
        return self._namespaces[key]

    def addresses(self, opened, index=None):
        """{(index, 'address/length'): scope} of a namespace. index: of its links that one is enough."""
        rtnl, index = opened.rtnl(), self._only(opened, index)
        lists = self._lists.setdefault(opened.key, {})
        if index not in lists:
            lists[index] = dict(((item.index, '%s/%d' % (item.address, item.prefixlen)), item.scope)
                                for item in rtnl.addresses(index))
        return lists[index]

    def routes(self, opened, index, destinations, kinds):
        """{(index, dst, table): [edge.netlink.reading.Route]} of a namespace. index: of its links that one is enough;
        None: none is. destinations: of that link's routes, those to there are enough."""
        rtnl, index = opened.rtnl(), self._only(opened, index)
        lists, key = self._lists.setdefault(opened.key, {}), (index, kinds)
        if key not in lists:
            routes = lists[key] = {}
            only = None if index is None else leading_to(destinations)
            for route in rtnl.routes(socket.AF_UNSPEC, None, index, kinds, only):
                # One that leads nowhere is of no link, whatever IPv6 says.
                link = None if route.dead_end else route.index
                routes.setdefault((link, route.dst, route.table), []).append(route)
        return lists[key]

    def _only(self, opened, index):
        """The link that is asked for alone where whoever owns the namespace decides how long its lists are, or where
        only one wire is looked at; None where one list for all wires is the sooner read."""
        return index if self._is_of_one or opened.label != 'host' and opened.rtnl().can_filter() else None

    def rules(self, opened):
        """The policy rules of a namespace: list of edge.netlink.reading.Rule."""
        if opened.key not in self._rules:
            self._rules[opened.key] = opened.rtnl().rules()
        return self._rules[opened.key]

    def queues(self, opened, index):
        """The queues of a link: list of edge.netlink.queues.Queue."""
        from netnsctl.edge.netlink import queues  # few wires are shaped
        if opened.label != 'host':
            return queues.of_links(opened.rtnl(), index)
        if opened.key not in self._queues:  # one list for all wires is the sooner read
            self._queues[opened.key] = queues.of_links(opened.rtnl())
        return [queue for queue in self._queues[opened.key] if queue.index == index]

    def port_vlans(self, rtnl):
        """bridge_vlans.of_links() of the host."""
        if self._port_vlans is None:
            from netnsctl.edge.netlink import bridge_vlans
            self._port_vlans = bridge_vlans.of_links(rtnl)
        return self._port_vlans

    def passed_on(self, record):
        """Ends whose target means another container now: list of text."""
        return [] if self._meanings is None else self._meanings.passed_on(record)

    def close(self):
        for opened in self._namespaces.values():
            if opened is not None:
                opened.close()
        self._namespaces = {}
        self._lists = {}
        self._rules = {}
        self._queues = {}


def look(record, at=None, clients=True, queues=True):
    """The state of a recorded wire: (WHOLE, LOST, ALTERED or HALF, [remarks in text]).

    lost: a namespace of it is gone (a container was restarted). altered: both ends' namespaces are there, but a link
    was renamed, removed, set down, or lacks an address or route. half: only one of its ends is where it was.
    at: a Look shared by many wires. clients, queues: is a DHCP client that does not run, and
    a queue that does not shape, a difference?
    """
    shared = at or Look(is_of_one=True)
    try:
        return _look(record, shared, clients, queues)
    finally:
        if at is None:
            shared.close()


def _look(record, at, clients, with_queues):
    opened = [at.namespace(record.identity(end)) for end in record.ends]
    gone = ['%s: its network namespace is gone' % end.target
            for end, namespace in zip(record.ends, opened) if namespace is None]
    if gone:
        return LOST, gone
    places = [(end, namespace, other) for end, namespace, other in zip(record.ends, opened, reversed(record.ends))
              if end.has_link]
    links = [find_link(namespace, end, other) for end, namespace, other in places]
    missing = ['%s: the link is gone' % end.place for (end, _, _), link in zip(places, links) if link is None]
    if missing:
        return (ALTERED if len(missing) == len(places) else HALF), missing
    remarks = at.passed_on(record)
    if len(links) == 2 and not identity.joins(opened[0], links[0], opened[1], links[1].index):
        remarks.append('%s: its peer is another link' % record.ends[0].place)
    for (end, _, other), link in zip(places, links):
        remarks.extend(_link_remarks(end, link, other, bool(record.dhcp)))
    for end, namespace, _ in places:
        remarks.extend(_configuration_remarks(record, end, namespace, at))
        remarks.extend(_rule_remarks(end, namespace, at))
        if end.shaping and with_queues:
            from netnsctl.usecases.recorded import queues  # few wires are shaped
            remarks.extend('%s: %s' % (end.place, text) for text in queues.remarks(
                record, end, at.queues(namespace, end.index)))
    if any(end.items and not end.has_link for end in record.ends):
        remarks.extend(_remote_remarks(record, opened))
    if any(end.parsed_target().has_port for end in record.ends):
        from netnsctl.usecases.switches import standing  # few wires have one
        remarks.extend(standing.remarks(record, at))
    if record.has_uplink:
        from netnsctl.edge.host import Host
        from netnsctl.usecases.uplinks import standing as uplinks_standing  # few wires have nat or publish
        home = [namespace for end, namespace in zip(record.ends, opened) if end.ns == 'host']
        remarks.extend(uplinks_standing.remarks(Host(), home[0], record, at.rule_counts))
    if clients and record.dhcp:
        from netnsctl.usecases.ends import dhcp  # few wires have one
        addresses = [at.addresses(namespace) for namespace in opened]
        remarks.extend('%s: %s' % (record.ends[number].place, text) for number, text in dhcp.troubles(
            record, [_has_ipv4(end.index, found) for end, found in zip(record.ends, addresses)]))
    return (ALTERED, remarks) if remarks else (WHOLE, [])


def _remote_remarks(record, opened):
    from netnsctl.usecases.drift import remotes  # few wires have any
    end, wanted = remotes.of_record(record)
    rtnl = opened[record.ends.index(end)].rtnl()
    from netnsctl.usecases.drift import modes
    for step in record.planned('add-link'):
        for remark, _ in modes.remarks(rtnl, end.index, step) if step.ns == end.ns else ():
            yield '%s: %s' % (end.place, remark)
    if record.gives_host_a_link:
        from netnsctl.usecases.drift import host_links
        at = [other.has_link for other in record.ends].index(False)
        for remark, _ in host_links.remarks(opened[at].rtnl(), record):
            yield '%s: %s' % (record.ends[at].place, remark)
    for remote in remotes.lacking(rtnl, end.index, wanted) if wanted else ():
        yield '%s: nothing is sent to the remote %s' % (end.place, remote)


def _has_ipv4(link, addresses):
    return any(index == link and ':' not in address for index, address in addresses)


def find_link(namespace, end, other):
    """The end's link, or None. Of one that no peer vouches for the number of its node has to be right, where it is
    known: all else a container can give another link."""
    link = identity.link_of_end(namespace, end, other)
    if link is None or other.has_link or other.lent or end.node is None:
        return link
    return link if link_nodes.number_of(namespace, link.name, link.index) in (None, end.node) else None


def _link_remarks(end, link, other, is_by_dhcp=False):
    where = end.place
    if link.name != end.dev:
        yield '%s: was renamed to %s' % (where, link.name)
    if link.mac != end.mac and not end.has_borrowed_mac:
        yield '%s: has the MAC address %s, not %s' % (where, link.mac, end.mac)
    # A DHCP server may set another one than it was made with.
    kind = 'veth' if other.has_link else other.parsed_target().scheme
    mtu = end.mtu or (None if is_by_dhcp else kind_named(kind).usual_mtu)
    if mtu and link.mtu != mtu:
        yield '%s: has the mtu %d, not %d' % (where, link.mtu, mtu)
    if not link.up:
        yield '%s: is down' % where


def _configuration_remarks(record, end, namespace, at):
    rtnl = namespace.rtnl()
    steps = record.planned('add-address', 'add-route', 'set-master')
    made = [step for step in steps if step.verb == 'add-route']
    is_linkless = any(step.type and step.dev is None for step in made)
    index = None if is_linkless else rtnl.index_of(end.bridge) if end.bridge else end.index
    addresses, routes = at.addresses(namespace, index), {}
    destinations = [step.dst for step in made if step.ns == end.ns]
    if destinations:  # few wires to a bridge have any
        kinds = ALL_KINDS + (RTN_LOCAL,) if any(step.type == 'local' for step in made) else ALL_KINDS
        routes = at.routes(namespace, index, destinations, kinds)
    indexes = {end.dev: end.index}
    for step in steps:
        if not end.bridge and step.verb == 'add-route' and step.type and step.dev is None:
            indexes[step.dev] = None
        elif step.dev not in (end.dev, end.bridge):
            continue
        if step.ns != end.ns:
            continue
        if step.dev not in indexes:
            indexes[step.dev] = rtnl.index_of(step.dev)
        remark = _step_remark(step, indexes[step.dev], rtnl, addresses, routes)
        if remark is not None:
            yield '%s: %s' % (end.place, remark)
    if end.tag:
        from netnsctl.usecases.drift import port_vlans  # few wires have one
        for remark, _ in port_vlans.remarks(rtnl, end, at.port_vlans):
            yield '%s: %s' % (end.place, remark)
    if end.bridge:
        # Those that were there already, from another wire or of the host's own, are no step of the plan.
        planned = [(step.dev, step.address) for step in steps if step.verb == 'add-address']
        bridge = rtnl.link(name=end.bridge)
        index = bridge and bridge.index
        if bridge is not None and end.own_bridge and not bridge.up:
            yield '%s: the bridge %s is down' % (end.place, end.bridge)
        for address in end.addresses:
            if (end.bridge, address) not in planned and (index, address) not in addresses:
                yield '%s: lacks the address %s' % (end.place, address)


def _step_remark(step, index, rtnl, addresses, routes):
    """How what an operation made on the link of that index is not what there is, or None."""
    if step.verb == 'add-address':
        return _address_remark(step, index, addresses)
    if step.verb == 'add-route':
        from netnsctl.usecases.recorded import routes_there  # few wires have any
        return routes_there.remark(step, index, routes)
    return None if bridges.is_plugged(rtnl, index, step.master) else (
        'is not plugged into the bridge %s' % step.master)


def _address_remark(wanted, index, addresses):
    """How an add-address is not what there is, or None."""
    scope = addresses.get((index, wanted.address))
    if scope is None:
        return 'lacks the address %s' % wanted.address
    if wanted.scope is not None and scope != wanted.scope_number():
        return 'the address %s has the scope %s, not %s' % (wanted.address, scope_name(scope), wanted.scope)
    return None


def _rule_remarks(end, namespace, at):
    from netnsctl.execution.backends.rules_there import is_same  # few wires have rules
    for data in end.rules:
        wanted = operations.AddRule(end.ns, *data)
        if not any(is_same(rule, wanted) for rule in at.rules(namespace)):
            yield '%s: lacks the rule %s' % (end.place, ' '.join(wanted.words()))


def wires(session, names=None):
    """Every recorded wire, or those of these names: list of Wire, by name; half-done ones (a run was killed, or goes on
    right now) as HALF."""
    return [wire for wire, _ in wires_and_records(session, names)]  # of thousands of records one at a time is kept


def wires_and_records(session, names=None, known=None):
    """The same with their records: yields (Wire, records.Record). known: as of Look."""
    from netnsctl.usecases.recorded.wire import Wire  # making a wire needs look() alone
    journal = session.journal
    done, pending = journal.names()
    shared, left = Look(session.meanings, known=known), _seconds_left(session)
    try:
        for name in sorted(set(done + pending)):
            if names is not None and name not in names:
                continue
            try:
                half = name in pending
                record = journal.load(name, pending=half)
                if half and name in done and record is not None and record.is_change:
                    half, record = False, journal.load(name)
                if record is None:
                    continue  # gone since the folder was read
                state, remarks = (HALF, ['begun, not committed']) if half else _seen(record, shared)
                found = Wire(record, state, remarks, left.get(record.id), _leased(record, shared))
            except NetnsctlError as error:
                session.notices.append(error.message)
            except Exception:
                session.notices.append('the record of the wire %s is damaged' % name)
            else:
                yield found, record
    finally:
        shared.close()


def _leased(record, shared):
    if not record.dhcp:
        return None
    from netnsctl.usecases.ends import leased  # few wires have any
    return leased.of(record, shared)


def _seconds_left(session):
    """{id of a record: seconds until it is undone}; empty where that cannot be read."""
    from netnsctl.usecases.recorded import unconfirmed
    try:
        return unconfirmed.left(session)
    except NetnsctlError as error:
        session.notices.append(error.message)
        return {}


def _seen(record, shared):
    """look(), which a wire that cannot be looked at does not end for the others."""
    try:
        return look(record, shared)
    except NetnsctlError as error:
        return ALTERED, ['it cannot be examined: %s' % error.message]


def one(session, name):
    """One recorded wire: Wire. NotFoundError, ConflictError, UsageError where there is none."""
    from netnsctl.usecases.recorded.wire import Wire
    is_name, journal = may_be_name(name), session.journal
    record = journal.load(name) if is_name else None
    if record is not None:
        shared = Look(session.meanings)
        try:
            state, remarks = look(record, shared)
            return Wire(record, state, remarks, _seconds_left(session).get(record.id), _leased(record, shared))
        finally:
            shared.close()
    record = journal.load(name, pending=True) if is_name else None
    if record is not None:
        return Wire(record, HALF, ['begun, not committed'])
    raise existing.missing(session, 'show', name)
