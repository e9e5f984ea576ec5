"""firewalld and ufw on a throwaway host with an outside: themselves, with their own D-Bus."""
from __future__ import absolute_import, division, print_function

import os

from support import process
from support.containers import Unavailable
from support.program import TOP
from support.uplink_host import UplinkHost

TREE = os.path.join(TOP, 'build', 'firewalls')
# As if they were installed: what tests/tools/firewalld has fetched, over /usr; and what ufw's package does then.
INSTALL = ('mount -t overlay -o lowerdir=%(tree)s/usr:/usr none /usr; cp -a %(tree)s/etc/. /etc; '
           'cp /usr/share/ufw/ufw.conf /usr/share/ufw/iptables/*.rules /etc/ufw/')
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
"""
START = """mkdir -p /run/dbus
cat >/run/bus.conf <<'end-of-file'
%send-of-file
dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile >/run/bus.log 2>&1 </dev/null & echo $! >>/run/servers
for i in $(seq 600); do [ -S /run/dbus/system_bus_socket ] && break; sleep 0.05; done
sed -i 's/^FirewallBackend=.*/FirewallBackend=%s/' /etc/firewalld/firewalld.conf
firewalld --nofork --nopid >/run/firewalld.log 2>&1 </dev/null & echo $! >/run/firewalld.pid
cat /run/firewalld.pid >>/run/servers
for i in $(seq 600); do firewall-cmd --state >/dev/null 2>&1 && exit 0; sleep 0.1; done
cat /run/firewalld.log /run/bus.log; exit 1"""
STOP = 'kill $(cat /run/firewalld.pid); while [ -e /proc/$(cat /run/firewalld.pid)/status ] && ! grep -q "^State:.Z" ' \
       '/proc/$(cat /run/firewalld.pid)/status; do sleep 0.05; done'


class FirewallHost(UplinkHost):
    """An UplinkHost on which firewalld and ufw are installed. Unavailable where they are not there."""

    def __init__(self, run_netnsctl, program):
        have = os.path.isdir(os.path.join(TREE, 'usr', 'sbin'))
        if not have and process.run(['sh', '-c', 'command -v firewalld']).status != 0:
            raise Unavailable('make test-firewalls fetches it')
        UplinkHost.__init__(self, run_netnsctl, program)
        if have:
            self.sh(INSTALL % {'tree': TREE})
        self.sh('ip route add default via 192.0.2.9')

    def start(self, backend):
        """Starts firewalld, with that FirewallBackend: the zone of the outside's link lets nothing through."""
        self.sh(START % (BUS, backend))
        self.configure()

    def configure(self):
        """What a reload forgets: the zone of the outside's link."""
        self.sh('firewall-cmd -q --zone=external --add-interface=up0; firewall-cmd -q --zone=external '
                '--remove-masquerade; firewall-cmd -q --zone=external --remove-forward')

    def stop(self):
        self.sh(STOP)

    def reload(self):
        self.sh('firewall-cmd -q --reload')
        self.configure()
