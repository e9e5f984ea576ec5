"""Each kind of link, tried by making one in a throwaway namespace.

A kind that hangs does not affect the others (throwaway.tried()). The kernel loads a kind's module for it, as it would
for `wire`.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
from functools import partial

from netnsctl.compat import open_cloexec
from netnsctl.edge import bridges, netns, syscalls
from netnsctl.edge.netlink import bridge_vlans
from netnsctl.edge.netlink.rtnl import Rtnl
from netnsctl.edge.netlink.writing import encode, new_link, new_veth
from netnsctl.errors import KernelError, NetnsctlError
from netnsctl.execution.backends import netlink, otherwise
from netnsctl.model.links import ANCHORS, kind_named
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.kernel import modules
from netnsctl.usecases.doctor.kernel.namespaces import read_release
from netnsctl.usecases.doctor.kernel.privileges import is_privileged
from netnsctl.usecases.doctor.finding import OK, Remediation, fail, ok, warn
from netnsctl.usecases.doctor.kernel.throwaway import FORBIDDEN, NEED_ROOT, probe_of, tried

_NAME, _OTHER, _LOWER = 'nwprobe0', 'nwprobe1', 'nwlower0'
_MOVES = 'netnsctl then creates the pair in one namespace and moves one end by itself; there is nothing to do.'


def send(rtnl, message):
    """Sends one message: (errno or 0, the kernel's words)."""
    try:
        return rtnl.request([message])[0] or (0, '')
    except KernelError as error:
        return error.errno, error.words


def _named(name):
    return [['IFLA_IFNAME', name]]


class _Here(object):
    """The throwaway namespace as a backend sees it."""
    label = 'a throwaway namespace'

    def __init__(self):
        self._rtnl = Rtnl()

    def rtnl(self):
        return self._rtnl


def try_kind(name, report):
    """Steps 'link' and, if the kind needs another link below it, 'lower', which is made first; with the messages that
    the netlink backend sends."""
    here = _Here()
    steps = kind_named(name).probe(_NAME, _LOWER)
    for step in steps:
        what = 'link' if step is steps[-1] else 'lower'
        try:
            message = netlink.encode(netlink.Netlink({'host': here}), step)
        except KernelError as error:
            report('lower', error.errno, 'it was created but is not there')
            return
        otherwise.prepare(step)
        answer = send(here.rtnl(), message)
        report(what, *answer)
        if answer[0]:
            return


def try_veth(report):
    """Step 'link'."""
    try_kind('veth', report)


def try_bridge(report):
    """Steps 'link' and, where rtnetlink refuses, 'ioctl': 2.6.32 makes bridges only that way.

    The ioctl is not used to make one: in this namespace that would stop a host with such an old kernel (edge.bridges).
    """
    answers = []
    try_kind('bridge', lambda step, *answer: answers.append(answer) or report(step, *answer))
    if answers[-1][0]:
        try:
            refused = bridges.has_ioctls(netns.open_path('/proc/self/ns/net', 'throwaway')) or (0, '')
        except NetnsctlError as error:
            refused = (errno.ENOSYS, error.message)
        report('ioctl', *refused)


def try_bridge_vlan(report):
    """Steps 'lower' (a bridge) and 'link' (it filters VLANs)."""
    here = _Here()
    report('lower', *send(here.rtnl(), encode(*new_link('bridge', _named(_NAME)))))
    link = here.rtnl().link(name=_NAME)
    if link is not None:
        report('link', 0 if bridge_vlans.settings_of(here.rtnl(), link).can else errno.EOPNOTSUPP)


def second_namespace(report):
    """Enters one more namespace: (Rtnl in it, a descriptor of it), or (None, None) and a step 'open' that says why."""
    try:
        syscalls.unshare(syscalls.CLONE_NEWNET)
        return Rtnl(), open_cloexec('/proc/self/ns/net', os.O_RDONLY)
    except OSError as error:
        report('open', error.errno)
        return None, None


def try_in_place(report):
    """Steps 'lower' (a plain veth), 'open' (/proc/self/ns/net of a second namespace), 'link' (a pair with one end in
    each namespace, by the message that the netlink backend sends) and 'there' (whether its peer is where it should
    be)."""
    near = Rtnl()
    answer = send(near, encode(*new_veth(_named(_LOWER), _named('nwlower1'))))
    report('lower', *answer)
    if answer[0]:
        return
    far, descriptor = second_namespace(report)
    if far is None:
        return
    answer = send(near, encode(*new_veth(_named(_NAME), _named(_OTHER) + [['IFLA_NET_NS_FD', descriptor]])))
    report('link', *answer)
    if not answer[0]:
        # A kernel that does not know the attribute ignores it.
        report('there', 0 if far.index_of(_OTHER) else errno.ENODEV)


_STEPS = (('unshare', 'unshare(CLONE_NEWNET)'), ('lower', 'make a veth pair to build on'),
          ('open', 'open a second namespace'), ('link', 'make one through rtnetlink'),
          ('ioctl', 'the ioctls for bridges'), ('there', 'its peer in the other namespace'))


def judge_link(host, kind, seen):
    """The finding for the results of a try_ function: {step: Seen}. Where the kernel lacks it, its module is named."""
    evidence = [(what, seen[step]) for step, what in _STEPS[1:] if step in seen]
    if 'link' not in seen:
        return judge_untried(host, kind, seen, evidence)
    if not seen['link'].errno:
        return ok('%s links can be created' % kind, evidence)
    if not seen.get('ioctl', seen['link']).errno:
        return ok('%s links can be created by ioctl; this kernel\'s rtnetlink cannot create them' % kind, evidence)
    if seen['link'].errno == errno.EPERM and not is_privileged(host):
        return warn('%s cannot be examined without CAP_NET_ADMIN' % kind, evidence, NEED_ROOT)
    mend = FORBIDDEN if seen['link'].errno == errno.EPERM else None
    if seen['link'].errno == errno.EOPNOTSUPP:
        release = read_release(host)
        module = kind_named(kind).module
        evidence += modules.look(host, release, module)
        mend = modules.mend(host, release, module)
    return fail('no %s link can be created: %s' % (kind, seen['link']), evidence, mend)


def judge_untried(host, kind, seen, evidence):
    """The finding if the link was not even tried: no namespace, or no link below it."""
    step, what = [(step, what) for step, what in _STEPS if step in seen][-1]
    if step == 'unshare':
        evidence = [(what, seen[step])]
    if seen[step].errno == errno.EPERM and not is_privileged(host):
        return warn('%s cannot be examined without root' % kind, evidence, NEED_ROOT)
    if step == 'lower':
        return fail('%s could not be tried: it needs a veth pair: %s' % (kind, seen[step]), evidence,
                    Remediation('See the veth check.', ['netnsctl doctor veth']))
    return fail('%s could not be tried: there is no network namespace to try it in' % kind, evidence,
                Remediation('See the netns check.', ['netnsctl doctor netns']))


probe_of('veth', try_veth)
probe_of('veth-in-place', try_in_place)
probe_of('bridge-vlan', try_bridge_vlan)


@check('veth', 'links', required=True)
def check_veth(host):
    """A veth pair can be created."""
    return judge_link(host, 'veth', tried(host, 'veth'))


@check('veth-in-place', 'links')
def check_in_place(host):
    """Both ends of a veth pair can be created directly in their namespaces, with one request."""
    return judge_in_place(host, tried(host, 'veth-in-place'))


def judge_in_place(host, seen):
    """The finding for the results of try_in_place(): {step: Seen}."""
    evidence = [(what, seen[step]) for step, what in _STEPS[1:] if step in seen]
    if 'link' not in seen:
        return judge_untried(host, 'making veth ends in place', seen, evidence)
    refused = seen['link'] if seen['link'].errno else seen['there']
    if refused.errno:
        cause = refused if refused is seen['link'] else 'the kernel puts both ends into one namespace'
        return warn('veth ends cannot be made directly in two namespaces: %s' % cause, evidence, Remediation(_MOVES))
    return ok('both ends of a veth pair can be created in their namespaces with one request', evidence)


def _register(kind, attempt, needed):
    probe_of(kind, attempt)

    @check(kind, 'links', summary='%s %s link can be created.' % ('An' if kind[0] in 'aeio' else 'A', kind))
    def check_kind(host):
        finding = judge_link(host, kind, tried(host, kind))
        if finding.status == OK or needed is None:
            return finding
        return ok('%s; %s' % (finding.text, needed), finding.evidence)


_register('bridge', try_bridge, None)


@check('bridge-vlan', 'links')
def check_bridge_vlan(host):
    """A bridge can filter VLANs."""
    seen = tried(host, 'bridge-vlan')
    evidence = [('VLAN filtering', seen['link'])] if 'link' in seen else []
    if 'link' in seen and not seen['link'].errno:
        return ok('bridges can filter VLANs', evidence)
    return ok('bridges cannot filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING, Linux 3.9); only a wire to '
              'bridge://NAME=tag=ID needs that', evidence)


for _kind in ANCHORS:
    if _kind != 'bridge' and not (kind_named(_kind).lends or kind_named(_kind).has_port):
        _register(_kind, partial(try_kind, _kind), 'only a wire to %s:// needs one' % _kind)
