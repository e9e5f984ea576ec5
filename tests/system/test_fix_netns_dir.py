"""`doctor --fix netns-dir` on a throwaway host: what else works on /run/netns meanwhile, signals, refusals of the
kernel, and mounts that lie below others. No name may stop leading to its namespace, or become one that stays."""
from __future__ import absolute_import, division, print_function

import json
import time

import pytest

from support import inject, process

FIX = ('doctor', '--fix', 'netns-dir', '--yes')
ASIDE = '/run/netnsctl/names-on-their-way'
NAMES = ['x', 'y', 'z']
CALLS = 'mount,umount2'
WHERE = 'for n in x y z; do ip netns exec $n readlink /proc/self/ns/net; done'
BOUND = 'mount --rbind /run/netns /run/netns; mount --make-shared /run/netns'


@pytest.fixture
def named(host):
    """The host with three names on a private mount; named.spaces: what they lead to."""
    host.sh('mkdir -p /run/netns; for n in x y z; do touch /run/netns/$n; '
            'unshare -n mount --bind /proc/self/ns/net /run/netns/$n; done')
    host.spaces, host.mounts = host.sh(WHERE), points(host).count('/run/netns')
    return host


def points(host):
    return [line.split()[4] for line in host.sh('cat /proc/self/mountinfo').splitlines()]


def finding(host):
    return json.loads(host('doctor', '--json', 'netns-dir').out)['findings'][0]


def require_whole(host, *more):
    """Each name leads where it led, is mounted once, and can be removed; the directory is one shared mount."""
    assert host.sh(WHERE) == host.spaces
    found = finding(host)
    assert found['status'] == 'ok' and 'on a shared mount' in found['text'], found
    there = points(host)
    assert there.count('/run/netns') == host.mounts + 1 and not [point for point in there if ASIDE in point], there
    for name in NAMES + list(more):
        assert there.count('/run/netns/' + name) == 1, there
        host.sh('ip netns exec %s true; ip netns del %s' % (name, name))
    assert host.sh('ls /run/netns') == ''


def begun(host, when):
    """The fix, which waits a second before its call of that number, when it has come there."""
    inject.available()
    running = process.start(
        ['strace', '-qq', '-o', '/dev/null', '-e', 'trace=' + CALLS, '-e',
         'inject=%s:delay_enter=1000000:when=%d' % (CALLS, when)] + host.argv(*FIX), environ=host.environ())
    for _ in range(500):
        if 'there' in host.sh('test -e %s && echo there || true' % ASIDE):
            break
        time.sleep(0.01)
    time.sleep(0.4)
    return running


# The fix has fifteen of these calls: the third mounts the folder aside, the eighth the directory, the tenth unmounts.
EACH = (3, 8, 10)


@pytest.mark.parametrize('when', EACH)
def test_two_runs_at_once_leave_each_name_as_it_was(named, when):
    first = begun(named, when)
    second = named(*FIX)
    result = process.finish(first)
    assert (result.status, second.status) == (0, 0), (result, second)
    require_whole(named)


@pytest.mark.parametrize('when', EACH)
@pytest.mark.parametrize('add', ['ip netns add new', 'netnsctl netns add new'])
def test_a_name_that_is_added_meanwhile_is_one_like_the_others(named, when, add):
    running = begun(named, when)
    if add.startswith('netnsctl'):
        added = named(*add.split()[1:])
        assert added.status == 0, added
    else:
        named.sh(add)
    result = process.finish(running)
    assert result.status == 0, result
    require_whole(named, 'new')


@pytest.mark.parametrize('when', EACH)
def test_somebody_who_takes_no_lock_and_makes_it_a_mount_meanwhile_costs_no_name(named, when):
    running = begun(named, when)
    named.sh(BOUND + '; touch /run/netns/new; unshare -n mount --bind /proc/self/ns/net /run/netns/new')
    result = process.finish(running)
    assert result.status == 0, result
    assert named(*FIX).status == 0
    require_whole(named, 'new')


@pytest.mark.parametrize('what', ['INT', 'TERM'])
@pytest.mark.parametrize('when', EACH)
def test_a_signal_ends_it_with_the_names_shared(named, what, when):
    inject.available()
    result = inject.inject(named, CALLS, 'signal=' + what, when, FIX, only_netnsctl=True)
    assert result.status in (0, 130, 143), result
    if result.status:
        assert 'ended by signal' in result.err
        require_whole(named)


@pytest.mark.parametrize('when', inject.sample(16, 6))
def test_a_kill_leaves_each_name_usable_and_the_doctor_says_what_finishes_it(named, when):
    inject.available()
    inject.inject(named, CALLS, 'signal=KILL', when, FIX, only_netnsctl=True)
    assert named.sh(WHERE) == named.spaces
    found = finding(named)
    if found['status'] != 'ok':
        assert found['remediation']['commands'] == ['netnsctl doctor --fix netns-dir'], found
    named('netns', 'add', 'new')
    assert named(*FIX).status == 0
    require_whole(named, 'new')


