"""What the shim hands on to the host's own `ip`: the bytes of the arguments, and never in a loop."""

from __future__ import absolute_import, division, print_function

import os
import shutil
import subprocess
import time

import pytest

from support import process
from support.installed import Installed
from support.own_ip import LINES, NEW_IP, OLD_IP, USUAL, rewrite, run


def wait_until(is_so):
    deadline = time.time() + 20
    while not is_so():
        assert time.time() < deadline, 'it never came to be'
        time.sleep(0.02)


# untouched

UNTOUCHED = [
    [], ['link'], ['-o', 'link', 'show', 'dev', 'lo'], ['-Ver'], ['-x', '--y=*', ''],
    ['a', 'two words', '*', '$HOME', "it's"],
    ['link', 'set', 'x', 'netns', 'nosuch'], ['link', 'set', 'x', 'netns', '1'], ['link', 'set', 'netns', 'up'],
    ['-batch', '/nosuch'], ['-b', '-'], ['help'], ['-h', 'addr'], ['-f', 'inet', '-n'], ['-f'], ['-b'], ['-n'], ['--'],
    ['netns'], ['netns', 'add', 'a b'], ['netns', 'exec', 'x', 'sh', '-c', 'echo "$@" \\ *'], ['-n', 'x', 'link', '\n'],
    ['-all', 'netns', 'exec', '-n'], ['-j', '-p', 'netns', 'list'], ['netns', 'identify', '1'],
    ['netns', 'se', 'a', '7'],
    ['-n', '-n', '-n'], ['-netns', '', 'x'], ['-c', 'netns'], ['n'], ['ne', 'show'],
    ['link', 'set', 'x', 'netns', '/proc/1/ns/net'],
]


@pytest.mark.parametrize('words', UNTOUCHED, ids=lambda words: ' '.join(words).replace('\n', ' ') or 'none')
def test_over_an_ip_that_can_do_it_all_every_byte_goes_to_it(installed, put, tmpdir, words):
    folder = put('new', NEW_IP)
    result = run(installed.shim, [folder], *words, feed='fed to it')
    assert (result.status, result.out, result.err) == (7, 'fed to it', ''), result
    assert tmpdir.join('log').read('rb') == b''.join(word.encode('ascii') + b'\0' for word in words or [''])


@pytest.mark.parametrize('shell', [['bash', '--posix'], ['busybox', 'sh'], ['dash']], ids=lambda shell: shell[0])
def test_any_shell_that_may_be_sh_reads_it_alike(installed, put, tmpdir, shell):
    try:
        process.run(shell + ['-c', ':'])
    except OSError:
        pytest.skip('there is no ' + shell[0])
    new, old = [dict(os.environ, PATH='%s:%s' % (put(name, text), USUAL)) for name, text in (
        ('new', NEW_IP), ('old', OLD_IP))]
    for words in UNTOUCHED:
        result = process.run(shell + [installed.shim] + words, environ=new)
        assert (result.status, result.err) == (7, ''), (words, result)
        assert tmpdir.join('log').read('rb') == b''.join(word.encode('ascii') + b'\0' for word in words or [''])
    for words in LINES:
        result = process.run(shell + [installed.shim] + words, environ=old)
        assert 'own' not in result.out and 'netnsctl shim' not in result.err, (words, result)
    folders = installed.shim_folder, put('looping', '#!/bin/sh\n' + LOOPS['an ip that calls ip']), USUAL
    looping = dict(os.environ, PATH=':'.join(folders))
    result = process.run(shell + [installed.shim, '-V'], environ=looping)
    assert result.out.count('ip utility') == 1, result


def test_bytes_that_are_no_text_go_to_it_unchanged(installed, put, tmpdir):
    odd = [bytes(bytearray(range(1, 128))), bytes(bytearray(range(128, 256))), b'\xff', b'netns\xff', b'-\xff']
    environ = dict(os.environ, PATH='%s:%s' % (put('new', NEW_IP), USUAL))
    for words in (odd, [b'netns', b'exec'] + odd, [b'-n'] + odd, [b'link', b'set', b'netns'] + odd):
        popen = subprocess.Popen([installed.shim] + words, env=environ, stdin=subprocess.PIPE)
        popen.communicate(b'')
        assert popen.returncode == 7
        assert tmpdir.join('log').read('rb') == b''.join(word + b'\0' for word in words)


def test_over_an_ip_of_old_what_it_knows_goes_to_it_and_it_is_asked_nothing(installed, put, tmpdir):
    folder = put('old', OLD_IP)
    for words in (['link'], ['-o', 'addr', 'show'], ['link', 'set', 'x', 'netns', '1'], ['-V'], ['help'], ['ne']):
        result = run(installed.shim, [folder], *words)
        assert (result.status, result.out, result.err) == (7, 'own %s\n' % ' '.join(words), ''), result
        assert tmpdir.join('log').read() == ' '.join(words) + '\n'
        tmpdir.join('log').remove()


