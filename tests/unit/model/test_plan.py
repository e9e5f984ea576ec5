"""From two ends to the operations of their wire, in an order in which each can be done, and to what takes it away."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model import endpoint, operations as op
from netnsctl.model import plan as planning
from netnsctl.model.route import Route
from netnsctl.model.rule import Rule
from support.new_links import add_bridge, add_veth, delete_bridge

M1, M2, M3 = '02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'


def end(ns, *addresses, **options):
    """An End of the plan: interface A in a, B elsewhere."""
    dev, mac = ('A', M1) if ns == 'a' else ('B', M2)
    return planning.End(ns, 'netns://' + ns, dev, mac, addresses=addresses, **options)


def shown(plan):
    """The plan as short text, one an operation."""
    lines = []
    for step in plan:
        record = step.record()
        words = [record.get(field) for field in step.fields if field not in ('mac', 'mtu', 'peer', 'kind')]
        words += step.peer[:2] if step.verb == 'add-link' and step.peer else ()
        lines.append(' '.join([step.verb] + ['%s' % word for word in words if word is not None]))
    return lines


def test_the_scenario_takes_one_pair_and_three_steps_an_end():
    a, b = end('a', '10.1.1.1/32'), end('b', '10.1.1.2/32')
    plan = planning.build(a, b)
    assert plan[0] == add_veth('a', 'A', M1, None, 'b', 'B', M2, None)
    assert shown(plan) == [
        'add-link a A b B',
        'add-address a A 10.1.1.1/32', 'set-up a A', 'add-route a A 10.1.1.2/32',
        'add-address b B 10.1.1.2/32', 'set-up b B', 'add-route b B 10.1.1.1/32']
    assert planning.undo(a, b, plan) == (plan[0].undo(),)


def test_one_network_needs_no_route():
    plan = planning.build(end('a', '10.1.1.1/24'), end('b', '10.1.1.2/24'))
    assert [step.verb for step in plan] == ['add-link', 'add-address', 'set-up', 'add-address', 'set-up']


def test_no_addresses_make_a_bare_pair():
    assert [step.verb for step in planning.build(end('a'), end('b'))] == ['add-link', 'set-up', 'set-up']


def test_mtu_and_mac_are_set_at_creation():
    plan = planning.build(end('a', mtu=1400), end('b', mtu=1300))
    assert plan[0] == add_veth('a', 'A', M1, 1400, 'b', 'B', M2, 1300)


def test_routes_come_before_the_gateway_and_after_the_link_is_up():
    plan = shown(planning.build(end('a', '10.1.1.1/32', gateways=['10.1.1.2'],
                                    routes=[('10.9.0.0/16', '10.1.1.2'), ('10.8.0.0/16', None)]),
                                end('b', '10.1.1.2/32')))
    assert [line for line in plan if line.split()[1] == 'a' and not line.startswith('add-link')] == [
        'add-address a A 10.1.1.1/32', 'set-up a A', 'add-route a A 10.1.1.2/32', 'add-route a A 10.8.0.0/16',
        'add-route a A 10.9.0.0/16 10.1.1.2', 'add-route a A 0.0.0.0/0 10.1.1.2']


def test_a_route_that_the_ends_need_anyway_is_made_once():
    plan = shown(planning.build(end('a', '10.1.1.1/32', routes=[('10.1.1.2/32', None)]), end('b', '10.1.1.2/32')))
    assert plan.count('add-route a A 10.1.1.2/32') == 1


def test_a_route_keeps_all_that_was_asked_of_it():
    asked = Route('10.9.0.0/16', '10.1.1.2', 5, '10.1.1.1', 'site', 100, True, 1400)
    plan = planning.build(end('a', '10.1.1.1/24', routes=[asked, Route('fd09::/16', mtu=1300)]),
                          end('b', '10.1.1.2/24'))
    assert op.AddRoute('a', 'A', '10.9.0.0/16', '10.1.1.2', 5, '10.1.1.1', None, 'site', 100, True, 1400) in plan
    assert op.AddRoute('a', 'A', 'fd09::/16', mtu=1300) in plan


def test_scope_is_of_the_ipv4_addresses():
    plan = planning.build(end('a', '10.1.1.1/24', '10.2.1.1/24', 'fd00::1/64', scope='link'), end('b', '10.1.1.2/24'))
    assert [step.scope for step in plan if step.verb == 'add-address'] == ['link', 'link', None, None]


def test_rules_come_last_and_are_taken_back_though_the_links_die():
    one, other = Rule(4, '10.0.0.0/8', table=100, priority=5), Rule(6, iif='B', table=7, priority=6)
    a, b = end('a', '10.1.1.1/24', rules=[one]), end('b', '10.1.1.2/24', 'fd00::1/64', gateways=['10.1.1.1'],
                                                     rules=[other])
    plan = planning.build(a, b)
    assert plan[-2:] == (op.AddRule('a', 4, '10.0.0.0/8', None, None, None, None, None, 100, 5),
                         op.AddRule('b', 6, None, None, 'B', None, None, None, 7, 6))
    assert planning.undo(a, b, plan) == (plan[-1].undo(), plan[-2].undo(), plan[0].undo())


def test_a_gateway_may_be_reached_by_a_route_of_the_same_link_or_be_said_to_be_on_it():
    routes = [Route('10.2.0.1/32'), Route('10.9.0.0/16', '10.2.0.1'), Route('0.0.0.0/0', '10.2.0.1', 5)]
    planning.validate(end('a', '10.1.1.1/24', routes=routes, gateways=['10.2.0.1']), end('b'))
    for given in (routes, routes[::-1]):  # in whatever order, as files name them
        a = end('a', '10.1.1.1/24', routes=given)
        planning.validate(a, end('b'))
        assert a.wanted_routes(end('b'))[0] == routes[0]
    planning.validate(end('a', '10.1.1.1/24', routes=[Route('10.9.0.0/16', '10.2.0.1', onlink=True)]), end('b'))


def test_ipv6_routes_come_once_both_ends_are_up_and_without_dad():
    plan = shown(planning.build(end('a', '10.1.1.1/24', 'fd00::1/128', gateways=['fd00::2']),
                                end('b', '10.1.1.2/24', 'fd00::2/128')))
    assert 'add-address a A fd00::1/128 True' in plan and 'add-address b B fd00::2/128 True' in plan
    up = max(plan.index('set-up a A'), plan.index('set-up b B'))
    routes = [line for line in plan if line.startswith('add-route')]
    assert sorted(routes) == ['add-route a A ::/0 fd00::2', 'add-route a A fd00::2/128', 'add-route b B fd00::1/128']
    assert min(plan.index(line) for line in routes) > up
    assert plan.index('add-route a A fd00::2/128') < plan.index('add-route a A ::/0 fd00::2')


def test_a_new_bridge_is_made_marked_and_taken_away():
    a, b = end('a', '10.1.1.1/24'), end('host', '10.1.1.254/24', bridge='br0')
    b.new_bridge, b.bridge_mac = True, M3
    plan = planning.build(a, b)
    assert plan[:2] == (add_bridge('host', 'br0', M3), op.SetAlias('host', 'br0', 'netnsctl'))
    assert shown(plan)[2:] == [
        'add-link a A host B', 'add-address a A 10.1.1.1/24', 'set-up a A',
        'ignore-advertisements host br0', 'set-master host B br0', 'add-address host br0 10.1.1.254/24',
        'set-up host B', 'set-up host br0']
    assert planning.undo(a, b, plan) == (plan[2].undo(),
                                         delete_bridge('host', 'br0', M3),
                                         # Of a bridge that others' ports keep.
                                         op.DeleteAddress('host', 'br0', '10.1.1.254/24', None, None))


def test_a_route_over_a_new_bridge_goes_before_it_and_after_the_link():
    a, b = end('a', '10.1.1.1/32', 'fd00::1/128'), end('host', '10.1.1.254/32', 'fd00::254/128', bridge='br0')
    b.new_bridge, b.bridge_mac = True, M3
    assert shown(planning.undo(a, b, planning.build(a, b))) == [
        'delete-link a A', 'delete-route host br0 fd00::1/128', 'delete-route host br0 10.1.1.1/32',
        'delete-link host br0', 'delete-address host br0 10.1.1.254/32', 'delete-address host br0 fd00::254/128']


def test_another_wires_bridge_goes_with_its_last_wire_and_keeps_its_addresses_until_then():
    a, b = end('a', '10.1.1.1/24'), end('host', '10.1.1.254/24', '10.1.1.253/24', bridge='br0')
    b.own_bridge, b.present = True, ('10.1.1.254/24',)
    plan = planning.build(a, b)
    assert 'add-address host br0 10.1.1.254/24' not in shown(plan)
    assert 'add-address host br0 10.1.1.253/24' in shown(plan)
    assert [step.kind for step in plan if step.verb == 'add-link'] == ['veth']
    assert not [step for step in plan if step.verb == 'set-alias']
    # A bridge that stays for somebody's route keeps the addresses that this needs.
    assert [step.verb for step in planning.undo(a, b, plan)] == ['delete-link', 'delete-link', 'delete-address']
    assert planning.undo(a, b, plan)[1] == delete_bridge('host', 'br0', None)


def test_a_foreign_bridge_stays_and_only_what_was_put_on_it_goes():
    a, b = end('a', '10.1.1.1/24'), end('host', '10.1.1.254/24', bridge='br0')
    plan = planning.build(a, b)
    assert 'set-up host br0' not in shown(plan)
    assert [step.verb for step in planning.undo(a, b, plan)] == ['delete-address', 'delete-link']


@pytest.mark.parametrize('is_first_port, verbs', [
    (False, ['set-mac', 'set-master']), (True, ['set-master', 'set-mac'])])
def test_a_bridge_that_never_had_a_port_keeps_its_mac_address_once_it_has_one(is_first_port, verbs):
    b = end('host', bridge='br0')
    b.keep_mac, b.is_first_port = M1, is_first_port
    assert [step.verb for step in planning.build(end('a'), b) if step.verb in verbs] == verbs


def test_ipv6_beside_a_bridge_waits_for_dad():
    # Others are plugged in there, and may hold the address.
    plan = planning.build(end('a', 'fd00::1/64'), end('host', bridge='br0'))
    step, = [step for step in plan if step.verb == 'add-address']
    assert step.address == 'fd00::1/64' and not step.nodad


def test_displaced_routes_go_first_and_come_back_last():
    a, b = end('a', '10.1.1.1/32'), end('b', '10.1.1.2/32')
    old = op.AddRoute('a', 'x', '10.1.1.2/32', '10.7.0.1', 5, '10.7.0.2', 3)
    a.displaced = (old,)
    plan = planning.build(a, b)
    assert plan[0] == old.undo() and plan[1].verb == 'add-link'
    assert planning.undo(a, b, plan) == (plan[1].undo(), old)


@pytest.mark.parametrize('a,b,words', [
    (end('a', '10.1.1.1/24'), end('b', '10.1.1.1/24'), '10.1.1.1 is given at both ends'),
    (end('a', '10.1.1.1/24'), end('b', '10.2.2.2/24'), 'netns://a: 10.1.1.1/24 shares no network with 10.2.2.2'),
    (end('a'), end('b', gateways=['10.2.0.1']),
     'netns://b: the gateway 10.2.0.1 cannot be used: the end has no IPv4 address'),
    (end('a', '10.1.1.1/24', gateways=['10.1.1.1']), end('b'), 'the gateway 10.1.1.1 is the end\'s own address'),
    (end('a', '10.1.1.1/24', gateways=['10.1.1.2'], routes=[('0.0.0.0/0', '10.1.1.3')]), end('b'),
     'netns://a: the route 0.0.0.0/0 via 10.1.1.2 clashes with the route 0.0.0.0/0 via 10.1.1.3'),
    (end('a', 'fd00::1/64', gateways=['fd00::2'], routes=[Route('::/0', 'fd00::3', 1024)]), end('b'),
     'netns://a: the route ::/0 via fd00::2 clashes with the route ::/0 via fd00::3 metric 1024'),
    (end('a', '10.1.1.1/24', routes=[('10.9.0.0/16', '10.1.1.2'), ('10.9.0.0/16', '10.1.1.3')]), end('b'),
     'netns://a: the route 10.9.0.0/16 via 10.1.1.3 clashes with the route 10.9.0.0/16 via 10.1.1.2'),
    (end('a', '10.1.1.1/24', routes=[('10.1.1.0/24', '10.1.1.2')]), end('b'),
     'netns://a: the route 10.1.1.0/24 via 10.1.1.2 clashes with that of the address 10.1.1.1/24'),
    (end('a', '10.1.1.1/24', routes=[('10.9.0.0/16', '10.3.0.1')]), end('b'),
     'the gateway of route 10.9.0.0/16 10.3.0.1'),
    (end('a', 'fd00::1/64', mtu=1279), end('b'), 'netns://a: mtu 1279: IPv6 needs an MTU of at least 1280'),
    (end('a', '10.1.1.1/24', routes=[Route('10.2.0.1/32', table=5), Route('10.9.0.0/16', '10.2.0.1')]), end('b'),
     'the gateway of route 10.9.0.0/16 10.2.0.1'),
    (end('a', '10.1.1.1/24', routes=[Route('10.9.0.0/16', metric=-1)]), end('b'), 'metric is not from 1 to'),
    (end('a', rules=[Rule(4, 'fd00::/16')]), end('b'), 'fd00::/16 is of another family'),
    (end('a', rules=[Rule(4, '10.0.0.0/8')] * 2), end('b'),
     'netns://a: the rule from 10.0.0.0/8 table 254 is given twice'),
    (end('a', scope='nonsense'), end('b'), 'scope nonsense: not one of global host link nowhere site'),
    (end('a'), end('host', '10.1.1.1/24', gateways=['10.1.1.2'], bridge='br0'),
     'netns://host: gw= and route= belong'),
    (end('host', bridge='br0'), end('host', bridge='br0'), 'both ends are the same bridge'),
])
def test_ends_that_make_no_working_wire_are_refused(a, b, words):
    with pytest.raises(UsageError) as caught:
        planning.validate(a, b)
    assert words in caught.value.message


@pytest.mark.parametrize('routes', [
    [Route('10.9.0.0/16', '10.1.1.2'), Route('10.9.0.0/16', '10.1.1.3', 5)],
    [Route('10.9.0.0/16', '10.1.1.2'), Route('10.9.0.0/16', '10.1.1.3', table=100)],
    [Route('10.1.1.0/24', '10.1.1.2', 7)], [Route('10.1.1.2/32', '10.1.1.3')], [Route('10.1.0.0/16', '10.1.1.3')]])
def test_routes_that_the_kernel_tells_apart_are_no_clash(routes):
    planning.validate(end('a', '10.1.1.1/24', routes=routes), end('b', '10.1.1.2/32'))


def test_a_route_to_the_peer_that_was_asked_for_takes_the_place_of_the_one_that_goes_without_saying():
    asked = Route('10.1.1.2/32', '10.1.1.3')
    assert end('a', '10.1.1.1/32', routes=[Route('10.1.1.3/32'), asked]).wanted_routes(
        end('b', '10.1.1.2/32')) == [Route('10.1.1.3/32'), asked]


def test_a_gateway_off_the_link_is_taken_to_be_on_it():
    a, b = end('a', '10.1.1.1/32', 'fd00::1/128', gateways=['10.9.9.9', 'fd09::9']), end('host', bridge='br0')
    assert a.off_link(b) == ['10.9.9.9', 'fd09::9']
    assert a.wanted_routes(b) == [Route('0.0.0.0/0', '10.9.9.9', onlink=True), Route('fd09::9/128'),
                                  Route('::/0', 'fd09::9')]
    reached = end('a', '10.1.1.1/32', gateways=['10.9.9.9'], routes=[Route('10.9.9.0/24')])
    assert reached.off_link(b) == []
    assert reached.wanted_routes(b) == [Route('10.9.9.0/24'), Route('0.0.0.0/0', '10.9.9.9')]


def test_a_default_route_with_a_metric_by_a_gateway_off_the_link_is_onlink_too():
    a = end('a', '10.1.1.1/32', 'fd00::1/128',
            routes=[Route('0.0.0.0/0', '10.9.9.9', 50), Route('::/0', 'fd09::9', 50)])
    b = end('host', bridge='br0')
    planning.validate(a, b)
    assert a.wanted_routes(b) == [Route('0.0.0.0/0', '10.9.9.9', 50, onlink=True), Route('fd09::9/128'),
                                  Route('::/0', 'fd09::9', 50)]


def test_the_smallest_ipv6_mtu_is_taken():
    planning.validate(end('a', 'fd00::1/64', mtu=1280), end('b', 'fd00::2/64', mtu=1280))


def test_an_end_of_an_endpoint_has_all_that_was_asked_for_and_what_was_decided():
    asked = endpoint.parse('web:e0=10.1.1.1/24,gw=10.1.1.2,mtu=1400,route=10.9.0.0/16,ipv6')
    asked.rules, asked.scope = (Rule(4, '10.1.1.0/24', table=7),), 'link'
    made = planning.End.of(asked, 'a', endpoint.Target('docker', 'web'), mac='02:00:00:00:00:01')
    assert (made.ns, made.label, made.dev, made.mac, made.mtu, made.bridge, made.ipv6) == (
        'a', 'docker://web', 'e0', '02:00:00:00:00:01', 1400, None, True)
    for key in ('addresses', 'gateways', 'routes', 'rules', 'scope'):
        assert getattr(made, key) == getattr(asked, key)
    bridge = planning.End.of(endpoint.parse('bridge://br0=10.0.0.1/24,mac=02:00:00:00:00:02'))
    assert (bridge.label, bridge.bridge, bridge.address_dev, bridge.mac) == (
        'bridge://br0', 'br0', 'br0', '02:00:00:00:00:02')
