"""Operations of a NIC that is lent."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.compat import native_tree
from netnsctl.errors import UsageError
from netnsctl.model import lending, operations as op, plan
from netnsctl.model.endpoint import parse

WAS = {'name': 'eth1', 'index': 3, 'altnames': ['enp3s0'], 'addresses': ['020a'], 'mtu': 1500}
SAMPLES = [lending.LendLink('host', 'eth1', 'a', 'eth0', WAS), lending.ReturnLink('a', 'eth0', 'host', 'eth1', WAS),
           lending.DeleteAltname('host', 'eth1', 'enp3s0'), lending.SetMtu('a', 'eth0', 9000)]


def ends(asked='a:eth0=10.1.1.1/24', anchor='phys://eth1', lent=None):
    a, b = plan.End.of(parse(asked), 'a'), plan.End.of(parse(anchor), 'host')
    b.lent = lent
    return a, b


@pytest.mark.parametrize('operation', SAMPLES, ids=lambda one: one.verb)
def test_the_record_of_an_operation_gives_it_back_through_json(operation):
    again = op.from_record(native_tree(json.loads(json.dumps(operation.record()))))
    assert again == operation and hash(again) == hash(operation)


def test_a_nic_that_is_lent_is_returned_and_a_returned_one_has_no_inverse():
    assert SAMPLES[0].undo() == SAMPLES[1]
    with pytest.raises(NotImplementedError):
        SAMPLES[1].undo()


def test_the_plan_takes_alternative_names_off_before_the_move_and_undo_is_the_return_alone():
    steps = plan.build(*ends('a:eth0=10.1.1.1/24,gw=10.1.1.254,mtu=9000,mac=02:00:00:00:00:01', lent=WAS))
    assert [step.verb for step in steps] == ['delete-altname', 'lend-link', 'set-mac', 'set-mtu', 'add-address',
                                             'set-up', 'add-route']
    assert plan.undo(*(ends(lent=WAS) + (steps,))) == (SAMPLES[1],)


@pytest.mark.parametrize('asked,anchor,words', [
    ('host:eth0=10.1.1.1/24', 'phys://eth1', 'in the host already'),
    ('bridge://br0', 'phys://eth1', 'one end must be a namespace'),
    ('macvlan://eth0', 'phys://eth1', 'one end must be a namespace')])
def test_what_cannot_have_a_nic_is_refused_before_anything_is_touched(asked, anchor, words):
    a, b = plan.End.of(parse(asked), 'host'), plan.End.of(parse(anchor), 'host')
    with pytest.raises(UsageError) as caught:
        plan.validate(a, b)
    assert words in caught.value.message


@pytest.mark.parametrize('text', ['phys://', 'phys://eth1/2', 'phys://eth1=mode=bridge', 'phys://eth1=force',
                                  'phys://eth1=force=maybe', 'phys://eth1=10.1.1.1/24', 'phys://eth1:x',
                                  'phys://' + 'e' * 16, 'phys://eth1=force=yes,force=yes'])
def test_malformed_names_and_items_are_refused(text):
    with pytest.raises(UsageError):
        parse(text)


def test_force_no_is_what_is_meant_without_it():
    assert str(parse('phys://eth1=force=no')) == 'phys://eth1' and parse('phys://eth1=force=yes').data == (
        ('force', 'yes'),)
