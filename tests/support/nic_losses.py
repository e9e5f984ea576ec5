"""The ways in which a NIC that was lent can get lost, each of which it has to come back from: for a guest.

Each case is a function of a Ground, on which a NIC has the state of lent_nic.prepare(); it returns True if that is
changed by the case itself. The program runs in forks of
this process, which is what a new one would do, without the second that a guest takes to start Python. A fork that is
to be killed ends by SIGKILL just before its Nth message to the kernel.
"""
from __future__ import absolute_import, division, print_function

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

from support import forked, lent_nic
from support.process import must, run

NS, DEEP, INSIDE = 'lossA', 'lossB', 'eth0'
STATE, TREE = '/run/netnsctl', '/etc/sysconfig/netns'


class Ground(object):
    """nic: its name; before: its state. run(WORD...): netnsctl's exit status, and `said` is what it printed."""

    def __init__(self, nic, before):
        self.nic, self.before = nic, before
        self.said, self.processes, self.names = '', [], [nic]

    def start(self, words, kill_at=None, ns=None):
        """Starts netnsctl with these words: (PID, file of what it prints)."""
        output = tempfile.TemporaryFile()

        def first():
            if ns is not None:
                _enter(ns)
            if kill_at is not None:
                _kill_at(kill_at)
        return forked.start(words, output, output, first=first), output

    def run(self, *words, **options):
        pid, output = self.start(words, **options)
        status = forked.ended(pid)
        self.said = forked.text_of(output)
        return status

    def must(self, *words, **options):
        status = self.run(*words, **options)
        assert status == 0, '%s: %d: %s' % (' '.join(words), status, self.said)

    def wire(self, target=NS, **options):
        return self.run('wire', '--no-check', '--name', 'w', '%s:%s=10.9.0.1/24' % (target, INSIDE),
                        'phys://' + self.nic, **options)

    def must_wire(self, *words, **options):
        status = self.wire(*words, **options)
        assert status == 0, self.said

    def sleeper(self, argv):
        """A process that lives until it is killed: its Popen."""
        popen = subprocess.Popen(argv + ['sleep', '100000'], preexec_fn=os.setsid)
        self.processes.append(popen)
        return popen

    def container(self):
        """A process in a namespace of its own: its Popen."""
        own = os.readlink('/proc/self/ns/net')
        popen = self.sleeper(['unshare', '-n', '--'])
        wait_for(lambda: os.path.exists('/proc/%d/ns/net' % popen.pid)
                 and os.readlink('/proc/%d/ns/net' % popen.pid) != own)
        return popen

    def resident(self, ns):
        """A process in a named namespace: its Popen."""
        there = os.stat('/run/netns/' + ns).st_ino
        popen = self.sleeper(['ip', 'netns', 'exec', ns])
        wait_for(lambda: os.stat('/proc/%d/ns/net' % popen.pid).st_ino == there)
        return popen

    def watch(self):
        """A running `netnsctl watch`, once it watches: its PID."""
        pid, output = self.start(['watch'])
        wait_for(lambda: os.fstat(output.fileno()).st_size > 0)
        return pid

    def close(self):
        for popen in self.processes:
            popen.poll() is None and popen.kill()
            popen.wait()
        for name in self.names[1:]:
            run(['ip', 'link', 'del', 'dev', name])
        shutil.rmtree(TREE, True)


def _enter(ns):
    from netnsctl.edge import syscalls
    descriptor = os.open('/run/netns/' + ns, os.O_RDONLY)
    syscalls.setns(descriptor)
    os.close(descriptor)


def _kill_at(number):
    from netnsctl.edge.netlink.rtnl import Rtnl
    send, left = Rtnl._send, [number]

    def counted(self, data):
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        send(self, data)
    Rtnl._send = counted


def wait_for(holds, seconds=30.0):
    deadline = time.time() + seconds
    while not holds():
        assert time.time() < deadline, 'it did not happen'
        time.sleep(0.01)


