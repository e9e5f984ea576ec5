"""`netnsctl map --offline`: what the config tree describes, drawn as a map of the host would be."""
from __future__ import absolute_import, division, print_function

import pytest

from support.tree import TREE, write
from system.test_map import link_of, looked, space_of

FILES = {
    'a/ifcfg-A': 'WIRE=ab\nPEER=B\nPEER_NETNS=b\nIPADDR=10.1.1.1\nPREFIX=24\nGATEWAY=10.1.1.2\n',
    'b/ifcfg-B': 'WIRE=ab\nIPADDR=10.1.1.2\nPREFIX=24\nMTU=1400\n',
    'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.2.0.1\nPREFIX=24\n',
}
WIRES = (('docker://web:eth0=10.2.0.2/24,rate=10mbit', 'bridge://br0'), ('docker://lan:m0', 'macvlan://eth7'),
         ('docker://lan:v0', 'vlan://eth7/100'), ('docker://far:x0', 'vxlan://42=remote=192.0.2.2,remote=192.0.2.3'),
         ('docker://sw:o0', 'ovs://br-int:port=tag=100'), ('docker://nic:n0', 'phys://eth8'),
         ('docker://out:u0=10.6.0.2/24,gw=10.6.0.1,publish=192.0.2.1:8000-8001:80-81', 'host:pu=10.6.0.1/24'))


@pytest.fixture
def saved(host):
    """A host with nothing but a tree."""
    write(host, FILES)
    for number, ends in enumerate(WIRES):
        for path, text in files_of(host, 'w%d' % number, *ends).items():
            if 'host/ifcfg-br0' not in path:
                write(host, {path[len(TREE) + 1:]: text})
    return host


def files_of(host, name, *ends):
    """What `config render` makes of a wire: {path: text}."""
    result = host('config', 'render', '--name', name, *ends)
    assert result.status == 0, result
    found = {}
    for part in ('\n' + result.out).split('\n# /')[1:]:
        path, _, text = part.partition('\n')
        found['/' + path] = text
    return found


def test_every_kind_of_wire_is_drawn_as_the_tree_describes_it(saved):
    document = looked(saved, '--offline')
    assert document['offline'] is True and document['notes'] == []
    assert [wire['name'] for wire in document['wires']] == ['ab'] + ['w%d' % number for number in range(len(WIRES))]
    assert set(wire['state'] for wire in document['wires']) == set(['saved'])
    one, other = link_of(document, 'netns://a', 'A'), link_of(document, 'netns://b', 'B')
    assert one['peer'] == {'namespace': 'netns://b', 'link': 'B', 'index': 0} and other['mtu'] == 1400
    assert space_of(document, 'netns://a')['gateways'] == [{'link': 'A', 'via': '10.1.1.2'}]
    web = link_of(document, 'docker://web', 'eth0')
    assert web['addresses'] == ['10.2.0.2/24'] and 'rate=10mbit' in web['shaping']
    assert link_of(document, 'host', web['peer']['link'])['master'] == 'br0'
    assert link_of(document, 'host', 'br0')['addresses'] == ['10.2.0.1/24']
    for name, kind, details in (('m0', 'macvlan', None), ('v0', 'vlan', {'tag': 100})):
        link = link_of(document, 'docker://lan', name)
        assert (link['kind'], link['parent']['link'], link.get('details')) == (kind, 'eth7', details)
    assert link_of(document, 'docker://far', 'x0')['details'] == {'id': 42, 'remote': '192.0.2.2'}
    assert link_of(document, 'docker://far', 'x0')['remotes'] == ['192.0.2.3']
    port = link_of(document, 'host', 'port')
    assert port['master'] == 'br-int' and port['vlans'] == {'untagged': 100, 'tagged': []}
    assert link_of(document, 'docker://nic', 'n0')['altnames'] == ['eth8']
    assert link_of(document, 'docker://out', 'u0')['publishes'] == [
        {'address': '192.0.2.1', 'port': 8000, 'last': 8001, 'to': 80, 'protocol': 'tcp'}]


@pytest.mark.parametrize('form,word', [
    ('text', 'B  veth  up  mtu 1400'), ('text', 'publishes 192.0.2.1:8000-8001 to 80-81/tcp'),
    ('text', 'vxlan 42 to 192.0.2.2, 192.0.2.3'), ('text', 'vlan 100'), ('svg', 'netns://a'), ('html', 'rate=10mbit'),
    ('dot', 'netns://a'), ('mermaid', 'netns')])
def test_each_drawing_has_it(saved, form, word):
    result = saved('map', '--offline', '--format', form)
    assert (result.status, result.err) == (0, '') and word in result.out, result


def test_no_kernel_is_asked_and_a_part_can_be_chosen(saved):
    assert [space['id'] for space in looked(saved, '--offline', '--ns', 'a')['namespaces']] == [
        'netns://a', 'netns://b']
    saved.sh('ip netns add unsaved; ip link add unsaved type bridge')
    document = looked(saved, '--offline')
    assert 'unsaved' not in '%s' % document
    assert saved('map', '--offline', '--ns', 'unsaved').status == 3


def test_a_bad_file_is_noted_with_its_place_and_the_rest_is_drawn(saved):
    saved.sh('echo NOSUCH=1 >>%s/b/ifcfg-B; echo "IPADDR=10.2.0.300" >>%s/docker:web/ifcfg-eth0' % (TREE, TREE))
    document = looked(saved, '--offline')
    assert [note for note in document['notes'] if note.startswith('%s/docker:web/ifcfg-eth0:' % TREE)], document
    assert 'w1' in [wire['name'] for wire in document['wires']]


@pytest.mark.parametrize('words', [['--follow'], ['--problems'], ['--diff', '/dev/null']])
def test_what_needs_the_kernel_is_refused(host, words):
    result = host('map', '--offline', *words)
    assert result.status == 2 and result.err.startswith('netnsctl: map: --offline excludes '), result


def test_a_host_without_a_tree_has_an_empty_map(host):
    document = looked(host, '--offline')
    assert [space['id'] for space in document['namespaces']] == ['host'] and document['wires'] == []
