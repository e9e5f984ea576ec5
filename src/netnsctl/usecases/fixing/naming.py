"""Fixes /var/run/netns: stale names are removed, and it becomes a shared mount."""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import to_bytes
from netnsctl.edge import netns_dir
from netnsctl.edge.netns import NETNS_DIR
from netnsctl.edge.survey.layers import Layers
from netnsctl.errors import NetnsctlError
from netnsctl.execution import signals
from netnsctl.execution.state import State
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.kernel import netnsdir
from netnsctl.usecases.doctor.finding import WARN
from netnsctl.usecases.fixing.step import Step


def plan_names(host):
    """What the check `netns-names` asks for: list of Step."""
    aside = to_bytes(netnsdir.names_aside(host))
    # Names that a killed run put aside look stale, and are not.
    stale = [name for name in netnsdir.find_removable(host) if not netns_dir.is_mounted(aside + b'/' + to_bytes(name))]
    if not stale:
        return []
    shown = ', '.join(stale[:5]) + (', ... (%d)' % len(stale) if len(stale) > 5 else '')
    return [Step('remove stale names from %s: %s' % (NETNS_DIR, shown), lambda: _remove(host, stale))]


def plan_folder(host):
    """What the check `netns-dir` asks for: list of Step."""
    if os.path.lexists(NETNS_DIR) and not os.path.isdir(NETNS_DIR):
        return [_move_aside()]
    steps = []
    if Layers(host).is_deleted():
        steps.append(Step('unmount the deleted directory that is mounted on %s' % NETNS_DIR,
                          lambda: _unmount_deleted(host), ['umount -l %s' % NETNS_DIR]))
    if (steps or os.path.isdir(netnsdir.names_aside(host))
            or any(finding.status == WARN for finding in doctor.run(host, ['netns-dir']))):
        steps.append(Step('make %s a shared mount, as `ip netns add` does, with each name mounted in it once'
                          % NETNS_DIR,
                          lambda: _share(host),
                          undo='mount --make-rprivate %s (it stays a mount of its own)' % NETNS_DIR))
    return steps


def _move_aside():
    number, aside = 0, NETNS_DIR + '.old'
    while os.path.lexists(aside):
        number += 1
        aside = '%s.old%d' % (NETNS_DIR, number)

    def run():
        try:
            os.rename(NETNS_DIR, aside)
        except OSError as error:
            raise NetnsctlError('move %s to %s: %s' % (NETNS_DIR, aside, error.strerror))
        return 'moved %s to %s' % (NETNS_DIR, aside)
    return Step('move %s, which is not a directory, to %s' % (NETNS_DIR, aside), run,
                ['mv %s %s' % (NETNS_DIR, aside)], undo='mv -T %s %s (once no directory is there)' % (aside, NETNS_DIR))


def _remove(host, names):
    gone, left = [], []
    # Checked again: a name that was just being created may lead to a namespace by now.
    for name in netnsdir.find_removable(host, names):
        try:
            netns_dir.remove_stale(to_bytes(name))
            gone.append(name)
        except OSError as error:
            if error.errno != errno.ENOENT:
                left.append('%s: %s' % (name, error.strerror))
    if left:
        raise NetnsctlError('remove names from %s: %s' % (NETNS_DIR, '; '.join(left)))
    shown = ', '.join(gone[:5]) + (', ... (%d)' % len(gone) if len(gone) > 5 else '')
    return 'removed %s' % (shown or 'nothing: they are gone, or lead to a namespace by now')


def _unmount_deleted(host):
    from netnsctl.usecases.fixing import sharing
    try:
        if Layers(host).is_deleted():
            sharing.detach(NETNS_DIR)
    except OSError as error:
        raise NetnsctlError('unmount the deleted directory from %s: %s' % (NETNS_DIR, error.strerror))
    return 'no deleted directory is mounted on %s' % NETNS_DIR


def _share(host):
    from netnsctl.usecases.fixing import sharing
    try:
        with State(host).locked():
            with signals.held():
                sharing.share_with_names(host, netnsdir.names_aside(host))
    except OSError as error:
        raise NetnsctlError('make %s a shared mount: %s' % (NETNS_DIR, error.strerror))
    return '%s is on a shared mount' % NETNS_DIR
