# -*- coding: utf-8 -*-
"""The host: reading what may not answer, helpers that misbehave, and files that are whole at every moment."""
from __future__ import absolute_import, division, print_function

import errno
import gc
import os
import signal
import stat
import subprocess
import time

import pytest

from netnsctl.edge import child as edge_child, host as edge_host
from netnsctl.edge.host import Host, write_file
from netnsctl.errors import Interrupted, NetnsctlError, NoAnswerError


@pytest.fixture(params=['by posix_spawn', 'by Popen'])
def host(request, monkeypatch):
    """Helpers are started in two ways, the first where that can be."""
    if request.param == 'by posix_spawn' and not edge_child._may_spawn(['/bin/sh']):
        pytest.skip('from Python 3.8 on')
    if request.param == 'by Popen':
        monkeypatch.setattr(edge_child, '_may_spawn', lambda argv: False)
    return Host(environ={'HOME': '/x', 'DOCKER_HOST': 'unix:///x', 'LD_PRELOAD': '/x.so', 'PYTHONPATH': '/x',
                         'BASH_ENV': '/x'})


def sh(script, *words):
    return ['/bin/sh', '-c', script] + list(words)


def alive(pid):
    try:
        with open('/proc/%d/stat' % pid) as source:
            return source.read().rpartition(')')[2].split()[0] not in 'ZX'
    except (OSError, IOError):
        return False


def test_a_helper_is_fed_and_heard(host):
    result = host.run(sh('cat; echo err >&2; exit 3'), feed='in\n')
    assert (result.status, result.out, result.err) == (3, 'in\n', 'err\n')


def test_a_helper_may_be_fed_and_print_more_than_a_pipe_holds(host):
    text = 'x' * 300000
    assert host.run(['/bin/cat'], feed=text).out == text


def test_a_helper_that_does_not_read_is_no_error(host):
    assert host.run(['/bin/true'], feed='x' * 1000000).status == 0


def test_bytes_that_are_no_utf8_come_through(host):
    out = host.run(sh("printf '\\377\\303\\251'")).out
    assert host.run(['/bin/echo', '-n', out]).out == out
    assert host.run(['/bin/cat'], feed=out).out == out


def test_a_helper_has_a_fixed_environment(host):
    lines = host.run(['/usr/bin/env'], environ=('DOCKER_HOST', 'NOT_SET')).out.splitlines()
    assert sorted(lines) == ['DOCKER_HOST=unix:///x', 'GOMAXPROCS=1', 'HOME=/root', 'LC_ALL=C',
                             'PATH=' + edge_host.PATH, 'TERM=dumb']


def test_a_helper_has_a_session_of_its_own_the_default_sigpipe_and_starts_in_the_root(host):
    status = dict(line.split(':\t', 1) for line in host.run(['/bin/cat', '/proc/self/status']).out.splitlines()
                  if ':\t' in line)
    assert int(status['SigIgn'], 16) & 1 << (signal.SIGPIPE - 1) == 0
    fields = host.run(['/bin/cat', '/proc/self/stat']).out.rpartition(')')[2].split()
    assert int(fields[3]) != os.getsid(0)
    assert host.run(['/bin/pwd']).out == '/\n'


def test_a_helper_gets_no_descriptor_but_the_one_that_is_kept(host, tmpdir):
    kept, other = [os.open(str(tmpdir.join(name)), os.O_CREAT | os.O_RDWR) for name in ('kept', 'other')]
    high = 200
    os.dup2(other, high)
    try:
        for descriptor in (kept, other, high):
            # As Python 2 leaves them.
            import fcntl
            fcntl.fcntl(descriptor, fcntl.F_SETFD, 0)
        listing = ['/bin/ls', '-l', '/proc/self/fd']
        assert str(tmpdir) not in host.run(listing).out
        out = host.run(listing, keep=kept).out
        assert str(tmpdir.join('kept')) in out and str(tmpdir.join('other')) not in out
    finally:
        for descriptor in (kept, other, high):
            os.close(descriptor)


@pytest.mark.parametrize('script', ['sleep 60', 'exec >&- 2>&-; sleep 60', 'trap "" TERM INT HUP; sleep 60',
                                    'sleep 60 & sleep 60'])
