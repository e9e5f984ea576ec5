"""`netnsctl netns` where the differential test does not look: what a command of exec inherits, monitor, races, kills,
terminals, and how much of Python it loads."""

from __future__ import absolute_import, division, print_function

import os
import re
import signal
import subprocess
import time

import pytest

from support import inject, process, terminal
from support.worlds import PROGRAM, World

ENVIRON = dict(os.environ, LC_ALL='C', PYTHONDONTWRITEBYTECODE='1')


@pytest.fixture
def world():
    """A world with netnsctl: world.run(words), world.sh(script)."""
    made = World(True)
    yield made
    made.close()


def argv(world, *words):
    return world.aside.prefix + PROGRAM + list(words)


def run(world, *words):
    return process.run(argv(world, *words), environ=ENVIRON)


# exec

def test_exec_is_no_child_and_leaks_no_descriptor(world):
    world.sh('ip netns add a')
    # An inherited descriptor is the caller's to pass on; Python's own must not show.
    script = 'exec 7</dev/null; exec "$@"'
    words = world.aside.prefix + ['sh', '-c', script, 'sh'] + PROGRAM + [
        'exec', 'a', 'sh', '-c', 'echo $PPID $$; ls -l /proc/$$/fd']
    popen = process.start(words, ENVIRON)
    result = process.finish(popen)
    assert result.status == 0, result
    descriptors = sorted(int(number) for number in re.findall(r' (\d+) -> ', result.out))
    assert [number for number in descriptors if number <= 9] == [0, 1, 2, 7], result
    assert int(result.out.split()[1]) == popen.pid, 'a fork: %r' % result


def test_exec_gives_back_the_default_of_sigpipe_and_sigxfsz(world):
    world.sh('ip netns add a')
    result = run(world, 'exec', 'a', 'grep', 'SigIgn', '/proc/self/status')
    ignored = int(result.out.split()[1], 16)
    assert not ignored & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1), result


def test_exec_leaves_the_mounts_of_the_host_alone(world):
    world.sh('ip netns add a; mkdir -p /etc/netns/a; echo inside >/etc/netns/a/hosts')
    before = world.sh('cat /proc/self/mountinfo')
    assert run(world, 'exec', 'a', 'cat', '/etc/hosts').out == 'inside\n'
    assert world.sh('cat /proc/self/mountinfo') == before


def test_exec_in_a_cgroup_of_a_vrf_leaves_it(world):
    mount = [line.split() for line in open('/proc/mounts') if line.split()[2] == 'cgroup2']
    if not mount:
        pytest.skip('cgroup v2 is not mounted')
    world.sh('ip netns add a')
    folder = '%s/nt%d/vrf/red' % (mount[0][1], os.getpid())
    os.makedirs(folder)
    try:
        words = ['sh', '-c', 'echo $$ >%s/cgroup.procs; exec "$@"' % folder, 'sh'] + argv(
            world, 'exec', 'a', 'cat', '/proc/self/cgroup')
        result = process.run(words, environ=ENVIRON)
        assert [line for line in result.out.split('\n') if line == '0::/nt%d' % os.getpid()], result
    finally:
        for _ in range(3):
            os.rmdir(folder)
            folder = os.path.dirname(folder)
            if folder == mount[0][1]:
                break


def test_exec_waits_a_moment_for_a_name_that_is_being_made(world):
    world.sh('ip netns add a; touch /run/netns/b')
    popen = process.start(argv(world, 'exec', 'b', 'echo', 'in'), ENVIRON)
    world.sh('sleep 0.1; mount --bind /run/netns/a /run/netns/b')
    result = process.finish(popen)
    assert (result.status, result.out) == (0, 'in\n'), result


# add

def test_twelve_first_adds_at_once_share_the_folder_once(world):
    # Those that are covered by this run of ours count too.
    binds = 'grep -c " /netns /run/netns " /proc/self/mountinfo || true'
    before = int(world.sh(binds))
    script = ' '.join("'%s'" % word.replace("'", "'\\''") for word in PROGRAM)
    world.sh('for n in 1 2 3 4 5 6 7 8 9 10 11 12; do %s add n$n & done; wait' % script)
    assert len(world.sh('ip netns').split()) == 12
    assert int(world.sh(binds)) == before + 1
    world.sh('for n in $(ip netns); do ip netns exec $n true; done')


@pytest.mark.parametrize('syscall, when', [('unshare', 1), ('mount', 2), ('setns', 1)])
def test_add_killed_on_its_way_leaves_a_name_that_list_calls_stale_and_delete_removes(world, syscall, when):
    inject.available()
    world.sh('ip netns add first')
    killed = process.run(world.aside.prefix + ['strace', '-qq', '-o', '/dev/null', '-e', 'trace=' + syscall, '-e',
                                               'inject=%s:signal=KILL:when=%d' % (syscall, when)]
                         + PROGRAM + ['add', 'x'], environ=ENVIRON)
    assert killed.status == -9, killed
    listed = run(world, 'list')
    assert listed.status == 0 and sorted(listed.out.split()) == ['first', 'x'], listed
    usable = world.aside.sh('ip netns exec x true && echo yes || echo no').strip()
    assert (usable == 'no') == ('"x" is stale: an empty file' in listed.err), listed
    assert run(world, 'delete', 'x').status == 0
    assert run(world, 'add', 'x').status == 0 and run(world, 'exec', 'x', 'true').status == 0


