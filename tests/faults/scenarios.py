"""What is done while faults happen: a way there and a way back, each a command line of netnsctl."""

from __future__ import absolute_import, division, print_function

import json

from faults.ground import Ground, PluginGround, RpmGround
from support import own_ovs, process

NAMES = 'for n in a b; do ip netns add $n; ip -n $n link set lo up; done\n'
A, B = 'a:A=10.1.1.1/32,mac=02:00:00:00:01:0a', 'b:B=10.1.1.2/32,mac=02:00:00:00:01:0b'
# A link of the host's, whose name an end has too.
NIC = ('ip link add nwn type veth peer name nwp; ip link set nwn up; ip link set nwp up\n'
       'ip addr add 10.3.0.1/24 dev nwn\n')
SWITCH = own_ovs.IN_HOST.replace('cat ', ': ') + (
    'ovs-vsctl --timeout=20 add-br br-int -- set bridge br-int datapath_type=netdev\n')
DROPPING = ('sysctl -q -w net.ipv4.ip_forward=0\nnft add table inet theirs\n'
            "nft 'add chain inet theirs fw { type filter hook forward priority 0; policy drop; }'\n"
            "nft 'add rule inet theirs fw counter comment \"theirs\"'\n")
SHAPED = 'netnsctl wire --no-check --backend %s --name w ' + A + ',rate=1mbit ' + B + '\n'
REMOTES = ('netnsctl wire --no-check --backend %s --name w a:A=10.2.0.2/24 '
           'vxlan://42=remote=10.3.0.2,remote=10.3.0.3\n')
FILE = ''.join('a:x%d=10.7.%d.1/30 b:x%d=10.7.%d.2/30 --name w%d\n' % ((number,) * 5) for number in range(3))
TREE = r'''
d=/etc/sysconfig/netns; mkdir -p $d/a $d/b $d/host
printf 'PEER=B\nPEER_NETNS=b\nIPADDR=10.1.1.1\nPREFIX=24\n' >$d/a/ifcfg-A
printf 'IPADDR=10.1.1.2\nPREFIX=24\nDNS1=10.1.1.9\n' >$d/b/ifcfg-B
printf 'BRIDGE=br0\nIPADDR=10.2.0.2\nPREFIX=24\nGATEWAY=10.2.0.1\n' >$d/a/ifcfg-eth0
printf 'TYPE=Bridge\nIPADDR=10.2.0.1\nPREFIX=24\n' >$d/host/ifcfg-br0
'''
COMPOSE = """printf '{"services": {}, "x-netnsctl": {"wires": ["netns://%s netns://%s", "%s %s"]}}' >/mnt/compose.yaml
""" % (A, B, 'netns://a:C=10.2.0.2/24,mac=02:00:00:00:02:0a', 'bridge://br0=10.2.0.1/24')


CNI = {'cniVersion': '1.1.0', 'name': 'lan', 'type': 'netnsctl', 'anchor': 'bridge://br0', 'gw': '10.2.0.1',
       'addresses': '10.2.0.2/24'}
OCI = {'id': 'c1', 'status': 'created', 'bundle': '/b', 'annotations': {
    'netnsctl.wire': 'self:eth0=10.2.0.2/24,gw=10.2.0.1 bridge://br0=10.2.0.1/24'}}
# Not every kernel has bridges that filter VLANs.
HAS_BRIDGE_VLANS = process.run(['unshare', '--net', 'ip', 'link', 'add', 'name', 'br0', 'type', 'bridge',
                                'vlan_filtering', '1']).status == 0

