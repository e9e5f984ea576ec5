"""Faults while the role overlay is applied: what was done is reported for each host, a failure of one leaves the others
right, and the same play again converges. With the newest ansible-core alone."""
from __future__ import absolute_import, division, print_function

import pytest

from overlay_scenes import MTU, NAMES, STEPS, Scene


@pytest.fixture
def scene(newest, machines):
    """overlay_scenes.Scene, with what it has made removed afterwards."""
    made = Scene(newest, machines)
    yield made
    made.close()


def test_a_host_that_is_down_is_reported_the_others_have_theirs_and_the_play_again_converges(scene):
    scene.bed['two'].stop_sshd()
    try:
        played = scene.converge()
        assert played.status == 4, played  # some hosts are unreachable
        assert [task.host for task in played.tasks if task.how == 'unreachable'] == ['two']
        scene.ping('one', 'six', MTU)
    finally:
        scene.bed['two'].start_sshd()
    assert scene.converge().status == 0
    for here in NAMES:
        scene.ping(here, 'two', MTU)
    assert scene.converge().changed() == []


def test_a_host_whose_link_is_down_is_reported_and_the_play_again_converges(scene):
    scene.bed['six'].set_link('down')
    try:
        played = scene.converge(environ={'ANSIBLE_TIMEOUT': '3', 'ANSIBLE_SSH_RETRIES': '0'})
        assert played.status == 4, played
        scene.ping('one', 'two', MTU)
    finally:
        scene.bed['six'].set_link('up')
    assert scene.converge().status == 0
    scene.ping('one', 'six', MTU)


def test_a_half_applied_overlay_is_completed(scene):
    assert scene.converge().status == 0
    scene.bed['one'].sh('netnsctl unwire mesh.vxlan')
    scene.bed['two'].sh('bridge fdb del 00:00:00:00:00:00 dev vx-mesh dst %s' % scene.bed['six'].address)
    scene.bed['six'].sh('netnsctl unwire mesh.to-web-six')
    played = scene.converge()
    assert played.status == 0, played
    for here in NAMES:
        for there in NAMES:
            scene.ping(here, there, MTU)
    assert scene.converge().changed() == []


def test_a_container_that_does_not_run_is_reported_with_its_host_and_the_rest_is_made(scene):
    scene.bed['two'].sh('netnsctl netns delete web-two')
    played = scene.converge()
    assert played.status == 2, played
    failed = [task for task in played.tasks if task.how == 'failed']
    assert [task.host for task in failed] == ['two'] and 'web-two' in failed[0]['msg'], failed
    assert scene.bed['two'].wires() == {'mesh.vxlan': 'whole'}
    scene.ping('one', 'six', MTU)
    scene.bed['two'].add_containers('web-two')
    assert scene.converge().status == 0
    scene.ping('one', 'two', MTU)


def test_another_version_of_netnsctl_on_one_host_is_reported_there_and_nothing_is_changed_there(scene):
    machine = scene.bed['two']
    machine.write('/usr/local/sbin/netnsctl', '#!/bin/sh\necho netnsctl 0.0.9\n', 0o755)
    try:
        played = scene.converge()
        failed = [task for task in played.tasks if task.how == 'failed']
        assert played.status == 2 and [task.host for task in failed] == ['two'], played
        assert 'netnsctl 0.0.9' in failed[0]['msg'] and '1.0.0' in failed[0]['msg'], failed
        scene.ping('one', 'six', MTU)
    finally:
        machine.sh('rm /usr/local/sbin/netnsctl')
    assert machine.wires() == {}
    assert scene.converge().status == 0
    scene.ping('one', 'two', MTU)


def test_a_host_without_netnsctl_is_reported_and_the_others_have_theirs(scene):
    machine = scene.bed['six']
    machine.sh('mv /usr/sbin/netnsctl /usr/sbin/netnsctl.away')
    try:
        played = scene.converge()
        failed = [task for task in played.tasks if task.how == 'failed']
        assert [task.host for task in failed] == ['six'] and 'is not installed' in failed[0]['msg'], played
        scene.ping('one', 'two', MTU)
    finally:
        machine.sh('mv /usr/sbin/netnsctl.away /usr/sbin/netnsctl')


def test_two_names_of_one_host_are_refused_and_nothing_is_touched(scene):
    played = scene.converge(extra={'two': {'overlay_underlay': scene.bed['one'].address}})
    assert played.status == 2, played
    assert 'one and two have the same underlay address' in played.out + repr(played)
    assert all(machine.wires() == {} for machine in scene.bed.machines.values())


def test_a_name_of_a_container_that_two_hosts_have_gives_two_addresses(scene):
    for name in ('one', 'two'):
        scene.bed[name].add_containers('same')
    extra = dict((name, {'overlay_containers': ['netns://same']}) for name in ('one', 'two'))
    assert scene.converge(extra=extra).status == 0
    addresses = [scene.address_in(name, 'same') for name in ('one', 'two')]
    assert addresses[0] != addresses[1]
    scene.bed['one'].sh('netnsctl netns exec same ping -c 1 -w 5 ' + addresses[1])


def test_one_address_of_two_containers_is_reported_on_their_hosts_and_the_third_has_its_wires(scene):
    taken = dict((name, {'overlay_containers': [{'target': 'netns://web-' + name, 'addresses': ['10.64.0.9/10']}]})
                 for name in ('one', 'two'))
    played = scene.converge(extra=taken)
    failed = [task for task in played.tasks if task.how == 'failed']
    assert sorted(task.host for task in failed) == ['one', 'two'], played
    assert all('both have 10.64.0.9' in task['msg'] for task in failed)
    assert set(scene.bed['six'].wires()) == set(['mesh.vxlan', 'mesh.to-web-six'])


@pytest.mark.parametrize('name', ["x'; touch /tmp/hostile; '", '$(touch /tmp/hostile)', '{{ 1 + 1 }}', 'a b', '-x'])
def test_hostile_names_of_containers_run_nothing_and_cost_their_own_host(scene, name):
    played = scene.converge(extra={'two': {'overlay_containers': [{'target': 'netns://' + name, 'name': name}]}})
    assert [task.host for task in played.tasks if task.how == 'failed'] == ['two'], played
    for machine in scene.bed.machines.values():
        assert machine.run('test', '-e', '/tmp/hostile').status != 0
    scene.ping('one', 'six', MTU)


@pytest.mark.parametrize('step', STEPS)
def test_a_connection_that_is_cut_in_the_middle_is_reported_and_the_play_again_converges(scene, step):
    scene.cut_at('two', step)
    try:
        played = scene.converge()
    finally:
        scene.cut_no_more('two')
    assert [task.host for task in played.tasks if task.how in ('unreachable', 'failed')] == ['two'], played
    scene.ping('one', 'six', MTU)
    assert scene.converge().status == 0
    for here in NAMES:
        scene.ping(here, 'two', MTU)
    assert set(scene.bed['two'].wires().values()) == set(['whole'])
    assert scene.converge().changed() == []
