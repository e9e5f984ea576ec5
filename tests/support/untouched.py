"""Did a command change anything of the host, or of this test process's own namespaces?

As support.snapshot, but blind to what belongs to other runs on the same machine: their namespaces
may be thousands, and come and go meanwhile.
"""

from __future__ import absolute_import, division, print_function

import os
import re
import time

from support import snapshot

PREFIX = 'nt%d' % os.getpid()
OWN = re.compile(r'\b%s\b' % PREFIX)
# Another run's names, wherever they stand in a line.
FOREIGN = re.compile(r'nt(?!%d-)[0-9]+-' % os.getpid())


def own_state(*pids):
    """The state now: the host's links and routes, those of our namespaces and of these PIDs, and every name, mount and
    file of netnsctl's state that bears our prefix, or netnsctl's own. Shaped as snapshot.snapshot()'s."""
    state = {'pids': pids}
    state['names'] = [line for line in snapshot.namespace_names() if OWN.search(line) or line.startswith('netnsctl-')]
    # Where, not what: a test may delete a name and give it anew.
    state['mounts'] = sorted(line.split(' ', 1)[1] for line in snapshot.namespace_mounts() if OWN.search(line))
    state['state'] = [line for line in snapshot.state_files() if OWN.search(line)]
    places = [('', [])]
    places += [
        (name, ['nsenter', '--net=%s/%s' % (snapshot.NAMES, name)])
        for name in snapshot.listing(snapshot.NAMES)
        if OWN.search(name)
    ]
    places += [('pid %d' % pid, ['nsenter', '-t', '%d' % pid, '-n']) for pid in pids]
    for place, prefix in places:
        for what, words in (
            ('links', ['address']),
            ('routes 4', ['-4', 'route', 'show', 'table', 'all']),
            ('routes 6', ['-6', 'route', 'show', 'table', 'all']),
        ):
            state['%s %s' % (what, place)] = settled(snapshot.lines_of(prefix + ['ip', '-j'] + words))
    return state


def settled(lines):
    """Without other runs' links."""
    return [line for line in lines if not FOREIGN.search(line)]


def assert_untouched(before, seconds=6.0):
    """Fails unless the state is again what own_state() gave as `before`, at once or within these seconds.

    A namespace that ended takes its veths away a little later, and so do other runs' wires to the host.
    """
    deadline = time.time() + seconds
    while True:
        after = own_state(*before['pids'])
        if after == before:
            return
        if time.time() >= deadline:
            lines = snapshot.difference(before, after).splitlines()
            raise AssertionError('the state differs from before:\n' + '\n'.join(line[:400] for line in lines))
        time.sleep(0.1)
