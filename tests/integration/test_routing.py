"""Wires with routes that have attributes, policy rules and a scope, in real namespaces: made, known again, and taken
away with nothing that is not their own."""
from __future__ import absolute_import, division, print_function

import json
import subprocess

import pytest

from integration.test_transaction import BACKENDS, Work
from netnsctl.errors import ConflictError, Interrupted, KernelError, NetnsctlError, UsageError
from netnsctl.execution.backends import rules_there
from netnsctl.model import endpoint, wires_file
from netnsctl.model import operations as op
from netnsctl.model.route import Route
from netnsctl.model.routing import parse_route, parse_rule
from netnsctl.model.rule import Rule
from netnsctl.usecases import inventory, planning_only, transaction
from netnsctl.usecases.wiring import Options, Wiring, wire
from support.core import Spaces
from support.process import must, run

ROUTES = [
    parse_route(words.split(), 'A') for words in (
        'default via 10.1.1.2 metric 50 src 10.1.1.1', '10.9.0.0/16 via 10.1.1.2 table 100 mtu 1200',
        '10.8.0.0/16 scope global', '10.7.0.0/16 scope host metric 9', '10.6.0.0/16 via 10.77.0.1 onlink table 70000',
        'fd08::/16 via fd00::2 metric 7 table 100', 'fd07::/16 mtu 1300', '10.5/16 via inet6 fd00::2 metric 3',
        '10.4.0.0/16 nexthop via 10.1.1.2 weight 2 nexthop via 10.1.1.3 dev A', 'local 10.3.0.0/24 dev lo',
        'fd06::/16 nexthop via fd00::2 weight 3 nexthop via fd00::3 onlink', '10.2.0.0/16 congctl reno features ecn')]
RULES = [
    parse_rule(words.split(), family) for words, family in (
        ('from 10.1.1.0/24 table 100 priority 1000', 4), ('iif A fwmark 0x1/0xff table 70000', 4), ('table 70000', 4),
        ('to fd08::/16 oif A table 100 pref 1000', 6), ('iif A table 100', 6),
        ('not from 10.1.1.0/24 table 100 pref 2001', 4),
        ('from 10.1.1.9 goto 32766 pref 2002', 4), ('nop pref 2003', 4),
        ('table main suppress_prefixlength 0 pref 2004', 4), ('suppress_ifgroup 7 table main pref 2005', 4),
        ('ipproto tcp sport 80 dport 1000-2000 table 100 pref 2006', 4), ('uidrange 7-9 table 100 pref 2007', 6),
        ('from 10.1.2.0/24 realms 1/2 table 100 pref 2008', 4))]
FULL = {'routes': ROUTES, 'rules': RULES, 'scope': 'link'}


class Routed(Work):
    """A Work that wires A of a, with what `more` asks for beyond the grammar, and a plain B of b."""

    def ends(self, more):
        return (endpoint.Endpoint(endpoint.Target('netns', self.a), 'A', ['10.1.1.1/24', 'fd00::1/64'], **more),
                endpoint.Endpoint(endpoint.Target('netns', self.b), 'B', ['10.1.1.2/24', 'fd00::2/64']))

    def wire(self, more=FULL, **options):
        wiring = Wiring(self.session, *(self.ends(more) + (Options(**dict({'backend': 'netlink', 'check': False,
                                                                           'name': 'w'}, **options)),)))
        try:
            wiring.resolve()
            with self.session.state.locked():
                transaction.recover(self.session)
                return wire(self.session, wiring)
        finally:
            wiring.close()

    def content(self):
        return Work.content(self), self.rules(4), self.rules(6)

    def ip(self, *words):
        """Runs `ip` in a: what it prints."""
        return must(['ip', '-n', self.a] + ' '.join(words).split())

    def rules(self, family):
        return sorted(line.strip() for line in self.ip('-%d' % family, 'rule').splitlines())

    def remarks(self):
        return inventory.one(self.session, 'w').remarks


@pytest.fixture
def work(netns, tmpdir):
    made = Routed(str(tmpdir), (netns('a'), netns('b')))
    yield made
    for session in made.sessions:
        session.close()


@pytest.fixture
def spaces():
    made = Spaces()
    yield made
    made.close()


