"""Namespaces found: by name, by path, by process; and told from each other."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import time

import pytest

from netnsctl.edge import netns as edge_netns
from netnsctl.errors import NotFoundError
from support.process import must
from support.netns_entries import here, touch


def test_a_named_namespace_is_its_device_and_inode(netns):
    name = netns()
    opened = edge_netns.open_named(name)
    status = os.stat('/run/netns/' + name)
    assert opened.key == (status.st_dev, status.st_ino)
    assert (opened.label, opened.name, opened.pid) == ('netns://' + name, name, None)
    again = edge_netns.open_path('/run/netns/' + name, 'path:///run/netns/' + name)
    host = edge_netns.open_host()
    assert again.key == opened.key != host.key
    assert again.is_the_same_as(opened.identity()) and not host.is_the_same_as(opened.identity())
    # Before Linux 5.14 only a name tells more than that (Netns.cookie).
    assert again.cookie() in (opened.cookie(), None, 1)
    for each in (opened, again, host):
        each.close()
        each.close()


def test_a_missing_name_is_not_found(netns):
    with pytest.raises(NotFoundError) as caught:
        edge_netns.open_named('nt%d-none' % os.getpid())
    assert 'No such file or directory' in caught.value.message


@pytest.mark.parametrize('hint,make', [
    ('file', touch), ('folder', os.mkdir), ('fifo', os.mkfifo),
    ('ipc', lambda path: os.symlink('/proc/self/ns/ipc', path)),
    ('null', lambda path: os.symlink('/dev/null', path))], ids=lambda value: value if isinstance(value, str) else '')
def test_what_is_no_namespace_is_stale(entry, hint, make):
    name = entry(hint, make)
    before = here()
    with pytest.raises(NotFoundError) as caught:
        edge_netns.open_named(name)
    assert 'netns://%s' % name in caught.value.message
    assert 'is stale: it is not a network namespace' in caught.value.message
    assert here() == before


def test_a_dangling_symlink_is_not_found(entry):
    name = entry('dangling', lambda path: os.symlink('/nonexistent', path))
    with pytest.raises(NotFoundError):
        edge_netns.open_named(name)


@pytest.mark.parametrize('path', ['/run/netns/none/none', '/etc/passwd/x', ''])
def test_odd_paths_are_not_found(path):
    with pytest.raises(NotFoundError):
        edge_netns.open_path(path, 'path://x')


def test_failed_opens_leave_no_descriptor(entry):
    name = entry('leak', touch)
    before = len(os.listdir('/proc/self/fd'))
    for _ in range(5):
        with pytest.raises(NotFoundError):
            edge_netns.open_named(name)
    assert len(os.listdir('/proc/self/fd')) == before


def test_a_process_gives_its_namespace_and_start_time(netns, sleeper):
    name = netns()
    process = sleeper(name)
    opened, named = edge_netns.open_pid(process.pid), edge_netns.open_named(name)
    with open('/proc/%d/stat' % process.pid) as source:
        start = int(source.read().rpartition(')')[2].split()[19])
    assert opened.key == named.key and (opened.pid, opened.start) == (process.pid, start)
    edge_netns.open_pid(process.pid, start=start).close()
    opened.close()
    named.close()


def test_a_pid_with_another_start_time_is_another_process(sleeper):
    process = sleeper()
    with pytest.raises(NotFoundError) as caught:
        edge_netns.open_pid(process.pid, start=edge_netns.start_time(process.pid) + 1)
    assert 'no process with PID %d' % process.pid in caught.value.message


def test_an_ended_process_is_not_found_as_a_zombie_and_after(sleeper):
    process = sleeper()
    os.kill(process.pid, 9)
    deadline = time.time() + 60
    while open('/proc/%d/stat' % process.pid).read().rpartition(')')[2].split()[0] != 'Z':
        assert time.time() < deadline
        time.sleep(0.005)
    for _ in range(2):
        assert edge_netns.start_time(process.pid) is None
        with pytest.raises(NotFoundError):
            edge_netns.open_pid(process.pid)
        process.wait()


def test_the_name_of_a_process_cannot_forge_its_start_time(tmpdir):
    path = str(tmpdir.join('x) Z 1 1 (x'))
    os.symlink('/bin/sleep', path)
    process = subprocess.Popen([path, '60'], close_fds=True)
    try:
        assert edge_netns.start_time(process.pid) > 0
        edge_netns.open_pid(process.pid).close()
    finally:
        process.kill()
        process.wait()


def test_a_process_that_ends_between_look_and_open_is_refused(sleeper, monkeypatch):
    """Its PID could be another's by then: the start time is asked for again after the open."""
    process = sleeper()
    real = edge_netns.open_cloexec

    def open_and_end(path, flags):
        descriptor = real(path, flags)
        if path.endswith('/ns/net'):
            process.kill()
            process.wait()
        return descriptor
    monkeypatch.setattr(edge_netns, 'open_cloexec', open_and_end)
    before = len(os.listdir('/proc/self/fd'))
    with pytest.raises(NotFoundError) as caught:
        edge_netns.open_pid(process.pid)
    assert 'ended while it was being examined' in caught.value.message
    assert len(os.listdir('/proc/self/fd')) == before


