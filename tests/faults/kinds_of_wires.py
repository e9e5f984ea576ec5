"""Wires of each kind, and what they bring along, made by each backend."""

from __future__ import absolute_import, division, print_function

from faults.scenario import Scenario
from support import own_ovs, process

NAMES = 'for n in a b; do ip netns add $n; ip -n $n link set lo up; done\n'
A, B = 'a:A=10.1.1.1/32,mac=02:00:00:00:01:0a', 'b:B=10.1.1.2/32,mac=02:00:00:00:01:0b'
# A link of the host's, whose name an end has too.
NIC = ('ip link add nwn type veth peer name nwp; ip link set nwn up; ip link set nwp up\n'
       'ip addr add 10.3.0.1/24 dev nwn\n')
SWITCH = own_ovs.IN_HOST.replace('cat ', ': ') + (
    'ovs-vsctl --timeout=20 add-br br-int -- set bridge br-int datapath_type=netdev\n')
# A new namespace has the forwarding of the machine's first one.
STILL = 'sysctl -q -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0\n'
DROPPING = STILL + (
    'nft add table inet theirs\n'
    "nft 'add chain inet theirs fw { type filter hook forward priority 0; policy drop; }'\n"
    "nft 'add rule inet theirs fw counter comment \"theirs\"'\n")
# The host's own way out by IPv6 is one that a router advertises.
LED = NIC + STILL + ('sysctl -q -w net.ipv6.conf.nwn.accept_ra=1\n'
                     'ip -6 route add default via fe80::9 dev nwn proto ra\n')
SHAPED = 'netnsctl wire --no-check --backend %s --name w ' + A + ',rate=1mbit ' + B + '\n'
REMOTES = ('netnsctl wire --no-check --backend %s --name w a:A=10.2.0.2/24 '
           'vxlan://42=remote=10.3.0.2,remote=10.3.0.3\n')
TAGGED = ('netnsctl wire --no-check --backend %s --name w a:A=10.2.0.2/24 bridge://br0=tag=100\n')
FILE = ''.join('a:x%d=10.7.%d.1/30 b:x%d=10.7.%d.2/30 --name w%d\n' % ((number,) * 5) for number in range(3))
ON_BRIDGES = ''.join('a:y%d=10.7.%d.2/24 bridge://br%d=10.7.%d.1/24 --name y%d\n' % ((number,) * 5)
                     for number in range(3))
TREE = r'''
d=/etc/sysconfig/netns; mkdir -p $d/a $d/b $d/host
printf 'PEER=B\nPEER_NETNS=b\nIPADDR=10.1.1.1\nPREFIX=24\n' >$d/a/ifcfg-A
printf 'IPADDR=10.1.1.2\nPREFIX=24\nDNS1=10.1.1.9\n' >$d/b/ifcfg-B
printf 'BRIDGE=br0\nIPADDR=10.2.0.2\nPREFIX=24\nGATEWAY=10.2.0.1\n' >$d/a/ifcfg-eth0
printf 'TYPE=Bridge\nIPADDR=10.2.0.1\nPREFIX=24\n' >$d/host/ifcfg-br0
'''
UNWIRE = ['unwire', '--if-exists', 'w']


def _kernel_has(*words):
    """Can this kernel make such a link? words: of `ip link add`, on the link l."""
    script = 'ip link add name l type veth peer name m; exec ip link add ' + ' '.join(words)
    return process.run(['unshare', '--net', 'sh', '-euc', script]).status == 0


HAS_BRIDGE_VLANS = _kernel_has('name t type bridge vlan_filtering 1')


def scenarios():
    for backend in ('netlink', 'iproute'):
        wire = ['wire', '--no-check', '--backend', backend]
        for found in (_plain, _anchored, _passed_on, _changed, _files):
            for scenario in found(backend, wire):
                yield scenario


def _plain(backend, wire):
    """Between two namespaces."""
    helpers = backend == 'iproute'
    yield Scenario('wire ' + backend, NAMES, wire + [A, B], ['unwire', '--if-exists', A, B], helpers=helpers,
                   limits='state', races=True)
    yield Scenario('wire pids ' + backend, '', wire + ['{0}:A=fd00::1/64', '{1}:B=fd00::2/64'],
                   ['unwire', '--if-exists', '{0}:A', '{1}:B'], holders=2, helpers=helpers)