# A wire that nobody confirms, and whose process was killed.
UNCONFIRMED = r'''
seconds=600  # a variable, so that the shell is not taken for that process
netnsctl unwire --if-exists w >/dev/null 2>&1
netnsctl wire --no-check --name w a:A=10.1.1.1/24,mac=02:00:00:00:01:0a b:B=10.1.1.2/24,mac=02:00:00:00:01:0b
netnsctl wire --no-check --name w --replace --confirm $seconds a:A=10.1.1.1/24 b:B=10.1.1.3/24
for p in /proc/[0-9]*; do
    if tr '\0' ' ' <$p/cmdline 2>/dev/null | grep -q "wire .*--confirm $seconds"; then
        kill -9 ${p#/proc/}
        for _ in $(seq 500); do [ -d $p ] || break; sleep 0.01; done
    fi
done
cd /run/netnsctl/unconfirmed
mv *.json one.json
'''
OVERDUE = UNCONFIRMED + r"""sed -i 's/"due": [0-9.]*/"due": 0/' one.json
"""


class Scenario(object):
    """setup: shell script. there, back: words of netnsctl; back_sh instead of back: a shell script that goes back.
    feed, feed_back: their standard input.

    parts: ways ('there', 'back') made of steps that stand for themselves: what is cut short in between may leave some.
    settles: after a kill the next command alone (`ls` takes no lock, `unwire` of nothing does) leaves all or nothing.
    again: the same command after a success is a success too. holders: how many processes that own a namespace there are
    ({0}, {1} in the words are their PIDs).
    helpers, limits ('state', or 'files': of the config tree too), races: these faults are tried on it as well.
    """

    def __init__(self, name, setup, there, back=(), back_sh=None, feed=b'', **options):
        self.name, self.setup, self.feed = name, setup, feed
        self.feed_back = options.pop('feed_back', b'')
        self.there, self.back, self.back_sh = list(there), list(back), back_sh
        self.parts = options.pop('parts', ())
        self.settles = options.pop('settles', True)
        self.again = options.pop('again', True)
        self.holders = options.pop('holders', 0)
        self.ground = options.pop('ground', Ground)
        self.helpers = options.pop('helpers', False)
        self.limits = options.pop('limits', None)
        self.races = options.pop('races', False)
        assert not options, options

    def words(self, direction, ground):
        """The command line of one way ('there', 'back') on a ground."""
        found = self.there if direction == 'there' else self.back
        replace = dict(('{%d}' % number, '%d' % pid) for number, pid in enumerate(ground.pids))
        if self.ground is RpmGround:
            replace.update({'{url}': 'file://' + ground.packages.repo('good'), '{key}': ground.packages.key,
                            '{fingerprint}': ground.packages.fingerprint})
        for old, new in replace.items():
            found = [word.replace(old, new) for word in found]
        return found


