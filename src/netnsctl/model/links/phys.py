"""phys: a NIC of the host's itself, which comes back as it was when the wire or its namespace ends, `phys://eth1`.

It is moved by one request of the host's namespace, under its new name. net/core/dev.c, dev_change_net_namespace.
"""
from __future__ import absolute_import, division, print_function

import errno

from netnsctl.errors import UsageError
from netnsctl.model.links import Key, Kind, nic_name, one_of
from netnsctl.model.operations import AddLink, SetMac


def _steps(end, anchor):
    from netnsctl.model.lending import DeleteAltname, LendLink, SetMtu
    was = anchor.lent or {}
    steps = [DeleteAltname('host', anchor.anchor, name) for name in was.get('altnames', ())]
    steps.append(LendLink('host', anchor.anchor, end.ns, end.dev, was))
    steps += [SetMac(end.ns, end.dev, end.mac)] if end.mac else []
    return steps + ([SetMtu(end.ns, end.dev, end.mtu)] if end.mtu else [])


def _check(end, anchor):
    if end.ns == 'host':
        raise UsageError('%s: the NIC is in the host already' % anchor.label,
                         hint='phys:// is for a container or a namespace.')


def _hint(number, words):
    if number == errno.EINVAL:
        return ('This kernel does not move that link to another namespace: kernels before Linux 2.6.35 (CentOS 6) move '
                'no NIC, and later ones no bridge, bond or wireless link. Use macvlan:// or vlan:// on it instead.')
    return None


def _probe(name, lower):
    """A veth stands in for a NIC; that it can be moved is asked by the check (usecases.doctor.kernel.links)."""
    return (AddLink('host', lower, None, None, 'veth', peer=('host', name, None, None)),)


kind = Kind(
    None,
    attempt='lend the NIC {dev} to {ns}',
    lends=True,
    hint=_hint,
    # The NIC takes the addresses along that the host had on it.
    network=lambda anchor: 'phys/%s' % anchor.anchor,
    keys={'force': Key(one_of('force', ('yes', 'no')), 'no')},
    check=_check,
    steps=_steps,
    has_mac=False,
    is_alone=True,
    read_name=nic_name,
    probe=_probe,
)
