"""What is wrong with /var/run/netns, mended: names that lead nowhere go, and it becomes a shared mount."""
from __future__ import absolute_import, division, print_function

import errno

from netnsctl.compat import to_bytes
from netnsctl.edge import netns_dir
from netnsctl.edge.netns import NETNS_DIR
from netnsctl.errors import NetnsctlError
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor import checks_netnsdir
from netnsctl.usecases.doctor.finding import WARN
from netnsctl.usecases.fixing.step import Step


def plan(host):
    """The steps that are still to be done: list of Step."""
    steps = []
    stale = _removable(host)
    if stale:
        shown = ', '.join(stale[:5]) + (', ...' if len(stale) > 5 else '')
        steps.append(Step('remove from %s what leads to no namespace: %s' % (NETNS_DIR, shown),
                          lambda: _remove(host, stale)))
    if any(finding.status == WARN for finding in doctor.run(host, ['netns-dir'])):
        steps.append(Step('make %s a shared mount, as `ip netns add` does' % NETNS_DIR, _share))
    return steps


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


def _share():
    try:
        netns_dir.share()
    except OSError as error:
        raise NetnsctlError('make %s a shared mount: %s' % (NETNS_DIR, error.strerror))
    return '%s is on a shared mount' % NETNS_DIR
