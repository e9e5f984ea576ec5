"""VLAN=yes in an ifcfg file: the NIC and the ID that a VLAN has, as ifup and NetworkManager read them."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.model.ifcfg import readers

_IDS = ('VLAN_ID', 'VID')
# ifup has both: eth0.100, whose NIC is in the name, and vlan100, which needs PHYSDEV.
_WITH_NIC = re.compile(r'(.+)\.([0-9]{1,4})\Z')
_PLAIN = re.compile(r'vlan([0-9]{1,4})\Z')


def settle(reader, link, device):
    """Gives a Link the anchor that the values of a link._Reader make. UsageError."""
    made = anchor_of(reader, device)
    if made and link.anchor not in (made, None):
        raise reader.wrong('ANCHOR', 'the link is the VLAN %s' % made)
    link.anchor = made or link.anchor


def anchor_of(reader, device):
    """'vlan://eth0/100' for the values of a link._Reader, or None if they make no VLAN. UsageError.

    device: the name of the link, which may say the ID, and the NIC.
    """
    is_on = reader.call('VLAN', readers.switch) if 'VLAN' in reader.values else None
    others = [key for key in ('PHYSDEV',) + _IDS if key in reader.values]
    if not is_on:
        for key in others:
            if is_on is None:
                raise reader.wrong(key, 'VLAN=yes is needed with it')
            reader.remarks.append((reader.numbers[key], '%s has no effect here: VLAN is no' % key))
        return None
    with_nic, plain = _WITH_NIC.match(device), _PLAIN.match(device)
    nic = _one(reader, 'PHYSDEV', with_nic and with_nic.group(1), 'the NIC', 'PHYSDEV, or a name such as eth0.100')
    named = with_nic.group(2) if with_nic else plain and plain.group(1)
    ids = [key for key in _IDS if key in reader.values]
    if len(set(reader.values[key] for key in ids)) > 1:
        raise reader.wrong('VID', 'the ID is %s, but VLAN_ID says %s'
                           % tuple(reader.values[key] for key in ids[::-1]))
    id_key = ids[0] if ids else _IDS[0]
    number = _one(reader, id_key, named and named.lstrip('0'), 'the ID', 'VLAN_ID, or a name such as eth0.100')
    reader.numbers.setdefault('ANCHOR', reader.numbers['VLAN'])
    reader.values['VLAN'] = 'vlan://%s/%s' % (nic, number)
    return reader.call('VLAN', readers.anchor)


def _one(reader, key, named, what, ways):
    """What a key says, or the name of the link."""
    said = reader.values.get(key)
    if said is None and not named:
        raise reader.wrong('VLAN', '%s is not given: it needs %s' % (what, ways))
    if said is not None and named and said != named:
        raise reader.wrong(key, '%s is %s, but the name of the link says %s' % (what, said, named))
    return said or named
