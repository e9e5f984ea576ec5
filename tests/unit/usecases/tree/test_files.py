"""The tree on disk: whatever is in it only the declared errors come out; and several files written together or not."""
from __future__ import absolute_import, division, print_function

import json
import os
import shutil
import signal
import tempfile

import pytest

from netnsctl.compat import native
from netnsctl.edge.files import config_batch, config_files
from netnsctl.edge.host import Host
from netnsctl.errors import Interrupted, NetnsctlError, UsageError
from netnsctl.usecases.tree import PLACE, reading, saving


@pytest.fixture
def host(tmpdir):
    """A host with an empty tree."""
    os.makedirs(str(tmpdir.join('root' + PLACE)), 0o755)
    return Host(root=str(tmpdir.join('root')), environ={})


def put(host, name, data):
    path = host.path('%s/%s' % (PLACE, name))
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path), 0o755)
    with open(path, 'wb') as target:
        target.write(data)
    os.chmod(path, 0o644)


def names(host):
    found = []
    for folder, _, files in os.walk(host.path(PLACE)):
        found += [os.path.join(folder, name)[len(host.path(PLACE)) + 1:] for name in files]
    return sorted(found)


def test_whatever_bytes_are_in_a_tree_only_declared_errors_come_out():
    hypothesis = pytest.importorskip('hypothesis')
    from hypothesis import strategies as some
    words = some.sampled_from([
        b'IPADDR', b'PREFIX', b'NETMASK', b'PEER', b'PEER_NETNS', b'BRIDGE', b'TYPE', b'GATEWAY', b'METRIC', b'DNS1',
        b'WIRE', b'SCOPE', b'MTU', b'IPV6INIT', b'IPV6ADDR', b'ADDRESS0', b'NETMASK0', b'GATEWAY0', b'IPADDR0', b'=',
        b'=', b'=',
        b'\n', b'\n', b'\n', b' ', b'"', b'#', b'\xc2\xa0', b'\xff', b'\x00', b'9' * 5000, b'Bridge', b'yes',
        b'a', b'b', b'host', b'eth0', b'br0', b'10.0.0.1', b'10.0.0.2', b'255.255.255.0', b'0.0.0.0',
        b'24', b'0', b'fd00::1/64',
        b'default', b'via', b'table', b'from', b'priority', b'10.9.0.0/16', b'metric', b'onlink', b'scope', b'link',
        b'dhcp', b'BOOTPROTO', b'docker:x', b'netns://a'])
    text = some.lists(words | some.binary(max_size=4), max_size=30).map(b''.join)
    line = some.builds(lambda key, value: key + b'=' + value + b'\n', words, words)
    file_names = some.sampled_from([
        'a/ifcfg-eth0', 'a/route-eth0', 'a/route6-eth0', 'a/rule-eth0', 'b/ifcfg-eth0', 'b/rule6-eth0',
        'host/ifcfg-br0', 'host/ifcfg-eth0', 'host/route-br0', 'docker:x/ifcfg-eth0', 'netns:a/ifcfg-eth0', 'a/ifcfg-',
        'a/ifcfg-a b',
        'a/route-x', '4711/ifcfg-e', 'a/.x', 'README', '.saving', native(b'\xff/ifcfg-\xfe'), 'a/ifcfg-eth0.bak'])
    content = text | some.lists(line, max_size=8).map(b''.join)

    @hypothesis.settings(max_examples=400, deadline=None)
    @hypothesis.given(some.dictionaries(file_names, content, max_size=6))
    def holds(files):
        top = tempfile.mkdtemp()
        try:
            host = Host(root=top, environ={})
            for name, data in files.items():
                put(host, name, data)
            try:
                found = reading.read(host)
            except NetnsctlError:
                return
            for problem in found.problems:
                assert problem.message.startswith(PLACE) and '\n' not in problem.message
        finally:
            shutil.rmtree(top)
    holds()


