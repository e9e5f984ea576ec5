"""The state oracle: what a netnsctl command may change on a host, as one comparable dict."""
from __future__ import absolute_import, division, print_function

import difflib
import json
import os
import stat
import time

from support.process import run

NAMES = '/run/netns'
STATE = '/run/netnsctl'
# These change by themselves: remaining lifetimes, timers, whether an IPv6 address is still being tried.
VOLATILE = ('valid_life_time', 'preferred_life_time', 'expires', 'used', 'age', 'tentative')


def snapshot(*pids):
    """The state now, of the host, of every named namespace, and of the namespaces of these PIDs.

    {'links NS': [...], 'routes NS': [...], 'names': [...], 'mounts': [...], 'state': [...], 'pids': pids},
    where NS is '' for the host, a name, or 'pid N'; lists of str in an order of their own.
    Without: the lock file and the folders of the state, which the first run makes and which stay.
    """
    state = {'pids': pids, 'names': namespace_names(), 'mounts': namespace_mounts(), 'state': state_files()}
    places = [('', [])]
    places += [(name, ['nsenter', '--net=%s/%s' % (NAMES, name)]) for name in listing(NAMES)]
    places += [('pid %d' % pid, ['nsenter', '-t', '%d' % pid, '-n']) for pid in pids]
    for place, prefix in places:
        state['links ' + place] = lines_of(prefix + ['ip', '-j', 'address'])
        state['routes ' + place] = (lines_of(prefix + ['ip', '-j', '-4', 'route', 'show', 'table', 'all'])
                                    + lines_of(prefix + ['ip', '-j', '-6', 'route', 'show', 'table', 'all']))
    return state


def lines_of(argv):
    """Each object that a command prints as a JSON list, as one sorted line; or what it says when it fails."""
    result = run(argv)
    if result.status != 0:
        return ['%s: status %d: %s' % (argv[0], result.status, result.err.strip())]
    return sorted(
        json.dumps(steady(item), sort_keys=True) for item in json.loads(result.out or '[]') if not is_tried_for(item)
    )


def is_tried_for(item):
    """The route to a link-local address of the host's own, which comes when the kernel has tried the address: later."""
    return item.get('table') == 'local' and item.get('dst', '').startswith('fe80:')


def steady(value):
    """A tree without what changes by itself."""
    if isinstance(value, dict):
        return dict((key, steady(item)) for key, item in value.items() if key not in VOLATILE)
    if isinstance(value, list):
        return [steady(item) for item in value]
    return value


def listing(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def namespace_names():
    """Each entry of /run/netns with its kind, mode and, for a symlink, where it leads."""
    found = []
    for name in listing(NAMES):
        path = os.path.join(NAMES, name)
        try:
            mode = os.lstat(path).st_mode
        except OSError:
            continue
        target = os.readlink(path) if stat.S_ISLNK(mode) else ''
        found.append('%s %s %o %s' % (name, kind_of(mode), stat.S_IMODE(mode), target))
    return found


def kind_of(mode):
    for test, word in ((stat.S_ISLNK, 'symlink'), (stat.S_ISDIR, 'directory'), (stat.S_ISREG, 'file')):
        if test(mode):
            return word
    return 'other'


def namespace_mounts():
    """The nsfs lines of /proc/self/mountinfo: what is mounted, and where."""
    with open('/proc/self/mountinfo') as source:
        rows = [line.split() for line in source]
    return sorted('%s %s' % (row[3], row[4]) for row in rows if row[row.index('-') + 1] == 'nsfs')


def state_files():
    """Each file of the state folder, with its mode and content."""
    found = []
    for folder, _, names in os.walk(STATE):
        for name in names:
            path = os.path.join(folder, name)
            if path == os.path.join(STATE, 'lock'):
                continue
            try:
                with open(path) as source:
                    found.append('%s %o %s' % (path, stat.S_IMODE(os.lstat(path).st_mode), source.read()))
            except (OSError, IOError):
                continue
    return sorted(found)


def nothing_left(before, seconds=5.0):
    """Asserts that the state is again what snapshot() gave as `before`.

    Looks again for some seconds: a namespace that ended takes its veths away tens of milliseconds later.
    """
    deadline = time.time() + seconds
    while True:
        after = snapshot(*before['pids'])
        if after == before:
            return
        if time.time() >= deadline:
            raise AssertionError('the state differs from before:\n' + difference(before, after))
        time.sleep(0.1)


def difference(before, after):
    """What differs between two snapshots, as a person reads it."""
    lines = []
    for key in sorted(set(before) | set(after)):
        old, new = [[str(line) for line in state.get(key, ())] for state in (before, after)]
        if old != new:
            lines += [line for line in difflib.unified_diff(old, new, key, key, lineterm='', n=0)]
    return '\n'.join(lines)
