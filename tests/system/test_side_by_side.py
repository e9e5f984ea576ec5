"""`netnsctl wire -f` with wires that several processes make at once, and `up` with wires that several look at."""

from __future__ import absolute_import, division, print_function

import errno
import json
import os
import signal
import time

import pytest

from netnsctl.compat import processors
from netnsctl.usecases.up_down.up_down import LOOKS_EACH
from netnsctl.usecases.wires.side_by_side import WIRES_EACH
from support import inject, process
from support.aside import own_host

COUNT = 2 * WIRES_EACH
LINES = ''.join('netns://a{0}:x=10.9.{0}.1/32 netns://b{0}:x=10.9.{0}.2/32\n'.format(number)
                for number in range(COUNT)).encode('ascii')
# The same number of ends on four bridges that are not there, and of wires to the host.
ON_HOST = ''.join(['netns://a{0}:x=10.{1}.0.{2}/16 bridge://br{1}=10.{1}.255.1/16\n'.format(
                       number, number % 4, 1 + number // 4) for number in range(COUNT)]
                  + ['netns://b{0}:x=10.8.{0}.1/30 host:h{0}=10.8.{0}.2/30\n'.format(number)
                     for number in range(COUNT)]).encode('ascii')
# All on one bridge, which its first wire makes.
ONE_BRIDGE = ''.join('netns://a{0}:x=10.1.0.{1}/16 bridge://br1=10.1.255.1/16\n'.format(number, 1 + number)
                     for number in range(COUNT)).encode('ascii')
WIRE = ['wire', '-f', '-']
LIMIT = 300  # seconds: on a busy machine each wire may wait long for its turn
NAMES_ON_HOST = (['a%d:x-br%d' % (number, number % 4) for number in range(COUNT)]
                 + ['b%d:x-host:h%d' % (number, number) for number in range(COUNT)])
NAMES = sorted('a%d:x-b%d:x' % (number, number) for number in range(COUNT))

pytestmark = pytest.mark.skipif(processors() < 2, reason='one processor: one process does it all')


@pytest.fixture
def host(run_netnsctl):
    made = own_host(run_netnsctl)
    made.sh('for side in a b; do for number in $(seq 0 %d); do echo netns add $side$number; done; done | ip -batch -'
            % (COUNT - 1))
    yield made
    made.close()


def listed(host):
    """{name: state}"""
    return dict((wire['name'], wire['state']) for wire in json.loads(host('ls', '--json').out)['wires'])


def start(host, *words, **options):
    """A run that is under way: several processes have begun, and some wires (5, or so many) stand."""
    wires = options.get('wires', 5)
    popen = process.start(host.argv(*(options.get('argv') or WIRE + list(words))), host.environ())
    popen.stdin.write(options.get('lines', LINES))
    popen.stdin.close()
    popen.stdin = None
    deadline = time.time() + 30
    while time.time() < deadline and popen.poll() is None:
        if workers(popen.pid) and len(host.sh('ls /run/netnsctl/wires 2>/dev/null || true').split()) > wires:
            break
    return popen


def what_is_there(host):
    """Links and records, as text that compares equal."""
    return host.sh('for name in "" $(ls /run/netns); do ${name:+ip netns exec "$name"} cat /proc/net/dev |'
                   ' cut -d: -f1; done; ls /run/netnsctl/wires 2>/dev/null || true')


def workers(pid):
    """PIDs of the processes that it has started."""
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid)) as source:
            return [int(word) for word in source.read().split()]
    except EnvironmentError:
        return []


def wait_for_the_end(pids):
    deadline = time.time() + 30
    while time.time() < deadline and any(os.path.exists('/proc/%d' % pid) for pid in pids):
        time.sleep(0.02)
    assert not any(os.path.exists('/proc/%d' % pid) for pid in pids)


