# -*- coding: utf-8 -*-
"""The contract between the three tables: operations, the words for `ip`, and rtnetlink messages.

What both backends make of one operation in a real kernel is held equal in integration/backends.
"""
from __future__ import absolute_import, division, print_function

import binascii
import errno
import os
import re
import struct
import subprocess
import sys

import pytest

from netnsctl.compat import native
from netnsctl.edge.netlink import pyroute2_messages, writing
from netnsctl.execution import undoing
from netnsctl.execution.backends import iproute, netlink, refusals
from netnsctl.model import lending, operations as op, ports, remotes
from support.new_links import add_bridge, add_veth

# Names of namespaces are files, made by no kernel request: only the iproute backend gives them, and by itself.
NAMES = ('add-netns-name', 'delete-netns-name')
# A file below /proc/sys, whichever the backend.
SYSCTLS = ('enable-ipv6', 'ignore-advertisements')
# Messages that are made where they are needed (edge.nics.saved).
ALTNAMES = ('delete-altname',)
PORTS = tuple(kind.verb for kind in ports.OPERATIONS)
VERBS = set(kind.verb for kind in op.OPERATIONS + lending.OPERATIONS + ports.OPERATIONS
            + remotes.OPERATIONS) - set(['return-link'])
M1, M2 = '02:00:00:00:00:01', '0e:ff:ab:09:10:f2'


class Link(object):
    def __init__(self, index):
        self.index = index


class Opened(object):
    """A namespace as far as the tables look: an fd, and links with indexes."""

    def __init__(self, fd, indexes):
        self.fd = fd
        self.label = 'netns://x'
        self.indexes = indexes

    def rtnl(self):
        return self

    def index_of(self, name):
        return self.indexes.get(name)


def backend():
    links = {'A': 7, 'B': 300, 'br0': 70000, 'c' * 15: 9, 'eth0@x"\'\\ $(id)'[:15]: 5}
    return netlink.Netlink({'a': Opened(11, links), 'b': Opened(12, links), 'host': Opened(3, links)})


