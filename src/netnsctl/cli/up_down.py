"""What `up` and `down` print about what they did."""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.compat import shell_quote

_WORDS = (('made', 'wired %s'), ('changed', 'recreated %s'), ('gone', 'unwired %s'),
          ('removed', 'removed the namespace %s'))
LIVE = 'changed %s, which stayed up'


def tell(verb, session, summary, as_json, described='the tree'):
    """Prints a usecases.up_down.summary.Summary: the exit code. described: what describes the wires; None:
    only rules were restored."""
    for notice in session.notices:
        output.warn('netnsctl: %s' % notice)
    if as_json:
        output.emit_json({'version': 1, 'made': summary.made, 'changed': summary.changed, 'live': summary.live,
                          'same': summary.same, 'gone': summary.gone, 'removed': summary.removed,
                          'failed': failed_data(summary.failed)}, summary.error)
    else:
        for field, words in _WORDS:
            for name in getattr(summary, field):
                output.say((LIVE if field == 'changed' and name in summary.live else words) % name)
    _tell_failed(summary)
    if not as_json:
        _tell_end(verb, summary, described)
    return summary.exit_code


def foresee(session, summary, as_json):
    """Prints what `down` would remove, by the Summary of its dry run, as commands: the exit code."""
    for notice in session.notices:
        output.warn('netnsctl: %s' % notice)
    commands = ['netnsctl unwire %s' % shell_quote(name) for name in summary.gone]
    if as_json:
        output.emit_json({'version': 1, 'commands': commands, 'failed': failed_data(summary.failed)},
                         summary.error)
    else:
        for text in commands:
            output.say(text)
    _tell_failed(summary)
    return summary.exit_code


def failed_data(failed):
    """[(what, NetnsctlError)] as plain data."""
    return [{'what': what, 'error': error.message, 'hint': error.hint, 'exit_code': error.exit_code}
            for what, error in failed]


def _tell_failed(summary):
    for what, error in summary.failed:
        text = error.message if error.message.startswith(what) else '%s: %s' % (what, error.message)
        output.warn('netnsctl: %s' % text)
        for line in (error.hint or '').splitlines():
            output.warn('  %s' % line)


def _tell_end(verb, summary, described):
    done = sum(len(getattr(summary, field)) for field, _ in _WORDS)
    if summary.interrupted is not None:
        output.warn('netnsctl: %s: %s: %d done and kept, %d unchanged' % (
            verb, summary.interrupted.message, done, len(summary.same)))
    elif summary.failed:
        output.warn('netnsctl: %s: %d done, %d unchanged, %d failed' % (verb, done, len(summary.same),
                                                                          len(summary.failed)))
    elif not done and not summary.restored:
        output.say('nothing to do: %s' % _why_nothing(verb, summary, described))


def _why_nothing(verb, summary, described):
    if described is None:
        return 'no wire that is up lacks rules in the firewall or sysctls'
    count = len(summary.same)
    if count:
        return ('the wire matches %s' if count == 1 else 'all %d wires match %%s' % count) % described
    if summary.unasked:
        return ('the wire of %s has ONBOOT=no' if summary.unasked == 1 else
                'all %d wires of %%s have ONBOOT=no' % summary.unasked) % described
    return ('no wire of %s is up' if verb == 'down' else '%s describes no wires') % described
