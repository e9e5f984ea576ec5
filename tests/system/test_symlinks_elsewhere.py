"""Names that are symlinks which lead nowhere here, and to a namespace in another mount or PID namespace: nothing may
remove them."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import kthreadd, process
from support.tree import write

# As in a container with `--privileged -v /run/netns:/run/netns`.
CONTAINED = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
LOOK = ['doctor', '--json', 'netns-names']


@pytest.fixture
def runner(host):
    """The PID of a process on the host with a network namespace of its own, in which there is a link v1."""
    host.sh('mkdir /run/netns')
    made = process.start(host.prefix + ['unshare', '-n', 'sh', '-c', 'ip link add v1 type veth peer name v2; '
                                        'echo ready; read -r _'])
    assert made.stdout.readline() == b'ready\n'
    yield made.pid
    process.finish(made, b'\n', 10)


@pytest.fixture
def daemon(host, runner):
    """daemon(setup) -> a function that runs a shell script in a mount namespace in which the runner's namespace is
    mounted on a file, as dockerd does it, after the script `setup` there."""
    made = []

    def start(setup):
        made.append(process.start(host.prefix + [
            'unshare', '-m', '--propagation', 'private', 'sh', '-euc', setup + 'mkdir -p /run/docker/netns; '
            ': >/run/docker/netns/abc; mount --bind /proc/%d/ns/net /run/docker/netns/abc; echo ready; read -r _'
            % runner]))
        assert made[0].stdout.readline() == b'ready\n'
        prefix = ['nsenter', '-t', '%d' % made[0].pid, '-m', '-n', '--']
        return lambda script: process.must(prefix + ['sh', '-euc', script])
    yield start
    for one in made:
        process.finish(one, b'\n', 10)


def contained(host, words, first=''):
    """Runs the program on the host in a PID namespace of its own, after the script `first` there."""
    return process.run(host.prefix + CONTAINED + ['sh', '-euc', first + '"$@"', 'sh'] + host.program.argv(*words),
                       environ=host.environ())


def report(result):
    found = json.loads(result.out)['findings'][0]
    return dict((item['what'], item['seen']) for item in found['evidence']), found['remediation']


@pytest.mark.parametrize('fix', ['netns-names', 'native'])
def test_one_to_a_process_outside_this_pid_namespace_is_reported_and_stays(host, runner, fix):
    host.sh('ln -s /proc/%d/ns/net /run/netns/cont; mount --make-shared /run' % runner)
    seen, remedy = report(contained(host, LOOK))
    assert seen['cont'] == ('a symlink to process %d, which is gone, but the process may be one outside this PID '
                            'namespace' % runner)
    assert remedy['prose'] == 'Look at cont yourself before you remove it: somebody may have a use for it.', remedy
    assert not remedy['commands'], remedy
    fixed = contained(host, ['doctor', '--fix', fix, '--yes'])
    assert fixed.status == 0 and 'removed' not in fixed.out, fixed
    assert 'v1' in host.sh('ip -n cont link')


def test_one_whose_pid_is_anothers_in_this_pid_namespace_is_not_to_be_removed(host, runner):
    host.sh('ln -s /proc/%d/ns/net /run/netns/cont; sleep 2' % runner)
    there = 'echo %d >/proc/sys/kernel/ns_last_pid; sleep 1000 & test $! = %d; ' % (runner - 1, runner)
    seen, remedy = report(contained(host, LOOK, there))
    assert seen['cont'].startswith('a symlink to process %d (sleep), which started ' % runner), seen
    assert not remedy['commands'] and remedy['prose'].startswith('Look at cont yourself'), remedy


def test_where_all_processes_are_seen_one_that_leads_nowhere_goes(host):
    host.sh('mkdir /run/netns; ln -s /proc/99999/ns/net /run/netns/gone; ln -s gone /run/netns/chain; '
            'ln -s /proc/99999/task/99999/ns/net /run/netns/thread; ln -s /nowhere/x /run/netns/nowhere')
    assert 'Nothing to fix' in contained(host, ['doctor', '--fix', 'netns-names', '--yes']).out
    fixed = contained(host, ['doctor', '--fix', 'netns-names', '--yes'], kthreadd.SCRIPT)
    assert fixed.status == 0 and host.sh('ls /run/netns') == '', fixed


@pytest.mark.parametrize('setup,link', [
    ('', '/var/run/docker/netns/abc'), ('', '../docker/netns/abc'), ('', 'chain'),
    ('mkdir /run/docker; mount -t tmpfs none /run/docker; ', '/var/run/docker/netns/abc')])
def test_one_to_what_is_a_namespace_in_another_mount_namespace_is_reported_and_stays(host, daemon, setup, link):
    """As with `MountFlags=slave` in docker's unit."""
    host.sh('ln -s %s /run/netns/web; ln -s /run/docker/netns/abc /run/netns/chain' % link)
    there = daemon(setup)
    for result, why in ((host(*LOOK), 'is mounted on /run/docker/netns/abc in the mount namespace of process '),
                        (contained(host, LOOK), 'may be mounted on /run/docker/netns/abc outside this PID namespace')):
        seen, remedy = report(result)
        assert 'but a namespace ' + why in seen['web'] and not remedy['commands'], seen
    fixed = host('doctor', '--fix', 'netns-names', '--yes')
    assert fixed.status == 0 and 'Nothing to fix' in fixed.out, fixed
    assert 'v1' in there('ip -n web link')


@pytest.mark.parametrize('name,why', [
    ('cont', 'the process may be one outside this PID namespace'),
    ('web', 'a namespace may be mounted on /run/docker/netns/abc outside this PID namespace')])
def test_up_removes_neither(host, daemon, runner, name, why):
    host.sh('ln -s /proc/%d/ns/net /run/netns/cont; ln -s /run/docker/netns/abc /run/netns/web' % runner)
    there = daemon('')
    write(host, {name + '/ifcfg-e': 'PEER=p%s\nIPADDR=10.2.0.1\nPREFIX=24\n' % name})
    result = contained(host, ['up'])
    assert result.status == 4 and 'make the namespace %s: %s' % (name, why) in result.err, result
    assert 'rm /var/run/netns/' + name in result.err and 'v1' in there('ip -n %s link' % name), result
