"""netnsctl unwire"""
from __future__ import absolute_import, division, print_function

from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax, Words
from netnsctl.compat import native
from netnsctl.errors import Interrupted, NetnsctlError, UndoError, UsageError
from netnsctl.model.names import may_be_name
from netnsctl.usecases.recorded import existing
from netnsctl.usecases.wires import transaction, unwiring
from netnsctl.usecases.wires.session import Session


UNREAD_HINT = 'See: netnsctl config check'


def _run(names, every, forget, if_exists, dry_run, as_json):
    """Remove wires, by name or one by its two endpoints, and restore what they displaced.

    If a name is not that of a wire, this is an error and nothing is removed, unless --if-exists is given.
    """
    names = [native(name) for name in names]
    if every == bool(names):
        raise UsageError('unwire: takes names of wires, two endpoints, or --all', hint='Try: netnsctl unwire --help')
    session = Session()
    try:
        if dry_run:
            return _dry_run(session, names, every, forget, if_exists, as_json)
        rolled_back, gone, errors, removed = [], [], [], [] if forget else None
        try:
            with session.locked():
                wanted, rolled_back, errors = _wanted(session, names, every, if_exists)
                if not errors:
                    files = _Files(session, wanted, names, forget)
                    ended = unwiring.ended_by(session, wanted)
                    gone, errors = _unwire_all(session, wanted)
                    errors += unwiring.settle_servers(session, ended)
                    unwiring.forget_undone(session, [name for name in names if may_be_name(name)])
                    removed = files.settle(gone, errors) if forget else files.tell(gone)
        except Interrupted as error:
            errors.insert(0, error)  # what is gone is told all the same
        return _report(session, names, rolled_back + gone, errors, as_json, removed)
    finally:
        session.close()


def _dry_run(session, names, every, forget, if_exists, as_json):
    """Prints what would be removed, with the exit code that removing it would have as far as that is known."""
    wanted, _, errors = _wanted(session, names, every, if_exists, ())
    # What is half done goes first, whatever is asked for.
    wanted += [name for name in session.journal.names()[1] if name not in wanted and (every or name in names)]
    errors = [error for error in errors if not isinstance(error, UndoError)]
    places = [] if forget else None
    if errors:
        wanted = []
    elif forget:
        files = _Files(session, wanted, names, forget)
        places = files.described() if files.tree is not None else []
    return _report(session, names, wanted, errors, as_json, places, dry_run=True)


def _wanted(session, names, every, if_exists, rolled_back=None):
    """(names of wires to remove, names of those that were rolled back already, errors). rolled_back: their records;
    None: what is half done is rolled back now."""
    rolled_back = transaction.recover(session) if rolled_back is None else rolled_back
    already = [record.name for record in rolled_back]
    if every:
        return session.journal.names()[0], already, []
    wanted, errors = existing.select(session, 'unwire', names, rolled_back)
    if if_exists:
        errors = [error for error in errors if isinstance(error, UndoError)]
    return ([name for name in wanted if name not in already], [name for name in wanted if name in already], errors)


def _unwire_all(session, wanted):
    """(names that are gone now, errors): one that cannot be removed does not stop the others. A signal is the first
    error."""
    gone, errors = [], []
    try:
        unwiring.unwire_many(session, wanted,
                             lambda name, error: gone.append(name) if error is None else errors.append(error))
    except Interrupted as error:
        error.message += ': %d of %d wires were removed' % (len(gone), len(wanted))
        errors.insert(0, error)
    return gone, errors


