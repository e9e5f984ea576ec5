"""`netnsctl wire --dry-run` where wires are removed first, and of files whose lines share a bridge, an address or a
NIC: the commands run as they are, and give the network that wiring gives; the exit status is that of the real run."""

from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.compat import shell_quote

# A NIC of the host with an address and a cable, and a bridge that somebody else made.
SCENE = """
    for each in a b c; do ip netns add $each; done
    ip link add eth9 type veth peer name cable
    ip address add 10.9.0.1/24 dev eth9
    ip link set dev eth9 up; ip link set dev cable up
    ip link add others type bridge; ip link set dev others up
    ip link add lent type veth peer name lent-x"""


@pytest.fixture
def scene(host):
    """A throwaway host with that, in which a shell finds netnsctl."""
    host.sh("printf '#!/bin/sh\\nexec %s \"$@\"\\n' >/usr/local/sbin/netnsctl; chmod 755 /usr/local/sbin/netnsctl"
            % ' '.join(shell_quote(word).replace("'", "'\\''") for word in host.program.argv()))
    host.sh(SCENE)
    return host


def network(host):
    """Links, addresses and routes, without what is random, or comes and goes by itself."""
    return host.sh(r"""
        for each in '' '-n a' '-n b' '-n c'; do
            echo "== $each"
            ip $each -o link | sed 's/^[0-9]*: //; s/@if[0-9]*//; s/: .* mtu \([0-9]*\) / \1 /; s/ state [A-Z]*//
                                    s/ qdisc.*//' | sort
            ip $each -o address | sed 's/^[0-9]*: //; s/ valid_lft.*//' | grep -v fe80 | sort
            ip $each route | sed 's/ linkdown//' | sort
        done""")


# What stands, and what is asked of it instead.
REPLACED = {
    'a bridge': ('a:A=10.2.0.2/24 bridge://br0=10.2.0.1/24', 'a:A=10.2.0.3/24 bridge://br0=10.2.0.1/24'),
    'a bridge that gets another address': ('a:A=10.2.0.2/24 bridge://br0=10.2.0.1/24',
                                           'a:A=10.2.0.1/24 bridge://br0=10.2.0.2/24'),
    'a bridge of somebody else': ('a:A=10.2.0.2/24 bridge://others=10.2.0.1/24',
                                  'a:A=10.2.0.3/24 bridge://others=10.2.0.1/24'),
    'a macvlan of the host': ('a:A=10.9.0.5/24 macvlan://eth9=host', 'a:A=10.9.0.6/24 macvlan://eth9=host'),
    'a nic': ('a:A=10.4.0.2/24 phys://lent=force=yes', 'a:A=10.4.0.3/24 phys://lent=force=yes'),
}


@pytest.mark.parametrize('case, what, others', [
    (case, what, others) for case in sorted(REPLACED) for what in ('replaced', 'lost') for others in (False, True)
    if what == 'replaced' and not others or case in ('a bridge', 'a macvlan of the host')])
def test_pasted_text_recreates_a_wire_as_wiring_does(scene, case, what, others):
    before, after = REPLACED[case]
    other = before.replace('a:', 'b:').replace('.2/', '.8/').replace('.5/', '.8/')
    words, found = ['--no-check', '--name', 'w'] + after.split(), []
    for is_pasted in (False, True):
        assert scene('wire', '--no-check', '--name', 'w', *before.split()).status == 0
        if others:
            assert scene('wire', '--no-check', '--name', 'other', *other.split()).status == 0
        if what == 'lost':
            scene.sh('ip netns delete a; ip netns add a; sleep 0.5')
        how = [] if what == 'lost' else ['--replace']
        dry = scene('wire', '--dry-run', *how + words)
        assert dry.status == 0 and dry.out.startswith('netnsctl unwire w\n'), dry
        if is_pasted:
            scene.sh('set -e; ' + dry.out)
        else:
            made = scene('wire', *how + words)
            assert made.status == 0, made
        found.append(network(scene))
        for name in ('w', 'other'):
            scene('unwire', '--if-exists', name)
        scene.sh('ip netns delete a; ip netns add a; ip link delete br0 2>/dev/null || true; sleep 0.5')
    assert found[0] == found[1], found


