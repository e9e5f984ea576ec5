"""The DHCP clients of ends, on a throwaway host."""
from __future__ import absolute_import, division, print_function

import pytest

ONLY = '/mnt/bin'  # the folder of the one client


def choose(host, client):
    """Has netnsctl find this client alone ('' for none): the options for a call of the host. Skips where it is not
    installed."""
    if client and not host.sh('command -v %s || true' % client).strip():
        pytest.skip('%s is not installed' % client)
    host.sh('mkdir -p %s; for p in env ip sh sed grep tr %s; do ln -s "$(command -v $p)" %s/; done' % (
        ONLY, client, ONLY))
    return {'only_path': ONLY}


def address(host, namespace='a', dev='eth0'):
    """The first IPv4 address of a link ('10.1.0.50/24'), or None."""
    words = host.sh('ip -n %s -4 -br address show %s 2>/dev/null || true' % (namespace, dev)).split()
    return words[2] if len(words) > 2 else None


def client_pid(host, wire='w', at=0):
    """The PID that a wire's client has written down, as text, or ''."""
    return host.sh('cat /run/netnsctl/dhcp/%s.%d.pid 2>/dev/null || true' % (wire, at)).strip()