@pytest.mark.parametrize('syscall, error', [('unshare', 'EPERM'), ('mount', 'EPERM'), ('openat', 'EMFILE')])
def test_add_that_is_refused_leaves_no_name(world, syscall, error):
    inject.available()
    world.sh('ip netns add first')
    place = ['-P', '/var/run/netns/x'] if syscall == 'openat' else []
    fault = 'inject=%s:error=%s%s' % (syscall, error, ':when=2' if syscall == 'mount' else '')
    words = ['strace', '-qq', '-o', '/dev/null'] + place + ['-e', 'trace=' + syscall, '-e', fault]
    result = process.run(world.aside.prefix + words + PROGRAM + ['add', 'x'], environ=ENVIRON)
    assert result.status == 1 and 'Traceback' not in result.err and result.err.count('\n') == 1, result
    assert world.sh('ls /run/netns') == 'first\n'


def test_delete_does_not_unmount_what_a_symlink_leads_to(world):
    world.sh('ip netns add a; ln -s a /run/netns/b; '
             'mkdir /mnt/v; mount -t tmpfs none /mnt/v; ln -s /mnt/v /run/netns/c')
    for name in 'bc':
        assert run(world, 'delete', name).status == 0
    world.sh('ip netns exec a true; mountpoint -q /mnt/v')


# monitor

def test_monitor_tells_each_name_at_once_and_ends_by_the_signal(world):
    popen = subprocess.Popen(argv(world, 'monitor'), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRON,
                             preexec_fn=process.as_from_a_shell)
    try:
        deadline = time.time() + 20
        while not world.sh('ls /run') and time.time() < deadline:
            time.sleep(0.02)
        time.sleep(0.1)  # from the folder to the watch
        world.sh('ip netns add one')
        assert popen.stdout.readline() == b'add one\n'
        world.sh('ip netns delete one')
        assert popen.stdout.readline() == b'delete one\n'
    finally:
        os.killpg(popen.pid, signal.SIGINT)
        out, err = popen.communicate()
    assert (popen.returncode, out, err) == (-signal.SIGINT, b'', b'')


def test_monitor_ends_when_nobody_reads(world):
    popen = process.start(world.aside.prefix + ['sh', '-c', '"$@" | head -n 1', 'sh'] + PROGRAM + ['monitor'], ENVIRON)
    deadline = time.time() + 30
    # It notices with the first line that it writes after the reader went; the first may come when it watches at last.
    while popen.poll() is None and time.time() < deadline:
        world.sh('ip netns add one; ip netns delete one')
        time.sleep(0.1)
    assert process.finish(popen, timeout=20).out in ('add one\n', 'delete one\n')


# names and output

ODD = u'esc\x1b[31m', u'line\nfeed', u'$(id)', u'-n', u'\xe9t\xe9', u' ', u'a"b\\c', u'\u202eright'


def test_names_of_any_bytes_are_made_listed_used_and_deleted(world):
    names = [name.encode('utf-8') for name in ODD] + [b'\xff\xfe']
    for name in names:
        words = world.aside.prefix + PROGRAM + ['add']
        assert subprocess.call(words + [name], env=ENVIRON) == 0, name
        assert subprocess.call(world.aside.prefix + PROGRAM + ['exec'] + [name, 'true'], env=ENVIRON) == 0, name
    popen = subprocess.Popen(argv(world, 'list'), stdout=subprocess.PIPE, env=ENVIRON)
    listed = popen.communicate()[0]
    assert sorted(listed[:-1].replace(b'line\nfeed', b'line feed').split(b'\n')) == sorted(
        name.replace(b'\n', b' ') for name in names)
    for name in names:
        assert subprocess.call(world.aside.prefix + PROGRAM + ['delete'] + [name], env=ENVIRON) == 0, name
    assert run(world, 'list').out == ''


def test_json_of_odd_names_is_json(world):
    import json
    for name in ODD:
        assert subprocess.call(world.aside.prefix + PROGRAM + ['add'] + [name.encode('utf-8')], env=ENVIRON) == 0
    for words in (['-j', 'list'], ['-j', '-p', 'list']):
        assert sorted(row['name'] for row in json.loads(run(world, *words).out)) == sorted(ODD)


def test_a_terminal_never_gets_the_control_characters_of_a_name(world):
    for name in ODD[:2]:
        assert subprocess.call(world.aside.prefix + PROGRAM + ['add'] + [name.encode('utf-8')], env=ENVIRON) == 0
    shown = terminal.run(argv(world, 'list'), environ=ENVIRON)
    assert shown.status == 0 and '\x1b' not in shown.out and 'esc\\x1b[31m' in shown.out, shown
    shown = terminal.run(argv(world, 'exec', 'no\x1b[2Jsuch', 'true'), environ=ENVIRON)
    assert shown.status == 255 and '\x1b' not in shown.out and 'no\\x1b[2Jsuch' in shown.out, shown


