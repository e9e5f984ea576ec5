"""What ovs-vsctl prints, read; what it is told."""
from __future__ import absolute_import, division, print_function

import itertools
import json

import pytest

from netnsctl.edge.host import Host, Result
from netnsctl.edge.switches import ovs
from netnsctl.errors import ConflictError, NetnsctlError, NoAnswerError
from netnsctl.model.ports import AddPort

BRIDGES = {'headings': ['name', 'ports'], 'data': [
    ['br-int', ['set', [['uuid', 'u1'], ['uuid', 'u2']]]], ['br-ex', ['uuid', 'u3']], ['br-new', ['set', []]]]}
PORTS = {'headings': ['_uuid', 'name', 'tag', 'trunks', 'vlan_mode', 'external_ids'], 'data': [
    [['uuid', 'u1'], 'br-int', ['set', []], ['set', []], ['set', []], ['map', []]],
    [['uuid', 'u2'], 'nw0', 100, ['set', [20, 0]], 'native-untagged',
     ['map', [['netnsctl-wire', 'a:b~1'], ['x', 'y']]]],
    [['uuid', 'u3'], 'p"\'', ['set', []], 7, ['set', []], ['map', []]],
    [['uuid', 'u4'], 'nobodys', ['set', []], ['set', []], ['set', []], ['map', []]]]}
GOOD = json.dumps(BRIDGES) + '\n' + json.dumps(PORTS) + '\n'


class Answering(Host):
    """A host whose ovs-vsctl gives one answer: a Result, or an error to raise. asked: argv of each run."""

    names = itertools.count()

    def __init__(self, answer):
        Host.__init__(self)
        # A program of its own: that another one was silent is remembered by its path.
        self.answer, self.asked, self.name = answer, [], '/nowhere/ovs-vsctl%d' % next(self.names)

    def find(self, program):
        return self.name

    def run(self, argv, **options):
        self.asked.append(argv)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_bridges_and_ports_are_read():
    found = ovs.read(Answering(Result(0, GOOD, '')))
    assert found.switches == set(['br-int', 'br-ex', 'br-new'])
    assert sorted(found.ports) == ['br-int', 'nw0', 'p"\'']
    port = found.ports['nw0']
    assert (port.switch, port.tag, port.trunks, port.vlan_mode, port.wire) == (
        'br-int', 100, [0, 20], 'native-untagged', 'a:b~1')
    assert port.columns() == [('tag', '100'), ('trunks', '0,20'), ('vlan_mode', 'native-untagged')]
    assert found.ports['p"\''].columns() == [('trunks', '7')] and found.ports['p"\''].switch == 'br-ex'


@pytest.mark.parametrize('text', [
    '', 'hello', '[]\n[]', '{}\n{}', '1\n2', 'null\nnull', GOOD.splitlines()[0], GOOD + '{}',
    GOOD.replace('100', '"x"'), GOOD.replace('"br-int"', '{}'), GOOD.replace('"headings"', '"heading"'),
    GOOD.replace('["uuid", "u1"]', '[]'), GOOD.replace('["map", []]', '7'), '\x1b[31m\x00' * 1000, GOOD[:-9],
    '{"data": 7, "headings": 7}\n' * 2])
def test_garbage_is_an_error_of_one_plain_line(text):
    with pytest.raises(NetnsctlError) as caught:
        ovs.read(Answering(Result(0, text, '')))
    message = caught.value.message
    assert 'printed what cannot be read' in message and len(message) < 400
    assert not [sign for sign in message if sign < ' ']


@pytest.mark.parametrize('answer,kind,words', [
    (Result(1, '', 'ovs-vsctl: unix:/x/db.sock: database connection failed (No such file or directory)\n'),
     NetnsctlError, 'database connection failed'),
    (Result(1, '', ''), NetnsctlError, 'it exited with status 1 and no message'),
    (Result(1, '', 'ovs-vsctl: cannot create a port named p because a port named p already exists on bridge b\n'),
     ConflictError, 'already exists on bridge b'),
    (Result(-14, '', '2026|fatal_signal|WARN|terminating with signal 14 (Alarm clock)\n'), NoAnswerError,
     'did not finish within 5 s'),
    (NoAnswerError('x'), NoAnswerError, 'did not finish within 5 s')])
def test_a_failure_says_what_was_attempted_and_why(answer, kind, words):
    with pytest.raises(kind) as caught:
        ovs.add(AddPort('host', 'p', 'b', 'w'), Answering(answer))
    assert caught.value.message.startswith('plug p into the Open vSwitch bridge b: ') and words in caught.value.message


