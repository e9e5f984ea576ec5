"""A host on which wires wait to be confirmed, and what their processes do."""
from __future__ import absolute_import, division, print_function

import glob
import json
import os
import signal

from support.aside import OWN_STATE
from support.snapshot import STATE
from support.waiting import until

TREE = '/etc/sysconfig/netns'
OWN_TREE = ' && '.join((OWN_STATE, 'mount -t tmpfs none /mnt', 'mkdir /mnt/upper /mnt/work',
                        'mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work none /etc',
                        'mkdir -p ' + TREE))
LONG = '--confirm=600'


class Host(object):
    """netnsctl with a state of its own: call it with the words of a command line."""

    def __init__(self, aside):
        self.aside = aside

    def __call__(self, *words, **options):
        status = options.pop('status', 0)
        result = self.aside(*words, **options)
        assert result.status == status, result
        return result

    def sh(self, script):
        return self.aside.sh(script)

    def wire(self, name='w'):
        """What `ls --json` says of a wire, or None."""
        return dict((wire['name'], wire) for wire in json.loads(self('ls', '--json').out)['wires']).get(name)

    def is_back(self, address):
        """Is the wire whole again, with that address at its second end, and waits for nothing?"""
        wire = self.wire()
        return wire is not None and (wire['state'], wire['seconds_left'], wire['ends'][1]['addresses']) == (
            'whole', None, [address])

    def waiters(self, text=None):
        """PIDs of the processes that wait, of commands one of whose words ends with text (else with the token)."""
        text = text or self.token
        found = {}
        for path in glob.glob('/proc/[0-9]*/cmdline'):
            try:
                with open(path) as source:
                    words = source.read().split('\0')
                with open(os.path.join(os.path.dirname(path), 'stat')) as source:
                    parent = int(source.read().rpartition(')')[2].split()[1])
            except (IOError, OSError):
                continue
            if LONG in words and any(word.endswith(text) for word in words):
                found[int(path.split('/')[2])] = parent
        # One that has just begun may have a child: pyroute2 0.3.22 runs uname and file as it is loaded.
        return [pid for pid, parent in found.items() if parent not in found]

    def tree(self):
        """The files of the tree, sorted."""
        return self.sh('find %s -type f | sort' % TREE).split()

    def make_overdue(self):
        """As if the time were over."""
        self.sh("sed -i 's/\"due\": [0-9.]*/\"due\": 0/' %s/unconfirmed/*.json" % STATE)

    def kill_waiter(self, text=None):
        """Kills the one there is; text as for waiters()."""
        pid, = self.waiters(text)
        os.kill(pid, signal.SIGKILL)
        until(lambda: not _is_running(pid))


def _is_running(pid):
    try:
        with open('/proc/%d/cmdline' % pid) as source:
            return source.read() != ''
    except (IOError, OSError):
        return False
