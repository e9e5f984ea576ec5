"""Operations as records of an earlier netnsctl have them, one verb for each kind of link."""
from __future__ import absolute_import, division, print_function

VERBS = {'add-veth': ('add-link', 'veth'), 'delete-veth': ('delete-link', 'veth'),
         'add-bridge': ('add-link', 'bridge'), 'delete-bridge': ('delete-link', 'bridge')}


def renewed(data):
    """What Operation.record() gives for the same today. KeyError if the data is not one."""
    verb, kind = VERBS[data['verb']]
    found = {'verb': verb, 'kind': kind, 'ns': data['ns'], 'dev': data['dev'], 'mac': data['mac']}
    if kind == 'veth':
        found.update(mtu=data['mtu'], peer=[data['peer_' + field] for field in ('ns', 'dev', 'mac', 'mtu')])
    return found
