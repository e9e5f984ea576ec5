"""Names that are empty files here and namespaces in another mount namespace: nothing may remove them."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import process

NAMES = '/var/run/netns/'


@pytest.fixture
def apart(host):
    """apart(*words) runs the program on the host in a mount namespace of its own, which saw none of the names `later`
    and `mine`. The first is made elsewhere, the second is an empty file everywhere."""
    host.sh('ip netns add first')
    holder = process.start(host.prefix + ['unshare', '-m', '--propagation', 'private', 'sh', '-c',
                                          'echo ready && read -r _'])
    assert holder.stdout.readline() == b'ready\n'
    host.sh('ip netns add later; ip -n later link add v1 type veth peer name v2; : >/run/netns/mine')
    prefix = ['nsenter', '-t', '%d' % holder.pid, '-m', '-n', '--']

    def call(*words):
        return process.run(prefix + host.program.argv(*words), environ=host.environ())

    call.sh = lambda script: process.must(prefix + ['sh', '-euc', script])
    yield call
    process.finish(holder, b'\n', 10)


def names(call):
    return json.loads(call('doctor', '--json', 'netns-names').out)['findings'][0]


def lives(host):
    return 'v1' in host.sh('ip netns list; ip -n later link')


@pytest.mark.parametrize('fix', ['netns-names', 'native'])
def test_a_namespace_of_another_mount_namespace_is_reported_and_stays(host, apart, fix):
    found = names(apart)
    seen = dict((item['what'], item['seen']) for item in found['evidence'])
    assert found['status'] == 'warn' and 'first' not in seen, found
    assert seen['later'].startswith('an empty file, but a namespace is mounted on it in the mount namespace of ')
    assert 'later' in found['remediation']['prose'] and not any('later' in command for command in
                                                                found['remediation']['commands']), found
    fixed = apart('doctor', '--fix', fix, '--yes')
    assert fixed.status == 0 and 'removed' not in fixed.out and lives(host), fixed


def test_where_not_all_processes_are_seen_an_empty_file_stays_unless_the_directory_is_shared(host, apart):
    """The tests run in a PID namespace of their own: what is mounted outside it nobody can tell."""
    found = names(apart)
    seen = dict((item['what'], item['seen']) for item in found['evidence'])
    assert 'outside this PID namespace' in seen['mine'] and not found['remediation']['commands'], found
    assert 'Nothing to fix' in apart('doctor', '--fix', 'netns-names', '--yes').out
    assert 'mine' in host.sh('ls /run/netns').split()
    apart.sh('mount --make-shared /run')
    assert names(apart)['remediation']['commands'] == ['rm %smine' % NAMES]
    fixed = apart('doctor', '--fix', 'netns-names', '--yes')
    assert fixed.status == 0 and 'removed mine' in fixed.out, fixed
    assert host.sh('ls /run/netns').split() == ['first', 'later'] and lives(host)


def test_a_folder_of_another_file_system_may_be_used_outside_even_if_it_is_shared(host):
    """As with docker's `-v /run/netns:/run/netns`."""
    host.sh('mkdir /mnt/outside /run/netns; mount -t tmpfs none /mnt/outside; '
            'mkdir /mnt/outside/netns; mount --bind /mnt/outside/netns /run/netns; umount -l /mnt/outside; '
            'mount --make-shared /run/netns; : >/run/netns/mine')
    assert not names(host)['remediation']['commands']
    assert 'Nothing to fix' in host('doctor', '--fix', 'netns-names', '--yes').out
