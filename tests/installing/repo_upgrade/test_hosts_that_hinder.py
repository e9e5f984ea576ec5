"""iproute upgraded on a host that hinders it: locks, kills, full disks, damaged databases."""
from __future__ import absolute_import, division, print_function

import os
import signal
import time

import pytest

from support import process
from support.upgrades import NEW, OLD, is_as_it_was, key_words, knows_netns, offer


def test_a_repository_that_answers_404_is_one_line_with_the_status(host):
    server = process.start(host.prefix + ['/usr/bin/python3', '-u', '-m',
                           'http.server', '8471', '-b', '127.0.0.1', '-d', '/var/empty-nothing'])
    try:
        host.sh('for i in 1 2 3 4 5 6 7 8 9 10; do python3 -c "import socket; socket.create_connection(('
                '\\"127.0.0.1\\", 8471))" 2>/dev/null && break; sleep 0.3; done')
        offer(host, baseurl='http://127.0.0.1:8471/')
        result = host('repo', 'enable', '--upgrade')
    finally:
        os.kill(server.pid, signal.SIGTERM)
        process.finish(server)
    assert result.status == 1 and 'Status code: 404' in result.err, result
    assert result.err.count('\n') <= 2 and is_as_it_was(host), result


@pytest.mark.parametrize('url', ['http://127.0.0.1:1/', 'http://host.invalid/'])
def test_without_a_network_it_is_one_line_with_the_cause(host, url):
    offer(host, baseurl=url)
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 1 and 'Curl error' in result.err and 'Traceback' not in result.err, result
    assert is_as_it_was(host)


def test_a_repository_that_offers_nothing_newer_is_said_to(host):
    offer(host, 'old')
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 1 and 'offers nothing newer' in result.err, result
    assert is_as_it_was(host)


def test_a_locked_rpm_database_is_told_at_once_and_the_same_command_works_after(host):
    offer(host, 'good')
    lock = process.start(
        host.prefix +
        ['/usr/bin/python3', '-c',
         'import fcntl, sys\n'
         'held = open("/var/lib/rpm/.rpm.lock", "r+")\nfcntl.lockf(held, fcntl.LOCK_EX)\n'
         'print("held"); sys.stdout.flush(); sys.stdin.read()'])
    try:
        assert process.native(lock.stdout.readline()) == 'held\n'
        result = host('repo', 'enable', '--upgrade')
    finally:
        process.finish(lock)
    assert result.status == 1 and 'locked' in result.err, result
    assert is_as_it_was(host)
    assert host('repo', 'enable', '--upgrade').status == 0 and host.installed() == [NEW]


def test_two_at_once_do_not_meet(host):
    offer(host, 'slow')
    first = host_start(host, 'repo', 'enable', '--upgrade')
    wait_for(lambda: host.sh('[ -e /run/in-the-middle ] && echo yes || true'))
    second = host('repo', 'enable', '--upgrade')
    told = host('doctor', 'repositories').out
    host.sh(': >/run/go-on')
    assert process.finish(first).status == 0
    assert second.status == 1 and 'another netnsctl is working on the repository' in second.err, second
    assert 'was interrupted' not in told
    assert host.installed() == [NEW]


def host_start(host, *words):
    return process.start(host.argv(*words), host.environ())


def wait_for(condition, seconds=30):
    deadline = time.time() + seconds
    while not condition():
        assert time.time() < deadline
        time.sleep(0.05)


def children(pid):
    with open('/proc/%d/task/%d/children' % (pid, pid)) as source:
        return [int(word) for word in source.read().split()]


def test_a_package_manager_killed_in_the_middle_leaves_a_usable_ip_and_a_clean_database(host):
    offer(host, 'slow')
    started = host_start(host, 'repo', 'enable', '--upgrade')
    wait_for(lambda: host.sh('[ -e /run/in-the-middle ] && echo yes || true'))
    manager = [pid for pid in children(started.pid)]
    assert len(manager) == 1
    os.kill(manager[0], signal.SIGKILL)
    host.sh(': >/run/go-on')
    result = process.finish(started)
    assert 'Traceback' not in result.err, result
    assert len(host.installed()) == 1, result
    # Its first half was done: the ip that was wanted is there.
    assert result.status == 0 and host.installed() == [NEW] and knows_netns(host), result


