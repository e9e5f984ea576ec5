"""A NIC of a guest that is lent: its state before, and whether it has come back with all of that."""
from __future__ import absolute_import, division, print_function

import json
import time

from support.process import must, run

MAC, ALTNAMES = '02:11:22:33:44:55', ('enp0s9', 'a-name-of-more-than-15-bytes')
# What changes by itself, or differs from look to look.
_VOLATILE = ('ifindex', 'operstate', 'valid_life_time', 'preferred_life_time', 'tentative', 'flags', 'qdisc',
             'link_index')


def prepare(nic, cable):
    """Gives a NIC all that it has to come back with. cable: the NIC at the other end of its cable."""
    for words in (['link', 'set', 'dev', nic, 'address', MAC], ['link', 'set', 'dev', nic, 'alias', 'to the lab'],
                  ['link', 'set', 'dev', nic, 'mtu', '1400']):
        must(['ip'] + words)
    for name in ALTNAMES:
        run(['ip', 'link', 'property', 'add', 'dev', nic, 'altname', name])
    for one in (cable, nic):
        must(['ip', 'link', 'set', 'dev', one, 'up'])
    for words in (['address', 'add', '10.9.0.1/24', 'brd', '+', 'dev', nic, 'label', nic + ':x'],
                  ['address', 'add', '10.9.0.9/24', 'dev', nic],
                  ['address', 'add', 'fd00:9::1/64', 'dev', nic, 'nodad'],
                  ['route', 'add', '10.99.0.0/16', 'via', '10.9.0.2', 'metric', '5', 'mtu', '1300'],
                  ['route', 'add', '10.98.0.0/16', 'dev', nic, 'table', '77'],
                  ['route', 'add', 'blackhole', '10.97.0.0/16'],
                  ['-6', 'route', 'add', 'fd00:99::/64', 'via', 'fd00:9::2']):
        must(['ip'] + words)
    wait_until_settled(nic)
    return state(nic)


def restore_boot(nic):
    """As the guest has it after its boot: for tests that share it."""
    for name in ALTNAMES:
        run(['ip', 'link', 'property', 'del', 'dev', nic, 'altname', name])
    run(['ip', 'route', 'del', 'blackhole', '10.97.0.0/16'])
    run(['ip', 'link', 'set', 'dev', nic, 'down', 'alias', '', 'mtu', '1500'])
    run(['ip', 'address', 'flush', 'dev', nic])


def _plain(value):
    if isinstance(value, dict):
        return dict((key, _plain(item)) for key, item in value.items() if key not in _VOLATILE)
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _ask(*words):
    return json.loads(must(['ip', '-d', '-j'] + list(words)) or '[]')


def state(nic):
    """All that is to be restored of a NIC, as plain data: of a link that is not there None."""
    if run(['ip', 'link', 'show', 'dev', nic]).status:
        return None
    found, = _ask('address', 'show', 'dev', nic)
    flags = sorted(set(found['flags']) & set(('UP', 'PROMISC', 'ALLMULTI', 'NOARP', 'MULTICAST')))
    found['addr_info'].sort(key=lambda item: (item['family'], item['local']))
    return {'link': _plain(found), 'flags': flags, 'altnames': sorted(found.get('altnames', ())),
            'routes': sorted(json.dumps(_plain(route), sort_keys=True) for family in ('-4', '-6')
                             for route in _ask(family, 'route', 'show', 'table', 'all', 'dev', nic)
                             if route.get('type') not in ('multicast', 'anycast', 'local', 'broadcast'))}


def wait_until_settled(nic, seconds=30):
    """Until no address of it is looked for duplicates of."""
    deadline = time.time() + seconds
    while 'tentative' in must(['ip', 'address', 'show', 'dev', nic]):
        assert time.time() < deadline
        time.sleep(0.05)


def differences(before, nic):
    """What a NIC lacks of state() before: list of text, empty when it is back, at once or within some seconds."""
    deadline = time.time() + 10
    while True:
        now = state(nic)
        found = ['%s is not there' % nic] if now is None else [
            '%s: %s, not %s' % (key, now[key], before[key]) for key in sorted(before) if now[key] != before[key]]
        if not found or time.time() > deadline:
            return found
        time.sleep(0.1)
