"""What a map says of links that the list of links does not: VLANs of ports, remotes, shaping, published ports."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.inside import ip
from support.map_documents import document, link, space
from support.process import must
from netnsctl.usecases import drawing
from netnsctl.usecases.drawing import tree
from netnsctl.usecases.map import comparing
from system.test_map import link_of, looked, lines_of


def test_a_port_of_open_vswitch_is_below_its_bridge_with_its_vlans(run_netnsctl, netns, ovs):
    a, b = netns('a'), netns('b')
    for name, items in ((a, 'tag=100'), (b, 'trunks=10,11,12,20')):
        assert run_netnsctl('wire', '--name', name, '--no-check', name + ':m0',
                            'ovs://%s=%s' % (ovs.bridge, items)).status == 0
    made = looked(run_netnsctl)
    ports = dict((name, link_of(made, 'netns://' + name, 'm0')['peer']['link']) for name in (a, b))
    one, other = link_of(made, 'host', ports[a]), link_of(made, 'host', ports[b])
    assert one['vlans'] == {'untagged': 100, 'tagged': []} and other['vlans'] == {
        'untagged': None, 'tagged': ['10-12', '20']}
    assert one['master'] == other['master'] == ovs.bridge
    lines = lines_of(run_netnsctl, environ={'LC_ALL': 'C'})
    bridge = [number for number, line in enumerate(lines) if line.split()[1:2] == [ovs.bridge]][0]
    below = [line for line in lines[bridge + 1:] if set(line.split()[1:3]) & set(ports.values())]
    assert len(below) == 2 and [line for line in below if 'vlan 100' in line], lines
    assert [line for line in below if 'tagged 10-12,20' in line], lines


def test_ports_of_open_vswitch_that_are_no_links_are_drawn(run_netnsctl, ovs):
    other = ovs.bridge + 'b'
    ovs.add_bridge(other)
    try:
        for words in (['add-port', ovs.bridge, 'pa', '--', 'set', 'interface', 'pa', 'type=patch', 'options:peer=pb'],
                      ['add-port', other, 'pb', '--', 'set', 'interface', 'pb', 'type=patch', 'options:peer=pa'],
                      ['add-port', ovs.bridge, 'gv', '--', 'set', 'interface', 'gv', 'type=geneve',
                       'options:remote_ip=192.0.2.1', 'options:key=42'],
                      ['--no-wait', 'add-port', ovs.bridge, 'gone']):
            must(['ovs-vsctl', '--timeout=20'] + words)
        made = looked(run_netnsctl)
        assert link_of(made, 'host', 'pa')['peer'] == {'namespace': 'host', 'link': 'pb', 'index': 0}
        assert [link_of(made, 'host', name)['master'] for name in ('pa', 'pb')] == [ovs.bridge, other]
        tunnel = link_of(made, 'host', 'gv')
        assert tunnel['details'] == {'remote': '192.0.2.1', 'id': 42} and tunnel['kind'] == 'geneve'
        assert link_of(made, 'host', other)['details']['datapath'] == 'netdev'
        assert 'Open vSwitch: there is no link of its ports gone' in made['notes'], made['notes']
    finally:
        ovs.delete_bridge(other)


def test_bridges_that_nothing_serves_are_noted(run_netnsctl, ovs):
    ovs.stop_daemon()
    must(['ovs-vsctl', '--timeout=20', '--no-wait', 'add-br', ovs.bridge + 'x'])
    try:
        made = looked(run_netnsctl)
        told = [note.partition(': ')[2] for note in made['notes']]
        assert 'no ovs-vswitchd runs, which its bridges need: %s, %sx' % (ovs.bridge, ovs.bridge) in told, told
        assert 'there is no link of its bridges %sx' % ovs.bridge in told, told
        assert [line for line in lines_of(run_netnsctl) if ovs.bridge + 'x  openvswitch system  missing' in line]
    finally:
        ovs.start_daemon()
        ovs.delete_bridge(ovs.bridge + 'x')


def test_the_interfaces_of_a_bond_of_open_vswitch_are_below_its_bridge(run_netnsctl, netns, ovs):
    a = netns('a')
    names = ['nwx%d%s' % (os.getpid(), letter) for letter in 'ab']
    for name in names:
        ip(None, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', a)
    must(['ovs-vsctl', '--timeout=20', 'add-bond', ovs.bridge, 'bond9'] + names + [
        '--', 'set', 'port', 'bond9', 'tag=7'])
    made = looked(run_netnsctl)
    for name in names:
        found = link_of(made, 'host', name)
        assert (found['master'], found['details'], found['vlans']) == (
            ovs.bridge, {'bond': 'bond9'}, {'untagged': 7, 'tagged': []})


def test_bridges_of_an_open_vswitch_that_does_not_run_are_noted(host):
    host.sh('ovsdb-tool create /mnt/conf.db; ovsdb-tool transact /mnt/conf.db \'["Open_vSwitch",'
            '{"op":"insert","table":"Bridge","row":{"name":"br-int"},"uuid-name":"b"},'
            '{"op":"insert","table":"Open_vSwitch","row":{"bridges":["named-uuid","b"]}}]\'')
    made = looked(host, environ={'OVS_DBDIR': '/mnt', 'OVS_RUNDIR': '/mnt'})
    assert [note for note in made['notes'] if note.endswith('its bridges are not drawn: br-int')], made['notes']
    assert looked(host, environ={'OVS_DBDIR': '/nosuch', 'OVS_RUNDIR': '/mnt'})['notes'] == []


def test_a_database_that_does_not_answer_is_noted_and_hides_nothing(run_netnsctl, netns, ovs, tmpdir):
    a = netns('a')
    assert run_netnsctl('wire', '--name', a, '--no-check', a + ':m0', 'ovs://%s=tag=100' % ovs.bridge).status == 0
    made = looked(run_netnsctl, environ={'OVS_RUNDIR': str(tmpdir)})
    port = link_of(made, 'netns://' + a, 'm0')['peer']['link']
    assert 'vlans' not in link_of(made, 'host', port)
    if [one for one in made['namespaces'][0]['links'] if one['kind'] == 'openvswitch']:
        assert [note for note in made['notes'] if note.startswith('ask Open vSwitch for its ports: ')], made['notes']


def test_shaping_and_published_ports_are_said_of_their_end(host):
    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--name', 's', '--no-check', 'a:e=10.1.1.2/24,rate=10mbit',
                'b:e=10.1.1.1/24,rate=20mbit').status == 0
    result = host('wire', '--name', 'p', '--no-check', 'a:p=10.3.0.2/24,gw=10.3.0.1,publish=8080:80/udp',
                  'host:pp=10.3.0.1/24')
    assert result.status == 0, result
    made = looked(host)
    assert link_of(made, 'netns://a', 'e')['shaping'][0] == 'rate=10mbit'
    assert link_of(made, 'netns://b', 'e')['shaping'][0] == 'rate=20mbit'
    assert link_of(made, 'netns://a', 'p')['publishes'] == [
        {'address': '', 'port': 8080, 'to': 80, 'protocol': 'udp'}]
    assert [line for line in lines_of(host) if 'publishes 8080 to 80/udp' in line]
    assert [line for line in lines_of(host) if 'rate=10mbit burst=' in line]


DETAILED = [link('p', vlans={'untagged': 7, 'tagged': ['20-30']}),
            link('x', 'vxlan', details={'id': 42, 'remote': '192.0.2.1'},
                 remotes=['192.0.2.%d' % number for number in range(2, 9)]),
            link('q', qdisc='tbf', shaping=['rate=10mbit'], publishes=[
                {'address': '192.0.2.1', 'port': 8000, 'last': 8009, 'to': 80, 'protocol': 'tcp'}])]


@pytest.mark.parametrize('form', ['text', 'svg', 'html', 'dot', 'mermaid'])
def test_every_drawing_has_the_details(form):
    made = document(space('host', DETAILED))
    text = '\n'.join(''.join(part for part, _ in line) for line in tree.draw(made)) if form == 'text' \
        else drawing.draw(made, form)
    for words in ('vlan 7 tagged', 'and 4 more', 'rate=10mbit', '8000'):
        assert words in text, text


def test_a_change_of_the_details_is_told():
    before, after = [document(space('host', [dict(DETAILED[0], vlans={'untagged': number, 'tagged': []}), dict(
        DETAILED[2], publishes=DETAILED[2]['publishes'][:number])])) for number in (0, 1)]
    assert [str(change) for change in comparing.compare(before, after)] == [
        '~ link host:p: vlans: vlan 0 -> vlan 1',
        '~ link host:q: publishes: none -> publishes 192.0.2.1:8000-8009 to 80-89/tcp']
