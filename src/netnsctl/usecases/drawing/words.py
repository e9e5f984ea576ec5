"""What a drawing says of a namespace or a link, in words that all formats share. Not escaped."""
from __future__ import absolute_import, division, print_function

# What the kernel puts into each namespace once its modules are loaded; nothing to draw unless somebody uses it.
FALLBACK = frozenset(('tunl0', 'sit0', 'ip6tnl0', 'gre0', 'gretap0', 'erspan0', 'ip_vti0', 'ip6_vti0', 'ip6gre0'))
REMOTES = 4  # of a link that are named
_OWN = ('127.0.0.1/8', '::1/128')


def is_worth_drawing(link):
    """Is a link more than what every namespace has?"""
    if link['kind'] == 'loopback':
        return any(address not in _OWN for address in link['addresses'])
    return link['name'] not in FALLBACK or link['up'] or bool(link['addresses'])


def state_of(link):
    """'up', 'no carrier', 'down', or 'missing' of what somebody has a name of, and there is no link."""
    if link['state'] == 'notpresent':
        return 'missing'
    return 'down' if not link['up'] else 'up' if link['carrier'] else 'no carrier'


def kind_of(link):
    """'vlan 100', 'vxlan 42 to 192.0.2.2', 'macvlan bridge'."""
    details = link.get('details', {})
    # Where Open vSwitch forwards by itself, the kernel calls its bridges taps.
    words = ['openvswitch', details['datapath']] if 'datapath' in details else [link['kind']]
    for key in () if 'datapath' in details else ('tag', 'id', 'mode', 'table', 'protocol'):
        if key in details:
            words.append('%s' % details[key])
    remotes = ([details['remote']] if 'remote' in details else []) + link.get('remotes', [])
    if remotes:
        more = ' and %d more' % (len(remotes) - REMOTES) if len(remotes) > REMOTES else ''
        words.append('to %s%s' % (', '.join(remotes[:REMOTES]), more))
    return ' '.join(words)


def vlans_of(vlans):
    """'vlan 100', 'vlan 1 tagged 20,30-40' of a port."""
    words = ['vlan %d' % vlans['untagged']] if vlans['untagged'] is not None else []
    return ' '.join(words + (['tagged %s' % ','.join(vlans['tagged'])] if vlans['tagged'] else [])) or 'no vlan'


def addresses_of(link):
    """Its addresses, without those that IPv6 gives every link."""
    return [address for address in link['addresses'] if not address.lower().startswith('fe80:')
            and address not in _OWN]


def remarks_of(link):
    """What is unusual of it: list of text."""
    found = []
    if link['mtu'] not in (0, 1500) and link['kind'] != 'loopback':
        found.append('mtu %d' % link['mtu'])
    if link.get('details', {}).get('dhcp'):
        found.append('dhcp')
    if 'network' in link:
        found.append('docker network %s' % link['network'])
    if 'bond' in link.get('details', {}):
        found.append('in %s' % link['details']['bond'])
    if link.get('vlans'):
        found.append(vlans_of(link['vlans']))
    if link.get('shaping'):
        found.append(' '.join(link['shaping']))
    elif link.get('qdisc') in ('tbf', 'htb', 'netem', 'hfsc', 'cake'):
        found.append(link['qdisc'])
    if link.get('port_state') not in (None, 'forwarding', 'disabled'):
        found.append(link['port_state'])
    if link.get('bus'):
        found.append(link['bus'])
    return found + [port_of(port) for port in link.get('publishes', ())]


def aliases_of(space):
    """What a namespace is called beside its id, and what is in it: list of text."""
    found = ['%s://%s' % (one['runtime'], one['name']) for one in space['containers']]
    found += ['netns://%s' % name for name in space['names']]
    found = [text for text in found if text != space['id']]
    for one in space['containers']:
        found += [port_of(port) for port in one['ports']]
    processes = space['processes']
    if space['id'] != 'host' and processes['count']:
        first = processes['first'][0] if processes['first'] else None
        more = processes['count'] - 1
        found.append('%s%s' % ('%s (%d)' % (first['command'], first['pid']) if first else 'process',
                               ' and %d more' % more if more else ''))
    found += ['held by %s (%d)' % (one['command'], one['pid']) for one in space['held_by']]
    return found


def port_of(port):
    """'publishes 192.0.2.1:80 to 8080/tcp'"""
    address = '[%s]' % port['address'] if ':' in port['address'] else port['address']
    more = port.get('last', port['port']) - port['port']
    outside, inside = [('%d-%d' % (at, at + more) if more else '%d' % at) for at in (port['port'], port['to'])]
    return 'publishes %s%s to %s/%s' % (address + ':' if address else '', outside, inside, port['protocol'])


def routers_of(document):
    """{(id of a namespace, name of a link, gateway): (id, name) of the link that has this gateway's address}, of those
    that are on the other side of that link, or on what it is plugged into. Another link may have the same address."""
    links = dict(((space['id'], link['name']), link) for space in document['namespaces'] for link in space['links'])
    found = {}
    for space in document['namespaces']:
        for gateway in space['gateways']:
            peer = links.get((space['id'], gateway['link']), {}).get('peer') or {}
            near = [(peer.get('namespace'), peer.get('link'))]
            near += [(peer.get('namespace'), links.get(near[0], {}).get('master'))]
            for key in near:
                if gateway['via'] in [address.partition('/')[0] for address in links.get(key, {}).get('addresses', ())]:
                    found[space['id'], gateway['link'], gateway['via']] = key
    return found


def gateways_of(space):
    """{name of a link: list of gateways, '' of one where everything is on the link}"""
    found = {}
    for gateway in space['gateways']:
        found.setdefault(gateway['link'], []).append(gateway['via'] or '')
    return found


def forwards_of(space):
    """What the host does with packets that are not for itself."""
    if space['forwards']:
        return 'the host forwards %s' % ' and '.join(space['forwards'])
    return 'the host does not forward: net.ipv4.ip_forward is 0'


def troubles_of(document):
    """What is said below the drawing: [(text, state or None)] of wires that are not whole, problems and notes."""
    found = [('wire %s is %s%s' % (wire['name'], wire['state'], ': ' + '; '.join(wire['remarks'])
                                   if wire['remarks'] else ''), wire['state'])
             for wire in document['wires'] if wire['state'] not in ('whole', 'saved')]
    found += [('doctor: %s: %s' % (one['check'], one['text']), 'lost' if one['status'] == 'fail' else 'altered')
              for one in document.get('problems', ())]
    return found + [('note: %s' % note, None) for note in document['notes']]


def concerned(document):
    """With --problems, set of (id of a namespace, name of a link or None) that a problem or a broken wire concerns."""
    if 'problems' not in document:
        return set()
    found = set((end['namespace'], end['link'] or anchor_of(end)) for wire in document['wires']
                if wire['state'] not in ('whole', 'saved') for end in wire['ends'] if end['namespace'])
    return found.union((part['namespace'], part['link']) for one in document['problems']
                       for part in one.get('concerns', ()))


def anchor_of(end):
    """What an end of a wire without a link of its own hangs on: a name, or None."""
    return end['target'].partition('://')[2].partition('/')[0] or None


def states_of(document):
    """{name of a wire: its state}"""
    return dict((wire['name'], wire['state']) for wire in document['wires'])


def target_of(joint):
    """'netns://a:eth0' of a peer or parent; what is not known of it is '?'."""
    return '%s:%s' % (joint['namespace'] or '?', joint['link'] or '?')