def test_a_batch_that_needs_nothing_goes_to_it(installed, put, tmpdir):
    folder = put('old', OLD_IP)
    for text in ('link show lo\n', '', 'addr add 1.1.1.1/32 dev subnet # inet\n-f inet route\n'):
        tmpdir.join('lines').write(text)
        result = run(installed.shim, [folder], '-batch', str(tmpdir.join('lines')))
        assert (result.status, result.out) == (7, 'own -batch %s\n' % tmpdir.join('lines')), result


def test_rdos_ip_does_what_it_knows_and_is_helped_with_what_it_does_not(installed, put, tmpdir):
    rdo = OLD_IP.replace("echo 'Object \"netns\" is unknown, try \"ip help\".' >&2; exit 255", '''case $2 in
        help) echo 'Usage: ip netns list' >&2; exit 255 ;;
        i*|p*|se*|at*|list-*) echo "Command \\"$2\\" is unknown, try \\"ip netns help\\"." >&2; exit 255 ;;
    esac''')
    folder = put('rdo', rdo)
    for words in (['netns'], ['netns', 'list'], ['netns', 'add', 'x'], ['link', 'set', 'x', 'netns', '/proc/1/ns/net'],
                  ['netns', 'exec', 'x', 'identify']):
        assert run(installed.shim, [folder], *words).out == 'own %s\n' % ' '.join(words)
    for words in (['netns', 'identify'], ['-j', 'netns', 'list'], ['-all', 'netns', 'exec', 'true'],
                  ['-n', '.', 'link'], ['netns', 'set', 'nosuch', '1'], ['netns', 'list-id']):
        assert 'own' not in run(installed.shim, [folder], *words).out
    for text, own in (('netns add x\nlink set x netns y\n', True), ('netns identify\n', False),
                      ('net se a 1\n', False)):
        tmpdir.join('lines').write(text)
        assert run(installed.shim, [folder], '-batch', str(tmpdir.join('lines'))).out.startswith('own -batch /') == own


# the PATH

def test_the_first_ip_after_the_shim_is_taken(installed, put):
    first, second = put('first', OLD_IP), put('second', OLD_IP.replace('own', 'second'))
    environ = dict(os.environ, PATH='%s:%s:%s:%s' % (first, installed.shim_folder, second, USUAL))
    # Who stands before it has called it, or was passed over.
    assert process.run([installed.shim, 'link'], environ=environ).out == 'second link\n'
    environ['PATH'] = '%s:%s:%s' % (first, second, USUAL)
    assert process.run([installed.shim, 'link'], environ=environ).out == 'own link\n'


@pytest.mark.parametrize('path', [None, '', ':', '.', ':.:', '/nosuch', 'relative:also', '//usr//sbin/', ' ', '*'])
def test_an_odd_path_leads_to_the_standard_folders_and_never_to_where_one_is(installed, put, tmpdir, path):
    put('here', '#!/bin/sh\necho caught\n')
    put('here/relative', '#!/bin/sh\necho caught\n')
    environ = dict(os.environ)
    environ.pop('PATH')
    if path is not None:
        environ['PATH'] = path
    popen = subprocess.Popen([installed.shim, '-V'], env=environ, cwd=str(tmpdir.join('here')), stdout=subprocess.PIPE)
    assert popen.communicate()[0].startswith(b'ip utility') and popen.returncode == 0