def test_a_tree_whose_folders_are_symlinks_or_spelled_twice_is_told(host):
    put(host, 'a/ifcfg-e', b'PEER=p\n')
    put(host, 'netns:a/ifcfg-e', b'PEER=p\n')
    put(host, 'c/ifcfg-e', b'PEER=pc\n')
    os.symlink('c', host.path(PLACE + '/d'))
    found = reading.read(host)
    assert sorted((problem.spaces, problem.message.partition(':')[0]) for problem in found.problems) == [
        (('a', 'netns:a'), PLACE + '/a'), (('d',), PLACE + '/d')]
    assert [wire.spaces for wire in found.wires] == [('c', 'host')]


# Another group than that of this process, where it may give a file to one.
GROUP = 4 if os.geteuid() == 0 else os.getegid()
CHANGES = [(PLACE + '/a/ifcfg-A', 'PEER=B\n'), (PLACE + '/a/route-A', None), (PLACE + '/b/ifcfg-B', 'PEER=A\n')]


@pytest.fixture
def batch(host):
    """A Batch with CHANGES prepared over a tree where a's files exist and b's do not."""
    put(host, 'a/ifcfg-A', b'# old\n')
    put(host, 'a/route-A', b'10.9.0.0/16\n')
    os.chmod(host.path(PLACE + '/a/ifcfg-A'), 0o600)
    os.chown(host.path(PLACE + '/a/ifcfg-A'), -1, GROUP)
    made = config_batch.Batch(host, PLACE)
    made.prepare(CHANGES)
    return made


def is_old(host):
    return (names(host) == ['a/ifcfg-A', 'a/route-A'] and config_files.read(host, PLACE + '/a/ifcfg-A') == '# old\n'
            and os.listdir(host.path(PLACE)) == ['a'])


def is_new(host):
    return (names(host) == ['a/ifcfg-A', 'b/ifcfg-B'] and config_files.read(host, PLACE + '/a/ifcfg-A') == 'PEER=B\n')


def test_nothing_is_changed_before_the_commit_and_undo_leaves_no_trace(host, batch):
    assert config_files.read(host, PLACE + '/a/ifcfg-A') == '# old\n'
    assert config_files.read(host, PLACE + '/a/route-A') == '10.9.0.0/16\n'
    batch.undo()
    assert is_old(host)


def test_all_is_new_after_it_and_a_file_keeps_its_mode_and_group(host, batch):
    batch.commit()
    batch.forget()
    assert is_new(host)
    found = os.stat(host.path(PLACE + '/a/ifcfg-A'))
    assert (found.st_mode & 0o777, found.st_gid) == (0o600, GROUP)


@pytest.mark.parametrize('at', range(3))
def test_a_commit_that_fails_at_any_file_can_be_undone(host, batch, at, monkeypatch):
    put_in_place, count = config_batch._put, []

    def failing(*arguments):
        count.append(arguments)
        if len(count) > at:
            raise OSError(28, 'No space left on device')
        put_in_place(*arguments)
    monkeypatch.setattr(config_batch, '_put', failing)
    with pytest.raises(NetnsctlError) as caught:
        batch.commit()
    assert CHANGES[at][0] in caught.value.message
    batch.undo()
    assert is_old(host)


@pytest.mark.parametrize('at', range(4))
def test_one_that_was_killed_at_any_file_is_finished_by_the_next(host, batch, at, monkeypatch):
    put_in_place, count = config_batch._put, []

    def stopping(*arguments):
        count.append(arguments)
        if len(count) > at:
            raise KeyboardInterrupt
        put_in_place(*arguments)
    monkeypatch.setattr(config_batch, '_put', stopping)
    try:
        batch.commit()
    except KeyboardInterrupt:
        pass
    if batch.note is not None:  # it was not all done
        os.close(batch.note)  # as the end of the process does
    monkeypatch.undo()
    config_batch.finish(host, PLACE)
    assert config_files.read(host, PLACE + '/a/ifcfg-A') == 'PEER=B\n'
    assert config_files.read(host, PLACE + '/a/route-A') is None
    assert config_files.read(host, PLACE + '/b/ifcfg-B') == 'PEER=A\n'
    assert '.saving' not in names(host)


