"""A host that gets its own IPv6 route and address by router advertisements hears them while it forwards IPv6 for a wire
with nat, too. The advertisements are sent by a program in the namespace `out`, as a router sends them (RFC 4861)."""
from __future__ import absolute_import, division, print_function

import json
import time

import pytest

WEB, BRIDGE = 'web:eth0=fd00::2/64', 'bridge://br0=fd00::1/64,nat'
ACCEPT_RA, FORWARDING = 'net.ipv6.conf.up0.accept_ra', 'net.ipv6.conf.all.forwarding'
# Prefix 2001:db8:7::/64, on-link and for addresses of one's own; the router for half an hour.
ADVERTISE = """import socket, struct, time
router = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
router.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex('eth0'))
prefix = struct.pack('!BBBBIII', 3, 4, 64, 0xc0, 3600, 1800, 0) + socket.inet_pton(socket.AF_INET6, '2001:db8:7::')
group = ('ff02::1', 0, 0, socket.if_nametoindex('eth0'))
told = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0) + prefix
for _ in range(600):  # until there is a link-local address to send from
    try:
        router.sendto(told, group)
        break
    except OSError:
        time.sleep(0.05)
"""


# Which program translates makes no difference to it.
pytestmark = pytest.mark.parametrize('world', ['nft'], indirect=True)


@pytest.fixture
def led(world):
    """A host whose default route and address on up0 are advertised."""
    world.sh("cat >/run/advertise.py <<'end-of-file'\n%send-of-file\n" % ADVERTISE)
    # The router's address at once, and not after the second in which somebody might claim it.
    world.sh('ip netns exec out sysctl -q -w net.ipv6.conf.eth0.accept_dad=0; ip -n out link set eth0 down; '
             'ip -n out link set eth0 up')
    assert advertise(world)
    return world


def advertise(world):
    """Sends them until the host has a route by one; False if it takes none."""
    for _ in range(40):
        world.sh('ip netns exec out python3 /run/advertise.py')
        if has_route(world):
            return True
        time.sleep(0.05)
    return False


def has_route(world):
    return 'default via fe80:' in world.sh('ip -6 route show default dev up0')


def value(world, name):
    return world.sh('sysctl -n ' + name).strip()


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_the_host_keeps_its_default_route_and_hears_the_next_advertisement(led, backend):
    assert has_route(led) and '2001:db8:7:' in led.sh('ip -6 address show dev up0 dynamic')
    before = led.sh('find /run/sysctl.d 2>/dev/null || true')
    said = led('wire', '--dry-run', '--backend', backend, WEB, BRIDGE)
    lines = [line for line in said.out.splitlines() if line.startswith('sysctl -w ')]
    assert lines == ['sysctl -w net/ipv6/conf/up0/accept_ra=2', 'sysctl -w net/ipv6/conf/all/forwarding=1'], said
    made = led('wire', '--backend', backend, '--name', 'w', WEB, BRIDGE)
    assert made.status == 0, made
    assert has_route(led) and (value(led, ACCEPT_RA), value(led, FORWARDING)) == ('2', '1')
    led.sh('ip -6 route del default dev up0')
    assert advertise(led)
    assert led('wire', '--name', 'v', 'db:eth0=fd00::3/64', BRIDGE).status == 0
    assert led('unwire', 'w').status == 0
    assert (value(led, ACCEPT_RA), value(led, FORWARDING)) == ('2', '1')  # the other one needs them
    assert led('unwire', 'v').status == 0
    assert (value(led, ACCEPT_RA), value(led, FORWARDING)) == ('1', '0')
    assert has_route(led) and led.sh('find /run/sysctl.d 2>/dev/null || true') == before


def test_what_is_set_back_is_told_by_ls_and_the_doctor_and_mended_by_up_and_the_doctors_command(led):
    assert 'so they are heard' in led('doctor', 'accept-ra').out
    assert led('wire', '--name', 'w', WEB, BRIDGE).status == 0
    well = led('doctor', 'accept-ra')
    assert 'no link that lives by them ignores them' in well.out, well
    for mend in ('up', 'command'):
        led.sh('sysctl -q -w %s=1' % ACCEPT_RA)
        seen, = json.loads(led('ls', '--json').out)['wires']
        assert 'net.ipv6.conf.up0.accept_ra is 1' in seen['remarks'][0], seen
        found, = json.loads(led('doctor', '--json', 'accept-ra').out)['findings']
        assert (found['status'], 'ignores router advertisements on up0' in found['text']) == ('warn', True), found
        if mend == 'up':
            assert led('up').status == 0
        else:
            led.sh('\n'.join(found['remediation']['commands']))
        assert value(led, ACCEPT_RA) == '2' and led('ls').out.split()[1] == 'whole'
        assert 'no link that lives by them ignores them' in led('doctor', 'accept-ra').out


def test_links_that_hear_none_and_a_host_that_forwards_already_are_left_alone(led):
    led.sh('ip link add quiet0 type veth peer name quiet1; ip link set quiet0 up; ip link set quiet1 up; '
           'sysctl -q -w net.ipv6.conf.up0.accept_ra=0')
    assert led('wire', '--name', 'w', WEB, BRIDGE).status == 0
    assert [value(led, 'net.ipv6.conf.%s.accept_ra' % name) for name in ('up0', 'quiet0', 'br0')] == ['0', '1', '0']
    assert led('unwire', 'w').status == 0
    led.sh('sysctl -q -w net.ipv6.conf.up0.accept_ra=1 %s=1' % FORWARDING)
    assert led('wire', '--name', 'w', WEB, BRIDGE).status == 0
    assert value(led, ACCEPT_RA) == '1'
    assert led('unwire', 'w').status == 0
    assert (value(led, ACCEPT_RA), value(led, FORWARDING)) == ('1', '1')


def test_they_are_heard_on_as_long_as_somebody_else_needs_forwarding(led):
    assert led('wire', '--name', 'w', WEB, BRIDGE).status == 0
    led.sh('ip6tables-legacy -t nat -A POSTROUTING -s fd99::/64 -j MASQUERADE')
    assert led('unwire', 'w').status == 0
    assert (value(led, ACCEPT_RA), value(led, FORWARDING)) == ('2', '1')
    led.sh('ip -6 route del default dev up0')
    assert advertise(led)


def test_a_nic_that_is_gone_or_has_a_dot_in_its_name_is_no_hindrance(led):
    led.sh('ip link set up0 down; ip link set up0 name up.7; ip link set up.7 up')
    for _ in range(100):
        led.sh('ip netns exec out python3 /run/advertise.py')
        if 'default via fe80:' in led.sh('ip -6 route show default'):
            break
        time.sleep(0.05)
    assert led('wire', '--name', 'w', WEB, BRIDGE).status == 0
    assert led.sh('cat /proc/sys/net/ipv6/conf/up.7/accept_ra') == '2\n'
    led.sh('ip link delete up.7')
    assert led('wire', '--name', 'v', 'db:eth0=fd00::3/64', BRIDGE).status == 0
    gone = led('unwire', 'w', 'v')
    assert gone.status == 0 and value(led, FORWARDING) == '0', gone
    assert led.sh('ls /run/sysctl.d 2>/dev/null || true') == ''
