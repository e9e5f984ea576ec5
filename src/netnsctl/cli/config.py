"""netnsctl config render|save|forget|check"""
from __future__ import absolute_import, division, print_function

import os
import sys

from netnsctl.cli import output
from netnsctl.cli.syntax import Command, Group, Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.edge.files import config_files
from netnsctl.edge.host import Host
from netnsctl.edge.privileges import require_root
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.usecases.wires import transaction
from netnsctl.usecases.wires.session import Session


def _render(ends, filename, name, root):
    """Print the files that describe wires. A and B are as for `netnsctl wire`; bare names are looked up, but nothing is
    wired."""
    from netnsctl.cli.wire import read_lines
    from netnsctl.usecases.ends.resolving import canonical_target
    from netnsctl.usecases.tree import asking, reading, rendering
    wanted, errors = read_lines('config render', [native(text) for text in ends], filename and native(filename),
                                name and native(name))
    if errors:
        for error in errors[1:]:
            output.report_error(error)
        raise errors[0]
    if any(end.target.scheme is None for line in wanted for end in (line.a, line.b)):
        require_root('config render', sys.argv[1:])  # to look the name up
    session = Session()
    try:
        for line in wanted:
            for end in (line.a, line.b):
                if not canonical_target(end.target).has_no_link:
                    end.mtu = end.mtu or line.mtu
        wires = asking.complete(session.host, session.home, [(line.name, line.a, line.b) for line in wanted])
    finally:
        session.close()
    if root is not None:
        root = os.path.abspath(native(root))
        if not os.path.isdir(root):
            raise UsageError('config render: --root %s: no such directory' % root)
        there = Host(root)
        files = rendering.render_wires(wires, lambda place: config_files.read(there, place),
                                       lambda folder: config_files.list_folder(there, folder),
                                       lambda: reading.read(there, is_ours=False))
        with config_files.Below(root) as below:
            for place in sorted(files):
                below.write(place, files[place])
                output.say('%s %s' % ('removed' if files[place] is None else 'wrote', root.rstrip('/') + place))
        if not files:
            output.say('nothing to do: the files are already up to date')
        return
    files = rendering.render_wires(wires)
    for place in sorted(files):
        output.say('# %s' % place)
        for line in files[place].splitlines():
            output.say(line)
        output.say('')


def _save(names, every, dry_run, as_json):
    """Write what is wired now into the tree, so that `up` can recreate it.

    What is not part of a wire (ONBOOT, DNS1, comments, keys that netnsctl does not act on) is kept.
    """
    from netnsctl.usecases.tree import saving
    if every == bool(names):
        raise UsageError('config save: takes names of wires, or --all', hint='`netnsctl ls` lists them.')
    session = Session()
    try:
        with session.locked():
            if not dry_run:
                transaction.recover(session)
            changes = saving.save(session, None if every else [native(name) for name in names], dry_run)
            is_any = not every or bool(session.journal.names()[0])
        if as_json:
            output.emit_json({'version': 1, 'written': [place for place, text in changes if text is not None],
                              'removed': [place for place, text in changes if text is None]})
            return
        wrote, removed = ('would write', 'would remove') if dry_run else ('wrote', 'removed')
        for place, text in changes:
            output.say('%s %s' % (removed if text is None else wrote, place))
        if not changes:
            output.say('nothing to do: %s' % ('the tree is already up to date' if is_any else 'nothing is wired'))
    finally:
        for notice in session.notices:
            output.warn('netnsctl: %s' % notice)
        session.close()


def _forget(names, stale, dry_run, as_json):
    """Remove the files that describe wires, so that `up` does not recreate them. What is wired stays.

    A bridge's file is removed with the last wire that the tree plugs into it. Either all of the files are removed
    or none.
    """
    from netnsctl.usecases.tree import forgetting
    if stale == bool(names):
        raise UsageError('config forget: takes names of wires, or --stale', hint='Try: netnsctl config forget --help')
    session = Session()
    try:
        with session.locked():
            if not dry_run:
                transaction.recover(session)
            places = (forgetting.forget_stale(session, dry_run) if stale
                      else forgetting.forget(session, [native(name) for name in names], dry_run))
        for notice in session.notices:
            output.warn('netnsctl: %s' % notice)
        if as_json:
            output.emit_json({'version': 1, 'removed': places})
            return
        for place in places:
            output.say('%s %s' % ('would remove' if dry_run else 'removed', place))
        if not places:
            output.say('nothing to do: every wire of the tree is up, or comes up later')
    finally:
        session.close()


def _check(spaces, as_json):
    """Compare the tree with what is wired, and report each difference with its file and line.

    The exit code is 0 if there is no difference, 1 if there is one, and 2 if a file cannot be used.
    """
    from netnsctl.usecases.up_down import tree_check
    session = Session()
    try:
        report = tree_check.check(session, [native(name) for name in spaces] or None)
    finally:
        session.close()
    error = UsageError(report.problems[0]) if report.problems else NetnsctlError(
        'the wires do not match the tree: %s' % report.differences[0]) if report.differences else None
    if as_json:
        output.emit_json({'version': 1, 'problems': report.problems, 'differences': report.differences,
                          'notes': report.notes}, error)
    else:
        for text in report.problems + report.differences + report.notes:
            output.say(text)
        if not report.problems and not report.differences:
            output.say(_sound(report))
    return error.exit_code if error is not None else 0


def _sound(report):
    """The last line for a tree without errors or differences."""
    if not report.wires:
        return 'nothing to compare: the tree describes no wires'
    if not report.unsaved:
        return 'the wires match the tree'
    count = len(report.unsaved)
    return 'the wires of the tree are up; %d more wire%s in no file' % (count, ' is' if count == 1 else 's are')


_WIRES = Words('names', '[WIRE]...', offers=[('wires', None)])
command = Group("""Manage the ifcfg files, one directory per namespace, that `netnsctl up` brings up at boot.

A directory is called NAME (a named namespace), SCHEME:NAME (docker:web) or host.
""", [
    Command('render', 'Print the files that describe wires.', Syntax(
        _render, Words('ends', 'A B', offers=[('endpoint', 2)]), needs_root=False, options=[
            Option(['-f', '--file'], 'filename', 'Read the wires from FILE, one "A B" per line.', 'FILE',
                   offers='files'),
            Option(['--name'], 'name', 'The name of the wire.', 'NAME'),
            Option(['--root'], 'root', 'Write them into DIR/etc/sysconfig/netns instead of printing them.', 'DIR',
                   offers='folders')])),
    Command('save', 'Write what is wired now into the tree.', Syntax(_save, _WIRES, options=[
        Option(['--all'], 'every', 'Save every recorded wire.'),
        Option(['--dry-run'], 'dry_run', 'Print what would be written, and change nothing.'),
        Option(['--json'], 'as_json', 'Print the result as JSON.')])),
    Command('forget', 'Remove the files of wires from the tree.', Syntax(_forget, _WIRES, options=[
        Option(['--stale'], 'stale',
               'Remove the files of every wire that is not up (except those of stopped containers or '
               'with ONBOOT=no).'),
        Option(['--dry-run'], 'dry_run', 'Print what would be removed, and change nothing.'),
        Option(['--json'], 'as_json', 'Print the result as JSON.')])),
    Command('check', 'Compare the tree with what is wired.', Syntax(
        _check, Words('spaces', '[NS]...', offers=[('spaces', None)]), options=[
            Option(['--json'], 'as_json', 'Print the result as JSON.')])),
])