def test_a_full_disk_under_standard_output_is_told(world):
    world.sh('ip netns add a')
    words = ['sh', '-c', '"$@" >/dev/full', 'sh'] + PROGRAM + ['list']
    result = process.run(world.aside.prefix + words, environ=ENVIRON)
    assert result.status == 1 and result.err == 'netnsctl netns: write: No space left on device\n', result


def test_closed_streams_are_no_traceback(world):
    for closing in ('>&-', '2>&-', '<&- >&- 2>&-'):
        for words in (['list'], ['exec', 'nosuch', 'true'], ['add', 'n%d' % len(closing)]):
            result = process.run(world.aside.prefix + ['sh', '-c', '"$@" ' + closing, 'sh'] + PROGRAM + words,
                                 environ=ENVIRON)
            assert 'Traceback' not in result.err and result.status in (0, 1, 255), (closing, words, result)


def test_not_root_is_told_as_iproute2_tells_it(run_netnsctl):
    if not run_netnsctl.nobody_can_run():
        pytest.skip('nobody cannot read this Python, or the source')
    words = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    for arguments in (['add', 'nt-x'], ['list'], ['delete', 'nt-x'], ['identify', '1']):
        theirs = process.run(words + ['ip', 'netns'] + arguments, environ=ENVIRON)
        ours = process.run(words + PROGRAM + arguments, environ=ENVIRON)
        assert (theirs.status == 0) == (ours.status == 0) and 'Traceback' not in ours.err, (theirs, ours)


# light

@pytest.mark.parametrize('words', [['list'], ['exec', 'a', 'true'], ['add', 'b']])
def test_nothing_heavy_is_loaded(world, words):
    world.sh('ip netns add a')
    # -v tells of each import; Python 2 writes `import x # ...`, 3 `import 'x' # ...`.
    verbose = [PROGRAM[0], '-v'] + PROGRAM[1:]
    result = process.run(world.aside.prefix + verbose + words, environ=ENVIRON)
    loaded = set(re.findall(r"^import '?([\w.]+)'? #", result.err, re.MULTILINE))
    assert 'netnsctl.ipnetns' in loaded, result.err[-2000:]
    own = [name for name in loaded if name.startswith(('netnsctl.cli', 'netnsctl.usecases', 'netnsctl.model'))]
    heavy = loaded & set(['click', 'pyroute2', 'jinja2', 'json', 'socket', 'subprocess', 're', 'enum', 'signal',
                          'ctypes', 'collections', 'functools'])
    bare = process.run([PROGRAM[0], '-E', '-s', '-v', '-c', 'pass'], environ=ENVIRON).err
    # A site-packages folder may make Python itself load some of these.
    heavy = [name for name in heavy if not re.search(r"^import '?%s'? #" % name, bare, re.MULTILINE)]
    # `ctypes` of Python 2 needs none; `signal` there is the C module itself.
    assert own == [] and [name for name in heavy if name != 'signal' or str is not bytes] == [], (own, heavy)


def test_a_terminal_gets_no_line_and_no_unseen_character_of_a_name(world):
    for name in (u'one\nfalse', u'\u202etxt.exe\u200bx\u2066'):
        assert subprocess.call(world.aside.prefix + PROGRAM + ['add'] + [name.encode('utf-8')], env=ENVIRON) == 0
    shown = terminal.run(argv(world, 'list'), environ=ENVIRON).out
    assert sorted(line.partition(' (id')[0] for line in shown.splitlines()) == [
        '\\u202etxt.exe\\u200bx\\u2066', 'one\\x0afalse']
    assert 'one\nfalse\n' in run(world, 'list').out


# batches

@pytest.mark.parametrize('words', [('netns ', 'netns '), ('', ''), ('net ', '')])
def test_lines_of_a_batch_stand_with_the_object_or_without(world, words):
    world.sh('printf "%sadd a\\n%sadd b # two\\n  %slist\\n%sdel a\\n" >/mnt/b' % (words * 2))
    result = run(world, '-batch', '/mnt/b')
    assert (result.status, result.err) == (0, '') and sorted(result.out.split()) == ['a', 'b'], result
    assert world.sh('ls /run/netns').split() == ['b']


@pytest.mark.parametrize('line', ['link add x type dummy', 'foo', 'n list', 'addr', 'addx'])
def test_another_object_in_a_batch_is_refused_as_ip_refuses_one_that_it_does_not_know(world, line):
    world.sh('echo "%s" >/mnt/b; echo "add a" >>/mnt/b' % line)
    result = run(world, '-batch', '/mnt/b')
    assert result.status == 1 and result.err == (
        'Object "%s" is unknown, try "ip help".\nCommand failed /mnt/b:1\n' % line.split()[0]), result
    assert world.sh('ls /run/netns 2>/dev/null || :') == ''
