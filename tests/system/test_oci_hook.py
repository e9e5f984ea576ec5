"""Containers of podman that are wired before their first process runs, by netnsctl's OCI hook."""
from __future__ import absolute_import, division, print_function

import json
import os
import re
import time

import pytest

from support.oci_hook import with_hook, write_hook
from support.process import run
from support.untouched import assert_untouched, own_state

ADDRESS = ('ip', 'addr', 'show', 'eth0')


@pytest.fixture
def hooked(podman, tmpdir):
    """podman with the hook; hooked.bridge is the name of a bridge that is the test's."""
    write_hook(str(tmpdir.mkdir('hooks')))
    podman.command = with_hook(podman.command, str(tmpdir.join('hooks')))
    podman.bridge = 'oh%d' % os.getpid()
    podman.annotation = 'netnsctl.wire=bridge://%s=10.244.0.1/24 self:eth0=10.244.0.2/24' % podman.bridge
    return podman


def wires(run_netnsctl):
    return dict((wire['name'], wire['state']) for wire in json.loads(run_netnsctl('ls', '--json').out)['wires'])


def start(podman, name, options=(), argv=ADDRESS):
    """`podman run --rm`: Result."""
    name = '%s-%s' % (podman.prefix, name)
    podman.names.append(name)
    result = run(podman.command + ['run', '--rm', '--net=none', '--name', name] + podman.options + list(options)
                 + podman.source() + list(argv))
    podman.names.remove(name)
    return result


def until(condition):
    deadline = time.time() + 30
    while not condition():
        assert time.time() < deadline
        time.sleep(0.02)


def test_the_first_process_has_the_address_and_nothing_is_left_after_it(run_netnsctl, hooked):
    before = own_state()
    ended = start(hooked, 'a', ['--annotation', hooked.annotation])
    assert ended.status == 0 and re.match(r'[0-9]+: eth0@', ended.out) and 'inet 10.244.0.2/24' in ended.out, ended
    until(lambda: not wires(run_netnsctl))
    assert_untouched(before)
