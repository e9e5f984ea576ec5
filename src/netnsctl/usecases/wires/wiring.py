"""Making a wire: resolve, plan, journal, run, commit, check; on any error nothing is left."""
from __future__ import absolute_import, division, print_function

import errno
import time

from netnsctl.compat import monotonic, random_hex
from netnsctl.errors import ConflictError, KernelError, NetnsctlError, NotFoundError
from netnsctl.execution import backends, identity, signals
from netnsctl.execution.undoing import take_back
from netnsctl.model import endpoint, plan as planning
from netnsctl.model.links import kind_named, kind_of
from netnsctl.model.names import check_wire_name, default_name, is_number
from netnsctl.model.pool import DEFAULT_POOL, parse_pool
from netnsctl.usecases.wires import deciding, transaction
from netnsctl.usecases.recorded import existing, records
from netnsctl.usecases.ends.resolving import canonical_target, resolve

# How long the links of a namespace that has ended are waited for: the kernel removes them some time later, the longer
# the more namespaces have ended.
ENDED_SECONDS = 8.0
# What it answers where such a link still has the MAC address or the IP address (macvlan, ipvlan), or the NIC.
_OF_ENDED = (errno.EADDRINUSE, errno.EBUSY)


class Options(object):
    """The options of `wire`, besides its endpoints.

    name; mtu (bytes, for ends that name none); backend; replace; pool (network in text); check; save: into the config
    tree; force: take addresses that somebody else has; asks_neighbours: are neighbours on a bridge asked who has them?
    insists: lend NICs that should stay, and publish ports that processes of the host have. pool None: two ends without
    addresses get none.
    """

    def __init__(self, name=None, mtu=None, backend='auto', replace=False, pool=DEFAULT_POOL, check=True,
                 save=False, force=False, asks_neighbours=True, insists=False):
        self.name, self.mtu, self.backend, self.replace, self.check = name, mtu, backend, replace, check
        backends.require_known(backend)
        self.save, self.force, self.asks_neighbours, self.insists = save, force, asks_neighbours, insists
        self.pool = None if pool is None else parse_pool(pool)
        if name is not None:
            check_wire_name(name)

    def of_line(self, name, mtu):
        """The same for one line of a file, with that line's own name (None: none) and MTU (None: no other)."""
        own = Options.__new__(Options)  # without a look at all the rest again: a file may have thousands of lines
        own.__dict__.update(self.__dict__)
        own.name, own.mtu = name, mtu or self.mtu
        return own


class Outcome(object):
    """The result of a request: record (of the wire as it stands), changed (False: it was there already), report (of the
    check, or None), saved (where it was asked for, [(place of a file, its new text, or None of one that was removed)],
    else None), leased: {0 or 1: the addresses that an end has got by DHCP, in text}, seconds_left: until it is
    undone unless it is confirmed, or None."""
    __slots__ = ('record', 'changed', 'report', 'saved', 'leased', 'seconds_left')

    def __init__(self, record, changed, report=None):
        self.record, self.changed, self.report = record, changed, report
        self.saved, self.leased, self.seconds_left = None, {}, None


