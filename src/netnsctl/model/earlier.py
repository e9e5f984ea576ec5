"""Operations that few records have: those of an earlier netnsctl, one verb for each kind of link, and those of a module
that is loaded only for them."""
from __future__ import absolute_import, division, print_function

from netnsctl.model.operation import ON_HOST

VERBS = {'add-veth': ('add-link', 'veth'), 'delete-veth': ('delete-link', 'veth'),
         'add-bridge': ('add-link', 'bridge'), 'delete-bridge': ('delete-link', 'bridge')}
# Verbs of modules of model that add their operations to operations.BY_VERB when they are loaded.
APART = dict.fromkeys(('lend-link', 'return-link', 'delete-altname', 'set-mtu'), 'lending')
APART.update(dict.fromkeys(ON_HOST, 'features.uplink_steps'))
APART.update(dict.fromkeys(('add-port', 'delete-port'), 'ports'))
APART['delete-fdb'] = 'remotes'


def renewed(data):
    """What Operation.record() gives for the same today. KeyError if the data is not one."""
    if data['verb'] in APART:
        __import__('netnsctl.model.' + APART[data['verb']])
        return data
    verb, kind = VERBS[data['verb']]
    found = {'verb': verb, 'kind': kind, 'ns': data['ns'], 'dev': data['dev'], 'mac': data['mac']}
    if kind == 'veth':
        found.update(mtu=data['mtu'], peer=[data['peer_' + field] for field in ('ns', 'dev', 'mac', 'mtu')])
    return found
