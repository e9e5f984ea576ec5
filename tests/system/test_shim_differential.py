"""The shim over EL6's `ip` beside the machine's own: the same lines in two equal worlds, and the same outcome.

Lines are as in test_netns_differential; all of its scenes are run here too. What is meant to differ is in DIFFERENT,
and must differ. Where the outcome rests on what the host's own ip prints, that is the machine's own in both worlds, for
the stand-in is only in front of it.
"""

from __future__ import absolute_import, division, print_function

import pytest

from support import process
from support.installed import Installed
from support.worlds import ShimWorld, World
from system import test_netns_differential as netns

PAIR = 'link add %s0 address 02:00:00:00:00:01 type veth peer name %s1 address 02:00:00:00:00:02'
SCENES = {
    'links into namespaces': """
        netns add a
        netns add b
        @v@
        link set v0 netns a
        link set v0 netns a
        link set dev v1 netns b
        -n a -o link show v0
        -n b -o -f link link show v1
        -n b -o -f link link show nosuch
        netns exec a ip link set v0 up
        -n b link set v1 up
        -n a addr add 192.0.2.1/32 dev v0
        -n b addr add 192.0.2.2/32 dev v1
        -n a route add 192.0.2.2/32 dev v0
        -n b route add 192.0.2.1/32 dev v1
        netns exec a sh -c "ping -q -c 1 -W 5 -n 192.0.2.2 >/dev/null"
        -n a -4 route
        -n a link set v0 netns b
        -n b -o addr show dev v0
        -n b link set v0 netns /run/netns/a
        -n a -o addr show dev v0
        link add w0 address 02:00:00:00:00:01 netns a type veth peer name w1 address 02:00:00:00:00:02 netns b
        -n a -o link show w0
        -n b -o link show w1
        link add netns b address 02:00:00:00:00:01 name d0 type veth peer name d1 address 02:00:00:00:00:02
        -n b -o link show d0
        -o link show d1
        l set d1 netns a
        @m@
        li set m0 alias netns netns a
        -n a -o link show m0
        link add netns type veth peer name other
        link set netns alias netns
        link set netns netns b
        link set netns netns b
        -n b link set dev netns netns a
        -n a link set netns mtu 1400
        -n a link del netns
        link set lo netns nosuch
        link set lo netns ""
        link set lo netns /nosuch/path
        link set lo netns
        link set lo netns a
        link set nosuch netns a
        link add x0 netns nosuch type veth
        link add x0 netns a type nosuch
        @x@
        link set x0 netns a netns b
        link set x0 netns 4194305
        link set x0 netns @PID@
        link set x0 mtu 1400
        $ ln -s a /run/netns/@PID@
        link set x0 netns @PID@
        netns exec @PID@ ip link set x0 mtu 1300
        -n @PID@ link set x0 netns b
        $ ln -s a /run/netns/alias
        link set x1 netns alias
        -n a link set x1 mtu 1300
        $ mkdir /run/netns/folder; touch -d "1 hour ago" /run/netns/empty; ln -s /nosuch /run/netns/gone
        link set lo netns gone
        link set lo netns empty
        -netns a link show nosuch
        -n a -n b link set x0 mtu 1200
        -n nosuch link
        -n a/b link
        -n a foo
        -n a -x link
        -n a
        -n a -V x
        -n
    """,
    'batches of links': r"""
        $ printf 'netns add a\nnetns add b\nlink add v0 type veth peer name v1\nlink set v0 netns a\n' >/mnt/b
        $ printf 'link set dev v1 netns b # to b\n\nnetns list\n-n a link\n' >>/mnt/b
        -b /mnt/b
        -n a link set v0 mtu 1300
        -n b link set v1 mtu 1300
        netns delete a
        netns delete b
        -force -b /mnt/b
        $ printf 'link show nosuch1\n# a comment\nnetns add q\nlink show \\\n nosuch2\nnetns delete nosuch\n' >/mnt/b
        -b /mnt/b
        -force -b /mnt/b
        -force -batch - <link add k0 type veth peer name k1\nlink set k0 netns a\nnetns exec a ip link set k0 mtu 1300>
        -n a -b - <link add k2 type veth peer name k3\nlink set k2 netns b\nnetns exec b ip link set k2 mtu 1300>
        -b - <link set k9 netns a>
        -force -b - <link set k9 netns a\nlink add k9 type veth peer name k8\nlink set k9 netns a>
        -n a link set k9 mtu 1300
        -b - <netns add w\nlink set lo mtu\nnetns add ww>
        -force -b - <link set lo mtu\nnetns add ww>
        netns list
        -o -b - <link show lo\nnetns identify>
        -b - <netns exec a sh -c "exit 3"\nnetns list>
        -b - <netns exec a "unclosed>
        -force -b - <link set lo mtu 1300\nnetns exec a "unclosed>
        link show lo
        -b - <netns set a 99\nnetns list-id>
        -b - <foo\nnetns list>
        -b /nosuch
        -b - <>
    """,
    'the commands of the tests of iproute2': r"""
        netns add a
        netns set a 99
        netns list
        netns
        netns list-id
        netns del a
        $ printf 'netns add b\nnetns set b 98\nnetns list\nnetns list-id\nnetns del b\n' >/mnt/b
        -b /mnt/b
        netns
    """,
    'what is the own ip\'s': r"""
        link show lo
        -o link show lo
        addr add 192.0.2.7/32 dev lo
        -4 -o addr show dev lo
        -j link show lo
        route add 192.0.2.8/32 dev nosuch
        neigh show
        n show
        rule
        -s -s link show lo
        -b - <link show lo>
        -force -b - <link show nosuch\nlink show lo>
        -V x
        "" x
        foo
        -x
    """,
}
for _name in SCENES:
    for _letter in 'vmx':
        SCENES[_name] = SCENES[_name].replace('@%s@' % _letter, PAIR % (_letter, _letter))

