"""Bad input on the command line: one line that says what is wrong, the exit code of the design, and nothing changed."""
from __future__ import absolute_import, division, print_function

import os
import subprocess

import pytest

from support.process import native
from support.untouched import assert_untouched, own_state
from support.bad_input import A


@pytest.fixture
def refused(run_netnsctl):
    """refused(status, *words): the program must refuse in one line (and a hint), print nothing, change nothing."""
    before = own_state()

    def call(status, *words, **options):
        result = run_netnsctl(*words, **options)
        assert result.status == status and result.out == '', (words, result)
        lines = result.err.splitlines()
        assert lines and lines[0].startswith('netnsctl: ') and len(lines) <= 4, (words, result)
        assert [line for line in lines[1:] if not line.startswith('  ')] == [], (words, result)
        assert 'Traceback' not in result.err and not [char for char in result.err if ord(char) < 32 and char != '\n'], (
            result
        )
        return result

    yield call
    assert_untouched(before)


BAD_TARGETS = [
    '',
    ':A',
    '=10.1.1.1',
    'x' * 256,
    '..',
    '.',
    'netns://',
    'netns://..',
    'netns://a/b',
    'docker://',
    'docker://a/b',
    'docker://' + 'x' * 300,
    'pid://',
    'pid://x',
    'pid://0',
    'pid://-1',
    'pid://+5',
    'pid://01',
    '0',
    '-1',
    '+5',
    'path://',
    'bogus://x',
    'bridge://',
    'bridge://' + 'x' * 16,
    'bridge://lo',
    'bridge://a/b',
    'a\nb',
    'a\x1b[31mb',
    'a\x7fb',
    'netns://a\tb',
    'docker://a\nb',
    'docker://../images/json',
]


@pytest.mark.parametrize('target', BAD_TARGETS)
def test_targets(refused, target):
    refused(2, 'wire', '--', target, A)
    refused(2, 'wire', '--', A, target)


@pytest.mark.parametrize(
    'ifname', ['', 'x' * 16, 'a b', '.', '..', 'lo', 'all', 'default', 'a%d', '-x', 'a\nb', 'a\x1bb', u'\u00e9' * 8]
)
def test_interface_names(refused, ifname):
    ifname = ifname if isinstance(ifname, str) else ifname.encode('utf-8')
    refused(2, 'wire', '%s:%s' % (A, ifname), A + '2')


def test_an_interface_name_with_what_the_kernel_takes_for_a_blank(run_netnsctl):
    for ifname in (u'\u00e0', u'a\u00a0b'):
        result = run_netnsctl('wire', '%s:%s' % (A, native(ifname.encode('utf-8'))), A + '2')
        assert result.status == 2, (ifname, repr(result))


@pytest.mark.parametrize(
    'item',
    [
        '',
        ',',
        '10.1/24',
        '10.1.1',
        '10.1.1.1/',
        '10.1.1.1/33',
        '10.1.1.1/-1',
        '10.1.1.1/a',
        '10.1.1.1/24/24',
        '10.1.1.1/255.255.255.0',
        '010.1.1.1',
        '10.1.1.0/24',
        '10.1.1.255/24',
        '224.0.0.1/32',
        '239.1.1.1',
        '127.0.0.1',
        '127.9.9.9/8',
        '0.0.0.0/0',
        '0.1.2.3',
        '255.255.255.255',
        '10.1.1.1,',
        '10.1.1.1,,10.1.1.2',
        '10.1.1.1,10.1.1.1',
        '10.1.1.1/24,10.1.1.1/32',
        '::ffff:10.0.0.1/120',
        'fd00::1/129',
        'ff02::1',
        '::',
        '::1',
        'fd00:::1',
        '10.1.1.1 ',
        ' 10.1.1.1',
        '1',
        '0x0a010101',
        'host',
        '10.1.1.1;reboot',
        '$(id)',
        '`id`',
    ],
)
def test_addresses(refused, item):
    refused(2, 'wire', '%s:A=%s' % (A, item), A + '2')


def test_an_address_with_a_zone(run_netnsctl):
    result = run_netnsctl('wire', '--dry-run', A + ':A=fd00::1%eth0', A + '2')
    assert result.status == 2, result


@pytest.mark.parametrize(
    'item',
    [
        'gw=',
        'gw=10.1.1.9/24',
        'gw=host',
        'gw=::ffff:10.1.1.2',
        'gw=10.1.1.1',
        'gw=fd00::1',
        'gw=10.1.1.2,gw=10.1.1.3',
        'gw=224.0.0.1',
        'gw=0.0.0.0',
        'mac=',
        'mac=1',
        'mac=01:00:00:00:00:01',
        'mac=00:00:00:00:00:00',
        'mac=ff:ff:ff:ff:ff:ff',
        'mac=02-00-00-00-00-01',
        'mac=02:00:00:00:00:01,mac=02:00:00:00:00:02',
        'mac=02:00:00:00:00:0g',
        'mtu=',
        'mtu=0',
        'mtu=67',
        'mtu=65536',
        'mtu=-1',
        'mtu=1e3',
        'mtu=1500,mtu=1500',
        'route=',
        'route=10.9.0.1/16',
        'route=10.9.0.0/33',
        'route=10.9.0.0/16@',
        'route=10.9.0.0/16@10.2.2.2',
        'route=10.9.0.0/16@fd00::1',
        'route=10.9.0.0/16,route=10.9.0.0/16',
        'route=default@default',
        'GW=10.1.1.2',
        'Mtu=1500',
        'name=x',
        'PATH=/tmp',
        'LD_PRELOAD=x',
        '=',
        'x=',
        'gw',
    ],
)
def test_keys(refused, item):
    refused(2, 'wire', '%s:A=10.1.1.1/24,%s' % (A, item), A + '2:B=10.1.1.2/24')


