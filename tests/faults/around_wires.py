"""What is around wires, whichever backend makes them: files, what nobody confirmed, names, the doctor, packages."""

from __future__ import absolute_import, division, print_function

import os

from faults.ground import RpmGround
from faults.kinds_of_wires import A, B, NAMES, NIC, STILL, UNWIRE
from faults.scenario import Scenario
from support.program import HELPER_PATH, TOP

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
id=$(ls); id=${id%.json}  # one that each run has
sed -i "s/$id/0000000000000001/" $id.json ../wires/w.json
mv $id.json 0000000000000001.json
'''
OVERDUE = UNCONFIRMED + r"""sed -i 's/"due": [0-9.]*/"due": 0/' 0000000000000001.json
"""
# Somebody who serves addresses behind the NIC. busybox's own client asks: the other one waits for seconds.
SERVED = r"""
ip netns add router; ip link set nwp netns router; ip -n router link set nwp up
ip -n router address add 10.3.0.9/24 dev nwp
printf 'interface nwp\nstart 10.3.0.50\nend 10.3.0.60\noption subnet 255.255.255.0\n' >/run/served
printf 'option router 10.3.0.9\noption dns 10.3.0.9\nlease_file /run/leases\n' >>/run/served
printf 'pidfile /run/served.pid\n' >>/run/served
: >/run/leases
ip netns exec router busybox udhcpd -f /run/served >/dev/null 2>&1 </dev/null &
p=$(command -v dhclient) && mount --bind /dev/null $p || :
"""
SAVED = ('netnsctl wire --no-check --name v a:V=10.4.1.1/32 b:V=10.4.1.2/32 --save\n'
         'netnsctl wire --no-check --name w a:A=10.2.0.2/24,mac=02:00:00:00:02:0a bridge://br0=10.2.0.1/24 --save\n'
         'rm -rf /mnt/old; cp -a /etc/sysconfig/netns /mnt/old\n')
SAVED_BACK = 'rm -rf /etc/sysconfig/netns; cp -a /mnt/old /etc/sysconfig/netns'
OLD_IP = {'NETNSCTL_PATH': '%s:%s' % (os.path.join(TOP, 'tests', 'standins', 'ip-el6'), HELPER_PATH)}
# A folder of names that is no mount, as a script made it.
PRIVATE = ('umount /run/netns/* || :; umount /run/netns || :; rm -rf /run/netns; mkdir /run/netns\n'
           'for n in a b; do : >/run/netns/$n; unshare --net=/run/netns/$n true; done\n')
STALE = 'for n in s1 s2 s3; do mkdir -p /run/netns/$n; done\n'
HALF_DONE = ('netnsctl wire --no-check --name w %s %s\ncd /run/netnsctl/wires; mv w.json w.pending.json' % (A, B))


def scenarios():
    for found in (_checked, _saved, _names, _packages):
        for scenario in found():
            yield scenario


def _checked():
    """What checks and leases are is the same for both backends."""
    yield Scenario('wire checked', NAMES, ['wire', '--backend', 'netlink', A, B], ['unwire', '--if-exists', A, B])
    yield Scenario('wire macvlan checked', NAMES + NIC + 'ip addr add 10.2.0.1/24 dev nwp\n',
                   ['wire', '--backend', 'netlink', 'a:nwn=10.2.0.2/24,gw=10.2.0.1', 'macvlan://nwn', '--name', 'w'],
                   UNWIRE)
    yield Scenario('wire dhcp', NAMES + NIC + SERVED,
                   ['wire', '--no-check', '--backend', 'netlink', 'a:A=dhcp,mac=02:00:00:00:01:0a', 'macvlan://nwn',
                    '--name', 'w'], UNWIRE)
    # Both ways out, as a reload of somebody's firewall leaves them: without our rules.
    yield Scenario('up firewall', NAMES + STILL + 'netnsctl wire --no-check --name w '
                   'a:A=10.2.0.2/24,publish=8080:80/udp bridge://br0=10.2.0.1/24,nat\n', ['up', '--firewall'],
                   back_sh='nft flush ruleset', parts=('there',))
    yield Scenario('confirm', NAMES + UNCONFIRMED + 'rm -f /mnt/*.json; cp -p *.json /mnt', ['confirm', 'w'],
                   settles=False, back_sh='mkdir -p -m 0700 /run/netnsctl/unconfirmed; '
                                           'cp -p /mnt/*.json /run/netnsctl/unconfirmed')
    yield Scenario('not confirmed in time', NAMES + OVERDUE, ['unwire', '--if-exists', 'w'], back_sh=OVERDUE,
                   parts=('there',))


def _saved():
    """Files of the tree."""
    wire = ['wire', '--no-check', '--backend', 'netlink', '--name', 'w']
    yield Scenario('wire save', NAMES, ['wire', '--no-check', '--save', A, B],
                   back_sh='netnsctl unwire a:A b:B; rm -rf /etc/sysconfig/netns',
                   settles=False)
    yield Scenario('unwire forget', NAMES + SAVED, UNWIRE + ['--forget'], settles=False, parts=('there',),
                   back_sh='netnsctl wire --no-check --name w a:A=10.2.0.2/24,mac=02:00:00:00:02:0a '
                           'bridge://br0=10.2.0.1/24\n' + SAVED_BACK)
    replace = wire + ['--save', '--replace']
    yield Scenario('wire replace save', NAMES + 'ip netns add c\n',
                   replace + [A, 'c:C=10.1.1.2/32,mac=02:00:00:00:01:0c'], replace + [A, B], settles=False)
    yield Scenario('shape save', NAMES + SAVED, ['shape', 'w', 'a', 'rate=3mbit', '--save'],
                   ['shape', 'w', 'a', 'rate=none', '--save'], settles=False)
    yield Scenario('config save', NAMES + 'netnsctl wire --no-check %s %s\n' % (A, B) +
                   'netnsctl wire --no-check a=10.2.0.2/24,mac=02:00:00:00:02:0a bridge://br0=10.2.0.1/24 --name w\n'
                   'mkdir -p /etc/sysconfig/netns/a\n'
                   'printf "# kept\nPEER=B\nPEER_NETNS=b\nIPADDR=10.3.3.3\n" >/etc/sysconfig/netns/a/ifcfg-A\n'
                   'rm -rf /mnt/old; cp -a /etc/sysconfig/netns /mnt/old',
                   ['config', 'save', '--all'], back_sh=SAVED_BACK, limits='files', settles=False)
    yield Scenario('config forget', NAMES + SAVED + 'netnsctl unwire v w', ['config', 'forget', '--stale'],
                   back_sh=SAVED_BACK, limits='files', settles=False, parts=('there',), tells='it stays',
                   stays='/etc/sysconfig/netns/host/ifcfg-br0')


def _names():
    """Names of namespaces, and what the doctor mends."""
    yield Scenario('netns add', 'ip netns add first', ['netns', 'add', 'x'], ['netns', 'delete', 'x'],
                   settles=False, again=False)
    yield Scenario('netns add, the first', '', ['netns', 'add', 'x'], settles=False, again=False,
                   back_sh='ip netns delete x; umount /run/netns; rmdir /run/netns')
    yield Scenario('netns attach', 'ip netns add first', ['netns', 'attach', 'x', '{0}'], ['netns', 'delete', 'x'],
                   settles=False, again=False, holders=1)
    yield Scenario('doctor fix wires', NAMES, ['doctor', '--fix', 'wires', '--yes'], back_sh=HALF_DONE,
                   parts=('there',))
    yield Scenario('doctor fix netns-names', NAMES, ['doctor', '--fix', 'netns-names', '--yes'], settles=False,
                   back_sh=STALE, parts=('there',))
    yield Scenario('doctor fix native', PRIVATE, ['doctor', '--fix', 'native', '--yes'], settles=False, environ=OLD_IP,
                   back_sh='netnsctl shim disable || :; rm -f /etc/netnsctl.conf\n' + PRIVATE + STALE, parts=('there',))


def _packages():
    yield Scenario('shim enable', '', ['shim', 'enable', '--force'], ['shim', 'disable'], settles=False)
    yield Scenario('repo enable', '', ['repo', 'enable', '--baseurl', '{url}', '--gpgkey', '{key}', '--fingerprint',
                                       '{fingerprint}'], ['repo', 'disable'], ground=RpmGround, settles=False)
