"""Namespaces held open: who they are, who they are no longer, and that a thread always comes back."""
from __future__ import absolute_import, division, print_function

import errno
import os
import signal
import subprocess
import threading
import time

import pytest

from netnsctl.compat import to_bytes
from netnsctl.edge import netns as edge_netns
from netnsctl.edge import netns_dir, syscalls
from netnsctl.errors import Interrupted, NetnsctlError, NotFoundError
from support.process import must

# Before Linux 3.17 only the process leader's is told there.
OWN = '/proc/thread-self/ns/net' if os.path.exists('/proc/thread-self') else '/proc/self/ns/net'


@pytest.fixture
def sleeper():
    """sleeper(name) -> Popen of a process in that namespace (in ours without a name); ended after the test."""
    made = []

    def start(name=None):
        argv = ['sleep', '600']
        if name:
            argv = ['nsenter', '--net=/run/netns/' + name] + argv
        made.append(subprocess.Popen(argv, close_fds=True))
        deadline = time.time() + 10
        wanted = os.stat('/run/netns/' + name if name else '/proc/self/ns/net').st_ino
        while os.stat('/proc/%d/ns/net' % made[-1].pid).st_ino != wanted:
            assert time.time() < deadline
            time.sleep(0.005)
        return made[-1]
    yield start
    for process in made:
        if process.returncode is None:
            process.kill()
            process.wait()


@pytest.fixture
def entry():
    """entry(make) -> the path of a new entry of /run/netns that make(path) makes; removed after the test."""
    made = []

    def add(hint, make):
        path = '/run/netns/nt%d-%s' % (os.getpid(), hint)
        make(path)
        made.append(path)
        return os.path.basename(path)
    yield add
    for path in made:
        os.rmdir(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)


def here():
    return os.stat(OWN if 'thread' in OWN else syscalls.own_folder() + '/ns/net').st_ino


def touch(path):
    with open(path, 'w'):
        pass


def test_a_named_namespace_is_its_device_and_inode(netns):
    name = netns()
    opened = edge_netns.open_named(name)
    status = os.stat('/run/netns/' + name)
    assert opened.key == (status.st_dev, status.st_ino)
    assert (opened.label, opened.name, opened.pid) == ('netns://' + name, name, None)
    again = edge_netns.open_path('/run/netns/' + name, 'path:///run/netns/' + name)
    host = edge_netns.open_host()
    assert again.key == opened.key != host.key
    # Before Linux 5.14 there is none.
    assert again.cookie() == opened.cookie() and (opened.cookie() is None or opened.cookie() != host.cookie())
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
    began = time.time()
    with pytest.raises(NotFoundError) as caught:
        edge_netns.open_named(name)
    assert 'netns://%s' % name in caught.value.message
    assert 'is stale, it is not a network namespace' in caught.value.message
    assert time.time() - began < 2 and here() == before


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
    deadline = time.time() + 5
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
    assert 'ended while it was being looked at' in caught.value.message
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


def test_sysctls_are_those_inside(netns):
    name = netns()
    opened, host = edge_netns.open_named(name), edge_netns.open_host()
    before = host.sysctl('ipv4/ip_forward')
    with opened.entered():
        with open('/proc/sys/net/ipv4/ip_forward') as source:
            assert source.read().strip() == opened.sysctl('ipv4/ip_forward')
        with open('/proc/sys/net/ipv4/conf/all/rp_filter', 'w') as sink:
            sink.write('2')
    assert opened.sysctl('ipv4/conf/all/rp_filter') == '2'
    assert opened.sysctl('ipv4/conf/none/rp_filter') is None
    assert host.sysctl('ipv4/ip_forward') == before
    opened.close()
    host.close()


def test_a_thread_comes_back_also_from_an_exception(netns):
    opened = edge_netns.open_named(netns())
    before, fds = here(), len(os.listdir('/proc/self/fd'))
    with opened.entered():
        assert here() == opened.key[1]
    assert here() == before
    with pytest.raises(ValueError):
        with opened.entered():
            raise ValueError()
    assert here() == before
    assert len(os.listdir('/proc/self/fd')) == fds
    opened.close()


@pytest.mark.parametrize('at', [1, 2])
def test_a_signal_on_the_way_in_or_out_leaves_the_thread_at_home(netns, monkeypatch, at):
    """at: the call of setns that the signal comes at, after the one in or before the one out."""
    name = netns()
    home = os.stat('/proc/self/ns/net').st_ino
    real, calls = edge_netns.syscalls.setns, []

    def setns(descriptor):
        calls.append(descriptor)
        if len(calls) == 1:
            real(descriptor)
        if len(calls) == at:
            os.kill(os.getpid(), signal.SIGUSR1)
        if len(calls) > 1:
            real(descriptor)

    def handler(*_):
        edge_netns.go_home()
        raise Interrupted(10)

    before = signal.signal(signal.SIGUSR1, handler)
    opened = edge_netns.open_named(name)
    monkeypatch.setattr(edge_netns.syscalls, 'setns', setns)
    try:
        with pytest.raises(Interrupted):
            with opened.entered():
                pass
        assert os.stat('/proc/self/ns/net').st_ino == home
    finally:
        signal.signal(signal.SIGUSR1, before)
        monkeypatch.undo()
        del edge_netns._homes[:]
        opened.close()


def test_being_inside_one_inside_another_comes_back_step_by_step(netns):
    one, other = edge_netns.open_named(netns()), edge_netns.open_named(netns())
    before = here()
    with one.entered():
        with other.entered():
            assert here() == other.key[1]
        assert here() == one.key[1]
    assert here() == before
    one.close()
    other.close()


