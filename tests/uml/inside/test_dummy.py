"""dummy://: a link for addresses that a namespace has whatever else it is wired to."""
from __future__ import absolute_import, division, print_function

import json
import os
import subprocess

import pytest

from netnsctl.model.links import ANCHORS
from support import inject, process
from support.backends import BACKENDS
from support.inside import addresses, ip, links
from support.untouched import assert_untouched, own_state


def kind_of(ns, name):
    return links(ns)[name]['linkinfo']['info_kind']


@pytest.mark.parametrize('backend', BACKENDS)
def test_it_is_made_and_removed(run_netnsctl, netns, backend):
    a, before = netns(), own_state()
    ends = 'netns://%s:d0 10.9.0.1/32,fd00::1/128 <-> dummy://' % a
    result = run_netnsctl('wire', '--backend=' + backend, '--name', 'w', a + ':d0=10.9.0.1/32,fd00::1/128', 'dummy://')
    assert (result.status, result.out, result.err) == (0, 'wired w: %s (%s, links up)\n' % (ends, backend), '')
    assert kind_of(a, 'd0') == 'dummy' and addresses(a, 'd0') == ['10.9.0.1/32', 'fd00::1/128']
    assert run_netnsctl('ls').out == 'w  whole  %s\n' % ends.replace(' <->', ' ')
    assert run_netnsctl('unwire', a, 'dummy://').out == 'unwired w\n'
    assert_untouched(before)


def test_it_is_known_again_checked_and_changed(run_netnsctl, netns):
    a = netns()
    words = ['wire', '--name', 'w', a + ':d0=10.9.0.1/32', 'dummy://']
    assert run_netnsctl(*words).status == 0
    assert run_netnsctl(*words).out == 'already wired: w: netns://%s:d0 10.9.0.1/32 <-> dummy://\n' % a
    checked = run_netnsctl('check', 'w')
    assert checked.status == 0 and checked.out.startswith('w: ok (links up)\n'), checked
    other = ['wire', '--name', 'w', a + ':d0=10.9.0.2/32,mtu=1400', 'dummy://']
    assert run_netnsctl(*other).status == 4 and addresses(a, 'd0') == ['10.9.0.1/32']
    assert run_netnsctl(*(other + ['--replace'])).status == 0
    assert addresses(a, 'd0') == ['10.9.0.2/32'] and links(a)['d0']['mtu'] == 1400


@pytest.mark.thorough
def test_whatever_its_container_does_to_it_it_is_removed_and_no_other(run_netnsctl, netns):
    a, deep, before = netns(), netns(), own_state()
    assert run_netnsctl('wire', '--name', 'w', a + ':d0=10.9.0.1/32', 'dummy://').status == 0
    shown = run_netnsctl('show', 'w').out.splitlines()
    assert shown[:2] == ['w: whole', '  netns://%s:d0' % a] and '  dummy://' in shown, shown
    mac = links(a)['d0']['address']
    ip(a, 'link', 'set', 'dev', 'd0', 'down')
    ip(a, 'link', 'set', 'dev', 'd0', 'name', 'x')
    ip(a, 'link', 'set', 'dev', 'x', 'netns', deep)
    ip(a, 'link', 'add', 'd0', 'address', mac, 'type', 'dummy')
    assert run_netnsctl('ls').out.split()[:2] == ['w', 'altered']
    result = run_netnsctl('unwire', 'w')
    assert (result.status, result.out) == (0, 'unwired w\n'), result
    assert not links(deep) and list(links(a)) == ['d0']
    ip(a, 'link', 'del', 'dev', 'd0')
    assert_untouched(before)


def test_it_is_saved_and_comes_back(run_netnsctl, netns):
    a = netns()
    path, name = '/etc/sysconfig/netns/%s/ifcfg-d0' % a, a + ':d0-dummy'
    result = run_netnsctl('wire', '--save', a + ':d0=10.9.0.1/32,route=10.8.0.0/16', 'dummy://')
    assert result.status == 0 and 'wrote %s\n' % path in result.out, result
    with open(path) as source:
        assert 'ANCHOR=dummy://\n' in source.read()
    assert run_netnsctl('down', a).out == 'unwired %s\n' % name
    assert not links(a)
    assert run_netnsctl('up', a).out == 'wired %s\n' % name
    assert kind_of(a, 'd0') == 'dummy' and addresses(a, 'd0') == ['10.9.0.1/32']
    assert '10.8.0.0/16 dev d0' in ip(a, 'route') and run_netnsctl('config', 'check').status == 0
    ip(a, 'link', 'del', 'dev', 'd0')
    assert run_netnsctl('up', a).out == 'recreated %s\n' % name
    assert run_netnsctl('unwire', '--forget', name).status == 0 and not os.path.exists(path)


