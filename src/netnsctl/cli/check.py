"""netnsctl check"""
from __future__ import absolute_import, division, print_function

import click

from netnsctl import api
from netnsctl.cli import output
from netnsctl.cli.commands import Command
from netnsctl.compat import native
from netnsctl.errors import CheckFailedError, NetnsctlError, NotFoundError, UsageError
from netnsctl.usecases import records
from netnsctl.usecases.session import Session


@click.command('check', cls=Command, short_help='Test a wire both ways and say why it fails.')
@click.argument('name', required=False)
@click.option('--all', 'every', is_flag=True, help='Test every wire.')
@click.option('--json', 'as_json', is_flag=True, help='Print the results as JSON.')
def command(name, every, as_json):
    """Test a wire: an echo each way, one that fills the MTU each way, and where one fails, the cause.

    The echoes are netnsctl's own, made inside the network namespaces: no ping is needed there.
    """
    if every == (name is not None):
        raise UsageError('check: takes a name, or --all', hint='Try: netnsctl check --help')
    if not every:
        records.check_known_name(native(name))
    session = Session()
    try:
        names = session.journal.names()[0] if every else [native(name)]
        results = [_check(session, one) for one in names]
    finally:
        session.close()
    if as_json:
        output.emit_json({'version': 1, 'checks': [_data(*result) for result in results]})
    for result in results:
        _tell(as_json, *result)
    codes = [error.exit_code if error is not None else 0 if report.ok else CheckFailedError.exit_code
             for _, report, error in results]
    return max(codes) if codes else 0


def _check(session, name):
    """(name, Report or None, NetnsctlError or None)"""
    try:
        record = session.journal.load(name)
        if record is None:
            raise NotFoundError('check %s: no such wire' % name)
        return name, api.check_record(session, record), None
    except NetnsctlError as error:
        return name, None, error


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
        say('%s: %s' % (name, 'ok' if report.ok else 'fails'))
    for probe in report.probes:
        if not as_json:
            say('  %s -> %s  %s' % (probe.source, probe.target, _answer(probe)))
    for cause in report.causes:
        say('  %s' % cause.text)
        if cause.hint:
            say('    %s' % cause.hint)


def _answer(probe):
    if probe.answered:
        return '%s, %d bytes: answered in %.3f ms' % (probe.address, probe.size, probe.seconds * 1000)
    return '%s, %d bytes: %s' % (probe.address, probe.size, probe.error or 'no answer')
