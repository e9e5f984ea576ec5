"""--dry-run: everything up to the plan, and the plan as commands to paste."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.edge import bridges, ip_program, netns
from netnsctl.errors import ConflictError, NetnsctlError, declared
from netnsctl.execution import bridge_users, undoing
from netnsctl.execution.backends.iproute import Iproute
from netnsctl.model import addressing
from netnsctl.model.links import kind_named, kind_of
from netnsctl.usecases.recorded import claiming, existing, records
from netnsctl.usecases.wires import deciding
from netnsctl.usecases.wires.wiring import Wiring
from netnsctl.usecases.wires.many import line_options, name_of, refuse_repeats


class LinePlan(object):
    """What would be done for one line: line (WireLine), name (of the wire), commands (list of text; empty where it is
    there already, or where it would fail), replaces (the name of the wire that it would take the place of, or None)."""
    __slots__ = ('line', 'name', 'commands', 'replaces')

    def __init__(self, line):
        self.line, self.name, self.commands, self.replaces = line, None, [], None


class Assumed(deciding.Planned):
    """Planned, as it becomes from line to line. session: whose Claims, where they are read, become the same."""
    __slots__ = ('_session', '_kept', '_gone_routes', '_ports', '_wanted')

    def __init__(self, session):
        deciding.Planned.__init__(self)
        self._session = session
        self._kept = set()  # names of links of the host that new wires share with others
        self._gone_routes = set()  # (name of such a link, destination)
        # Read once, and only where wires go: {index of a bridge: indexes of its ports}, {(bridge, address): names of
        # the recorded wires that ask for it}.
        self._ports = self._wanted = None

    def add(self, wiring, ends):
        """A Wiring is made, with these plan.Ends."""
        for end, opened in zip(ends, wiring.opened):
            made = [step.dev for step in end.host_steps if step.verb == 'add-link'] + [end.bridge] * end.new_bridge
            self.links.setdefault(opened.key, set()).update(made + [end.dev])
            self.bridges.update([end.bridge] * end.new_bridge)
            self._kept.update([end.bridge] + [step.dev for step in end.host_routes()])
            self.published += [(step.wire, row) for step in end.uplink if step.verb == 'add-nat'
                               for row in step.publish]
            for address in end.addresses if end.ns == 'host' else ():
                self.addresses.setdefault(addressing.bare(address), []).append((end.address_dev, address))
            if end.lent is not None:
                self.lent[end.anchor] = wiring.name
                self.returned.pop(end.anchor, None)
                self.gone_links.add((opened.key, opened.rtnl().index_of(end.anchor)))
        self.wires.add(wiring.name)
        if self._session.claimed is not None:
            self._session.claimed.note(records.make_record(
                wiring.name, 'netlink', wiring.namespaces(), list(zip(wiring.targets, wiring.endpoints, ends)), (), ()))

    def remove(self, record):
        """A recorded wire is removed: the _Going for keep(), or None where an earlier line removes it."""
        if record.name in self.gone:
            return None
        going = _Going(record)
        going.links -= self.gone_links
        self.gone.add(record.name)
        self.gone_links |= going.links
        self.gone_rules += going.rules
        self.returned.update(going.lent)
        host = record.netns.get('host')
        if host is not None and self._session.home.is_the_same_as(host):
            self._remove_shared(going)
        if self._session.claimed is not None:
            self._session.claimed.forget(record)
        return going

    def keep(self, going):
        """A wire that was to be removed for one that cannot be made stays."""
        self.gone.discard(going.record.name)
        self.gone_links -= going.links
        self.gone_addresses -= going.addresses
        self._gone_routes -= going.routes
        for rule in going.rules:
            self.gone_rules.remove(rule)
        for name in going.lent:
            self.returned.pop(name, None)
        if self._session.claimed is not None:
            self._session.claimed.note(going.record)

    def _remove_shared(self, going):
        """What a wire shares with others on the host goes with the last of them, as undo has it."""
        home, own = self._session.home, set(end.dev for end in going.record.ends)
        going.routes -= self._gone_routes
        self._gone_routes |= going.routes
        links, addresses = set(), set()
        for step in going.record.undo_operations():
            is_link = step.verb == 'delete-link' and step.kind in ('bridge', 'macvlan') and step.dev not in own
            is_address = step.verb == 'delete-address' and any(step.dev == end.bridge for end in going.record.ends)
            link = home.rtnl().link(name=step.dev) if is_link or is_address else None
            if link is None:
                continue
            if is_address and not self._is_wanted(link.name, step.address):
                addresses.add((link.index, step.address))
            elif is_link and kind_of(step).is_it(step, link) and not self._is_used(link):
                links.add((home.key, link.index))
        going.links |= links - self.gone_links
        going.addresses = addresses - self.gone_addresses
        self.gone_links |= links
        self.gone_addresses |= addresses

    def _is_wanted(self, bridge, address):
        """Does a wire that stays, or a new one, ask for an address of a bridge?"""
        if self._wanted is None:
            self._wanted = {}
            for record in self._session.recorded():
                for key in [(end.bridge, text) for end in record.ends if end.bridge for text in end.addresses]:
                    self._wanted.setdefault(key, []).append(record.name)
        return (bridge, address) in self.addresses.get(addressing.bare(address), ()) or any(
            name not in self.gone for name in self._wanted.get((bridge, address), ()))

    def _is_used(self, link):
        """Is there anything left that keeps a link of the host's, which netnsctl made for wires that share it?"""
        home = self._session.home
        rtnl = home.rtnl()
        if link.name in self._kept:
            return True
        if link.kind == 'macvlan':
            return any(route.protocol != undoing.RTPROT_KERNEL and (link.name, route.dst) not in self._gone_routes
                       for route in rtnl.routes(index=link.index))
        if self._ports is None:
            self._ports = {}
            for port in rtnl.links():
                self._ports.setdefault(port.master, []).append(port.index)
        # 2.6.32 tells no masters.
        ports = self._ports.get(link.index, ()) if link.kind else map(rtnl.index_of, bridges.port_names(link.name))
        return any((home.key, index) not in self.gone_links for index in ports) or bridge_users.use_of(
            rtnl, link, lambda: self._session.given_to(link.name))[0] is not None


