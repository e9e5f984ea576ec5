# -*- coding: utf-8 -*-
"""The contract between the three tables: operations, the words for `ip`, and rtnetlink messages.

What both backends make of one operation in a real kernel is held equal in integration/test_backends.py.
"""
from __future__ import absolute_import, division, print_function

import re
import struct

import pytest

from netnsctl.compat import native
from netnsctl.execution import undoing
from netnsctl.execution.backends import iproute, netlink, packing, pyroute2_messages, refusals
from netnsctl.model import operations as op

# Names of namespaces are files, made by no kernel request: only the iproute backend gives them, and by itself.
NAMES = ('add-netns-name', 'delete-netns-name')
# These stand in a journal only; undoing finds the link they mean and makes a delete-link of them.
LOCATED = ('delete-veth', 'delete-bridge')
VERBS = set(kind.verb for kind in op.OPERATIONS)
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
    op.AddVeth('a', 'A', M1, 1400, 'b', 'B', M2, 1300), op.AddVeth('a', 'A', None, None, 'b', 'B', None, None),
    op.AddVeth('a', 'A', M1, 65535, 'a', 'c' * 15, None, 68),
    op.AddVeth('a', native(u'\xe9t\xe9'), M1, None, 'host', 'B', M2, None),
    op.AddBridge('host', 'br0', M1), op.AddBridge('host', 'br0', None),
    op.MoveLink('a', 'A', 'b', 'B'), op.DeleteLink('a', 'A', 7), op.SetUp('a', 'A'), op.SetDown('a', 'B'),
    op.SetUp('a', 'br0'),
    op.SetAlias('host', 'br0', 'netnsctl'), op.SetAlias('host', 'br0', ''), op.SetMaster('a', 'A', 'br0'),
    op.SetNoMaster('a', 'A', 'br0'),
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
]


def test_the_tables_cover_the_same_verbs():
    assert set(iproute._ARGV) == set(netlink._MESSAGES) == VERBS - set(NAMES) - set(LOCATED)
    assert set(iproute._SINGLE) == set(NAMES)
    assert set(netlink._SINGLE) <= set(netlink._MESSAGES)
    assert set(LOCATED) <= set(undoing._LOCATE) <= VERBS


def test_every_verb_has_words_to_speak_of_it():
    for operation in SAMPLES + [op.AddNetnsName('a', 'n', '/p'), op.DeleteNetnsName('a', 'n', '/p')]:
        text = refusals.attempt(operation, backend().namespaces)
        assert '{' not in text and 'None' not in text
        if 'ns' in refusals._ATTEMPTS[operation.verb]:
            assert 'netns://x' in text or operation.verb in ('set-master', 'set-nomaster')
    assert set(VERBS) - set(refusals._ATTEMPTS) <= set(LOCATED)


def test_the_samples_hold_every_verb():
    assert set(operation.verb for operation in SAMPLES) == set(netlink._MESSAGES)


@pytest.mark.parametrize('operation', SAMPLES, ids=repr)
def test_the_small_encoder_gives_the_bytes_that_pyroute2_gives(operation, monkeypatch):
    """By way of packing where it knows all attributes, and by way of pyroute2 alone."""
    calls = []

    def both(*parts):
        theirs = pyroute2_messages.encode(*parts)
        try:
            ours = packing.encode(*parts)
        except KeyError as error:
            calls.append(error.args[0])
            return theirs
        calls.append(None)
        assert ours == theirs
        return ours
    plain = netlink.encode(backend(), operation)
    monkeypatch.setattr(netlink, '_message', both)
    assert netlink.encode(backend(), operation) == plain
    assert len(calls) == 1
    # What packing leaves to pyroute2 is rare, and nothing that a plain wire sends.
    assert calls[0] in (None, 'IFLA_IFALIAS', 'IFLA_MASTER', 'RTA_PRIORITY', 'RTA_PREFSRC')
    length, kind, flags, sequence, port = struct.unpack_from('=IHHII', plain)
    assert length == len(plain) and (sequence, port) == (0, 0)
    assert flags & 0x5 == 0x5  # NLM_F_REQUEST and NLM_F_ACK
    assert kind in (16, 17, 20, 21, 24, 25)


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
            ours = packing.encode(*parts)
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
        both(op.AddVeth('a', dev, one, size, peer_ns, peer, other, peer_size), {})

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

    veths()
    addresses_and_routes()


def test_an_attribute_that_the_small_encoder_lacks_is_a_key_error():
    with pytest.raises(KeyError):
        packing.encode('ifinfmsg', 16, 5, {}, [['IFLA_TXQLEN', 1]])
    with pytest.raises(KeyError):
        packing.encode('ndmsg', 28, 5, {}, [])


def test_every_attribute_that_the_small_encoder_knows_is_in_a_sample(monkeypatch):
    used = set()

    def collect(attributes):
        for name, value in attributes:
            used.add(name)
            if isinstance(value, dict):
                collect(value['attrs'])

    def note(*parts):
        collect(parts[4])
        return b''
    monkeypatch.setattr(netlink, '_message', note)
    for operation in SAMPLES:
        netlink.encode(backend(), operation)
    assert set(packing._ATTRIBUTES) <= used


def test_loading_the_message_classes_leaves_pyroute2_to_others():
    import pyroute2
    assert hasattr(pyroute2, 'IPRoute')


def words(operation, names):
    return ' '.join(iproute.argv(operation, names.get))


def test_the_words_are_iproute2s():
    names = {'a': 'na', 'b': 'nb', 'host': None}
    assert [words(operation, names) for operation in (
        op.AddVeth('a', 'A', M1, 1400, 'b', 'B', M2, None), op.AddVeth('a', 'A', None, None, 'a', 'x', None, None),
        op.AddVeth('a', 'A', M1, None, 'host', 'B', M2, 1400), op.AddVeth('host', 'A', M1, None, 'a', 'B', M2, None),
        op.MoveLink('a', 'A', 'b', 'B'), op.AddBridge('host', 'br0', M1), op.SetMaster('host', 'A', 'br0'),
        op.AddAddress('a', 'A', 'fd00::1/64', True), op.AddRoute('a', 'A', '10.9.0.0/16', '10.1.1.2', 5, '10.1.1.1', 3),
        op.DeleteRoute('a', 'A', '::/0'))] == [
        'link add name A address %s mtu 1400 type veth peer name B address %s netns nb' % (M1, M2),
        'link add name A type veth peer name x',
        'link add name B address %s mtu 1400 type veth peer name A address %s netns na' % (M2, M1),
        'link add name A address %s type veth peer name B address %s netns na' % (M1, M2),
        'link set dev A name B netns nb', 'link add name br0 address %s type bridge' % M1, 'link set dev A master br0',
        'addr add fd00::1/64 dev A nodad', 'route add 10.9.0.0/16 via 10.1.1.2 dev A metric 5 src 10.1.1.1 proto 3',
        'route del ::/0 dev A']


@pytest.mark.parametrize('operation', SAMPLES, ids=repr)
def test_no_name_can_be_taken_for_an_option(operation):
    """Every interface name and namespace stands behind a word that says what it is."""
    found = iproute.argv(operation, {'a': '-na', 'b': '-nb', 'host': '-nh'}.get)
    for at, word in enumerate(found):
        values = [operation.__dict__.get(field) for field in ('dev', 'peer_dev', 'to_dev', 'master')] + ['-na', '-nb',
                                                                                                         '-nh']
        if word in values:
            assert found[at - 1] in ('dev', 'name', 'netns', 'master'), found
    assert all(isinstance(word, str) for word in found)
    assert re.match('^(link|addr|route)$', found[0])
