"""The result for a wire, as text and as data."""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.usecases.wires import making


class Told(object):
    """What is told of one of a file's wires, which is kept of thousands instead of the Outcome: said, lines of text, or
    one output.json_item(); warned, lines for standard error; error, CheckFailedError or None; waits: is it to be
    confirmed?"""
    __slots__ = ('said', 'warned', 'error', 'waits')

    def __init__(self, outcome, as_json):
        if as_json:
            self.said = [output.json_item(as_data(outcome))]
        else:
            self.said = [sentence(outcome)] + (saved_lines(outcome) if outcome.saved else [])
        self.error = making.check_error(outcome)
        self.warned = unsent(outcome) if self.error is None else causes(outcome)
        self.waits = outcome.seconds_left is not None


def causes(outcome):
    """Why a check failed, one cause per line with its hint below: list of text."""
    found = ['netnsctl: %s: wired, but the check failed' % outcome.record.name]
    for cause in outcome.report.causes:
        found.append('  %s' % cause.text)
        found += ['    %s' % cause.hint] if cause.hint else []
    return found


def unsent(outcome):
    """Why the check of a new wire between two namespaces sent no echo, or a gateway answered none: list of text."""
    report = outcome.report
    if report is None:
        return []
    found = ['netnsctl: %s: the gateway %s is there, but does not answer echoes' % (outcome.record.name, address)
             for address in sorted(set(probe.address for probe in report.probes if not probe.answered))]
    if not report.probes and not any(end.bridge or end.parsed_target().is_anchor for end in outcome.record.ends):
        found.append('netnsctl: %s: no echo was sent: %s' % (
            outcome.record.name, '; '.join(report.untested)))
    return found


def sentence(outcome):
    """One line on the result for a wire."""
    record = outcome.record
    ends = ' <-> '.join(' '.join([end.place] + [','.join(words)] if words else [end.place]) for end, words in zip(
        record.ends, [_addresses_of(outcome, at) for at in (0, 1)]))
    checked = ''
    if outcome.report is not None and outcome.report.ok:
        # Nothing can be sent to an end without an address.
        checked = ', checked' if outcome.report.probes else ', links up'
    if not outcome.changed:
        return 'already wired: %s: %s%s%s' % (record.name, ends, checked and ' (%s)' % checked[2:], _waits(outcome))
    made = ''.join('; made the bridge %s' % name for name in made_bridges(record))
    made += ''.join('; in place of %s: %s' % (name, ' <-> '.join(places)) for name, places in replaced(outcome)
                    if name != record.name or sorted(places) != sorted(end.place for end in record.ends))
    done = 'changed' if record.is_change else 'wired'
    return '%s %s: %s (%s%s)%s%s' % (done, record.name, ends, record.backend, checked, made, _waits(outcome))


def uplink_words(end):
    """What of an end of a Wire is asked of its host, as `netnsctl wire` takes it: list of text."""
    return ([word for word in ('ipv6', 'nat', 'open') if end.get(word)]
            + ['publish=' + text for text in end.get('publish', ())] + ['localhost'] * bool(end.get('localhost')))


def _waits(outcome):
    """'; undone in 60 s unless confirmed', or '' of a wire that waits for nothing."""
    return ''.join('; ' + text for text in waiting(outcome))


def waiting(wire):
    """What is said of a Wire or an Outcome that is not confirmed: a list of one text; empty if it waits for nothing."""
    if wire.seconds_left is None:
        return []
    return ['undone in %d s unless confirmed' % wire.seconds_left if wire.seconds_left else
            'not confirmed in time: the next command that changes something undoes it']


def origin(wire):
    """What asked for a Wire, if that was no command: a list of one text, or empty."""
    found = wire.origin or {}
    if found.get('kind') == 'label':
        return ['label %(label)s of %(container)s' % found]
    return ['compose project %(project)s' % found] if found.get('kind') == 'compose' else []


def _addresses_of(outcome, at):
    """The addresses of an end, and those that came by DHCP, or that they do: list of text."""
    end = outcome.record.ends[at]
    return (outcome.leased.get(at) or ['dhcp'] if end.dhcp else []) + list(end.addresses)


def replaced(outcome):
    """The wires that a wire replaced: [(name, ['netns://a:eth0', ...])]."""
    old = outcome.record.replaces if outcome.changed else None
    return [(old.name, [end.place for end in old.ends])] if old else []


def made_bridges(record):
    """The names of the bridges that were made for a wire, none for one that was changed: list."""
    return [] if record.is_change else [step.dev for step in record.planned('add-link') if step.kind == 'bridge']


def saved_lines(outcome):
    """What `--save` did to the tree, one file per line: list of text."""
    if outcome.saved is None:
        return []
    if not outcome.saved:
        return ['nothing to save: the tree is already up to date']
    return ['%s %s' % ('removed' if text is None else 'wrote', place) for place, text in outcome.saved]


def as_data(outcome):
    """One wire's result as plain data."""
    from netnsctl.usecases.recorded import inventory, wire
    data = wire.Wire(outcome.record, inventory.WHOLE, []).to_json()
    data['changed'] = outcome.changed
    data['seconds_left'] = outcome.seconds_left
    if outcome.leased:
        data['leased'] = [address for at in sorted(outcome.leased) for address in outcome.leased[at]]
    data['made_bridges'] = made_bridges(outcome.record) if outcome.changed else []
    data['replaced'] = [{'name': name, 'ends': places} for name, places in replaced(outcome)]
    if outcome.saved is not None:
        data['saved'] = [place for place, _ in outcome.saved]
    data['check'] = outcome.report.to_json() if outcome.report is not None else None
    return data


def planned_data(plan):
    """A dry_run.LinePlan as plain data."""
    return {'name': plan.name, 'line': plan.line.number, 'changed': bool(plan.commands), 'commands': plan.commands,
            'replaces': plan.replaces}


def purged_data(purged, with_files):
    """What --purge removed (purging.Purged, or None where nothing was tried) as plain data."""
    names, failed = (purged.names, purged.failed) if purged else ([], [])
    data = {'purged': names, 'not_purged': [{'name': name, 'error': error.message, 'hint': error.hint,
                                             'exit_code': error.exit_code} for name, error in failed]}
    if with_files:
        data['removed_files'] = purged.places if purged else []
    return data


def purged_lines(purged):
    """The same in words: list of text."""
    return ['unwired %s' % name for name in purged.names] + ['removed %s' % place for place in purged.places]
