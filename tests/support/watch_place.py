"""A host on which `netnsctl watch` runs, with an engine, a tree and a state of its own."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.aside import OWN_STATE, Aside
from support.lacking import lacking
from support.watched import Watched, hurried

TREE = '/etc/sysconfig/netns'
OWN_TREE = ' && '.join((
    OWN_STATE,
    'mount -t tmpfs none /mnt',
    'mkdir /mnt/upper /mnt/work',
    'mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work none /etc',
    'mkdir -p ' + TREE,
))


def label(text, name='netnsctl.wire'):
    """Words of `docker run` and `podman run`."""
    return ['--label', '%s=%s' % (name, text)]


class Place(object):
    """A host with a tree and a state of its own, and an engine of its own: netnsctl(*words), watch() -> Watched."""

    def __init__(self, program, dockerd):
        self.aside = Aside(program, OWN_TREE)
        self.dockerd = dockerd
        self.boxes = dockerd.containers('w')
        self.watches = []

    def netnsctl(self, *words, **options):
        status = options.pop('status', 0)
        result = self.aside(*words, environ=self.dockerd.environ)
        assert result.status == status, result
        return result

    def watch(self, *words, **options):
        """first: statements that it runs first."""
        self.watches.append(Watched(hurried(self.aside.argv('watch', *words), options.pop('first', '')),
                                    self.aside.environ(environ=self.dockerd.environ)))
        return self.watches[-1]

    def wires(self):
        """The rows of `ls`."""
        return json.loads(self.netnsctl('ls', '--json').out)['wires']

    def states(self):
        """{wire: state}"""
        return dict((wire['name'], wire['state']) for wire in self.wires())

    def pings(self, name, address):
        return self.boxes.execute(name, 'ping', '-c', '1', '-W', '2', address).status == 0

    def close(self):
        for watch in self.watches:
            if watch.process.poll() is None:
                watch.end()
        if self.dockerd.process.poll() is not None:
            self.dockerd.start()
        self.boxes.close()
        self.aside.close()


@pytest.fixture
def place(run_netnsctl, own_engine):
    """A Place, with conftest's engine."""
    if isinstance(own_engine, str):
        lacking('docker', own_engine)
    if own_engine.process.poll() is not None:
        own_engine.start()
    made = Place(run_netnsctl, own_engine)
    yield made
    made.close()