@pytest.mark.thorough
def test_it_goes_with_the_wires_that_it_was_to_stand_with(run_netnsctl, netns):
    a, before = netns(), own_state()
    ip(a, 'link', 'add', 'taken', 'type', 'dummy')
    result = run_netnsctl('wire', '--atomic', '-f', '-', feed='%s:d0=10.9.0.1/32 dummy://\n'
                          '%s:taken=10.9.0.2/32 dummy://\n' % (a, a))
    assert result.status == 4 and 'taken' in result.err, result
    assert list(links(a)) == ['taken'] and run_netnsctl('ls').out == ''
    ip(a, 'link', 'del', 'dev', 'taken')
    assert_untouched(before)


@pytest.mark.thorough
def test_a_run_that_was_killed_is_rolled_back(run_netnsctl, netns):
    inject.available()
    a, before = netns(), own_state()
    inject.inject(run_netnsctl, 'sendto', 'signal=KILL', 5,
                  ['wire', '--backend=netlink', '--name', 'w', a + ':d0=10.9.0.1/32', 'dummy://'])
    assert run_netnsctl('unwire', '--if-exists', 'w').status == 0
    assert_untouched(before)


def test_a_dry_run_can_be_pasted(run_netnsctl, netns):
    a = netns()
    result = run_netnsctl('wire', '--dry-run', a + ':d0=10.9.0.1/32', 'dummy://')
    assert result.status == 0 and not links(a), result
    subprocess.check_call(['sh', '-ec', result.out])
    assert kind_of(a, 'd0') == 'dummy' and addresses(a, 'd0') == ['10.9.0.1/32']


def test_the_doctor_can_make_every_kind(run_netnsctl):
    found = json.loads(run_netnsctl('doctor', '--json', *(('veth',) + ANCHORS)).out)['findings']
    texts = dict((each['check'], each['text']) for each in found)
    assert sorted(texts) == sorted(('veth',) + ANCHORS)
    others = {'phys': 'links can be moved to another namespace; only a wire to phys:// needs that'}
    # No Open vSwitch runs in the guest.
    for kind in set(texts) - set(['ovs']):
        assert texts[kind] == others.get(kind, kind + ' links can be created'), texts


@pytest.mark.thorough
def test_without_its_module_the_wire_is_refused_and_the_hint_mends_that(run_netnsctl, netns):
    a, before = netns(), own_state()
    with open('/proc/sys/kernel/modprobe') as source:
        loader = source.read()
    process.must(['modprobe', '-r', 'dummy'])
    with open('/proc/sys/kernel/modprobe', 'w') as out:
        out.write('/bin/false\n')
    try:
        result = run_netnsctl('wire', a + ':d0=10.9.0.1/32', 'dummy://')
        assert result.status == 1 and 'make the dummy' in result.err and ': modprobe dummy\n' in result.err, result
        assert_untouched(before)
        process.must(['modprobe', 'dummy'])
        assert run_netnsctl('wire', a + ':d0=10.9.0.1/32', 'dummy://').status == 0
    finally:
        with open('/proc/sys/kernel/modprobe', 'w') as out:
            out.write(loader)


@pytest.mark.parametrize('way', ['doctor', 'netlink', 'iproute'])
def test_its_module_is_loaded_without_a_dummy0_on_the_host(run_netnsctl, netns, way):
    a = netns()
    process.must(['modprobe', '-r', 'dummy'])
    words = ['doctor', 'dummy'] if way == 'doctor' else ['wire', a + ':d0=10.9.0.1/32', 'dummy://', '--backend', way]
    assert run_netnsctl(*words).status == 0
    assert os.path.isdir('/sys/module/dummy')
    with open('/proc/1/net/dev') as source:
        assert 'dummy0' not in source.read()
