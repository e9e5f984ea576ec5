# -*- coding: utf-8 -*-
"""Records of wires: what was asked, and how a request differs from what stands."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.compat import native_tree
from netnsctl.model import endpoint
from netnsctl.model import plan as planning
from netnsctl.model.route import Route
from netnsctl.model.rule import Rule
from netnsctl.usecases.recorded import comparing, existing, records


class Opened(object):
    """A namespace as far as a record is concerned: identity()."""

    def identity(self):
        return {'path': '/var/run/netns/x', 'label': 'x', 'name': 'x', 'pid': None, 'start': None, 'dev': 4, 'ino': 1,
                'cookie': 7}


def record_of(a, b, name='w'):
    """The record of a wire between two Endpoints, or text of such, through JSON as from the disk."""
    asked = [endpoint.parse(item) if isinstance(item, str) else item for item in (a, b)]
    ends = [planning.End(ns, str(item.target), item.ifname or 'eth0', '02:00:00:00:00:0%d' % at, item.mtu,
                         item.addresses, item.gateways, item.routes, None, item.rules, item.scope)
            for at, (ns, item) in enumerate(zip('ab', asked), 1)]
    plan = planning.build(*ends)
    targets = [item.target for item in asked]
    made = records.make_record(name, 'netlink', {'a': Opened(), 'b': Opened()}, zip(targets, asked, ends), plan,
                               planning.undo(ends[0], ends[1], plan))
    return records.Record(native_tree(json.loads(json.dumps(made.data))))


A, B = 'netns://a:A=10.1.1.1/24,10.2.0.1/24,mtu=1400', 'netns://b:B=10.1.1.2/24'


def test_what_is_recorded_gives_the_operations_back():
    record = record_of(A, B)
    assert [step.verb for step in record.plan_operations()] == ['add-link', 'add-address', 'add-address',
                                                                       'set-up',
                                                                       'add-address', 'set-up']
    assert [step.verb for step in record.undo_operations()] == ['delete-link']
    assert [end.place for end in record.ends] == ['netns://a:A', 'netns://b:B']


def test_an_end_by_dhcp_is_known_by_the_file_of_its_client_in_old_records_too():
    record = record_of('netns://a:A=dhcp', B)
    assert not any(end.dhcp for end in record.ends)  # it has no client yet
    record = record.with_changes(dhcp=['/run/netnsctl/dhcp/w.0.pid', None])
    assert [end.dhcp for end in record.ends] == [True, False]
    assert str(record.ends[0].asked_endpoint()) == 'netns://a:A=dhcp'
    assert comparing.differences(record.ends, [endpoint.parse('a:A=dhcp'), endpoint.parse(B)]) == []
    assert comparing.differences(record.ends, [endpoint.parse('a:A'), endpoint.parse(B)]) == [
        'netns://a:A: dhcp yes, asked for no']
    assert 'dhcp' not in record.data['ends'][0]['asked']


def test_records_differ_in_their_ids():
    assert record_of(A, B).id != record_of(A, B).id


def test_the_same_request_does_not_differ_whatever_its_order():
    record = record_of(A, B)
    for text in (A, 'netns://a:A=10.2.0.1/24,mtu=1400,10.1.1.1/24', 'netns://a=10.2.0.1/24,mtu=1400,10.1.1.1/24'):
        assert comparing.differences(record.ends, [endpoint.parse(text), endpoint.parse(B)]) == []


@pytest.mark.parametrize('text,difference', [
    ('netns://a:A=10.1.1.1/24,mtu=1400', 'netns://a:A: addresses 10.1.1.1/24, 10.2.0.1/24, asked for 10.1.1.1/24'),
    ('netns://a:A=10.1.1.1/24,10.2.0.1/24', 'netns://a:A: mtu 1400, asked for none'),
    (A + ',gw=10.1.1.2', 'netns://a:A: gateways none, asked for 10.1.1.2'),
    (A + ',route=10.9.0.0/16@10.1.1.2', 'netns://a:A: routes none, asked for 10.9.0.0/16@10.1.1.2'),
    (A + ',mac=02:00:00:00:00:09', 'netns://a:A: mac none, asked for 02:00:00:00:00:09'),
    (A.replace(':A=', ':C='), 'netns://a:A: ifname A, asked for C'),
])
def test_a_request_that_differs_is_told_by_what(text, difference):
    record = record_of(A, B)
    assert comparing.differences(record.ends, [endpoint.parse(text), endpoint.parse(B)]) == [difference]


def test_a_request_without_addresses_is_one_for_a_pair_from_the_pool():
    record = record_of(A, B)
    found = comparing.differences(record.ends, [endpoint.parse('netns://a:A=mtu=1400'), endpoint.parse('netns://b:B')])
    assert found[0] == 'netns://a:A: addresses 10.1.1.1/24, 10.2.0.1/24, asked for a pair from the pool'
    found = comparing.differences(record.ends, [endpoint.parse('netns://a:A=mtu=1400'), endpoint.parse('bridge://br0')])
    assert found[0].endswith('asked for none')


def test_what_a_request_leaves_open_may_be_anything():
    made = record_of('netns://a:A=10.1.1.1/24,mac=02:00:00:00:00:09', B)
    assert comparing.differences(made.ends, [endpoint.parse('netns://a:A=10.1.1.1/24'), endpoint.parse(B)]) == []
    asked = [endpoint.parse('netns://a'), endpoint.parse('netns://b')]
    # What the tree says of a wire, a pair of the pool too, was not asked for by hand.
    assert comparing.differences(made.ends, asked, from_tree=True) == []
    assert [text.partition(',')[0] for text in comparing.differences(made.ends, asked)] == [
        'netns://a:A: addresses 10.1.1.1/24', 'netns://b:B: addresses 10.1.1.2/24']
    asked[1].addresses = ('10.9.9.9/24',)
    assert len(comparing.differences(made.ends, asked, from_tree=True)) == 2


@pytest.mark.parametrize('name,is_default', [('a:A-b:B', True), ('b:B-a:A', True), ('w', False), ('a-b', False)])
def test_a_name_that_was_made_of_the_ends_is_known_from_one_that_was_given(name, is_default):
    assert record_of(A, B, name).has_default_name() == is_default


def test_addresses_of_a_bridge_that_netnsctl_put_there():
    end = planning.End('host', 'bridge://br0', 'p', '02:00:00:00:00:02', None, ['10.0.0.1/24', '10.7.0.1/24'],
                       bridge='br0')
    end.present, end.shared = ('10.7.0.1/24', '10.0.0.1/24'), ('10.0.0.1/24',)
    assert end.own_addresses == ('10.0.0.1/24',)
    other = planning.End('a', 'netns://a', 'e', '02:00:00:00:00:01', None, ['10.0.0.2/24', '10.7.0.2/24'])
    undo = planning.undo(other, end, planning.build(other, end))
    assert [(step.verb, getattr(step, 'address', None)) for step in undo] == [
        ('delete-link', None), ('delete-address', '10.0.0.1/24')]
    # As an earlier netnsctl recorded it.
    record = records.Record({'plan': [{'verb': 'add-address', 'dev': 'br0', 'address': '10.0.0.1/24'}],
                             'ends': [{'bridge': 'br0'}, {'bridge': None}]})
    assert [record.own_addresses(end) for end in record.ends] == [['10.0.0.1/24'], []]


def test_routes_with_and_without_a_gateway_to_one_destination_can_be_recorded():
    text = 'netns://a:A=10.1.1.1/24,route=10.9.0.0/16,route=10.9.0.0/16@10.1.1.2'
    asked = records.asked_of(endpoint.parse(text))
    assert sorted(asked['routes'], key=str) == [['10.9.0.0/16', '10.1.1.2'], ['10.9.0.0/16', None]]


def full(**more):
    """An Endpoint a:A with all that a file can ask for."""
    options = dict({'routes': [Route('10.9.0.0/16', '10.1.1.2', 5, onlink=True), Route('10.8.0.0/16'),
                               Route('10.9.0.0/16', metric=7, mtu=1400)],
                    'rules': [Rule(4, '10.1.1.0/24', table=100), Rule(6, iif='A', table=7, priority=4)],
                    'scope': 'link'}, **more)
    return endpoint.Endpoint(endpoint.Target('netns', 'a'), 'A', ['10.1.1.1/24'], **options)


def test_routes_rules_and_scope_do_not_differ_after_a_round_through_the_journal_in_any_order():
    record = record_of(full(), B)
    again = full(routes=full().routes[::-1], rules=full().rules[::-1])
    for asked in (full(), again):
        assert comparing.differences(record.ends, [asked, endpoint.parse(B)]) == []
    assert [Route(*data) for data in record.ends[0].routes] == list(full().routes)
    assert [Rule(*data) for data in record.ends[0].rules] == list(full().rules)


@pytest.mark.parametrize('more,difference', [
    ({'routes': [Route('10.8.0.0/16')]}, 'routes 10.8.0.0/16, 10.9.0.0/16 metric 7 mtu 1400, 10.9.0.0/16 via 10.1.1.2 '
                                         'metric 5 onlink, asked for 10.8.0.0/16'),
    ({'rules': [Rule(4, '10.1.1.0/24', table=100)]},
     'rules from 10.1.1.0/24 table 100, from all iif A table 7 priority 4, asked for from 10.1.1.0/24 table 100'),
    ({'scope': None}, 'scope link, asked for none'),
])
def test_other_routes_rules_or_scope_are_told(more, difference):
    record = record_of(full(), B)
    assert comparing.differences(record.ends, [full(**more), endpoint.parse(B)]) == ['netns://a:A: ' + difference]


def test_a_record_of_an_earlier_netnsctl_is_the_same_wire():
    text = 'netns://a:A=10.1.1.1/24,route=10.9.0.0/16@10.1.1.2'
    record = record_of(text, B)
    for end in record.ends:
        del end.data['rules'], end.data['scope'], end.data['asked']['rules'], end.data['asked']['scope']
    assert record.ends[0].asked('routes') == [['10.9.0.0/16', '10.1.1.2']]
    asked = endpoint.parse(text)
    assert comparing.differences(record.ends, [asked, endpoint.parse(B)]) == []
    asked.scope = 'link'
    assert comparing.differences(record.ends, [asked, endpoint.parse(B)]) == [
        'netns://a:A: scope none, asked for link']
    assert record.plan == record_of(text, B).plan


def test_a_wire_is_found_by_its_ends_in_either_order():
    record = record_of(A, B)
    first, second = record.ends
    for one, other, ends in (('netns://a:A', 'netns://b:B', (first, second)),
                             ('netns://b', 'netns://a', (second, first)),
                             ('a', 'b:B', (first, second)), ('b:B', 'a:A', (second, first)),
                             ('netns://a:B', 'netns://b', None),
                             ('docker://a', 'netns://b', None), ('a', 'a', None), ('a', 'c', None)):
        assert existing.by_text(record, endpoint.parse(one), endpoint.parse(other)) == ends
