"""The rule or the route of any table that keeps an echo from its way is named, with the command that mends it."""
from __future__ import absolute_import, division, print_function

import pytest

from support.lab import HOST_ROUTES, V4, V6, check, only_cause, run


@pytest.mark.parametrize('version,addresses,target', [('', V4, '10.1.1.2/32'), ('-6 ', V6, 'fd00::2/128')])
@pytest.mark.parametrize('rule', ['', 'from all table 100 pref 50', 'to %s table 100 pref 50'])
@pytest.mark.parametrize('kind', ['prohibit', 'unreachable', 'blackhole'])
def test_a_route_that_forbids_is_named_with_its_rule_and_the_command_mends_it(lab, version, addresses, target, rule,
                                                                              kind):
    a, b = lab.pair(addresses)
    lab.go(a.netns.name, 'ip %sroute add %s %s%s', version, kind, target, ' table 100' if rule else '')
    if rule:
        lab.go(a.netns.name, 'ip %srule add %s', version, rule.replace('%s', target))
    cause = only_cause(check(a, b))
    assert cause.code == 'route-forbids'
    assert 'the route %s %s' % (kind, target) in cause.text
    assert 'which rule %d leads to' % (50 if rule else 32766) in cause.text
    run(cause.hint)
    assert check(a, b).ok


def test_a_route_that_forbids_only_the_answer_is_named(lab):
    """An echo is bound to its link and leaves by it; the kernel's own answer goes by the rules."""
    a, b = lab.pair(V6)
    lab.go(a.netns.name, 'ip -6 route add prohibit fd00::2/128 table 100')
    lab.go(a.netns.name, 'ip -6 rule add oif A table 100 pref 50')
    cause = only_cause(check(a, b))
    assert cause.code == 'route-forbids' and a.label in cause.text and 'which rule 50 leads to' in cause.text
    run(cause.hint)
    assert check(a, b).ok


@pytest.mark.parametrize('rule', ['from 10.99.0.0/16 prohibit pref 50', 'fwmark 1 prohibit pref 50',
                                  'iif A prohibit pref 50', 'ipproto tcp prohibit pref 50', 'from all goto 70 pref 50'])
def test_a_rule_that_is_not_for_the_echo_is_not_blamed(lab, rule):
    a, b = lab.pair(V4)
    lab.go(a.netns.name, 'ip rule add %s', rule)
    lab.go(a.netns.name, 'ip rule add prohibit pref 60')
    if 'goto' in rule:
        lab.go(a.netns.name, 'ip rule add nop pref 70')
        assert check(a, b).ok
        lab.go(a.netns.name, 'ip rule add not from 10.99.0.0/16 prohibit pref 60')
        lab.go(a.netns.name, 'ip rule del pref 50')
        lab.go(a.netns.name, 'ip rule del pref 60')
    cause = only_cause(check(a, b))
    assert cause.code == 'rule-forbids' and 'rule 60 (' in cause.text
    run(cause.hint)
    assert check(a, b).ok


@pytest.mark.parametrize('version,addresses', [('', V4), ('-6 ', V6)])
@pytest.mark.parametrize('priority', [0, 32766])
@pytest.mark.parametrize('way', [0, 1])
def test_a_rule_of_the_kernel_that_is_gone_is_named_and_the_command_mends_it(lab, version, addresses, priority, way):
    pair = lab.pair(addresses)
    # Without a rule of others IPv6 looks at no rule at all, not even whether it is there (fib6_has_custom_rules).
    lab.go(pair[way].netns.name, 'ip %srule add nop pref 7', version)
    lab.go(pair[way].netns.name, 'ip %srule del pref %d', version, priority)
    cause = only_cause(check(*pair))
    assert cause.code == 'rule-missing'
    assert pair[way].label in cause.text and 'rule %d of IPv%s' % (priority, '6' if version else '4') in cause.text
    run(cause.hint)
    assert check(*pair).ok


def test_the_rule_to_the_table_default_is_named_where_only_that_has_the_route(lab):
    a, b = lab.pair(HOST_ROUTES)
    lab.go(a.netns.name, 'ip route del 10.1.1.2/32')
    lab.go(a.netns.name, 'ip route add 10.1.1.2/32 dev A table default')
    # Where all rules are its own, Linux 7.2 looks into the tables without them, also once that one is deleted.
    lab.go(a.netns.name, 'ip rule add fwmark 7 table 77')
    assert check(a, b).ok
    lab.go(a.netns.name, 'ip rule del pref 32767')
    cause = only_cause(check(a, b))
    assert cause.code == 'rule-missing' and 'rule 32767 of IPv4' in cause.text
    run(cause.hint)
    assert check(a, b).ok


@pytest.mark.parametrize('rule,route,told', [
    ('fwmark 1 table 100 pref 50', '10.1.1.2/32 dev A table 100', 'rule 50 (fwmark 0x1 table 100) does not match such'),
    ('table 100 suppress_prefixlength 0 pref 50', 'default dev A table 100',
     'rule 50 (suppress_prefixlength 0 table 100) skips it'),
    ('from 10.1.1.1 table 100 pref 50', '10.99.0.0/16 dev A table 100',
     'table 100, which rule 50 (from 10.1.1.1/32 table 100) leads to, has none')])
def test_a_rule_that_leads_past_the_route_is_told_with_it(lab, rule, route, told):
    a, b = lab.pair(HOST_ROUTES)
    lab.go(a.netns.name, 'ip route del 10.1.1.2/32')
    lab.go(a.netns.name, 'ip route add %s', route)
    lab.go(a.netns.name, 'ip rule add %s', rule)
    cause = only_cause(check(a, b))
    assert cause.code == 'no-route' and told in cause.text
    run(cause.hint)
    assert check(a, b).ok


def test_a_route_by_another_link_in_a_table_of_a_rule_is_mended_there(lab):
    a, b = lab.pair(V4)
    lab.away(a.netns.name)
    lab.give(a.netns.name, 'away', [])
    lab.go(a.netns.name, 'ip route add 10.1.1.0/24 dev away table 100')
    lab.go(a.netns.name, 'ip rule add from 10.1.1.1 table 100 pref 50')
    cause = only_cause(check(a, b))
    assert cause.code == 'route-by-another-link' and 'in table 100, which rule 50 leads to' in cause.text
    run(cause.hint)
    assert check(a, b).ok