@pytest.mark.parametrize('when', inject.sample(16, 6))
def test_what_the_kernel_refuses_leaves_each_name_usable(named, when):
    inject.available()
    result = inject.inject(named, CALLS, 'error=ENOSPC', when, FIX, only_netnsctl=True)
    if result.status:
        assert (result.status, result.err) == (
            1, 'netnsctl: make /var/run/netns a shared mount: No space left on device\n'), result
    assert named.sh(WHERE) == named.spaces
    assert named(*FIX).status == 0
    require_whole(named)


def test_what_the_doctor_proposes_leaves_names_that_can_be_removed(named):
    found = finding(named)
    assert found['status'] == 'warn' and 'is not a shared mount' in found['text'], found
    for command in found['remediation']['commands']:
        words = command.split()
        if words[0] == 'netnsctl':
            assert named(*words[1:] + ['--yes']).status == 0
        else:
            named.sh(command)
    require_whole(named)


@pytest.mark.parametrize('binds', [1, 3])
def test_names_that_were_mounted_below_by_others_are_reported_and_become_removable(named, binds):
    for number in range(binds):
        named.sh('mount --rbind /run/netns /run/netns; touch /run/netns/new%d; '
                 'unshare -n mount --bind /proc/self/ns/net /run/netns/new%d' % (number, number))
    named.sh('mount --make-shared /run/netns')
    found = finding(named)
    assert found['status'] == 'warn' and 'cannot be removed' in found['text'], found
    assert found['remediation']['commands'] == ['netnsctl doctor --fix netns-dir']
    # One that somebody tried to remove.
    assert process.run(named.prefix + ['ip', 'netns', 'del', 'x']).status != 0
    result = named(*FIX)
    assert result.status == 0, result
    require_whole(named, *['new%d' % number for number in range(binds)])


def test_the_first_name_that_is_added_leaves_older_ones_removable(named):
    assert named('netns', 'add', 'new').status == 0
    require_whole(named, 'new')


def test_where_nothing_is_to_be_done_nothing_is(host):
    host.sh('ip netns add a')
    before = host.sh('cat /proc/self/mountinfo; ls -l /run/netns')
    result = host(*FIX)
    assert result.status == 0 and result.out.startswith('Nothing to fix'), result
    assert host.sh('cat /proc/self/mountinfo; ls -l /run/netns') == before


@pytest.mark.parametrize('hidden', ['shared', 'private'])
def test_a_mount_that_lies_hidden_below_another_says_nothing_of_the_names(host, hidden):
    host.sh('mkdir -p /run/netns; mount --bind /run/netns /run/netns; mount --make-%s /run/netns; '
            'mount -t tmpfs -o mode=755 t2 /run; mkdir /run/netns; touch /run/netns/x; '
            'unshare -n mount --bind /proc/self/ns/net /run/netns/x' % hidden)
    found = finding(host)
    seen = dict((item['what'], item['seen']) for item in found['evidence'])
    assert (found['status'], seen['it is on the mount'], seen['propagation']) == ('warn', '/run', 'not shared'), found
    assert host(*FIX).status == 0
    assert finding(host)['status'] == 'ok'
    host.sh('ip netns del x; test ! -e /run/netns/x')


def test_a_deleted_directory_that_hides_the_names_is_reported_and_unmounted(named):
    named.sh('mkdir /mnt/gone; mount --bind /mnt/gone /run/netns; rmdir /mnt/gone')
    assert named('netns', 'add', 'new').status == 1
    found = finding(named)
    assert found['status'] == 'fail' and 'a deleted directory is mounted on it' in found['text'], found
    assert found['remediation']['commands'] == ['netnsctl doctor --fix netns-dir'], found
    assert named(*FIX).status == 0
    require_whole(named)


def test_what_undoes_it_undoes_it(host):
    host.sh('echo mine >/run/netns')
    result = host(*FIX)
    assert 'undone by: mv -T /var/run/netns.old /var/run/netns (once no directory is there)' in result.out, result
    host.sh('ip netns add a; ! mv -T /var/run/netns.old /var/run/netns 2>/dev/null; ip netns del a; '
            'umount /run/netns; rmdir /run/netns; mv -T /var/run/netns.old /var/run/netns')
    assert host.sh('cat /run/netns') == 'mine\n'


def test_what_undoes_the_sharing_ends_it_for_the_names_too(named):
    result = named(*FIX)
    assert 'undone by: mount --make-rprivate /var/run/netns (it stays a mount of its own)' in result.out, result
    named.sh('mount --make-rprivate /var/run/netns; ! grep " /run/netns.* shared:" /proc/self/mountinfo')
