"""Names that `up` makes and `down` removes, while other processes make such names too."""
from __future__ import absolute_import, division, print_function

import errno
import os
import threading

import pytest

from netnsctl.compat import to_bytes
from netnsctl.edge import netns_dir, syscalls
from netnsctl.edge.host import Host
from netnsctl.edge.survey import elsewhere
from netnsctl.errors import ConflictError, NetnsctlError
from netnsctl.execution.state import State
from netnsctl.usecases.up_down import created_names
from support import process
from support.netns_entries import here, touch


class Session(object):
    def __init__(self, root):
        self.state, self.notices = State(Host(root=root, environ={})), []

    def recorded(self, pending):
        return []


@pytest.fixture
def session(tmpdir):
    tmpdir.mkdir('run')
    return Session(str(tmpdir))


@pytest.fixture
def path():
    path = '/run/netns/nt%d-made' % os.getpid()
    netns_dir.make_folder()
    netns_dir.share()
    yield path
    name = to_bytes(os.path.basename(path))
    if name in netns_dir.names():
        netns_dir.unmount_and_unlink(name)


def make(session, path):
    made = []
    created_names.make(session, os.path.basename(path), made)
    return made


def note(session, path, **more):
    name = os.path.basename(path)
    session.state.make('names')
    session.state.write_json('names', created_names._file_of(name), dict(more, name=name))


def bind_when_waited_for(monkeypatch, path, source):
    """As `ip netns add` of another process that gets to its mount while this one waits."""
    def bind():
        if not netns_dir.is_mounted(path):
            syscalls.mount(source, path, 'none', syscalls.MS_BIND)
    monkeypatch.setattr(netns_dir, 'wait_a_moment', bind)


def test_a_name_that_another_process_is_making_is_that_ones(session, path, monkeypatch, netns):
    other = '/run/netns/' + netns()
    touch(path)
    bind_when_waited_for(monkeypatch, path, other)
    assert make(session, path) == [] and os.stat(path).st_ino == os.stat(other).st_ino
    assert created_names.remove_unused(session) == ([], []) and netns_dir.is_mounted(path)


def test_a_name_that_another_process_goes_on_making_is_neither_removed_nor_used(session, path):
    touch(path)
    with pytest.raises(ConflictError) as caught:
        make(session, path)
    assert 'another process is making it' in caught.value.message and os.path.exists(path)
    assert session.state.names('names') == []


def test_a_name_that_was_left_long_ago_is_made_at_once(session, path, monkeypatch):
    touch(path)
    monkeypatch.setattr(netns_dir, 'YOUNG_SECONDS', -1.0)
    monkeypatch.setattr(netns_dir, 'wait_a_moment', None)
    monkeypatch.setattr(elsewhere, 'sees_all_processes', lambda: True)
    assert make(session, path) == [os.path.basename(path)]


@pytest.mark.parametrize('more', [{'made': None, 'making': None}, {'made': {'path': '/run/netns/none'}},
                                  {'made': None, 'making': {'path': '/run/netns/none'}, 'file': [1, 2]}])
def test_with_a_note_of_an_earlier_one_another_process_still_gets_its_time(session, path, monkeypatch, netns, more):
    other = '/run/netns/' + netns()
    note(session, path, **more)
    touch(path)
    bind_when_waited_for(monkeypatch, path, other)
    assert created_names.remove_unused(session) == ([], []) and os.stat(path).st_ino == os.stat(other).st_ino
    assert make(session, path) == []
    assert created_names.remove_unused(session) == ([], []) and netns_dir.is_mounted(path)
    assert session.state.names('names') == []


def test_a_name_that_another_process_makes_after_ours_went_stays_for_the_next_down(session, path, monkeypatch):
    name = os.path.basename(path)
    assert make(session, path) == [name]
    netns_dir.unmount_and_unlink(to_bytes(name))
    touch(path)
    for _ in range(2):
        assert created_names.remove_unused(session) == ([], [])
        assert os.path.exists(path) and len(session.state.names('names')) == 1
    monkeypatch.setattr(netns_dir, 'YOUNG_SECONDS', -1.0)
    monkeypatch.setattr(elsewhere, 'sees_all_processes', lambda: True)
    assert created_names.remove_unused(session) == ([], [])
    assert not os.path.exists(path) and session.state.names('names') == []


