"""Rules and routes of others, and kernels that refuse or pass over one of a wire."""
from __future__ import absolute_import, division, print_function

import subprocess

import pytest

from support.work import BACKENDS
from netnsctl.errors import ConflictError, NetnsctlError, UsageError
from netnsctl.execution.backends import rules_there
from netnsctl.model import wires_file
from netnsctl.model import operations as op
from netnsctl.model.route import Route
from netnsctl.model.routing import parse_rule
from netnsctl.model.rule import Rule
from netnsctl.usecases.recorded import inventory
from netnsctl.usecases.wires import dry_run
from netnsctl.usecases.wires.wiring import Options
from support.core import Spaces
from support.process import must, run
from support.routed import FULL, ROUTES, RULES, route_of


@pytest.fixture
def spaces():
    made = Spaces()
    yield made
    made.close()


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
    assert 'the rule from ' in caught.value.message and 'there already is one' in caught.value.message
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
    assert 'this kernel does not support oif in rules' in caught.value.message
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
    assert 'this kernel does not support ipproto in rules' in caught.value.message
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

    def previewed():
        line = wires_file.WireLine(1, *(work.ends(FULL) + ('w', None)))
        return dry_run.plan_lines(work.session, [line], Options(replace=True, check=False))[0][0].commands
    commands = previewed()
    assert work.content() == before
    subprocess.check_call(['sh', '-e', '-c', '\n'.join(commands)], cwd='/')

    def made():
        shown = [work.ip(words) for words in ('route show table all', '-6 route show table 100')]
        # A link that has just come up has no carrier for a moment.
        return work.rules(4), work.rules(6), [text.replace('linkdown ', '') for text in shown]
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
    commands = previewed()
    assert len([line for line in commands if ' rule add ' in line]) == len(RULES)
    assert commands[0] == 'netnsctl unwire w'
