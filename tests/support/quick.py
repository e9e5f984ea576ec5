"""The system tests that `make test` runs: for each command those of its main promises.

A new command needs a row (tests/unit/project/test_quick.py). What is here costs everybody who changes something: the
whole takes two minutes of one processor. A kill at each point, an odd host, every refusal are for `make test-all`.
"""
from __future__ import absolute_import, division, print_function

# {command: [what pytest runs: a file of tests/system, or one test of it]}
TESTS = {
    'doctor': [
        'test_doctor_schema.py',
        'test_doctor_state.py::test_what_is_in_the_way_of_every_wire_is_found_and_the_commands_mend_it',
        'test_fix_native.py::test_a_host_with_an_old_ip_is_mended_and_a_wire_works',
    ],
    'wire': [
        'wire/test_making.py',
        'wire/test_again.py',
        'test_containers_wired.py::test_the_scenario',
        'test_containers_wired.py::test_a_container_and_the_host_and_a_bridge',
        'test_dry_run.py::test_pasted_text_gives_the_same_network_as_wiring',
        'test_wire_file.py',
        'test_wire_kinds.py',
        'test_wire_modules.py',
        'test_wire_shaped.py::test_both_ways_are_shaped_known_again_changed_and_removed',
    ],
    'unwire': ['test_unwire.py', 'test_unwire_many.py'],
    'confirm': ['test_confirm.py'],
    'ls': ['test_ls_show.py'],
    'show': ['test_ls_show.py'],
    'check': ['test_ls_show.py'],
    'map': ['test_map.py'],
    'shape': ['test_shape.py::test_an_end_is_shaped_changed_and_no_longer_shaped',
              'test_shape.py::test_it_is_saved_on_request_and_up_changes_it_without_rewiring'],
    'config save': ['test_config_save.py'],
    'config check': ['test_config_check.py'],
    'config render': ['test_config_save.py'],
    'config forget': ['test_config_forget.py'],
    'up': ['test_config_tree.py', 'test_up_down.py'],
    'down': ['test_config_tree.py', 'test_up_down.py'],
    'watch': [
        'test_watch.py::test_a_restarted_container_is_wired_again',
        'test_watch.py::test_once_brings_up_what_runs_and_ends',
    ],
    'netns': ['test_netns.py', 'test_netns_differential.py'],
    'shim enable': ['test_shim.py'],
    'shim disable': ['test_shim.py'],
    'shim status': ['test_shim.py'],
    'repo enable': ['test_repo.py::test_a_repository_is_set_up_disabled_checked_and_for_iproute_alone'],
    'repo disable': ['test_repo.py::test_disable_takes_away_just_what_enable_put_there'],
    'repo status': ['test_repo.py::test_status_says_what_is_configured_reachable_offered_and_installed'],
    'help': ['test_command_line.py'],
    'version': ['test_command_line.py'],
}

# What `make test` runs in a guest, which is slow: one minute of one processor; sorted.
GUEST = [
    'tests/uml/inside/test_dummy.py::test_it_is_made_and_removed',
    'tests/uml/inside/test_kernel.py',
    'tests/uml/inside/test_netem.py::test_the_doctor_finds_both_queues',
    'tests/uml/inside/test_vlan_ipvlan.py::test_it_is_made_known_again_and_removed',
]

# What `make test-all` runs under Python 2.7 besides TESTS: a file for each feature, and where text and bytes meet.
PYTHON2 = [
    'bad_input/test_refused.py',
    'test_addresses_routes.py',
    'test_cni.py',
    'test_config_routes.py',
    'test_dhcp.py::test_an_address_is_there_until_down_ends_the_client',
    'test_json.py',
    'test_oci_hook.py',
    'test_releases.py',
    'test_wire_dhcp.py::test_it_is_saved_and_comes_back_with_its_address',
    'test_wire_ovs.py',
    'test_wire_phys.py',
    'test_wire_vxlan.py',
    'uplinks/test_nat.py',
    'uplinks/test_open.py',
    'uplinks/test_publish.py',
]


def paths(*more):
    """Each of TESTS, and of more such lists, once, from the top of the checkout, sorted."""
    return ['tests/system/' + path for path in sorted(set(sum(TESTS.values(), []) + sum(more, [])))]
