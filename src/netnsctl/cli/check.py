"""netnsctl check"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.errors import CheckFailedError, UsageError, declared
from netnsctl.model.addressing import parse_far
from netnsctl.usecases.check import checking
from netnsctl.usecases.recorded import existing
from netnsctl.usecases.wires.session import Session


def _run(names, every, to, as_json):
    """Test a wire with echoes both ways, small ones and ones that fill the MTU, and report why one fails.

    netnsctl sends the echoes itself, from inside the network namespaces; they need no ping.
    """
    if every == bool(names) or len(names) > 1:
        raise UsageError('check: takes the name of a wire, or --all', hint='Try: netnsctl check --help')
    names = [native(name) for name in names]
    to = None if to is None else parse_far(native(to), '--to')
    if to is not None and every:
        raise UsageError('check: --to is for one wire')
    session = Session()
    try:
        results = [_check(session, one, to) for one in (session.journal.names()[0] if every else names)]
    finally:
        session.close()
    worst = _worst(results)
    if as_json:
        output.emit_json({'version': 1, 'checks': [_data(*result) for result in results]}, worst)
    for result in results:
        _tell(as_json, *result)
    return worst.exit_code if worst is not None else 0


def _worst(results):
    """The error of the highest exit code among results, the first of several; None if all is well."""
    errors = [error if error is not None else _failed(name, report) for name, report, error in results
              if error is not None or not report.ok]
    return max(errors, key=lambda error: error.exit_code) if errors else None


def _failed(name, report):
    cause = report.causes[0] if report.causes else None
    return CheckFailedError('%s: %s' % (name, cause.text if cause else 'an echo was not answered'),
                            hint=cause.hint if cause else None)


def _check(session, name, to):
    """(name, Report or None, NetnsctlError or None)"""
    try:
        return name, checking.check_record(session, existing.named(session, 'check', name), to=to), None
    except UsageError:
        raise
    except Exception as error:
        return name, None, declared(error, 'check %s' % name)


def _data(name, report, error):
    if error is not None:
        return {'name': name, 'ok': False, 'error': error.message}
    return dict(report.to_json(), name=name)


def _tell(as_json, name, report, error):
    say = output.warn if as_json else output.say
    if error is not None:
        output.report_error(error)
        return
    if not as_json or not report.ok:
        say('%s: %s' % (name, 'fails' if not report.ok else 'ok' if report.probes else 'ok (links up)'))
    for probe in report.probes:
        if not as_json:
            say('  %s -> %s  %s' % (probe.source, probe.target, _answer(probe)))
    for text in report.untested:
        if not as_json:
            say('  not tested: %s' % text)
    for cause in report.causes:
        say('  %s' % cause.text)
        if cause.hint:
            say('    %s' % cause.hint)


def _answer(probe):
    if probe.answered:
        return '%s, %d bytes: answered in %.3f ms' % (probe.address, probe.size, probe.seconds * 1000)
    return '%s, %d bytes: %s' % (probe.address, probe.size, probe.error or 'no answer')


command = Syntax(_run, Words('names', '[NAME]', offers=[('wires', 1)]), options=[
    Option(['--all'], 'every', 'Test every wire.'),
    Option(['--to'], 'to', 'Send an echo out to that address too, by a wire with nat.', metavar='ADDRESS'),
    Option(['--json'], 'as_json', 'Print the results as JSON.')])
