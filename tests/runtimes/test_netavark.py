"""podman attaches containers to networks of the driver netnsctl: the real podman 5 and netavark of Debian 13, and the
package."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.podman_host import ran
from support.waiting import until


@pytest.fixture
def podman(podman_host):
    """PodmanHost; its containers and networks go with the test, and leave no wire."""
    yield podman_host
    podman_host.podman('rm', '-f', '-t', '0', '-a')
    podman_host.podman('network', 'prune', '-f')
    assert podman_host.wires() == {}
    assert podman_host.sh('ip -o link').count('\n') == 1


def reach(podman, name, address):
    """Waits until a container reaches an address: the first packets may come before the link's carrier."""
    until(lambda: podman.podman('exec', name, 'ping', '-c', '1', '-W', '2', address).status == 0)


def test_two_containers_of_a_network_reach_each_other_and_the_gateway(podman):
    made = json.loads(ran(podman.podman('network', 'create', '--driver', 'netnsctl', '--subnet', '10.250.1.0/24', 'n'))
                      and ran(podman.podman('network', 'inspect', 'n')))[0]
    assert made['driver'] == 'netnsctl' and made['subnets'][0]['gateway'] == '10.250.1.1', made
    first = ran(podman.podman(*podman.container('a', ['--rm', '--net', 'n'], ['ip', 'addr', 'show', 'eth0'])))
    assert 'inet 10.250.1.2/24' in first, first
    ran(podman.podman(*podman.container('b', ['-d', '--net', 'n'])))
    ran(podman.podman(*podman.container('c', ['-d', '--net', 'n'], root='/rootfs2')))
    assert sorted(podman.wires().values()) == ['whole', 'whole']
    told = json.loads(ran(podman.podman('inspect', 'b')))[0]['NetworkSettings']['Networks']['n']
    assert told['Gateway'] == '10.250.1.1' and told['IPPrefixLen'] == 24, told
    reach(podman, 'c', told['IPAddress'])
    reach(podman, 'c', '10.250.1.1')
    assert 'default via 10.250.1.1' in ran(podman.podman('exec', 'c', 'ip', 'route'))
    ran(podman.podman('restart', '-t', '0', 'b'))
    reach(podman, 'b', '10.250.1.1')


def test_what_the_user_asks_for_is_what_the_container_has(podman):
    ran(podman.podman('network', 'create', '--driver', 'netnsctl', '--subnet', '10.250.2.0/24', '--subnet',
                      'fd00:250::/64', '--ipv6', '--internal', '-o', 'mtu=1400', '-o', 'rate=10mbit', '-o', 'nat=no',
                      '--interface-name', 'lan7', 'n'))
    out = ran(podman.podman(*podman.container(
        'a', ['--rm', '--net', 'n:ip=10.250.2.77,mac=02:00:00:00:00:77,interface_name=lan'],
        ['sh', '-c', 'ip addr show lan; ip route; ip -6 route'])))
    for words in ('mtu 1400', 'inet 10.250.2.77/24', '02:00:00:00:00:77', 'inet6 fd00:250::'):
        assert words in out, (words, out)
    assert 'default' not in out
    assert podman.wires() == {}
    ran(podman.podman('network', 'rm', 'n'))
    ran(podman.podman('network', 'create', '--driver', 'netnsctl', '--subnet', '10.250.2.0/24', '--gateway',
                      '10.250.2.9', '-o', 'to=macvlan://nic', '-o', 'mode=private', 'n'))
    podman.sh('ip link add nic type veth peer name cin; ip link set nic up; ip link set cin up')
    try:
        ran(podman.podman(*podman.container('a', ['-d', '--net', 'n'])))
        assert 'default via 10.250.2.9' in ran(podman.podman('exec', 'a', 'ip', 'route'))
        assert 'mode=private' in podman.sh('netnsctl show %s' % list(podman.wires())[0])
        ran(podman.podman('rm', '-f', '-t', '0', 'a'))
    finally:
        podman.sh('ip link del nic')


def test_published_ports_lead_to_the_container(podman):
    ran(podman.podman('network', 'create', '--driver', 'netnsctl', '--subnet', '10.250.3.0/24', '-o', 'nat=yes', 'n'))
    ran(podman.podman(*podman.container('a', ['-d', '--net', 'n', '-p', '8080:80', '-p', '9000-9001:9000-9001/udp'], [
        'nc', '-ll', '-p', '80', '-e', 'echo', 'hello'])))
    assert '8080:80' in podman.sh('netnsctl show %s' % list(podman.wires())[0])
    podman.sh('ip netns add outside; ip link add o type veth peer name i netns outside; '
              'ip addr add 192.0.2.1/24 dev o; ip link set o up\n'
              'ip -n outside addr add 192.0.2.2/24 dev i; ip -n outside link set i up')
    try:
        podman.sh('for at in $(seq 100); do [ "$(ip netns exec outside busybox nc -w 2 192.0.2.1 8080)" != hello ] || '
                  'exit 0; sleep 0.1; done; exit 1')
    finally:
        podman.sh('ip link del o; ip netns del outside')
    ran(podman.podman('kill', 'a'))
    podman.sh('for at in $(seq 300); do [ -n "$(netnsctl ls)" ] || exit 0; sleep 0.1; done; exit 1')
    assert podman.sh('nft list ruleset') == ''


def test_a_network_is_connected_and_disconnected_while_the_container_runs(podman):
    for number in (4, 5):
        ran(podman.podman('network', 'create', '--driver', 'netnsctl', '--subnet', '10.250.%d.0/24' % number,
                          'n%d' % number))
    ran(podman.podman(*podman.container('a', ['-d', '--net', 'n4'])))
    ran(podman.podman('network', 'connect', 'n5', 'a'))
    assert 'inet 10.250.5.2/24' in ran(podman.podman('exec', 'a', 'ip', 'addr')) and len(podman.wires()) == 2
    ran(podman.podman('network', 'disconnect', 'n5', 'a'))
    assert list(podman.wires().values()) == ['whole']


@pytest.mark.parametrize('words,text', [
    (['-o', 'colour=red', '--subnet', '10.250.6.0/24'], 'unknown option colour; known options: to'),
    (['-o', 'tag=7000', '--subnet', '10.250.6.0/24'], 'tag'), ([], 'has no subnet'),
    (['-o', 'to=nonsense://x', '--subnet', '10.250.6.0/24'], 'unknown scheme'),
    (['-o', 'nat=perhaps', '--subnet', '10.250.6.0/24'], 'yes or no'),
    (['-o', 'to=bridge://b,nat', '--subnet', '10.250.6.0/24'], 'must not contain'),
])
def test_a_network_that_cannot_be_is_refused_when_it_is_created(podman, words, text):
    refused = podman.podman('network', 'create', '--driver', 'netnsctl', *(words + ['n']))
    assert refused.status == 125 and text in refused.err and 'Traceback' not in refused.err, refused


def test_a_container_that_cannot_be_attached_does_not_start_and_says_why(podman):
    ran(podman.podman('network', 'create', '--driver', 'netnsctl', '--ipam-driver', 'none', '-o', 'to=macvlan://gone',
                      'n'))
    refused = podman.podman(*podman.container('a', ['--net', 'n']))
    assert refused.status == 126 or refused.status == 125, refused
    assert 'netnsctl: ' in refused.err and 'gone' in refused.err, refused
    assert podman.wires() == {}