SAMPLES = [
    add_veth('a', 'A', M1, 1400, 'b', 'B', M2, 1300), add_veth('a', 'A', None, None, 'b', 'B', None, None),
    add_veth('a', 'A', M1, 65535, 'a', 'c' * 15, None, 68),
    add_veth('a', native(u'\xe9t\xe9'), M1, None, 'host', 'B', M2, None),
    add_bridge('host', 'br0', M1), add_bridge('host', 'br0', None),
    op.AddLink('a', 'A', M1, 1400, 'macvlan', 'br0', (('mode', 'vepa'),)),
    op.AddLink('host', 'A', None, None, 'macvlan', 'B'),
    op.AddLink('a', 'A', M1, 1400, 'ipvlan', 'br0', (('mode', 'l3s'),)),
    op.AddLink('a', 'A', M1, 1400, 'vlan', 'br0', (('id', '4094'),)),
    op.AddLink('host', 'A', M1, 1400, 'vxlan', None, (('id', '42'), ('remote', '192.0.2.2'), ('local', '192.0.2.1'),
                                                      ('dev', 'B'), ('ttl', '9'), ('port', '5000'))),
    op.AddLink('host', 'A', None, None, 'vxlan', None, (('id', '0'), ('remote', 'fd00::2'), ('local', 'fd00::1'))),
    op.AddFdb('a', 'A', '192.0.2.3'), op.AddFdb('a', 'A', 'fd00::3'),
    remotes.DeleteFdb('a', 'A', '192.0.2.3'), remotes.DeleteFdb('a', 'A', 'fd00::3'),
    lending.LendLink('a', 'A', 'b', 'B', {}), lending.SetMtu('a', 'A', 9000),
    op.MoveLink('a', 'A', 'b', 'B'), op.DeleteLink('a', 'A', 7), op.SetUp('a', 'A'), op.SetDown('a', 'B'),
    op.SetUp('a', 'br0'),
    op.SetAlias('host', 'br0', 'netnsctl'), op.SetAlias('host', 'br0', ''),
    op.SetMac('host', 'br0', M1), op.SetMaster('a', 'A', 'br0'),
    op.SetNoMaster('a', 'A', 'br0'),
    op.SetVlanFiltering('host', 'br0', 1), op.SetVlanFiltering('host', 'br0', 0),
    op.AddVlan('host', 'A', 100), op.AddVlan('host', 'br0', 4094, True),
    op.DeleteVlan('host', 'A', 1), op.DeleteVlan('host', 'br0', 1, True),
    op.AddAddress('a', 'A', '10.1.1.1/32', None), op.AddAddress('a', 'B', '255.255.255.254/31', None),
    op.AddAddress('a', 'br0', '10.1.1.1/8', False), op.AddAddress('a', 'A', 'fd00::1/128', True),
    op.AddAddress('a', 'A', 'fe80::1/64', False),
    op.DeleteAddress('a', 'A', '10.1.1.1/24', None), op.DeleteAddress('a', 'A', 'fd00::1/64', True),
    op.AddRoute('a', 'A', '10.1.1.2/32'), op.AddRoute('a', 'A', '0.0.0.0/0', '10.1.1.2'),
    op.AddRoute('a', 'A', '10.0.0.0/8', '10.1.1.2'),
    op.AddRoute('a', 'br0', 'fd00::2/128'), op.AddRoute('a', 'A', '::/0', 'fd00::2'),
    op.AddRoute('a', 'A', 'fd00::/16', 'fe80::1'),
    op.AddRoute('a', 'A', '10.9.0.0/16', None, 5, '10.1.1.1', 4),
    op.AddRoute('a', 'A', 'fd09::/16', 'fd00::2', 4294967295, 'fd00::1', 186),
    op.DeleteRoute('a', 'A', '10.1.1.2/32'), op.DeleteRoute('a', 'A', '0.0.0.0/0', '10.1.1.2', 7),
    op.DeleteRoute('a', 'A', '::/0', 'fd00::2'),
    op.DeleteRoute('a', 'A', '10.9.0.0/16', None, 5, '10.1.1.1', 4),
    op.AddAddress('a', 'A', '10.1.1.1/32', None, 'link'), op.DeleteAddress('a', 'A', '10.1.1.1/32', None, 'link'),
    op.AddRoute('a', 'A', '10.9.0.0/16', scope='host'), op.AddRoute('a', 'A', '10.9.0.0/16', '10.1.1.2', scope='site'),
    op.AddRoute('a', 'A', '10.9.0.0/16', '10.1.1.2', 5, '10.1.1.1', None, '17', 4294967295, True, 1400),
    op.AddRoute('a', 'A', 'fd09::/16', 'fd00::2', table=255), op.AddRoute('a', 'A', 'fd09::/16', None, mtu=1280),
    op.AddRoute('a', 'A', '10.9.0.0/16', table=256), op.AddRoute('a', None, '10.9.0.0/16', type='blackhole', tos=16),
    op.AddRoute('a', 'A', '10.9.0.0/16', '10.1.1.2', mtu=1300, options=(
        'window 4096 rtt 100ms rttvar lock 50ms ssthresh 9 cwnd lock 8 advmss 1200 reordering 4 hoplimit 9 initcwnd 10 '
        'rto_min 200ms initrwnd 12 quickack 1')),
    op.DeleteRoute('a', 'A', '10.9.0.0/16', scope='link', table=1000),
    op.DeleteRoute('a', 'A', 'fd09::/16', 'fd00::2', 7, None, None, None, 200, True, 1400),
    op.AddRule('a', 4, '10.0.0.0/8', '10.9.0.0/16', 'A', 'B', 1, 255, 254, 1000),
    op.AddRule('a', 4, None, None, None, None, None, None, 4294967295, 4294967295),
    op.AddRule('a', 4, None, None, None, None, 4294967295, None, 256, 1),
    op.AddRule('a', 6, 'fd00::/16', None, None, 'c' * 15, 0, 1, 255, 1000),
    op.AddRule('a', 6, None, 'fd00::1/128', 'lo', None, None, None, 1, 77),
    op.DeleteRule('a', 4, '10.0.0.0/8', '10.9.0.0/16', 'A', 'B', 1, 255, 254, 1000),
    op.DeleteRule('a', 6, None, None, None, None, None, None, 1000, 5),
]
# Their messages are pyroute2's alone.
QUEUES = [
    op.AddQueue('a', 'A', 'tbf', 'rate 10mbit burst 31250b limit 93750b', '1:'),
    op.AddQueue('a', 'A', 'netem', 'limit 187 delay 20ms 5ms loss 1%', '11:', '1:1'),
    op.DeleteQueue('a', 'c' * 15, '1:'),
]