def test_identity_finds_the_same_namespace_again(netns, sleeper):
    name = netns()
    process = sleeper(name)
    for opened in (edge_netns.open_named(name), edge_netns.open_pid(process.pid), edge_netns.open_host()):
        identity = opened.identity()
        again = edge_netns.open_again(identity)
        assert again.key == opened.key and again.identity() == identity
        again.close()
        opened.close()


def test_a_namespace_made_anew_under_the_name_is_another(netns):
    name = netns()
    opened = edge_netns.open_named(name)
    identity = opened.identity()
    opened.close()
    must(['ip', 'netns', 'delete', name])
    must(['ip', 'netns', 'add', name])
    assert edge_netns.open_again(identity) is None


def test_an_inode_number_inherited_from_a_dead_namespace_is_told_by_the_cookie(netns):
    one, other = edge_netns.open_named(netns()), edge_netns.open_named(netns())
    if one.cookie() is None:
        pytest.skip('SO_NETNS_COOKIE is in Linux 5.14 and later')
    forged = dict(other.identity(), cookie=one.cookie())
    before = len(os.listdir('/proc/self/fd'))
    assert edge_netns.open_again(forged) is None
    assert len(os.listdir('/proc/self/fd')) == before
    assert not other.is_the_same_as(forged)
    assert other.is_the_same_as(dict(forged, cookie=None))
    one.close()
    other.close()


@pytest.fixture
def without_cookie(monkeypatch):
    """As on Linux 3.7 to 5.13: no netns cookie (an option that no kernel has), and each loopback has the index 1."""
    monkeypatch.setattr(edge_netns, 'SO_NETNS_COOKIE', 9999)


def test_where_there_is_no_cookie_one_that_inherited_name_and_number_is_told_by_when_it_was_named(netns,
                                                                                                  without_cookie):
    opened = edge_netns.open_named(netns())
    identity = opened.identity()
    if opened.rtnl().index_of('lo') != 1:
        pytest.skip('each loopback has an index of its own before Linux 3.7')
    assert abs(identity['cookie'] / 1000.0 - time.time()) < 3600
    again = edge_netns.open_again(identity)
    assert again.cookie() == identity['cookie']
    assert edge_netns.open_again(dict(identity, cookie=identity['cookie'] - 1)) is None
    # What was written down where nothing told them apart.
    for nothing in (None, 1):
        assert opened.is_the_same_as(dict(identity, cookie=nothing))
    for one in (opened, again):
        one.close()


def test_where_there_is_no_cookie_a_name_is_the_same_namespace_as_its_process_and_its_symlink(netns, sleeper,
                                                                                             without_cookie):
    name = netns()
    process = sleeper(name)
    link = 'nt%d-symlink' % os.getpid()
    edge_netns.link_name(link, '/proc/%d/ns/net' % process.pid)
    found = [edge_netns.open_named(name), edge_netns.open_pid(process.pid), edge_netns.open_named(link)]
    try:
        assert [one.is_the_same_as(other.identity()) for one in found for other in found] == [True] * 9
    finally:
        edge_netns.unlink_name(link, '/proc/%d/ns/net' % process.pid)
        for one in found:
            one.close()


def test_a_namespace_whose_process_ended_is_gone(netns, sleeper):
    process = sleeper(netns())
    opened = edge_netns.open_pid(process.pid)
    identity = opened.identity()
    process.kill()
    process.wait()
    assert edge_netns.open_again(identity) is None
    # The descriptor still is the namespace.
    assert [link.name for link in opened.rtnl().links()] == ['lo']
    opened.close()