class Wiring(object):
    """One request to wire two Endpoints, with what was found out about them so far.

    known: the record that the caller knows to be this wire, and to differ from what is asked. marks: fields that the
    new record gets besides. make_missing: function that makes the named namespace of a Target where it is missing, or
    None. planned: what a dry run has planned so far. close() lets go of the namespaces.
    """

    def __init__(self, session, a, b, options, many=False, known=None, make_missing=None, planned=None):
        self.session = session
        self.endpoints = (a, b)
        self.options = options
        for end in self.endpoints:
            end.target = canonical_target(end.target)
            if options.insists and end.target.scheme == 'phys':
                end.data = (('force', 'yes'),)
        self.many, self.known, self.make_missing, self.marks = many, known, make_missing, {}
        for end in self.endpoints:
            if not end.target.has_no_link:
                end.mtu = end.mtu or options.mtu
        if a.has_uplink or b.has_uplink:
            from netnsctl.model.features import uplink  # few wires have nat or publish
            uplink.check(a, b)
            if options.asks_neighbours:  # not for `up`: a file says GATEWAY itself
                uplink.imply(a, b)
        self.name = options.name or default_name(a, b)
        self.opened = []
        self.targets = []
        self.asks_neighbours = options.asks_neighbours
        self.is_valid = False  # do the two ends go together: plan.validate()
        self.macs = [None, None]  # of the wire that this one takes the place of: neighbours know them
        self.planned = planned or deciding.Planned()
        self.lost = None  # the record of the lost wire whose place this one takes

    def resolve(self):
        """Opens both namespaces. NotFoundError, ConflictError."""
        found = {}
        try:
            # Named namespaces last: none is made for a container that is not there.
            for at in sorted((0, 1), key=lambda at: self.endpoints[at].target.scheme == 'netns'):
                target = self.endpoints[at].target
                if target.scheme == 'netns' and self.make_missing is not None:
                    self.make_missing(target)
                found[at] = resolve(self.session.host, target, self.session.home, self.session.presence)
        finally:
            self.opened = [found[at][0] for at in sorted(found)]
        self.targets = [found[at][1] for at in (0, 1)]
        for opened, target in zip(self.opened, self.targets):
            self.session.now.note(target, opened)
        one, other = self.opened
        if one.key == other.key and not any(target.is_anchor for target in self.targets):
            raise ConflictError('%s and %s are the same network namespace' % tuple(self.targets))

    def close(self):
        for opened in self.opened:
            opened.close()
        self.opened = []

    def namespaces(self):
        """{reference: Netns} for a plan: 'host' wherever it is netnsctl's own, else 'a' and 'b'."""
        found, own = {'host': self.session.home}, self.session.home.key
        for reference, opened in zip('ab', self.opened):
            if opened.key != own:
                found[reference] = opened
        return found

    def reference(self, at):
        """How a plan calls the namespace of an end: 'host', 'a' or 'b'."""
        return 'host' if self.opened[at].key == self.session.home.key else 'ab'[at]

    def is_about(self, name):
        """Is that the name of the wire that is made, or that it takes the place of?"""
        return name == self.name or self.known is not None and name == self.known.name

    def asked(self):
        """Two Endpoints with the canonical targets, and what was asked of the names of their links."""
        return [endpoint.Endpoint(target, asked.ifname) for target, asked in zip(self.targets, self.endpoints)]

    def settle_existing(self, clear=True):
        """What to do about a wire that is recorded under this request.

        Returns (Outcome, None) where it stands as asked; (None, record to be replaced or None) where there is work to
        do. ConflictError if it differs and --replace was not asked for. clear: remove what is left of a lost one.
        """
        record, ends = existing.of_request(self)
        if record is None:
            return None, None
        if ends is None and self.known is None:
            if self.options.replace and self.options.name:
                return None, record
            raise ConflictError('the wire %s exists and joins other ends: %s and %s'
                                % ((self.name,) + tuple(end.place for end in record.ends)),
                                hint='Give this one another name with --name, or remove that one: '
                                     'netnsctl unwire %s' % self.name)
        if ends is not None:
            self.macs = [None if end.has_borrowed_mac else end.mac for end in ends]
            if self.known is None:  # `up` knows better how they are called
                existing.keep_spelling(self, ends)
        if record.has_uplink and clear:
            from netnsctl.usecases.uplinks import standing  # few wires have nat or publish
            standing.restore(self.session, record)
        from netnsctl.usecases.recorded import inventory  # nothing that a new wire needs
        state, remarks = inventory.look(record)
        if state == inventory.ALTERED and record.dhcp and _lacks_a_client_alone(record):
            state = inventory.WHOLE  # it is started again: making
        if state == inventory.ALTERED and record.has_uplink and not clear:
            from netnsctl.usecases.uplinks import standing
            if set(remarks) <= set(standing.remarks(self.session.host, self.session.home, record, {})):
                state = inventory.WHOLE  # they would be restored
        if state == inventory.LOST:
            if clear:
                for opened in self.opened:
                    opened.require_there()  # else it is lost since we looked, and nothing takes its place
                from netnsctl.usecases.wires import unwiring
                unwiring.unwire(self.session, record.name)
                self.lost = record
            return None, None
        if self.known is not None:
            return None, record
        from netnsctl.usecases.recorded.comparing import differences  # nothing that a new wire needs
        found = self.elsewhere(record, ends) or differences(ends, self.endpoints, record.tree and self.session)
        if not found and state == inventory.WHOLE:
            return Outcome(record, False), None
        if self.options.replace:
            return None, record
        how = 'differs' if found else 'is ' + state
        from netnsctl.usecases.wires import changing  # few wires differ
        raise ConflictError('the wire %s exists and %s: %s' % (self.name, how, '; '.join(found or remarks)),
                            hint=changing.hint_of(self, record, found))

    def elsewhere(self, record, ends):
        """How the namespaces meant now differ from those of a record, whatever their targets are called: list."""
        from netnsctl.usecases.recorded import meaning  # a new wire needs none
        return meaning.elsewhere(record, ends, self.opened)


