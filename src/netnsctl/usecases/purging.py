"""Removes the wires that a file of wires does not have, so that what is wired is what the file says."""
from __future__ import absolute_import, division, print_function

import fnmatch

from netnsctl.errors import NetnsctlError, declared
from netnsctl.model.names import default_name
from netnsctl.usecases.recorded import existing
from netnsctl.usecases.wires import transaction, unwiring
from netnsctl.usecases.wires.many import line_options, name_of
from netnsctl.usecases.wires.wiring import Wiring


class Purged(object):
    """What was removed: names (of wires), places (of files of the tree), failed ([(name, NetnsctlError)])."""
    __slots__ = ('names', 'places', 'failed')

    def __init__(self):
        self.names, self.places, self.failed = [], [], []


def absent(session, lines, options, pattern):
    """The records of the wires whose names match a pattern as of file names, and which no line (WireLine) is about, by
    name: list. What a line is about is decided as for `wire`; of one whose ends cannot be found, by name and text."""
    kept = set()
    for line in lines:
        kept.update(_names_of(session, line, options))
    return [record for record in session.recorded()
            if record.name not in kept and fnmatch.fnmatchcase(record.name, pattern)]


def _names_of(session, line, options):
    wiring = None
    try:
        wiring = Wiring(session, line.a, line.b, line_options(options, line))
        wiring.resolve()
        existing.of_request(wiring)
        return [wiring.name]
    except NetnsctlError:
        if line.name:
            return [line.name]
        by_text = [record.name for record in session.recorded() if existing.by_text(record, line.a, line.b)]
        return by_text + [name_of(wiring, line), default_name(line.b, line.a)]
    finally:
        if wiring is not None:
            wiring.close()


def purge(session, lines, options, pattern, forget):
    """Removes the wires that absent() names: Purged. One that cannot be removed does not stop the others. forget: their
    files go too. Interrupted: those under way are removed."""
    purged = Purged()
    with session.locked():
        transaction.recover(session)
        names = [record.name for record in absent(session, lines, options, pattern)]
        if not names:
            return purged
        wanted = _described(session, names) if forget else None
        ended = unwiring.ended_by(session, names)

        def note(name, error):
            if error is None:
                purged.names.append(name)
            else:
                purged.failed.append((name, error))
        unwiring.unwire_many(session, names, note)
        purged.failed += [(', '.join(purged.names), error) for error in unwiring.settle_servers(session, ended)]
        if wanted is not None:
            _forget(session, wanted, purged)
    return purged


def _described(session, names):
    from netnsctl.usecases.tree import forgetting
    tree = forgetting.Forgotten(session)
    return tree, dict((name, tree.named(name)) for name in names)


def _forget(session, wanted, purged):
    from netnsctl.usecases.tree import forgetting
    tree, found = wanted
    wires = [wire for name in purged.names for wire in found[name]]
    try:
        purged.places = forgetting.remove(tree, wires)
    except Exception as error:
        purged.failed.append((', '.join(purged.names), declared(error, 'remove the files of wires')))