def route_of(work, dst, *words):
    """The one route to dst as `ip -j route` tells it."""
    rows = json.loads(work.ip('-j', '-d', 'route show', dst, *words))
    assert len(rows) == 1, rows
    return rows[0]


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


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('there,rule', [
    ('from 10.1.1.0/24 table 100 priority 1000', 'from 10.1.1.0/24 table 100 priority 1000'),
    # Told to delete the second, the kernel would take the first.
    ('from 10.0.0.0/8 table 100 priority 5', 'table 100 priority 5'),
    ('from 10.0.0.0/8 iif A table 100 priority 5', 'iif A table 100 priority 5'),
    ('ipproto tcp table 100 priority 5', 'table 100 priority 5'),
    ('from 10.0.0.0/8 table 100 priority 1', 'table 100'),
])
def test_a_rule_that_is_there_or_cannot_be_told_from_one_is_a_conflict_and_stays(work, backend, there, rule):
    work.ip('rule add', there)
    before = work.content()
    with pytest.raises(ConflictError) as caught:
        work.wire({'rules': [parse_rule(rule.split())]}, backend=backend)
    assert 'the rule from ' in caught.value.message and 'there is one already' in caught.value.message
    assert work.content() == before and work.folders() == []


@pytest.mark.parametrize('backend', BACKENDS)
def test_rules_of_others_stay_whatever_they_have_in_common_with_it(work, backend):
    for words in ('from 10.1.1.0/24 table 100 priority 999', 'from 10.1.1.0/24 table 101 priority 1000',
                  'from 10.1.0.0/16 table 100 priority 1000', 'table 70000 priority 7'):
        work.ip('rule add', words)
    work.ip('-6 rule add from fd00::/16 table 100 priority 1000')
    before = work.content()
    work.wire(backend=backend)
    assert work.state('w') == inventory.WHOLE
    work.ip('rule add from 10.1.1.0/24 iif lo table 100 priority 1000')
    work.ip('rule add table 70000 priority 3')
    work.unwire('w')
    left = work.rules(4)
    work.ip('rule del from 10.1.1.0/24 iif lo table 100 priority 1000')
    work.ip('rule del table 70000 priority 3')
    assert work.content() == before and len(left) == len(work.rules(4)) + 2


def test_two_rules_of_one_wire_that_cannot_be_told_apart_are_refused(work):
    before = work.content()
    rules = [parse_rule(words.split()) for words in ('from 10.0.0.0/8 table 100 priority 5', 'table 100 priority 5')]
    with pytest.raises(ConflictError):
        work.wire({'rules': rules})
    with pytest.raises(UsageError):
        work.wire({'rules': [rules[0]] * 2})
    assert work.content() == before
    work.wire({'rules': [rules[0]._replace(priority=None), rules[1]._replace(priority=None)]})
    work.unwire('w')
    assert work.content() == before


@pytest.mark.parametrize('gone', ['rule del from 10.1.1.0/24 table 100', 'link delete A', 'rule flush'])
def test_unwire_takes_away_what_is_left(work, gone):
    work.wire()
    work.ip(gone)
    work.unwire('w')
    assert not [line for line in work.rules(4) + work.rules(6) if 'lookup 100' in line or '70000' in line]
    assert work.folders() == []


def test_rules_go_also_when_the_other_ends_namespace_is_gone(work):
    before = work.rules(4), work.rules(6)
    work.wire()
    must(['ip', 'netns', 'delete', work.b])
    must(['ip', 'netns', 'add', work.b])
    assert work.state('w') == inventory.LOST
    work.unwire('w')
    assert (work.rules(4), work.rules(6)) == before


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_route_that_is_there_in_its_table_is_a_conflict_that_names_it(work, backend):
    for words in ('link add x type veth peer name y', 'address add 10.5.0.1/24 dev x', 'link set x up', 'link set y up',
                  'route add 10.9.0.0/16 dev x table 100 metric 5', 'route add 10.9.0.0/16 dev y metric 5'):
        work.ip(words)
    before = work.content()
    with pytest.raises(ConflictError) as caught:
        work.wire({'routes': [Route('10.9.0.0/16', metric=5, table=100)]}, backend=backend)
    assert 'it has one already, dev x' in caught.value.message
    assert work.content() == before and work.folders() == []
    work.wire({'routes': [Route('10.9.0.0/16', metric=6, table=100), Route('10.9.0.0/16', metric=5, table=101)]},
              backend=backend)
    work.unwire('w')
    assert work.content() == before


@pytest.mark.parametrize('backend', BACKENDS)
def test_a_displaced_route_comes_back_with_all_that_it_had(work, backend):
    for words in ('link add x type veth peer name y', 'address add 10.5.0.1/24 dev x', 'link set x up', 'link set y up',
                  'route add 10.9.0.0/16 via 10.5.0.2 dev x table 100 metric 5 mtu 1300 scope site src 10.5.0.1 '
                  'proto 9', 'route add 10.9.0.0/16 via 10.77.0.1 dev x onlink metric 5',
                  'route add 10.9.0.0/16 dev x metric 6'):
        work.ip(words)
    before = work.content()
    more = {'routes': [Route('10.9.0.0/16', metric=5, table=100), Route('10.9.0.0/16', metric=5)]}
    work.wire(more, backend=backend, replace=True)
    assert work.state('w') == inventory.WHOLE
    assert route_of(work, '10.9.0.0/16', 'table 100')['dev'] == 'A'
    work.unwire('w')
    assert work.content() == before