class _Files(object):
    """The files of wires that are about to be removed: with --forget they are removed too; otherwise a notice says that
    they stay. With --all --forget (names: none) one says that of wires that are not up."""

    def __init__(self, session, wanted, names, forget):
        from netnsctl.usecases import tree
        self.session, self.kept, self.wires, self.tree, self.unread = session, [], {}, None, {}
        if not session.host.listdir(tree.PLACE):
            return
        if forget:
            from netnsctl.usecases.tree import forgetting, outdated
            self.tree = forgetting.Forgotten(session)
            self.kept = [outdated.names_of(wire)[0] for wire in (() if names else self.tree.unwired())]
            self.wires = dict((name, self.tree.named(name)) for name in set(wanted).union(names))
            self.tree.require_read('unwire --forget', sum(self.wires.values(), []))
            for name in wanted:
                record = session.journal.load(name)
                self.unread[name] = self.tree.unread(record) if record is not None else []
            return
        from netnsctl.usecases.tree import saving
        for name in wanted:
            record = session.journal.load(name)
            if record is not None and saving.left_behind(session.host, record):
                self.kept.append(name)

    def settle(self, gone, errors):
        """Removes the files of the wires that are gone, and returns their paths. Failures are added to errors."""
        if self.tree is None:
            return []
        from netnsctl.usecases.tree import forgetting
        standing = set(self.session.journal.names()[0])
        wires = [wire for name in sorted(self.wires) if name in gone or name not in standing
                 for wire in self.wires[name]]
        errors += [NetnsctlError('unwire --forget %s: %s; the file stays' % (name, text), hint=UNREAD_HINT)
                   for name in gone for text in self.unread.get(name, ())]
        errors += [NetnsctlError('unwire --forget: %s; it stays' % text, hint=UNREAD_HINT)
                   for text in self.tree.in_doubt(wires)]
        self.tell(self.kept)
        try:
            return forgetting.remove(self.tree, wires)
        except NetnsctlError as error:
            errors.append(error)
            return []

    def described(self):
        """The paths of the files that would be removed."""
        from netnsctl.usecases.tree import forgetting
        self.tell(self.kept)
        return forgetting.remove(self.tree, [wire for name in sorted(self.wires) for wire in self.wires[name]], True)

    def tell(self, gone):
        """Adds a notice that names the wires whose files stay."""
        kept = [name for name in self.kept if name in gone]
        if len(kept) == 1:
            self.session.notices.append('the files of %s stay, so `netnsctl up` wires it again; to remove them: '
                                        'netnsctl config forget %s' % (kept[0], kept[0]))
        elif kept:
            by_name = self._not_stale(kept)
            ways = ['netnsctl config forget --stale'] if len(by_name) < len(kept) else []
            ways += ['netnsctl config forget %s' % ' '.join(by_name)] if by_name else []
            self.session.notices.append('the files of %d wires stay, so `netnsctl up` wires them again; to remove '
                                        'them: %s' % (len(kept), '; '.join(ways)))

    def _not_stale(self, names):
        """Those of these wires whose files `config forget --stale` leaves: of containers that do not run, and what
        ONBOOT=no says. All, while it is refused."""
        from netnsctl.usecases.tree import forgetting, outdated
        if not forgetting.has_been_wired(self.session):
            return names
        told = len(self.session.notices)
        tree = self.tree if self.tree is not None else forgetting.Forgotten(self.session)
        stale = set(name for wire in tree.stale() for name in outdated.names_of(wire))
        del self.session.notices[told:]
        return [name for name in names if name not in stale]


def _report(session, names, gone, errors, as_json, removed, dry_run=False):
    """Prints what was removed, or would be: the exit code."""
    if as_json:
        document = {'version': 1, 'unwired': gone, 'failed': [error.message for error in errors]}
        if removed is not None:
            document['removed_files'] = removed
        output.emit_json(document, errors[0] if errors else None)
    else:
        for name in gone:
            output.say('%s %s' % ('would remove' if dry_run else 'unwired', name))
        for place in removed or ():
            output.say('%s %s' % ('would remove' if dry_run else 'removed', place))
    for notice in session.notices:
        output.warn('netnsctl: %s' % notice)
    for error in errors:
        output.report_error(error)
    if errors:
        if len(names) > 1 and not gone:
            output.warn('netnsctl: unwire: nothing was removed')
        return errors[0].exit_code
    if not gone and not removed:
        output.warn('netnsctl: %s: nothing is wired' % (' '.join(names) or '--all'))
    return 0


command = Syntax(_run, Words('names', 'NAME... | A B', offers=[('wires', None), ('endpoint', 2)]), options=[
    Option(['--all'], 'every', 'Remove every wire.'),
    Option(['--forget'], 'forget', 'Also remove their files from the config tree.'),
    Option(['--if-exists'], 'if_exists', 'Do not fail if a wire does not exist.'),
    Option(['--dry-run'], 'dry_run', 'Print what would be removed, and change nothing.'),
    Option(['--json'], 'as_json', 'Print the result as JSON.')])
