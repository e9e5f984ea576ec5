"""Names in /run/netns whose process is gone and its PID another's: real processes, in a PID namespace of their own."""
from __future__ import absolute_import, division, print_function

import sys
import time

import pytest

from netnsctl.usecases.doctor.kernel.netnsdir import SAME_MOMENT_SECONDS
from support import kthreadd, process

# PIDs are given in order, so the one after what is written here is the next one.
START = 'echo %d >/proc/sys/kernel/ns_last_pid; sleep 1000 </dev/null >/dev/null 2>&1 & test $! = %d'
PID = 300
# The first process must not keep those that ended: their PIDs are to be free.
INIT = ('import signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); sys.stdout.write("ready\\n"); '
        'sys.stdout.flush(); sys.stdin.readline()')


class Apart(object):
    """A PID namespace with a /run/netns and a /proc of its own: sh(script) runs a shell in it."""

    def __init__(self):
        hold = 'mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec "$0" -c "$1"'
        self.holder = process.start(['unshare', '-m', '-p', '-f', '--mount-proc', '--kill-child', '--propagation',
                                     'private', 'sh', '-c', hold, sys.executable, INIT])
        if self.holder.stdout.readline() != b'ready\n':
            raise AssertionError('no PID namespace: %r' % process.finish(self.holder))
        with open('/proc/%d/task/%d/children' % (self.holder.pid, self.holder.pid)) as source:
            self.prefix = ['nsenter', '-t', source.read().split()[0], '-m', '-p', '--']

    def see_all(self):
        """From now on all processes seem to be seen."""
        self.sh('echo 1 >/proc/sys/kernel/ns_last_pid; ' + kthreadd.SCRIPT)

    def sh(self, script):
        return process.must(self.prefix + ['sh', '-euc', script])

    def close(self):
        process.finish(self.holder, b'\n')


@pytest.fixture
def apart():
    made = Apart()
    yield made
    made.close()


def start(apart, pid):
    apart.sh(START % (pid - 1, pid))


def test_the_name_of_a_process_that_runs_is_quiet(apart, doctor):
    start(apart, PID)
    apart.sh('ln -s /proc/%d/ns/net /run/netns/well' % PID)
    finding = doctor('netns-names', before=apart.prefix)[1]['netns-names']
    assert (finding['status'], finding['text']) == ('ok', '1 name, each of a namespace')


def test_the_name_of_a_process_whose_pid_is_anothers_is_told_and_the_pasted_command_mends_it(apart, doctor):
    apart.see_all()
    start(apart, PID)
    apart.sh('ln -s /proc/%d/ns/net /run/netns/reused; kill %d; '
             'while kill -0 %d 2>/dev/null; do sleep 0.01; done' % (PID, PID, PID))
    time.sleep(SAME_MOMENT_SECONDS + 0.5)
    start(apart, PID)
    apart.sh('ln -s /proc/%d/ns/net /run/netns/well; ln -s /proc/999/ns/net /run/netns/dead' % PID)
    finding = doctor('netns-names', before=apart.prefix)[1]['netns-names']
    assert finding['status'] == 'warn'
    assert finding['text'] == ('1 of 3 names lead to no namespace: dead; 1 of 3 names lead to a process that has the '
                               'PID of the one they were made for: reused')
    seen = dict((item['what'], item['seen']) for item in finding['evidence'])
    assert seen['reused'].startswith('a symlink to process %d (sleep), which started ' % PID)
    assert 'well' not in seen and 'the clock was set forward' in finding['remediation']['prose']
    for command in finding['remediation']['commands']:
        apart.sh(command)
    assert doctor('netns-names', before=apart.prefix)[1]['netns-names']['text'] == '1 name, each of a namespace'
