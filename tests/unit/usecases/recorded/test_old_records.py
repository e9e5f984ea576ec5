"""Records as they stand on disk, of this netnsctl and of earlier ones: each is read, and none is written otherwise.

records/first: what the first netnsctl wrote. rules: with rules and scope, and no own_addresses. verbs: with all, and a
verb for each kind of link that is made. today: links by add-link.
"""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.execution.state import as_json
from netnsctl.model import endpoint
from netnsctl.usecases.recorded import comparing, records, whole
from support.program import TOP

FOLDER = os.path.join(TOP, 'tests', 'records')
PLAIN = ['netns://a:A=10.1.1.1/24,gw=10.1.1.2,mac=02:00:00:00:00:0a,mtu=1400,route=10.9.0.0/16@10.1.1.2',
         'netns://b:B=10.1.1.2/24']
FORMS = ['first', 'rules', 'verbs', 'today']


def text_of(form, name):
    with open(os.path.join(FOLDER, form, name + '.json'), 'rb') as source:
        return source.read()


def record_of(form, name):
    return records.Record(as_json(text_of(form, name)))


def shape(value):
    """The keys of a document, and of what is in it."""
    if isinstance(value, dict):
        return dict((key, shape(item)) for key, item in value.items())
    return [shape(item) for item in value] if isinstance(value, list) else None


@pytest.mark.parametrize('form', FORMS)
def test_a_plain_wire_is_the_one_that_was_asked_for(form):
    record = record_of(form, 'plain')
    assert [str(end.asked_endpoint()) for end in record.ends] == PLAIN
    assert comparing.differences(record.ends, [endpoint.parse(text) for text in PLAIN]) == []
    assert [end.place for end in record.ends] == ['netns://a:A', 'netns://b:B']
    assert [(list(end.rules), end.scope) for end in record.ends] == [([], None)] * 2
    assert (record.name, record.backend, record.replaces, record.group) == ('plain', 'iproute', None, None)
    assert (record.tree, record.dhcp) == (None, ())
    assert [record.identity(end)['label'] for end in record.ends] == ['netns://a', 'netns://b']
    whole.require(record.data)


@pytest.mark.parametrize('form', FORMS)
def test_its_operations_and_its_undo_list_come_back(form):
    record = record_of(form, 'plain')
    assert [step.verb for step in record.plan_operations()] == [
        'add-link', 'add-address', 'set-up', 'add-route', 'add-route', 'add-address', 'set-up']
    undo, = record.undo_operations()
    assert (undo.verb, undo.mac) == ('delete-link', '02:00:00:00:00:0a')
    assert (undo.index, undo.peer_index) == tuple(end.index for end in record.ends)


@pytest.mark.parametrize('form', FORMS)
def test_the_addresses_of_a_bridge_are_those_that_the_wire_put_there(form):
    made, joined = record_of(form, 'c-br0'), record_of(form, 'a-br0')
    assert [end.bridge for end in made.ends] == [None, 'br0'] and made.ends[1].own_bridge
    assert made.own_addresses(made.ends[1]) == ['10.0.0.1/24'] and made.own_addresses(made.ends[0]) == []
    # Before it was written down, only the wire that had put an address there took it away.
    assert joined.own_addresses(joined.ends[1]) == (['10.0.0.1/24'] if form in ('verbs', 'today') else [])
    assert made.undo_operations()[-1].verb in ('delete-link', 'delete-address')


def test_rules_scope_and_routes_with_attributes_are_what_the_tree_asked_for():
    record = record_of('today', 'ruled')
    asked = record.ends[0].asked_endpoint()
    assert [' '.join(rule.words()) for rule in asked.rules] == ['from 10.5.0.0/24 table 100']
    assert asked.scope == 'link' and [' '.join(route.words()) for route in asked.routes] == [
        '10.8.0.0/16 via 10.5.0.2 metric 5 table 100']
    assert record.tree and record.ends[0].rules[0] != record.ends[0].asked('rules')[0]
    assert str(record.ends[0].made_endpoint()).startswith('netns://d:eth5=10.5.0.1/24,mac=02:')


@pytest.mark.parametrize('form,name', [(form, name[:-len('.json')]) for form in FORMS
                                       for name in sorted(os.listdir(os.path.join(FOLDER, form)))])
def test_a_record_that_was_only_read_is_written_as_it_was(form, name):
    record = record_of(form, name)
    for end in record.ends:
        end.asked_endpoint(), end.made_endpoint()
    record.plan_operations(), record.undo_operations()
    # Parsed and dumped by the same Python: 2.6 gives floats more digits.
    as_it_was = json.loads(text_of(form, name).decode('utf-8'))
    assert json.dumps(record.data, sort_keys=True) == json.dumps(as_it_was, sort_keys=True)


def test_what_is_written_today_has_the_fields_of_today():
    class Opened(object):
        def identity(self):
            return record_of('today', 'plain').netns['a']

    from netnsctl.model import plan
    asked = [endpoint.parse(text) for text in PLAIN]
    ends = [plan.End(ns, str(item.target), item.ifname, item.mac or '02:00:00:00:00:0b', item.mtu, item.addresses,
                     item.gateways, item.routes) for ns, item in zip('ab', asked)]
    steps = plan.build(*ends)
    made = records.make_record('plain', 'iproute', {'a': Opened(), 'b': Opened()},
                               zip([item.target for item in asked], asked, ends), steps,
                               plan.undo(ends[0], ends[1], steps))
    before = json.loads(text_of('today', 'plain').decode('utf-8'))
    before['netns'].pop('host', None)
    assert shape(json.loads(json.dumps(made.data))) == shape(before)


@pytest.mark.parametrize('ends', [None, [], [{}], [{}, {}, {}], ['a', 'b'], {'a': {}}])
def test_what_has_not_two_ends_is_no_record(ends):
    with pytest.raises(TypeError):
        records.Record({'ends': ends})
    with pytest.raises(KeyError):
        records.Record({})


def test_a_change_is_another_record_of_the_same_ends():
    record = record_of('today', 'plain')
    pending = record.with_changes(name='new', undo=[], replaces=record)
    assert (pending.name, pending.replaces.name, record.name, record.replaces) == ('new', 'plain', 'plain', None)
    pending.ends[0].index = 99
    assert record.ends[0].index == 99 and pending.undo_operations() == ()
