"""Wires with routes that have attributes, policy rules and a scope: made, known again, and taken away whole."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.work import BACKENDS
from netnsctl.errors import ConflictError, Interrupted, KernelError
from netnsctl.usecases.recorded import inventory
from netnsctl.usecases.wires import transaction
from support.routed import FULL, ROUTES, RULES, route_of


@pytest.mark.parametrize('backend', BACKENDS)
def test_what_was_asked_for_is_what_ip_shows(work, backend):
    work.wire(backend=backend)
    default = route_of(work, 'default')
    assert [default[key] for key in ('gateway', 'metric', 'prefsrc')] == ['10.1.1.2', 50, '10.1.1.1']
    one = route_of(work, '10.9.0.0/16', 'table 100')
    assert one['gateway'] == '10.1.1.2' and one['metrics'] == [{'mtu': 1200}]
    assert route_of(work, '10.8.0.0/16')['scope'] == 'global'
    two = route_of(work, '10.7.0.0/16')
    assert (two['scope'], two['metric']) == ('host', 9)
    assert 'onlink' in route_of(work, '10.6.0.0/16', 'table 70000')['flags']
    assert route_of(work, '10.5.0.0/16')['via'] == {'family': 'inet6', 'host': 'fd00::2'}
    assert [(hop['gateway'], hop['weight']) for hop in route_of(work, '10.4.0.0/16')['nexthops']] == [
        ('10.1.1.2', 2), ('10.1.1.3', 1)]
    assert route_of(work, '10.3.0.0/24', 'table local')['type'] == 'local'
    assert 'features ecn congctl reno' in work.ip('route show 10.2.0.0/16').replace('0x1', 'ecn')
    six, = json.loads(work.ip('-j -6 route show fd06::/16'))
    assert [(hop['gateway'], hop['weight']) for hop in six['nexthops']] == [('fd00::2', 3), ('fd00::3', 1)]
    assert json.loads(work.ip('-j -6 route show fd08::/16 table 100'))[0]['metric'] == 7
    assert work.rules(4)[1:] == [
        '1000:\tfrom 10.1.1.0/24 lookup 100', '2001:\tnot from 10.1.1.0/24 lookup 100',
        '2002:\tfrom 10.1.1.9 goto 32766', '2003:\tfrom all nop',
        '2004:\tfrom all lookup main suppress_prefixlength 0', '2005:\tfrom all lookup main suppress_ifgroup 7',
        '2006:\tfrom all ipproto tcp sport 80 dport 1000-2000 lookup 100',
        '2008:\tfrom 10.1.2.0/24 lookup 100 realms 1/2', '32766:\tfrom all lookup main',
        '32767:\tfrom all lookup default',
        '998:\tfrom all lookup 70000', '999:\tfrom all fwmark 0x1/0xff iif A lookup 70000']
    assert work.rules(6)[1:] == [
        '1000:\tfrom all to fd08::/16 oif A lookup 100', '2007:\tfrom all uidrange 7-9 lookup 100',
        '32766:\tfrom all lookup main',
        '999:\tfrom all iif A lookup 100']
    address, = [item for item in json.loads(work.ip('-j address show dev A'))[0]['addr_info']
                if item['local'] == '10.1.1.1']
    assert address['scope'] == 'link'
    work.unwire('w')


@pytest.mark.parametrize('backend', BACKENDS)
def test_it_is_made_known_again_shown_and_taken_away(work, backend):
    before = work.content()
    outcome = work.wire(backend=backend)
    assert outcome.changed and work.state('w') == inventory.WHOLE
    again = work.wire(dict(FULL, routes=ROUTES[::-1], rules=tuple(RULES)), backend=backend)
    assert not again.changed and again.record.id == outcome.record.id
    shown = inventory.one(work.session, 'w').ends
    assert shown[0]['scope'] == 'link' and 'rules' not in shown[1] and 'scope' not in shown[1]
    assert shown[0]['routes'][:3] == ['0.0.0.0/0 via 10.1.1.2 metric 50 src 10.1.1.1',
                                      '10.9.0.0/16 via 10.1.1.2 table 100 mtu 1200', '10.8.0.0/16 scope global']
    assert shown[0]['rules'][:2] == ['from 10.1.1.0/24 table 100 priority 1000',
                                     'from all iif A fwmark 0x1/0xff table 70000 priority 999']
    assert work.unwire('w') and not work.unwire('w')
    assert work.content() == before and work.folders() == []


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_failure_at_any_step_leaves_nothing(work, backend):
    before = work.content()
    count = len(work.wire(backend=backend).record.plan)
    work.unwire('w')
    for at in range(count):
        work.fail(at, Interrupted(15))
        with pytest.raises(Interrupted):
            work.wire(backend=backend)
        assert work.content() == before and work.folders() == [], at


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_kill_at_any_step_is_rolled_back_by_the_next_command(work, backend, monkeypatch):
    before = work.content()
    count = len(work.wire(backend=backend).record.plan)
    work.unwire('w')
    for at in range(count):
        work.fail(at, KeyboardInterrupt())
        monkeypatch.setattr(transaction, 'roll_back', lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            work.wire(backend=backend)
        monkeypatch.undo()
        assert work.recover() == ['rolled back the unfinished wire w of an earlier run']
        assert work.content() == before and work.folders() == [], at


@pytest.mark.parametrize('change,remark', [
    (['route del default metric 50', 'route add default via 10.1.1.2 dev A metric 60 src 10.1.1.1'],
     'the route to 0.0.0.0/0 has the metric 60, not 50'),
    (['route replace default via 10.1.1.2 dev A metric 50'], 'the route to 0.0.0.0/0 has the src none, not 10.1.1.1'),
    (['route del 10.9.0.0/16 table 100'], 'lacks the route to 10.9.0.0/16 in the table 100'),
    (['route replace 10.9.0.0/16 via 10.1.1.2 dev A table 100 mtu 1300'],
     'the route to 10.9.0.0/16 in the table 100 has the mtu 1300, not 1200'),
    (['route replace 10.9.0.0/16 dev A table 100 mtu 1200'],
     'the route to 10.9.0.0/16 in the table 100 has the via none, not 10.1.1.2'),
    (['route del 10.8.0.0/16', 'route add 10.8.0.0/16 dev A scope link'],
     'the route to 10.8.0.0/16 has the scope link, not global'),
    (['-6 route del fd08::/16 table 100', '-6 route add fd08::/16 via fd00::2 dev A metric 8 table 100'],
     'the route to fd08::/16 in the table 100 has the metric 8, not 7'),
    (['rule del from 10.1.1.0/24 table 100 priority 1000'], 'lacks the rule from 10.1.1.0/24 table 100 priority 1000'),
    (['rule del from 10.1.1.0/24 table 100 priority 1000', 'rule add from 10.1.1.0/24 table 101 priority 1000'],
     'lacks the rule from 10.1.1.0/24 table 100 priority 1000'),
    (['-6 rule del iif A table 100'], 'lacks the rule from all iif A table 100 priority 999'),
])
def test_what_is_changed_behind_its_back_is_named(work, change, remark):
    work.wire()
    for words in change:
        work.ip(words)
    assert work.remarks() == ['netns://%s:A: %s' % (work.a, remark)] and work.state('w') == inventory.ALTERED
    with pytest.raises(ConflictError) as caught:
        work.wire()
    assert 'the wire w exists and is altered: ' in caught.value.message and remark in caught.value.message
    work.unwire('w')


def test_a_changed_scope_of_an_address_is_named(work):
    work.wire({'scope': 'link'})
    work.ip('address del 10.1.1.1/24 dev A')
    work.ip('address add 10.1.1.1/24 dev A')
    assert work.remarks() == ['netns://%s:A: the address 10.1.1.1/24 has the scope global, not link' % work.a]


@pytest.mark.parametrize('more,words', [
    (dict(FULL, rules=RULES[:-1]), 'rules '), (dict(FULL, routes=ROUTES[1:]), 'routes '),
    (dict(FULL, scope=None), 'scope link, asked for none'),
    (dict(FULL, routes=[ROUTES[0]._replace(metric=51)] + ROUTES[1:]), 'metric 51')])
def test_a_request_that_differs_is_refused_with_the_difference_and_replace_makes_it(work, more, words):
    before = work.content()
    work.wire()
    work.settle()
    stands = work.content()
    with pytest.raises(ConflictError) as caught:
        work.wire(more)
    assert words in caught.value.message and work.content() == stands
    assert work.wire(more, replace=True).changed and work.state('w') == inventory.WHOLE
    work.unwire('w')
    assert work.content() == before


def test_a_replacement_that_fails_brings_rules_and_routes_back(work):
    work.wire()
    stands = work.rules(4), work.rules(6), work.ip('route show table all')
    work.fail(3, KernelError('injected', 5), number=2)
    with pytest.raises(KernelError):
        work.wire({'rules': RULES[:1]}, replace=True)
    assert (work.rules(4), work.rules(6), work.ip('route show table all')) == stands
    assert work.state('w') == inventory.WHOLE


def test_a_kill_right_after_a_replacement_was_begun_leaves_each_rule_once(work):
    old = work.wire().record
    stands = work.content()
    work.session.journal.begin(work.session.journal.load('w').with_changes(id='0' * 16, undo=[], replaces=old))
    assert work.recover() == ['put back the wire w, which an earlier run did not finish replacing']
    assert work.content() == stands and work.state('w') == inventory.WHOLE