def test_the_tables_cover_the_same_verbs():
    # Which both do by one program: by ovs-vsctl.
    assert set(iproute._ARGV) - set(ALTNAMES) == set(netlink._MESSAGES) == (
        VERBS - set(NAMES) - set(SYSCTLS) - set(ALTNAMES) - set(PORTS))
    assert set(iproute._SINGLE) == set(NAMES) | set(SYSCTLS) | set(PORTS) | set(op.ON_HOST) | set(
        ['add-rule', 'delete-rule', 'delete-link', 'add-fdb', 'delete-fdb', 'add-queue', 'delete-queue',
         'delete-altname', 'add-vlan', 'delete-vlan'])
    assert set(netlink._SINGLE) <= set(netlink._MESSAGES) | set(SYSCTLS) | set(ALTNAMES) | set(op.ON_HOST) | set(
        PORTS)
    assert set(undoing._LOCATE) <= VERBS


def test_every_verb_has_words_to_speak_of_it():
    port = ports.AddPort('host', 'nw0', 'br-int', 'w')
    for operation in SAMPLES + QUEUES + [op.AddNetnsName('a', 'n', '/p'), op.DeleteNetnsName('a', 'n', '/p'), port,
                                         port.undo()]:
        text = refusals.attempt(operation, backend().namespaces)
        assert '{' not in text and 'None' not in text
        if operation.verb == 'add-link' or 'ns' in refusals._ATTEMPTS[operation.verb]:
            assert 'netns://x' in text or operation.verb in ('set-master', 'set-nomaster')
    assert set(VERBS) - set(refusals._ATTEMPTS) == set(['add-link'])


@pytest.mark.parametrize('kind', ['dummy', 'macvlan', 'ipvlan', 'vlan', 'vxlan', 'veth', 'bridge'])
def test_a_kind_that_the_kernel_lacks_is_refused_with_the_module_and_the_check(kind):
    link = op.AddLink('a', 'A', None, None, kind, 'eth0', peer=('b', 'B', None, None) if kind == 'veth' else None)
    error = refusals.refusal(link, backend().namespaces, errno.EOPNOTSUPP, 'Unknown device type')
    assert error.hint.splitlines() == ['The kernel lacks %s links, or their module: modprobe %s' % (
        kind, {'vlan': '8021q'}.get(kind, kind)),
                                       'netnsctl doctor %s says more.' % kind]


def test_the_samples_hold_every_verb():
    assert set(operation.verb for operation in SAMPLES + QUEUES) == set(netlink._MESSAGES)


@pytest.mark.parametrize('operation', SAMPLES, ids=repr)
def test_the_small_encoder_gives_the_bytes_that_pyroute2_gives(operation, monkeypatch):
    calls = []

    def both(*parts):
        calls.append(parts)
        ours = writing.encode(*parts)
        assert ours == pyroute2_messages.encode(*parts)
        return ours
    plain = netlink.encode(backend(), operation)
    monkeypatch.setattr(netlink, '_message', both)
    assert netlink.encode(backend(), operation) == plain
    assert len(calls) == 1
    length, kind, flags, sequence, port = struct.unpack_from('=IHHII', plain)
    assert length == len(plain) and (sequence, port) == (0, 0)
    assert flags & 0x5 == 0x5  # NLM_F_REQUEST and NLM_F_ACK
    assert kind in (16, 17, 19, 20, 21, 24, 25, 28, 29, 32, 33)