def test_threads_are_each_in_their_own_namespace(netns):
    spaces = [edge_netns.open_named(netns()) for _ in range(4)]
    before = here()
    wrong = []

    def work(opened):
        home = here()
        for _ in range(200):
            with opened.entered():
                if here() != opened.key[1]:
                    wrong.append('inside')
            if here() != home:
                wrong.append('back')
    threads = [threading.Thread(target=work, args=(opened,)) for opened in spaces * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and here() == before
    for opened in spaces:
        opened.close()


@pytest.mark.parametrize('has_thread_self', [True, False])
def test_a_thread_inside_a_namespace_comes_back_to_that_one(netns, monkeypatch, has_thread_self):
    """Not to the process's: home is where this thread was, on a kernel before 3.17 too."""
    if not has_thread_self:
        monkeypatch.setattr(edge_netns, '_THREAD_SELF', '/proc/no-thread-self')
    one, other = edge_netns.open_named(netns()), edge_netns.open_named(netns())
    seen = []

    def work():
        with one.entered():
            with other.entered():
                pass
            seen.append(here() == one.key[1])
            host = edge_netns.open_host()
            seen.append(host.key == one.key)
            host.close()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [True, True]
    one.close()
    other.close()


def test_whoever_owns_it_has_to_be_there_still(netns, sleeper):
    name = netns()
    process = sleeper(name)
    spaces = [edge_netns.open_named(name), edge_netns.open_pid(process.pid), edge_netns.open_host()]
    for opened in spaces:
        opened.require_there()
    process.kill()
    process.wait()
    must(['ip', 'netns', 'delete', name])
    for opened in spaces[:2]:
        with pytest.raises(NotFoundError) as caught:
            opened.require_there()
        assert caught.value.message == '%s: ended while it was being wired' % opened.label
    must(['ip', 'netns', 'add', name])
    with pytest.raises(NotFoundError):
        spaces[0].require_there()
    spaces[2].require_there()
    for opened in spaces:
        opened.close()


def test_names_are_symlinks_and_only_those_go(netns, entry):
    name = netns()
    link = 'nt%d-link' % os.getpid()
    try:
        edge_netns.link_name(link, '/run/netns/' + name)
        assert os.readlink('/run/netns/' + link) == '/run/netns/' + name
        opened = edge_netns.open_named(link)
        edge_netns.link_name(link, '/proc/%d/fd/%d' % (os.getpid(), opened.fd))
        opened.close()
    finally:
        edge_netns.unlink_name(link)
    edge_netns.unlink_name(link)
    assert not os.path.lexists('/run/netns/' + link)
    edge_netns.open_named(name).close()
    # A mounted name is no symlink of ours.
    edge_netns.unlink_name(name)
    edge_netns.open_named(name).close()
    with pytest.raises(OSError):
        edge_netns.link_name(name, '/proc/self/ns/net')
    plain = entry('plain', touch)
    edge_netns.unlink_name(plain)
    assert os.path.exists('/run/netns/' + plain)


def test_what_cannot_be_entered_is_a_declared_error(netns, monkeypatch):
    opened = edge_netns.open_named(netns())

    def refuse(descriptor):
        raise OSError(1, 'Operation not permitted')
    monkeypatch.setattr(edge_netns.syscalls, 'setns', refuse)
    before = len(os.listdir('/proc/self/fd'))
    with pytest.raises(NetnsctlError) as caught:
        with opened.entered():
            raise AssertionError('inside')
    monkeypatch.undo()
    assert caught.value.message == 'enter the network namespace %s: Operation not permitted' % opened.label
    assert 'CAP_SYS_ADMIN' in caught.value.hint
    assert len(os.listdir('/proc/self/fd')) == before
    opened.close()


def test_a_thread_that_could_not_come_back_does_so_before_anything_else(netns, monkeypatch):
    name = netns()
    home = os.readlink(OWN)
    opened = edge_netns.open_path('/run/netns/' + name, 'netns://' + name)
    real = edge_netns.syscalls.setns

    def refuse(descriptor):
        if descriptor != opened.fd:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        real(descriptor)

    try:
        with pytest.raises(NetnsctlError):
            with opened.entered():
                monkeypatch.setattr(edge_netns.syscalls, 'setns', refuse)
        assert os.readlink(OWN) != home
        for ask in (edge_netns.open_host, opened.entered().__enter__):
            with pytest.raises(NetnsctlError) as caught:
                ask()
            assert 'come back' in caught.value.message
        monkeypatch.undo()
        edge_netns.open_host().close()
        assert os.readlink(OWN) == home
    finally:
        monkeypatch.undo()
        opened.close()


def test_a_thread_that_could_not_come_back_from_a_new_namespace_does_so_before_anything_else(monkeypatch):
    name = to_bytes('nt%d-stranded' % os.getpid())
    home = os.readlink(OWN)

    def refuse(_):
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    netns_dir.make_folder()
    monkeypatch.setattr(edge_netns.syscalls, 'setns', refuse)
    with pytest.raises(netns_dir.AddError):
        netns_dir.add(name)
    assert name not in netns_dir.names() and os.readlink(OWN) != home
    with pytest.raises(NetnsctlError):
        edge_netns.open_host()
    with pytest.raises(netns_dir.AddError):
        netns_dir.add(name)
    monkeypatch.undo()
    edge_netns.open_host().close()
    assert os.readlink(OWN) == home and name not in netns_dir.names()