def _lacks_a_client_alone(record):
    from netnsctl.usecases.recorded import inventory
    from netnsctl.usecases.ends import dhcp
    return bool(dhcp.dead_ends(record)) and inventory.look(record, clients=False)[0] == inventory.WHOLE


def wire(session, wiring):
    """Makes one resolved Wiring, with the lock held: Outcome. On any error everything is as it was."""
    settled, replaced = wiring.settle_existing()
    if settled is not None:
        return settled
    if replaced is not None:
        return _replace(session, wiring, replaced)
    try:
        return _make(session, wiring)
    except ConflictError as error:
        # Taken by a wire that has another name? Then this is "the same wire again", or one that differs.
        owner = existing.owner(wiring)
        if owner is None:
            from netnsctl.usecases.wires import displacing
            displacing.way_out(wiring, error)
            raise
        if wiring.options.name:
            places = tuple(end.place for end in owner.ends)
            raise ConflictError('%s and %s are wired already, as %s' % (places + (owner.name,)))
        wiring.name = owner.name
    return wire(session, wiring)


def _make(session, wiring):
    """Outcome of a Wiring that is not recorded. Where it takes the place of a lost one, what that still has is deleted
    or waited for."""
    deadline, is_first = monotonic() + ENDED_SECONDS, True
    while True:
        try:
            return _carry_out(session, wiring, _prepare(session, wiring, None))
        except (ConflictError, KernelError) as error:
            lost = wiring.lost
            if lost is None or all(end.has_link for end in lost.ends):
                raise
            error.may_pass = error.may_pass or getattr(error, 'errno', None) in _OF_ENDED
            if not error.may_pass or monotonic() >= deadline:
                raise
        if is_first:
            from netnsctl.execution import ended  # few links are in anybody's way
            ended.delete_left(lost, session.home, session.backend, session.choose('netlink'), session.is_recorded)
        is_first = False
        for opened in wiring.opened:
            opened.require_there()
        time.sleep(0.05)


def _replace(session, wiring, old):
    """Removes the old wire and makes the new one; if that fails, the old one is recreated."""
    session.choose(wiring.options.backend, wiring.many)
    ends = deciding.ends_of(wiring)
    deciding.require_valid(wiring, ends)
    for end, other in (ends, reversed(ends)):
        deciding.require_fits_nic(session.home.rtnl(), end, other)
    if any(end.kind and kind_named(end.kind).changes for end in ends):
        from netnsctl.usecases.wires import changing  # few wires can stay
        record = changing.changed(wiring, old)
        if record is not None:
            return Outcome(record, True)
    namespaces = session.open_of(old)
    # Begun with an empty undo list of its own: from here on a kill brings the old wire back.
    pending = old.with_changes(name=wiring.name, id=random_hex(8), undo=[], replaces=old)
    try:
        session.journal.begin(pending)
        session.stop_clients(old.name)
        backend = session.backend(session.choose('netlink'), namespaces, old.name)
        failures = take_back(transaction.undo_of(session, old), namespaces, backend, session.is_recorded,
                             session.notices.append, session.given_to)
        if failures:
            raise failures[0][1]
        deciding.note_unsaid(wiring, old)
        return _carry_out(session, wiring, _prepare(session, wiring, old))
    except BaseException:
        transaction.roll_back_begun(session, pending, namespaces)
        raise
    finally:
        records.close_all(namespaces)


def _prepare(session, wiring, replaced):
    """Everything decided before the first operation: (ends, steps, backend, record)."""
    ends, steps = deciding.decide(wiring)
    namespaces = wiring.namespaces()
    backend = session.backend(session.choose(wiring.options.backend, wiring.many), namespaces, wiring.name)
    steps = backend.plan(steps)
    names = [step.undo() for step in steps if step.verb == 'add-netns-name']
    other_steps = [step for step in steps if not step.verb.endswith('netns-name')]
    undo = planning.undo(ends[0], ends[1], other_steps) + tuple(names)
    if any(asked.dhcp for asked in wiring.endpoints):
        from netnsctl.usecases.ends import dhcp
        wiring.marks['dhcp'] = [dhcp.Client(session, wiring.name, at).pid_file if asked.dhcp else None
                                for at, asked in enumerate(wiring.endpoints)]
    if session.starting is not None:
        wiring.marks['container'] = session.starting.identity
    record = records.make_record(wiring.name, backend.name, namespaces,
                                 zip(wiring.targets, wiring.endpoints, ends), steps, undo, replaced, **wiring.marks)
    return ends, steps, backend, record


