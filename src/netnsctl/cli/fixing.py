"""What `netnsctl doctor --fix` says and asks."""
from __future__ import absolute_import, division, print_function

import sys

from netnsctl import __version__
from netnsctl.cli import output
from netnsctl.compat import native
from netnsctl.errors import Interrupted, NetnsctlError, UsageError
from netnsctl.usecases import fixing


def check_ways(ways, yes):
    """UsageError for an unknown fix, or if nobody can be asked. ways: what --fix was given, in order."""
    for way in ways:
        fixing.check_way(way)
    if not (yes or sys.stdin is not None and sys.stdin.isatty()):
        words = ' '.join('--fix %s' % way for way in ways)
        raise UsageError('doctor %s: it asks before it changes anything, but standard input is not a terminal' % words,
                         hint='To skip the question: netnsctl doctor %s --yes' % words)


def mend(host, ways, yes, as_json):
    """Does one fix after the other: what was done, [{'way', 'says', 'did'}]. The first that fails, or is declined, ends
    the run: its error is raised, and the state of the others is printed.

    yes: ask nothing. as_json: standard output is for the document that follows, so everything goes to standard error.
    """
    tell, fixed = output.warn if as_json else output.say, []
    for index, way in enumerate(ways):
        try:
            fixed += [{'way': way, 'says': says, 'did': did} for says, did in _mend(host, way, yes, tell)]
        except (NetnsctlError, Interrupted):
            for words, others in (('already done and kept', ways[:index]), ('not begun', ways[index + 1:])):
                if others:
                    tell('%s: %s' % (words, ', '.join('--fix %s' % other for other in others)))
            raise
    return fixed


def foresee(host, ways, as_json):
    """Prints the steps of these fixes that are still to be done, those that are offered included."""
    steps = [(way, step) for way in ways for step in fixing.plan(host, way)]
    if as_json:
        output.emit_json({'version': 1, 'netnsctl': __version__, 'steps': [
            {'way': way, 'says': step.says, 'commands': list(step.commands), 'undo': step.undo,
             'offered': bool(step.offered)} for way, step in steps]})
        return
    for way, step in steps:
        output.say('--fix %s would %s (%s)' % (way, step.says, _reach(step)))
        for line in step.commands:
            output.say('    %s' % line)
    if not steps:
        output.say('Nothing to fix: all that %s does is in place.' % ', '.join('`--fix %s`' % way for way in ways))


def _mend(host, way, yes, tell):
    """Plans, asks, and does it step by step: [(what a step says, what it did)].

    Ends with the first step that fails: its error is raised, and what was done before it is printed.
    """
    steps = fixing.plan(host, way)
    if not steps:
        tell('Nothing to fix: all that `--fix %s` does is in place.' % way)
        tell('')
        return []
    chosen, told = _choose(way, steps, yes, tell), []
    for done, step in enumerate(chosen):
        tell('- %s' % step.says)
        try:
            told.append((step.says, step.run()))
            tell('  %s' % told[-1][1])
        except NetnsctlError as error:
            if done:
                tell('  failed; the step%s before it remain%s in effect' % (('s', '') if done > 1 else ('', 's')))
            raise error
    tell('')
    return told


def _choose(way, steps, yes, tell):
    """The steps to do: one question for all needed steps, and one for each offered step."""
    needed = [step for step in steps if not step.offered]
    if needed:
        tell('To fix this host, `--fix %s` will' % way)
        for step in needed:
            tell('- %s' % step.says)
            for line in step.commands:
                tell('    %s' % line)
            tell('    %s' % _reach(step))
        if not yes and not _ask('Do this?'):
            raise NetnsctlError('doctor --fix %s: declined; nothing was changed' % way)
        tell('')
    chosen = []
    for step in steps:
        if not step.offered or yes or _ask('Also %s (%s)?' % (step.says, _reach(step))):
            chosen.append(step)
    return chosen


def _reach(step):
    return 'cannot be undone' if step.undo is None else 'undone by: %s' % step.undo


def _ask(question):
    """Asks on the terminal; an empty line or the end of input means no."""
    output.ask('%s [y/N] ' % question)
    answer = native(sys.stdin.readline()).strip().lower()
    return answer in ('y', 'yes')
