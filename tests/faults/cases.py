"""The cases of the list of faults, and the tests that hold each besides the scenarios, by pytest's names."""

from __future__ import absolute_import, division, print_function

_SYSTEM = 'tests/system/%s.py::test_%s'


def _tests(module, *names):
    return [(_SYSTEM if not module.startswith('tests/') else '%s.py::test_%s') % (module, name) for name in names]


# (number, given / when / then in short, tests); the scenarios hold those parts of 1, 2, 8 to 11, 14, 15 and 18 that are
# about a point in a run.
CASES = (
    (1, 'killed anywhere: nothing or a whole wire',
     _tests('test_faults', 'the_temporary_file_of_a_killed_run_goes_with_the_next_command',
            'a_signal_while_an_earlier_run_is_rolled_back')
     + _tests('test_wire_file', 'sigkill_in_the_middle_of_atomic_leaves_nothing_once_the_next_command_has_run')
     + _tests('test_side_by_side', 'killed_at_any_moment_all_wires_are_whole_or_none',
              'a_worker_that_is_killed_costs_no_wire',
              'if_the_program_is_killed_its_workers_end_and_the_next_command_finds_whole_wires')
     + ['tests/integration/wires/test_transaction.py::test_a_kill_at_any_step_is_rolled_back_by_the_next_command',
              'tests/integration/wires/test_transaction.py::test_a_kill_right_after_the_commit_leaves_the_wire',
              'tests/integration/wires/test_groups.py::test_a_kill_while_a_group_is_committed_leaves_all_of_it_or_nothing',
              'tests/integration/wires/test_transaction.py::test_a_failure_at_any_step_leaves_nothing']),
    (2, 'SIGTERM, SIGINT, SIGHUP: rolled back',
     _tests('test_faults', 'two_signals_are_one', 'a_signal_while_an_engine_is_asked',
            'a_signal_during_the_commit_leaves_a_wire_or_none')
     + _tests('test_wire_file', 'a_signal_in_the_middle_leaves_whole_wires_or_none')
     + _tests('test_side_by_side', 'a_signal_ends_all_processes_with_whole_wires')
     + _tests('test_up_down_cut_short', 'a_signal_ends_up_with_what_is_whole')),
    (3, 'an end dies between look-up and use',
     _tests('test_faults', 'a_container_that_dies_after_its_lookup',
            'a_named_namespace_that_is_deleted_after_its_lookup')
     + _tests('test_faults_helpers', 'a_container_that_is_another_at_the_second_look_is_refused')),
    (4, "the target is the host's own namespace",
     _tests('test_containers_wired', 'a_container_with_the_hosts_network_is_refused')
     + _tests('test_faults_helpers', 'an_engine_that_lies_about_the_pid')
     + _tests('bad_input/test_refused', 'ends_in_one_namespace_or_the_hosts_own_are_status_4')),
    (5, 'the name of the interface is taken',
     _tests('test_faults_helpers', 'a_name_that_is_taken_is_status_4_and_the_old_link_stays',
            'a_route_that_is_taken_at_the_last_step_undoes_all')),
    (6, 'ends that cannot meet', _tests('bad_input/test_refused', 'ends_that_cannot_meet', 'addresses')),
    (7, 'IPv6 that is switched off',
     _tests('test_faults_helpers', 'ipv6_switched_off_names_the_sysctl')
     + _tests('test_containers_wired', 'ipv6_where_docker_switched_it_off_names_the_sysctl')),
    (8, 'a helper that hangs or talks nonsense',
     _tests('test_faults_helpers', 'an_ip_of_nonsense', 'an_ip_that_fails_or_stops_in_the_middle',
            'an_ip_that_never_answers_is_given_up_and_ended', 'an_engine_of_nonsense',
            'an_engine_that_never_answers')),
    (9, 'twenty identical wires at once', _tests('test_faults', 'twenty_identical_wires_at_once_are_one',
           'different_wires_at_once_get_different_addresses')),
    (10, 'wire and unwire race, 100 rounds', _tests('test_faults', 'wire_and_unwire_race_to_a_whole_wire_or_none')),
    (11, "the lock's holder is killed", _tests('test_faults',
           'the_locks_holder_is_killed_and_the_next_run_proceeds', 'looking_needs_no_lock')),
    (12, 'a container is restarted', _tests('test_ls_show',
           'lost_when_a_namespace_is_gone_even_if_one_of_its_name_is_there')
     + _tests('test_watch', 'a_restarted_container_is_wired_again', 'a_stopped_container_is_told_and_listed_as_lost')
     + ['tests/integration/wires/test_groups.py::test_a_restarted_owner_makes_the_wire_lost_and_it_is_made_again']),
    (13, 'unwire twice, or with one side gone', ['tests/system/test_unwire.py']),
    (14, 'twelve first `netns add` at once', _tests('test_netns', 'twelve_first_adds_at_once_share_the_folder_once')),
    (15, '`netns add` killed before its mount',
     _tests('test_netns', 'add_killed_on_its_way_leaves_a_name_that_list_calls_stale_and_delete_removes',
            'add_that_is_refused_leaves_no_name')),
    (16, 'a name is a dangling symlink, a file or a folder',
     _tests('bad_input/test_refused', 'a_stale_name_is_status_3')
     + _tests('test_netns', 'delete_does_not_unmount_what_a_symlink_leads_to')
     + ['tests/integration/doctor/test_names.py']),
    (17, 'no root, no capability, a user namespace', ['tests/system/test_privileges.py']),
    (18, 'the config write meets a full disk or a kill',
     _tests('test_config_save', 'a_save_that_fails_leaves_the_old_files_byte_for_byte',
            'an_interrupted_save_leaves_the_files_as_they_were',
            'a_killed_save_is_finished_by_whoever_reads_the_tree_next',
            'a_note_of_a_save_that_is_not_netnsctls_is_a_problem_and_moves_nothing')),
    (19, 'boot restore with bad files and missing containers',
     _tests('test_config_tree', 'ten_files_one_bad_one_container_missing_eight_come_up',
            'a_file_that_cannot_be_trusted_or_read_is_refused_and_costs_only_its_wire')),
    (20, 'no engine, or a slow one',
     _tests('test_faults_helpers', 'without_an_engine_names_and_pids_work_and_containers_are_not_found')),
    (21, 'doctor and the repository: no network, a locked database, edited files, a killed package manager',
     _tests('test_repo', 'a_file_that_a_person_changed_is_not_replaced_without_force_and_then_kept',
            'disable_that_cannot_be_finished_changes_nothing',
            'a_read_only_or_full_etc_is_one_line_and_leaves_nothing')
     + _tests('tests/installing/repo_upgrade/test_hosts_that_hinder', 'without_a_network_it_is_one_line_with_the_cause',
              'a_locked_rpm_database_is_told_at_once_and_the_same_command_works_after',
              'a_package_manager_killed_in_the_middle_leaves_a_usable_ip_and_a_clean_database',
              'killed_in_the_middle_with_an_ip_that_does_not_work_the_old_one_comes_back',
              'a_full_disk_keeps_the_iproute_that_was_there', 'a_signal_in_the_middle_waits_for_the_transaction')),
    (22, 'a lease that does not come, a client that dies', ['tests/system/test_wire_dhcp.py',
                                                            'tests/system/test_dhcp.py']),
    (23, 'nobody confirms, whoever is killed meanwhile', ['tests/system/test_confirm.py']),
    (24, 'somebody else removes rules, or drops all', ['tests/system/uplinks/test_kept.py',
                                                      'tests/system/uplinks/test_watched.py',
                                                      'tests/system/uplinks/test_open.py']),
    (25, 'an Open vSwitch that hangs, lies or is gone', ['tests/hostile/test_switches.py',
                                                        'tests/system/test_wire_ovs.py']),
    (26, 'a NIC that was lent and comes back, or not', ['tests/system/test_wire_phys.py',
                                                       'tests/hostile/test_lent_nics.py']),
    (27, 'containers that end while labels or a compose file are obeyed', ['tests/system/test_watch_labels.py',
                                                                          'tests/system/test_compose.py',
                                                                          'tests/hostile/test_labels.py']),
)
