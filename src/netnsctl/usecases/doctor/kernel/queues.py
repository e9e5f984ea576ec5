"""The queues that shape what leaves a link, tried in a throwaway namespace: tbf, and netem within it."""
from __future__ import absolute_import, division, print_function

import errno

from netnsctl.edge.netlink import queues
from netnsctl.edge.netlink.rtnl import Rtnl
from netnsctl.edge.netlink.writing import encode, new_veth
from netnsctl.errors import KernelError
from netnsctl.model import shaping
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import ok, warn
from netnsctl.usecases.doctor.kernel import modules
from netnsctl.usecases.doctor.kernel.namespaces import read_release
from netnsctl.usecases.doctor.kernel.privileges import is_privileged
from netnsctl.usecases.doctor.kernel.throwaway import NEED_ROOT, probe_of, tried

_DEV, _OTHER = 'nwprobe0', 'nwprobe1'
_SAMPLE = (('rate', '1mbit'), ('delay', '1ms'))
_NEEDED_BY = {'tbf': 'only ends with rate= need it', 'netem': 'only ends with delay= or loss= need it'}
_CALLED = {'tbf': 'what leaves a link cannot be limited', 'netem': 'what leaves a link cannot be delayed'}


def try_queues(report):
    """Steps 'link', which is a veth pair, 'tbf', and 'netem' within that, or by itself."""
    rtnl = Rtnl()
    _send(rtnl, 'link', encode(*new_veth([['IFLA_IFNAME', _DEV]], [['IFLA_IFNAME', _OTHER]])), report)
    index = rtnl.index_of(_DEV)
    parent = None
    for number, (kind, words) in enumerate(shaping.queues(_SAMPLE, 1500) if index else (), 1):
        handle = '%x:' % number
        message = queues.addition(index, kind, shaping.values_of(words), handle, parent)
        if _send(rtnl, kind, message, report):
            parent = handle + '1'


def _send(rtnl, step, message, report):
    """Sends one message and reports it: was it done?"""
    try:
        answer = rtnl.request([message])[0] or (0, '')
    except KernelError as error:
        answer = error.errno, error.words
    report(step, *answer)
    return not answer[0]


probe_of('shaping', try_queues)


@check('shaping', 'links')
def check_shaping(host):
    """What leaves a link can be limited (tbf) and delayed (netem)."""
    return judge(host, tried(host, 'shaping'))


def judge(host, seen):
    """The finding for the results of try_queues(): {step: Seen}."""
    evidence = [('give a link the queue ' + kind, seen[kind]) for kind in ('tbf', 'netem') if kind in seen]
    if not evidence:
        step = 'link' if 'link' in seen else 'unshare'
        evidence = [('make a link to try it on', seen[step])]
        if seen[step].errno == errno.EPERM and not is_privileged(host):
            return warn('shaping cannot be examined without root', evidence, NEED_ROOT)
        return warn('shaping could not be tried: %s' % seen[step], evidence)
    missing = [kind for kind in ('tbf', 'netem') if seen[kind].errno]
    if not missing:
        return ok('what leaves a link can be limited (tbf) and delayed (netem)', evidence)
    if [seen[kind].errno for kind in missing] == [errno.EINVAL, errno.EINVAL]:
        # tc_modify_qdisc() of net/sched/sch_api.c, before 2.6.35: `if (net != &init_net) return -EINVAL`
        return ok('only what leaves links of the host can be limited and delayed: the kernel is older than 2.6.35',
                  evidence)
    release, texts = read_release(host), []
    for kind in missing:
        texts.append('%s (%s: %s); %s' % (_CALLED[kind], kind, seen[kind], _NEEDED_BY[kind]))
        if seen[kind].errno == errno.ENOENT:
            evidence += modules.look(host, release, 'sch_' + kind)
    if 'netem' in missing and seen['netem'].errno == errno.ENOENT:
        evidence.append(('on EL8 and later', 'the package kernel-modules-extra has sch_netem'))
    return ok('; '.join(texts), evidence)
