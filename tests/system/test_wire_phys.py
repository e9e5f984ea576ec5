"""phys:// with a link that only stands in for a NIC, and that --force lends: a veth. A real NIC: tests/uml/inside."""
from __future__ import absolute_import, division, print_function

import json
import os
import subprocess

import pytest

from support import process
from support.inside import addresses, ip, links, set_up
from support.untouched import assert_untouched, own_state

BACKENDS = ('iproute', 'netlink')
NIC = 'nwp%d' % os.getpid()


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param


@pytest.fixture
def nic():
    """One end of a veth, with an address and a route."""
    process.must(['ip', 'link', 'add', 'name', NIC, 'mtu', '1400', 'type', 'veth', 'peer', 'name', NIC + 'p'])
    set_up(None, NIC + 'p', NIC)
    ip(None, 'address', 'add', '10.77.0.1/24', 'dev', NIC)
    ip(None, 'route', 'add', '10.78.0.0/16', 'via', '10.77.0.2')
    yield NIC
    process.run(['ip', 'link', 'del', 'dev', NIC + 'p'])


def test_what_would_be_destroyed_is_refused_and_force_lends_it(run_netnsctl, netns, nic, backend):
    a, before = netns('a'), own_state()
    words = ['wire', backend, '--name', 'w' + NIC, a + ':eth0=10.77.0.1/24', 'phys://' + nic]
    refused = run_netnsctl(*words)
    assert refused.status == 4 and 'is a veth, which is destroyed with the namespace' in refused.err
    assert 'phys://%s=force=yes' % nic in refused.err
    assert_untouched(before)
    result = run_netnsctl('wire', '--force', *words[1:])
    assert result.status == 0, result
    assert addresses(a, 'eth0') == ['10.77.0.1/24'] and nic not in links(None)
    assert run_netnsctl(*words).out.startswith('already wired: ')  # without the word that permitted it
    listed = json.loads(run_netnsctl('ls', '--json').out)['wires']
    assert [wire['state'] for wire in listed if wire['name'] == 'w' + NIC] == ['whole']
    assert run_netnsctl('unwire', 'w' + NIC).status == 0
    assert_untouched(before)


def test_what_its_container_does_to_its_queue_and_group_is_taken_back(run_netnsctl, netns, nic, backend):
    a = netns('a')
    ip(None, 'link', 'set', 'dev', nic, 'txqueuelen', '77', 'group', '5')
    before = own_state()
    assert run_netnsctl('wire', backend, '--force', '--name', 'w' + NIC, a + ':eth0=10.77.0.1/24',
                        'phys://' + nic).status == 0
    ip(a, 'link', 'set', 'dev', 'eth0', 'txqueuelen', '3', 'group', '9')
    assert run_netnsctl('unwire', 'w' + NIC).status == 0
    found = ip(None, '-d', 'link', 'show', 'dev', nic)
    assert ' group 5 qlen 77' in found.replace('  ', ' '), found
    assert_untouched(before)


def test_replace_is_no_consent(run_netnsctl, netns, nic):
    assert run_netnsctl('wire', '--replace', netns() + ':eth0=10.77.0.1/24', 'phys://' + nic).status == 4
    assert nic in links(None)


def test_one_that_was_destroyed_with_the_namespace_is_said_to_be_gone(run_netnsctl, netns, nic):
    a = netns('a')
    assert run_netnsctl('wire', '--force', '--name', 'w' + NIC, a + ':eth0=10.77.0.1/24', 'phys://' + nic).status == 0
    process.must(['ip', 'netns', 'del', a])
    result = run_netnsctl('unwire', 'w' + NIC)
    assert result.status == 0 and 'is gone: a veth is destroyed with the namespace' in result.err


@pytest.mark.parametrize('target,status,words', [
    ('phys://%s-none', 3, 'this host has no link'), ('phys://lo', 2, 'lo has no network behind it'),
    ('phys://%s/7', 2, ''), ('phys://%s=mode=bridge', 2, 'is not an item of'), ('phys://', 2, '')])
