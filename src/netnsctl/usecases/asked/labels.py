"""`watch --labels`: containers whose own labels ask for wires get them while they run.

What is done follows from what runs now, whatever was reported: what a running container asks for is made, and what its
labels asked for is removed once it has ended, or asks for it no longer.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.runtimes import labelled
from netnsctl.errors import NetnsctlError, NotFoundError
from netnsctl.model import own_wires
from netnsctl.model.endpoint import Target
from netnsctl.usecases.asked.making import Asked, Making, ids_of, is_lost, of_origin, remove
from netnsctl.usecases.up_down.summary import Summary
from netnsctl.usecases.wires import transaction
from netnsctl.usecases.wires.wiring import Options


class Seen(object):
    """What the engines say now. running: {target as text: Labelled} of all that run; unknown: schemes of engines that
    cannot be asked; absent: of those of which nothing is found."""

    def __init__(self, host, fail):
        self.running, self.unknown, self.absent = {}, set(), set()
        for scheme in labelled.SCHEMES:
            try:
                found = labelled.running(host, scheme)
                if found is None:
                    self.absent.add(scheme)
                self.running.update((one.target, one) for one in found or ())
            except NetnsctlError as error:
                self.unknown.add(scheme)
                fail('ask %s' % scheme, error)


def settle(session, names=None):
    """Makes and removes what labels ask for: summary.Summary.

    names: what has started or ended ('docker:web', or with its ID): its own wires and those of others to it; None: all.
    """
    summary = Summary()
    # Neighbours are asked who has an address; nobody's route is displaced, since no wire is replaced.
    making = Making(session, Options(check=False), summary, replaces=False)
    known = ids_of(session, _is_label)
    # Without the lock: podman gives no answer about a container while a hook starts it that may wait for the lock.
    seen = Seen(session.host, making.fail)
    wanted, kept = _asked_of(session, seen, names, making.fail)
    with session.locked():
        transaction.recover(session)
        over = [record.name for record in of_origin(session, _is_label)
                if record.id in known and _is_over(record, seen, kept)]
        remove(session, over, summary)
        if summary.interrupted is None:
            making.each(wanted)
    making.get_leases()
    return summary


def _is_label(origin):
    return origin.get('kind') == 'label'


def _asked_of(session, seen, names, fail):
    """([Asked] of the containers that are meant, {target of each as text: the labels whose wires stay, None: all})."""
    wanted, kept, images = [], {}, labelled.Images(session.host)
    for target in sorted(seen.running):
        container = seen.running[target]
        asking = [key for key in container.labels if own_wires.is_label(key)]
        if names is not None and not _is_meant(container, asking, names):
            continue
        kept[target] = set(asking)
        if not asking:
            continue
        try:
            own, inherited = images.own(container)
        except NotFoundError:
            del seen.running[target]
            continue
        except NetnsctlError as error:
            kept[target] = None
            fail(target, error)
            continue
        for key in sorted(key for key in inherited if own_wires.is_label(key))[:own_wires.MOST]:
            kept[target].discard(key)
            session.notices.append('%s: the label %s is its image\'s, and not obeyed' % (target, own_wires.shown(key)))
        lines, errors = own_wires.of_labels(own, Target(container.scheme, container.name))
        for error in errors:
            fail(target, error)
        wanted += [Asked('%s: label %s' % (target, key), line, {
            'kind': 'label', 'label': key, 'container': target}) for key, line in lines]
    return wanted, kept


def _is_meant(container, asking, names):
    """Is a Labelled one of these, or does a label of it ask for a wire to one of these?"""
    for name in names:
        scheme, _, word = name.partition(':')
        if scheme == container.scheme and word in (container.name, container.identity):
            return True
        if any(word in container.labels[key] for key in asking):
            return True
    return False


def _is_over(record, seen, kept):
    """Has the container whose label asked for a recorded wire ended, or does it ask for it no longer?"""
    target, label = record.origin.get('container'), record.origin.get('label')
    scheme = Target.parse(target).scheme
    if scheme in seen.unknown:
        return False
    if target not in seen.running:
        return scheme not in seen.absent or is_lost(record)
    return kept.get(target) is not None and label not in kept[target]
