"""netnsctl wire"""
from __future__ import absolute_import, division, print_function

import os
import sys

from netnsctl.cli import output
from netnsctl.cli.outcomes import (Told, as_data, causes, planned_data, purged_data, purged_lines, saved_lines,
                                   sentence, unsent)
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native, open_cloexec, shell_quote
from netnsctl.errors import UsageError, cause_of
from netnsctl.model import endpoint, names, wires_file
from netnsctl.model.pool import DEFAULT_POOL
from netnsctl.usecases.wires import making
from netnsctl.usecases.wires.session import Session
from netnsctl.usecases.wires.wiring import Options

FILE_BYTES = 64 << 20


def _run(ends, filename, atomic, purge, name, mtu, pool, backend, check, dry_run, replace, force, save, opens, confirm,
         as_json):
    """Give two endpoints a link, addresses and routes, in one step that either works or leaves nothing behind.

    An endpoint is TARGET[:IFNAME][=ITEM,...]. TARGET: host, a name, a PID, a path, or a scheme and a name: %(schemes)s.
    ITEM: an address (10.1.1.1/32, fd00::1/64), %(items)s. netnsctl(8) says what each means.

    \b
      netnsctl wire a:A=10.1.1.1/32 b:B=10.1.1.2/32
      netnsctl wire docker://web=10.0.0.2/24,gw=10.0.0.1 bridge://br0=10.0.0.1/24
    """
    # click gives unicode on Python 2
    filename, name, mtu, pool, backend, purge = [native(text) for text in (filename, name, mtu, pool, backend, purge)]
    mtu = None if mtu is None else names.check_mtu(mtu)
    lines, errors = read_lines('wire', [native(text) for text in ends], filename, name, mtu)
    if opens:
        from netnsctl.model.features import uplink  # few wires need it
        uplink.open_way([(line.a, line.b) for line in lines])
    _check_together(filename, atomic, purge, dry_run, save, confirm)
    options = Options(name, mtu, backend, replace, pool, check, save, force or replace, insists=force)
    seconds = None if confirm is None else _seconds(native(confirm), dry_run)
    session, waiter = Session(), None
    session.tell_waiting = lambda text: output.warn('netnsctl: ' + text)
    try:
        if dry_run:
            return _dry_run(session, filename, lines, errors, options, atomic, purge, as_json)
        if seconds is not None and lines:
            from netnsctl.usecases.confirming import waiter as waiting  # few wires need it
            waiter = waiting.Waiter(session, seconds, save)
        if filename is None:
            return _wire_one(session, lines[0], options, as_json)
        return _wire_file(session, filename, lines, errors, options, atomic, purge, as_json)
    finally:
        for notice in session.notices:
            output.warn('netnsctl: %s' % notice)
        session.close()
        if waiter is not None:
            waiter.close()


def _check_together(filename, atomic, purge, dry_run, save, confirm):
    """UsageError for options that do not go together."""
    if filename is None and atomic:
        raise UsageError('wire: --atomic needs -f FILE')
    if purge is not None and filename is None:
        raise UsageError('wire: --purge needs -f FILE')
    if purge is not None and (atomic or confirm is not None):
        raise UsageError('wire: --purge cannot be combined with --atomic or --confirm')
    if save and (atomic or dry_run):
        raise UsageError('wire: --save cannot be combined with --atomic or --dry-run',
                         hint='Afterwards: netnsctl config save --all')


def _seconds(text, dry_run):
    from netnsctl.usecases.recorded import unconfirmed  # few wires need it
    seconds = unconfirmed.check_seconds(text)
    if dry_run:
        output.warn('# without --dry-run, undone after %d s unless confirmed: netnsctl confirm' % seconds)
    return seconds


def read_lines(what, ends, filename, name=None, mtu=None):
    """The wires that a command line names, as two endpoints or by a file: (list of WireLine, list of LineError for
    malformed lines). UsageError."""
    if (filename is None) == (not ends) or len(ends) not in (0, 2):
        raise UsageError('%s: takes two endpoints, or -f FILE' % what, hint='Try: netnsctl %s --help' % what)
    if filename is None:
        return [wires_file.WireLine(None, endpoint.parse(ends[0]), endpoint.parse(ends[1]), name, mtu)], []
    if name is not None:
        raise UsageError('%s: --name is for a single wire; in a file, give it on the wire\'s line' % what)
    return wires_file.parse(_read(filename), filename)


