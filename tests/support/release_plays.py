"""The scenes that tests/tools/keep-release plays and keeps: {name: setup, make, see, tree}."""
from __future__ import absolute_import, division, print_function

import os

from support import release_scenes
from support.aside import own_host
from support.program import SOURCE, TOP, Program

NAMES = 'for name in %s; do ip netns add $name; done'
NIC = 'ip link add ext type veth peer name beyond; ip link set ext up; ip link set beyond up'
BRIDGE = 'bridge://br0=10.0.0.1/24,nat,open'
SHOP = '''{"name": "shop", "services": {"web": {"image": "web", "network_mode": "none"}}, "x-netnsctl": {"wires": [
"netns://a:S=10.3.0.1/24 netns://b:S=10.3.0.2/24", "web:T netns://b:T"]}}'''
COMMON = [['ls', '--json'], ['check', '--all', '--json'], ['config', 'check', '--json'], ['map', '--wires', '--json']]
PLAIN = ['a:A=10.1.1.1/24,fd00:1::1/64,gw=10.1.1.2,mac=02:00:00:00:00:0a,route=10.9.0.0/16@10.1.1.2',
         'b:B=10.1.1.2/24,fd00:1::2/64']
PLAYS = {
    'plain': {
        'setup': "%s; echo '%s' >/run/shop.json" % (NAMES % 'a b c', SHOP.replace('\n', '')),
        'make': [[['wire', '--save', '--name', 'plain', '--mtu', '1400', '--backend', 'netlink'] + PLAIN, 0]],
        'see': COMMON + [
            ['show', 'plain', '--json'], ['wire', '--name', 'plain', '--mtu', '1400', '--json'] + PLAIN,
            ['wire', '--name', 'plain', '--json'] + PLAIN, ['wire', 'a', 'c', '--dry-run', '--json'],
            ['wire', 'a', 'nosuch', '--json'], ['wire', 'a', '--json'], ['wire', '-f', '/nosuch', '--json'],
            ['wire', 'a:C', 'c:C', '--confirm', '60', '--json'], ['confirm', 'a:C-c:C', '--json'],
            ['unwire', 'a:C', 'c:C', '--dry-run', '--json'], ['unwire', 'a:C', 'c:C', 'nosuch', '--json'],
            ['unwire', 'a:C-c:C', '--json'], ['shape', 'plain', 'nosuch', 'none', '--json'],
            ['shape', 'plain', 'b', 'rate=10mbit', '--dry-run', '--json'],
            ['config', 'forget', 'plain', '--dry-run', '--json'], ['ls', 'nosuch', '--json'],
            ['show', 'nosuch', '--json'], ['check', 'nosuch', '--json'], ['up', 'nosuch', '--json'],
            ['doctor', 'privileges', 'veth', '--json'], ['doctor', '--list-checks', '--json'],
            ['doctor', '--fix', 'netns-names', '--dry-run', '--json'],
            ['shim', 'status', '--json'], ['repo', 'status', '--json'],
            ['config', 'save', '--all', '--dry-run', '--json'], ['down', '--dry-run', '--json'], ['down', '--json'],
            ['watch', '--once', '--json'], ['up', '--json'],
            ['up', '--compose', '/run/shop.json', '--dry-run', '--json'],
            ['watch', '--once', '--compose', '/run/shop.json', '--json']],
    },
    'bridge': {
        'setup': NAMES % 'a b',
        'make': [[['wire', '--save', '--name', 'web', 'a:eth0=10.0.0.2/24,gw=10.0.0.1,publish=8080:80,rate=10mbit',
                   BRIDGE], 0],
                 [['wire', '--save', '--name', 'db', 'b:eth0=10.0.0.3/24,gw=10.0.0.1', 'bridge://br0'], 0]],
        'see': COMMON + [['show', 'web', '--json'], ['show', 'db', '--json'], ['map', '-o', '/run/map.json', '--json'],
                         ['shape', 'web', 'a', 'rate=20mbit', '--json'], ['map', '--diff', '/run/map.json', '--json'],
                         ['shape', 'web', 'a', 'rate=10mbit', '--json'],
                         ['wire', '--name', 'web', 'b:eth1=10.0.0.4/24', 'bridge://br0', '--json'],
                         ['unwire', '--all', '--forget', '--dry-run', '--json']],
    },
    'nic': {
        'setup': '%s; %s' % (NAMES % 'a b', NIC),
        'make': [[['wire', '--save', '--name', 'mac', 'a:m0=10.7.0.2/24', 'macvlan://ext=mode=private'], 0],
                 [['wire', '--save', '--name', 'vx', 'b:x0=10.8.0.2/24',
                   'vxlan://42=remote=192.0.2.9,dev=ext,port=4790'], 0]],
        'see': COMMON + [['show', 'mac', '--json'], ['show', 'vx', '--json']],
    },
    'written': {
        'setup': NAMES % 'a b',
        'tree': {
            'a/ifcfg-A': 'IPADDR=10.5.0.1\nPREFIX=24\nSCOPE=link\nPEER=B\nPEER_NETNS=b\nDEFROUTE=no\nUSERCTL=no\n',
            'a/route-A': '10.8.0.0/16 via 10.5.0.2 metric 5 table 100\n',
            'a/rule-A': 'from 10.5.0.0/24 table 100\n',
            'b/ifcfg-B': 'IPADDR=10.5.0.2\nNETMASK=255.255.255.0\nPEER=A\nPEER_NETNS=a\nONBOOT=yes\n',
            'host/ifcfg-br7': 'TYPE=Bridge\nIPADDR=10.6.0.1\nPREFIX=24\n',
            'b/ifcfg-e7': 'BRIDGE=br7\nIPADDR=10.6.0.2\nPREFIX=24\nGATEWAY=10.6.0.1\n',
        },
        'make': [[['up'], 0]],
        'see': [['ls', '--json'], ['config', 'forget', '--stale', '--json']],
    },
    'pool': {
        'setup': '%s; printf "a b\\nb c\\n" >/run/wires' % (NAMES % 'a b c'),
        'make': [[['wire', '-f', '/run/wires', '--atomic'], 0], [['config', 'save', '--all'], 0]],
        'see': [['ls', '--json'], ['wire', '-f', '/run/wires', '--atomic', '--json'],
                ['wire', '-f', '/run/wires', '--purge', 'x*', '--dry-run', '--json'],
                ['ls', '--json', 'nosuch']],
    },
}