@pytest.mark.parametrize(
    'a, b',
    [
        ('10.1.1.1/24', '10.1.1.1/24'),
        ('10.1.1.1/32', '10.1.1.1/32'),
        ('10.1.1.1/24', '10.1.2.1/24'),
        ('fd00::1/64', 'fd01::1/64'),
        ('10.1.1.1/24,fd00::1/64', '10.1.1.2/24,fd00::1/64'),
        ('fd00::1/64,mtu=1000', 'fd00::2/64'),
    ],
)
def test_ends_that_cannot_meet(refused, a, b):
    refused(2, 'wire', '%s:A=%s' % (A, a), '%s2:B=%s' % (A, b))


@pytest.mark.parametrize(
    'words',
    [
        ['wire'],
        ['wire', A],
        ['wire', A, A + '2', A],
        ['wire', A, A + '2', '--nonsense'],
        ['wire', A, A + '2', '--mtu'],
        ['wire', A, A + '2', '--mtu', 'big'],
        ['wire', A, A + '2', '--mtu', ''],
        ['wire', A, A + '2', '--atomic'],
        ['wire', A, A + '2', '-f', '-'],
        ['wire', '-f', '-', '--name', 'x'],
        ['wire', '-f'],
        ['wire', A, A + '2', '--pool', 'x'],
        ['wire', A, A + '2', '--pool', '10.0.0.1/32'],
        ['wire', A, A + '2', '--pool', '10.0.0.1/24'],
        ['wire', A, A + '2', '--name', ''],
        ['wire', A, A + '2', '--name', '../x'],
        ['wire', A, A + '2', '--name', '-x'],
        ['wire', A, A + '2', '--name', 'x' * 101],
        ['wire', A, A + '2', '--name', 'x.pending'],
        ['wire', A, A + '2', '--name', 'a\nb'],
        ['wire', A, A + '2', '--backend', ''],
        ['nonsense'],
        ['--nonsense'],
        ['check'],
        ['check', '--all', 'x'],
        ['check', 'x', 'y'],
        ['show'],
        ['show', 'x', 'y'],
        ['ls', ''],
        ['ls', '../x'],
        ['unwire'],
        ['unwire', '', ''],
        ['unwire', 'bogus://x', 'y'],
        ['doctor', 'nonsense'],
    ],
)
def test_command_lines(refused, words):
    refused(2, *words)


def test_a_command_of_other_bytes_is_none(run_netnsctl):
    words = [word.encode() for word in run_netnsctl.argv()] + [b'\xff']
    popen = subprocess.Popen(words, stderr=subprocess.PIPE, env=run_netnsctl.environ())
    err = popen.communicate()[1]
    assert popen.returncode == 2 and b'Traceback' not in err and err, (popen.returncode, err)


@pytest.mark.parametrize(
    'words',
    [
        [A, A],
        [A, 'netns://' + A],
        ['host', 'host'],
        ['pid://%d' % os.getpid(), '/proc/self/ns/net'],
        ['%d' % os.getpid(), A],
        ['/proc/self/ns/net', A],
    ],
)
def test_ends_in_one_namespace_or_the_hosts_own_are_status_4(refused, words):
    refused(4, 'wire', *words)


@pytest.mark.parametrize('path', ['/etc/passwd', '/', '/dev/null', '/proc/self/ns/mnt', '/proc/self', './x'])
def test_paths_that_are_no_namespace_are_status_3(refused, path):
    refused(3, 'wire', path, A)


def test_a_fifo_or_a_dead_symlink_as_a_namespace_is_status_3(refused, tmpdir):
    fifo, link = str(tmpdir.join('fifo')), str(tmpdir.join('link'))
    os.mkfifo(fifo)
    os.symlink('/nonexistent', link)
    for path in (fifo, link, str(tmpdir)):
        refused(3, 'wire', path, A)


@pytest.mark.parametrize('kind', ['file', 'dead symlink', 'folder', 'fifo'])
def test_a_stale_name_is_status_3(refused, kind):
    path = '/run/netns/%s-stale' % A
    if kind == 'file':
        open(path, 'w').close()
    elif kind == 'dead symlink':
        os.symlink('/proc/4194304/ns/net', path)
    elif kind == 'folder':
        os.mkdir(path)
    else:
        os.mkfifo(path)
    try:
        for target in (A + '-stale', 'netns://%s-stale' % A):
            refused(3, 'wire', target, A)
    finally:
        os.rmdir(path) if kind == 'folder' else os.unlink(path)


def test_bytes_that_are_no_utf8_are_status_2(run_netnsctl):
    before = own_state()
    for words in (
        [b'wire', b'\xff\xfe', A.encode()],
        [b'wire', A.encode() + b':\xff', b'x'],
        [b'wire', A.encode() + b'=\xff', b'x'],
        [b'wire', A.encode(), b'host', b'--name', b'\xff'],
        [b'wire', A.encode(), b'host', b'--backend', b'\xff'],
    ):
        for locale in ('C', 'C.UTF-8'):
            argv = [word.encode() for word in run_netnsctl.argv()] + words
            popen = subprocess.Popen(
                argv,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=run_netnsctl.environ(environ={'LC_ALL': locale}),
            )
            out, err = popen.communicate()
            assert popen.returncode == 2 and out == b'' and b'Traceback' not in err, (words, err)
            err.decode('utf-8')
    assert_untouched(before)
