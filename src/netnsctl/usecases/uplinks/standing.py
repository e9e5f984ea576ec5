"""Do the firewall's rules and the sysctls of recorded wires stand? A reload of firewalld or nftables takes rules of
others away; they are made again from the record, without a change to the wire.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.uplink import choosing, opening
from netnsctl.errors import NetnsctlError
from netnsctl.execution import backends
from netnsctl.model.features import uplink, uplink_steps
from netnsctl.usecases.recorded import existing
from netnsctl.usecases.uplinks import forwarded


def lacking(host, home, record, known=None):
    """What a record has asked of the host and is not there: [(operation, text)].

    home: Netns. known: a dict, which gets what is read of the firewall. NetnsctlError.
    """
    from netnsctl.execution.backends import uplinks
    found = []
    known = {} if known is None else known
    for step in record.planned('set-sysctl', 'set-hairpin', 'add-nat', 'open-forward'):
        if step.verb == 'set-sysctl' and home.sysctl(step.name) not in (step.value, None):
            found.append((step, 'net.%s is %s' % (step.name.replace('/', '.'), home.sysctl(step.name))))
        elif step.verb == 'set-hairpin' and (host.read(uplinks.HAIRPIN % step.port) or '').strip() == '0':
            found.append((step, 'hairpin_mode of its port is 0'))
        elif step.verb == 'add-nat':
            text = _difference(host, step, known)
            if text is not None:
                found.append((step, text))
        elif step.verb == 'open-forward':
            found += [(step, 'lacks its %s' % opening.where(place))
                      for place in opening.Opening(host).lacks(step, known)]
    return found + _unopened(host, home, record, known)


def _unopened(host, home, record, known):
    """What lacking() returns for chains that came after a wire that is to pass, as docker's do with docker."""
    rules = record.planned('add-nat')
    if not rules or not _is_open(record):
        return []
    opened = _opened(record)
    found = [place for place in forwarded.places(host, home, rules[0], rules[0].wire, known)
             if opening.key_of(place) not in opened]
    forwarded.require_plain(rules[0], found)
    return [(uplink_steps.OpenForward(rules[0].ns, rules[0].wire, rules[0].link, [place]),
             'lacks its %s' % opening.where(place)) for place in found]


def _difference(host, step, known):
    """How the rules of an add-nat are not as they should be: text, or None."""
    tool, key = choosing.tool(host, step.program), (step.program, tuple(step.families))
    if key not in known:
        known[key] = tool.rules(step.program, step.families)
    there, wanted = known[key].get(step.wire, {}), tool.wanted(step)
    if there == wanted:
        return None
    numbers = [sum(map(len, rules.values())) for rules in (there, wanted)]
    if not there:
        return 'lacks its rules in the firewall (%s)' % step.program
    if numbers[0] != numbers[1]:
        return 'has %d rules in the firewall (%s), not %d' % (numbers[0], step.program, numbers[1])
    wanted = tool.as_listed(step)  # only a program knows how it words a rule
    changed = [(rule, there.get(chain, [None] * len(rules))[at]) for chain, rules in sorted(wanted.items())
               for at, rule in enumerate(rules) if there.get(chain, [])[at:at + 1] != [rule]]
    if not changed:
        return None
    return 'has other rules in the firewall (%s) than it made: %s, not %s' % (
        step.program, changed[0][1] or 'nothing', changed[0][0])


def remarks(host, home, record, known):
    """The same as remarks on the state of a wire: list of text."""
    at = [end.ns == 'host' for end in record.ends].index(True)
    try:
        return ['%s: %s' % (record.ends[at].place, text) for _, text in lacking(host, home, record, known)]
    except NetnsctlError as error:
        return ['%s: its rules cannot be read: %s' % (record.ends[at].place, error.message)]


def restore(session, record, known=None):
    """Makes again what is missing of a committed wire, with the lock held: was there any? NetnsctlError."""
    missing = lacking(session.host, session.home, record, known)
    if missing and not all(existing.is_there(record, end) for end in record.ends):
        return False  # its addresses and ports may be another's by now
    _note_zones(session, record, known)
    if missing:
        _note_places(session, record, [step for step, _ in missing if step.verb == 'open-forward'])
        backend = backends.make(session.choose('netlink'), session.host, {'host': session.home}, record.name,
                                session.state.lock_fd)
        if known is not None:
            known.clear()  # for the next wire
        backend.apply(tuple(step for step, _ in missing))
        session.notices.append('%s: restored what it needs of the host: %s' % (
            record.name, '; '.join(text for _, text in missing)))
    return bool(missing)


def _note_zones(session, record, known):
    """A link may have come into a zone of firewalld for another wire since: it has to last as long as this one."""
    for rules in record.planned('add-nat') if _is_open(record) else ():
        rows = forwarded.shared_zones(session, rules, known)
        own = _opened(record)
        new = [row for row in rows if opening.key_of(row) not in own][:1]
        if new:
            _note_places(session, record, [uplink_steps.OpenForward(rules.ns, rules.wire, rules.link, new)])


def _opened(record):
    """Where it is let pass already: list of opening.key_of()."""
    return [opening.key_of(place) for step in record.planned('open-forward') for place in step.places]


def _is_open(record):
    return any(uplink.is_open(end.items) for end in record.ends)


def _note_places(session, record, steps):
    """Writes down where rules will be that were not there when the wire was made, so that they go with it."""
    there = record.planned('open-forward')
    new = [place for step in steps for place in step.places if not any(place in old.places for old in there)]
    if not new:
        return
    whole = steps[0].with_places([place for old in there for place in old.places] + new)
    for key, verb, step in (('plan', 'open-forward', whole), ('undo', 'close-forward', whole.undo())):
        others = [data for data in record.data[key] if data['verb'] != verb]
        record.data[key] = others + [step.record()] if key == 'plan' else [step.record()] + others
    session.journal.put_back(record)


def restore_all(session, summary, names=None):
    """The same for every recorded wire, into an up_down.Summary: its restored and failed. names: of those that have an
    uplink, if that is known."""
    known = {}
    for record in session.recorded() if names is None else [session.journal.load(name) for name in names]:
        if record.has_uplink:
            try:
                summary.restored += [record.name] if restore(session, record, known) else []
            except NetnsctlError as error:
                summary.failed.append((record.name, error))