def test_what_is_no_nic_is_refused(run_netnsctl, netns, target, status, words):
    a, before = netns(), own_state()
    result = run_netnsctl('wire', a + ':eth0=10.77.0.1/24', target.replace('%s', NIC[:8]))
    assert result.status == status and words in result.err and len(result.err.splitlines()) <= 3
    assert_untouched(before)


def test_a_bridge_and_the_namespace_of_the_host_are_refused(run_netnsctl, netns, nic):
    ip(None, 'link', 'add', 'name', NIC + 'b', 'type', 'bridge')
    try:
        result = run_netnsctl('wire', netns() + '=10.77.0.1/24', 'phys://' + NIC + 'b')
        assert result.status == 4 and 'a bridge cannot be moved' in result.err
        assert run_netnsctl('wire', 'host:x=10.77.0.1/24', 'phys://' + nic).status == 2
        ip(None, 'link', 'set', 'dev', nic, 'master', NIC + 'b')
        result = run_netnsctl('wire', netns() + '=10.77.0.1/24', 'phys://' + nic)
        assert result.status == 4 and 'is part of %sb' % NIC in result.err
    finally:
        ip(None, 'link', 'del', 'dev', NIC + 'b')


def test_the_nic_of_the_default_route_and_of_the_ssh_session_are_refused(run_netnsctl, netns, nic):
    ip(None, 'route', 'add', 'default', 'via', '10.77.0.2', 'metric', '4242')
    try:
        environ = {'SSH_CONNECTION': '10.77.0.9 50000 10.77.0.1 22'}
        result = run_netnsctl('wire', netns() + ':eth0=10.77.0.3/24', 'phys://' + nic, environ=environ)
        assert result.status == 4
        assert 'has a default route of this host' in result.err
        assert 'this session comes in by %s' % nic in result.err and 'ip route show default' in result.err
    finally:
        ip(None, 'route', 'del', 'default', 'via', '10.77.0.2', 'metric', '4242')


def test_a_nic_with_other_links_on_it_is_refused_and_names_them(run_netnsctl, netns, nic):
    assert run_netnsctl('wire', '--name', 'm' + NIC, netns() + ':m0=10.77.0.5/24', 'macvlan://' + nic).status == 0
    ip(None, 'link', 'add', 'link', nic, 'name', NIC + 'm', 'type', 'macvlan', 'mode', 'bridge')
    result = run_netnsctl('wire', netns() + ':eth0=10.77.0.3/24', 'phys://' + nic)
    assert result.status == 4 and 'carries %sm, the wire m%s' % (NIC, NIC) in result.err
    assert run_netnsctl('unwire', 'm' + NIC).status == 0
    ip(None, 'link', 'del', 'dev', NIC + 'm')


def test_the_doctor_names_a_nic_that_is_in_a_namespace_that_ended(run_netnsctl, netns, nic):
    a = netns('a')
    assert run_netnsctl('wire', '--force', '--name', 'w' + NIC, a + ':eth0=10.77.0.1/24', 'phys://' + nic).status == 0
    assert run_netnsctl('doctor', 'nics').status == 0
    sleeper = subprocess.Popen(['ip', 'netns', 'exec', a, 'sleep', '100000'])
    try:
        there = os.stat('/run/netns/' + a).st_ino
        while os.stat('/proc/%d/ns/net' % sleeper.pid).st_ino != there:
            pass
        process.must(['ip', 'netns', 'del', a])
        result = run_netnsctl('doctor', 'nics', '--json')
        finding, = [check for check in json.loads(result.out)['findings'] if check['check'] == 'nics']
        assert finding['status'] == 'warn' and '%s has not come back from netns://%s' % (nic, a) in finding['text']
        assert '/ns/net, as eth0' in json.dumps(finding['evidence'])
        assert finding['remediation']['commands'] == ['netnsctl unwire w' + NIC]
        assert run_netnsctl('unwire', 'w' + NIC).status == 0 and nic in links(None)
    finally:
        sleeper.kill()
        sleeper.wait()