def test_killed_in_the_middle_itself_the_package_manager_goes_on_and_the_next_run_finds_all_done(host):
    offer(host, 'slow')
    started = host_start(host, 'repo', 'enable', '--upgrade')
    wait_for(lambda: host.sh('[ -e /run/in-the-middle ] && echo yes || true'))
    os.kill(started.pid, signal.SIGKILL)
    process.finish(started)
    host.sh(': >/run/go-on')
    wait_for(lambda: host.installed() == [NEW])
    wait_for(lambda: not host.sh('fuser /var/lib/rpm/.rpm.lock 2>/dev/null || true'))
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 0 and 'upgraded' in result.out and 'nothing to do' in result.out, result
    assert 'was interrupted' not in host('doctor', 'repositories').out
    assert host('repo', 'enable', '--upgrade').out.startswith('nothing to do')


@pytest.mark.parametrize('whom', ['netnsctl', 'the package manager'])
def test_killed_in_the_middle_with_an_ip_that_does_not_work_the_old_one_comes_back(host, whom):
    offer(host, 'slow_broken')
    started = host_start(host, 'repo', 'enable', '--upgrade')
    wait_for(lambda: host.sh('[ -e /run/in-the-middle ] && echo yes || true'))
    manager = children(started.pid)[0]
    os.kill(started.pid if whom == 'netnsctl' else manager, signal.SIGKILL)
    host.sh(': >/run/go-on')
    result = process.finish(started)
    if whom == 'netnsctl':
        wait_for(lambda: not os.path.exists('/proc/%d/ns/net' % manager) or
                 not host.sh('fuser /var/lib/rpm/.rpm.lock 2>/dev/null || true'))
        wait_for(lambda: len(host.installed()) == 1)
        assert 'files.tar' in host.sh('ls /var/lib/netnsctl/iproute')
        # To look changes nothing.
        host('repo', 'status')
        assert 'was interrupted' in host('doctor', 'repositories').out
        result = host('repo', 'enable', '--upgrade')
    assert result.status in (1, 6) and 'Traceback' not in result.err, result
    assert host.sh('ip -V') == 'ip utility, iproute2-ss091226\n'
    if whom != 'netnsctl':
        # Its first half only was done: that can be undone wholly.
        assert result.status == 1 and 'ended by signal 9' in result.err and is_as_it_was(host), result


def test_a_damaged_rpm_database_is_not_taken_for_a_missing_package(host):
    host.sh('for f in /var/lib/rpm/rpmdb.sqlite; do head -c 100000 /dev/urandom >$f; done; rm -f /var/lib/rpm/*-wal')
    result = host('repo', 'enable', '--rpm', host.packages.path('good'), *key_words(host))
    assert result.status == 1 and 'rpm database' in result.err and 'not installed' not in result.err, result
    assert 'no iproute' not in host('repo', 'status').out
    assert host.sh('ip -V') == 'ip utility, iproute2-ss091226\n'


def test_a_host_that_checks_local_packages_itself_is_no_hindrance(host):
    host.sh('echo localpkg_gpgcheck=1 >>/etc/dnf/dnf.conf')
    result = host('repo', 'enable', '--rpm', host.packages.path('good'), *key_words(host))
    assert result.status == 0 and host.installed() == [NEW], result


def test_a_name_with_patterns_is_a_name(host):
    host.sh('mkdir /scratch/p; cp %s "/scratch/p/x[1]*.rpm"' % host.packages.path('good'))
    result = host('repo', 'enable', '--rpm', '/scratch/p/x[1]*.rpm', *key_words(host))
    assert result.status == 0 and host.installed() == [NEW], result