def _wire_one(session, line, options, as_json):
    outcome = making.wire_one(session, line.a, line.b, options)
    failed = making.check_error(outcome)
    if as_json:
        output.emit_json({'version': 1, 'wires': [as_data(outcome)]}, failed)
    else:
        output.say(sentence(outcome))
        for line in saved_lines(outcome):
            output.say(line)
        if outcome.seconds_left is not None:
            output.say('to keep it: netnsctl confirm %s' % shell_quote(outcome.record.name))
    for line in unsent(outcome) if failed is None else causes(outcome):
        output.warn(line)
    return 0 if failed is None else failed.exit_code


def _wire_file(session, filename, lines, errors, options, atomic, purge, as_json):
    """Makes the wires of a file and prints them; failures are listed at the end with their lines. errors: LineErrors of
    the malformed lines; with atomic or purge, any of them means that none is made. purge: pattern of the names of wires
    that are removed if the file has them not, or None.

    Returns the exit code.
    """
    results, interrupted, purged = [], None, None
    if not ((atomic or purge is not None) and errors):
        if purge is not None:
            from netnsctl.usecases import purging  # few files are all that is to be wired
            purged = purging.purge(session, lines, options, purge, options.save)
        from netnsctl.usecases.wires import many  # a single wire does not need this
        results, interrupted = many.wire_lines(session, lines, options, atomic, lambda outcome: Told(outcome, as_json))
    made = [result.outcome for result in results if result.outcome is not None]
    failed = _failed(errors, [(result.line, result.error) for result in results if result.error is not None])
    unchecked = [told for told in made if told.error is not None]
    not_purged = purged.failed if purged else []
    ending = _ending(interrupted, [error for _, error in not_purged] + [error for _, _, error in failed], unchecked)
    if as_json:
        document = {'version': 1, 'failed': _failed_data(failed)}
        if purge is not None:
            document.update(purged_data(purged, options.save))
        output.emit_json_items(document, 'wires', [item for told in made for item in told.said], ending)
    else:
        _tell_made(made, purged)
        if not lines and not errors and not (purged and purged.names):
            output.say('nothing to do: %s' % _no_wires(filename))
    for told in [told for told in made if told.error is None] + unchecked:
        for line in told.warned:
            output.warn(line)
    for _, error in not_purged:
        output.report_error(error)
    _tell_failed(filename, failed)
    if failed or interrupted:
        option = '--atomic' if atomic else '--purge' if errors and purge is not None else None
        text = _summary(len(made), len(lines) + len(errors), len(errors), option)
        output.warn('netnsctl: %s: %s%s' % (_called(filename), interrupted.message + ': ' if interrupted else '', text))
    return ending.exit_code if ending is not None else 0


def _tell_made(made, purged):
    for text in purged_lines(purged) if purged else ():
        output.say(text)
    for told in made:
        for line in told.said:
            output.say(line)
    if any(told.waits for told in made):
        output.say('to keep them: netnsctl confirm --all')


def _called(filename):
    return 'standard input' if filename == '-' else filename


def _no_wires(filename):
    return 'there are no wires in %s' % _called(filename)


def _failed(errors, others):
    """[(number of a line, reason, error)] in their order. errors: LineErrors; others: [(WireLine, NetnsctlError)]."""
    found = [(error.number, error.reason, error) for error in errors]
    return sorted(found + [(line.number, error.message, error) for line, error in others], key=lambda item: item[0])


def _failed_data(failed):
    return [{'line': number, 'error': reason, 'hint': error.hint, 'exit_code': error.exit_code}
            for number, reason, error in failed]


def _tell_failed(filename, failed):
    for number, reason, error in failed:
        output.warn('netnsctl: %s:%d: %s' % (filename, number, reason))
        for line in (error.hint or '').splitlines():
            output.warn('  %s' % line)


def _ending(interrupted, failed, unchecked):
    """The error whose exit code the command ends with, or None: a signal, then what could not be undone, then the first
    line that failed, then the first failed check."""
    if interrupted is not None:
        return interrupted
    for error in [error for error in failed if error.exit_code == 6] + failed:
        return error
    return unchecked[0].error if unchecked else None


def _summary(made, wanted, malformed, option):
    """'2 of 3 wires are in place; 1 line is malformed'. option: the one that lets a line stop all others, or None."""
    text = '%d of %d wires are in place' % (made, wanted)
    if malformed:
        text += '; %d line%s malformed' % (malformed, ' is' if malformed == 1 else 's are')
    if option and not made:
        text += '; with %s, %s' % (option, 'none is created' if malformed else 'all were rolled back')
    return text


