"""What `ip` says of a namespace, for assertions; ns is a name, None the host's own, an int a PID."""

from __future__ import absolute_import, division, print_function

import json
import time

from support.process import must, run


def enter(ns):
    """The words that run a command in a namespace."""
    if ns is None:
        return []
    return ['nsenter', '-t', '%d' % ns, '-n', '--'] if isinstance(ns, int) else ['ip', 'netns', 'exec', ns]


def ip(ns, *words):
    """Runs `ip WORDS` there, which must not fail: what it prints."""
    return must(enter(ns) + ['ip'] + list(words))


def links(ns):
    """{name: what `ip -d -j address` says of it}, without lo."""
    found = json.loads(ip(ns, '-d', '-j', 'address'))
    return dict((item['ifname'], item) for item in found if item.get('ifname') not in (None, 'lo'))


def addresses(ns, dev):
    """['10.1.1.1/32', ...] of a link, sorted, without the link-local ones."""
    return sorted(
        '%s/%d' % (item['local'], item['prefixlen']) for item in links(ns)[dev]['addr_info'] if item['scope'] != 'link'
    )


def routes(ns):
    """['DST [via VIA] dev DEV', ...] of the main table, both families, sorted, without the link-local ones."""
    found = json.loads(ip(ns, '-4', '-j', 'route')) + json.loads(ip(ns, '-6', '-j', 'route') or '[]')
    return sorted(
        '%s%s dev %s' % (item['dst'], ' via ' + item['gateway'] if 'gateway' in item else '', item['dev'])
        for item in found
        if not item['dst'].startswith(('fe80:', 'ff00:'))
    )


def pings(ns, address):
    """Does an echo from there come back? busybox's own ping: machines without iputils have it too."""
    return (
        run(enter(ns) + ['busybox', 'ping6' if ':' in address else 'ping', '-c', '1', '-W', '2', address]).status == 0
    )


def add_link(ns, name):
    """A link that is up and has a carrier, and is no wire's: one end of a veth. (Not every kernel has `dummy`.)"""
    ip(ns, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name + '-x')
    set_up(ns, name + '-x', name)


def set_up(ns, *names):
    """Sets links up: when it returns they are, and get no address by themselves, so that nothing changes between two
    looks at them."""
    for name in names:
        ip(ns, 'link', 'set', 'dev', name, 'addrgenmode', 'none')
        ip(ns, 'link', 'set', 'dev', name, 'up')
    deadline = time.time() + 60
    while [name for name in names if 'state UP' not in ip(ns, 'link', 'show', 'dev', name)]:
        assert time.time() < deadline
        time.sleep(0.01)
