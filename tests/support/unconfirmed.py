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

    def waiters(self):
        """PIDs of the processes that wait."""
        return self.waiters_of(self.token)

    @staticmethod
    def waiters_of(text):
        """The same, of commands one of whose words ends so."""
        found = []
        for path in glob.glob('/proc/[0-9]*/cmdline'):
            try:
                with open(path) as source:
                    words = source.read().split('\0')
            except (IOError, OSError):
                continue
            if LONG in words and any(word.endswith(text) for word in words):
                found.append(int(path.split('/')[2]))
        return found

    def tree(self):
        """The files of the tree, sorted."""
        return self.sh('find %s -type f | sort' % TREE).split()

    def make_overdue(self):
        """As if the time were over."""
        self.sh("sed -i 's/\"due\": [0-9.]*/\"due\": 0/' %s/unconfirmed/*.json" % STATE)

    def kill_waiter(self):
        pid, = self.waiters()
        self.kill(pid)

    @staticmethod
    def kill(pid):
        """Kills one of them."""
        os.kill(pid, signal.SIGKILL)
        until(lambda: not _is_running(pid))


def _is_running(pid):
    try:
        with open('/proc/%d/cmdline' % pid) as source:
            return source.read() != ''
    except (IOError, OSError):
        return False