def _carry_out(session, wiring, prepared):
    """Journal, operations, verification, commit."""
    ends, steps, backend, record = prepared
    namespaces = wiring.namespaces()
    try:
        if any(end.lent for end in ends):
            from netnsctl.usecases.lending import marks  # few wires have a NIC
            marks.note(session, wiring.name)
        session.journal.begin(record)
        backend.apply(steps)
        _note_indexes(record, namespaces)
        if any(step.verb == 'add-route' and step.is_across() for step in steps):
            from netnsctl.usecases.recorded import routes_there  # few routes lead from one family to the other
            routes_there.require_gateways(steps, namespaces)
        for opened in wiring.opened:
            opened.require_there()
        with signals.held():
            transaction.commit(session, record)
        _tell(wiring, record, ends)  # what is interrupted here is taken back as well
        return Outcome(record, True)
    except BaseException as error:
        _take_back(session, record, namespaces, error)
        raise


def _tell(wiring, record, ends):
    """Tells neighbours and the user what they need to know about a new wire."""
    if any(end.bridge for end in ends):
        from netnsctl.usecases.wires import bridging
        bridging.announce(wiring, ends)
    if any(end.anchor for end in ends):
        from netnsctl.usecases.wires import bridging
        bridging.announce_on_nic(wiring, ends)
    for end, other in (ends, reversed(ends)):
        wiring.session.notices += ['%s: the gateway %s is not on any network of the link: its route is onlink'
                                   % (end.label, gateway) for gateway in end.off_link(other)]
        octets = (end.dev or '').split('.')
        if len(octets) == 4 and all([is_number(octet, 15) for octet in octets]):
            wiring.session.notices.append('%s: its link is named %s; an address comes after a "=": %s=%s' % (
                end.label, end.dev, end.label, end.dev))
    if any(end.displaced for end in ends):
        from netnsctl.usecases.wires import displacing
        displacing.tell(wiring.session, record.name, ends)


def _take_back(session, record, namespaces, error):
    """Rolls back after a failure; the error then says what went wrong and what, if anything, is left."""
    try:
        transaction.roll_back(session, record, namespaces)
    except NetnsctlError as second:
        second.message = '%s; and %s' % (getattr(error, 'message', None) or type(error).__name__, second.message)
        raise second


def _note_indexes(record, namespaces):
    """Records which links the wire has, and makes sure that they are its own: one pair, and not replaced meanwhile.

    By RTM_GETLINK, which from Linux 6.8 on also waits until a new carrier lets packets out: an echo that is sent before
    costs a second.
    """
    links = []
    if not all(end.has_link for end in record.ends):
        _note_alone(record, namespaces)
        return
    for end in record.ends:
        links.append(namespaces[end.ns].rtnl().link(name=end.dev))
        if links[-1] is None or links[-1].mac != end.mac:
            raise NotFoundError('%s: the link vanished while it was being wired' % end.place)
    places = [namespaces[end.ns] for end in record.ends]
    if not identity.joins(places[0], links[0], places[1], links[1].index):
        raise NotFoundError('%s: the link was replaced while it was being wired' % record.ends[0].place)
    for end, link in zip(record.ends, links):
        end.index = link.index
    record.note_nodes(namespaces)


def _note_alone(record, namespaces):
    """The same for a wire that has one link."""
    for end in record.ends:
        if not end.has_link:
            continue
        link = namespaces[end.ns].rtnl().link(name=end.dev)
        step, = [step for step in record.undo_operations() if step.verb == 'return-link'
                 or step.verb == 'delete-link' and (step.ns, step.dev) == (end.ns, end.dev)]
        is_lent = step.verb == 'return-link'
        if link is None or not (_is_lent_one(namespaces[end.ns], link, step) if is_lent
                                else kind_of(step).is_it(step, link)):
            raise NotFoundError('%s: the link vanished while it was being wired' % end.place)
        end.index, end.mac = link.index, link.mac
        if end.asked('mac') is None and (is_lent or link.mac != step.mac):
            end.data['borrowed_mac'] = True
    record.note_nodes(namespaces)


def _is_lent_one(opened, link, step):
    from netnsctl.edge.nics import identity as nics  # few wires have a NIC
    return nics.is_it(opened, link, step.was)