def test_a_helper_that_does_not_end_is_ended_with_all_it_started(host, tmpdir, script):
    note = str(tmpdir.join('pids'))
    began = time.time()
    with pytest.raises(NoAnswerError) as caught:
        host.run(sh('sleep 60 & echo $$ $! >%s; %s' % (note, script)), seconds=0.5)
    assert time.time() - began < 40
    assert '/bin/sh -c' in caught.value.message and 'no answer within 0.5 s' in caught.value.message
    with open(note) as source:
        pids = [int(word) for word in source.read().split()]
    deadline = time.time() + 60
    while any(alive(pid) for pid in pids) and time.time() < deadline:
        time.sleep(0.01)
    assert not any(alive(pid) for pid in pids)


def test_a_helper_that_prints_without_end_is_ended(host, monkeypatch):
    monkeypatch.setattr(edge_host, 'OUTPUT_BYTES', 100000)
    with pytest.raises(NetnsctlError) as caught:
        host.run(sh('while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxx; done'), seconds=30)
    assert 'printed more than 100000 bytes' in caught.value.message
    assert not isinstance(caught.value, NoAnswerError)


def test_a_signal_that_is_only_noted_does_not_end_a_helper(host):
    noted = []
    before = signal.signal(signal.SIGUSR1, lambda *_: noted.append(True))
    try:
        result = host.run(sh('kill -USR1 $PPID; sleep 0.2; kill -USR1 $PPID; exec >&- 2>&-; sleep 0.2; '
                             'kill -USR1 $PPID; exit 3'))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert result.status == 3 and noted


def test_a_signal_while_a_helper_is_started_ends_it(host, monkeypatch):
    started = []

    def then_a_signal(start):
        def call(*words, **options):
            process = start(*words, **options)
            started.append(getattr(process, 'pid', process))
            os.kill(os.getpid(), signal.SIGTERM)
            return process
        return call

    def come(signum, _):
        raise Interrupted(signum)

    if hasattr(os, 'posix_spawn'):
        monkeypatch.setattr(os, 'posix_spawn', then_a_signal(os.posix_spawn))  # novm
    monkeypatch.setattr(subprocess, 'Popen', then_a_signal(subprocess.Popen))
    before = signal.signal(signal.SIGTERM, come)
    try:
        with pytest.raises(Interrupted):
            host.run(['/bin/sleep', '60'])
        assert signal.getsignal(signal.SIGTERM) is come
        assert len(started) == 1 and not os.path.exists('/proc/%d' % started[0])
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_helper_that_is_killed_says_by_which_signal(host):
    assert host.run(sh('kill -9 $$')).status == -9


@pytest.mark.parametrize('argv,words', [(['/nonexistent/ip'], 'No such file'), (['/etc/passwd'], 'Permission denied')])
def test_a_helper_that_cannot_be_started_is_a_declared_error(host, argv, words):
    with pytest.raises(NetnsctlError) as caught:
        host.run(argv)
    assert caught.value.message.startswith('cannot run %s: ' % argv[0]) and words in caught.value.message


def test_an_argument_with_a_nul_byte_is_a_declared_error(host):
    with pytest.raises(NetnsctlError) as caught:
        host.run(['/bin/echo', 'a\0b'])
    assert caught.value.message.startswith('cannot run /bin/echo: ')


def test_running_helpers_leaves_no_descriptor_and_no_zombie(host):
    gc.collect()  # what other tests left is theirs
    before = os.listdir('/proc/self/fd')
    for _ in range(5):
        host.run(['/bin/true'])
        with pytest.raises(NoAnswerError):
            host.run(['/bin/sleep', '9'], seconds=0.05)
    assert len(os.listdir('/proc/self/fd')) == len(before)
    with pytest.raises(OSError):
        os.waitpid(-1, os.WNOHANG)


def test_programs_are_found_on_the_helpers_path_only(tmpdir):
    for folder in ('one', 'two', 'three'):
        tmpdir.mkdir(folder).join('tool').write('#!/bin/sh\n')
    for folder in ('two', 'three'):
        os.chmod(str(tmpdir.join(folder, 'tool')), 0o755)
    tmpdir.mkdir('four').mkdir('tool')
    path = ':'.join(str(tmpdir.join(folder)) for folder in ('missing', 'one', 'four', 'two', 'three'))
    host = Host(environ={'NETNSCTL_PATH': path, 'PATH': '/usr/bin'})
    assert host.find_all('tool') == [str(tmpdir.join('two', 'tool')), str(tmpdir.join('three', 'tool'))]
    assert host.find('tool') == str(tmpdir.join('two', 'tool'))
    assert host.find('sh') is None
    assert Host(environ={'PATH': str(tmpdir.join('two'))}).find('tool') is None


