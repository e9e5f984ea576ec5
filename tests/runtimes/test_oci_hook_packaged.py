"""The OCI hook as the package installs it, with the podman 5, crun and runc of Debian 13: many starts, and
ends at any moment."""
from __future__ import absolute_import, division, print_function

import json
import os
import random
import signal
import time

import pytest

from support import process
from support.waiting import until

WIRE = 'bridge://br7=10.251.0.1/24 self:eth0=10.251.0.%d/24'


@pytest.fixture(params=['runc', 'crun'])
def podman(podman_host, request):
    """PodmanHost with that runtime; its containers go with the test, and leave no wire."""
    podman_host.runtime = ['--runtime', request.param]
    yield podman_host
    podman_host.clear()
    assert podman_host.sh('umask 077; mkdir -p /run/netnsctl/oci /run/netnsctl/wires; ls -A /run/netnsctl/oci; '
                          'ls -A /run/netnsctl/wires') == ''


def words_of(podman, name, number=2, options=(), **more):
    return podman.runtime + podman.container(
        name, ['--net', 'none', '--annotation', 'netnsctl.wire=' + WIRE % number] + list(options), **more)


def test_the_first_line_has_the_address(podman):
    ended = podman.podman(*words_of(podman, 'a', options=['--rm'], argv=['ip', '-o', 'addr', 'show', 'eth0']))
    assert ended.status == 0 and 'inet 10.251.0.2/24' in ended.out.split('\n')[0], ended


def test_what_is_wrong_is_told_by_podman(podman):
    refused = podman.podman(*words_of(podman, 'a', options=['--annotation', 'netnsctl.wire.b=self:x phys://y'],
                                      argv=['echo', 'runs']))
    assert refused.status == 126 and refused.out == '', refused
    assert 'netnsctl: podman://a: annotation netnsctl.wire.b: phys://y' in refused.err, refused


def test_a_pod_shares_the_wire_of_whichever_container_asked(podman):
    made = podman.podman(*(podman.runtime + ['pod', 'create', '--infra=false', '--share', '', '--name', 'p']))
    assert made.status == 0, made
    ran = podman.podman(*words_of(podman, 'a', options=['-d', '--pod', 'p']))
    assert ran.status == 0, ran
    other = podman.podman(*(podman.runtime + podman.container(
        'b', ['--rm', '--pod', 'p', '--net', 'container:a'], ['ip', '-o', 'addr', 'show', 'eth0'], root='/rootfs2')))
    assert other.status == 0 and 'inet 10.251.0.2/24' in other.out, other
    assert list(podman.wires().values()) == ['whole']


def test_ten_that_start_at_once(podman):
    numbers = range(10, 20)
    started = [process.start(podman.prefix + ['podman'] + words_of(
        podman, 'c%d' % number, number, ['-d'], root=podman.sh('cp -a /rootfs /r%d; printf /r%d' % (number, number))),
        podman.variables()) for number in numbers]
    for one in started:
        assert process.finish(one, b'', 120).status == 0
    assert list(podman.wires().values()) == ['whole'] * 10
    for number in numbers:
        ping = ['exec', 'c%d' % number, 'ping', '-c', '1', '-W', '2', '10.251.0.1']
        until(lambda ping=ping: podman.podman(*ping).status == 0)


def hooks_of(podman):
    """PIDs of the hook's Python in that host."""
    found = []
    for pid in [name for name in os.listdir('/proc') if name.isdigit()]:
        try:
            with open('/proc/%s/cmdline' % pid) as words:
                is_hook = 'netnsctl.plugins' in words.read()
            if is_hook and os.stat('/proc/%s/ns/net' % pid).st_ino == podman.net:
                found.append(int(pid))
        except (IOError, OSError):
            continue
    return found


def test_a_hook_that_is_killed_leaves_nothing_once_another_has_run(podman):
    """At random moments of a container's start and end."""
    podman.net = os.stat('/proc/%d/ns/net' % podman.shell.pid).st_ino
    seed = random.randrange(1 << 30)
    chance, killed = random.Random(seed), 0
    for number in range(10):
        started = process.start(podman.prefix + ['podman'] + words_of(podman, 'k', options=['--rm'], argv=['true']),
                                podman.variables())
        deadline = time.time() + 60
        while not hooks_of(podman) and started.poll() is None:
            assert time.time() < deadline
        time.sleep(chance.random() * 0.12)
        for pid in hooks_of(podman):
            os.kill(pid, signal.SIGKILL)
            killed += 1
        ended = process.finish(started, b'', 120)
        assert ended.status in (0, 126, 127), (seed, number, ended)
        podman.podman('rm', '-f', '-t', '0', 'k')
        after = podman.podman(*words_of(podman, 'a', 3, options=['--rm'], argv=['ip', '-o', 'addr'], root='/rootfs2'))
        assert after.status == 0 and 'inet 10.251.0.3/24' in after.out, (seed, number, after)
        until(lambda: podman.wires() == {})
        assert podman.sh('ip -o link').count('\n') == 1, (seed, number, podman.sh('ip link; netnsctl ls'))
    assert killed > 0


def test_containers_whose_end_nobody_reports_are_swept_by_the_next_start(podman):
    name = 'lost-' + podman.runtime[1]  # podman takes its time to see that it has gone
    assert podman.podman(*words_of(podman, name, options=['-d'])).status == 0
    told = json.loads(podman.podman('inspect', name).out)[0]['State']
    # As when the power is cut: neither the monitor nor podman come to clean up.
    podman.sh('kill -KILL %d %d' % (told['ConmonPid'], told['Pid']))
    until(lambda: 'lost' in podman.wires().values())
    assert podman.podman(*words_of(podman, 'b', 3, ['-d'], root='/rootfs2')).status == 0
    assert list(podman.wires().values()) == ['whole']
