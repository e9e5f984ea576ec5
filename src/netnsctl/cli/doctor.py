"""netnsctl doctor"""
from __future__ import absolute_import, division, print_function

import sys

from netnsctl import __version__
from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.edge.host import Host
from netnsctl.edge.privileges import require_root
from netnsctl.errors import UsageError
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.finding import FAIL, OK, WARN
from netnsctl.usecases.fixing import WAYS

COLOURS = {OK: 'green', WARN: 'yellow', FAIL: 'red'}
WORDS = {OK: 'ok', WARN: 'warn', FAIL: 'FAIL'}
SYMBOLS = {OK: native(u'\u2713'), WARN: '!', FAIL: native(u'\u2717')}
WIDTH = 100


def _run(names, as_json, list_checks, in_full, ways, yes, dry_run):
    """Report what this host can do, what is in the way, and how to fix it. Changes nothing unless --fix is given.

    Shows the findings that are in the way or worth a look. With names, runs only those checks, and shows everything
    they saw. The exit code is 1 if a required check fails.

    --fix announces what it is going to do, asks for confirmation, announces each step, and then runs the checks. If
    --fix is given several times, the fixes are made one after the other, each with its own question; the first failure
    ends the run.
    """
    names = [native(name) for name in names]
    selected = doctor.select(names) if names or list_checks else None
    ways = [native(way) for way in ways]
    ways = [way for index, way in enumerate(ways) if way not in ways[:index]]
    if ways and (names or list_checks):
        raise UsageError('doctor --fix %s: it cannot be combined with names of checks or --list-checks' % ways[0])
    if (yes or dry_run) and not ways:
        raise UsageError('doctor %s: it needs --fix' % ('--yes' if yes else '--dry-run'))
    if list_checks:
        _list(selected, as_json)
        return 0
    host, fixed = Host(), None
    if ways:
        from netnsctl.cli import fixing
        require_root('doctor --fix %s' % ways[0], sys.argv[1:])
        fixing.check_ways(ways, yes or dry_run)
        if dry_run:
            fixing.foresee(host, ways, as_json)
            return 0
        fixed = fixing.mend(host, ways, yes, as_json)
    return _examine(names, host, as_json, in_full, fixed)


def _examine(names, host, as_json, in_full, fixed):
    """Runs the checks and prints what they found: the exit code. fixed: what was fixed before, as data, or None."""
    if as_json:
        findings = list(doctor.each(host, True, names))
        document = {'version': 1, 'netnsctl': __version__, 'fit': doctor.is_fit(findings),
                    'findings': [finding.as_data() for finding in findings]}
        if fixed is not None:
            document['fixed'] = fixed
        output.emit_json(document)
    else:
        findings = _tell_all(names, host, in_full)
        output.say(_summary(findings))
    return 0 if doctor.is_fit(findings) else 1


def _list(selected, as_json):
    if as_json:
        output.emit_json({'version': 1, 'netnsctl': __version__, 'checks': [
            {'check': item.name, 'group': item.group, 'tier': item.tier, 'summary': item.summary,
             'limit': item.seconds} for item in selected]})
        return
    widths = [max(len(getattr(item, field)) for item in selected) for field in ('name', 'group', 'tier')]
    for item in selected:
        cells = [text.ljust(width) for text, width in zip((item.name, item.group, item.tier), widths)]
        output.say('  '.join(cells + [item.summary]))


def _tell_all(names, host, in_full):
    """Runs the checks and prints each finding as it comes: a runtime that hangs must not hide the others.

    names: of the checks, to print everything they saw; none for all of them. in_full: also print those that found
    nothing.
    """
    findings, group = [], None
    marks = _marks()
    width = max(len(name) for name in names) if names else doctor.WIDEST_NAME
    for finding in doctor.each(host, bool(names) or in_full, names):
        findings.append(finding)
        if finding.status == OK and not (names or in_full):
            continue
        if finding.group != group:
            if group is not None:
                output.say('')
            output.say(output.colour(finding.group, 'bold'), escaped=True)
            group = finding.group
        for line in render(finding, marks, width, bool(names) or finding.status != OK):
            output.say(line, escaped=True)
    if group is not None:
        output.say('')
    return findings


def _marks():
    """{status: how it is shown, all of one width}: symbols if the terminal has them, otherwise words."""
    encoding = (getattr(sys.stdout, 'encoding', None) or '').lower().replace('-', '')
    texts = SYMBOLS if output.is_terminal() and encoding == 'utf8' else WORDS
    padding = 1 if texts is SYMBOLS else max(len(text) for text in texts.values())
    return dict((status, output.colour(text, COLOURS[status]) + ' ' * max(padding - len(text), 0))
                for status, text in texts.items())


def render(finding, marks, width, in_full):
    """The lines for a finding: list of text. in_full: with the evidence and what fixes it."""
    # printable() here and not only in say(): text from outside must be whole before colour codes join it.
    lines = ['  %s %s  %s' % (marks[finding.status], finding.check.ljust(width), output.printable(finding.text))]
    if not in_full:
        return lines
    for what, seen in finding.evidence:
        lines.append('      %s: %s' % (output.printable(what), output.printable(seen)))
    if finding.remediation is not None:
        import textwrap
        lines += textwrap.wrap(output.printable(finding.remediation.prose), WIDTH, initial_indent='    > ',
                               subsequent_indent='      ', break_long_words=False, break_on_hyphens=False)
        lines += ['        ' + output.printable(text) for text in finding.remediation.commands]
    return lines


def _summary(findings):
    """The last line: how many checks, fit or not, and by which findings."""
    failed = [finding.check for finding in findings if finding.status == FAIL]
    warned = [finding.check for finding in findings if finding.status == WARN]
    parts = ['%d check%s' % (len(findings), '' if len(findings) == 1 else 's'), 'not fit' if failed else 'fit']
    parts += ['%d in the way: %s' % (len(failed), ', '.join(failed))] if failed else []
    parts += ['%d worth a look: %s' % (len(warned), ', '.join(warned))] if warned else []
    return '; '.join([': '.join(parts[:2])] + parts[2:])


command = Syntax(_run, Words('names', '[CHECK]...', offers=[('checks', None)]), needs_root=False, options=[
    Option(['--json'], 'as_json', 'Print every finding as JSON.'),
    Option(['--list-checks'], 'list_checks', 'List the checks with their tiers and exit.'),
    Option(['-a', '--all'], 'in_full', 'Also show the checks that found nothing.'),
    Option(['--fix'], 'ways', 'Fix this host. `native`: make netnsctl work without a newer ip; `rdo`: install one from '
                              'RDO\'s repository; netns-dir, netns-names, wires: do what that check '
                              'asks for.', 'WAY', is_repeated=True,
           offers=sorted(WAYS)),
    Option(['-y', '--yes'], 'yes', 'With --fix: answer yes to every question, the offer of the shim included.'),
    Option(['--dry-run'], 'dry_run', 'With --fix: print what would be done, and change nothing.')])