def is_home(nic):
    return os.path.exists('/sys/class/net/' + nic)


# The cases. Each leaves it to judge() to see whether the NIC is back.

def unwired(ground):
    ground.must_wire()
    ground.must('unwire', 'w')


def taken_down(ground):
    ground.must('wire', '--no-check', '--save', '--name', 'w', '%s:%s=10.9.0.1/24' % (NS, INSIDE),
                'phys://' + ground.nic)
    ground.must('down', NS)


def rebooted(ground):
    """The record goes with /run, the NIC is where it was at boot; the tree lends it again."""
    ground.must('wire', '--no-check', '--save', '--name', 'w', '%s:%s=10.9.0.1/24' % (NS, INSIDE),
                'phys://' + ground.nic)
    ground.must('down', NS)
    shutil.rmtree(STATE)
    ground.must('up', NS)
    assert not is_home(ground.nic)
    ground.must('unwire', 'w')


def name_deleted(ground):
    ground.must_wire()
    must(['ip', 'netns', 'del', NS])
    ground.run('unwire', '--if-exists', 'other')


def name_deleted_while_a_process_lives(ground):
    ground.must_wire()
    ground.resident(NS)
    must(['ip', 'netns', 'del', NS])
    ground.run('unwire', '--if-exists', 'other')


def _wire_and_kill_container(ground):
    popen = ground.container()
    ground.must_wire('pid://%d' % popen.pid)
    popen.kill()
    popen.wait()


def container_killed(ground):
    _wire_and_kill_container(ground)
    ground.run('unwire', '--if-exists', 'other')


def killed_and_wired_again(ground):
    """The next command is the same wire, to the container's successor."""
    _wire_and_kill_container(ground)
    ground.must_wire()
    ground.must('unwire', 'w')


def renamed_inside(ground):
    ground.must_wire()
    for words in (['down'], ['name', 'lan7'], ['address', '02:00:00:00:00:66'], ['alias', 'mine'], ['mtu', '900'],
                  ['promisc', 'on']):
        dev = INSIDE if words[0] in ('down', 'name') else 'lan7'
        must(['ip', '-n', NS, 'link', 'set', 'dev', dev] + words)
    run(['ip', '-n', NS, 'link', 'property', 'add', 'dev', 'lan7', 'altname', ground.nic])
    must(['ip', '-n', NS, 'link', 'add', INSIDE, 'address', lent_nic.MAC, 'type', 'dummy'])
    ground.must('unwire', 'w')
    must(['ip', '-n', NS, 'link', 'del', 'dev', INSIDE])


def name_taken_outside(ground):
    ground.must_wire()
    must(['ip', 'link', 'add', ground.nic, 'type', 'dummy'])
    ground.must('unwire', 'w')
    back = [name for name in os.listdir('/sys/class/net') if name.startswith('nw')]
    assert len(back) == 1 and 'another link is called' in ground.said, (back, ground.said)
    must(['ip', 'link', 'del', 'dev', ground.nic])
    # Down for the new name, which costs it its routes.
    must(['ip', 'link', 'set', 'dev', back[0], 'name', ground.nic] if _renames_live() else
         ['sh', '-c', 'ip link set dev %s down && ip link set dev %s name %s' % (back[0], back[0], ground.nic)])
    return True


def _renames_live():
    return tuple(int(part) for part in os.uname()[2].split('.')[:2]) >= (6, 2)


def moved_on(ground):
    """Into a namespace that only a process leads to."""
    popen = ground.container()
    ground.must_wire()
    must(['ip', '-n', NS, 'link', 'set', 'dev', INSIDE, 'name', 'deep0', 'netns', '%d' % popen.pid])
    ground.must('unwire', 'w')