@pytest.mark.parametrize('verb', ['up', 'down'])
def test_a_file_of_ours_is_known_and_not_waited_for(session, path, monkeypatch, verb):
    name = os.path.basename(path)
    assert make(session, path) == [name]
    syscalls.umount2(path, syscalls.MNT_DETACH)  # as by a `down` that is killed then
    monkeypatch.setattr(netns_dir, 'wait_a_moment', None)
    if verb == 'up':
        assert make(session, path) == [name] and netns_dir.is_mounted(path)
    else:
        assert created_names.remove_unused(session) == ([], [])
        assert not os.path.exists(path) and session.state.names('names') == []


def test_a_file_without_its_number_in_the_note_is_ours_if_nothing_is_mounted_in_time(session, path):
    note(session, path, made=None, making=None)
    touch(path)
    assert created_names.remove_unused(session) == ([], [])
    assert not os.path.exists(path) and session.state.names('names') == []
    note(session, path, made=None, making=None)
    touch(path)
    assert make(session, path) == [os.path.basename(path)]


def test_what_fails_while_the_note_is_written_is_not_put_on_a_stale_name(session, path, monkeypatch):
    def refuse(_):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, 'dup', refuse)
    with pytest.raises(NetnsctlError) as caught:
        make(session, path)
    assert caught.value.message == 'make the namespace %s: Too many open files' % os.path.basename(path)
    assert not os.path.exists(path) and session.state.names('names') == []


def test_a_thread_makes_a_namespace_of_its_own(session, path):
    """Not a name for that of the process's first thread."""
    made = []
    thread = threading.Thread(target=lambda: made.extend(make(session, path)))
    thread.start()
    thread.join()
    assert made == [os.path.basename(path)] and os.stat(path).st_ino != here()
    assert created_names.remove_unused(session) == (made, []) and not os.path.exists(path)


@pytest.fixture
def apart(path):
    """apart() makes the name a namespace in another mount namespace, and here an empty file; end() ends that."""
    holders = []

    def start():
        script = ': >%s && mount --bind /proc/self/ns/net %s && echo ready && read -r _' % (path, path)
        holders.append(process.start(['unshare', '-m', '-n', '--propagation', 'private', 'sh', '-c', script]))
        assert holders[-1].stdout.readline() == b'ready\n'

    def end():
        while holders:
            process.finish(holders.pop(), b'\n', 10)

    start.end = end
    yield start
    end()


@pytest.mark.parametrize('is_noted', [False, True])
def test_a_name_that_is_a_namespace_in_another_mount_namespace_is_neither_made_nor_removed(
        session, path, monkeypatch, apart, is_noted):
    name = os.path.basename(path)
    monkeypatch.setattr(netns_dir, 'YOUNG_SECONDS', -1.0)
    apart()
    if is_noted:
        note(session, path, made={'path': '/run/netns/none'}, file=created_names._number_of(os.lstat(path)))
        assert created_names.remove_unused(session) == ([], [])
        assert len(session.notices) == 1 and 'in the mount namespace of process ' in session.notices[0]
    with pytest.raises(ConflictError) as caught:
        make(session, path)
    assert caught.value.message.startswith('make the namespace %s: a namespace is mounted on it in the mount namespace '
                                           'of process ' % name)
    assert os.path.exists(path) and len(session.state.names('names')) == is_noted
    apart.end()


def test_what_is_ours_by_its_note_is_made_again_once_nothing_is_mounted_on_it(session, path, monkeypatch, apart):
    monkeypatch.setattr(netns_dir, 'YOUNG_SECONDS', -1.0)
    apart()
    note(session, path, made={'path': '/run/netns/none'}, file=created_names._number_of(os.lstat(path)))
    apart.end()
    assert make(session, path) == [os.path.basename(path)]


def test_a_file_that_is_not_ours_stays_where_not_all_processes_are_seen(session, path, monkeypatch):
    """The tests run in a PID namespace of their own, where /run is private; in a guest they run in its first one."""
    if elsewhere.sees_all_processes():
        pytest.skip('all processes are seen from here')
    monkeypatch.setattr(netns_dir, 'YOUNG_SECONDS', -1.0)
    touch(path)
    with pytest.raises(ConflictError) as caught:
        make(session, path)
    assert 'outside this PID namespace' in caught.value.message and path in caught.value.hint
    note(session, path, made={'path': '/run/netns/none'}, file=[1, 2])
    assert created_names.remove_unused(session) == ([], []) and os.path.exists(path)
