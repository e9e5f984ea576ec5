"""Operations: values with inverses that outlive a round through the journal."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.compat import native_tree
from netnsctl.model import operations as op
from netnsctl.model.links import veth as veth_kind
from support.new_links import add_bridge, add_veth

VALUES = {'ns': 'a', 'to_ns': 'b', 'dev': 'A', 'to_dev': 'C', 'mac': '02:00:00:00:00:01', 'mtu': 1400, 'kind': 'veth',
          'anchor': None, 'data': (('mode', 'bridge'),), 'peer': op.Peer('b', 'B', '02:00:00:00:00:02', None),
          'name': 'netnsctl-1-a', 'path': '/proc/1/fd/4', 'index': 7, 'peer_index': 8, 'node': 281474976710699,
          'peer_node': 281474976710700, 'was': ('host', 'nw0'), 'remote': '192.0.2.3',
          'alias': 'netnsctl', 'master': 'br0', 'address': '10.1.1.1/32', 'nodad': None, 'dst': '10.1.1.2/32',
          'via': None,
          'metric': 5, 'src': '10.1.1.1', 'protocol': 2, 'scope': 'link', 'table': 100, 'onlink': True,
          'family': 4, 'from_': '10.0.0.0/8', 'to': None, 'iif': 'A', 'oif': None, 'fwmark': 1, 'fwmask': 255,
          'priority': 1000, 'type': None, 'tos': 16, 'realms': 7, 'options': 'initcwnd 10 mtu lock 1400',
          'words': 'rate 10mbit burst 31250b limit 93750b', 'handle': '1:', 'parent': None,
          'value': 1, 'vid': 100, 'is_bridge': True,
          'nexthops': 'nexthop via 10.1.1.3 weight 1 nexthop via 10.1.1.4 weight 2'}
SAMPLES = [kind(*[VALUES[field] for field in kind.fields]) for kind in op.OPERATIONS]
# An alias that was there before is not known to the operation, and a link that was deleted does not come back, nor an
# index.
NOT_INVERTIBLE = ('add-fdb', 'set-alias', 'set-mac', 'enable-ipv6', 'ignore-advertisements', 'delete-link', 'add-vlan',
                  'delete-vlan', 'add-queue', 'delete-queue', 'set-vlan-filtering')


def by_verb(operation):
    return operation.verb


def test_every_operation_of_the_module_is_listed():
    kinds = [value for value in vars(op).values()
             if isinstance(value, type) and issubclass(value, op.Operation) and not value.__name__.startswith('_')
             and value is not op.Operation]
    assert set(kinds) == set(op.OPERATIONS)
    assert len(set(kind.verb for kind in op.OPERATIONS)) == len(op.OPERATIONS)


@pytest.mark.parametrize('operation', [o for o in SAMPLES if o.verb not in NOT_INVERTIBLE], ids=by_verb)
def test_the_inverse_of_the_inverse_is_the_operation(operation):
    inverse = operation.undo()
    assert inverse != operation
    assert inverse.undo() == operation
    assert type(inverse) in op.OPERATIONS


@pytest.mark.parametrize('one,other', [
    (op.AddNetnsName, op.DeleteNetnsName), (op.SetUp, op.SetDown),
    (op.SetMaster, op.SetNoMaster), (op.AddAddress, op.DeleteAddress), (op.AddRoute, op.DeleteRoute),
    (op.AddRule, op.DeleteRule), (op.MoveLink, op.MoveLink)])
def test_which_operation_takes_back_which(one, other):
    values = [VALUES[field] for field in one.fields]
    assert type(one(*values).undo()) is other
    assert type(other(*values).undo()) is one


def test_moving_back_swaps_both_names():
    assert op.MoveLink('a', 'x', 'b', 'y').undo() == op.MoveLink('b', 'y', 'a', 'x')


def test_undoing_an_alias_clears_it_and_a_deleted_link_has_no_inverse():
    assert op.SetAlias('a', 'br0', 'netnsctl').undo() == op.SetAlias('a', 'br0', '')
    with pytest.raises(NotImplementedError):
        op.DeleteLink('a', 'A', 7).undo()


@pytest.mark.parametrize('operation', SAMPLES, ids=by_verb)
def test_the_record_of_an_operation_gives_it_back_through_json(operation):
    data = native_tree(json.loads(json.dumps(operation.record())))
    again = op.from_record(data)
    assert again == operation and hash(again) == hash(operation) and repr(again) == repr(operation)
    assert all(isinstance(key, str) for key in data)


@pytest.mark.parametrize('data',
                         [{}, {'verb': 'format-disk'}, {'verb': 'set-up', 'ns': 'a'}, [], None, 'set-up', {'verb': []}])
def test_a_record_of_no_operation_is_refused(data):
    with pytest.raises((KeyError, TypeError)):
        op.from_record(data)


@pytest.mark.parametrize('operation', SAMPLES, ids=by_verb)
def test_an_operation_cannot_be_changed(operation):
    before = operation.record()
    for field in operation.fields + ('verb', 'other'):
        with pytest.raises(AttributeError):
            setattr(operation, field, 'x')
    assert operation.record() == before
    # What record() gave is a copy.
    before['ns'] = 'changed'
    assert operation.ns == 'a'


def test_operations_compare_by_kind_and_fields():
    assert op.SetUp('a', 'A') == op.SetUp(ns='a', dev='A')
    assert op.SetUp('a', 'A') != op.SetDown('a', 'A')
    assert op.SetUp('a', 'A') != op.SetUp('a', 'B')
    assert op.SetUp('a', 'A') != None  # noqa: E711 - the comparison is what is tested
    assert len(set(SAMPLES
                   + [kind(*[VALUES[field] for field in kind.fields]) for kind in op.OPERATIONS])) == len(SAMPLES)


@pytest.mark.parametrize('values,named', [(('a', 'A', 'x'), {}), ((), {'nonsense': 1}), (('a',), {'ns': 'b'})])
def test_wrong_fields_are_refused(values, named):
    with pytest.raises(TypeError) as caught:
        op.SetUp(*values, **named)
    assert 'ns, dev' in str(caught.value)


def test_fields_left_out_are_none():
    assert op.AddRoute('a', 'A', '10.0.0.0/8') == op.AddRoute('a', 'A', '10.0.0.0/8', None, None, None, None)


def test_a_record_of_an_earlier_netnsctl_gives_the_operation_that_says_no_more():
    old = {'verb': 'add-route', 'ns': 'a', 'dev': 'A', 'dst': '10.0.0.0/8', 'via': None, 'metric': None, 'src': None,
           'protocol': None}
    assert op.from_record(old) == op.AddRoute('a', 'A', '10.0.0.0/8')
    assert op.from_record({'verb': 'add-address', 'ns': 'a', 'dev': 'A', 'address': '10.0.0.1/8', 'nodad': None}) == (
        op.AddAddress('a', 'A', '10.0.0.1/8', None))
    # And the other way: what an earlier one would not know stands in a record only where it says something.
    assert op.AddRoute('a', 'A', '10.0.0.0/8').record() == old
    assert op.AddRoute('a', 'A', '10.0.0.0/8', table=7).record() == dict(old, table=7)
    with pytest.raises(KeyError):
        op.from_record(dict((key, value) for key, value in old.items() if key != 'metric'))


def test_records_of_links_that_an_earlier_netnsctl_made_give_the_same_operations():
    ends = {'ns': 'a', 'dev': 'A', 'mac': 'm1', 'mtu': None, 'peer_ns': 'b', 'peer_dev': 'B', 'peer_mac': 'm2',
            'peer_mtu': 1400}
    pair = add_veth('a', 'A', 'm1', None, 'b', 'B', 'm2', 1400)
    assert op.from_record(dict(ends, verb='add-veth')) == pair
    assert op.from_record(dict(ends, verb='delete-veth')) == pair.undo()
    own = {'ns': 'host', 'dev': 'br0', 'mac': None}
    assert op.from_record(dict(own, verb='add-bridge')) == add_bridge('host', 'br0', None)
    assert op.from_record(dict(own, verb='delete-bridge')) == add_bridge('host', 'br0', None).undo()
    for verb in ('add-veth', 'delete-bridge'):
        with pytest.raises(KeyError):
            op.from_record({'verb': verb, 'ns': 'a'})


def test_scopes_and_metrics_as_the_kernel_has_them_where_none_is_asked_for():
    assert [op.AddRoute('a', 'A', *words).scope_number() for words in (
        ('10.0.0.0/8',), ('10.0.0.0/8', '10.1.1.1'), ('fd00::/16',))] == [253, 0, 0]
    assert op.AddRoute('a', 'A', '10.0.0.0/8', scope='global').scope_number() == 0
    assert op.AddRoute('a', 'A', '10.0.0.0/8', scope='17').scope_number() == 17
    assert [op.AddRoute('a', 'A', dst, metric=metric).metric_number() for dst, metric in (
        ('10.0.0.0/8', None), ('fd00::/16', None), ('fd00::/16', 5))] == [0, 1024, 5]
    assert [op.AddAddress('a', 'A', '10.0.0.1/8', None, scope).scope_number() for scope in (None, 'host')] == [0, 254]


def test_rules_outlive_the_links_that_they_name_and_are_taken_back_first():
    veth = add_veth('a', 'A', None, None, 'b', 'B', None, None)
    rule = op.AddRule('a', 4, '10.0.0.0/8', None, 'A', None, None, None, 100, 1000)
    plan = [veth, op.AddRoute('a', 'A', '10.1.1.2/32', table=100), rule]
    assert op.undo_of(plan) == (rule.undo(), veth.undo())


def test_what_dies_with_a_link_that_was_made_is_not_taken_back_by_itself():
    veth = add_veth('a', 'A', None, None, 'b', 'B', None, None)
    plan = [veth, op.AddAddress('a', 'A', '10.1.1.1/32', None), op.SetUp('a', 'A'),
            op.AddRoute('a', 'A', '10.1.1.2/32'),
            op.SetMaster('b', 'B', 'br0'), op.AddAddress('b', 'br0', '10.1.1.2/32', None)]
    assert op.undo_of(plan) == (op.DeleteAddress('b', 'br0', '10.1.1.2/32', None), veth.undo())


def test_a_link_that_was_renamed_is_taken_back_by_its_new_name_and_what_is_on_it_goes_along():
    link = op.AddLink('a', 'tmp', 'm1', None, 'macvlan', 'eth0')
    plan = [link, op.MoveLink('a', 'tmp', 'a', 'eth0'), op.AddAddress('a', 'eth0', '10.1.1.1/24', None),
            op.SetUp('a', 'eth0')]
    assert op.undo_of(plan) == (link.undo().replaced(dev='eth0', was=('a', 'tmp')),)


def test_the_same_name_in_another_namespace_is_not_pruned():
    plan = [add_veth('a', 'A', None, None, 'b', 'B', None, None), op.SetUp('b', 'A'), op.SetUp('a', 'B'),
            op.SetUp('b', 'B')]
    assert op.undo_of(plan) == (op.SetDown('a', 'B'), op.SetDown('b', 'A'), plan[0].undo())


def test_taking_back_goes_last_first():
    plan = [op.AddNetnsName('a', 'n', '/p'), op.DeleteRoute('a', 'x', '10.0.0.0/8'), add_bridge('host', 'br0', None),
            op.SetAlias('host', 'br0', 'netnsctl'), op.SetUp('host', 'br0'),
            add_veth('a', 'A', None, None, 'host', 'B', None, None)]
    assert [inverse.verb for inverse in op.undo_of(plan)] == ['delete-link', 'delete-link', 'add-route',
                                                              'delete-netns-name']


def test_the_other_way_to_make_a_veth_comes_to_the_same_ends():
    veth = add_veth('a', 'A', 'm1', 1400, 'b', 'B', 'm2', 1300)
    made, moved = veth_kind.create_then_move(veth, 'tmp0')
    assert made == add_veth('a', 'A', 'm1', 1400, 'a', 'tmp0', 'm2', 1300)
    assert moved == op.MoveLink('a', 'tmp0', 'b', 'B')