def hidden_in_a_descriptor(ground):
    """Nothing but another process's descriptor leads to its namespace."""
    ground.must_wire()
    holder = ground.sleeper(['sh', '-c', 'exec "$@" 9</run/netns/' + NS, 'sh'])
    wait_for(lambda: os.path.exists('/proc/%d/fd/9' % holder.pid))
    must(['ip', 'netns', 'del', NS])
    ground.run('unwire', '--if-exists', 'other')


def nested(ground):
    """Lent by a netnsctl that is in a namespace itself: the kernel returns it to the first one."""
    must(['ip', 'link', 'set', 'dev', ground.nic, 'netns', DEEP])
    must(['ip', 'netns', 'exec', DEEP, 'ip', 'link', 'set', 'dev', ground.nic, 'up'])
    popen = ground.container()
    ground.must_wire('pid://%d' % popen.pid, ns=DEEP)
    popen.kill()
    popen.wait()
    wait_for(lambda: is_home(INSIDE))
    ground.must('unwire', '--if-exists', 'other', ns=DEEP)
    must(['ip', '-n', DEEP, 'link', 'set', 'dev', ground.nic, 'netns', '1'])
    return True


def wire_killed(ground):
    status = ground.wire(kill_at=random.randint(1, 40))
    assert status in (0, -signal.SIGKILL), ground.said
    ground.must('unwire', '--if-exists', 'w')


def unwire_killed(ground):
    ground.must_wire()
    status = ground.run('unwire', 'w', kill_at=random.randint(1, 45))
    assert status in (0, -signal.SIGKILL), ground.said
    ground.must('unwire', '--if-exists', 'w')


def unwire_killed_twice(ground):
    ground.must_wire()
    for _ in range(2):
        ground.run('unwire', '--if-exists', 'w', kill_at=random.randint(1, 45))
    ground.must('unwire', '--if-exists', 'w')


def container_killed_under_watch(ground):
    popen = ground.container()
    pid = ground.watch()
    try:
        ground.must_wire('pid://%d' % popen.pid)
        popen.kill()
        popen.wait()
        wait_for(lambda: is_home(ground.nic) and not os.listdir(STATE + '/wires'))
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def name_deleted_under_watch(ground):
    pid = ground.watch()
    try:
        ground.must_wire()
        ground.resident(NS)
        must(['ip', 'netns', 'del', NS])
        wait_for(lambda: is_home(ground.nic) and not os.listdir(STATE + '/wires'))
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def watch_killed(ground):
    popen = ground.container()
    pid = ground.watch()
    ground.must_wire('pid://%d' % popen.pid)
    popen.kill()
    os.kill(pid, signal.SIGKILL)
    popen.wait()
    os.waitpid(pid, 0)
    ground.run('unwire', '--if-exists', 'other')


CASES = (unwired, taken_down, rebooted, name_deleted, name_deleted_while_a_process_lives, container_killed,
         killed_and_wired_again, renamed_inside, name_taken_outside, moved_on, hidden_in_a_descriptor, nested,
         wire_killed, unwire_killed, unwire_killed_twice, container_killed_under_watch, name_deleted_under_watch,
         watch_killed)


def judge(case, nic, before):
    """Plays a case: (text of what is wrong afterwards, '' if the NIC is back with all that it had; did the case change
    that itself?). before: what lent_nic.prepare() gave."""
    for ns in (NS, DEEP):
        if not os.path.exists('/run/netns/' + ns):
            must(['ip', 'netns', 'add', ns])
    ground, excused = Ground(nic, before), True
    try:
        excused = case(ground)
        found = [] if excused else lent_nic.differences(before, nic)
        if not is_home(nic):
            found.append('%s is not there' % nic)
        left = os.listdir(STATE + '/wires') if os.path.isdir(STATE + '/wires') else []
        found += ['the record %s is left' % name for name in left]
        return '; '.join(found) + (' (%s)' % ground.said if found else ''), excused
    except AssertionError as error:
        return '%s (%s)' % (error, ground.said), excused
    finally:
        ground.close()


def clean_up():
    for ns in (NS, DEEP):
        run(['ip', 'netns', 'del', ns])
