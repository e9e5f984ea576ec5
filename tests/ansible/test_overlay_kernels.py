"""The role overlay on three hosts with a kernel each: VXLAN from one kernel to another. With the newest ansible-core
alone."""
from __future__ import absolute_import, division, print_function

import socket
import struct

import pytest

import bed as beds
import guests
from overlay_scenes import MTU, Scene
from support.lacking import lacking

PATIENT = {'ANSIBLE_TIMEOUT': '60'}
ALL_FRAMES, UDP, VXLAN = 3, 17, 4789
# What ssh sends meanwhile has room too.
SO_RCVBUFFORCE, ROOM = 33, 1 << 26


@pytest.fixture(scope='module')
def kernels():
    """guests.Bed of three."""
    try:
        made = guests.Bed()
    except beds.Unavailable as reason:
        lacking('uml', str(reason))
    yield made
    made.close()


@pytest.fixture
def scene(newest, kernels):
    """overlay_scenes.Scene of the guests, of one test: what it has made ends with them."""
    return Scene(newest, kernels)


def ping_all(scene, names=guests.NAMES):
    for here in names:
        for there in names:
            scene.ping(here, there, MTU)


def has_seen_vxlan(listening):
    """Is there one of VXLAN over IPv4, of full size, among the frames that a socket has received?"""
    while True:
        try:
            frame = listening.recv(65536)
        except socket.error:
            return False
        if frame[12:14] == b'\x08\x00' and frame[23:24] == struct.pack('B', UDP) and len(frame) == 14 + 1500:
            if frame[36:38] == struct.pack('!H', VXLAN):
                return True


def test_each_has_a_kernel_of_its_own(kernels):
    boots = [machine.sh('cat /proc/sys/kernel/random/boot_id') for machine in kernels.machines.values()]
    with open('/proc/sys/kernel/random/boot_id') as source:
        boots.append(source.read())
    assert len(set(boots)) == len(guests.NAMES) + 1


def test_containers_of_three_kernels_reach_each_other_with_packets_of_full_size(scene):
    first = scene.converge(environ=PATIENT)
    assert first.status == 0, first
    assert sorted(set(task.host for task in first.changed())) == sorted(guests.NAMES)
    listening = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_FRAMES))
    try:
        listening.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, ROOM)
        listening.bind((scene.bed['first'].port, 0))
        listening.setblocking(False)
        ping_all(scene)
        assert has_seen_vxlan(listening)
    finally:
        listening.close()
    assert not scene.fits('first', 'second', MTU + 1)
    for machine in scene.bed.machines.values():
        assert set(machine.wires().values()) == set(['whole']), machine.name
    again = scene.converge(environ=PATIENT)
    assert again.status == 0 and again.changed() == [], again
    removed = scene.converge(members=('first', 'second'), environ=PATIENT)
    assert removed.status == 0, removed
    assert scene.bed['third'].wires() == {} and scene.is_clean('third')
    for name in ('first', 'second'):
        assert scene.bed['third'].address not in scene.table(name)
    ping_all(scene, ('first', 'second'))
    last = scene.converge(members=('first', 'second'), environ=PATIENT)
    assert last.status == 0 and last.changed() == [], last
