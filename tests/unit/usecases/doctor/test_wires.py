"""The doctor's check of recorded wires, on state folders made for the test; integration has it on real wires."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.host import Host
from netnsctl.execution.state import State
from netnsctl.model import endpoint
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.network import wires


def state_with(tmpdir, *files):
    """A Host whose state folder has these files of wires."""
    tmpdir.ensure('run', 'netnsctl', 'wires', dir=True)
    for name in files:
        tmpdir.join('run', 'netnsctl', 'wires', name).write('{}')
    return Host(root=str(tmpdir), environ={})


def check(host):
    return doctor.run(host, ['wires'])[0]


def test_no_wires_are_quiet(tmpdir):
    assert (check(Host(root=str(tmpdir))).status, check(state_with(tmpdir)).text) == ('ok', 'none recorded')


def test_a_half_done_wire_is_named_and_a_command_that_rolls_it_back(tmpdir):
    finding = check(state_with(tmpdir, 'c-d.pending.json'))
    assert (finding.status, finding.text) == ('warn', 'half done, by a run that was killed or could not undo it: c-d')
    assert finding.remediation.commands == ['netnsctl unwire c-d']


def test_a_wire_that_is_being_made_right_now_is_no_half_done_one(tmpdir):
    host = state_with(tmpdir, 'c-d.pending.json')
    with State(host).locked():
        finding = check(host)
    assert finding.status == 'ok' and 'another netnsctl is at work on c-d' in finding.text


@pytest.mark.parametrize('text', ['{}', '', 'no JSON', '{"version": 99}', '{"version": 1, "name": "a b"}', '[]'])
def test_a_record_that_cannot_be_read_is_named_with_its_file(tmpdir, text):
    host = state_with(tmpdir, 'a b.json')
    tmpdir.join('run', 'netnsctl', 'wires', 'a b.json').write(text)
    finding = check(host)
    assert (finding.status, finding.text) == ('warn', 'the record cannot be read: a b')
    assert finding.remediation.commands == ["rm '%s/run/netnsctl/wires/a b.json'" % tmpdir]


def test_many_are_counted_and_the_first_mended(tmpdir):
    finding = check(state_with(tmpdir, *['w%02d.json' % number for number in range(30)]))
    assert finding.text == 'the record cannot be read: w00, w01, w02, ... (30)'
    assert len(finding.remediation.commands) == wires.SHOWN
    assert '`netnsctl ls` lists them all' in finding.remediation.prose


def test_where_time_runs_out_it_is_said_how_many_were_looked_at(tmpdir, monkeypatch):
    host = state_with(tmpdir, 'a.json', 'b.json')
    monkeypatch.setattr(wires, 'LOOK_SECONDS', -1.0)
    finding = check(host)
    assert finding.status == 'ok' and 'the 0 examined in time' in finding.text
    assert dict(finding.evidence)['looked at'] == '0'


@pytest.mark.parametrize('text', [
    'netns://a:A=10.1.1.1/32', 'host', 'bridge://br0=10.0.0.1/24',
    "docker://it's:eth0=10.0.0.2/24,fd00::2/64,gw=10.0.0.1,"
    'mac=02:00:00:00:00:01,mtu=1400,route=10.9.0.0/16,route=10.8.0.0/16@10.0.0.1', 'path:///proc/4711/ns/net'])
def test_the_command_asks_for_just_what_was_asked(text):
    from netnsctl.usecases.recorded import records
    asked = endpoint.parse(text)
    end = {'target': str(asked.target), 'asked': records.asked_of(asked)}
    record = records.Record({'name': 'w', 'ends': [end, end]})
    words = wires.rewire_command(record)
    import shlex
    parsed = shlex.split(words)
    assert parsed[:4] == ['netnsctl', 'wire', '--name', 'w']
    again = endpoint.parse(parsed[4])
    assert again.target == asked.target and records.asked_of(again) == records.asked_of(asked)


def test_what_only_the_tree_can_ask_for_has_no_command_of_its_own():
    from netnsctl.model import routing
    from netnsctl.model.route import Route
    from netnsctl.usecases.recorded import records
    plain = endpoint.parse('netns://b:B')
    for change in ('rules', 'scope', 'routes'):
        asked = endpoint.parse('netns://a:A=10.0.0.1/24')
        setattr(asked, change, {'rules': (routing.parse_rule(['from', '10.0.0.1', 'table', '7']),), 'scope': 'link',
                                'routes': (Route('10.9.0.0/16', metric=5),)}[change])
        record = records.Record({'name': 'w', 'ends': [{'target': str(end.target), 'asked': records.asked_of(end)}
                                                       for end in (asked, plain)]})
        assert wires.rewire_command(record) is None
