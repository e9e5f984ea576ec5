"""Wires of a file that have nothing in common, made on several processors at once.

Each is a transaction of its own, in the journal under a name of its own; what must come in an order (one network
namespace or one name twice, an address from the pool) stays in one process. So do the wires of one bridge, unless all
that they have in common is that bridge: then this process makes the first of them, and the others are divided too.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import Interrupted, NetnsctlError
from netnsctl.execution import signals
from netnsctl.execution import crew
from netnsctl.model.operations import BRIDGE_ALIAS
from netnsctl.usecases.ends import common
from netnsctl.usecases.wires import transaction

WIRES_EACH = 40  # that many take longer than starting a worker


def each(session, lines, options, wire_line, settle):
    """Calls wire_line(line), which returns what became of it, for every line: (list of (line, that) in the order of the
    lines, Interrupted or None). After a signal the list has what was whole by then.

    settle(line) does what is to be done about a wire that was committed as a signal came, before wire_line returned
    (session.untold): what became of its line, or None where that is as if it had not begun.
    """
    session.new_bridges = None if options.replace else set()
    try:
        with signals.held() as hold:
            work = _Work(session, lines, wire_line, settle, hold)
            parts = _parts(session, lines, options, work.open_bridge)
            if work.interrupted:
                parts = [[]]
            answers = crew.share(parts, work.run, work.of_worker, hold)
            work.run([])  # hears a signal that came meanwhile
            for part, done, answer in answers:
                work.take(answer) if done else work.lose(part, answer)
    finally:
        session.new_bridges = None
    return [(lines[place], work.found[place]) for place in sorted(work.found)], work.interrupted


class _Work(object):
    """What became of the lines so far: found (by place in the lines), interrupted (Interrupted or None)."""

    def __init__(self, session, lines, wire_line, settle, hold):
        self.session, self.lines, self.wire_line, self.settle, self.hold = session, lines, wire_line, settle, hold
        self.found, self.interrupted, self.place = {}, None, None

    @property
    def ended_by(self):
        return self.interrupted and self.interrupted.signum

    def run(self, places):
        """Works on these lines, in their order, until a signal comes: ended_by."""
        try:
            self.hold.call(self._run, sorted(places))
        except Interrupted as error:
            self.interrupted = error
            self._settle()
        return self.ended_by

    def _settle(self):
        """A wire that stands is told, or stands no more."""
        if self.session.untold is None or self.place in self.found:
            return
        try:
            outcome = self.settle(self.lines[self.place])
            if outcome is not None:
                self.found[self.place] = outcome
        except NetnsctlError as error:
            self.session.notices.append(error.message)

    def open_bridge(self, opening):
        """Makes the first of the wires to a bridge: is the bridge as it makes it?"""
        if self.ended_by or self.run([opening.first]):
            return False
        rtnl = self.session.home.rtnl()
        link = rtnl.link(name=opening.bridge)
        return link is not None and link.alias == BRIDGE_ALIAS and set(opening.addresses).issubset(
            '%s/%d' % (item.address, item.prefixlen) for item in rtnl.addresses(link.index))

    def _run(self, places):
        for self.place in places:
            self.session.untold = None
            self.found[self.place] = self.wire_line(self.lines[self.place])

    def of_worker(self, places):
        """In the worker: works on these lines and returns what take() takes."""
        self.session.close()  # its sockets are the parent's; they are opened again
        told = len(self.session.notices)
        self.run(places)
        return self.found, self.session.notices[told:], self.ended_by

    def take(self, answer):
        """A worker's results for its lines."""
        self.session.forget_found()  # the worker knows of wires that this process does not
        found, notices, ended_by = answer
        self.found.update(found)
        self.session.notices += notices
        self.interrupted = self.interrupted or ended_by and Interrupted(ended_by)

    def lose(self, places, why):
        """Nothing is known of a worker's lines: what is complete is left as it is, the rest made here."""
        self.session.forget_found()
        if self.interrupted is None:
            self.session.notices.append(
                'The process that worked on %d of the wires did not report what became of them (%s): those that it made'
                ' count as made before.' % (len(places), why))
            # What it left half done is rolled back first; complete wires are found as they are.
            transaction.recover(self.session)
            self.run(places)


def _parts(session, lines, options, open_bridge):
    """The places of the lines, in parts that have nothing in common, the largest first; one part where they may.

    open_bridge(common.Opening) is called where that leads to parts that are more even, and does its first line.
    """
    everything = list(range(len(lines)))
    count = crew.size(len(lines), WIRES_EACH)
    if count < 2 or options.save or options.replace:
        return [everything]
    keys_of = common.keys_of(lines, options, session.presence)
    if None in keys_of:
        return [everything]
    parts = _divided(everything, keys_of, count)
    if len(parts[0]) - len(lines) // count < WIRES_EACH // 2:
        return parts
    left = set(everything)
    for opening in common.openings(lines, keys_of):
        if len(opening.places) >= WIRES_EACH:
            left.remove(opening.first)
            if open_bridge(opening):
                for place in opening.places:
                    keys_of[place] = opening.keys_left(lines[place], keys_of[place])
    return _divided(sorted(left), keys_of, count)


def _divided(wanted, keys_of, count):
    """Places in so many parts at most, the largest first. keys_of: keys of each place, also of those not wanted."""
    parts = [[] for _ in range(count)]
    for places in sorted(_joined(wanted, keys_of), key=lambda places: (-len(places), places)):
        min(parts, key=len).extend(places)
    return [sorted(part) for part in sorted(parts, key=len, reverse=True) if part]


def _joined(wanted, keys_of):
    """Those of the places that share a key, be it through others: list of lists."""
    parent = {}

    def root(key):
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for place in wanted:
        for key in keys_of[place][1:]:
            parent[root(key)] = root(keys_of[place][0])
    groups = {}
    for place in wanted:
        groups.setdefault(root(keys_of[place][0]), []).append(place)
    return list(groups.values())
