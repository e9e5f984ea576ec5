"""The doctor's check of shaping: what a probe met, explained. integration/doctor/test_queues.py has real probes."""
from __future__ import absolute_import, division, print_function

import errno

from netnsctl.usecases.doctor.kernel import queues
from netnsctl.usecases.doctor.kernel.throwaway import Seen
from support.doctor import DENIED, NOBODY_STATUS, WORKS

MISSING = Seen(errno.ENOENT, 'Specified qdisc kind is unknown')
FILES = {'proc/sys/kernel/osrelease': '6.1.0\n',
         'lib/modules/6.1.0/modules.dep': 'kernel/net/sched/sch_tbf.ko.xz: \nkernel/net/other.ko.xz\n'}


def test_both_queues_are_quiet(tree):
    finding = queues.judge(tree(), dict(unshare=WORKS, link=WORKS, tbf=WORKS, netem=WORKS))
    assert (finding.status, finding.remediation) == ('ok', None) and 'tbf' in finding.text and 'netem' in finding.text


def test_a_kernel_without_netem_is_told_with_its_module_and_its_package(tree):
    finding = queues.judge(tree(FILES), dict(unshare=WORKS, link=WORKS, tbf=WORKS, netem=MISSING))
    assert finding.status == 'ok' and finding.text.endswith('; only ends with delay= or loss= need it')
    assert 'cannot be delayed' in finding.text and 'cannot be limited' not in finding.text
    assert ('module sch_netem for 6.1.0', 'not in modules.dep') in finding.evidence
    assert ('on EL8 and later', 'the package kernel-modules-extra has sch_netem') in finding.evidence


def test_a_kernel_without_either_is_told_both(tree):
    finding = queues.judge(tree(FILES), dict(unshare=WORKS, link=WORKS, tbf=MISSING, netem=MISSING))
    assert 'cannot be limited' in finding.text and 'cannot be delayed' in finding.text
    assert ('module sch_tbf for 6.1.0', 'on disk') in finding.evidence


def test_a_kernel_that_shapes_links_of_the_host_alone_is_told_so(tree):
    old = Seen(errno.EINVAL)
    finding = queues.judge(tree(), dict(unshare=WORKS, link=WORKS, tbf=old, netem=old))
    assert finding.status == 'ok' and finding.text.startswith('only what leaves links of the host can be limited')
    finding = queues.judge(tree(), dict(unshare=WORKS, link=WORKS, tbf=WORKS, netem=old))
    assert finding.text.startswith('what leaves a link cannot be delayed (netem: ')


def test_who_is_not_root_is_told_so_and_a_failure_is_a_warning(tree):
    nobody = tree({'proc/self/status': NOBODY_STATUS})
    for seen in (dict(unshare=DENIED), dict(unshare=WORKS, link=DENIED)):
        finding = queues.judge(nobody, seen)
        assert finding.status == 'warn' and 'without root' in finding.text
    finding = queues.judge(tree(), dict(unshare=WORKS, link=Seen(errno.ENOBUFS)))
    assert finding.status == 'warn' and 'could not be tried: ' in finding.text