# Files of wires that can be made.
FILES = {
    'two on one bridge with one address': 'a:A=10.2.0.2/24 bridge://br0=10.2.0.1/24\n'
                                          'b:A=10.2.0.3/24 bridge://br0=10.2.0.1/24',
    'two on a bridge of somebody else': 'a:A=10.2.0.2/24 bridge://others=10.2.0.1/24\n'
                                        'b:A=10.2.0.3/24 bridge://others=10.2.0.1/24,10.3.0.1/24',
    'a macvlan on a link of an earlier line': 'a:A=10.2.0.2/24 host:h0=10.2.0.1/24\nb:A=10.5.0.2/24 macvlan://h0',
    'a name that an earlier line gives the host': 'a:A=10.2.0.2/24 host:B=10.2.0.1/24\nb:B=10.9.0.5/24 macvlan://eth9',
    'two macvlans of the host': 'a:A=10.9.0.5/24 macvlan://eth9=host\nb:A=10.9.0.6/24 macvlan://eth9=host',
}


@pytest.mark.parametrize('case', sorted(FILES))
def test_pasted_text_of_a_file_gives_the_same_network_as_wiring(scene, case):
    dry = scene('wire', '-f', '-', '--dry-run', feed=FILES[case])
    assert dry.status == 0, dry
    made = scene('wire', '-f', '-', '--no-check', feed=FILES[case])
    assert made.status == 0, made
    by_wire = network(scene)
    assert scene('unwire', '--all').status == 0
    scene.sh('set -e; ' + dry.out)
    assert network(scene) == by_wire


# Files of which one line is in the way of another.
REFUSED = {
    'one address on one bridge': 'a:A=10.2.0.2/24 bridge://br0\nb:A=10.2.0.2/24 bridge://br0',
    'that of the bridge': 'a:A=10.2.0.2/24 bridge://br0=10.2.0.1/24\nb:A=10.2.0.1/24 bridge://br0',
    'one of the host twice': 'a:A=10.2.0.2/24 host=10.2.0.1/24\nb:A=10.2.0.3/24 host=10.2.0.1/24',
    'that of another bridge': 'a:A=10.2.0.2/24 bridge://br0=10.2.0.1/24\nb:A=10.2.0.3/24 bridge://br1=10.2.0.1/24',
    'one nic for itself': 'a:A macvlan://eth9=mode=passthru\nb:A macvlan://eth9',
    'a macvlan and an ipvlan': 'a:A macvlan://eth9\nb:A ipvlan://eth9',
    'one vni twice': 'a:A=10.3.0.1/24 vxlan://7=remote=10.9.0.2\nb:A=10.3.0.2/24 vxlan://7=remote=10.9.0.2',
    'one nic twice': 'a:A phys://lent=force=yes\nb:A phys://lent=force=yes',
    'a nic that is lent': 'a:A phys://lent=force=yes\nb:A macvlan://lent',
    'a bridge and a link': 'a:A bridge://br0\nb:A host:br0',
    'a link and a bridge': 'a:A host:br0\nb:A bridge://br0',
    'one address in two networks': 'a:A=10.2.0.2/24 bridge://br0=10.2.0.1/24\n'
                                   'b:A=10.2.0.3/24 bridge://br0=10.2.0.1/25',
}


@pytest.mark.parametrize('case', sorted(REFUSED))
def test_of_a_file_what_an_earlier_line_takes_fails_as_it_will(scene, case):
    dry, made = [scene('wire', '-f', '-', '--no-check', *option, **{'feed': REFUSED[case]})
                 for option in (['--dry-run'], [])]
    assert dry.status == made.status != 0, (dry, made)
    assert ':2: ' in made.err and ':2: ' in dry.err and ':1: ' not in made.err + dry.err, (dry, made)