def _read(filename):
    """The text of a file of wires. UsageError if it cannot be read, is a FIFO or a directory, or is too large."""
    if filename == '-':
        stream = getattr(sys.stdin, 'buffer', sys.stdin)
        text = stream.read(FILE_BYTES + 1)
    else:
        try:
            descriptor = open_cloexec(filename, os.O_RDONLY | os.O_NONBLOCK)
        except (OSError, IOError, TypeError, ValueError) as error:
            raise UsageError('%s: %s' % (filename, cause_of(error)))
        try:
            import stat
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError('%s: not a regular file' % filename,
                                 hint='To read what another program writes: netnsctl wire -f -')
            with os.fdopen(os.dup(descriptor), 'rb') as stream:
                text = stream.read(FILE_BYTES + 1)
        finally:
            os.close(descriptor)
    if len(text) > FILE_BYTES:
        raise UsageError('%s: larger than %d bytes' % (filename, FILE_BYTES))
    return native(text)


def _dry_run(session, filename, lines, errors, options, atomic, purge, as_json):
    """Prints the commands for the wires; for a file, those of all good lines, and then the failures, with the exit code
    that making the wires would have."""
    from netnsctl.usecases.wires import dry_run
    plans, remarks, others, gone = [], [], [], []
    if not ((atomic or purge is not None) and errors):
        if purge is not None:
            from netnsctl.usecases import purging
            gone = purging.absent(session, lines, options, purge)
        plans, remarks, others = dry_run.plan_lines(session, lines, options, atomic, gone)
    commands = ['netnsctl unwire %s' % shell_quote(record.name) for record in gone]
    commands += [text for plan in plans for text in plan.commands]
    if filename is None and others:
        raise others[0][1]
    failed = _failed(errors, others)
    ending = _ending(None, [error for _, _, error in failed], [])
    for remark in remarks:
        output.warn('# %s' % remark)
    if filename is not None and not lines and not errors and not as_json:
        output.say('nothing to do: %s' % _no_wires(filename))
    if as_json:
        document = {'version': 1, 'commands': commands, 'wires': [planned_data(plan) for plan in plans]}
        if purge is not None:
            document['purged'] = [record.name for record in gone]
        if filename is not None:
            document['failed'] = _failed_data(failed)
        output.emit_json(document, ending)
    else:
        for text in commands:
            output.say(text)
    _tell_failed(filename, failed)
    return 0 if ending is None else ending.exit_code


command = Syntax(_run, Words('ends', 'A B', offers=[('endpoint', 2)]), fills={
    'schemes': lambda: ' '.join(scheme + '://' for scheme in endpoint.SCHEMES),
    'items': lambda: ', '.join([key + '=' for key in endpoint.KEYS] + list(endpoint.WORDS))}, options=[
    Option(['-f', '--file'], 'filename', 'Make the wires listed in FILE, one "A B" per line ("-" is standard input).',
           'FILE', offers='files'),
    Option(['--atomic'], 'atomic', 'With -f: make all of the wires or none.'),
    Option(['--purge'], 'purge', 'With -f: remove the wires whose names match PATTERN and that are not in FILE.',
           'PATTERN'),
    Option(['--name'], 'name', 'The name of the wire (default: derived from its ends).', 'NAME'),
    Option(['--mtu'], 'mtu', 'The MTU of ends that do not set one.', 'BYTES'),
    Option(['--pool'], 'pool', 'The network to take addresses from if neither end has one.', 'NETWORK',
           default=DEFAULT_POOL, shows_default=True),
    Option(['--backend'], 'backend', 'How to talk to the kernel.', 'auto|iproute|netlink', default='auto',
           shows_default=True, offers=['auto', 'iproute', 'netlink']),
    Option(['--check'], 'check', 'Test each new wire with echoes both ways.', default=True, off='--no-check',
           shows_default=True),
    Option(['--dry-run'], 'dry_run', 'Print what would be done as ip commands, and change nothing.'),
    Option(['--replace'], 'replace',
           'Recreate a wire that exists but differs; displace routes that are in the way.'),
    Option(['--force'], 'force', 'Use addresses and ports that others have, and NICs that this host needs.'),
    Option(['--save'], 'save', 'Also write the files from which `netnsctl up` recreates the wire.'),
    Option(['--open'], 'opens', 'Let what nat and published ports need pass a firewall that would drop it.'),
    Option(['--confirm'], 'confirm', 'Undo it after so long unless `netnsctl confirm` comes before.', 'SECONDS'),
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