@pytest.mark.parametrize('words', [['--backend', 'netlink'], ['--backend', 'iproute', '--no-check']])
def test_all_wires_are_made_told_in_their_order_and_go_again(host, words):
    before = what_is_there(host)
    result = host(*(WIRE + words), feed=LINES)
    assert (result.status, result.err) == (0, ''), result
    assert [line.split()[1] for line in result.out.splitlines()] == [
        'a%d:x-b%d:x:' % (number, number) for number in range(COUNT)]
    assert listed(host) == dict.fromkeys(NAMES, 'whole')
    for number in (0, COUNT // 2, COUNT - 1):
        host.sh('ip netns exec a{0} ping -c 1 -W 2 10.9.{0}.2'.format(number))
    again = host(*(WIRE + words), feed=LINES)
    assert again.status == 0 and again.out.count('already wired') == COUNT, again
    assert host('unwire', '--all').status == 0
    assert what_is_there(host) == before


@pytest.mark.parametrize('words', [['--backend', 'netlink'],
                                   pytest.param(['--backend', 'iproute', '--no-check'], marks=pytest.mark.thorough)])
def test_ends_on_bridges_and_on_the_host_are_made_by_several_processes_too(host, words):
    before = what_is_there(host)
    popen = start(host, *words, lines=ON_HOST)
    assert workers(popen.pid)
    result = process.finish(popen, timeout=LIMIT)
    assert (result.status, result.err) == (0, ''), result
    assert [line.split()[1][:-1] for line in result.out.splitlines()] == NAMES_ON_HOST
    assert listed(host) == dict.fromkeys(NAMES_ON_HOST, 'whole')
    for number in (0, 3, COUNT - 1):
        host.sh('ip netns exec a{0} ping -c 1 -W 2 10.{1}.255.1; ip netns exec b{0} ping -c 1 -W 2 10.8.{0}.2'.format(
            number, number % 4))
    assert host('unwire', '--all').status == 0
    assert what_is_there(host) == before


def test_ends_on_one_bridge_are_made_by_several_processes_once_it_is_there(host):
    before = what_is_there(host)
    popen = start(host, lines=ONE_BRIDGE)
    assert workers(popen.pid)
    result = process.finish(popen, timeout=LIMIT)
    names = ['a%d:x-br1' % number for number in range(COUNT)]
    assert (result.status, result.err) == (0, ''), result
    assert [line.split()[1][:-1] for line in result.out.splitlines()] == names
    assert listed(host) == dict.fromkeys(names, 'whole')
    host.sh('ip netns exec a1 ping -c 1 -W 2 10.1.0.%d' % COUNT)
    # The bridge and its address go with the last of them, whichever made them.
    assert host('unwire', 'a0:x-br1').status == 0
    host.sh('ip netns exec a1 ping -c 1 -W 2 10.1.255.1')
    again = host(*WIRE, feed=ONE_BRIDGE)
    assert again.status == 0 and again.out.count('already wired') == COUNT - 1, again
    assert host('unwire', '--all').status == 0
    assert what_is_there(host) == before


def test_of_two_ends_on_a_bridge_that_want_one_address_the_later_line_fails(host):
    lines = ON_HOST + 'netns://b1:y=10.1.0.1/16 bridge://br1\nnetns://b2:y=10.8.1.2/16 bridge://br2\n'.encode('ascii')
    result = host(*(WIRE + ['--no-check']), feed=lines)
    assert result.status == 4, result
    told = [line for line in result.err.splitlines() if line.startswith('netnsctl: -:')]
    assert told == [
        'netnsctl: -:%d: netns://b1: the address 10.1.0.1 is in use: the wire a1:x-br1 has it, at netns://a1:x'
        % (2 * COUNT + 1),
        'netnsctl: -:%d: netns://b2: the address 10.8.1.2 is in use: it is an address of this host (on h1)'
        % (2 * COUNT + 2)], result.err
    assert listed(host) == dict.fromkeys(NAMES_ON_HOST, 'whole')


def test_what_fails_in_any_process_is_told_with_its_line_and_costs_only_itself(host):
    bad = [3, 4, COUNT - 2, COUNT - 1]
    host.sh('; '.join('ip -n b%d link add x type veth peer name y' % number for number in bad))
    result = host(*(WIRE + ['--no-check']), feed=LINES)
    assert result.status == 4 and 'Traceback' not in result.err, result
    told = [line for line in result.err.splitlines() if line.startswith('netnsctl: -:') and ' stand' not in line]
    assert [int(line.split(':')[2]) for line in told] == [number + 1 for number in bad], result.err
    assert 'netnsctl: standard input: %d of %d wires are in place' % (COUNT - 4, COUNT) in result.err
    assert listed(host) == dict((name, 'whole') for name in NAMES
                                if name not in ['a%d:x-b%d:x' % (number, number) for number in bad])


@pytest.mark.parametrize('signum', [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_processes_with_whole_wires(host, signum):
    popen = start(host, '--no-check')
    pids = workers(popen.pid)
    popen.send_signal(signum)
    result = process.finish(popen, timeout=LIMIT)
    assert result.status == 128 + signum and 'Traceback' not in result.err, result
    assert pids and not any(os.path.exists('/proc/%d' % pid) for pid in pids)
    found = listed(host)
    assert len(found) < COUNT and set(found.values()) == set(['whole']), found
    told = [line.split()[1][:-1] for line in result.out.splitlines()]
    assert set(told) == set(found), (told, found)


def test_a_worker_that_is_killed_costs_no_wire(host):
    popen = start(host, '--no-check')
    for pid in workers(popen.pid):
        os.kill(pid, signal.SIGKILL)
    result = process.finish(popen, timeout=LIMIT)
    assert result.status == 0 and 'Traceback' not in result.err, result
    assert 'killed by signal 9' in result.err or 'already wired' not in result.out, result
    assert listed(host) == dict.fromkeys(NAMES, 'whole')


def test_if_the_program_is_killed_its_workers_end_and_the_next_command_finds_whole_wires(host):
    popen = start(host, '--no-check')
    pids = workers(popen.pid)
    popen.kill()
    assert process.finish(popen, timeout=LIMIT).status == -signal.SIGKILL and pids
    wait_for_the_end(pids)
    done = host(*(WIRE + ['--no-check']), feed=LINES)
    assert done.status == 0 and 'already wired' in done.out, done
    assert listed(host) == dict.fromkeys(NAMES, 'whole')
    assert host.sh('ls /run/netnsctl/wires | grep -v "^a[0-9]*:x-b[0-9]*:x.json$" || true') == ''


@pytest.mark.parametrize('who, lines', [('the program', LINES), ('a worker', ON_HOST)] + [
    pytest.param(*case, marks=pytest.mark.thorough) for case in (
        ('the program', ON_HOST), ('the program', ONE_BRIDGE), ('a worker', LINES), ('a worker', ONE_BRIDGE))])
def test_killed_at_any_moment_all_wires_are_whole_or_none(host, who, lines):
    for number in inject.sample(20, 4 if lines == LINES else 2):
        popen = start(host, '--no-check', wires=number * 3, lines=lines)
        for pid in [popen.pid] if who == 'the program' else workers(popen.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError as error:
                assert error.errno == errno.ESRCH  # it has ended by now
        process.finish(popen, timeout=LIMIT)
        settled = host('unwire', '--if-exists', 'no-such-wire')
        assert settled.status == 0 and 'damaged' not in settled.err, (number, settled)
        assert set(listed(host).values()) <= set(['whole']), number
        assert host.sh('ls /run/netnsctl/wires | grep -v "^[ab][0-9]*:x-.*[0-9x].json$" || true') == ''
        assert host('unwire', '--all').status == 0
        left = host.sh('for name in $(ls /run/netns); do ip netns exec $name cat /proc/net/dev; done;'
                       ' cat /proc/net/dev')
        assert ' br' not in left and ' h1' not in left
        assert ' x:' not in left


def test_up_of_many_leaves_what_stands_and_mends_the_one_that_does_not(host):
    count = 2 * LOOKS_EACH
    lines = ''.join('netns://a{1}:y{0}=10.10.{0}.1/32 netns://b{1}:y{0}=10.10.{0}.2/32\n'.format(number, number % COUNT)
                    for number in range(count)).encode('ascii')
    assert host('wire', '-f', '-', '--no-check', '--save', feed=lines).status == 0
    before = host.sh('cd /run/netnsctl/wires; cat *')
    stands = host('up')
    assert stands.out == 'nothing to do: all %d wires match the tree\n' % count, stands
    assert host.sh('cd /run/netnsctl/wires; cat *') == before
    host.sh('ip -n a1 link set y1 down')
    mended = host('up')
    assert mended.out == 'recreated a1:y1-b1:y1\n', mended
    host.sh('ip netns exec a1 ping -c 1 -W 2 10.10.1.2')
    assert set(listed(host).values()) == set(['whole'])


def save_files(host):
    """A tree of the wires, and what it takes to have none of them left."""
    assert host('config', 'render', '--root', '/', '-f', '-', feed=LINES).status == 0


def test_up_of_a_new_tree_makes_its_wires_and_names_in_several_processes_and_tells_them_in_order(host):
    save_files(host)
    host.sh('ip netns delete a3; ip netns delete b3; ip -n a7 link add x type veth peer name other')
    up = host('up')
    assert up.status == 4 and up.err.count('ifcfg-x') == 1 and 'a7' in up.err, up
    made = [line.split()[1].rstrip(':') for line in up.out.splitlines() if line.startswith('wired ')]
    assert sorted(made) == sorted(set(NAMES) - set(['a7:x-b7:x'])) and made == sorted(
        made, key=lambda name: name.partition(':')[0])
    assert listed(host) == dict.fromkeys(made, 'whole')
    host.sh('ip -n a7 link delete x')
    assert host('up').out.startswith('wired a7:x-b7:x')
    assert host('up').out == 'nothing to do: all %d wires match the tree\n' % COUNT
    down = host('down')
    assert down.status == 0 and listed(host) == {} and not os.path.exists('/run/netns/a3')


@pytest.mark.parametrize('who', ['the program', 'a worker'])
def test_up_of_a_new_tree_that_is_killed_leaves_whole_wires_and_the_next_makes_the_rest(host, who):
    save_files(host)
    popen = start(host, argv=['up'], lines=b'')
    pids = workers(popen.pid)
    for pid in [popen.pid] if who == 'the program' else pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError as error:
            assert error.errno == errno.ESRCH  # it has ended by now
    result = process.finish(popen, timeout=LIMIT)
    assert result.status == (-signal.SIGKILL if who == 'the program' else 0), result
    wait_for_the_end(pids)
    assert host('up').status == 0
    assert listed(host) == dict.fromkeys(NAMES, 'whole')
