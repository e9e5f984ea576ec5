"""Runtimes against the real engines: Docker over its socket and by its command, podman, lxc."""
from __future__ import absolute_import, division, print_function

import errno
import os
import shutil
import tempfile

import pytest

from netnsctl.edge.runtimes import finding
from netnsctl.edge.host import Host
from netnsctl.errors import NotFoundError
from support.containers import Unavailable, make_root_folder
from support.process import must, run

DOCKER = finding.by_scheme('docker')
PODMAN = finding.by_scheme('podman')
LXC = finding.by_scheme('lxc')


@pytest.fixture
def host():
    """The real host, without what this shell's environment says of docker."""
    return Host(environ={})


@pytest.fixture
def command_only_host():
    """The real host, whose docker socket our own client does not find where DOCKER_HOST says; the command does."""
    folder = tempfile.mkdtemp()
    with open(os.path.join(folder, 'docker'), 'w') as stream:
        stream.write('#!/bin/sh\nunset DOCKER_HOST\nPATH=/usr/local/bin:/usr/bin:/bin\nexec docker "$@"\n')
    os.chmod(os.path.join(folder, 'docker'), 0o755)
    yield Host(environ={'DOCKER_HOST': 'unix:///nonexistent.sock'}, path=folder)
    shutil.rmtree(folder)


@pytest.fixture
def lxc():
    """The name of a real, running lxc container of busybox; skips where lxc runs none."""
    name = 'nt%d-l' % os.getpid()
    folder = '/var/lib/lxc/' + name
    try:
        version = run(['lxc-info', '--version'])
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise
        pytest.skip('lxc is not installed')
    try:
        os.makedirs(folder + '/rootfs')
        make_root_folder(folder + '/rootfs')
        with open(folder + '/config', 'w') as stream:
            stream.write('lxc.rootfs.path = dir:%s/rootfs\nlxc.net.0.type = empty\nlxc.init.cmd = /bin/sleep 1000000\n'
                         'lxc.apparmor.profile = unconfined\n' % folder)
        started = run(['lxc-start', '-d', '-n', name])
        if started.status != 0:
            pytest.skip('lxc %s starts no container here: %s' % (version.out.strip(), started.err.strip()))
        yield name
    except Unavailable as reason:
        pytest.skip(str(reason))
    finally:
        run(['lxc-stop', '-k', '-n', name])
        shutil.rmtree(folder, ignore_errors=True)


def assert_found(runtime, host, name, pid, identity):
    found = runtime.lookup(host, name)
    assert (found.scheme, found.name, found.pid, found.identity) == (runtime.scheme, name, pid, identity)
    return found


# docker

def test_docker_container_is_found_by_name_and_full_id(docker, host):
    name = docker.run('c')
    identity = docker.id(name)
    assert DOCKER.installed(host) and DOCKER.present(host)
    found = assert_found(DOCKER, host, name, docker.pid(name), identity)
    assert_found(DOCKER, host, identity, found.pid, identity)
    assert os.readlink('/proc/%d/ns/net' % found.pid) != os.readlink('/proc/self/ns/net')
    assert finding.still_same(host, found)


def test_docker_finds_12_digits_of_an_id_and_no_fewer_no_image_and_no_network(docker, docker_engine, host):
    identity = docker.id(docker.run('c'))
    for length in (12, 20, 63):
        assert DOCKER.lookup(host, identity[:length]).identity == identity
    for name in (identity[:11], identity[:1], '0' * 12, docker_engine.image, 'bridge', 'host', 'none', 'nosuch',
                 'no such', 'no%20such', 'caf\xc3\xa9'):
        assert DOCKER.lookup(host, name) is None, name


def test_docker_name_that_begins_several_ids_is_none(docker, docker_engine, host):
    seen = {}
    try:
        for _ in range(17):  # so that two IDs must begin with the same hexadecimal digit
            identity = must(['docker', 'create', '--net=none', docker_engine.image, '/bin/true']).strip()
            seen.setdefault(identity[0], []).append(identity)
            if len(seen[identity[0]]) > 1:
                break
        digit = [each for each in seen if len(seen[each]) > 1][0]
        assert 'ultiple IDs found' in run(['docker', 'inspect', '--type', 'container', digit]).err
        assert DOCKER.lookup(host, digit) is None
    finally:
        must(['docker', 'rm', '-f'] + sum(seen.values(), []))


