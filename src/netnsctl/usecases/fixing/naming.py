"""What is wrong with /var/run/netns, mended: names that lead nowhere go, and it becomes a shared mount."""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import to_bytes
from netnsctl.edge import netns_dir
from netnsctl.edge.netns import NETNS_DIR
from netnsctl.errors import NetnsctlError
from netnsctl.execution.state import State
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor import checks_netnsdir
from netnsctl.usecases.doctor.finding import WARN
from netnsctl.usecases.fixing.step import Step


def plan(host):
    """The steps that are still to be done: list of Step."""
    steps = []
    aside = to_bytes(_aside(host))
    # What a run that was killed on its way put aside looks stale, and is not.
    stale = [name for name in _removable(host) if not netns_dir.is_mounted(aside + b'/' + to_bytes(name))]
    if stale:
        shown = ', '.join(stale[:5]) + (', ...' if len(stale) > 5 else '')
        steps.append(Step('remove from %s what leads to no namespace: %s' % (NETNS_DIR, shown),
                          lambda: _remove(host, stale)))
    if os.path.isdir(aside) or any(finding.status == WARN for finding in doctor.run(host, ['netns-dir'])):
        steps.append(Step('make %s a shared mount, as `ip netns add` does' % NETNS_DIR, lambda: _share(host)))
    return steps


def _aside(host):
    """Where the names are while they become shared."""
    return State(host).path('names-on-their-way')


def _removable(host, names=None):
    """Stale names, of these or of all, with nothing in them. What holds content is somebody's, and doctor tells."""
    found = []
    for name, _ in checks_netnsdir.find_stale(host, names):
        try:
            if netns_dir.is_removable(to_bytes(name)):
                found.append(name)
        except OSError:
            continue  # gone meanwhile
    return found


def _remove(host, names):
    gone, left = [], []
    # Looked at again: a name that was being made a moment ago leads somewhere by now.
    for name in _removable(host, names):
        try:
            netns_dir.remove_stale(to_bytes(name))
            gone.append(name)
        except OSError as error:
            if error.errno != errno.ENOENT:
                left.append('%s: %s' % (name, error.strerror))
    if left:
        raise NetnsctlError('remove names from %s: %s' % (NETNS_DIR, '; '.join(left)))
    return 'removed %s' % (', '.join(gone) or 'nothing: they are gone, or lead somewhere by now')


def _share(host):
    State(host).make()
    try:
        # The names that are mounted already go along: what lies under a mount can never be removed.
        netns_dir.share_with_names(_aside(host))
    except OSError as error:
        raise NetnsctlError('make %s a shared mount: %s' % (NETNS_DIR, error.strerror))
    return '%s is on a shared mount' % NETNS_DIR
