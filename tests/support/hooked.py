"""podman with netnsctl's OCI hook, in tests. Fixtures: hooked (of conftest's podman), tree."""
from __future__ import absolute_import, division, print_function

import json
import os
import shutil

import pytest

from support.oci_hook import with_hook, write_hook
from support.process import run

ADDRESS = ('ip', 'addr', 'show', 'eth0')
TREE = '/etc/sysconfig/netns'


@pytest.fixture
def hooked(podman, tmpdir):
    """podman with the hook; hooked.bridge is the name of a bridge that is the test's."""
    write_hook(str(tmpdir.mkdir('hooks')))
    podman.command = with_hook(podman.command, str(tmpdir.join('hooks')))
    podman.bridge = 'oh%d' % os.getpid()
    podman.annotation = 'netnsctl.wire=bridge://%s=10.244.0.1/24 self:eth0=10.244.0.2/24' % podman.bridge
    podman.wired = ['--annotation', podman.annotation]
    return podman


@pytest.fixture
def tree():
    """tree(container, text): writes the ifcfg-eth0 of a container of podman's."""
    made = []

    def write(container, text):
        made.append('%s/podman:%s' % (TREE, container))
        os.makedirs(made[-1])
        with open(made[-1] + '/ifcfg-eth0', 'w') as sink:
            sink.write(text)
    yield write
    for folder in made:
        shutil.rmtree(folder)


def wires(run_netnsctl):
    return dict((wire['name'], wire['state']) for wire in json.loads(run_netnsctl('ls', '--json').out)['wires'])


def words_of(podman, name, options, argv):
    return podman.command + ['run', '--rm', '--net=none', '--name', name] + podman.options + list(options) \
        + list(podman.source()) + list(argv)


def start(podman, name, options=(), argv=ADDRESS):
    """`podman run --rm`: Result."""
    return run(words_of(podman, '%s-%s' % (podman.prefix, name), options, argv))


def has_address(podman, name, address='10.244.0.2/24'):
    return 'inet %s ' % address in podman.execute(name, *ADDRESS).out
