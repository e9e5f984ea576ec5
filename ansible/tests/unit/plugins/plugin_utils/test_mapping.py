# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""What the inventory makes of a map."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import mapping


def space(target, names=(), containers=(), links=()):
    return {'id': target, 'names': list(names), 'links': list(links),
            'containers': [{'runtime': runtime, 'name': name, 'id': 'x', 'pid': 1} for runtime, name in containers]}


DOCUMENT = {
    'namespaces': [
        space('host', links=[{'name': 'eth0', 'kind': 'veth', 'addresses': ['192.0.2.1/24']}]),
        space('docker://web', containers=[('docker', 'web')], links=[
            {'name': 'lo', 'kind': 'loopback', 'addresses': ['127.0.0.1/8']},
            {'name': 'eth0', 'kind': 'veth', 'addresses': ['10.0.0.2/24', 'fd00::2/64']}]),
        space('netns://db', names=['db']), space('pid://17'), space('nsid://3')],
    'wires': [{'name': 'ov-1', 'ends': [{'namespace': 'docker://web'}, {'namespace': 'netns://db'}]},
              {'name': 'a:b', 'ends': [{'namespace': 'docker://web'}, {'namespace': None}]}]}


def test_namespaces_that_can_be_named_are_hosts_in_groups():
    db, web = mapping.hosts_of(DOCUMENT)
    assert (db.name, web.name) == ('db', 'web')
    assert db.groups == ['netns_all', 'netns_runtime_none', 'netns_wire_ov_1']
    assert web.groups == ['netns_all', 'netns_runtime_docker', 'netns_wire_a_b', 'netns_wire_ov_1']
    assert db.variables['ansible_netns'] == 'db' and web.variables['ansible_netns'] == 'docker://web'
    assert web.variables['netns_addresses'] == ['10.0.0.2', 'fd00::2'] and len(web.variables['netns_links']) == 1
    assert [one.name for one in mapping.hosts_of(DOCUMENT, processes=True)] == ['17', 'db', 'web']


def test_with_several_hosts_names_say_which():
    db, web = mapping.hosts_of(DOCUMENT, 'one.example')
    assert web.name == 'web.one.example' and web.groups[-1] == 'netns_host_one_example'


def test_a_prefix_begins_each_name():
    db, web = mapping.hosts_of(DOCUMENT, 'one.example', prefix='netns-')
    assert (db.name, web.name) == ('netns-db.one.example', 'netns-web.one.example')
    assert db.variables['ansible_netns'] == 'db' and db.groups[-1] == 'netns_host_one_example'


def test_names_that_mean_something_to_ansible_are_made_plain_and_stay_different():
    odd = {'namespaces': [space('netns://' + name, names=[name])
                          for name in ('a[1:3]', 'a_1_3_', '{{x}}', 'b:22', '!c')]}
    names = [one.name for one in mapping.hosts_of(odd)]
    assert names == ['__x__', '_c', 'a_1_3_', 'a_1_3__', 'b_22']
    assert mapping.hosts_of(odd)[0].variables['ansible_netns'] == '{{x}}'


@pytest.mark.parametrize('document', [None, [], {}, {'namespaces': 5}, 'x'])
def test_what_is_not_a_map_is_refused(document):
    with pytest.raises(ValueError, match='map --json'):
        mapping.hosts_of(document)