class _Going(object):
    """What goes with a recorded wire: links and rules, and of what it shares with others addresses, as Planned has
    them; routes of the host over shared links: (name of the link, destination); lent: {name of a NIC: its state}."""

    def __init__(self, record):
        keys = [(end, netns.key_of(record.identity(end))) for end in record.ends]
        self.record, self.addresses = record, set()
        self.links = set((key, end.index) for end, key in keys)
        self.rules = [(key, rule) for end, key in keys for rule in end.rules]
        self.lent = dict((end.lent['name'], end.lent) for end in record.ends if end.lent)
        self.routes = set((step.dev, step.dst) for step in record.planned('add-route') if step.ns == 'host')


def plan_lines(session, lines, options, atomic=False, gone=()):
    """([LinePlan] of the lines, remarks, [(line, NetnsctlError)] of those that would fail), changing nothing. atomic:
    if one fails, no line has commands. gone: the records of wires that would be removed before."""
    plans, remarks, failed = [], [], []
    planned, before = Assumed(session), []
    if gone or len(lines) > 1:
        claiming.claims(session)
    for record in gone:
        planned.remove(record)
    program = find_program(session, remarks)
    if atomic:
        refuse_repeats(lines)
    for line in lines:
        wiring, plan = None, LinePlan(line)
        plans.append(plan)
        try:
            wiring = Wiring(session, line.a, line.b, line_options(options, line), planned=planned)
            plan.commands = _commands_of(session, program, wiring, remarks, before, plan)
        except Exception as error:
            failed.append((line, declared(error, 'make the wire %s' % name_of(wiring, line))))
            plan.replaces = None
            if atomic:
                break
        finally:
            plan.name = plan.name or name_of(wiring, line)
            if wiring is not None:
                wiring.close()
    for plan in plans if atomic and failed else ():
        plan.commands, plan.replaces = [], None
    return plans, remarks, failed


def _restoring(session, outcome):
    """What is missing of the rules of a wire that is there is restored: list of commands."""
    if outcome is None or not outcome.record.has_uplink:
        return []
    from netnsctl.usecases.uplinks import standing  # few wires have nat or publish
    return ['netnsctl up --firewall'] if standing.lacking(session.host, session.home, outcome.record) else []


