"""Does a network manager look after a NIC? By what NetworkManager and systemd-networkd say of each link in /run, where
they run: neither needs to answer."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import shell_quote

_TRUE = ('1', 'true', 'yes')


def managers(host, nic):
    """[(who manages a Link of the host's, the command by which it leaves the link alone)]."""
    found = []
    # NetworkManager writes [device] managed=true into a file for each link, nm-manager.c.
    for folder in ('/run/NetworkManager', '/var/run/NetworkManager'):
        told = _value(host, '%s/devices/%d' % (folder, nic.index), 'managed')
        if told in _TRUE and find_process(host, 'NetworkManager') is not None:
            found.append(('NetworkManager', 'nmcli device set %s managed no' % shell_quote(nic.name)))
            break
    # sd-network: ADMIN_STATE is pending, configuring, configured, failed or linger of a link that is looked after.
    told = _value(host, '/run/systemd/netif/links/%d' % nic.index, 'ADMIN_STATE')
    if told not in (None, '', 'unmanaged', 'initialized') and find_process(
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


def find_process(host, name):
    """The PID of a program of that name that runs in this network namespace, or None.

    Does not ask systemctl or service: EL6 lacks the one, EL10 the other, and containers both.
    """
    short = name[:15]  # what the kernel keeps of it (TASK_COMM_LEN)
    own = _namespace(host, 'self')
    for entry in host.listdir('/proc'):
        if not entry.isdigit():
            continue
        # proc(5): PID (COMM) STATE ...
        text = host.read('/proc/%s/stat' % entry, 4096) or ''
        if text.partition('(')[2].rpartition(')')[0] == short and _namespace(host, entry) in (own, None):
            return int(entry)
    return None


def _namespace(host, entry):
    try:
        return os.readlink(host.path('/proc/%s/ns/net' % entry))
    except OSError:
        return None
