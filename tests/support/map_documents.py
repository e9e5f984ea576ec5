"""Documents such as `netnsctl map --json` prints, of hosts that need not be made."""
from __future__ import absolute_import, division, print_function


def link(name, kind='veth', peer=None, parent=None, **fields):
    """peer, parent: (id of a namespace, name of a link)."""
    found = {'index': 2, 'name': name, 'kind': kind, 'state': 'up', 'up': True, 'carrier': True, 'mtu': 1500,
             'mac': '02:00:00:00:00:01', 'addresses': []}
    found.update(fields)
    for key, joint in (('peer', peer), ('parent', parent)):
        if joint is not None:
            found[key] = {'namespace': joint[0], 'link': joint[1], 'index': 2}
    return found


def space(identity, links=(), **fields):
    found = {'id': identity, 'inode': 1, 'names': [], 'mounts': [], 'containers': [], 'held_by': [], 'gateways': [],
             'processes': {'count': 0, 'first': []}, 'links': list(links), 'more_links': 0, 'unread': None}
    found.update(fields)
    return found


def document(*spaces, **fields):
    found = {'version': 1, 'time': 0, 'hostname': 'h', 'namespaces': list(spaces), 'wires': [], 'notes': []}
    found.update(fields)
    return found


def wire(name, state='whole', ends=()):
    return {'name': name, 'state': state, 'remarks': [], 'ends': [
        {'target': space, 'link': name, 'namespace': space} for space, name in ends]}


def large(count):
    """A host with so many containers on three bridges, a vlan and a vxlan on its NIC, macvlans, containers that are
    wired to each other, a namespace behind one, and one that is joined to nothing."""
    host = [link('eth0', 'nic', addresses=['192.0.2.10/24']), link('docker0', 'bridge', addresses=['172.17.0.1/16']),
            link('br-app', 'bridge', addresses=['172.18.0.1/16']), link('br-lan', 'bridge'),
            link('eth0.100', 'vlan', details={'tag': 100}, parent=('host', 'eth0'), master='br-app'),
            link('vx42', 'vxlan', details={'id': 42, 'remote': '198.51.100.7'}, parent=('host', 'eth0'),
                 master='br-lan')]
    spaces = []
    for number in range(count):
        name, port = 'docker://web%d' % number, 'veth%07x' % (number * 7919)
        host.append(link(port, master=('docker0', 'br-app', 'br-lan')[number % 3], peer=(name, 'eth0')))
        links = [link('eth0', addresses=['172.17.0.%d/16' % (number + 2)], peer=('host', port))]
        if number % 4 == 0:
            links[0]['wire'] = 'web%d-lan' % number
        if number % 9 == 0:
            links.append(link('mv0', 'macvlan', details={'mode': 'bridge'}, parent=('host', 'eth0')))
        if count > 1:  # in pairs, with others between them
            other = 'docker://web%d' % ((number + count // 2) % count if count % 2 == 0 else number ^ 1)
            if other in ['docker://web%d' % there for there in range(count)] and other != name:
                links.append(link('x', peer=(other, 'x')))
        spaces.append(space(name, links, gateways=[{'link': 'eth0', 'via': '172.17.0.1'}],
                            processes={'count': 2, 'first': [{'pid': 42, 'command': 'nginx'}]}))
    spaces[0]['links'].append(link('y', peer=('netns://db', 'y')))
    spaces.append(space('netns://db', [link('y', peer=(spaces[0]['id'], 'y'))]))
    spaces.append(space('netns://idle'))
    home = space('host', host, gateways=[{'link': 'eth0', 'via': '192.0.2.1'}], forwards=['IPv4'])
    return document(home, *spaces, wires=[
        wire('web%d-lan' % number, 'altered' if number % 8 else 'whole') for number in range(0, count, 4)])