OPTION = 'an ip of that age does not know the option'
USAGE = 'the usage is that of the host\'s own ip, and shorter'
# (scene, line): why it is meant to differ, the shim's own (status, a part of standard error)
DIFFERENT = dict(
    (place, row) for place, row in netns.DIFFERENT.items()
    if place[0] not in ('words and prefixes', 'what the option -netns lacks'))
DIFFERENT.update({
    ('links into namespaces', 'link set lo netns ""'): ('is no name, and goes to the own ip', 255, 'argument "" is wr'),
    ('links into namespaces', 'link set x0 netns a netns b'): ('the own ip sees PIDs', 255, 'duplicate "netns"'),
    ('links into namespaces', 'link set lo netns empty'): ('a stale name is none', 255, 'argument "empty" is wrong'),
    ('links into namespaces', '-n a foo'): ('the own ip\'s status', 255, 'Object "foo" is unknown'),
    ('links into namespaces', '-n a'): (USAGE, 255, 'Usage: ip'),
    ('links into namespaces', '-n a -V x'): ('whose version it is', 0, ''),
    ('links into namespaces', '-n'): ('there is a name missing, not one called (null)', 255, 'not complete'),
    ('what is the own ip\'s', '-j link show lo'): (OPTION, 255, 'Option "-j" is unknown'),
    ('what is the own ip\'s', '-V x'): ('whose version it is', 0, ''),
    ('what is the own ip\'s', 'foo'): ('the own ip\'s status', 255, 'Object "foo" is unknown'),
    ('what the option -netns lacks', '-n'): ('there is a name missing, not one called (null)', 255, 'not complete'),
    ('what the option -netns lacks', '-b'): (USAGE, 255, 'Usage: ip'),
    ('what the option -netns lacks', '-f'): (USAGE, 255, 'Usage: ip'),
    ('what the option -netns lacks', '-rc'): (USAGE, 255, 'Usage: ip'),
    ('what the option -netns lacks', '-help'): (USAGE, 255, 'Usage: ip'),
    ('what the option -netns lacks', '-V'): ('whose version it is', 0, ''),
})


@pytest.fixture
def worlds(tmpdir, old_ip):
    try:
        if process.run(['ip', 'netns', 'attach']).err.startswith('Command'):
            pytest.skip('the ip of this machine is older than the contract (no netns attach, iproute2 5.1)')
    except OSError:
        pytest.skip('no ip')
    made = [World(False), ShimWorld(Installed(str(tmpdir.join('installed'))), old_ip)]
    yield made
    for world in made:
        world.close()


def all_scenes():
    return dict(netns.SCENES, **SCENES)


@pytest.mark.parametrize('scene', sorted(all_scenes()))
def test_the_same_lines_have_the_same_outcome(scene, worlds):
    rows = netns.lines_of(scene, all_scenes())
    assert netns.differences(rows, worlds, netns.known_in(scene, DIFFERENT)) == ''


def test_the_list_of_differences_has_no_line_that_is_not_run():
    run = [(scene, row[0]) for scene in all_scenes() for row in netns.lines_of(scene, all_scenes())]
    assert sorted(set(DIFFERENT) - set(run)) == []
