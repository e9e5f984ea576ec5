"""CentOS 6.5's kernel for the program under test: tests/standins/kernel-el6, compiled and in its environment."""
from __future__ import absolute_import, division, print_function

import os

from support import process
from support.program import TOP

FOLDER = os.path.join(TOP, 'tests', 'standins', 'kernel-el6')


class Unavailable(Exception):
    """The stand-in cannot be compiled here; the text says why."""


def build(folder):
    """Compiles the stand-in into a folder: the path of the library. Unavailable where there is no C compiler."""
    library = os.path.join(folder, 'kernel-el6.so')
    try:
        process.must(['cc', '--version'])
    except OSError as error:
        raise Unavailable('cc: %s' % error.strerror)
    process.must([os.path.join(FOLDER, 'build'), library])
    return library


class KernelEl6(object):
    """library: the path of the compiled stand-in. record: a file that it writes to.

    environ(first) -> the variables that put a program on it. first: the path of the first network namespace (None: that
    of process 1). require_alive() fails where that kernel would have panicked; judge() for that, and for what it would
    have written to its log.
    """

    def __init__(self, library, record):
        self.library = library
        self.record = record
        self._judged = 0

    def environ(self, first=None):
        variables = {'LD_PRELOAD': self.library, 'KERNEL_EL6_RECORD': self.record}
        if first is not None:
            variables['KERNEL_EL6_FIRST'] = first
        return variables

    def run(self, argv, first=None, **options):
        """Runs any program on it: Result. options: as support.process.run's."""
        environ = dict(options.pop('environ', os.environ), **self.environ(first))
        return process.run(argv, environ=environ, **options)

    def lines(self):
        """What was recorded since the last call: list of (what, name of the program)."""
        if not os.path.exists(self.record):
            return []
        with open(self.record) as source:
            found = [tuple(line.split('\t')[:2]) for line in source]
        self._judged, new = len(found), found[self._judged:]
        return new

    def require_alive(self):
        judged = self._judged
        dead = [line for line in self.lines() if line[0].startswith('panic')]
        self._judged = judged
        assert not dead, 'on CentOS 6.5: %s' % '; '.join('%s (%s)' % line for line in dead)

    def judge(self):
        # Today's `ip` and `tc` ask for lists with a longer body than those of its time did.
        ours = [line for line in self.lines() if line[0].startswith('panic') or line[1] not in ('ip', 'tc')]
        assert not ours, 'on CentOS 6.5: %s' % '; '.join('%d times %s (%s)' % ((ours.count(line),) + line)
                                                         for line in sorted(set(ours)))


# Tests that hold on later kernels only: {what that kernel lacks: names of tests, without their cases}.
NOT_THERE = {
    'a bridge in another network namespace than the first': '''
        test_every_operation_comes_to_the_same_through_every_backend_and_can_be_taken_back
        test_a_bridge_is_taken_away_only_if_it_is_netnsctls_and_empty test_a_bridge_that_is_up_is_deleted_too
        test_a_look_at_sysfs_leaves_neither_link_nor_mount test_make_plug_unplug_delete
        test_refusals_are_told_as_rtnl_tells_them test_the_netlink_backend_falls_back_to_the_ioctls
        test_bridge_port_that_is_still_listening test_bridge_that_is_down test_duplicate_address_on_a_bridge
        test_check_leaves_the_neighbour_tables_as_they_were
        test_forward_policy_drops_what_a_bridge_hands_to_iptables
        test_host_between_that_does_not_forward test_ipv6_duplicate_found_by_the_kernel
        test_port_of_an_end_that_is_not_in_its_bridge test_smaller_mtu_on_a_bridge_port
        test_sound_wire_between_a_namespace_and_a_bridge
        test_sound_wires_through_a_bridge_and_a_router_have_no_cause''',
    'the peer of a veth, by rtnetlink': '''
        test_an_end_on_the_host_is_made_there test_a_veths_peer_is_told_by_ethtool_too test_links_are_what_ip_says''',
    'a bridge through rtnetlink, which the doctor goes by first': 'test_a_probe_reports_each_of_its_steps',
    'user namespaces': '''
        test_a_probe_in_a_user_namespace_of_its_own_is_told_so test_root_of_a_user_namespace_is_unfit
        test_root_of_a_user_namespace''',
    'a number of a namespace that is never used twice': 'test_a_namespace_made_anew_under_the_name_is_another',
    'oif in rules': '''
        test_a_failure_at_any_step_leaves_nothing test_a_kill_at_any_step_is_rolled_back_by_the_next_command
        test_a_kill_right_after_a_replacement_was_begun_leaves_each_rule_once
        test_a_replacement_that_fails_brings_rules_and_routes_back
        test_a_request_that_differs_is_refused_with_the_difference_and_replace_makes_it
        test_it_is_made_known_again_shown_and_taken_away test_rules_go_also_when_the_other_ends_namespace_is_gone
        test_rules_of_others_stay_whatever_they_have_in_common_with_it
        test_the_commands_of_a_dry_run_make_the_same_network
        test_unwire_takes_away_what_is_left test_what_is_changed_behind_its_back_is_named
        test_what_was_asked_for_is_what_ip_shows test_a_rule_that_looks_at_more_or_leads_elsewhere_is_not_plain
        test_rules_are_what_ip_says''',
    'queues in another network namespace than the first': '''
        test_a_file_of_wires_and_the_tree_have_it_too test_a_kernel_without_netem_changes_nothing
        test_a_kill_leaves_the_old_shaping_or_the_new_one test_a_large_mtu_has_a_larger_burst
        test_a_link_that_stands_in_for_it_is_not_shaped
        test_a_queue_of_somebody_elses_and_an_odd_link_are_left_alone test_a_rate_is_held_both_ways
        test_a_refusal_of_the_kernels_leaves_the_old_shaping test_a_wire_whose_queues_are_gone_goes_without_a_trace
        test_an_end_at_a_bridge_shapes_what_goes_to_the_container test_an_end_is_shaped
        test_an_end_is_shaped_changed_and_no_longer_shaped test_bad_input_changes_nothing
        test_both_backends_make_the_same_queue test_both_ways_are_shaped_known_again_changed_and_removed
        test_drift_is_put_right_by_the_command_that_check_proposes
        test_it_is_saved_on_request_and_up_changes_it_without_rewiring test_json_and_a_dry_run_say_what_is_done
        test_shaping_and_published_ports_are_said_of_their_end test_the_tree_says_it_and_brings_it_back
        test_thousands_of_queues_of_its_own_hold_nobody_up test_what_became_of_the_queue_is_told
        test_what_cannot_be_saved_is_not_changed_either
        test_what_it_does_to_its_queue_is_told_and_put_right_and_the_hosts_stays''',
    'words for a refusal': 'test_the_kernels_own_words_are_found',
    "answers that today's ip understands": '''
        test_a_batch_runs_up_to_the_word_it_does_not_know test_version_and_links_are_answered
        test_what_the_kernel_refuses_ends_a_batch_at_once_but_for_rules test_the_same_lines_have_the_same_outcome'''}


def lacking_there(name):
    """What CentOS 6.5's kernel lacks of what a test needs (its name, without the case); None where it can run there."""
    for what, names in NOT_THERE.items():
        if name in names.split():
            return what
    return None
