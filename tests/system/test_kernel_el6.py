"""Commands on CentOS 6.5's kernel (a stand-in): wires, bridges and the doctor, by both backends and with its `ip`s."""
from __future__ import absolute_import, division, print_function

import json
import os
import re
import sys

import pytest

from support.process import must, run
from support.program import SOURCE, Program

BR = 'k%d' % os.getpid()


@pytest.fixture
def el6(kernel_el6, netns):
    """The program on that kernel. What it wired is gone before netns takes the rest away with the program as it is on
    this kernel, for which the host of those records is another one."""
    program = Program(kernel=kernel_el6)
    yield program
    program('unwire', '--all', '--if-exists')


def links_of_host():
    return must(['ip', '-o', 'link'])


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_a_wire_to_a_bridge_comes_and_goes(el6, netns, backend):
    one, other = netns(), netns()
    before = links_of_host()
    made = el6('wire', '--backend', backend, one + '=10.97.1.1/24', 'bridge://%s=10.97.1.254/24' % BR)
    assert (made.status, made.err) == (0, ''), made
    assert 'made the bridge ' + BR in made.out and 'checked' in made.out
    second = el6('wire', '--backend', backend, other + '=10.97.1.2/24', 'bridge://' + BR)
    assert second.status == 0, second
    again = el6('wire', '--backend', backend, other + '=10.97.1.2/24', 'bridge://' + BR)
    assert again.status == 0 and 'already wired' in again.out, again
    assert [line.split()[1] for line in el6('ls').out.splitlines()].count('whole') == 2
    assert el6('check', '--all').status == 0
    assert must(['ip', '-o', 'link', 'show', 'master', BR]).count('\n') == 2
    assert el6('unwire', '--all').status == 0
    assert links_of_host() == before


def addresses_of(*words):
    return re.findall('link/ether ([0-9a-f:]+)', must(['ip', '-o', 'link', 'show'] + list(words)))


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_a_bridge_has_the_mac_address_of_its_first_port_and_keeps_it(el6, netns, backend):
    """That kernel gives a bridge nothing that is sent to another one than its ports have."""
    seen = set()
    for number in range(4):
        wired = el6('wire', '--backend', backend, '%s=10.97.1.%d/24' % (netns(), number + 1),
                    'bridge://%s=10.97.1.254/24' % BR)
        assert wired.status == 0, wired
        own, = addresses_of(BR)
        ports = addresses_of('master', BR)
        assert own == min(ports) and len(ports) == number + 1
        seen.add(own)
    assert len(seen) == 1


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_a_wire_that_fails_leaves_no_bridge_behind(el6, netns, backend):
    name = netns()
    must(['ip', '-n', name, 'link', 'add', 'taken', 'type', 'veth', 'peer', 'name', 'other'])
    before = links_of_host()
    failed = el6('wire', '--backend', backend, '%s:taken=10.97.1.1/24' % name, 'bridge://%s=10.97.1.254/24' % BR)
    assert failed.status == 4 and 'taken' in failed.err, failed
    assert links_of_host() == before


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_a_bridge_in_a_namespace_that_is_not_the_first_is_refused(el6, netns, backend):
    name, first = netns(), netns()
    before = links_of_host()
    refused = el6('wire', '--backend', backend, name + '=10.97.1.1/24', 'bridge://' + BR, first='/run/netns/' + first)
    assert refused.status == 1 and 'would stop the host' in refused.err and 'on the host itself' in refused.err, refused
    assert links_of_host() == before


def test_a_port_that_left_its_bridge_is_told_with_what_this_kernel_takes(el6, netns):
    name = netns()
    assert el6('wire', name + '=10.97.1.1/24', 'bridge://%s=10.97.1.254/24' % BR).status == 0
    port, = [line.split()[1].partition('@')[0].rstrip(':') for line in
             must(['ip', '-o', 'link', 'show', 'master', BR]).splitlines()]
    must(['ip', 'link', 'set', port, 'nomaster'])
    told = el6('check', '--all')
    assert told.status == 5 and 'brctl addif %s %s' % (BR, port) in told.err + told.out, told
    assert 'master' not in told.err + told.out


