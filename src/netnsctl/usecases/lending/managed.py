"""Does a network manager look after a NIC? By what NetworkManager and systemd-networkd say of each link in /run, where
they run: neither needs to answer."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.usecases.doctor.network import managers as running

_TRUE = ('1', 'true', 'yes')


def managers(host, nic):
    """[(who manages a Link of the host's, the command by which it leaves the link alone)]."""
    found = []
    # NetworkManager writes [device] managed=true into a file for each link, nm-manager.c.
    for folder in ('/run/NetworkManager', '/var/run/NetworkManager'):
        told = _value(host, '%s/devices/%d' % (folder, nic.index), 'managed')
        if told in _TRUE and running.find_process(host, 'NetworkManager') is not None:
            found.append(('NetworkManager', 'nmcli device set %s managed no' % shell_quote(nic.name)))
            break
    # sd-network: ADMIN_STATE is pending, configuring, configured, failed or linger of a link that is looked after.
    told = _value(host, '/run/systemd/netif/links/%d' % nic.index, 'ADMIN_STATE')
    if told not in (None, '', 'unmanaged', 'initialized') and running.find_process(
            host, 'systemd-networkd') is not None:
        found.append(('systemd-networkd', 'Unmanaged=yes in the section [Link] of its .network file: networkctl '
                                          'status %s names it' % shell_quote(nic.name)))
    return found


def _value(host, path, key):
    """The value of a line KEY=VALUE of a file, or None."""
    for line in (host.read(path, 65536) or '').splitlines():
        name, equals, value = line.strip().partition('=')
        if equals and name == key:
            return value.strip().lower()
    return None
