"""netnsctl wire -f FILE"""
from __future__ import absolute_import, division, print_function

from netnsctl import api
from netnsctl.cli import output
from netnsctl.cli.wire import as_data, sentence, tell_causes


def wire_file(session, filename, lines, options, atomic, as_json):
    """Makes the wires of a file and prints them; what failed is named at the end with its line. Returns the exit code."""
    results, interrupted = api.wire_lines(session, lines, options, atomic)
    if as_json:
        output.emit_json({'version': 1, 'wires': [as_data(r.outcome) for r in results if r.outcome],
                          'failed': [{'line': r.line.number, 'error': r.error.message, 'exit_code': r.error.exit_code}
                                     for r in results if r.error]})
    else:
        for result in results:
            if result.outcome is not None:
                output.say(sentence(result.outcome))
    unchecked = [r.outcome for r in results if r.outcome and r.outcome.report is not None and not r.outcome.report.ok]
    for outcome in unchecked:
        tell_causes(outcome)
    failed = [result for result in results if result.error is not None]
    for result in failed:
        output.warn('netnsctl: %s:%d: %s' % (filename, result.line.number, result.error.message))
        if result.error.hint:
            output.warn('  %s' % result.error.hint)
    made = len([r for r in results if r.outcome])
    if failed or interrupted:
        output.warn('netnsctl: %s: %d of %d wires stand%s' % (filename, made, len(lines), ', all were taken back' if atomic and not made else ''))
    if interrupted is not None:
        return interrupted.exit_code
    if failed:
        return max([f.error.exit_code for f in failed if f.error.exit_code == 6] or [failed[0].error.exit_code])
    return 5 if unchecked else 0
