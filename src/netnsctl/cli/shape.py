"""netnsctl shape"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.model import shaping
from netnsctl.usecases.shaping import changing
from netnsctl.usecases.wires import transaction
from netnsctl.usecases.wires.session import Session

# {(was it changed, is it shaped now): what is said}
SAID = {(True, True): 'shaped', (True, False): 'no longer shaped', (False, True): 'already shaped',
        (False, False): 'not shaped'}


def _run(words, dry_run, save, as_json):
    """Change how what leaves one end of a wire is limited and delayed, while the wire stays up.

    END: the target of that end, or its interface. ITEM: %(items)s as of an endpoint; what is not mentioned stays.
    KEY=none takes one off, and none alone all of them.

    \b
      netnsctl shape w web rate=10mbit delay=20ms
      netnsctl shape w web delay=none
    """
    words = [native(word) for word in words]
    if len(words) < 3:
        raise UsageError('shape: takes the name of a wire, one of its ends, and items such as rate=10mbit',
                         hint='Try: netnsctl shape --help')
    if save and dry_run:
        raise UsageError('shape: --save cannot be combined with --dry-run')
    session = Session()
    try:
        if dry_run:
            return _dry_run(session, words, as_json)
        with session.locked():
            transaction.recover(session)
            outcome = changing.change(session, words[0], words[1], words[2:], save)
        return _report(session, outcome, as_json)
    finally:
        for notice in session.notices:
            output.warn('netnsctl: %s' % notice)
        session.close()


def _dry_run(session, words, as_json):
    commands, remarks = changing.commands(session, words[0], words[1], words[2:])
    for remark in remarks:
        output.warn('# %s' % remark)
    if as_json:
        output.emit_json({'version': 1, 'commands': commands})
    else:
        for text in commands:
            output.say(text)
    return 0


def _report(session, outcome, as_json):
    record, end = outcome.record, outcome.end
    if as_json:
        document = {'version': 1, 'name': record.name, 'end': end.place, 'shaping': dict(end.shaping),
                    'changed': outcome.changed}
        if outcome.saved is not None:
            document['saved'] = [place for place, _ in outcome.saved]
        output.emit_json(document)
    else:
        how = ' '.join(shaping.words(dict(end.shaping)))
        said = SAID[outcome.changed, bool(how)]
        output.say('%s %s: %s%s' % (said, record.name, end.place, how and ' ' + how))
        for place, text in outcome.saved or ():
            output.say('%s %s' % ('removed' if text is None else 'wrote', place))
    if outcome.is_saved_otherwise:
        session.notices.append('the files of %s say something else, which `netnsctl up` restores; to save this: '
                               'netnsctl config save %s' % (record.name, record.name))
    return 0


command = Syntax(_run, Words('words', 'NAME END ITEM...', offers=[('wires', 1), ('shaping', None)]), fills={
    'items': lambda: ', '.join(key + '=' for key in shaping.KEYS)}, options=[
    Option(['--dry-run'], 'dry_run', 'Print what would be done as tc commands, and change nothing.'),
    Option(['--save'], 'save', 'Also write it into the files of the wire.'),
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
