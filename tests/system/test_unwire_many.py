"""`netnsctl unwire --all`: many wires go side by side, with all that they shared, and nothing else."""

from __future__ import absolute_import, division, print_function

import json

import pytest

from support import inject
from support.aside import own_host
from support.tree import everything

# Ends in few namespaces and in the host's own, a bridge with an address of its wires and one of its own, a displaced
# route, and more wires than go at once.
MANY = ''.join('w{0}:A{1}=10.7.{1}.1/32 host:n{1}=10.7.{1}.2/32\n'.format(number % 3, number) for number in range(34))
BRIDGED = ''.join('w%d:br=10.8.0.%d/24 bridge://br7=10.8.0.1/24\n' % (number, number + 2) for number in range(3))


@pytest.fixture
def host(run_netnsctl):
    made = own_host(run_netnsctl)
    made.sh('for name in w0 w1 w2; do ip netns add $name; ip -n $name link set lo up; done')
    yield made
    made.close()


def wire(host, text):
    result = host('wire', '--no-check', '-f', '-', feed=text.encode('ascii'))
    assert result.status == 0, result


def test_all_that_many_wires_made_and_shared_goes(host):
    before = everything(host)
    wire(host, MANY + BRIDGED)
    result = host('unwire', '--all')
    assert (result.status, result.err, len(result.out.splitlines())) == (0, '', 37), result
    assert everything(host) == before


def test_what_was_there_before_or_came_meanwhile_stays(host):
    host.sh('ip link add br7 type bridge; ip addr add 10.8.0.9/24 dev br7; ip -n w0 link add dum type bridge; '
            'ip -n w0 link set dum up; ip -n w0 route add 10.7.0.2/32 dev dum')
    before = everything(host)
    wire(host, MANY.partition('\n')[2] + BRIDGED)
    assert host('wire', '--no-check', '--replace', 'w0:A=10.7.0.1/32', 'host:n=10.7.0.2/32').status == 0
    # One end got another name and a stranger has its old one; of another wire nothing is left.
    host.sh('ip -n w1 link set A1 down; ip -n w1 link set A1 name B1; ip -n w1 link add A1 type bridge; '
            'ip -n w2 link delete A2')
    result = host('unwire', '--all')
    assert result.status == 0 and len(result.out.splitlines()) == 37, result
    host.sh('ip -n w1 link show A1; ip -n w1 link delete A1')
    assert everything(host) == before


def test_one_that_cannot_go_keeps_no_other(host):
    wire(host, MANY)
    host.sh('echo nonsense >/run/netnsctl/wires/x.json')
    result = host('unwire', '--all', '--json')
    told = json.loads(result.out)
    assert result.status == 1 and len(told['unwired']) == 34 and 'x.json' in told['failed'][0], result
    assert 'n3' not in host.sh('ip link')


@pytest.mark.parametrize('syscall', ['rename', 'clone,clone3', 'sendto', 'unlink'])
def test_killed_anywhere_each_wire_is_whole_or_gone_after_the_next_command(host, syscall):
    inject.available()
    lines = BRIDGED + ''.join(MANY.splitlines(True)[:5])
    before = everything(host)
    wire(host, lines)
    total = inject.count(host, syscall, ['unwire', '--all'])
    assert total
    for at in inject.sample(total, 4):
        wire(host, lines)
        result = inject.inject(host, syscall, 'signal=KILL', at, ['unwire', '--all'])
        assert result.status == -9, (at, result)
        host('unwire', 'nothing')
        states = [item['state'] for item in json.loads(host('ls', '--json').out)['wires']]
        assert set(states) <= set(['whole']), (at, states)
        assert host('unwire', '--all').status == 0
        assert everything(host) == before, at


def test_a_signal_waits_for_those_that_are_under_way(host):
    inject.available()
    before = everything(host)
    wire(host, MANY)
    result = inject.inject(host, 'rename', 'signal=TERM', 5, ['unwire', '--all'], only_netnsctl=True)
    assert result.status == 143, result
    states = [item['state'] for item in json.loads(host('ls', '--json').out)['wires']]
    assert states == ['whole'] * 2  # of 34; 32 go at once
    assert host('unwire', '--all').status == 0
    assert everything(host) == before


def test_links_that_somebody_deleted_are_not_searched_for_in_every_namespace(host):
    """A namespace that no link was moved from has none elsewhere; each would be looked at for each wire."""
    inject.available()
    host.sh('for n in $(seq 20); do ip netns add x$n; ip netns add y$n; done')
    file = ''.join('x%d=10.9.%d.1/24 y%d=10.9.%d.2/24\n' % (n, n, n, n) for n in range(1, 21))
    host.sh("cat >/run/lines <<'end'\n%send" % file)
    assert host('wire', '--no-check', '-f', '/run/lines').status == 0
    host.sh('for n in $(seq 20); do ip -n x$n link delete eth0; done')
    result = inject.traced(host, ['unwire', '--all'], '-f', '-e', 'trace=openat', log='/run/told')
    assert result.status == 0, result
    opened = host.sh("grep -c 'run/netns/[xy]' /run/told")
    assert int(opened) < 40 * 3, opened  # it was 40 for each of 20 wires, three times over
