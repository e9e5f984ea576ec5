"""A map of links that not every kernel has: kinds, tags and what they hang on, also in other namespaces."""
from __future__ import absolute_import, division, print_function

import json

from support.process import must


def test_kinds_tags_and_remotes_are_what_the_kernel_says(run_netnsctl, netns):
    a = netns('a')
    nic = a[-8:].replace('-', '')
    for line in ('link add %s type dummy' % nic, 'link set %s up' % nic,
                 'link add link %s name v netns %s type vlan id 100' % (nic, a),
                 'link add link %s name i netns %s type ipvlan mode l3' % (nic, a),
                 'link add x netns %s type vxlan id 42 remote 192.0.2.2 dstport 4789 dev %s' % (a, nic),
                 '-n %s link add f type vrf table 7' % a, '-n %s link set v master f' % a):
        must(['ip'] + line.split())
    try:
        result = run_netnsctl('map', '--json')
        assert result.status == 0, result
        space = [space for space in json.loads(result.out)['namespaces'] if space['id'] == 'netns://' + a][0]
    finally:
        must(['ip', 'link', 'delete', nic])
    links = dict((link['name'], link) for link in space['links'])
    assert [links[name]['parent']['namespace'] + ':' + links[name]['parent']['link'] for name in 'vix'] == [
        'host:' + nic] * 3
    assert [links[name]['kind'] for name in 'vixf'] == ['vlan', 'ipvlan', 'vxlan', 'vrf']
    assert links['v']['details'] == {'tag': 100} and links['v']['master'] == 'f'
    assert links['i']['details'] == {'mode': 'l3'} and links['f']['details'] == {'table': 7}
    assert links['x']['details'] == {'id': 42, 'remote': '192.0.2.2', 'port': 4789}


def test_vlans_of_ports_further_remotes_and_shaping_are_what_the_kernel_says(run_netnsctl, netns):
    a = netns('a')
    for line in ('link add br0 type bridge vlan_filtering 1', 'link add p type veth peer name q',
                 'link set p master br0', 'link add x type vxlan id 42 remote 192.0.2.2 dstport 4789'):
        must(['ip', '-n', a] + line.split())
    for line in ('vlan add dev p vid 20-22', 'fdb append 00:00:00:00:00:00 dev x dst 192.0.2.3'):
        must(['bridge', '-n', a] + line.split())
    must('tc -n {0} qdisc add dev q root netem delay 20ms loss 1%'.format(a).split())
    result = run_netnsctl('map', '--json')
    assert result.status == 0, result
    document = json.loads(result.out)
    space = [space for space in document['namespaces'] if space['id'] == 'netns://' + a][0]
    links = dict((link['name'], link) for link in space['links'])
    assert links['p']['vlans'] == {'untagged': 1, 'tagged': ['20-22']}
    assert links['x']['details']['remote'] == '192.0.2.2' and links['x']['remotes'] == ['192.0.2.3']
    assert links['q']['shaping'] == ['delay=20ms', 'loss=1%'] and document['notes'] == []
