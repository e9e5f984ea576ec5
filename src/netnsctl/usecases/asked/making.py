"""Wires that a container's label or a compose file asks for: made with a mark that says so in their record, so that who
asked for a wire may also change and remove it, and nobody else's."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import ConflictError, Interrupted, NetnsctlError, declared
from netnsctl.usecases.recorded import existing, inventory
from netnsctl.usecases.wires import making, unwiring
from netnsctl.usecases.wires.wiring import Wiring


class Asked(object):
    """One wire that is asked for: what (for messages), line (WireLine), origin (Record.origin)."""
    __slots__ = ('what', 'line', 'origin')

    def __init__(self, what, line, origin):
        self.what, self.line, self.origin = what, line, origin


class Making(object):
    """Makes what is asked for, into a Summary of up_down. options: of all wires (wires.wiring.Options).

    names: of the wires that stand as asked. replaces: is a wire of the same origin that differs replaced, which may
    displace routes? If not, it is removed first. With the lock held, but for get_leases().
    """

    def __init__(self, session, options, summary, replaces=True):
        self.session, self.options, self.summary, self.replaces = session, options, summary, replaces
        self.names, self._waiting = set(), []
        session.presence.many = True

    def each(self, wanted):
        """make() for each Asked: a failure affects no other, a signal ends it."""
        try:
            for asked in wanted:
                try:
                    self.make(asked)
                except Exception as error:
                    self.fail(asked.what, declared(error, 'make the wire'))
        except Interrupted as error:
            self.summary.end(self.session, error)

    def fail(self, what, error):
        self.summary.failed.append((what, error))

    def make(self, asked):
        """Makes one, or leaves it as it is."""
        known, outcome, wiring = self._begin(asked)
        try:
            name = outcome.record.name
            self.names.add(name)
            if making.lacks_lease(outcome):
                self._waiting.append((asked, outcome, wiring.options))
            else:
                making.finish(self.session, outcome, wiring.options, True, wiring.namespaces())
                self._tell_check(asked, outcome)
            to = 'same' if not outcome.changed else 'made' if known is None else 'changed'
            getattr(self.summary, to).append(name)
            if to == 'changed' and outcome.record.is_change:
                self.summary.live.append(name)
        finally:
            wiring.close()

    def _begin(self, asked):
        """(the Record that was there, or None; Outcome; Wiring)."""
        line = asked.line
        wiring = Wiring(self.session, line.a, line.b, self.options.of_line(line.name, line.mtu), many=True)
        try:
            wiring.marks = {'origin': asked.origin}
            wiring.resolve()
            known = existing.of_request(wiring)[0]
            if known is not None:
                self.names.add(known.name)
            is_own = known is not None and known.origin == asked.origin
            wiring.options.replace = is_own and self.replaces
            try:
                return known, making.make(self.session, wiring), wiring
            except ConflictError:
                if not is_own or self.replaces:
                    raise
            unwiring.unwire(self.session, known.name)
            return known, making.make(self.session, wiring), wiring
        except BaseException:
            wiring.close()
            raise

    def _tell_check(self, asked, outcome):
        failed = making.check_error(outcome)
        if failed is not None:
            self.fail(asked.what, failed)

    def get_leases(self):
        """Asks for the addresses by DHCP of what was made, all at once and without the lock."""
        if not self._waiting or self.summary.interrupted is not None:
            making.take_back(self.session, [outcome for _, outcome, _ in self._waiting])
            return
        try:
            told = making.get_leases(self.session, [(outcome, options) for _, outcome, options in self._waiting], True)
        except Interrupted as error:
            self.summary.interrupted = error
            return
        for (asked, outcome, _), (finished, error) in zip(self._waiting, told):
            if error is not None:
                for names in (self.summary.made, self.summary.changed, self.summary.same):
                    if outcome.record.name in names:
                        names.remove(outcome.record.name)
                self.fail(asked.what, error)
            else:
                self._tell_check(asked, finished)


def remove(session, names, summary):
    """Removes recorded wires, with the lock held, into a Summary."""
    ended = unwiring.ended_by(session, names)

    def tell(name, error):
        if error is None:
            summary.gone.append(name)
        else:
            summary.failed.append((name, error))
    try:
        unwiring.unwire_many(session, names, tell)
        summary.failed += [(', '.join(summary.gone), error) for error in unwiring.settle_servers(session, ended)]
    except Interrupted as error:
        summary.interrupted = error


def of_origin(session, is_meant):
    """The recorded wires whose origin is_meant(origin): [Record]."""
    return [record for record in session.recorded() if record.origin and is_meant(record.origin)]


def ids_of(session, is_meant):
    """The IDs of those as of before the engines are asked what runs (set): a wire that is made meanwhile may be of a
    container that their answer lacks."""
    return set(record.id for record in of_origin(session, is_meant))


def is_lost(record):
    """Is a namespace of a recorded wire gone?"""
    try:
        return inventory.look(record, clients=False, queues=False)[0] == inventory.LOST
    except NetnsctlError:
        return False
