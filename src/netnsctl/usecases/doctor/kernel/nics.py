"""Can a NIC be lent to a namespace and come back: tried with a veth, which every namespace can have."""
from __future__ import absolute_import, division, print_function

import errno
import re

from netnsctl.edge.netlink.rtnl import Rtnl
from netnsctl.edge.netlink.writing import CHANGE, RTM_NEWLINK, encode, new_veth
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn
from netnsctl.usecases.doctor.kernel.links import judge_untried, second_namespace, send
from netnsctl.usecases.doctor.kernel.namespaces import read_release
from netnsctl.usecases.doctor.kernel.throwaway import probe_of, tried

_NAME, _OTHER, _MOVED = 'nwprobe0', 'nwprobe1', 'nwprobe2'
# Before, dev_change_net_namespace() answers EINVAL for every link that has a device (net/core/dev.c).
_FIRST = (2, 6, 35)
_INSTEAD = Remediation('A container gets a link of its own on the NIC by macvlan://NIC or vlan://NIC/ID.')


def try_phys(report):
    """Steps 'lower' (a veth, in place of a NIC), 'open' (/proc/self/ns/net of a second namespace), 'link' (it is moved
    there and renamed, in one request) and 'there' (whether it is)."""
    near = Rtnl()
    answer = send(near, encode(*new_veth([['IFLA_IFNAME', _NAME]], [['IFLA_IFNAME', _OTHER]])))
    report('lower', *answer)
    if answer[0]:
        return
    index = near.index_of(_NAME)
    far, descriptor = second_namespace(report)
    if far is None:
        return
    answer = send(near, encode('ifinfmsg', RTM_NEWLINK, CHANGE, {'index': index}, [
        ['IFLA_IFNAME', _MOVED], ['IFLA_NET_NS_FD', descriptor]]))
    report('link', *answer)
    if not answer[0]:
        report('there', 0 if far.index_of(_MOVED) else errno.ENODEV)


probe_of('phys', try_phys)


@check('phys', 'links')
def check_phys(host):
    """A NIC can be moved to another namespace."""
    return judge(read_release(host), host, tried(host, 'phys'))


def judge(release, host, seen):
    """The finding for the results of try_phys(): {step: Seen}. release: of the kernel, text."""
    evidence = [(what, seen[step]) for step, what in (
        ('lower', 'make a veth pair in place of a NIC'), ('open', 'open a second namespace'),
        ('link', 'move and rename it in one request'), ('there', 'it is in the other namespace')) if step in seen]
    if 'link' not in seen:
        return judge_untried(host, 'lending a NIC', seen, evidence)
    refused = seen['link'] if seen['link'].errno else seen['there']
    if refused.errno:
        return warn('no link can be moved to another namespace: %s' % refused, evidence, _INSTEAD)
    numbers = tuple(int(number) for number in re.findall('[0-9]+', release)[:3])
    if numbers < _FIRST:
        evidence.append(('kernel', release))
        return warn('this kernel does not move a NIC to another namespace, only links without a device', evidence,
                    _INSTEAD)
    return ok('links can be moved to another namespace; only a wire to phys:// needs that', evidence)
