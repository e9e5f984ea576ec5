"""The mode of a macvlan or ipvlan, which root in its container can change, compared with that of its wire."""
from __future__ import absolute_import, division, print_function

import struct

from netnsctl.edge.netlink.reading import attributes
from netnsctl.model.links import kind_of

IFLA_LINKINFO, IFLA_INFO_DATA = 18, 2


def remarks(rtnl, index, step):
    """How the link of that index is not as an add-link made it: list of (text, words for `ip link set dev DEV`)."""
    kind = kind_of(step)
    body = rtnl.link_body(index) if 'mode' in kind.keys else None
    if body is None:
        return []
    there = attributes(attributes(attributes(body, 16).get(IFLA_LINKINFO, b''), 0).get(IFLA_INFO_DATA, b''), 0)
    for name, wanted in kind.attributes(step, None):
        number = there.get(kind.numbers[name][0])
        if number is not None and struct.unpack({2: '=H', 4: '=I'}[len(number)], number)[0] != wanted:
            return [('it is no longer in mode=%s' % dict([kind.words(step)])['mode'],
                     'type %s %s' % (kind.link_type, ' '.join(kind.words(step))))]
    return []
