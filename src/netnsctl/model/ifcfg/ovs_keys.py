"""TYPE=OVSPort in an ifcfg file: the bridge and the VLANs of a port, as the ifup-ovs of Open vSwitch reads them.

OVS_OPTIONS has columns of the table Port, which ifup-ovs hands to `ovs-vsctl add-port` as they are.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import endpoint
from netnsctl.model.ifcfg import readers
from netnsctl.model.ifcfg.lines import split_words
from netnsctl.model.links import ovs


def settle(reader):
    """Makes of the values of a link._Reader that are of a port the anchor that they mean: 'ovs://BRIDGE=...'.
    UsageError."""
    values = reader.values
    said = values.get('TYPE')
    if said is None or said.lower() != readers.OVSPORT.lower():
        key = [key for key in ('OVS_BRIDGE', 'OVS_OPTIONS') if key in values][0]
        raise reader.wrong(key, 'TYPE=%s is needed with it' % readers.OVSPORT)
    if 'OVS_BRIDGE' not in values and values.get('ANCHOR', '').startswith('ovs://') and 'OVS_OPTIONS' not in values:
        return
    if 'OVS_BRIDGE' not in values:
        raise reader.wrong('TYPE', '%s, but OVS_BRIDGE does not say of which bridge' % said)
    items = reader.call('OVS_OPTIONS', _items) if 'OVS_OPTIONS' in values else ''
    try:
        made = readers.anchor('ovs://' + values['OVS_BRIDGE'] + ('=' + items if items else ''))
    except UsageError as error:
        raise reader.wrong('OVS_OPTIONS' if items else 'OVS_BRIDGE', error.message)
    if 'ANCHOR' in values and reader.call('ANCHOR', readers.anchor) != made:
        raise reader.wrong('ANCHOR', 'the link is the port %s' % made)
    reader.numbers.setdefault('ANCHOR', reader.numbers['OVS_BRIDGE'])
    values['ANCHOR'] = made


def take_apart(link):
    """A Link whose anchor is a port, however its file says that: its type, and the name of the port as its peer."""
    end = endpoint.parse(link.anchor)
    link.type, link.peer, end.ifname = readers.OVSPORT, end.ifname or link.peer, None
    link.anchor = str(end)


def _items(text):
    """'tag=100 trunks=10,20' -> 'tag=100,trunks=10,trunks=20', as the command line has it."""
    said, items = {}, []
    for word in split_words(text):
        key, equals, value = word.partition('=')
        if key not in ('tag', 'trunks', 'vlan_mode') or not equals:
            raise UsageError('%s is not an option of a port here: known are tag= trunks= vlan_mode=' % word)
        if key in said:
            raise UsageError('%s= is given twice' % key)
        said[key] = value.strip('[]')
        if key != 'vlan_mode':
            items += [(key, part) for part in said[key].split(',')]
    mode = 'native-untagged' if 'tag' in said and 'trunks' in said else 'access' if 'tag' in said else 'trunk'
    if said.get('vlan_mode', mode) != mode:
        raise UsageError('vlan_mode=%s: with these VLANs the port is %s' % (said['vlan_mode'], mode))
    if mode == 'native-untagged' and 'vlan_mode' not in said:
        raise UsageError('tag= and trunks= go together with vlan_mode=native-untagged alone: Open vSwitch makes an '
                         'access port of it otherwise')
    return ','.join('%s=%s' % pair for pair in items)


def items_of(anchor):
    """The assignments of an anchor 'ovs://...': list of (key, value), without TYPE."""
    end = endpoint.parse(anchor)
    items = [('OVS_BRIDGE', end.target.name)]
    columns = ovs.columns_of(end.data)
    if columns:
        items.append(('OVS_OPTIONS', ' '.join('%s=%s' % pair for pair in columns)))
    return items