def played(host, play):
    """(what its commands print, its records, its files) of a scene that is played on a throwaway host."""
    host.sh(play['setup'])
    release_scenes.put(host, release_scenes.TREE, play.get('tree', {}))
    release_scenes.made(host, play['make'])
    records = release_scenes.files_below(host, release_scenes.RECORDS)
    files = release_scenes.files_below(host, release_scenes.TREE)
    return release_scenes.look(host, play['see']), records, files


def keep(folder, source):
    """Plays all scenes with the program of a checkout's src (None: this one) and keeps them below the folder."""
    for name in sorted(PLAYS):
        # Of another version the records and the files alone: its documents were kept when it was released.
        play = dict(PLAYS[name], see=PLAYS[name]['see'] if source is None else [])
        host = own_host(Program(source or SOURCE))
        try:
            seen, records, files = played(host, play)
        finally:
            host.close()
        place = os.path.join(folder, 'scenes', name)
        plan = dict((key, play[key]) for key in ('setup', 'make', 'see'))
        write(place, 'scene.json', release_scenes.canonical(plan))
        if seen:
            write(place, 'seen.json', release_scenes.canonical(seen).replace(TOP, '/top'))
        for kind, found in (('records', records), ('tree', files)):
            for path, text in found.items():
                write(os.path.join(place, kind), path, text)


def write(folder, name, text):
    path = os.path.join(folder, name)
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
    with open(path, 'w') as target:
        target.write(text)
