"""netnsctl map"""
from __future__ import absolute_import, division, print_function

import os
import stat
import sys

from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax
from netnsctl.compat import native, printable
from netnsctl.edge.host import Host, remove_temp_files, write_file
from netnsctl.errors import NetnsctlError, NotFoundError, UsageError, cause_of
from netnsctl.usecases import drawing
from netnsctl.usecases.map import choosing, comparing, looking
from netnsctl.usecases.wires.session import Session


def _run(form, as_json, path, space, wires, before, follow, problems, offline):
    """Draw every network namespace of the host, with its links and how they are joined.

    Containers, processes and names are looked up; whatever made them, netnsctl or something else. Nothing is changed.
    """
    form = _format(form, as_json, path)
    if offline and (before is not None or follow or problems):
        raise UsageError('map: --offline excludes --diff, --follow and --problems')
    if follow and problems:
        raise UsageError('map: --follow excludes --problems',
                         hint='The doctor takes seconds: run netnsctl map --problems when you want to know.')
    if before is not None:
        if form not in ('text', 'json'):
            raise UsageError('map: --diff excludes --format %s' % form)
        before = comparing.read(before)
    if follow:
        return _follow(form, path, before, space, wires)
    document = _looked(problems and before is None, offline)
    if before is not None:
        text = _compared(before, document, form)
    else:
        document, text = _chosen(document, space, wires), None
    if path is not None:
        _write(path, text or _drawn(document, form))
    elif text is not None:
        output.say(text[:-1], escaped=True)
    else:
        output.say(_drawn(document, form, sys.stdout is not None and sys.stdout.isatty())[:-1], escaped=True)
    return 0


def _looked(problems, offline):
    """The whole document."""
    if offline:
        from netnsctl.usecases.map import offline as saved
        return saved.look(Host())
    session = Session()
    try:
        document = looking.look(session)
        if problems:
            from netnsctl.usecases.map import problems as complaints
            document['problems'] = complaints.find(session.host, document)
    finally:
        session.close()
    return document


def _chosen(document, space, wires):
    """The part of the document that is asked for."""
    if wires:
        document = choosing.wires_only(document)
    return choosing.neighbourhood(document, native(space)) if space is not None else document


def _follow(form, path, before, space, wires):
    """Draws again whenever something has changed: on a terminal on a clear screen, as JSON one document a line."""
    if form not in ('text', 'json') or path is not None or before is not None:
        raise UsageError('map: --follow excludes -o, --diff, and formats other than text and json')
    from netnsctl.usecases.drawing import structured
    from netnsctl.usecases.map import following
    is_terminal, shown = sys.stdout is not None and sys.stdout.isatty(), None
    for document in following.documents():
        try:
            document = _chosen(document, space, wires)
        except NotFoundError as error:  # it may come again
            if shown is None:
                raise
            text = error.message
        else:
            text = structured.line(document) if form == 'json' else _drawn(document, form, is_terminal)[:-1]
        if text != shown:
            clear = '\x1b[H\x1b[2J' if is_terminal and form == 'text' else ''
            output.say(clear + text + ('' if form == 'json' or clear else '\n'), escaped=True)
            shown = text


def _compared(before, document, form):
    """What has changed, as text that ends in a line feed."""
    changes = comparing.compare(before, document)
    if form == 'json':
        from netnsctl.usecases.drawing import structured
        return structured.plain({'version': looking.VERSION, 'since': before.get('time'), 'time': document['time'],
                                 'changes': [change.to_json() for change in changes]})
    return ''.join(printable(str(change)) + '\n' for change in changes) or 'nothing has changed\n'


def _format(form, as_json, path):
    """The format that is asked for. UsageError."""
    if form is not None and form not in drawing.FORMATS:
        raise UsageError('map: --format %s: not a format' % printable(form),
                         hint='One of %s' % ', '.join(drawing.FORMATS))
    if as_json:
        if form not in (None, 'json'):
            raise UsageError('map: --json excludes --format %s' % form)
        return 'json'
    if form is None and path is not None:
        form = drawing.format_of(path)
        if form is None:
            raise UsageError('map: -o %s: its ending is not that of a format' % printable(path),
                             hint='Use one of %s, or --format' % ', '.join(
                                 ending for name in drawing.FORMATS for ending in drawing.ENDINGS[name]))
    return form or 'text'


def _drawn(document, form, is_terminal=False):
    """The text of a drawing, which ends in a line feed."""
    if form != 'text':
        return drawing.draw(document, form)
    if not document['namespaces'] and not document['wires']:
        return 'no wires\n'
    from netnsctl.usecases.drawing import tree
    width = _width() if is_terminal else None
    return ''.join(_line(line, width) + '\n' for line in tree.draw(document, _is_ascii()))


def _line(parts, width):
    """One line, escaped, with colour on a terminal and no longer than it is wide."""
    shown, room = [], width
    for text, colour in parts:
        text = printable(text)
        if room is not None:
            if output.width_of(text) > room:
                text = output.cut(text, room)
            room -= output.width_of(text)
        shown.append(output.colour(text, colour) if colour and width is not None else text)
    return ''.join(shown)


def _is_ascii():
    """Does the locale lack UTF-8?"""
    for name in ('LC_ALL', 'LC_CTYPE', 'LANG'):
        if os.environ.get(name):
            return 'utf-8' not in os.environ[name].lower() and 'utf8' not in os.environ[name].lower()
    return True


def _width():
    """How many columns the terminal has, or None."""
    import fcntl
    import struct
    import termios
    try:
        return struct.unpack('4H', fcntl.ioctl(sys.stdout.fileno(), termios.TIOCGWINSZ, b'\0' * 8))[1] or None
    except (OSError, IOError, struct.error):
        return None


def _write(path, text):
    """Writes the file in one step. UsageError for what is not a file, NetnsctlError if it cannot be written."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise UsageError('map: -o %s: it is there, and not a regular file' % printable(path),
                             hint='To write elsewhere, redirect standard output.')
    except OSError:
        pass  # not there yet, or the error is told below
    umask = os.umask(0o077)
    os.umask(umask)
    remove_temp_files(path, is_alone=False)
    try:
        write_file(path, text, 0o666 & ~umask)
    except EnvironmentError as error:
        raise NetnsctlError('map: write %s: %s' % (printable(path), cause_of(error)))


command = Syntax(_run, options=[
    Option(['--format'], 'form', 'How to draw: %s.' % ', '.join(drawing.FORMATS), 'FORMAT',
           offers=list(drawing.FORMATS)),
    Option(['--json'], 'as_json', 'The same as --format json.'),
    Option(['-o', '--output'], 'path', 'Write it to FILE, in the format of its ending.', 'FILE', offers='files'),
    Option(['--ns'], 'space', 'Draw the namespace NAME and what it is joined to.', 'NAME'),
    Option(['--wires'], 'wires', 'Draw only what was wired by netnsctl.'),
    Option(['--offline'], 'offline', 'Draw what the config tree describes, without asking the kernel.'),
    Option(['--problems'], 'problems', 'Add what the doctor complains of, and mark what is concerned.'),
    Option(['--diff'], 'before', 'Say what has changed since FILE, a map as JSON.', 'FILE', offers='files'),
    Option(['--follow'], 'follow', 'Draw it again whenever something has changed, until it is interrupted.')])