WHOLE = [
    {'headings': ['name', 'ports', 'datapath_type'], 'data': [['br0', ['uuid', 'p1'], ''],
                                                              ['br1', ['uuid', 'p2'], 'netdev']]},
    {'headings': PORTS['headings'] + ['interfaces'], 'data': [
        [['uuid', 'p1'], 'bond0', ['set', []], ['set', []], ['set', []], ['map', []],
         ['set', [['uuid', 'i1'], ['uuid', 'i2']]]],
        [['uuid', 'p2'], 'vx', ['set', []], ['set', []], ['set', []], ['map', []], ['uuid', 'i3']]]},
    {'headings': ['_uuid', 'name', 'type', 'options', 'ofport'], 'data': [
        [['uuid', 'i1'], 'e1', '', ['map', []], 3], [['uuid', 'i2'], 'e2', '', ['map', []], -1],
        [['uuid', 'i3'], 'vx', 'vxlan', ['map', [['remote_ip', '192.0.2.1']]], ['set', []]]]}]
ALL = ''.join(json.dumps(table) + '\n' for table in WHOLE)


def test_interfaces_are_read_where_they_are_wanted():
    found = ovs.read(Answering(Result(0, ALL, '')), with_interfaces=True)
    assert found.datapaths == {'br0': 'system', 'br1': 'netdev'}
    assert [(one.name, one.port, one.type, one.options, one.is_there) for one in found.interfaces] == [
        ('e1', 'bond0', '', {}, True), ('e2', 'bond0', '', {}, False),
        ('vx', 'vx', 'vxlan', {'remote_ip': '192.0.2.1'}, False)]


@pytest.mark.parametrize('text', [
    ALL.replace('-1', '"x"'), ALL.replace('"vxlan"', '7'), ALL.replace('"e1"', 'null'), ALL + '{}',
    ALL.replace('[["remote_ip", "192.0.2.1"]]', '[["remote_ip"]]'), ALL.replace('["uuid", "i3"]', '"i3"', 1)])
def test_interfaces_that_are_garbage_are_an_error_or_of_no_port(text):
    try:
        found = ovs.read(Answering(Result(0, text, '')), with_interfaces=True)
    except NetnsctlError as error:
        assert 'printed what cannot be read' in error.message
    else:
        assert [one.port for one in found.interfaces][-1] is None


@pytest.mark.parametrize('answer,names', [
    (Result(0, '[{"rows":[{"name":"b"},{"name":"a"}]}]\n', ''), ['a', 'b']), (Result(1, '', 'no such file'), []),
    (Result(0, '[{"rows":[7]}]', ''), []), (Result(0, '{}', ''), []), (NoAnswerError('x'), [])])
def test_bridges_are_read_from_the_file_where_nothing_serves_it(answer, names):
    assert ovs.saved_switches(Answering(answer)) == names


def test_one_that_hangs_is_waited_for_once():
    host = Answering(NoAnswerError('x'))
    for _ in range(3):
        with pytest.raises(NoAnswerError):
            ovs.read(host)
    assert len(host.asked) == 1


def test_an_error_of_the_daemon_counts_although_the_status_is_0():
    err = ("ovs-vsctl: Error detected while setting up 'p': could not open network device p (No such device).  See "
           "ovs-vswitchd log for details.\novs-vsctl: The default log directory is \"/var/log/openvswitch\".\n")
    with pytest.raises(NetnsctlError) as caught:
        ovs.add(AddPort('host', 'p', 'b', 'w'), Answering(Result(0, '', err)))
    assert 'could not open network device p' in caught.value.message


@pytest.mark.parametrize('data,stale,words', [
    (None, None, []), ((('tag', '7'),), None, ['tag=7']), ((('trunks', '20'), ('trunks', '9')), None, ['trunks=9,20']),
    ((('tag', '7'), ('trunks', '9')), None, ['tag=7', 'trunks=9', 'vlan_mode=native-untagged']),
    (None, 'br-old', [])])
def test_one_transaction_adds_the_port_with_its_vlans_and_its_wire(data, stale, words):
    host = Answering(Result(0, '', ''))
    ovs.add(AddPort('host', 'p', 'br-int', 'a:b', data, stale), host)
    before = ['--', '--if-exists', 'del-port', 'br-old', 'p'] if stale else []
    assert host.asked[0][1:] == ['--timeout=5'] + before + ['--', 'add-port', 'br-int', 'p'] + words + [
        'external_ids:netnsctl-wire="a:b"']
