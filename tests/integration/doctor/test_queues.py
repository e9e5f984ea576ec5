"""The doctor's check of shaping, on this kernel, and on one that refuses the queues."""
from __future__ import absolute_import, division, print_function

from netnsctl.usecases.doctor.kernel import queues
from netnsctl.usecases.doctor.kernel.throwaway import in_throwaway
from support import inject, untouched
from support.refusal import refused


def test_what_this_kernel_has_is_found_and_nothing_is_left(one):
    before = untouched.own_state()
    finding = one('shaping')
    seen = in_throwaway(queues.try_queues)
    assert not seen['link'].errno and not seen['tbf'].errno, seen
    assert finding['status'] == 'ok' and ('cannot be delayed' in finding['text']) == bool(seen['netem'].errno)
    untouched.assert_untouched(before)


def test_a_kernel_that_has_no_queue_is_told_which_modules(doctor):
    inject.available()
    status, findings = doctor('shaping', before=refused('sendto', 'ENOENT', '2+'))
    finding = findings['shaping']
    assert (status, finding['status'], finding['remediation']) == (0, 'ok', None)
    assert 'cannot be limited' in finding['text'] and 'only ends with rate= need it' in finding['text']
    assert [item for item in finding['evidence'] if item['what'].startswith('module sch_tbf for ')]


def test_centos_6s_kernel_shapes_links_of_the_host_alone(doctor):
    """tc_modify_qdisc(), net/sched/sch_api.c:1028 of 2.6.32-431.el6: EINVAL in any namespace but the first."""
    inject.available()
    status, findings = doctor('shaping', before=refused('sendto', 'EINVAL', '2+'))
    finding = findings['shaping']
    assert (status, finding['status']) == (0, 'ok'), finding
    assert finding['text'] == 'only what leaves links of the host can be limited and delayed: ' \
                              'the kernel is older than 2.6.35'