def test_any_values_are_packed_as_pyroute2_packs_them():
    hypothesis = pytest.importorskip('hypothesis')
    st = pytest.importorskip('hypothesis.strategies')
    import ipaddress
    name = st.text(u'abc019_.@\xe9-', min_size=1, max_size=7).map(native)
    mac = st.one_of(st.none(), st.lists(st.integers(0, 255), min_size=6,
                                        max_size=6).map(lambda six: ':'.join('%02x' % b for b in six)))
    mtu = st.one_of(st.none(), st.integers(1, 65535))
    index = st.integers(1, 2147483647)
    four = st.integers(0, (1 << 32) - 1).map(lambda n: str(ipaddress.IPv4Address(n)))
    six = st.integers(0, (1 << 128) - 1).map(lambda n: str(ipaddress.IPv6Address(n)))

    def both(operation, indexes):
        made = netlink.Netlink({'a': Opened(11, indexes), 'b': Opened(65000, indexes)})
        seen = []

        def compare(*parts):
            seen.append(parts)
            ours = writing.encode(*parts)
            assert ours == pyroute2_messages.encode(*parts)
            return ours
        real, netlink._message = netlink._message, compare
        try:
            netlink.encode(made, operation)
        finally:
            netlink._message = real
        assert seen

    @hypothesis.given(name, mac, mtu, name, mac, mtu, st.sampled_from('ab'))
    @hypothesis.settings(max_examples=100, deadline=None)
    def veths(dev, one, size, peer, other, peer_size, peer_ns):
        both(add_veth('a', dev, one, size, peer_ns, peer, other, peer_size), {})

    @hypothesis.given(st.one_of(st.tuples(four, st.integers(0, 32), four), st.tuples(six, st.integers(0, 128), six)),
                      index,
                      st.booleans(), st.booleans())
    @hypothesis.settings(max_examples=200, deadline=None)
    def addresses_and_routes(values, number, flag, with_via):
        one, length, other = values
        for kind in (op.AddAddress, op.DeleteAddress):
            both(kind('a', 'A', '%s/%d' % (one, length), flag), {'A': number})
        for kind in (op.AddRoute, op.DeleteRoute):
            both(kind('a', 'A', '%s/%d' % (one, length), other if with_via else None), {'A': number})

    number = st.one_of(st.none(), st.integers(1, 4294967295))
    link = st.one_of(st.none(), name)

    @hypothesis.given(st.booleans(), four, six, st.integers(1, 32), link, link, number, number, number, number)
    @hypothesis.settings(max_examples=200, deadline=None)
    def rules(wide, one, other, length, iif, oif, mark, mask, table, priority):
        network = '%s/%d' % (other if wide else one, length)
        for kind in (op.AddRule, op.DeleteRule):
            for pair in ((network, None), (None, network), (network, network), (None, None)):
                both(kind(*(('a', 6 if wide else 4) + pair + (iif, oif, mark, mask, table or 254, priority))), {})

    @hypothesis.given(four, four, st.integers(0, 32), number, st.integers(0, 255), number, st.booleans(), number)
    @hypothesis.settings(max_examples=200, deadline=None)
    def routes(one, other, length, metric, scope, table, onlink, size):
        for kind in (op.AddRoute, op.DeleteRoute):
            both(kind('a', 'A', '%s/%d' % (one, length), other, metric, other, None, str(scope), table, onlink, size),
                 {'A': 7})

    veths()
    addresses_and_routes()
    rules()
    routes()


def test_an_attribute_that_the_small_encoder_lacks_is_a_key_error():
    with pytest.raises(KeyError):
        writing.encode('ifinfmsg', 16, 5, {}, [['IFLA_TXQLEN', 1]])
    with pytest.raises(KeyError):
        writing.encode('tcmsg', 36, 5, {}, [])


REALMS = op.AddRoute('a', 'A', '10.9.0.0/16', realms=131075)


def test_realms_are_a_number_of_32_bits():
    """pyroute2 0.3.22 takes it for text: it is no sample of those that are compared."""
    assert netlink.encode(backend(), REALMS).endswith(struct.pack('=HHI', 8, 11, 131075))


def test_every_attribute_that_the_small_encoder_knows_is_in_a_sample(monkeypatch):
    used = set()

    def collect(attributes):
        for name, value in attributes:
            used.add(name)
            if isinstance(value, dict):
                collect(value.get('attrs', ()))

    def note(*parts):
        collect(parts[4])
        return b''
    monkeypatch.setattr(netlink, '_message', note)
    # pyroute2 0.3.22 lacks most of these attributes.
    rare = op.AddRule('a', 4, None, None, None, None, None, None, 254, 1, options=(
        'goto 5 l3mdev realms 2/3 suppress_prefixlength 0 suppress_ifgroup 1 ipproto 6 sport 1-2 dport 3 uidrange 4-5'))
    route = op.AddRoute('a', 'A', '10.9.0.0/16', options='congctl cubic features ecn fastopen_no_cookie 1',
                        nexthops='nexthop via 10.1.1.2 weight 2 nexthop via 10.1.1.3 weight 1')
    across = op.AddRoute('a', 'A', '10.9.0.0/16', 'fd00::2')
    for operation in list(SAMPLES) + [REALMS, rare, route, across]:
        netlink.encode(backend(), operation)
    assert set(writing._ATTRIBUTES) <= used