def _by_backend():
    for backend in ('netlink', 'iproute'):
        wire = ['wire', '--no-check', '--backend', backend]
        helpers = backend == 'iproute'
        conf = 'echo "backend = %s" >/etc/netnsctl.conf\n' % backend
        yield Scenario('wire ' + backend, NAMES, wire + [A, B], ['unwire', '--if-exists', A, B], helpers=helpers,
                       limits='state',
                       races=True)
        yield Scenario('wire pids ' + backend, '', wire + ['{0}:A=fd00::1/64', '{1}:B=fd00::2/64'],
                       ['unwire', '--if-exists', '{0}:A', '{1}:B'], holders=2, helpers=helpers)
        yield Scenario('wire bridge ' + backend, NAMES,
                       wire + ['a=10.2.0.2/24,gw=10.2.0.1', 'bridge://br0=10.2.0.1/24', '--name', 'w'],
                       ['unwire', '--if-exists', 'w'])
        if HAS_BRIDGE_VLANS:
            yield Scenario('wire bridge tag ' + backend, NAMES,
                           wire + ['a:A=10.2.0.2/24', 'bridge://br0=10.2.0.1/24,tag=100', '--name', 'w'],
                           ['unwire', '--if-exists', 'w'])
        # A new namespace has the forwarding of the machine's first one.
        yield Scenario('wire nat ' + backend, NAMES + 'sysctl -q -w net.ipv4.ip_forward=0\n',
                       wire + ['--name', 'w', 'a:A=10.2.0.2/24,publish=8080:80/udp', 'bridge://br0=10.2.0.1/24,nat'],
                       ['unwire', '--if-exists', 'w'])
        # Beside a chain of somebody else's, which drops what it is not told to let pass.
        yield Scenario('wire open ' + backend, NAMES + DROPPING,
                       wire + ['--open', '--name', 'w', 'a:A=10.2.0.2/24', 'bridge://br0=10.2.0.1/24,nat'],
                       ['unwire', '--if-exists', 'w'])
        yield Scenario('wire macvlan ' + backend, NAMES + NIC,
                       wire + ['a:nwn=10.2.0.2/24,gw=10.2.0.1', 'macvlan://nwn', '--name', 'w'],
                       ['unwire', '--if-exists', 'w'], helpers=helpers)
        yield Scenario('wire macvlan host ' + backend, NAMES + NIC + 'ip addr add 10.2.0.1/24 dev nwn\n',
                       wire + ['a:A=10.2.0.2/24', 'macvlan://nwn=host', '--name', 'w'],
                       ['unwire', '--if-exists', 'w'], helpers=helpers)
        # The link comes back; what it had is in the record.
        yield Scenario('wire phys ' + backend, NAMES + NIC + 'ip link set nwn mtu 1400; '
                       'ip route add 10.4.0.0/16 via 10.3.0.2\n',
                       wire + ['a:A=10.2.0.2/24,gw=10.2.0.1', 'phys://nwn=force=yes', '--name', 'w'],
                       ['unwire', '--if-exists', 'w'], helpers=helpers, limits='state')
        yield Scenario('wire vxlan ' + backend, NAMES + NIC,
                       wire + ['a:A=10.2.0.2/24', 'vxlan://42=remote=10.3.0.2,remote=10.3.0.3', '--name', 'w'],
                       ['unwire', '--if-exists', 'w'])
        yield Scenario('wire vxlan remotes ' + backend, NAMES + NIC + REMOTES % backend,
                       wire + ['--replace', '--name', 'w', 'a:A=10.2.0.2/24', 'vxlan://42=remote=10.3.0.3,remote=10.3.0.4'],
                       wire + ['--replace', '--name', 'w', 'a:A=10.2.0.2/24', 'vxlan://42=remote=10.3.0.2,remote=10.3.0.3'],
                       helpers=helpers)
        if own_ovs.is_installed():
            yield Scenario('wire ovs ' + backend, NAMES + SWITCH,
                           wire + ['a:A=10.2.0.2/24', 'ovs://br-int=tag=9', '--name', 'w'],
                           ['unwire', '--if-exists', 'w'])
        yield Scenario('shape ' + backend, NAMES + SHAPED % backend, ['shape', 'w', 'a', 'rate=3mbit', 'burst=16kb'],
                       ['shape', 'w', 'a', 'rate=1mbit', 'burst=none'], helpers=helpers)
        yield Scenario('wire replace ' + backend,
                       NAMES + 'ip link add x type veth peer name xx; ip link set x up; ip link set xx up\n'
                               'ip addr add 10.8.0.1/24 dev x; ip route add 10.9.0.0/16 via 10.8.0.2\n',
                       wire + ['--replace', 'host:H=10.1.1.1/24,route=10.9.0.0/16@10.1.1.2', 'b:B=10.1.1.2/24'],
                       wire + ['--replace', 'host:H=10.1.1.1/24', 'b:B=10.1.1.3/24'])
        yield Scenario('wire file atomic ' + backend, NAMES, wire + ['--atomic', '-f', '-'], ['unwire', '--all'],
                       feed=FILE.encode(), parts=('back',))
        yield Scenario('up ' + backend, conf + TREE, ['up'], ['down'], parts=('there', 'back'), races=True,
                       limits='files' if backend == 'netlink' else None)


