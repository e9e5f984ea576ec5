"""Every key of the manual is obeyed, kept or refused; what single keys mean to initscripts."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model.ifcfg import fields, spaces
from netnsctl.model.ifcfg.link import Link
from support.ifcfg import read


@pytest.mark.parametrize('text, kind', [
    ('BONDING_OPTS="mode=1 miimon=100"\n', 'a bond'), ('BONDING_MASTER=yes\n', 'a bond'),
    ('MASTER=bond0\n', 'the port of a bond'), ('SLAVE=yes\n', 'the port of a bond'),
    ('TEAM_CONFIG="{}"\n', 'a team'), ('TEAM_MASTER=team0\n', 'the port of a team'), ('VRF=red\n', 'a VRF'),
    ('OVS_EXTRA="-- list Port"\n', 'Open vSwitch'), ('OVSBOOTPROTO=dhcp\n', 'Open vSwitch'),
    ('DEVICETYPE=Team\n', 'another kind'),
    ('PEER_OUTER_IPADDR=192.0.2.1\n', 'a tunnel'), ('IPV6TUNNELIPV4=192.0.2.1\n', 'a tunnel'),
    ('BRIDGE_UUID=1-2\n', 'bridge'), ('ESSID=home\n', 'wireless')])
def test_a_key_that_makes_another_kind_of_link_is_refused(text, kind):
    with pytest.raises(UsageError) as caught:
        read('PEER=x\n' + text)
    assert caught.value.message.startswith('f:2: %s: ' % text.partition('=')[0]) and kind in caught.value.message


@pytest.mark.parametrize('kind', ['OVSIntPort', 'OVSBridge', 'Bond', 'Team', 'Tap', 'Wireless', 'IPSEC', 'GRE',
                                  'IPIP', 'sit', 'Modem', 'xDSL', 'ISDN', 'CTC', 'InfiniBand', '"Token Ring"', 'dummy'])
def test_a_type_that_is_another_kind_of_link_is_refused(kind):
    with pytest.raises(UsageError) as caught:
        read('TYPE=%s\n' % kind)
    assert caught.value.message.startswith('f:1: TYPE: %s is not one of' % kind.strip('"'))


@pytest.mark.parametrize('text', [
    'VLAN=no\n', 'SLAVE=NO\n', 'MASTER=\n', 'BONDING_MASTER=no\n', 'DEVICETYPE=eth\n', 'BONDING_OPTS=""\n',
    'TYPE=Bridge\nGATEWAY=\n'])
def test_a_key_that_says_that_the_link_is_no_other_kind_does_no_harm(text):
    read(text)


# Every key that sysconfig.txt of initscripts 9.03.61 and 9.49 has for ifcfg files.
DOCUMENTED = """
    NAME DEVICE IPADDR0 PREFIX1 NETMASK1 GATEWAY METRIC ONBOOT HOTPLUG USERCTL BOOTPROTO VLAN MTU WINDOW PEERDNS DNS1
    DNS2
    SCOPE SRCADDR HWADDR MACADDR NOZEROCONF PERSISTENT_DHCLIENT DHCPRELEASE DHCP_HOSTNAME DHCLIENT_IGNORE_GATEWAY
    DHCLIENTARGS NM_CONTROLLED ARPCHECK ARPCHECK1 ARPUPDATE IPV4_FAILURE_FATAL NETWORK BROADCAST ONPARENT IPV6INIT
    IPV6FORWARDING IPV6ADDR IPV6ADDR_SECONDARIES IPV6_MTU IPV6_PRIVACY IPV6_ROUTER IPV6_AUTOCONF IPV6TO4INIT
    IPV6TO4_RELAY IPV6TO4_IPV4ADDR IPV6TO4_MTU IPV6TO4_ROUTING IPV6_CONTROL_RADVD IPV6TUNNELIPV4 IPV6TUNNELIPV4LOCAL
    DHCPV6C DHCPV6C_OPTIONS ARP LINKDELAY BRIDGE ETHTOOL_OPTS PROMISC ALLMULTI REORDER_HDR PERSIST MODEMPORT LINESPEED
    DEFABORT WVDIALSECT DEFROUTE DEBUG ESCAPECHARS HARDFLOWCTL PPPOPTIONS PPPOE_EXTRA PPPD_EXTRA PAPNAME REMIP MRU
    DISCONNECTTIMEOUT RETRYTIMEOUT RETRYCONNECT MAXFAIL DEMAND IDLETIMEOUT BOOTTIMEOUT PROVIDER USER PASSWORD ENCAP
    DIALMODE SECURE MSN PHONE_IN AREACODE REGIONCODE PHONE_OUT BUNDLING HUPTIMEOUT DOMAIN LAYER CALLBACK CHARGEHUP
    CHARGEINT CBHUP CBDELAY DIALMAX AUTH IHUP DELDEFAULTROUTE CBCP VJ VJCCOMP AC PC BSDCOMP CCP SLAVE_DEVICE BOOT
    LOCAL_IP
    REMOTE_IP MODE ESSID NWID FREQ CHANNEL SENS RATE KEY KEY1 KEY4 DEFAULTKEY SECURITYMODE RTS FRAG IWCONFIG SPYIPS
    IWPRIV
    SLAVE MASTER BONDING_OPTS TYPE MY_INNER_IPADDR PEER_OUTER_IPADDR MY_OUTER_IPADDR PEER_INNER_IPADDR TTL STP DELAY
    BRIDGING_OPTS OWNER IPV6_AUTOTUNNEL IPV6_DEFAULTGW IPV6_DEFAULTDEV IPV6_RADVD_PIDFILE IPV6TO4_RADVD_PIDFILE
    IPV6_RADVD_TRIGGER_ACTION NO_DHCP_HOSTNAME DHCP_SEND_HOSTNAME DHCP_FQDN ZONE GVRP SRC DST SRCNET DSTNET AH_PROTO
    AH_PROTO_IN ESP_PROTO AESP_PROTO KEY_AH KEY_ESP_OUT KEY_AESP SPI_ESP_IN SPI_AH_OUT IKE_DHGROUP IKE_METHOD IKE_AUTH
    IKE_ENC IKE_PSK IKE_CERTFILE IKE_PEER_CERTFILE IKE_DNSSEC KEYING MYID_TYPE MYID_VALUE GATEWAYDEV RES_OPTIONS NETBOOT
    HOSTNAME""".split()


@pytest.mark.parametrize('key', DOCUMENTED)
def test_every_documented_key_is_obeyed_kept_or_refused_for_what_it_makes(key):
    found, _ = fields.find(key)
    assert found.acted or found.other or not found.refuses('anything')
    if not found.acted and not found.other:
        assert read('PEER=x\n%s=anything\n' % key) == Link('eth0', peer='x')


@pytest.mark.parametrize('text, gateway, remarks', [
    ('IPV6_DEFAULTGW=fe80::1%eth0\n', 'fe80::1', []), ('IPV6_DEFAULTGW=FE80::1\nIPV6_DEFAULTDEV=eth0\n', 'fe80::1', []),
    ('IPV6_DEFAULTGW=fe80::1%eth1\n', None, [(1, 'IPV6_DEFAULTGW has no effect here: it is one of the link eth1')]),
    ('IPV6_DEFAULTGW=::\n', None, []),
    ('IPV6_DEFAULTGW=fe80::1\nIPV6_DEFAULTDEV=eth1\n', None,
     [(1, 'IPV6_DEFAULTGW has no effect here: IPV6_DEFAULTDEV is eth1')]),
    ('IPV6_DEFAULTGW=fe80::1\nIPV6_DEFROUTE=no\n', None, []),
    ('IPV6_DEFAULTDEV=eth0\n', None,
     [(1, 'IPV6_DEFAULTDEV has no effect here: a veth needs a gateway (IPV6_DEFAULTGW)')])])
def test_the_ipv6_gateway_may_name_its_link(text, gateway, remarks):
    assert (read(text).default_gateway6, read(text).remarks) == (gateway, remarks)


@pytest.mark.parametrize('text, route, remarks', [
    ('GATEWAY=10.0.0.1\n', ('0.0.0.0/0', '10.0.0.1'), []), ('GATEWAY0=10.0.0.1\n', ('0.0.0.0/0', '10.0.0.1'), []),
    ('GATEWAY1=10.0.0.3\nGATEWAY0=10.0.0.1\n', ('0.0.0.0/0', '10.0.0.1'),
     [(2, 'GATEWAY1 has no effect here: GATEWAY0 is the default gateway')]),
    ('GATEWAY=10.0.0.1\nGATEWAY0=10.0.0.1\n', ('0.0.0.0/0', '10.0.0.1'), []),
    ('GATEWAY=10.0.0.1\nGATEWAYDEV=eth0\n', ('0.0.0.0/0', '10.0.0.1'), []),
    ('GATEWAY=10.0.0.1\nGATEWAYDEV=eth1\n', None, [(2, 'GATEWAY has no effect here: GATEWAYDEV is eth1')]),
    ('GATEWAY=10.0.0.1\nDEFROUTE=no\n', None, []), ('GATEWAYDEV=eth0\n', ('0.0.0.0/0', None), []),
    ('GATEWAYDEV=eth1\n', None, []), ('GATEWAYDEV=eth0\nDEFROUTE=no\n', None, [])])
def test_the_default_route_is_what_ifup_makes_of_it(text, route, remarks):
    found = read('IPADDR=10.0.0.2\n' + text)
    assert (found.default_route() and found.default_route()[:2], found.remarks) == (route, remarks)


@pytest.mark.parametrize('text, servers', [
    ('DNS1=127.0.0.1\n', ('127.0.0.1',)), ('DNS1=::1\nDNS2=fe80::1%eth0\n', ('::1', 'fe80::1%eth0')),
    ('DNS2="2001:DB8::1 192.0.2.1"\n', ('2001:db8::1', '192.0.2.1')), ('DNS1=\n', ())])
def test_a_server_may_be_the_host_itself(text, servers):
    assert (read(text).dns, read(text).remarks) == (servers, [])


def test_a_fourth_server_stays_and_is_told():
    found = read(''.join('DNS%d=192.0.2.%d\n' % (number, number) for number in (1, 2, 3, 4)))
    assert found.dns == ('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4')
    assert found.remarks == [(4, 'DNS4: only the first 3 servers are asked (resolv.conf(5))')]


@pytest.mark.parametrize('text', ['DNS1=224.0.0.1\n', 'DNS1=0.0.0.0\n', 'DNS1=192.0.2.1%eth0\n', 'DNS1=a.example\n',
                                  'RES_OPTIONS="a;b"\n', 'PEERDNS=perhaps\n', 'WINDOW=x\n', 'GATEWAYDEV=lo\n',
                                  'IPV6_DEFAULTGW=fe80::1%\n', 'IPV6_DEFAULTGW=fe80::1%a/b\n'])
def test_values_that_mean_nothing_are_refused(text):
    with pytest.raises(UsageError) as caught:
        read(text)
    assert caught.value.message.startswith('f:1: %s: ' % text.partition('=')[0])


@pytest.mark.parametrize('text, protocol', [('BOOTPROTO=bootp\n', 'dhcp'), ('BOOTP=yes\n', 'dhcp'), ('BOOTP=no\n',
'none'),
                                            ('BOOTPROTO=""\n', 'none'), ('BOOTPROTO=DHCP\n', 'dhcp')])
def test_what_ifup_runs_a_client_for_is_dhcp(text, protocol):
    assert read(text).bootproto == protocol


@pytest.mark.parametrize('text, found', [
    ('web', 'web'), ('netns://web', 'web'), ('netns:web', 'web'), ('docker:db', 'docker:db'), ('docker://db',
    'docker:db'),
    ('db', 'docker:db'), ('host', 'host'), ('docker://web', 'docker:web'), ('nosuch', None), ('podman://db', None),
    ('pid://4711', None), ('../x', None), ('', None), ('netns://a:b', 'a:b'), ('4711', None)])
def test_a_folder_is_found_by_every_spelling_of_its_target(text, found):
    assert spaces.find(text, set(['web', 'docker:web', 'docker:db', 'host', 'a:b', 'lxc:c', 'podman:c'])) == found


def test_a_bare_name_of_two_containers_is_a_conflict():
    from netnsctl.errors import ConflictError
    with pytest.raises(ConflictError) as caught:
        spaces.find('c', ['lxc:c', 'podman:c'])
    assert caught.value.message == 'c: means lxc:c and podman:c'
