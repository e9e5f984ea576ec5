"""What is run under each kernel: for each kind of link and each feature, tests that show whether it works there.

Each runs under every kernel and every Python. The integration tests, which are many, are dealt among the Pythons, so
that each runs once under every kernel, in one of its cases; with NETNSCTL_TEST_EVERY they run under every Python and in
all cases.
"""
from __future__ import absolute_import, division, print_function

import collections
import os

# kernel: the first Linux that has what the row is about, by docs/kernels.md; '-' where it depends on several things.
Row = collections.namedtuple('Row', 'label kernel tests')

MADE = 'integration/test_links.py::test_what_the_doctor_tries_of_a_kind_is_made_and_taken_back'
# The first that run: each kind of link made and removed by both backends, in one process.
LINKS = [Row('a link: %s' % name, since, ['%s[%s' % (MADE, name)]) for name, since in (
    ('veth', '2.6.24'), ('bridge', '3.0'), ('macvlan', '2.6.24'), ('vlan', '2.6.24'), ('dummy', '2.6.32'),
    ('vxlan', '3.8'), ('ipvlan', '3.19'))] + [
    Row('macvlan in each mode', '2.6.33', [
        'integration/test_links.py::test_a_macvlan_is_made_in_its_namespace_by_one_request_of_the_hosts',
        'integration/test_links.py::test_what_keeps_a_macvlan_from_being_made_is_said']),
    Row('what the guest itself has: links, queues, NICs', '-', ['uml/inside/test_kernel.py'])]
FEATURES = [
    Row('veth between namespaces, both families', '2.6.24', [
        'system/wire/test_making.py::test_both_ends_get_link_address_route_and_the_checked_wire_is_told',
        'system/wire/test_making.py::test_both_families_gateways_routes_mtu_and_mac']),
    Row('bridge', '3.0', [
        'system/bridge_network/test_addresses.py::test_a_bridge_keeps_the_mac_address_of_its_nic',
        'system/bridge_network/test_addresses.py::test_neighbours_learn_that_an_address_has_moved']),
    Row('bridge with `tag=`', '3.9', [
        'uml/inside/test_bridge_tag.py::test_wires_of_one_tag_reach_each_other_and_no_others']),
    Row('macvlan', '2.6.24', [
        'system/test_wire_kinds.py::test_a_macvlan_is_made_known_again_changed_and_removed',
        'uml/inside/test_macvlan.py']),
    Row('vlan', '2.6.24', ['uml/inside/test_vlan_ipvlan.py::test_it_is_made_known_again_and_removed[vlan']),
    Row('ipvlan', '3.19', ['uml/inside/test_vlan_ipvlan.py::test_it_is_made_known_again_and_removed[ipvlan']),
    Row('vxlan', '3.8', ['system/test_wire_vxlan.py::test_it_reaches_another_host_with_an_mtu_that_fits']),
    Row('dummy', '2.6.32', ['uml/inside/test_dummy.py::test_it_is_made_and_removed',
                            'uml/inside/test_dummy.py::test_its_module_is_loaded_without_a_dummy0_on_the_host']),
    Row('phys, a real NIC', '2.6.35', ['uml/inside/test_phys.py::test_it_is_lent_known_again_and_returned_as_it_was']),
    Row('ovs (daemon in user space)', '-', [
        'system/test_wire_ovs.py::test_a_port_is_made_known_again_changed_and_removed']),
    Row('shaping: `rate=` (tbf)', '2.6.35', [
        'system/test_wire_shaped.py::test_both_ways_are_shaped_known_again_changed_and_removed']),
    Row('shaping: `delay=` (netem)', '2.6.35', [
        'uml/inside/test_netem.py::test_a_delayed_end_is_made_known_again_changed_and_removed',
        'uml/inside/test_netem.py::test_the_doctor_finds_both_queues']),
    Row('`nat`', '-', ['system/uplinks/test_nat.py::test_a_container_reaches_the_outside_by_nat_on_its_bridge',
                       'system/uplinks/test_nat.py::test_both_versions_of_ip_are_translated']),
    Row('`publish=`', '-', [
        'system/uplinks/test_publish.py::test_a_port_is_reached_from_outside_from_the_host_and_from_beside_the_container',
        'system/uplinks/test_publish.py::test_what_the_kernel_knows_of_udp_does_not_outlive_the_wire']),
    Row('`doctor` makes every kind', '-', ['uml/inside/test_dummy.py::test_the_doctor_can_make_every_kind']),
    Row('`map` of every kind', '-', ['uml/inside/test_map.py']),
    Row('saved wires: `up`, `down`', '-', ['uml/inside/test_vlan_ipvlan.py::test_it_is_saved_and_comes_back[ipvlan']),
]
# The rooms of tests/integration, in the order in which they run.
ROOMS = [('what the tests compare by', ['test_snapshot.py']),
         ('netlink: what the kernel tells', ['netlink']),
         ('routes and rules', ['routing']),
         ('namespaces, bridges, containers', ['edge']),
         ('`check`', ['check']),
         ('`doctor`', ['doctor']),
         ('operations and refusals', ['backends']),
         ('groups, replacing, rollback', ['wires']),
         ('the Python library', ['test_library.py', 'test_library_interrupted.py'])]
# Among LINKS; what runs on the stand-in for another kernel; and what the kernel has no part in: stand-ins for old
# `ip`s, databases of packages, another program's reading of files, engines, which start no container in a guest.
LEFT_OUT = tuple('integration/' + name for name in (
    'test_links.py', 'backends/test_kernel_el6.py', 'backends/test_old_ip.py', 'backends/test_old_ips.py',
    'doctor/test_networkd.py', 'doctor/test_packages.py', 'edge/test_containers.py', 'edge/test_runtimes.py',
    'watch/test_events.py'))
PARTS = ('links', 'kinds', 'integration')


def rows():
    """[Row] of the table, features first."""
    return LINKS + FEATURES + [Row(label, '-', ['integration/' + name for name in names]) for label, names in ROOMS]


def of_row(row, nodeid):
    """Is a test, by its name from the folder of pytest.ini, one of a row's?"""
    return any(is_of(test, nodeid) for test in row.tests)


def is_of(test, nodeid):
    """Is a test one of a folder, a file, a function, or of the function's cases with a word (`path::name[word`)?"""
    name, _, case = test.partition('[')
    within = nodeid == name or nodeid.startswith((name + '/', name + '::', name + '['))
    return within and (not case or '[' + case in nodeid or '-' + case in nodeid)


def files_below(top, path):
    """The files with tests of a path of ROOMS, from tests/, sorted."""
    whole = os.path.join(top, 'tests', 'integration', path)
    if os.path.isfile(whole):
        return ['integration/' + path]
    found = []
    for folder, _, names in os.walk(whole):
        found += [os.path.relpath(os.path.join(folder, name), os.path.join(top, 'tests'))
                  for name in names if name.startswith('test_') and name.endswith('.py')]
    return sorted(found)


def words(part, top, hand, hands):
    """What pytest is to run of a part, as it is named from tests/. hand of hands: a Python of all Pythons."""
    if part != 'integration':
        # `[` begins the cases that a row picks from: all are run, and each is counted with the row that it is of.
        chosen = LINKS if part == 'links' else FEATURES
        return sorted(set(test.partition('[')[0] for row in chosen for test in row.tests))
    every = os.environ.get('NETNSCTL_TEST_EVERY')
    files = [path for _, names in ROOMS for name in names for path in files_below(top, name)
             if path not in LEFT_OUT]
    return [path for number, path in enumerate(files) if every or number % hands == hand]
