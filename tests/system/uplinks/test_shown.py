"""What a wire asks of its host, as `ls` and `show` have it, in text and JSON; and `ipv6` without an address of it."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.aside import own_host

WEB = 'web:eth0=10.0.0.2/24,publish=8080:80,publish=192.0.2.1:5353:53/udp,localhost'
OFF = 'ip netns add web; ip netns add db; ip netns exec web sysctl -q -w net.ipv6.conf.default.disable_ipv6=1'


@pytest.fixture
def host(run_netnsctl):
    made = own_host(run_netnsctl)
    made.sh(OFF)
    yield made
    made('unwire', '--all')
    made.close()


def test_ls_and_show_have_nat_and_published_ports_as_they_are_asked_for(world):
    assert world('wire', '--name', 'w', WEB, 'bridge://br0=10.0.0.1/24,nat,open').status == 0
    line = world('ls').out
    assert 'netns://web:eth0 10.0.0.2/24,publish=192.0.2.1:5353:53/udp,publish=8080:80,localhost  ' in line, line
    assert line.rstrip().endswith(' 10.0.0.1/24,nat,open'), line
    shown = world('show', 'w').out
    for row in ('publish    192.0.2.1:5353:53/udp 8080:80', 'localhost  yes', 'nat        yes', 'open       yes'):
        assert '\n    %s\n' % row in shown, shown
    assert 'items' not in shown
    web, bridge = json.loads(world('ls', '--json').out)['wires'][0]['ends']
    assert (web['publish'], web['localhost']) == (['192.0.2.1:5353:53/udp', '8080:80'], True)
    assert (bridge['nat'], bridge['open'], 'publish' in bridge, 'nat' in web) == (True, True, False, False)
    assert json.loads(world('show', '--json', 'w').out)['ends'] == [web, bridge]
    assert json.loads(world('wire', '--json', WEB, 'bridge://br0=10.0.0.1/24,nat,open').out)['wires'][0]['ends'] == [
        web, bridge]


def is_off(host, name, dev):
    return host.sh('ip netns exec %s sysctl -n net.ipv6.conf.%s.disable_ipv6' % (name, dev)).strip() == '1'


@pytest.mark.parametrize('backend', ['netlink', 'iproute'])
def test_ipv6_without_an_address_of_it_is_recorded_shown_saved_and_goes_with_the_wire(host, backend):
    wire = ('wire', '--backend', backend, '--name', 'w', 'web:eth0=10.0.0.2/24,ipv6', 'db:eth0=10.0.0.3/24')
    said = host('wire', '--dry-run', *wire[1:])
    assert 'net/ipv6/conf/eth0/disable_ipv6=0' in said.out, said
    assert host(*wire).status == 0 and not is_off(host, 'web', 'eth0')
    assert 'web:eth0 10.0.0.2/24,ipv6  netns://db:eth0 10.0.0.3/24\n' in host('ls').out
    assert '\n    ipv6       yes\n' in host('show', 'w').out
    assert [end.get('ipv6') for end in json.loads(host('show', '--json', 'w').out)['ends']] == [True, None]
    assert host(*wire).out.startswith('already wired')
    other = host('wire', '--name', 'w', 'web:eth0=10.0.0.2/24', wire[-1])
    assert (other.status, 'ipv6 yes, asked for no' in other.err) == (4, True), other
    assert host('config', 'save', 'w').status == 0
    saved = host.sh('cat /etc/sysconfig/netns/web/ifcfg-eth0')
    assert 'IPV6INIT=yes\n' in saved and 'IPV6ADDR' not in saved
    assert 'IPV6INIT' not in host.sh('cat /etc/sysconfig/netns/db/ifcfg-eth0')
    assert host('config', 'check').status == 0
    assert host('config', 'save', 'w').status == 0 and host.sh('cat /etc/sysconfig/netns/web/ifcfg-eth0') == saved
    assert host('unwire', 'w').status == 0
    host.sh('ip -n web link add eth0 type veth peer name x')
    assert is_off(host, 'web', 'eth0')
    host.sh('ip -n web link delete eth0')
    assert host('up').status == 0 and not is_off(host, 'web', 'eth0')
    host.sh('sed -i /IPV6INIT/d /etc/sysconfig/netns/web/ifcfg-eth0')
    told = host('config', 'check')
    assert (told.status, 'ipv6: yes, but the tree says no' in told.out) == (1, True), told
    assert host('up').status == 0 and is_off(host, 'web', 'eth0')


def test_with_an_address_of_it_the_word_makes_no_difference_where_ipv6_is_on(host):
    assert host('wire', '--save', '--name', 'w', 'db:eth0=fd00::2/64,ipv6', 'web:eth0=10.0.0.2/24').status == 0
    assert host('wire', 'db:eth0=fd00::2/64', 'web:eth0=10.0.0.2/24').out.startswith('already wired')
    assert host('config', 'check').status == 0
    assert host('up').status == 0


def test_a_bridge_of_netnsctl_gets_it_and_one_of_the_users_is_left_with_a_notice(host):
    host.sh('sysctl -q -w net.ipv6.conf.default.disable_ipv6=1; ip link add mine type bridge; ip link set mine up')
    assert host('wire', '--save', '--name', 'w', 'web:eth0=10.0.0.2/24', 'bridge://br0=10.0.0.1/24,ipv6').status == 0
    assert host.sh('sysctl -n net.ipv6.conf.br0.disable_ipv6') == '0\n'
    assert 'IPV6INIT=yes\n' in host.sh('cat /etc/sysconfig/netns/host/ifcfg-br0')
    assert host('wire', '--save', '--name', 'v', 'db:eth0=10.0.0.3/24', 'bridge://br0=10.0.0.1/24').status == 0
    assert 'IPV6INIT=yes\n' in host.sh('cat /etc/sysconfig/netns/host/ifcfg-br0')
    checked = host('config', 'check')
    assert checked.status == 0, checked
    made = host('wire', '--name', 'm', 'db:eth1=10.1.0.3/24', 'bridge://mine=10.1.0.1/24,ipv6')
    assert made.status == 0 and 'sysctl -w net/ipv6/conf/mine/disable_ipv6=0' in made.err, made
    assert host.sh('sysctl -n net.ipv6.conf.mine.disable_ipv6') == '1\n'
    assert host('unwire', 'm').status == 0
    refused = host('wire', '--name', 'm', 'db:eth1=fd00::3/64', 'bridge://mine=fd00::1/64,ipv6')
    assert (refused.status, 'IPv6 is disabled there' in refused.err) == (1, True), refused
    assert host('unwire', 'w', 'v').status == 0
    assert (host('up').status, host.sh('sysctl -n net.ipv6.conf.br0.disable_ipv6')) == (0, '0\n')
