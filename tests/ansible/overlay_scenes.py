"""An overlay of the bed's machines by the role, and what is asked of it."""
from __future__ import absolute_import, division, print_function

import json
import re

NAMES = ('one', 'two', 'six')
MTU = 1450
# Where the connection is cut: before netnsctl does anything, once its first wire is recorded, and as it ends.
STEPS = ('begun', 'half', 'done')
_CUT = r'''#!/bin/sh
case "$*" in *--version*) exec /usr/sbin/netnsctl "$@" ;; esac
case "$*" in "wire "*) ;; *) exec /usr/sbin/netnsctl "$@" ;; esac
cut() {
    # sshd's process for this connection is an ancestor of this one.
    pid=$$
    while [ "$pid" -gt 1 ]; do
        pid=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$pid/status)
        case $(tr '\0' ' ' </proc/$pid/cmdline) in "sshd: "*) kill -9 "$pid"; return ;; esac
    done
}
case @STEP@ in
    begun) cut; exit 255 ;;
    half)
        (i=0
         while [ -z "$(ls @STATE@ 2>/dev/null)" ] && [ $i -lt 500 ]; do sleep 0.01; i=$((i + 1)); done
         cut) &
        exec /usr/sbin/netnsctl "$@" ;;
    done) /usr/sbin/netnsctl "$@"; cut; exit 255 ;;
esac
'''


class Scene(object):
    """core: support.ansible_runs.Ansible; bed: bed.Bed. Each machine has a container web-NAME, or one that is there and
    called as container says."""

    def __init__(self, core, bed, container=None):
        self.core, self.bed, self.container = core, bed, container
        self.names = sorted(bed.machines)
        for name in self.names if container is None else ():
            bed[name].add_containers('web-' + name)

    def called(self, name):
        """The name of the container of a machine."""
        return self.container or 'web-' + name

    def converge(self, *words, **options):
        """Runs the role on all machines: Play. members: names; extra: {machine: variables}; overlay, network,
        ifname."""
        extra = dict((name, {'overlay_containers': [{'target': 'netns://web-' + name,
                                                     'ifname': options.get('ifname', 'overlay0')}]})
                     for name in self.names)
        for name, more in options.get('extra', {}).items():
            extra[name] = dict(extra[name], **more)
        groups = {'mesh': list(options.get('members', self.names)), 'machines': self.names}
        inventory = self.bed.inventory(groups, None, extra)
        variables = {'overlay_name': options.get('overlay', 'mesh'), 'overlay_hosts': "{{ groups['mesh'] }}",
                     'overlay_network': options.get('network', ['10.64.0.0/10'])}
        return self.core.play([{'hosts': 'machines', 'gather_facts': False, 'vars': variables,
                                'roles': ['netnsctl.netnsctl.overlay']}], *words, inventory=inventory,
                              environ=dict({'ANSIBLE_SSH_RETRIES': '0'}, **options.get('environ', {})))

    def result(self, played, name):
        """What the wiring task returned for one machine."""
        return [task for task in played.of(name) if 'wires' in task.result][-1]

    def address_in(self, name, container, family=4):
        """The address that a container has in the overlay."""
        out = self.bed[name].sh('netnsctl ls --json')
        for wire in json.loads(out)['wires']:
            for end in wire['ends']:
                if end['target'] == 'netns://' + container:
                    return [text.partition('/')[0] for text in end['addresses'] if (':' in text) == (family == 6)][0]
        raise AssertionError('%s has no address: %s' % (container, out))

    def fits(self, here, there, size=100, family=4):
        """Does an echo of that many bytes, not to be fragmented, reach another machine's container?"""
        address = self.address_in(there, self.called(there), family)
        words = ['ping', '-%d' % family, '-c', '1', '-W', '5', '-M', 'do', '-s', '%d' % (size - {4: 28, 6: 48}[family])]
        return self.bed[here].run('netnsctl', 'netns', 'exec', self.called(here), *(words + [address])).status == 0

    def ping(self, here, there, size=100, family=4):
        """The same, which must not fail. The first packet may get lost while the two get to know each other."""
        if here == there:
            return
        self.bed.wait('%s reaches %s' % (here, there), lambda: self.fits(here, there, size, family), 60)

    def indexes(self, name):
        """{link of the overlay: its index} of a machine."""
        found = {}
        for path in self.bed[name].sh('ls -d /sys/class/net/*-mesh').split():
            found[path.rpartition('/')[2]] = self.bed[name].sh('cat %s/ifindex' % path).strip()
        return found

    def table(self, name):
        """The forwarding table of the VXLAN of a machine: text."""
        return self.bed[name].sh('bridge fdb show dev vx-mesh')

    def remotes(self, name):
        return re.findall(r'00:00:00:00:00:00 dst (\S+)', self.table(name))

    def is_clean(self, name):
        """Has a machine nothing of an overlay any more: links, files?"""
        machine = self.bed[name]
        return machine.sh("ls /sys/class/net | grep -e '^ov-' -e '^vx-' || :; "
                          "find /etc/sysconfig/netns -name 'ifcfg-*' 2>/dev/null || :") == ''

    def give_ipv6(self):
        """Gives each machine an IPv6 address on the bed's bridge: variables for the inventory."""
        found = {}
        for number, name in enumerate(self.names):
            address = '2001:db8::%d' % (number + 1)
            self.bed[name].link('addr', 'replace', address + '/64', 'dev', 'eth0', 'nodad')
            found[name] = {'overlay_underlay': address}
        return found

    def cut_at(self, name, step):
        """The connection to a machine is cut when netnsctl makes wires there: at one of STEPS."""
        state = '/run/netnsctl/wires' if self.bed[name].kind == 'debian' else '/var/run/netnsctl/wires'
        self.bed[name].write('/usr/local/sbin/netnsctl', _CUT.replace('@STEP@', step).replace('@STATE@', state), 0o755)

    def cut_no_more(self, name):
        self.bed[name].sh('rm -f /usr/local/sbin/netnsctl')

    def close(self):
        """Takes all of it away."""
        for name in self.names:
            machine = self.bed[name]
            machine.sh('netnsctl unwire --all --forget')
            machine.remove_containers()