def test_a_root_prefix_holds_files_and_programs(tmpdir):
    tmpdir.mkdir('etc').join('x').write('text')
    tmpdir.mkdir('sbin').join('tool').write('')
    os.chmod(str(tmpdir.join('sbin', 'tool')), 0o755)
    host = Host(root=str(tmpdir) + '/', environ={})
    assert host.read('/etc/x') == 'text' and host.exists('/etc/x') and not host.exists('/etc/passwd')
    assert host.listdir('/etc') == ['x'] and host.listdir('/nowhere') == []
    assert host.find('tool') == str(tmpdir.join('sbin', 'tool'))


@pytest.mark.parametrize('failed', [errno.EIO, errno.EMFILE])
def test_a_directory_that_could_not_be_read_is_not_one_with_nothing_in_it(monkeypatch, failed):
    def refuse(_):
        raise OSError(failed, os.strerror(failed))
    monkeypatch.setattr(os, 'listdir', refuse)
    with pytest.raises(NetnsctlError) as caught:
        Host().listdir('/run')
    assert caught.value.message == 'read /run: ' + os.strerror(failed)


def test_reading_has_a_limit_and_never_fails(tmpdir):
    tmpdir.join('x').write('0123456789')
    host = Host(root=str(tmpdir), environ={})
    assert host.read('/x', limit=4) == '0123'
    assert host.read('/missing') is None
    assert host.read('/') is None  # a directory
    os.mkfifo(str(tmpdir.join('fifo')))
    assert host.read('/fifo') in (None, '')


def test_files_of_the_kernels_are_read_whole():
    with open('/proc/self/mountinfo') as source:
        assert Host(environ={}).read('/proc/self/mountinfo') == source.read()


def test_write_file_replaces_at_once(tmpdir):
    path = str(tmpdir.join('x'))
    write_file(path, 'one')
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    inode = os.stat(path).st_ino
    with open(path) as old:
        write_file(path, 'two', mode=0o644, sync=True)
        assert old.read() == 'one'
    assert open(path).read() == 'two' and os.stat(path).st_ino != inode
    assert os.listdir(str(tmpdir)) == ['x']


@pytest.mark.parametrize('broken', ['write', 'rename', 'fsync'])
def test_write_file_that_fails_leaves_the_old_file_and_no_other(tmpdir, monkeypatch, broken):
    path = str(tmpdir.join('x'))
    write_file(path, 'one')

    def refuse(*_):
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(os, broken, refuse)
    with pytest.raises(OSError):
        write_file(path, 'two', sync=True)
    monkeypatch.undo()
    assert open(path).read() == 'one'
    assert os.listdir(str(tmpdir)) == ['x']


def test_write_file_goes_on_after_a_short_write(tmpdir, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, 'write', lambda descriptor, data: real(descriptor, data[:3]))
    write_file(str(tmpdir.join('x')), '0123456789')
    assert tmpdir.join('x').read() == '0123456789'


def test_write_file_does_not_follow_a_symlink_in_the_temp_names_place(tmpdir):
    path = str(tmpdir.join('x'))
    os.symlink(str(tmpdir.join('victim')), '%s.%d.tmp' % (path, os.getpid()))
    write_file(path, 'two')
    assert not tmpdir.join('victim').check() and tmpdir.join('x').read() == 'two'
    assert [item.basename for item in tmpdir.listdir()] == ['x']


def test_a_signal_right_after_the_temp_file_was_made_leaves_none(tmpdir, monkeypatch):
    real = edge_host.open_cloexec

    def open_and_interrupt(*arguments):
        os.close(real(*arguments))
        raise Interrupted(15)

    monkeypatch.setattr(edge_host, 'open_cloexec', open_and_interrupt)
    with pytest.raises(Interrupted):
        write_file(str(tmpdir.join('x')), 'new')
    assert tmpdir.listdir() == []


def test_a_signal_right_after_the_rename_is_not_told_as_a_failed_write(tmpdir, monkeypatch):
    path = str(tmpdir.join('x'))
    rename = os.rename

    def rename_and_interrupt(old, new):
        rename(old, new)
        raise Interrupted(15)

    monkeypatch.setattr(os, 'rename', rename_and_interrupt)
    with pytest.raises(Interrupted):
        write_file(path, 'new')
    assert [entry.basename for entry in tmpdir.listdir()] == ['x'] and tmpdir.join('x').read() == 'new'
