"""The containers that other tests wire: they run, have a namespace with lo only, and leave nothing."""
from __future__ import absolute_import, division, print_function

import os

import pytest

HOST = os.stat('/proc/self/ns/net').st_ino


@pytest.fixture(params=['docker', 'podman'])
def runtime(request):
    return request.getfixturevalue(request.param)


def test_a_container_has_a_namespace_of_its_own_with_lo_only(runtime):
    name = runtime.run('a')
    assert os.stat('/proc/%d/ns/net' % runtime.pid(name)).st_ino != HOST
    assert [line.split(':')[1].strip() for line in runtime.execute(name, 'ip', '-o', 'link').out.splitlines()] == ['lo']


def test_a_restart_gives_it_another_process(runtime):
    name = runtime.run('a')
    first = runtime.pid(name)
    runtime.restart(name)
    assert runtime.pid(name) not in (0, first)


def test_closing_removes_the_containers(runtime, snapshot, nothing_left):
    before = snapshot()
    pid = runtime.pid(runtime.run('a'))
    runtime.close()
    assert not os.path.exists('/proc/%d' % pid)
    nothing_left(before)
