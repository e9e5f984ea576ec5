"""A wire is saved with the MTU that was asked for. One that was computed, from the way to the remotes of a VXLAN or
from a bridge, is computed again when the wire is made again: after a reboot it may be another one."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import process
from support.far import MTU, VNI
from support.inside import ip, links

BRIDGE, PORT = 'nwb%d' % os.getpid(), 'nwp%d' % os.getpid()
TREE = '/etc/sysconfig/netns'


def saved():
    """Everything that the tree says, as text."""
    found = []
    for folder, _, names in os.walk(TREE):
        for name in sorted(names):
            with open(os.path.join(folder, name)) as source:
                found.append(source.read())
    return ''.join(found)


@pytest.fixture
def netnsctl(run_netnsctl):
    """run_netnsctl, after which no file is left."""
    yield run_netnsctl
    run_netnsctl('unwire', '--all', '--forget')
    process.must(['rm', '-rf', TREE])


def anchor(*remotes, **more):
    items = ['remote=' + one.theirs for one in remotes] + ['%s=%s' % pair for pair in sorted(more.items())]
    return 'vxlan://%d=%s' % (VNI, ','.join(items))


def reboot(netnsctl):
    """All wires go, and the tree makes them again."""
    assert netnsctl('unwire', '--all').status == 0
    result = netnsctl('up')
    assert result.status == 0 and result.err == '', result
    assert netnsctl('config', 'check').status == 0


def test_a_vxlan_comes_back_with_the_mtu_that_fits_then(netnsctl, netns, far):
    a, other = netns(), far()
    for end in (['-n', other.name, 'link', 'set', 'dev', 'up'], ['link', 'set', 'dev', other.dev]):
        ip(None, *(end + ['mtu', '9000']))
    words = ['wire', '--no-check', '--name', 'w', a + ':v=10.9.0.1/24', anchor(other, dev=other.dev)]
    assert netnsctl(*(words + ['--save'])).status == 0
    assert links(a)['v']['mtu'] == 8950 and 'MTU' not in saved()
    assert netnsctl('unwire', 'w').status == 0
    ip(None, 'link', 'set', 'dev', other.dev, 'mtu', str(MTU))
    reboot(netnsctl)
    assert links(a)['v']['mtu'] == MTU - 50
    assert netnsctl(*words).out.startswith('already wired: w')


def test_a_vxlan_whose_remote_has_no_route_yet_gets_the_mtu_of_a_usual_way(netnsctl, netns):
    a = netns()
    words = ['wire', '--no-check', '--name', 'w', a + ':v=10.9.0.1/24', 'vxlan://%d=remote=198.51.100.7' % VNI]
    assert netnsctl(*words).status == 0 and links(a)['v']['mtu'] == 1450
    assert netnsctl('unwire', 'w').status == 0
    words[-2] += ',mtu=1500'
    made = netnsctl(*words)
    assert made.status == 0 and made.err == '' and links(a)['v']['mtu'] == 1500, made


def test_a_bridge_that_has_its_own_mtu_gives_it_again(netnsctl, netns):
    a = netns()
    ip(None, 'link', 'add', BRIDGE, 'type', 'bridge')
    ip(None, 'link', 'set', 'dev', BRIDGE, 'mtu', '1400', 'up')
    try:
        words = ['wire', '--name', 'w', a + ':v=10.9.0.2/24', 'bridge://' + BRIDGE]
        assert netnsctl(*(words + ['--save'])).status == 0
        assert links(a)['v']['mtu'] == 1400 and 'MTU' not in saved()
        ip(None, 'link', 'set', 'dev', BRIDGE, 'mtu', '1300')
        reboot(netnsctl)
        assert links(a)['v']['mtu'] == 1300
        assert netnsctl(*words).out.startswith('already wired: w')
        assert netnsctl('config', 'save', '--all').out.startswith('nothing to do')
    finally:
        netnsctl('unwire', '--all')
        ip(None, 'link', 'delete', 'dev', BRIDGE)


def test_a_vxlan_lowers_the_mtu_that_it_would_have_of_its_bridge_where_that_is_too_large(netnsctl, far):
    other = far()
    ip(None, 'link', 'add', BRIDGE, 'type', 'bridge')
    ip(None, 'link', 'set', 'dev', BRIDGE, 'mtu', '9000', 'up')
    try:
        words = ['wire', '--no-check', '--name', 'w', 'bridge://%s:%s' % (BRIDGE, PORT), anchor(other, dev=other.dev)]
        assert netnsctl(*words).status == 0 and links(None)[PORT]['mtu'] == MTU - 50
        words[4] += '=mtu=9000'
        refused = netnsctl(*(words + ['--replace']))
        assert refused.status == 1 and 'Leave mtu= out to get that' in refused.err, refused
    finally:
        netnsctl('unwire', 'w')
        ip(None, 'link', 'delete', 'dev', BRIDGE)


def test_what_was_asked_for_is_saved_and_compared(netnsctl, netns, far):
    a, other = netns(), far()
    words = ['wire', '--no-check', '--name', 'w', a + ':v=10.9.0.1/24,mtu=1300', anchor(other)]
    assert netnsctl(*(words + ['--save'])).status == 0 and 'MTU=1300\n' in saved()
    reboot(netnsctl)
    assert netnsctl(*words).out.startswith('already wired: w')
    words[4] = words[4].replace(',mtu=1300', '')
    refused = netnsctl(*words)
    assert refused.status == 4 and 'mtu 1300, asked for none' in refused.err, refused


def test_an_mtu_that_a_file_has_of_an_earlier_version_is_as_if_it_was_asked_for(netnsctl, netns, far):
    a, other = netns(), far()
    words = ['wire', '--no-check', '--name', 'w', a + ':v=10.9.0.1/24', anchor(other)]
    assert netnsctl(*(words + ['--save'])).status == 0
    with open('%s/%s/ifcfg-v' % (TREE, a), 'a') as target:
        target.write('MTU=%d\n' % (MTU - 50))
    assert netnsctl('config', 'check').status == 0 and netnsctl('up').out.startswith('nothing to do')
    reboot(netnsctl)
    assert links(a)['v']['mtu'] == MTU - 50 and netnsctl('config', 'save', '--all').out.startswith('nothing to do')
    assert netnsctl(*(words + ['--save', '--replace'])).status == 0 and 'MTU' not in saved()


def test_the_remotes_of_a_mesh_change_while_it_stays_up_after_a_reboot_too(netnsctl, netns, far):
    a, one, two = netns(), far(), far()
    joined = ['wire', '--no-check', '--save', '--name', 'c', a + ':v=10.9.0.2/16', 'bridge://' + BRIDGE]
    words = ['wire', '--no-check', '--save', '--replace', '--name', 'mesh']
    words.append('bridge://%s:%s=10.9.0.1/16' % (BRIDGE, PORT))
    assert netnsctl(*(words + [anchor(one)])).status == 0 and netnsctl(*joined).status == 0
    reboot(netnsctl)
    before = links(None)[PORT]['ifindex']
    changed = netnsctl(*(words + [anchor(one, two)]))
    assert changed.out.startswith('changed mesh: ') and links(None)[PORT]['ifindex'] == before, changed
    reboot(netnsctl)
    assert netnsctl(*(words + [anchor(one, two)])).out.startswith('already wired: mesh')
    assert netnsctl(*joined).out.startswith('already wired: c')


def test_the_port_of_a_vxlan_that_was_given_no_name_is_saved(netnsctl, far):
    other, before = far(), set(links(None))
    words = ['wire', '--save', '--no-check', '--name', 'w', 'bridge://' + BRIDGE, anchor(other)]
    assert netnsctl(*words).status == 0
    names = set(links(None)) - before
    reboot(netnsctl)
    assert set(links(None)) - before == names and netnsctl(*words).out.startswith('already wired: w')


@pytest.mark.parametrize('first', ['vxlan', 'mtu'])
def test_what_gives_a_bridge_its_mtu_comes_up_before_what_takes_it_from_there(netnsctl, netns, far, first):
    a, b, other = netns(), netns(), far()
    words = ['wire', '--no-check', '--save', '--name']
    near = ('bridge://%s:%s' % (BRIDGE, PORT), anchor(other)) if first == 'vxlan' else (
        b + ':v=10.9.0.3/24,mtu=9000', 'bridge://%s:%s=mtu=9000' % (BRIDGE, PORT))
    mtu = MTU - 50 if first == 'vxlan' else 9000
    assert netnsctl(*(words + ['x'] + list(near))).status == 0
    assert netnsctl(*(words + ['c', a + ':v=10.9.0.2/24', 'bridge://%s=10.9.0.1/24' % BRIDGE])).status == 0
    assert links(a)['v']['mtu'] == links(None)[BRIDGE]['mtu'] == mtu
    reboot(netnsctl)
    assert links(a)['v']['mtu'] == links(None)[BRIDGE]['mtu'] == mtu


# What a bridge has from other wires

def test_a_wire_to_a_bridge_that_another_one_gave_its_address_is_the_same_after_a_reboot(netnsctl, netns):
    a, b = netns(), netns()
    words = ['wire', '--no-check', '--name']
    one = words + ['one', a + ':v=10.2.0.5/24', 'bridge://%s=10.2.0.1/24,fd00::1/64,nat' % BRIDGE]
    two = words + ['two', b + ':v=10.2.0.6/24', 'bridge://' + BRIDGE]
    for each in (one, two):
        assert netnsctl(*(each + ['--save'])).status == 0
    reboot(netnsctl)
    for each in (one, two):
        again = netnsctl(*each)
        assert again.out.startswith('already wired: '), again
    assert netnsctl('unwire', 'two').status == 0
    refused = netnsctl(*(one[:-1] + ['bridge://' + BRIDGE]))
    assert refused.status == 4 and 'addresses 10.2.0.1/24, fd00::1/64, asked for none' in refused.err, refused
    assert 'items nat' in refused.err