def test_a_map_has_bridges_and_their_ports_from_sysfs(el6, kernel_el6, netns):
    """rtnetlink tells neither a bridge's kind nor a port's master there (br_dev_setup, br_add_if)."""
    name = netns()
    assert el6('wire', name + ':e=10.97.1.1/24', 'bridge://%s:p%s=10.97.1.254/24' % (BR, BR)).status == 0
    told = el6('map', '--json')
    links = dict((link['name'], link) for link in json.loads(told.out)['namespaces'][0]['links'])
    assert links[BR]['kind'] == 'bridge' and links['p' + BR]['master'] == BR, told
    assert links['p' + BR]['port_state'] == 'forwarding', told
    assert re.search(r'%s  bridge  up .*\n.*p%s  veth' % (BR, BR), el6('map', '--ns', name).out)
    # sysfs has the links of the first namespace, whoever looks: one of the same name is another.
    other = netns()
    must(['ip', '-n', other, 'link', 'add', BR, 'index', '900', 'type', 'bridge'])
    told = kernel_el6.run(['unshare', '-m', 'sh', '-c', 'mount -t sysfs none /sys && exec "$@"', 'sh'] +
                          el6.argv('map', '--json'), first='/run/netns/' + other)
    links = dict((link['name'], link) for link in json.loads(told.out)['namespaces'][0]['links'])
    assert links[BR]['kind'] == 'nic' and 'master' not in links['p' + BR], told


def test_every_check_of_the_doctor_leaves_the_host_alive(el6):
    told = el6('doctor', '--json')
    findings = dict((finding['check'], finding) for finding in json.loads(told.out)['findings'])
    for name in ('veth', 'veth-in-place', 'bridge', 'macvlan', 'vxlan', 'netns'):
        assert findings[name]['status'] == 'ok', findings[name]
    assert 'by ioctl' in findings['bridge']['text']
    assert 'br_netfilter is not loaded' not in told.out
    # In a namespace that is not the first one, too: a container's.
    assert el6('doctor', 'bridge', first='/proc/1/ns/net').status == 0


def test_two_containers_wired_with_the_ip_of_2009(el6, netns, old_ip):
    one, other = netns(), netns()
    made = el6('wire', one + ':A=10.97.1.1/32', other + ':B=10.97.1.2/32', path=old_ip)
    assert made.status == 0 and '(netlink, checked)' in made.out, made
    assert run(['ip', 'netns', 'exec', one, 'ping', '-c1', '-W5', '10.97.1.2']).status == 0
    assert el6('unwire', '--all', path=old_ip).status == 0


def test_a_namespace_that_is_made_anew_under_its_name_is_another(el6, kernel_el6):
    """That kernel gives it the inode number of the one that went, often."""
    code = ('import sys; from netnsctl.edge import netns; identity = netns.open_named(sys.argv[1]).identity();'
            'identity.update(dev=0, ino=0); print(repr(identity))')
    name = 'nt%d-anew' % os.getpid()
    told = []
    for _ in range(2):
        assert el6('netns', 'add', name).status == 0
        told += [kernel_el6.run(['env', 'PYTHONPATH=' + SOURCE, sys.executable, '-c', code, name]).out
                 for _ in range(2)]
        assert el6('netns', 'delete', name).status == 0
    assert told[0] == told[1] and told[2] == told[3] and told[0] != told[2] and told[0], told


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_only_what_leaves_links_of_the_host_is_shaped_there(el6, netns, backend):
    one, near = netns(), 'k%d.s' % os.getpid()
    before = links_of_host()
    refused = el6('wire', '--backend', backend, one + ':A=10.97.1.1/24,rate=1mbit', 'host:%s=10.97.1.2/24' % near)
    assert refused.status == 1 and 'shapes what leaves links of the host alone' in refused.err, refused
    assert links_of_host() == before
    made = el6('wire', '--backend', backend, '--name', 'w', one + ':A=10.97.1.1/24',
               'host:%s=10.97.1.2/24,rate=1mbit' % near)
    assert made.status == 0 and el6('ls').out.split()[1] == 'whole', made
    assert 'rate 1Mbit' in must(['tc', 'qdisc', 'show', 'dev', near])
    assert el6('shape', 'w', 'host', 'rate=2mbit').status == 0
    refused = el6('shape', 'w', one, 'rate=2mbit')
    assert refused.status == 1 and 'shapes what leaves links of the host alone' in refused.err, refused
    assert el6('ls').out.split()[1] == 'whole'
    assert el6('unwire', 'w').status == 0
    assert links_of_host() == before


def test_the_doctor_says_that_queues_are_of_the_first_namespace(el6):
    told = el6('doctor', '--json', 'shaping')
    finding, = json.loads(told.out)['findings']
    assert finding['status'] == 'ok' and 'only what leaves links of the host' in finding['text'], finding
