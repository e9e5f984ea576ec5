"""Namespaces entered and left again, by threads and in the face of signals."""
from __future__ import absolute_import, division, print_function

import errno
import os
import signal
import threading

import pytest

from netnsctl.compat import to_bytes
from netnsctl.edge import netns as edge_netns
from netnsctl.edge import netns_dir
from netnsctl.errors import Interrupted, NetnsctlError, NotFoundError
from netnsctl.usecases.ends.staying import Staying
from support.process import must
from support.netns_entries import OWN, here, touch


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
        monkeypatch.setattr(netns_dir, '_THREAD_SELF', '/proc/no-thread-self/ns/net')
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
    name, link, held = netns(), 'nt%d-link' % os.getpid(), '/proc/%d/fd/99999' % os.getpid()
    path = '/run/netns/' + name
    try:
        edge_netns.link_name(link, path)
        assert os.readlink('/run/netns/' + link) == path
        edge_netns.open_named(link).close()
        edge_netns.link_name(link, path)
        with pytest.raises(OSError):
            edge_netns.link_name(link, held)
        edge_netns.unlink_name(link, held)
        assert os.readlink('/run/netns/' + link) == path
    finally:
        edge_netns.unlink_name(link, path)
    edge_netns.unlink_name(link, path)
    assert not os.path.lexists('/run/netns/' + link)
    edge_netns.open_named(name).close()
    # A mounted name is no symlink of ours.
    edge_netns.unlink_name(name, path)
    edge_netns.open_named(name).close()
    with pytest.raises(OSError):
        edge_netns.link_name(name, '/proc/self/ns/net')
    plain = entry('plain', touch)
    edge_netns.unlink_name(plain, held)
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
            assert 'return from a network namespace' in caught.value.message
        monkeypatch.undo()
        edge_netns.open_host().close()
        assert os.readlink(OWN) == home
    finally:
        monkeypatch.undo()
        opened.close()


def test_a_thread_that_cannot_come_back_at_all_does_nothing_more(netns, monkeypatch):
    opened = edge_netns.open_path('/run/netns/' + netns(), 'netns://lost')
    home = os.open(OWN, os.O_RDONLY)
    refused = OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    def refuse(*_):
        raise refused

    try:
        with pytest.raises(NetnsctlError):
            with Staying():
                with opened.entered():
                    monkeypatch.setattr(edge_netns.syscalls, 'setns', refuse)
                    monkeypatch.setattr(os, 'dup', refuse)
        monkeypatch.undo()
        for _ in range(2):
            with pytest.raises(NetnsctlError):
                edge_netns.open_host()
    finally:
        monkeypatch.undo()
        del netns_dir._stranded[:]
        edge_netns.syscalls.setns(home)
        os.close(home)
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