def test_nothing_is_imported_from_the_folder_one_is_in(installed, tmpdir, old_ip):
    for name in ('ctypes', 'struct', 'select', 'fcntl', '_socket', 'time', 'errno', 'netnsctl', 'site', 'os'):
        tmpdir.join('here', name + '.py').write('import os; os.write(1, b"caught\\n")\n', ensure=True)
    environ = dict(os.environ, PATH='%s:%s' % (old_ip, USUAL), PYTHONPATH=str(tmpdir.join('here')))
    for words in (['netns'], ['netns', 'exec', 'nosuch', 'true'], ['-b', '/dev/null'], ['netns', 'identify', '1']):
        popen = subprocess.Popen([installed.shim] + words, env=environ, cwd=str(tmpdir.join('here')),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = popen.communicate()
        assert b'caught' not in out and b'Traceback' not in err, (words, out, err)


def test_where_there_is_no_other_ip_it_says_so(installed, tmpdir, put):
    rewrite(installed.shim, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', '/nosuch')
    tools = tmpdir.mkdir('tools')
    for tool in ('sh', 'readlink', 'grep', 'tr'):
        tools.join(tool).mksymlinkto(process.must(['sh', '-c', 'command -v ' + tool]).strip())
    environ = dict(os.environ, PATH='%s:%s' % (installed.shim_folder, tools))
    for words in (['link'], ['-b', '-'], ['-n', 'nosuch', 'link']):
        result = process.run([installed.shim] + words, environ=environ, feed='link show lo\n')
        assert 'Traceback' not in result.err and result.err.count('\n') == 1, result
        assert result.status == (255 if words[0] == '-n' else 127), result
    assert 'there is no other ip on the PATH' in process.run([installed.shim, 'link'], environ=environ).err
    # What needs none works.
    assert process.run([installed.shim, 'netns', 'identify', str(os.getpid())], environ=environ).status == 0


# loops

LOOPS = {
    'an ip that calls ip': 'ip "$@"',
    'an ip that becomes ip': 'exec ip "$@"',
    'an ip that takes the next one that it is not': '''
        for folder in $(echo $PATH | tr : ' '); do
            [ "$folder/ip" -ef "$0" ] || ! [ -x "$folder/ip" ] || exec "$folder/ip" "$@"
        done''',
    'an ip that calls ip in the background': 'ip "$@" & wait $!',
    'an ip that calls ip below other programs': 'timeout 60 env sh -c \'ip "$@"\' sh "$@"',
    'an ip that leaves it to a child and ends': '(sleep 0.05; ip "$@") & exit 0',
}


@pytest.mark.parametrize('name', sorted(LOOPS))
@pytest.mark.parametrize('start', ['#!/bin/sh\n', ''], ids=['with a first line', 'without'])
def test_an_ip_that_comes_back_is_given_the_next_that_is_no_script(installed, put, tmpdir, name, start):
    folder = put('looping', start + 'echo "$*" >>%s\n%s\n' % (tmpdir.join('calls'), LOOPS[name]))
    result = run(installed.shim, [folder], '-V', timeout=30)
    assert result.status == 0 and result.out.count('ip utility') == 1, result
    calls = tmpdir.join('calls').read().split('\n')[:-1]
    assert len(calls) <= (16 if 'ends' in name else 1), calls


def test_an_ip_that_comes_back_does_not_keep_netns_away(installed, put, old_ip, tmpdir):
    folder = put('looping', '#!/bin/sh\necho "$*" >>%s\nexec %s/ip "$@"\n' % (tmpdir.join('calls'), old_ip))
    result = run(installed.shim, [folder], 'netns', 'identify', '4194305')
    assert result.err == 'Cannot open network namespace: No such file or directory\n', result
    # Below that, where nobody comes back, the shim is itself again.
    result = run(installed.shim, [folder], 'netns', 'help')
    assert result.err.startswith('Usage:\tip netns list\n'), result


def test_two_shims_and_copies_pass_each_other_by(installed, put, tmpdir):
    other = Installed(str(tmpdir.join('other')))
    copies = tmpdir.mkdir('copies')
    shutil.copy(installed.shim, str(copies.join('ip')))
    links = tmpdir.mkdir('links')
    links.join('ip').mksymlinkto(other.shim)
    folder = put('old', OLD_IP)
    folders = [other.shim_folder, str(copies), str(links), installed.shim_folder, folder]
    for shim in (installed.shim, other.shim, str(copies.join('ip')), str(links.join('ip'))):
        result = run(shim, folders, 'link')
        assert (result.status, result.out, result.err) == (7, 'own link\n', ''), (shim, result)
        assert tmpdir.join('log').read() == 'link\n'
        tmpdir.join('log').remove()


@pytest.mark.parametrize('value', ['', 'x', ':', '::', '1:1:', '1:99:/x', 'question', '%d:1:/usr/sbin/ip' % os.getpid(),
                                   '1:1:a b', '*:*:*', '1:99999999999999999999:/x'])
def test_an_odd_value_of_its_own_variable_keeps_nobody_from_ip(installed, value):
    result = run(installed.shim, [], '-V', environ={'NETNSCTL_SHIM': value})
    assert result.status == 0 and result.out.startswith('ip utility') and result.err == '', result


# ended, and light

def test_who_ends_a_batch_ends_all_of_it(installed, put, tmpdir):
    slow = 'case $* in *-batch*) echo $$ >%(log)s.pid; exec sleep 30 ;; esac\ncase $1'
    folder = put('slow', OLD_IP.replace('case $1', slow))
    environ = dict(os.environ, PATH='%s:%s' % (folder, USUAL))
    popen = process.start([installed.shim, '-batch', '-'], environ)
    popen.stdin.write(b'link show lo\n')
    popen.stdin.flush()
    pid = tmpdir.join('log.pid')
    wait_until(lambda: pid.check() and pid.read().endswith('\n'))
    popen.terminate()
    assert process.finish(popen).status == -15
    wait_until(lambda: not os.path.exists('/proc/' + pid.read().strip()))


def test_the_shim_loads_no_more_than_netnsctl_netns_does(installed, old_ip, tmpdir):
    wrapper = tmpdir.join('verbose')
    wrapper.write('#!/bin/sh\nexec %s -v "$@"\n' % os.readlink(installed.python))
    wrapper.chmod(0o755)
    os.unlink(installed.python)
    os.symlink(str(wrapper), installed.python)
    for words, ctypes in ((['netns', 'list'], False), (['netns', 'identify', '1'], False), (['-n', '.', 'link'], True)):
        err = run(installed.shim, [old_ip], *words).err
        loaded = set(line.split()[1].strip("'") for line in err.split('\n') if line.startswith('import '))
        assert 'netnsctl.ipshim' in loaded, err[-2000:]
        assert not loaded & set(['click', 'pyroute2', 'jinja2', 'json', 'socket', 'subprocess', 're', 'enum', 'site',
                             'ctypes', 'collections', 'functools'])
        assert ('_ctypes' in loaded) == ctypes