def _anchored(backend, wire):
    """To something on the host. Not every kernel has every kind."""
    helpers = backend == 'iproute'
    yield Scenario('wire bridge ' + backend, NAMES,
                   wire + ['a=10.2.0.2/24,gw=10.2.0.1', 'bridge://br0=10.2.0.1/24', '--name', 'w'], UNWIRE)
    yield Scenario('wire bridge host routes ' + backend, NAMES + NIC + 'ip route add 10.2.0.2/32 via 10.3.0.2\n',
                   wire + ['--replace', 'a:A=10.2.0.2/32,fd00::2/128', 'bridge://br0=10.2.0.1/32,fd00::1/128',
                           '--name', 'w'], UNWIRE)
    if HAS_BRIDGE_VLANS:
        yield Scenario('wire bridge tag ' + backend, NAMES,
                       wire + ['a:A=10.2.0.2/24', 'bridge://br0=10.2.0.1/24,tag=100', '--name', 'w'], UNWIRE)
    yield Scenario('wire macvlan ' + backend, NAMES + NIC,
                   wire + ['a:nwn=10.2.0.2/24,gw=10.2.0.1', 'macvlan://nwn', '--name', 'w'], UNWIRE, helpers=helpers)
    yield Scenario('wire macvlan host ' + backend, NAMES + NIC + 'ip addr add 10.2.0.1/24 dev nwn\n',
                   wire + ['a:A=10.2.0.2/24', 'macvlan://nwn=host', '--name', 'w'], UNWIRE, helpers=helpers)
    if _kernel_has('link l name t type vlan id 7'):
        yield Scenario('wire vlan ' + backend, NAMES + NIC,
                       wire + ['a:A=10.2.0.2/24,gw=10.2.0.1', 'vlan://nwn/7', '--name', 'w'], UNWIRE)
    if _kernel_has('link l name t type ipvlan mode l2'):
        yield Scenario('wire ipvlan ' + backend, NAMES + NIC,
                       wire + ['a:A=10.2.0.2/24,gw=10.2.0.1', 'ipvlan://nwn', '--name', 'w'], UNWIRE)
    if _kernel_has('name t type dummy'):
        yield Scenario('wire dummy ' + backend, NAMES, wire + ['a:A=10.2.0.2/24', 'dummy://', '--name', 'w'], UNWIRE)
    # The link comes back; what it had is in the record.
    yield Scenario('wire phys ' + backend, NAMES + NIC + 'ip link set nwn mtu 1400; '
                   'ip route add 10.4.0.0/16 via 10.3.0.2\n',
                   wire + ['a:A=10.2.0.2/24,gw=10.2.0.1', 'phys://nwn=force=yes', '--name', 'w'], UNWIRE,
                   helpers=helpers, limits='state')
    yield Scenario('wire vxlan ' + backend, NAMES + NIC,
                   wire + ['a:A=10.2.0.2/24', 'vxlan://42=remote=10.3.0.2,remote=10.3.0.3', '--name', 'w'], UNWIRE)
    yield Scenario('wire bridge port ' + backend, NAMES + NIC,
                   wire + ['bridge://br0:vx0=10.9.0.1/16', 'vxlan://42=remote=10.3.0.2', '--name', 'w'], UNWIRE,
                   helpers=helpers)
    if own_ovs.is_installed():
        yield Scenario('wire ovs ' + backend, NAMES + SWITCH,
                       wire + ['a:A=10.2.0.2/24', 'ovs://br-int=tag=9', '--name', 'w'], UNWIRE)


def _passed_on(backend, wire):
    """What the host passes on for them: addresses that are translated, ports that are published."""
    words = wire + ['--name', 'w', 'a:A=10.2.0.2/24,publish=8080:80/udp', 'bridge://br0=10.2.0.1/24,nat']
    yield Scenario('wire nat ' + backend, NAMES + STILL, words, UNWIRE)
    yield Scenario('wire nat iptables ' + backend, NAMES + STILL + 'echo "firewall = iptables" >/etc/netnsctl.conf\n',
                   words, UNWIRE)
    yield Scenario('wire nat ipv6 ' + backend, NAMES + LED,
                   wire + ['--name', 'w', 'a:A=fd00::2/64', 'bridge://br0=fd00::1/64,nat'], UNWIRE)
    # Beside a chain of somebody else's, which drops what it is not told to let pass.
    yield Scenario('wire open ' + backend, NAMES + DROPPING,
                   wire + ['--open', '--name', 'w', 'a:A=10.2.0.2/24', 'bridge://br0=10.2.0.1/24,nat'], UNWIRE)


def _changed(backend, wire):
    """Wires that are there, and become others."""
    helpers = backend == 'iproute'
    replace = wire + ['--replace', '--name', 'w', 'a:A=10.2.0.2/24']
    yield Scenario('wire vxlan remotes ' + backend, NAMES + NIC + REMOTES % backend,
                   replace + ['vxlan://42=remote=10.3.0.3,remote=10.3.0.4'],
                   replace + ['vxlan://42=remote=10.3.0.2,remote=10.3.0.3'], helpers=helpers)
    if HAS_BRIDGE_VLANS:
        yield Scenario('wire bridge retag ' + backend, NAMES + TAGGED % backend,
                       replace + ['bridge://br0=tag=200'], replace + ['bridge://br0=tag=100'])
    yield Scenario('shape ' + backend, NAMES + SHAPED % backend, ['shape', 'w', 'a', 'rate=3mbit', 'burst=16kb'],
                   ['shape', 'w', 'a', 'rate=1mbit', 'burst=none'], helpers=helpers)
    yield Scenario('wire replace ' + backend,
                   NAMES + 'ip link add x type veth peer name xx; ip link set x up; ip link set xx up\n'
                           'ip addr add 10.8.0.1/24 dev x; ip route add 10.9.0.0/16 via 10.8.0.2\n',
                   wire + ['--replace', 'host:H=10.1.1.1/24,route=10.9.0.0/16@10.1.1.2', 'b:B=10.1.1.2/24'],
                   wire + ['--replace', 'host:H=10.1.1.1/24', 'b:B=10.1.1.3/24'])


def _files(backend, wire):
    """Several at once."""
    conf = 'echo "backend = %s" >/etc/netnsctl.conf\n' % backend
    yield Scenario('wire file atomic ' + backend, NAMES, wire + ['--atomic', '-f', '-'], ['unwire', '--all'],
                   feed=FILE.encode('ascii'), parts=('back',))
    yield Scenario('wire file bridges ' + backend, NAMES, wire + ['-f', '-'], ['unwire', '--all'],
                   feed=ON_BRIDGES.encode('ascii'), parts=('there', 'back'))
    yield Scenario('wire file purge ' + backend, NAMES, wire + ['-f', '-', '--purge', '*'],
                   wire + ['-f', '-', '--purge', '*'], feed=FILE.encode('ascii'),
                   feed_back=ON_BRIDGES.encode('ascii'), parts=('there', 'back'))
    yield Scenario('up ' + backend, conf + TREE, ['up'], ['down'], parts=('there', 'back'), races=True,
                   limits='files' if backend == 'netlink' else None)
