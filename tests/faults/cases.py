"""The cases of the list of faults, and the tests that hold each besides the scenarios, by pytest's names."""

from __future__ import absolute_import, division, print_function

_SYSTEM = 'tests/system/test_%s.py::test_%s'


def _tests(module, *names):
    return [_SYSTEM % (module, name) for name in names]


# (number, given / when / then in short, tests); the scenarios hold those parts of 1, 2, 8 to 11, 14, 15 and 18 that are
# about a point in a run.
CASES = (
    (1, 'killed anywhere: nothing or a whole wire',
     _tests('faults', 'the_temporary_file_of_a_killed_run_goes_with_the_next_command',
            'a_signal_while_an_earlier_run_is_rolled_back')
     + _tests('wire_file', 'sigkill_in_the_middle_of_atomic_leaves_nothing_once_the_next_command_has_run')
     + ['tests/integration/test_transaction.py']),
    (2, 'SIGTERM, SIGINT, SIGHUP: rolled back',
     _tests('faults', 'two_signals_are_one', 'a_signal_while_an_engine_is_asked',
            'a_signal_during_the_commit_leaves_a_wire_or_none')
     + _tests('wire_file', 'a_signal_in_the_middle_leaves_whole_wires_or_none')
     + _tests('up_down', 'a_signal_ends_up_with_what_is_whole')),
    (3, 'an end dies between look-up and use',
     _tests('faults', 'a_container_that_dies_after_its_lookup', 'a_named_namespace_that_is_deleted_after_its_lookup')
     + _tests('faults_helpers', 'a_container_that_is_another_at_the_second_look_is_refused')),
    (4, "the target is the host's own namespace",
     _tests('containers_wired', 'a_container_with_the_hosts_network_is_refused')
     + _tests('faults_helpers', 'an_engine_that_lies_about_the_pid')
     + _tests('bad_input', 'ends_in_one_namespace_or_the_hosts_own_are_status_4')),
    (5, 'the name of the interface is taken',
     _tests('faults_helpers', 'a_name_that_is_taken_is_status_4_and_the_old_link_stays',
            'a_route_that_is_taken_at_the_last_step_undoes_all')),
    (6, 'ends that cannot meet', _tests('bad_input', 'ends_that_cannot_meet', 'addresses')),
    (7, 'IPv6 that is switched off',
     _tests('faults_helpers', 'ipv6_switched_off_names_the_sysctl')
     + _tests('containers_wired', 'ipv6_where_docker_switched_it_off_names_the_sysctl')),
    (8, 'a helper that hangs or talks nonsense',
     _tests('faults_helpers', 'an_ip_of_nonsense', 'an_ip_that_fails_or_stops_in_the_middle',
            'an_ip_that_never_answers_is_given_up_and_ended', 'an_engine_of_nonsense',
            'an_engine_that_never_answers')),
    (9, 'twenty identical wires at once', _tests('faults', 'twenty_identical_wires_at_once_are_one',
                                                 'different_wires_at_once_get_different_addresses')),
    (10, 'wire and unwire race, 100 rounds', _tests('faults', 'wire_and_unwire_race_to_a_whole_wire_or_none')),
    (11, "the lock's holder is killed", _tests('faults', 'the_locks_holder_is_killed_and_the_next_run_proceeds',
                                               'looking_needs_no_lock')),
    (12, 'a container is restarted', ['tests/system/test_ls_show.py', 'tests/system/test_watch.py']),
    (13, 'unwire twice, or with one side gone', ['tests/system/test_unwire.py']),
    (14, 'twelve first `netns add` at once', _tests('netns', 'twelve_first_adds_at_once_share_the_folder_once')),
    (15, '`netns add` killed before its mount',
     _tests('netns', 'add_killed_on_its_way_leaves_a_name_that_list_calls_stale_and_delete_removes',
            'add_that_is_refused_leaves_no_name')),
    (16, 'a name is a dangling symlink, a file or a folder',
     _tests('bad_input', 'a_stale_name_is_status_3')
     + _tests('netns', 'delete_does_not_unmount_what_a_symlink_leads_to')
     + ['tests/integration/test_doctor_names.py']),
    (17, 'no root, no capability, a user namespace', ['tests/system/test_privileges.py']),
    (18, 'the config write meets a full disk or a kill',
     _tests('config_save', 'a_save_that_fails_leaves_the_old_files_byte_for_byte',
            'an_interrupted_save_leaves_the_files_as_they_were',
            'a_killed_save_is_finished_by_whoever_reads_the_tree_next',
            'a_note_of_a_save_that_is_not_netnsctls_is_a_problem_and_moves_nothing')),
    (19, 'boot restore with bad files and missing containers', ['tests/system/test_config_tree.py']),
    (20, 'no engine, or a slow one',
     _tests('faults_helpers', 'without_an_engine_names_and_pids_work_and_containers_are_not_found')),
    (21, 'doctor and the repository: no network, a locked database, edited files, a killed package manager',
     ['tests/system/test_repo.py', 'tests/system/test_repo_upgrade.py']),
)
