"""What the kernel's refusal of an operation says: the hint for kernels that cannot do it where it was asked for."""
from __future__ import absolute_import, division, print_function

import errno

from netnsctl.execution.backends.refusals import refusal
from netnsctl.model.operations import AddQueue


class Namespace(object):
    def __init__(self, label):
        self.label = label


def test_a_queue_refused_in_a_container_leads_to_the_other_end_and_one_on_the_host_does_not():
    # 2.6.32-431.el6 answers EINVAL in any namespace but the first: tc_modify_qdisc(), net/sched/sch_api.c:1028.
    operation = AddQueue('a', 'A', 'netem', 'limit 1000 delay 20ms', '1:')
    error = refusal(operation, {'a': Namespace('netns://a')}, errno.EINVAL)
    assert error.message == 'shape what leaves A in netns://a by netem: Invalid argument'
    assert error.hint.startswith('A kernel before Linux 2.6.35 (CentOS 6) ') and 'shape the other end' in error.hint
    assert refusal(operation, {'a': Namespace('host')}, errno.EINVAL).hint is None