def test_docker_container_that_is_stopped_paused_or_restarted(docker, host):
    name = docker.run('c')
    first = DOCKER.lookup(host, name)
    must(['docker', 'pause', name])
    assert finding.still_same(host, first)
    must(['docker', 'unpause', name])
    docker.restart(name)
    assert not finding.still_same(host, first)
    again = assert_found(DOCKER, host, name, docker.pid(name), first.identity)
    docker.stop(name)
    with pytest.raises(NotFoundError) as caught:
        DOCKER.lookup(host, name)
    assert caught.value.message == 'docker container %s is not running' % name
    assert caught.value.hint == 'docker start ' + name
    assert not finding.still_same(host, again)
    docker.remove(name)
    assert DOCKER.lookup(host, name) is None


def test_docker_command_says_the_same_as_the_socket(docker, docker_engine, host, command_only_host):
    name = docker.run('c')
    identity = docker.id(name)
    found = assert_found(DOCKER, command_only_host, name, docker.pid(name), identity)
    for length in (12, 64):
        assert_found(DOCKER, command_only_host, identity[:length], found.pid, identity)
    for missing in (identity[:11], docker_engine.image, 'bridge', 'nosuch'):
        assert DOCKER.lookup(command_only_host, missing) is None, missing
    assert DOCKER.version(command_only_host) == DOCKER.version(host)
    docker.stop(name)
    with pytest.raises(NotFoundError):
        DOCKER.lookup(command_only_host, name)


def test_docker_version_is_the_engines(docker, host):
    assert DOCKER.version(host) == must(['docker', 'version', '--format', '{{.Server.Version}}']).strip()


# podman

def test_podman_container_of_a_root_folder_is_found_by_name_and_full_id(podman, host):
    name = podman.run('c')
    identity = podman.id(name)
    assert PODMAN.installed(host) and PODMAN.present(host)
    found = assert_found(PODMAN, host, name, podman.pid(name), identity)
    for length in (12, 64):
        assert_found(PODMAN, host, identity[:length], found.pid, identity)
    assert os.readlink('/proc/%d/ns/net' % found.pid) != os.readlink('/proc/self/ns/net')
    assert finding.still_same(host, found)
    for missing in (identity[:11], identity[:1], 'nosuch', 'no such'):
        assert PODMAN.lookup(host, missing) is None, missing


def test_podman_container_that_vanishes_with_its_end_is_in_the_store_too(podman, host):
    name = podman.run('c', options=['--rm'])
    assert PODMAN.present(host)
    assert_found(PODMAN, host, name, podman.pid(name), podman.id(name))


def test_podman_container_that_is_restarted_or_stopped(podman, host):
    name = podman.run('c')
    first = PODMAN.lookup(host, name)
    podman.restart(name)
    assert not finding.still_same(host, first)
    podman.stop(name)
    with pytest.raises(NotFoundError) as caught:
        PODMAN.lookup(host, name)
    assert caught.value.hint == 'podman start ' + name


def test_podman_version_is_the_programs(podman, host):
    assert PODMAN.version(host) == must(['podman', 'version', '--format', '{{.Client.Version}}']).strip()


# lxc

def test_lxc_container_is_found_while_it_runs(lxc, host):
    assert LXC.installed(host) and LXC.present(host)
    found = LXC.lookup(host, lxc)
    assert (found.scheme, found.name, found.identity) == ('lxc', lxc, lxc)
    with open('/proc/%d/cmdline' % found.pid) as stream:
        assert stream.read().split('\0')[:2] == ['/bin/sleep', '1000000']
    assert os.readlink('/proc/%d/ns/net' % found.pid) != os.readlink('/proc/self/ns/net')
    assert finding.still_same(host, found)
    assert LXC.lookup(host, 'nosuch') is None
    must(['lxc-stop', '-k', '-n', lxc])
    assert not finding.still_same(host, found)
    with pytest.raises(NotFoundError) as caught:
        LXC.lookup(host, lxc)
    assert caught.value.hint == 'lxc-start -d -n ' + lxc


def test_lxc_container_without_a_folder_is_seen_by_its_socket(lxc, host, tmpdir):
    # The folder is looked for in an empty tree, the sockets are the real ones.
    (tmpdir / 'proc').mkdir()
    os.symlink('/proc/net', str(tmpdir / 'proc' / 'net'))
    os.mkdir(str(tmpdir / 'bin'))
    os.symlink(host.find('lxc-info'), str(tmpdir / 'bin' / 'lxc-info'))
    assert LXC.present(Host(root=str(tmpdir), environ={}, path='/bin'))


def test_lxc_version_is_the_programs(lxc, host):
    assert LXC.version(host) == must(['lxc-info', '--version']).strip()