# A wire that goes, and a file that takes what it has.
FREED = {
    'an address': ('c:A=10.2.0.2/24 bridge://br0=10.2.0.1/24', 'a:A=10.2.0.2/24 bridge://br0=10.2.0.1/24'),
    'the address of the bridge': ('c:A=10.2.0.2/24 bridge://others=10.2.0.1/24',
                                  'a:A=10.2.0.1/24 bridge://others=10.2.0.2/24'),
    'the address of the host': ('c:A=10.2.0.2/24 host:h0=10.2.0.1/24', 'a:A=10.2.0.2/24 bridge://br0=10.2.0.1/24'),
    'a nic for itself': ('c:A macvlan://eth9=mode=passthru', 'a:A macvlan://eth9'),
    'a vni': ('c:A=10.3.0.1/24 vxlan://7=remote=10.9.0.2', 'a:A=10.3.0.1/24 vxlan://7=remote=10.9.0.2'),
    'a nic': ('c:A phys://lent=force=yes', 'a:A=10.4.0.1/24 phys://lent=force=yes'),
    'a bridge': ('c:A=10.2.0.2/24 bridge://br0', 'a:A=10.2.0.2/24 host:br0=10.2.0.1/24'),
}


@pytest.mark.parametrize('case', sorted(FREED))
def test_what_a_purged_wire_has_is_free(scene, case):
    before, after = FREED[case]
    words = ['wire', '-f', '-', '--no-check', '--purge', 'p*']
    assert scene('wire', '--no-check', '--name', 'p1', *before.split()).status == 0
    dry = scene(*words + ['--dry-run'], feed=after + ' --name p2')
    assert dry.status == 0, dry
    made = scene(*words, feed=after + ' --name p2')
    assert made.status == 0, made
    by_wire = network(scene)
    assert scene('unwire', '--all').status == 0
    assert scene('wire', '--no-check', '--name', 'p1', *before.split()).status == 0
    scene.sh('set -e; ' + dry.out)
    assert network(scene) == by_wire


@pytest.mark.parametrize('purges', [['p1'], ['p1', 'p2']])
def test_a_bridge_goes_with_the_last_of_the_wires_that_are_purged(scene, purges):
    for name, ns in (('p1', 'a'), ('p2', 'b')):
        words = '%s:A=10.2.0.%s/24 bridge://br0=10.2.0.1/24' % (ns, name[1] + '0')
        assert scene('wire', '--no-check', '--name', name, *words.split()).status == 0
    dry = scene('wire', '-f', '-', '--dry-run', '--purge', '[%s]*' % 'p' if len(purges) == 2 else 'p1',
                feed='c:A=10.2.0.10/24 bridge://br0=10.2.0.1/24 --name q')
    assert dry.status == 0 and ('add name br0' in dry.out or 'add br0' in dry.out) == (len(purges) == 2), dry
    scene.sh('set -e; ' + dry.out)
    assert '10.2.0.1/24' in scene.sh('ip -4 address show dev br0')


def test_a_bridge_that_somebody_else_uses_stays(scene):
    assert scene('wire', '--name', 'w', 'a:A=10.2.0.2/24', 'bridge://br0=10.2.0.1/24').status == 0
    scene.sh('ip address add 10.7.0.1/24 dev br0')
    dry = scene('wire', '--dry-run', '--replace', '--name', 'w', 'a:A=10.2.0.3/24', 'bridge://br0=10.2.0.1/24')
    scene.sh('set -e; ' + dry.out)
    assert '10.7.0.1/24' in scene.sh('ip -4 address show dev br0')


def test_with_force_one_address_may_be_had_by_two_lines(scene):
    feed = REFUSED['one address on one bridge']
    for option in (['--dry-run'], []):
        result = scene('wire', '-f', '-', '--no-check', '--force', *option, **{'feed': feed})
        assert result.status == 0, result
