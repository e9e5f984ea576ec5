"""The role overlay on three hosts, one of them like CentOS 6.5: converge, idempotence, verify, remove a host."""
from __future__ import absolute_import, division, print_function

import pytest

from overlay_scenes import MTU, NAMES, Scene
from support import ansible_runs


@pytest.fixture
def scene(core, machines):
    """overlay_scenes.Scene, with what it has made removed afterwards."""
    made = Scene(core, machines)
    yield made
    made.close()


def test_containers_of_three_hosts_reach_each_other_with_packets_of_full_size(scene):
    first = scene.converge()
    assert first.status == 0, first
    assert sorted(set(task.host for task in first.changed())) == sorted(NAMES)
    for here in NAMES:
        for there in NAMES:
            scene.ping(here, there, MTU)
    assert not scene.fits('one', 'two', MTU + 1)
    for machine in scene.bed.machines.values():
        assert set(machine.wires().values()) == set(['whole']), machine.name
    again = scene.converge()
    assert again.status == 0 and again.changed() == [], again
    checked = scene.converge('--check')
    assert checked.status == 0 and checked.changed() == [], checked


def test_the_example_of_the_readme_does_what_it_says(core, machines, tmp_path):
    found = ansible_runs.examples()
    for machine in machines.machines.values():
        machine.add_containers('web')
    environ = {'ANSIBLE_SSH_COMMON_ARGS': ' '.join(machines.ssh_words()), 'ANSIBLE_REMOTE_USER': 'root'}

    def play():
        hosts = core.write('hosts.yml', found['hosts.yml'])
        return core.play(found['overlay.yml'], inventory=hosts, environ=environ)
    try:
        first = play()
        assert first.status == 0 and sorted(set(task.host for task in first.changed())) == sorted(NAMES), first
        scene = Scene(core, machines, container='web')
        for here in NAMES:
            for there in NAMES:
                scene.ping(here, there, MTU)
        again = play()
        assert again.status == 0 and again.changed() == [], again
        found['hosts.yml'] = found['hosts.yml'].replace('two: , six: ', 'two: ')
        assert 'six: }' not in found['hosts.yml']
        assert play().status == 0 and machines['six'].wires() == {}
        assert scene.remotes('one') == [machines['two'].address]
        assert play().changed() == []
    finally:
        for machine in machines.machines.values():
            machine.sh('netnsctl unwire --all --forget')
            machine.remove_containers()


def test_a_host_that_is_removed_is_cleaned_and_its_traces_on_the_others_go(scene):
    assert scene.converge().status == 0
    for name in ('one', 'two'):
        scene.ping(name, 'six')
    before = dict((name, scene.indexes(name)) for name in ('one', 'two'))
    assert scene.bed['six'].address in scene.remotes('one')
    removed = scene.converge(members=('one', 'two'))
    assert removed.status == 0, removed
    assert scene.bed['six'].wires() == {} and scene.is_clean('six')
    for name in ('one', 'two'):
        # Neither its entry for all, nor any container that was learned to be behind it.
        assert scene.bed['six'].address not in scene.table(name)
        assert scene.indexes(name) == before[name]  # nothing was made again
    scene.ping('one', 'two', MTU)
    assert scene.converge(members=('one', 'two')).changed() == []
    # And back again.
    assert scene.converge().status == 0
    scene.ping('one', 'six', MTU)
    assert dict((name, scene.indexes(name)) for name in ('one', 'two')) == before


def test_one_wire_changes_on_the_others_when_a_host_is_added(scene):
    assert scene.converge(members=('one', 'two')).status == 0
    before = scene.indexes('one')
    added = scene.converge()
    assert added.status == 0, added
    for name in ('one', 'two'):
        made = scene.result(added, name)['wires']
        assert [wire['name'] for wire in made if wire['changed']] == ['mesh.vxlan']
    assert scene.indexes('one') == before


def test_check_mode_says_what_would_be_done_and_does_nothing(scene):
    planned = scene.converge('--check')
    assert planned.status == 0, planned
    assert sorted(set(task.host for task in planned.changed())) == sorted(NAMES)
    assert all(machine.wires() == {} for machine in scene.bed.machines.values())


def test_two_overlays_of_the_same_hosts_do_not_meet(scene):
    assert scene.converge().status == 0
    assert scene.converge(overlay='other', network=['10.128.0.0/10'], ifname='other0').status == 0
    assert scene.converge().changed() == []
    scene.ping('one', 'two', MTU)
    assert set(scene.bed['one'].wires()) == set(['mesh.vxlan', 'mesh.to-web-one', 'other.vxlan', 'other.to-web-one'])
    assert scene.converge(overlay='other', network=['10.128.0.0/10'], ifname='other0', members=()).status == 0
    assert set(scene.bed['one'].wires()) == set(['mesh.vxlan', 'mesh.to-web-one'])


def test_an_overlay_over_ipv6_and_one_host_with_a_smaller_mtu(scene):
    extra = scene.give_ipv6()
    extra['six']['overlay_underlay_mtu'] = 1480
    played = scene.converge(extra=extra, network=['10.64.0.0/10', 'fd00:64::/64'])
    assert played.status == 0, played
    scene.ping('one', 'six', 1480 - 70)
    scene.ping('one', 'two', 1480 - 70, family=6)
    assert not scene.fits('one', 'two', 1480 - 69)
