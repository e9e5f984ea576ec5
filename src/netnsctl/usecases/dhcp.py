"""Addresses by DHCP: the host's dhclient or udhcpc, run inside the namespace, with a script of netnsctl's own.

Its process and lease are written down by the wire's name; it ends with the wire.
"""
from __future__ import absolute_import, division, print_function

import hashlib
import os
import re
import signal
import time

from netnsctl.compat import monotonic, to_bytes
from netnsctl.edge.host import write_file
from netnsctl.edge.netns import start_time
from netnsctl.errors import NetnsctlError, NotFoundError

SCRIPT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'libexec', 'dhcp-script')
# Leases outlive a boot: the server then gives the same address again.
LEASES = '/var/lib/netnsctl/dhcp'
SECONDS = 20.0
_WAIT_SECONDS = 3.0
_FOLDER = 'dhcp'


class Client(object):
    """A DHCP client of one end of a wire. state: execution.State; name: the wire's; at: 0 or 1."""

    def __init__(self, session, name, at):
        self.session = session
        self.label = '%s.%d' % (name, at)

    @property
    def _pid_path(self):
        return self.session.state.path(_FOLDER, self.label + '.pid')

    def pid(self):
        """The PID of its process, or None where it does not run: a PID is checked by what it was started as."""
        text = self.session.host.read(self._pid_path[len(self.session.host.root):]) or ''
        match = re.match(r'\s*([1-9][0-9]*)', text)
        if not match or start_time(int(match.group(1))) is None:
            return None
        command = self.session.host.read('/proc/%s/cmdline' % match.group(1)) or ''
        return int(match.group(1)) if self._pid_path in command.split('\0') else None

    def start(self, opened, dev, interface):
        """Gets an address for a link of an open Netns, and leaves the client running. interface: tree.Interface.

        NotFoundError where the host has no client, NetnsctlError where no server answers.
        """
        if self.pid() is not None:
            return
        host = self.session.host
        self.session.state.make(_FOLDER)
        folder = host.path(LEASES)
        if not os.path.isdir(folder):
            os.makedirs(folder, 0o700)
        settings = self._settings(interface, os.path.join(folder, self.label))
        argv = self._command(dev, os.path.join(folder, self.label), settings)
        # A program started by a thread that is in a namespace is in it too.
        with opened.entered():
            result = host.run(['env'] + settings + argv, seconds=SECONDS + 10)
        if result.status or not self._wait_for(lambda: self.pid() is not None):
            self.stop()
            raise NetnsctlError('%s of %s: no address by DHCP: %s' % (
                dev, opened.label, (result.err.strip().splitlines() or ['no server answered'])[-1]))

    def _settings(self, interface, lease):
        """What the script is told, as NAME=VALUE."""
        is_named = interface.target.scheme == 'netns' and not interface.link.dns
        resolv = self.session.host.path('/etc/netns/%s/resolv.conf' % interface.target.name) if is_named else ''
        return ['NETNSCTL_DEFROUTE=%s' % ('yes' if interface.link.defroute else 'no'),
                'NETNSCTL_METRIC=%s' % (interface.link.metric or ''), 'NETNSCTL_RESOLV=%s' % resolv,
                'NETNSCTL_LEASE=%s.address' % lease]

    def _command(self, dev, lease, settings):
        """The words that start the host's client. NotFoundError where it has none."""
        host = self.session.host
        dhclient = host.find('dhclient')
        if dhclient:
            config = self.session.state.path(_FOLDER, 'dhclient.conf')
            write_file(config, 'timeout %d;\n' % SECONDS)
            # It gives its script no variables but these.
            variables = [word for setting in settings for word in ('-e', setting)]
            return [dhclient, '-4', '-1', '-q', '-cf', config, '-pf', self._pid_path, '-lf', lease + '.leases',
                    '-sf', SCRIPT] + variables + [dev]
        udhcpc = host.find('udhcpc')
        busybox = None if udhcpc else host.find('busybox')
        if not udhcpc and not busybox:
            raise NotFoundError('%s: BOOTPROTO=dhcp, and there is neither dhclient nor udhcpc on this host' % dev)
        kept = (host.read(lease[len(host.root):] + '.address') or '').strip()
        words = ['-r', kept] if re.match(r'[0-9.]{7,15}\Z', kept) else []
        return ([udhcpc] if udhcpc else [busybox, 'udhcpc']) + [
            '-i', dev, '-n', '-S', '-t', '5', '-T', '3', '-p', self._pid_path, '-s', SCRIPT] + words

    @staticmethod
    def _wait_for(condition):
        """Does it come true within some seconds? udhcpc writes its PID after its parent has ended."""
        deadline = monotonic() + _WAIT_SECONDS
        while not condition():
            if monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def stop(self):
        """Ends the process, if it runs. The lease is kept."""
        pid = self.pid()
        if pid is not None:
            try:
                os.kill(pid, signal.SIGTERM)
                if not self._wait_for(lambda: self.pid() is None):
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                pass  # it ended by itself
        try:
            os.unlink(self._pid_path)
        except OSError:
            pass  # it takes that away itself


def stable_mac(end):
    """A MAC address (02:...) for an Endpoint that is the same each time: servers know their clients by it."""
    digest = hashlib.sha256(to_bytes(end.place())).hexdigest()
    return ':'.join(['02'] + [digest[at:at + 2] for at in range(0, 10, 2)])


def stop_all(session, name):
    """Ends the clients of a wire that is taken away."""
    if os.path.isdir(to_bytes(session.state.path(_FOLDER))):
        for at in (0, 1):
            Client(session, name, at).stop()