PLAIN = (
    (add_veth('a', 'A', M1, 1400, 'b', 'B', M2, None),
     '800000001000050600000000000000000000000000000000000000000000000006000300410000000a00010002000000'
     '000100000800040078050000440012000900010076657468000000003400020030000100000000000000000000000000'
     '0000000006000300420000000a0001000effab0910f2000008001c000c000000'),
    (op.AddAddress('a', 'A', '10.1.1.1/32', None),
     '280000001400050600000000000000000220000007000000080002000a010101080001000a010101'),
    (op.AddAddress('a', 'A', 'fd00::1/128', True),
     '2c0000001400050600000000000000000a8002000700000014000100fd000000000000000000000000000001'),
    (op.SetUp('a', 'A'),
     '2000000010000500000000000000000000000000070000000100000001000000'),
    (op.AddRoute('a', 'A', '10.1.1.2/32'),
     '2c00000018000506000000000000000002200000fe03fd0100000000080001000a0101020800040007000000'),
    (op.AddRoute('a', 'A', '::/0', 'fd00::2'),
     '380000001800050600000000000000000a000000fe0300010000000014000500fd000000000000000000000000000002'
     '0800040007000000'),
    (op.DeleteRoute('a', 'A', '10.1.1.2/32'),
     '2c00000019000500000000000000000002200000fe03ff0100000000080001000a0101020800040007000000'),
)


@pytest.mark.parametrize('operation,data', PLAIN, ids=[repr(operation) for operation, _ in PLAIN])
def test_a_plain_wire_sends_just_these_bytes(operation, data):
    if struct.pack('=H', 1) != struct.pack('<H', 1):
        pytest.skip('the bytes are those of a little-endian machine')
    assert binascii.hexlify(netlink.encode(backend(), operation)).decode('ascii') == data


PLAIN_PROGRAM = """
import sys
from netnsctl.execution import undoing
from netnsctl.execution.backends import iproute, netlink
from netnsctl.model import endpoint, plan
from netnsctl.usecases.wires import wiring

ends = [plan.End(ns, ns, dev, '02:00:00:00:00:0' + ns, None, asked.addresses, asked.gateways, asked.routes)
        for ns, dev, asked in (('a', 'A', endpoint.parse('a=10.1.1.1/24,gw=10.1.1.2,route=10.9.0.0/16')),
                               ('b', 'B', endpoint.parse('b=10.1.1.2/24')))]
for step in plan.build(*ends):
    iproute.argv(step, str)
rare = ('netnsctl.model.routing', 'netnsctl.model.route_checks', 'netnsctl.model.rule',
        'netnsctl.execution.backends.rules_there', 'netnsctl.edge.netlink.pyroute2_messages')
found = [name for name in sys.modules if name.split('.')[0] == 'pyroute2' or name in rare]
sys.exit(repr(found) if found else 0)
"""


def test_a_plain_wire_loads_neither_pyroute2_nor_what_only_files_ask_for():
    environ = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    assert subprocess.call([sys.executable, '-c', PLAIN_PROGRAM], env=environ) == 0


def test_loading_the_message_classes_leaves_pyroute2_to_others():
    import pyroute2
    assert hasattr(pyroute2, 'IPRoute')


def words(operation, names):
    return ' '.join(iproute.argv(operation, names.get))