def _commands_of(session, program, wiring, remarks, before, plan):
    """The commands for one wire: list. Raises what `wire` would before its first change, and what would be in its way
    by then. before: the wires of the earlier lines, [(name, what was asked of each end)]. plan: its LinePlan, which
    learns the name of the wire, and of the one that is replaced."""
    found = []
    wiring.asks_neighbours = False
    wiring.resolve()
    outcome, replaced = wiring.settle_existing(clear=False)
    asked = dict((_end_of(wiring, at), records.asked_of(wiring.endpoints[at])) for at in (0, 1))
    name = outcome.record.name if outcome is not None else _planned_as(wiring, asked, before)
    if name is not None:
        remarks.append('already wired: %s' % name)
        plan.name = name
        return _restoring(session, outcome)
    stays = _changes(session, program, wiring, replaced)
    if stays is not None:
        before.append((wiring.name, asked))
        return stays
    # What is left of a lost wire is removed as well.
    leaving, going = replaced or existing.of_request(wiring)[0], None
    if leaving is not None:
        found.append('netnsctl unwire %s' % shell_quote(leaving.name))
        plan.replaces = leaving.name
        going = wiring.planned.remove(leaving)
    try:
        ends, steps = _decide(wiring)
    except Exception:
        if going is not None:
            wiring.planned.keep(going)
        raise
    printer = Iproute(session.host, program, wiring.namespaces(), wiring.name)
    found += printer.lines(printer.plan(steps, live=False))
    for at, endpoint in enumerate(wiring.endpoints):
        if endpoint.dhcp:
            found += _client_lines(session, wiring, at, ends[at].dev)
    before.append((wiring.name, asked))
    return found


def _changes(session, program, wiring, replaced):
    """The commands that change a recorded wire whose link stays: list, or None where there is none."""
    if replaced is None or not any(target.is_anchor and kind_named(target.scheme).changes for target in wiring.targets):
        return None
    from netnsctl.usecases.wires import changing  # few wires can stay
    change = changing.change_of(wiring, replaced)
    if change is None:
        return None
    namespaces = session.open_of(replaced)
    try:
        printer = Iproute(session.host, program, namespaces, wiring.name)
        return printer.lines(printer.plan(change.steps, live=False))
    finally:
        records.close_all(namespaces)


def _client_lines(session, wiring, at, dev):
    """The commands for the DHCP client of an end."""
    from netnsctl.usecases.ends import dhcp
    from netnsctl.usecases.tree import resolvers
    opened, place = wiring.opened[at], resolvers.place_for(wiring.targets[at])
    inside = ['ip', 'netns', 'exec', opened.name] if opened.name else ['nsenter', '--net=%s' % opened.path]
    return dhcp.Client(session, wiring.name, at).shell_lines(
        dev, dhcp.Settings(session.host.path(place) if place else ''), inside)


def _decide(wiring):
    ends, steps = deciding.decide(wiring)
    for end, opened in zip(ends, wiring.opened):
        if end.dev is not None and not deciding.is_free(wiring, opened, end.dev):
            raise ConflictError('%s has a link named %s already' % (end.label, end.dev))
    _refuse_same_link(wiring, steps)
    wiring.planned.add(wiring, ends)
    return ends, steps


def _refuse_same_link(wiring, steps):
    """ConflictError where the kernel would have no second link like one of a recorded wire, or of an earlier line: of
    one VXLAN, or one VLAN of a NIC."""
    for step in steps:
        text = kind_of(step).taken(step) if step.verb == 'add-link' else None
        if text is None:
            continue
        from netnsctl.usecases.wires import bridging  # few wires have such a link
        for (kind, anchor), wires in sorted(claiming.claims(wiring.session).anchors.items(), key=str):
            for name, other in sorted(wires.items()) if kind == step.kind else ():
                if (not wiring.is_about(name) and not bridging.is_lost(wiring, name)
                        and kind_of(step).taken(step.replaced(anchor=anchor, data=other.data)) == text):
                    raise ConflictError('%s: that of the wire %s' % (text, name))


def _end_of(wiring, at):
    """What tells an end from others as long as its link has no name: namespace, what it hangs on, IFNAME."""
    target = wiring.targets[at]
    return wiring.opened[at].key, str(target) if target.is_anchor else None, wiring.endpoints[at].ifname


def _planned_as(wiring, asked, before):
    """The name by which an earlier line makes this very wire, or None. ConflictError if one makes it otherwise, or has
    its name."""
    for name, known in before if not wiring.options.replace else ():
        if set(known) == set(asked):
            if known == asked and wiring.options.name in (None, name):
                return name
            raise ConflictError('an earlier line joins %s and %s, as %s' % (tuple(wiring.targets) + (name,)))
        if name == wiring.name:
            raise ConflictError('an earlier line has a wire called %s, which joins other ends' % name)
    return None


def find_program(session, remarks):
    """The host's ip, for what it knows; where it does not support netns, today's is what the commands are for."""
    try:
        program = ip_program.found(session.host)
    except NetnsctlError as error:
        remarks.append(error.message)
        return None
    if program is None or not program.netns:
        remarks.append("this host's ip does not support netns, so netnsctl uses netlink; the commands are for an ip "
                       "that does")
        return None
    return program