def test_a_key_file_that_is_two_things_to_two_readers_is_refused(host):
    # To gpg a packet of a private kind and then the right key, to rpm the other key's armour within that packet.
    host.write('/scratch/make', """import sys
other, right = open(sys.argv[1], 'rb').read(), open(sys.argv[2], 'rb').read()
length = len(other)
sys.stdout.buffer.write(bytes([0xc0 | 61, 255]) + length.to_bytes(4, 'big') + other + right)
""")
    host.sh('gpg --homedir %s --batch --export rdo-havana-sign >/scratch/right; '
            'python3 /scratch/make %s /scratch/right >/scratch/key' % (host.packages.home, host.packages.other_key))
    result = host('repo', 'enable', '--rpm', host.packages.path('foreign'), '--gpgkey', '/scratch/key', '--fingerprint',
                  host.packages.fingerprint)
    assert result.status == 1 and 'key file' in result.err, result
    assert is_as_it_was(host)


def test_what_enable_set_up_stays_where_the_upgrade_fails_and_is_said_to(host):
    result = host('repo', 'enable', '--upgrade', '--baseurl', 'file://' + host.packages.repo('old'), *key_words(host))
    assert result.status == 1 and 'wrote /etc/yum.repos.d' in result.out, result
    assert 'iproute is as it was' in result.err, result


def test_a_signal_in_the_middle_waits_for_the_transaction(host):
    offer(host, 'slow')
    started = host_start(host, 'repo', 'enable', '--upgrade')
    wait_for(lambda: host.sh('[ -e /run/in-the-middle ] && echo yes || true'))
    os.kill(started.pid, signal.SIGTERM)
    time.sleep(0.3)
    assert started.poll() is None
    host.sh(': >/run/go-on')
    result = process.finish(started)
    assert result.status == 143 and host.installed() == [NEW] and knows_netns(host), result
    assert 'upgraded' in result.out  # what was done is told, though the signal has the last word


def test_an_upgrade_that_was_cut_short_between_its_halves_is_told_and_finished(host):
    # As a power cut leaves it: both in the database, the new one's files on disk.
    host.sh('rpm -i --force --nodeps --nosignature {0} 2>/dev/null || '
            'rpm -i --force --nodeps --nosignature --force-debian {0}'.format(host.packages.path('good')))
    assert host.installed() == sorted([OLD, NEW])
    found = host('doctor', 'repositories')
    assert 'an upgrade of iproute was interrupted' in found.out and 'netnsctl repo enable --upgrade' in found.out, found
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 0 and 'finished an interrupted upgrade' in result.out, result
    assert host.installed() == [NEW] and host.sh('rpm -V iproute') == '' and knows_netns(host)
    assert 'was interrupted' not in host('doctor', 'repositories').out


def test_a_full_disk_keeps_the_iproute_that_was_there(host):
    offer(host, 'good')
    host.sh('mount -t tmpfs -o size=4k none /run/netnsctl/repo')
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 1 and 'Traceback' not in result.err, result
    host.sh('umount /run/netnsctl/repo')
    assert is_as_it_was(host)
    assert host('repo', 'enable', '--upgrade').status == 0


def test_a_read_only_root_keeps_the_iproute_that_was_there(host):
    offer(host, 'good')
    host.sh('mount --bind /usr/sbin /usr/sbin; mount -o remount,ro,bind /usr/sbin')
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 1 and 'iproute is as it was' in result.err and 'Traceback' not in result.err, result
    host.sh('umount /usr/sbin')
    assert is_as_it_was(host)


def test_a_full_disk_under_ip_keeps_the_one_that_was_there_even_while_it_runs(host):
    offer(host, 'good')
    host.sh('cp -a /usr/sbin /scratch/sbin; mount -t tmpfs -o size=8k none /usr/sbin; cp /scratch/sbin/ip /usr/sbin/; '
            'for p in nsenter unshare; do [ ! -e /scratch/sbin/$p ] || ln -s /scratch/sbin/$p /usr/sbin/; done; '
            'head -c 20000 /dev/zero >/usr/sbin/full || true')
    inode = host.sh('stat -c %i /usr/sbin/ip')
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 1 and 'Traceback' not in result.err, result
    assert host.sh('stat -c %i /usr/sbin/ip') == inode and 'iproute2-ss091226' in host.sh('/usr/sbin/ip -V')
    assert host.installed() == [OLD]