def test_a_backend_that_is_given_a_rule_twice_makes_it_once(work, spaces):
    opened = spaces.add(work.a)
    work.session.state.make()
    for name in BACKENDS:
        backend = work.session.backend(work.session.choose(name), {'a': opened}, 'w')
        for rule in (Rule(4, '10.0.0.0/8', table=100, priority=5), Rule(6, iif='A', table=100, priority=5)):
            step = op.AddRule('a', *rule)
            backend.apply((step,))
            with pytest.raises(ConflictError) as caught:
                backend.apply((step,))
            assert caught.value.message.startswith('add the rule %s to netns://%s: ' % (' '.join(rule.words()), work.a))
            backend.apply((step.undo(),))
            with pytest.raises(NetnsctlError) as caught:
                backend.apply((step.undo(),))
            assert caught.value.message.startswith('delete the rule ')
    assert len(work.rules(4)) == 3


def test_a_kernel_that_passes_over_oif_is_told_and_its_rule_for_every_link_is_not_left(work, spaces):
    """As 2.6.32: what it makes, and what it deletes, has no oif."""
    opened = spaces.add(work.a)
    before = work.rules(4)
    netlink = work.session.backend(work.session.choose('netlink'), {'a': opened}, 'w')
    step = op.AddRule('a', *Rule(4, '10.0.0.0/8', oif='A', table=100, priority=5))

    def send(operation):
        netlink._alone(type(operation)(**dict(operation.__dict__, oif=None)))
    with pytest.raises(NetnsctlError) as caught:
        rules_there.add(step, {'a': opened}, send)
    assert 'this kernel knows no oif in rules' in caught.value.message
    assert work.rules(4) == before


def test_a_kernel_that_passes_over_a_word_of_a_rule_is_told_with_the_word(work, spaces):
    """As 2.6.32 does with what came after it, and before 4.17 those with ports."""
    opened = spaces.add(work.a)
    before = work.rules(4)
    netlink = work.session.backend(work.session.choose('netlink'), {'a': opened}, 'w')
    step = op.AddRule('a', *parse_rule('table main ipproto tcp suppress_prefixlength 0 pref 5'.split()))

    def send(operation):
        netlink._alone(type(operation)(**dict(operation.__dict__, options=None)))
    with pytest.raises(NetnsctlError) as caught:
        rules_there.add(step, {'a': opened}, send)
    assert 'this kernel knows no ipproto in rules' in caught.value.message
    assert caught.value.hint.startswith('It came with Linux 4.17')
    assert work.rules(4) == before


def test_a_route_that_the_kernel_refuses_is_a_declared_error_and_nothing_is_left(work):
    before = work.content()
    for backend in BACKENDS:
        with pytest.raises(NetnsctlError):
            work.wire({'routes': [Route('10.9.0.0/16', src='10.99.0.1')], 'rules': RULES}, backend=backend)
        assert work.content() == before and work.folders() == []


def test_the_commands_of_a_dry_run_make_the_same_network(work):
    before = work.content()

    def dry_run():
        line = wires_file.WireLine(1, *(work.ends(FULL) + ('w', None)))
        return planning_only.commands(work.session, [line], Options(replace=True, check=False))[0]
    commands = dry_run()
    assert work.content() == before
    subprocess.check_call(['sh', '-e', '-c', '\n'.join(commands)], cwd='/')

    def made():
        return work.rules(4), work.rules(6), work.ip('route show table all'), work.ip('-6 route show table 100')
    by_hand = made()
    for words in ('link delete A', '-4 rule flush', '-6 rule flush'):
        work.ip(words)
    for family in ('-4', '-6'):
        for table, priority in (('main', 32766), ('default', 32767))[:2 if family == '-4' else 1]:
            run(['ip', '-n', work.a, family, 'rule', 'add', 'table', table, 'priority', str(priority)])
    work.wire()
    assert made() == by_hand
    # To replace a wire whose rules have priorities of their own: they are not in the way of themselves.
    work.wire(dict(FULL, routes=ROUTES[1:]), replace=True)
    commands = dry_run()
    assert len([line for line in commands if ' rule add ' in line]) == len(RULES)
    assert commands[0] == 'netnsctl unwire w'
