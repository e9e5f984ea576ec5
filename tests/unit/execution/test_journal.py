"""The state folder, its lock, and the journal: what a kill between two steps leaves, and what is refused."""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from netnsctl.edge.host import Host
from netnsctl.errors import Interrupted, NetnsctlError, NoAnswerError
from netnsctl.execution.state import State
from support.program import SOURCE

# Holds the lock of the state under argv[1]. With argv[2], a file: starts a `sleep` that inherits the lock, and writes
# its PID there.
HOLDER = """
import sys
sys.path[:0] = %r
from netnsctl.edge.host import Host
from netnsctl.execution.state import State
host = Host(root=sys.argv[1], environ={})
state = State(host)
with state.locked():
    print('held')
    sys.stdout.flush()
    if len(sys.argv) > 2:
        script = 'echo $$ >$0.new; mv $0.new $0; exec sleep 60'
        host.run(['/bin/sh', '-c', script, sys.argv[2]], seconds=60, keep=state.lock_fd)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmpdir):
    """holder(*words) -> Popen of a process that holds the lock by now; ended after the test."""
    made = []

    def start(*words):
        folders = [SOURCE] + [folder for folder in os.environ.get('PYTHONPATH', '').split(':') if folder]
        process = subprocess.Popen([sys.executable, '-c', HOLDER % (folders,), str(tmpdir)] + list(words),
                                   stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, close_fds=True)
        made.append(process)
        assert process.stdout.readline() == b'held\n'
        return process
    yield start
    for process in made:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def record(name, **more):
    return dict({'version': 1, 'name': name, 'id': '1'}, **more)


def test_the_folder_is_run_netnsctl_and_its_owners_alone(state, tmpdir):
    state.make('wires')
    assert state.folder == str(tmpdir.join('run', 'netnsctl'))
    for path in (state.folder, state.path('wires')):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
    state.make('wires')  # twice is no error


def test_without_run_it_is_var_run(tmpdir):
    host = Host(root=str(tmpdir), environ={})
    assert State(host).folder == str(tmpdir.join('var', 'run', 'netnsctl'))
    tmpdir.ensure('var', 'run', dir=True)
    State(host).make('wires')
    tmpdir.mkdir('run')  # as `docker run -v /run:/run` does on EL6: what is recorded is still found
    assert State(host).folder == str(tmpdir.join('var', 'run', 'netnsctl'))


@pytest.mark.parametrize('make', [lambda tmpdir: tmpdir.ensure('var', 'run', dir=True),
                                  lambda tmpdir: tmpdir.mkdir('var').join('run').mksymlinkto('../run')])
def test_with_run_it_is_there_whatever_var_run_is(tmpdir, make):
    tmpdir.ensure('run', 'netnsctl', dir=True)
    make(tmpdir)
    assert State(Host(root=str(tmpdir), environ={})).folder == str(tmpdir.join('run', 'netnsctl'))


@pytest.mark.parametrize('mode', [0o777, 0o775, 0o702])
def test_a_folder_that_others_can_write_to_is_refused(state, tmpdir, mode):
    tmpdir.join('run').mkdir('netnsctl')
    os.chmod(state.folder, mode)
    with pytest.raises(NetnsctlError) as caught:
        state.make()
    assert caught.value.message == '%s: not a directory that only its owner can write to' % state.folder


@pytest.mark.skipif(os.geteuid() != 0, reason='needs root: it gives a folder away')
def test_a_folder_of_another_user_is_refused(state, tmpdir):
    tmpdir.join('run').mkdir('netnsctl')
    os.chown(state.folder, 65534, 65534)
    with pytest.raises(NetnsctlError):
        with state.locked():
            pass
    assert os.listdir(state.folder) == []


@pytest.mark.parametrize('name', ['netnsctl', 'netnsctl/wires'])
def test_a_symlink_in_the_folders_place_is_refused(state, tmpdir, name):
    elsewhere = tmpdir.mkdir('elsewhere')
    os.chmod(str(elsewhere), 0o700)
    if '/' in name:
        state.make()
    os.symlink(str(elsewhere), str(tmpdir.join('run', name)))
    with pytest.raises(NetnsctlError):
        state.make('wires')
    assert os.listdir(str(elsewhere)) == []


def test_where_the_folder_cannot_be_made_the_error_says_why(state, tmpdir):
    os.rmdir(str(tmpdir.join('run')))
    with pytest.raises(NetnsctlError) as caught:
        state.make()
    assert caught.value.message == 'make %s: No such file or directory' % state.folder


def test_documents_come_back_with_native_strings(state):
    state.make()
    value = {'a': [1, None, 'text', {'caf\xc3\xa9' if bytes is str else u'caf\xe9': True}]}
    state.write_json('x.json', value)
    assert state.read_json('x.json') == value
    assert stat.S_IMODE(os.stat(state.path('x.json')).st_mode) == 0o600
    assert os.listdir(state.folder) == ['x.json']
    assert state.read_json('missing.json') is None


@pytest.mark.parametrize('content', [b'', b'{', b'\xff\xfe', b'{"a": 1}x', b'\0' * 10])
def test_what_is_no_json_reads_as_nothing(state, content):
    state.make()
    with open(state.path('x.json'), 'wb') as sink:
        sink.write(content)
    assert state.read_json('x.json') is None


def test_a_symlink_is_not_read(state):
    state.make()
    state.write_json('x.json', {})
    os.symlink('x.json', state.path('y.json'))
    assert state.read_json('y.json') is None


def test_a_wire_goes_from_begun_to_committed_to_reopened_to_forgotten(journal):
    assert journal.names() == ([], [])
    journal.begin(record('w', undo=['x']))
    assert journal.names() == ([], ['w'])
    assert journal.load('w') is None and journal.load('w', pending=True)['undo'] == ['x']
    journal.commit(record('w'))
    assert journal.names() == (['w'], [])
    assert 'undo' not in journal.load('w') and journal.load('w', pending=True) is None
    journal.reopen('w')
    assert journal.names() == ([], ['w'])
    journal.forget('w')
    journal.forget('w')
    assert journal.names() == ([], [])


def test_a_kill_in_the_middle_of_commit_leaves_both_records_with_one_id(journal, monkeypatch):
    journal.begin(record('w'))

    def killed(name):
        raise KeyboardInterrupt()
    monkeypatch.setattr(journal, 'forget', killed)
    with pytest.raises(KeyboardInterrupt):
        journal.commit(record('w'))
    assert journal.names() == (['w'], ['w'])
    assert journal.load('w')['id'] == journal.load('w', pending=True)['id']


def test_names_with_dots_are_told_apart_from_pending_ones(journal):
    journal.begin(record('a.b'))
    journal.begin(record('pending'))
    journal.commit(record('a.json'))
    journal.commit(record('pending.x'))
    assert journal.names() == (['a.json', 'pending.x'], ['a.b', 'pending'])


def test_a_wire_that_is_not_there_cannot_be_reopened(journal):
    with pytest.raises(NetnsctlError) as caught:
        journal.reopen('w')
    assert caught.value.message.startswith('rename ') and caught.value.message.endswith('No such file or directory')


@pytest.mark.parametrize('content', ['', '{', '[]', '{}', '5', 'null', '"x"', '{"version": 2}', '{"version": "1"}'])
@pytest.mark.parametrize('pending', [False, True])
def test_a_damaged_record_is_named_by_its_file(journal, content, pending):
    journal.state.make('wires')
    path = journal.state.path('wires', 'w.pending.json' if pending else 'w.json')
    with open(path, 'w') as sink:
        sink.write(content)
    with pytest.raises(NetnsctlError) as caught:
        journal.load('w', pending)
    assert caught.value.message.startswith('read %s: not a record' % path)


def test_groups_stand_from_their_mark_on(journal):
    assert not journal.group_marked(None) and not journal.group_marked('7')
    journal.sweep()
    journal.mark_group('7')
    journal.mark_group('8')
    assert journal.group_marked('7') and not journal.group_marked('9')
    journal.unmark_group('7')
    assert not journal.group_marked('7')
    journal.sweep()
    assert not journal.group_marked('8')


def test_marks_of_groups_stay_as_long_as_a_wire_of_theirs_or_one_that_cannot_be_read_is_pending(journal):
    for group in ('7', '8'):
        journal.mark_group(group)
    journal.begin(record('w', group='7'))
    journal.sweep()
    assert journal.group_marked('7') and not journal.group_marked('8')
    journal.mark_group('8')
    with open(journal.path('w', pending=True), 'w') as sink:
        sink.write('{')
    journal.sweep()
    assert journal.group_marked('7') and journal.group_marked('8')


def test_what_is_withdrawn_knows_again_what_it_replaces_and_its_group(journal):
    journal.state.make('wires')
    whole = record('w', replaces=record('old'))
    journal.commit(dict(whole, replaces=None, group='7'))
    journal.withdraw(whole)
    assert journal.names() == ([], ['w'])
    assert journal.load('w', pending=True) == dict(whole, group='7')


def test_a_change_that_is_withdrawn_is_pending_beside_the_committed_record_under_another_number(journal):
    journal.state.make('wires')
    change = record('w', replaces=record('w', id='0'), change=True)
    journal.commit(record('w'))
    journal.withdraw(change)
    assert journal.names() == (['w'], ['w']) and journal.load('w') == record('w')
    pending = journal.load('w', pending=True)
    assert pending.pop('id') != '1' and dict(pending, id='1') == change


def test_on_a_full_disk_a_wire_is_withdrawn_all_the_same(journal, monkeypatch):
    journal.state.make('wires')
    journal.commit(record('w', replaces=None))

    def full(*_):
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(os, 'write', full)
    journal.withdraw(record('w', replaces=record('old')))
    monkeypatch.undo()
    assert journal.names() == ([], ['w'])


def test_a_full_disk_leaves_the_old_record(journal, monkeypatch):
    journal.begin(record('w', made=1))
    journal.commit(record('w', made=1))

    def full(descriptor, data):
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(os, 'write', full)
    with pytest.raises(NetnsctlError) as caught:
        journal.commit(record('w', made=2))
    monkeypatch.undo()
    assert 'No space left on device' in caught.value.message
    assert journal.load('w')['made'] == 1
    assert os.listdir(journal.state.path('wires')) == ['w.json']


def test_the_lock_is_one_at_a_time(state, tmpdir):
    other = State(Host(root=str(tmpdir), environ={}))
    with state.locked():
        assert state.lock_fd is not None
        began = time.time()
        with pytest.raises(NoAnswerError) as caught:
            with other.locked(seconds=0.3):
                raise AssertionError('two have the lock')
        assert 0.2 < time.time() - began < 60
        assert other.lock_fd is None
    assert caught.value.message.startswith('lock %s: another netnsctl has held it' % state.path('lock'))
    assert 'fuser' in caught.value.hint
    assert state.lock_fd is None
    with other.locked(seconds=0):
        pass


def test_a_signal_as_the_lock_is_let_go_comes_when_that_is_done(state, handled):
    seen = []

    def before():
        os.kill(os.getpid(), signal.SIGTERM)
        seen.append(state.lock_fd is not None)
    with pytest.raises(Interrupted):
        with state.locked():
            state.before_unlock = before
    assert seen == [True] and state.lock_fd is None and not state.is_locked()


def test_the_lock_is_let_go_on_an_exception(state):
    with pytest.raises(ValueError):
        with state.locked():
            raise ValueError()
    with state.locked(seconds=0):
        pass


def test_a_wait_for_the_lock_ends_when_it_is_free(state, holder):
    process = holder()
    with pytest.raises(NoAnswerError):
        with state.locked(seconds=0.1):
            pass
    process.stdin.close()
    with state.locked(seconds=10):
        pass
    process.wait()


def test_a_killed_holder_frees_the_lock(state, holder):
    process = holder()
    process.kill()
    process.wait()
    with state.locked(seconds=5):
        pass


def test_an_orphaned_helper_of_a_killed_holder_keeps_the_lock_until_it_ends(state, holder, tmpdir):
    note = tmpdir.join('pid')
    process = holder(str(note))
    deadline = time.time() + 20
    while not note.check() and time.time() < deadline:
        time.sleep(0.01)
    helper = int(note.read())
    try:
        process.kill()
        process.wait()
        with pytest.raises(NoAnswerError):
            with state.locked(seconds=0.3):
                pass
    finally:
        os.kill(helper, signal.SIGKILL)
    with state.locked(seconds=5):
        pass


def test_a_lock_that_is_a_symlink_is_not_opened(state, tmpdir):
    state.make()
    os.symlink(str(tmpdir.join('elsewhere')), state.path('lock'))
    with pytest.raises(NetnsctlError):
        with state.locked(seconds=0):
            pass
    assert not tmpdir.join('elsewhere').check()


def test_records_are_plain_json_on_disk(journal):
    journal.begin(record('w'))
    journal.commit(record('w'))
    with open(journal.state.path('wires', 'w.json')) as source:
        assert json.load(source) == record('w')


def test_a_folder_of_records_that_cannot_be_read_is_not_an_empty_one(state, journal):
    state.make()
    os.symlink('wires', state.path('wires'))  # ELOOP
    with pytest.raises(NetnsctlError) as caught:
        journal.names()
    assert state.path('wires') in caught.value.message