@pytest.mark.parametrize('step', ['_unlink', '_rmdir'])
def test_a_signal_while_the_old_files_go_puts_all_back(host, handled, step, monkeypatch):
    put(host, 'a/ifcfg-A', b'# old\n')
    put(host, 'a/route-A', b'10.9.0.0/16\n')
    put(host, 'c/rule-C', b'# mine\n')
    os.chmod(host.path(PLACE + '/c/rule-C'), 0o600)
    os.chown(host.path(PLACE + '/c/rule-C'), -1, GROUP)
    changes = CHANGES + [(PLACE + '/c/rule-C', None)]
    do, forget, calls = getattr(config_batch, step), config_batch.Batch.forget, []

    def forgetting(batch):
        calls.append('forget')
        forget(batch)

    def interrupted(*arguments):
        if calls == ['forget']:
            calls.append(step)
            os.kill(os.getpid(), signal.SIGTERM)
        do(*arguments)
    monkeypatch.setattr(config_batch.Batch, 'forget', forgetting)
    monkeypatch.setattr(config_batch, step, interrupted)
    with pytest.raises(Interrupted):
        saving.write_changes(host, changes)
    assert names(host) == ['a/ifcfg-A', 'a/route-A', 'c/rule-C'] and sorted(os.listdir(host.path(PLACE))) == ['a', 'c']
    assert config_files.read(host, PLACE + '/a/ifcfg-A') == '# old\n'
    found = os.stat(host.path(PLACE + '/c/rule-C'))
    assert (found.st_mode & 0o777, found.st_gid) == (0o600, GROUP)


def test_what_cannot_be_prepared_leaves_nothing(host):
    put(host, 'a/ifcfg-A', b'# old\n')
    os.mkdir(host.path(PLACE + '/b'))
    os.mkdir(host.path(PLACE + '/b/ifcfg-B'))
    with pytest.raises(UsageError):
        config_batch.Batch(host, PLACE).prepare(CHANGES)
    assert names(host) == ['a/ifcfg-A'] and config_files.read(host, PLACE + '/a/ifcfg-A') == '# old\n'


def test_temp_files_of_dead_processes_are_swept_and_no_others(host):
    for name in ('a/ifcfg-A', 'a/ifcfg-A.99999999.tmp', 'a/ifcfg-A.99999999.old.tmp', 'a/ifcfg-A.1.tmp', 'a/x.tmp',
                 '.saving.99999999.tmp'):
        put(host, name, b'')
    config_batch.sweep(host, PLACE)
    assert names(host) == ['a/ifcfg-A', 'a/ifcfg-A.1.tmp', 'a/x.tmp']


@pytest.mark.parametrize('text', [
    '', '{}x', '[1]', '{"a": 1}', 'null', '[["../x", null]]', '[["a/..", null]]', '[["a/ifcfg-A", "ifcfg-B.1.tmp"]]',
    '[["a/ifcfg-A", "../x"]]', '[["a/ifcfg-A", 1]]', '[["/a", null]]'])
def test_a_note_that_is_none_moves_nothing(host, text):
    put(host, 'a/ifcfg-A', b'# old\n')
    put(host, '.saving', text.encode('ascii'))
    with pytest.raises(UsageError):
        config_batch.finish(host, PLACE)
    assert names(host) == ['.saving', 'a/ifcfg-A']


def test_a_note_that_others_could_have_written_is_refused(host):
    put(host, 'a/ifcfg-A', b'# old\n')
    put(host, '.saving', json.dumps([['a/ifcfg-A', None]]).encode('ascii'))
    os.chmod(host.path(PLACE + '/.saving'), 0o666)
    with pytest.raises(UsageError):
        config_batch.finish(host, PLACE)
    assert names(host) == ['.saving', 'a/ifcfg-A']


@pytest.mark.parametrize('folder', ['/etc/sysconfig/netns', '/etc/sysconfig', '/etc', '/etc/sysconfig/netns/a'])
def test_a_file_is_not_written_through_a_symlink(tmpdir, folder):
    host = Host(root=str(tmpdir.join('root')), environ={})
    tmpdir.mkdir('elsewhere')
    os.makedirs(os.path.dirname(host.path(folder)))
    os.symlink(str(tmpdir.join('elsewhere')), host.path(folder))
    with pytest.raises(UsageError):
        config_files.write(host, PLACE + '/a/ifcfg-A', '')
    assert tmpdir.join('elsewhere').listdir() == []