def test_the_words_are_iproute2s():
    names = {'a': 'na', 'b': 'nb', 'host': None}
    assert [words(operation, names) for operation in (
        add_veth('a', 'A', M1, 1400, 'b', 'B', M2, None), add_veth('a', 'A', None, None, 'a', 'x', None, None),
        add_veth('a', 'A', M1, None, 'host', 'B', M2, 1400), add_veth('host', 'A', M1, None, 'a', 'B', M2, None),
        op.MoveLink('a', 'A', 'b', 'B'), add_bridge('host', 'br0', M1), op.SetMaster('host', 'A', 'br0'),
        op.AddLink('a', 'A', M1, None, 'macvlan', 'br0'),
        op.AddFdb('a', 'A', '192.0.2.3'),
        op.AddLink('host', 'A', M1, 1400, 'vxlan', None, (('id', '42'), ('remote', '192.0.2.2'), ('dev', 'B'),
                                                          ('ttl', '9'))),
        op.AddLink('a', 'A', None, None, 'ipvlan', 'br0'),
        op.AddLink('a', 'A', None, None, 'vlan', 'br0', (('id', '7'),)),
        op.AddAddress('a', 'A', 'fd00::1/64', True), op.AddRoute('a', 'A', '10.9.0.0/16', '10.1.1.2', 5, '10.1.1.1', 3),
        op.DeleteRoute('a', 'A', '::/0'),
        op.AddAddress('a', 'A', '10.1.1.1/24', None, 'link'), op.DeleteAddress('a', 'A', '10.1.1.1/24', None, 'link'),
        op.AddRoute('a', 'A', '0.0.0.0/0', '10.1.1.2', 5, '10.1.1.1', None, 'site', 100, True, 1400),
        op.AddRule('a', 4, '10.0.0.0/8', '10.9.0.0/16', 'A', 'B', 1, 255, 254, 1000),
        op.DeleteRule('a', 6, None, None, None, None, 16, None, 100, 7))] == [
        'link add name A address %s mtu 1400 type veth peer name B address %s netns nb' % (M1, M2),
        'link add name A type veth peer name x',
        'link add name B address %s mtu 1400 type veth peer name A address %s netns na' % (M2, M1),
        'link add name A address %s type veth peer name B address %s netns na' % (M1, M2),
        'link set dev A name B netns nb', 'link add name br0 address %s type bridge' % M1, 'link set dev A master br0',
        'link add link br0 name A address %s netns na type macvlan mode bridge' % M1,
        'fdb append 00:00:00:00:00:00 dev A dst 192.0.2.3',
        'link add name A address %s mtu 1400 type vxlan id 42 dstport 4789 remote 192.0.2.2 dev B ttl 9' % M1,
        'link add link br0 name A netns na type ipvlan mode l2', 'link add link br0 name A netns na type vlan id 7',
        'addr add fd00::1/64 dev A nodad', 'route add 10.9.0.0/16 via 10.1.1.2 dev A metric 5 src 10.1.1.1 proto 3',
        'route del ::/0 dev A', 'addr add 10.1.1.1/24 dev A scope link', 'addr del 10.1.1.1/24 dev A',
        'route add 0.0.0.0/0 via 10.1.1.2 dev A metric 5 src 10.1.1.1 scope site table 100 mtu 1400 onlink',
        'rule add from 10.0.0.0/8 to 10.9.0.0/16 iif A oif B fwmark 0x1/0xff table 254 priority 1000',
        '-6 rule del from all fwmark 0x10 table 100 priority 7']


@pytest.mark.parametrize('operation', SAMPLES + QUEUES, ids=repr)
def test_no_name_can_be_taken_for_an_option(operation):
    """Every interface name and namespace stands behind a word that says what it is."""
    found = iproute.argv(operation, {'a': '-na', 'b': '-nb', 'host': '-nh'}.get)
    for at, word in enumerate(found):
        fields = ('dev', 'to_dev', 'master', 'iif', 'oif')
        values = [operation.__dict__.get(field) for field in fields] + ['-na', '-nb', '-nh']
        values += [operation.peer.dev] if getattr(operation, 'peer', None) else []
        if word in values:
            assert found[at - 1] in ('dev', 'name', 'netns', 'master', 'iif', 'oif'), found
    assert all(isinstance(word, str) for word in found)
    assert re.match('^(link|addr|route|rule|-6 rule|fdb|qdisc|vlan)$', ' '.join(found[:2 if found[0] == '-6' else 1]))


def test_ip_gets_times_as_plain_numbers():
    route = op.AddRoute('a', 'A', '10.9.0.0/16', '10.0.0.1',
                        options='rtt 100ms rttvar lock 50ms mtu lock 1400 rto_min 200ms')
    assert ' '.join(iproute.argv(route, {'a': 'x'}.get)).endswith(
        'dev A rtt 800 rttvar lock 200 mtu lock 1400 rto_min 200')
    assert 'rtt 100ms' in ' '.join(route.words())