def _without_backend():
    # What checks a wire is the same for both.
    yield Scenario('wire checked', NAMES, ['wire', '--backend', 'netlink', A, B], ['unwire', '--if-exists', A, B])
    yield Scenario('wire macvlan checked', NAMES + NIC + 'ip addr add 10.2.0.1/24 dev nwp\n',
                   ['wire', '--backend', 'netlink', 'a:nwn=10.2.0.2/24,gw=10.2.0.1', 'macvlan://nwn', '--name', 'w'],
                   ['unwire', '--if-exists', 'w'])
    compose = ['--compose', '/mnt/compose.yaml', '--project', 'p']
    yield Scenario('up compose', NAMES + COMPOSE, ['up', '--no-check'] + compose, ['down'] + compose,
                   parts=('there', 'back'))
    # What runtimes start. The hook's note of a container is removed after its wires; the next start sweeps it.
    lan = json.dumps(CNI).encode('ascii')
    yield Scenario('CNI', 'ip netns add a', ['CNI', 'ADD'], ['CNI', 'DEL'], feed=lan, feed_back=lan,
                   ground=PluginGround)
    begun, ended = [json.dumps(dict(OCI, status=status, pid='PID')).replace('"PID"', pid).encode('ascii')
                    for status, pid in (('created', '{pid}'), ('stopped', '0'))]
    yield Scenario('OCI hook', 'ip netns add a; echo "pod_annotations = obey" >/etc/netnsctl.conf', ['OCI', 'begin'],
                   ['OCI', 'end'], feed=begun, feed_back=ended, ground=PluginGround, parts=('there', 'back'))
    yield Scenario('wire save', NAMES, ['wire', '--no-check', '--save', A, B],
                   back_sh='netnsctl unwire a:A b:B; rm -rf /etc/sysconfig/netns',
                   settles=False)
    yield Scenario('confirm', NAMES + UNCONFIRMED + 'cp -p one.json /mnt', ['confirm', 'w'], settles=False,
                   back_sh='mkdir -p -m 0700 /run/netnsctl/unconfirmed; cp -p /mnt/one.json /run/netnsctl/unconfirmed')
    yield Scenario('not confirmed in time', NAMES + OVERDUE, ['unwire', '--if-exists', 'w'], back_sh=OVERDUE,
                   parts=('there',))
    yield Scenario('config save', NAMES + 'netnsctl wire --no-check %s %s\n' % (A, B) +
                   'netnsctl wire --no-check a=10.2.0.2/24,mac=02:00:00:00:02:0a bridge://br0=10.2.0.1/24 --name w\n'
                   'mkdir -p /etc/sysconfig/netns/a\n'
                   'printf "# kept\nPEER=B\nPEER_NETNS=b\nIPADDR=10.3.3.3\n" >/etc/sysconfig/netns/a/ifcfg-A\n'
                   'rm -rf /mnt/old; cp -a /etc/sysconfig/netns /mnt/old',
                   ['config', 'save', '--all'],
                   back_sh='rm -rf /etc/sysconfig/netns; cp -a /mnt/old /etc/sysconfig/netns',
                   limits='files', settles=False)
    yield Scenario('netns add', 'ip netns add first', ['netns', 'add', 'x'], ['netns', 'delete', 'x'],
                   settles=False, again=False)
    yield Scenario('netns add, the first', '', ['netns', 'add', 'x'], settles=False, again=False,
                   back_sh='ip netns delete x; umount /run/netns; rmdir /run/netns')
    yield Scenario('netns attach', 'ip netns add first', ['netns', 'attach', 'x', '{0}'], ['netns', 'delete', 'x'],
                   settles=False, again=False, holders=1)
    yield Scenario('shim enable', '', ['shim', 'enable', '--force'], ['shim', 'disable'], settles=False)
    yield Scenario('repo enable', '', ['repo', 'enable', '--baseurl', '{url}', '--gpgkey', '{key}', '--fingerprint',
                                       '{fingerprint}'], ['repo', 'disable'], ground=RpmGround, settles=False)


SCENARIOS = dict((scenario.name, scenario) for scenario in list(_by_backend()) + list(_without_backend()))
