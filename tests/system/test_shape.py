"""netnsctl shape: the shaping of a wire that is up is changed while it stays up. netem: tests/uml/inside."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import inject, process
from support.inside import enter, links
from support.untouched import assert_untouched, own_state
from system.test_wire_shaped import BACKENDS, queue, shaped


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param


@pytest.fixture
def wired(run_netnsctl, netns, backend):
    """The two namespaces of a wire w whose second end is shaped."""
    a, b = netns('a'), netns('b')
    words = ('wire', backend, '--name', 'w', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32,rate=2mbit,burst=16kb')
    assert run_netnsctl(*words).status == 0
    yield a, b
    run_netnsctl('unwire', '--if-exists', 'w')


def told(run_netnsctl):
    """(the state of w, [the shaping of each end])"""
    found = json.loads(run_netnsctl('show', 'w', '--json').out)
    return found['state'], [end.get('shaping', {}) for end in found['ends']]


def test_an_end_is_shaped_changed_and_no_longer_shaped(run_netnsctl, wired):
    a, b = wired
    index = links(a)['A']['ifindex']
    result = run_netnsctl('shape', 'w', a, 'rate=10mbit')
    assert (result.status, result.out, result.err) == (0, 'shaped w: netns://%s:A rate=10mbit\n' % a, '')
    assert shaped(a, 'A') == ('10Mbit', '31250b')
    assert run_netnsctl('shape', 'w', 'netns://%s:A' % a, 'rate=10000kbit').out == (
        'already shaped w: netns://%s:A rate=10mbit\n' % a)
    assert run_netnsctl('shape', 'w', 'B', 'rate=4mbit').out == (
        'shaped w: netns://%s:B rate=4mbit burst=16kb\n' % b)
    assert shaped(b, 'B') == ('4Mbit', '16Kb')
    assert told(run_netnsctl) == ('whole', [{'rate': '10mbit'}, {'rate': '4mbit', 'burst': '16kb'}])
    assert run_netnsctl('shape', 'w', a, 'rate=none').out == 'no longer shaped w: netns://%s:A\n' % a
    assert run_netnsctl('shape', 'w', b, 'none').out == 'no longer shaped w: netns://%s:B\n' % b
    assert run_netnsctl('shape', 'w', b, 'none').out == 'not shaped w: netns://%s:B\n' % b
    assert queue(a, 'A').startswith('noqueue') and queue(b, 'B').startswith('noqueue')
    assert told(run_netnsctl) == ('whole', [{}, {}])
    assert links(a)['A']['ifindex'] == index


def test_what_it_made_is_asked_for_by_the_same_wire_and_goes_with_it(run_netnsctl, netns, backend):
    a, before = netns(), own_state()
    words = ['wire', backend, '--name', 'w', a + ':A=10.1.1.2/24', 'bridge://nwshbr:nwshp=10.1.1.1/24']
    assert run_netnsctl(*words).status == 0
    assert run_netnsctl('shape', 'w', 'bridge://nwshbr', 'rate=3mbit').status == 0
    assert shaped(None, 'nwshp')[0] == '3Mbit'
    words[-1] += ',rate=3mbit'
    assert run_netnsctl(*words).out.startswith('already wired: w')
    assert run_netnsctl('unwire', 'w').status == 0
    assert_untouched(before)


def test_json_and_a_dry_run_say_what_is_done(run_netnsctl, wired):
    a, b = wired
    before = queue(b, 'B')
    result = run_netnsctl('shape', 'w', b, 'rate=5mbit', '--dry-run')
    assert (result.status, result.err) == (0, '')
    assert result.out == 'tc -n %s qdisc replace dev B root handle 2: tbf rate 5mbit burst 16384b limit 47634b\n' % b
    assert queue(b, 'B') == before
    document = json.loads(run_netnsctl('shape', 'w', b, 'rate=5mbit', '--dry-run', '--json').out)
    assert document == {'version': 1, 'commands': [result.out.strip()]}
    assert json.loads(run_netnsctl('shape', 'w', b, 'rate=5mbit', '--json').out) == {
        'version': 1, 'name': 'w', 'end': 'netns://%s:B' % b, 'changed': True,
        'shaping': {'rate': '5mbit', 'burst': '16kb'}}
    made = queue(b, 'B')
    assert run_netnsctl('shape', 'w', b, 'rate=2mbit').status == 0
    process.must(['sh', '-ec', result.out])
    assert queue(b, 'B') == made


def test_drift_is_put_right_by_the_command_that_check_proposes(run_netnsctl, wired):
    b = wired[1]
    process.must(enter(b) + 'tc qdisc del dev B root'.split())
    checked = run_netnsctl('check', 'w')
    proposed, = [line.strip() for line in checked.out.splitlines() if 'netnsctl shape' in line]
    assert checked.status == 5
    assert run_netnsctl(*proposed.split()[1:]).status == 0
    assert run_netnsctl('check', 'w').status == 0 and shaped(b, 'B') == ('2Mbit', '16Kb')


@pytest.mark.parametrize('words,status,why', [
    (['w', '{a}'], 2, 'shape: takes the name of a wire'), (['w', '{a}', 'mtu=1400'], 2, 'mtu=1400 is not an item'),
    (['w', '{a}', 'rate=x'], 2, 'rate=x: not a number'), (['w', '{a}', 'burst=8kb'], 2, 'burst= needs rate='),
    (['w', '{a}', 'rate=1mbit', 'burst=1kb'], 2, 'smaller than a packet'),
    (['w', '{a}=1', 'none'], 2, 'the items come'),
    (['v', '{a}', 'none'], 3, 'shape v: no such wire'), (['w', 'host', 'none'], 3, 'not an end of w'),
    (['w', 'C', 'rate=1mbit'], 3, 'not an end of w'), (['w', '{a}', '$(id)=1'], 2, 'is not an item'),
    (['w', '{a}', 'none', '--save', '--dry-run'], 2, 'cannot be combined'),
])
def test_bad_input_changes_nothing(run_netnsctl, wired, words, status, why):
    before = own_state()
    result = run_netnsctl('shape', *[word.format(a=wired[0]) for word in words])
    assert (result.status, result.out) == (status, '') and why in result.err, result
    assert_untouched(before)


def test_a_queue_of_somebody_elses_and_an_odd_link_are_left_alone(run_netnsctl, wired):
    a = wired[0]
    process.must(enter(a) + 'tc qdisc add dev A root pfifo limit 7'.split())
    result = run_netnsctl('shape', 'w', a, 'rate=1mbit')
    assert result.status == 4 and 'has a queue already that netnsctl did not make (pfifo)' in result.err
    assert 'ip netns exec %s tc qdisc del dev A root' % a in result.err
    process.must(['sh', '-ec', 'ip netns exec %s tc qdisc del dev A root; ip -n %s link set dev A name X' % (a, a)])
    result = run_netnsctl('shape', 'w', a, 'rate=1mbit')
    assert result.status == 4 and 'was renamed to X' in result.err
    process.must(['ip', '-n', a, 'link', 'del', 'dev', 'X'])
    assert run_netnsctl('shape', 'w', a, 'rate=1mbit').status == 3


@pytest.mark.parametrize('call,when', [('sendto', 1), ('sendto', 2), ('sendto', 3), ('sendto', 4), ('rename', 1),
                                       ('rename', 2), ('unlink', 1), ('execve', 2), ('execve', 3)])
def test_a_kill_leaves_the_old_shaping_or_the_new_one(run_netnsctl, wired, call, when):
    inject.available()
    b = wired[1]
    process.run(['strace', '-f', '-qq', '-o', os.devnull, '-e', 'trace=' + call,
                 '-e', 'inject=%s:signal=KILL:when=%d' % (call, when)]
                + run_netnsctl.argv('shape', 'w', b, 'rate=5mbit'), environ=run_netnsctl.environ())
    assert run_netnsctl('unwire', '--if-exists', 'nosuch').status == 0
    state, (_, shaping) = told(run_netnsctl)
    rates = {'2mbit': ('2Mbit', '16Kb'), '5mbit': ('5Mbit', '16Kb')}
    assert (state, shaped(b, 'B')) == ('whole', rates[shaping['rate']])
    assert os.listdir('/run/netnsctl/wires') == ['w.json']


def test_a_refusal_of_the_kernels_leaves_the_old_shaping(run_netnsctl, wired, netns):
    b, aside = wired[1], netns()
    if process.run(enter(aside) + 'tc qdisc add dev lo root netem delay 1ms'.split()).status == 0:
        pytest.skip('this kernel has netem')
    result = run_netnsctl('shape', 'w', b, 'rate=5mbit', 'delay=5ms')
    assert result.status == 1 and 'this kernel has no netem' in result.err
    assert shaped(b, 'B') == ('2Mbit', '16Kb')
    assert told(run_netnsctl) == ('whole', [{}, {'rate': '2mbit', 'burst': '16kb'}])
    assert os.listdir('/run/netnsctl/wires') == ['w.json']


def test_it_is_saved_on_request_and_up_changes_it_without_rewiring(host):
    host.sh('ip netns add a; ip netns add b')
    words = ('--no-check', '--name', 'w', '--save', 'a:A=10.1.1.1/24', 'b:B=10.1.1.2/24')
    assert host('wire', *words).status == 0
    result = host('shape', 'w', 'a', 'rate=10mbit')
    assert result.status == 0 and 'netnsctl config save w' in result.err
    assert host('config', 'check').status == 1
    result = host('shape', 'w', 'a', 'rate=10mbit', '--save')
    assert (result.status, result.err) == (0, '')
    assert result.out.splitlines()[1:] == ['wrote /etc/sysconfig/netns/a/ifcfg-A']
    assert host('config', 'check').status == 0
    host.sh('tc -n a qdisc del dev A root')
    result = host('shape', 'w', 'a', 'rate=10mbit')
    assert (result.out, result.err) == ('shaped w: netns://a:A rate=10mbit\n', '')  # as its files say
    index = host.sh('ip -n a link show A')
    host.sh('sed -i s/RATE=10mbit/RATE=3mbit/ /etc/sysconfig/netns/a/ifcfg-A')
    assert host('up').out == 'changed w, which stayed up\n'
    assert 'rate 3Mbit' in host.sh('tc -n a qdisc show dev A')
    host.sh('tc -n a qdisc del dev A root; sed -i /RATE=/d /etc/sysconfig/netns/a/ifcfg-A')
    told = json.loads(host('up', '--json').out)
    assert (told['changed'], told['live'], told['made']) == (['w'], ['w'], []) and host('config', 'check').status == 0
    assert 'noqueue' in host.sh('tc -n a qdisc show dev A')
    assert host.sh('ip -n a link show A').split()[0] == index.split()[0]
    host.sh('echo MTU=1400 >>/etc/sysconfig/netns/a/ifcfg-A; echo RATE=1mbit >>/etc/sysconfig/netns/a/ifcfg-A')
    assert host('up').out == 'recreated w\n'


def test_what_cannot_be_saved_is_not_changed_either(host):
    host.sh('ip netns add a; ip netns add b')
    words = ('--no-check', '--name', 'w', '--save', 'a:A=10.1.1.1/24', 'b:B=10.1.1.2/24,rate=1mbit')
    assert host('wire', *words).status == 0
    assert host('shape', 'w', 'a', 'rate=2mbit').status == 0
    host.sh('echo "MTU=x" >>/etc/sysconfig/netns/b/ifcfg-B')
    for words in (('a', 'rate=5mbit'), ('a', 'none'), ('b', 'rate=none')):
        result = host('shape', 'w', *(words + ('--save',)))
        assert (result.status, result.out) == (2, '') and 'MTU' in result.err
        for name, dev, rate in (('a', 'A', 'rate 2Mbit'), ('b', 'B', 'rate 1Mbit')):
            assert rate in host.sh('tc -n %s qdisc show dev %s' % (name, dev))
        shown = json.loads(host('show', 'w', '--json').out)
        assert shown['state'] == 'whole' and [end['shaping'] for end in shown['ends']] == [
            {'rate': '2mbit'}, {'rate': '1mbit'}]
    assert host.sh('ls /run/netnsctl/wires').split() == ['w.json']
