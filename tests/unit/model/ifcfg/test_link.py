"""What the keys of an ifcfg file mean, and that a value written is the value read."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model.endpoint import Target
from netnsctl.model.ifcfg import assignments, lines, link, spaces
from netnsctl.model.ifcfg.link import Link
from support.ifcfg import read


def write(value):
    return ''.join('%s=%s\n' % (key, lines.quote(text)) for key, text in assignments.to_items(value))


@pytest.mark.parametrize('text, addresses', [
    ('IPADDR=10.0.0.2\nPREFIX=24\n', ('10.0.0.2/24',)),
    ('IPADDR=10.0.0.2\nNETMASK=255.255.0.0\n', ('10.0.0.2/16',)),
    ('IPADDR=10.0.0.2\nNETMASK=255.255.0.0\nPREFIX=30\n', ('10.0.0.2/30',)),  # PREFIX counts over NETMASK
    ('IPADDR=10.0.0.2\n', ('10.0.0.2/8',)), ('IPADDR=172.16.0.2\n', ('172.16.0.2/16',)),
    ('IPADDR=192.168.0.2\n', ('192.168.0.2/24',)),  # neither: the class of the address
    ('IPADDR1=10.0.1.2\nPREFIX1=24\nIPADDR0=10.0.0.2\nPREFIX0=32\nIPADDR=10.9.0.1\nPREFIX=24\n',
     ('10.9.0.1/24', '10.0.0.2/32', '10.0.1.2/24')), ('', ())])
def test_addresses_are_what_initscripts_make_of_them(text, addresses):
    assert read(text).addresses == addresses


@pytest.mark.parametrize('text, addresses', [
    ('IPV6INIT=yes\nIPV6ADDR=fd00::1\n', ('fd00::1/64',)), ('IPV6INIT=yes\nIPV6ADDR=fd00::1/128\n', ('fd00::1/128',)),
    ('IPV6INIT=yes\nIPV6ADDR=fd00::1\nIPV6ADDR_SECONDARIES="fd00::2/64 fd00::3"\n',
     ('fd00::1/64', 'fd00::2/64', 'fd00::3/64')), ('IPV6INIT=no\n', ()), ('IPV6INIT=yes\n', ())])
def test_ipv6_addresses_have_64_bits_unless_they_say(text, addresses):
    assert read(text).addresses6 == addresses


def test_what_initscripts_leave_unread_is_noted_and_keeps_nothing_from_being_made():
    made = read('IPADDR=10.0.0.1\nPREFIX=24\nIPV6INIT=no\nIPV6ADDR=fd00::1\nIPV6_DEFAULTGW=fd00::2\n')
    assert (made.addresses, made.addresses6, made.default_gateway6) == (('10.0.0.1/24',), (), None)
    assert made.remarks == [(4, 'IPV6ADDR has no effect here: IPV6INIT is no'),
                            (5, 'IPV6_DEFAULTGW has no effect here: IPV6INIT is no')]
    made = read('BOOTPROTO=dhcp\nGATEWAY0=10.0.0.1\nNETMASK=255.255.255.0\nPREFIX1=24\n')
    assert (made.bootproto, made.addresses, made.default_gateway) == ('dhcp', (), None)
    assert [(number, text.partition(' ')[0]) for number, text in made.remarks] == [
        (2, 'GATEWAY0'), (3, 'NETMASK'), (4, 'PREFIX1')]


def test_a_mask_whose_address_is_not_there_is_noted():
    made = read('IPADDR=10.0.0.1\nPREFIX=24\nPREFIX1=25\nNETMASK2=255.255.0.0\n')
    assert made.addresses == ('10.0.0.1/24',)
    assert made.remarks == [(3, 'PREFIX1 has no effect here: there is no IPADDR1'),
                            (4, 'NETMASK2 has no effect here: there is no IPADDR2')]


@pytest.mark.parametrize('word', ['permanent', 'preserve', 'random', 'stable'])
def test_a_mac_address_that_networkmanager_would_make_up_is_noted(word):
    made = read('MACADDR=%s\n' % word)
    assert made.mac is None
    assert [number for number, text in made.remarks if text.startswith('MACADDR has no effect here: ' + word)] == [1]


def test_words_of_a_resolver_may_be_any_number_of_blanks_apart():
    made = read('RES_OPTIONS=" ndots:3  rotate "\nDOMAIN="a.example\tb.example "\n')
    assert (made.res_options, made.domain) == ('ndots:3 rotate', 'a.example b.example')


def test_a_variable_in_the_value_of_a_key_without_effect_costs_no_wire():
    made = read('ETHTOOL_OPTS="-K ${DEVICE} tso off; -G ${DEVICE} rx 256"\nUUID=${UUID}\nPEER=x\n')
    assert made.peer == 'x'


@pytest.mark.parametrize('text, place, words',
                         [('IPADDR=10.1\n', 'f:1: IPADDR', '10.1'),
                          ('\nIPADDR=10.0.0.1\nPREFIX=33\n', 'f:3: PREFIX', '33'),
                          ('IPADDR=10.0.0.1\nPREFIX=33\n', 'f:2: PREFIX', '33'),
                          ('IPADDR=10.0.0.1\nNETMASK=255.0.255.0\n', 'f:2: NETMASK', 'mask'),
                          ('IPADDR=10.0.0.0\nPREFIX=24\n', 'f:1: IPADDR', 'network'),
                          ('IPADDR=10.0.0.255\nPREFIX=24\n', 'f:1: IPADDR', 'broadcast'),
                          ('IPADDR=224.0.0.1\n', 'f:1: IPADDR', 'multicast'),
                          ('IPADDR=127.0.0.1\n', 'f:1: IPADDR', 'loopback'),
                          ('IPADDR=fd00::1\n', 'f:1: IPADDR', 'IPV6ADDR'),
                          ('PREFIX0=24\n', 'f:1: PREFIX0', 'IPADDR0'),
                          ('IPADDR0=10.0.0.1\nIPADDR1=10.0.0.1\nPREFIX1=24\n', 'f:2: IPADDR1', 'twice'),
                          ('IPV6ADDR=fd00::1\n', 'f:1: IPV6ADDR', 'IPV6INIT=yes'),
                          ('IPV6INIT=yes\nIPV6ADDR=10.0.0.1\n', 'f:2: IPV6ADDR', 'IPv6'),
                          ('ONBOOT=maybe\n', 'f:1: ONBOOT', 'maybe'),
                          ('BOOTPROTO=shared\n', 'f:1: BOOTPROTO', 'shared'),
                          ('TYPE=Wireless\n', 'f:1: TYPE', 'wireless'),
                          ('MTU=67\n', 'f:1: MTU', '67'),
                          ('MTU=\n\nMTU=x\n', 'f:3: MTU', ''),
                          ('MACADDR=1\n', 'f:1: MACADDR', ''),
                          ('GATEWAY=fd00::1\n', 'f:1: GATEWAY', 'IPv4'),
                           ('IPV6_DEFAULTGW=10.0.0.1\n', 'f:1: IPV6_DEFAULTGW', 'IPv6'),
                          ('METRIC=-1\n', 'f:1: METRIC', '-1'),
                          ('SCOPE=galaxy\n', 'f:1: SCOPE', 'galaxy'),
                          ('DNS1=x\n', 'f:1: DNS1', 'x'),
                          ('DOMAIN="a;b"\n', 'f:1: DOMAIN', 'a;b'),
                          ('PEER=lo\n', 'f:1: PEER', 'lo'),
                          ('PEER=0123456789abcdef\n', 'f:1: PEER', '15'),
                          ('DEVICE=eth1\n', 'f:1: DEVICE', 'ifcfg-eth0'),
                          ('WIRE=../x\n', 'f:1: WIRE', ''),
                          ('PEER_NETNS=pid://4711\n', 'f:1: PEER_NETNS', 'pid'),
                          ('NETNS=4711\n', 'f:1: NETNS', 'PID'),
                          ('NETNS=/proc/1/ns/net\n', 'f:1: NETNS', ''),
                          ('NOSUCH=1\n', 'f:1: no key NOSUCH', ''),
                          ('IPADR=10.0.0.1\n', 'f:1: no key IPADR', 'IPADDR?'),
                          ('onboot=no\n', 'f:1: ', 'ONBOOT?'),
                          ('DNS=10.0.0.1\n', 'f:1: no key DNS', 'DNS1?'),
                          ('PATH=/tmp\n', 'f:1: no key PATH', ''),
                          ('LD_PRELOAD=/x.so\n', 'f:1: no key LD_PRELOAD', ''),
                          ('BOOTPROTO=dhcp\nIPADDR=10.0.0.1\n', 'f:1: BOOTPROTO', 'IPADDR'),
                          ('TYPE=Bridge\nPEER=x\n', 'f:2: PEER', 'bridge')])
def test_what_is_wrong_is_told_with_file_line_and_key(text, place, words):
    with pytest.raises(UsageError) as caught:
        read(text)
    message = caught.value.message
    assert message.startswith(place) and words.lower() in message.lower(), message
    assert '\n' not in message


WHOLE = Link(
    'eth0', netns=Target('docker', 'web'),
    wire='w1', peer='eth1', peer_netns=Target('netns', 'b'),
    onboot=False, mac='02:00:00:00:00:01', mtu=1400, addresses=('10.0.0.2/24', '10.0.1.2/32'),
    scope='link', gateway='10.0.0.1', defroute=False, metric=5, srcaddr='10.0.0.2',
    addresses6=('fd00::2/64', 'fd00::3/128'),
    gateway6='fd00::1', dns=('10.0.0.1', 'fd00::1'),
    gatewaydev='eth0', gatewaydev6='eth0', defroute6=False, res_options='timeout:1 rotate', peerdns=False,
    domain='a.example b.example')


@pytest.mark.parametrize('value', [
    Link('eth0'), WHOLE, Link('eth0', bootproto='dhcp', bridge='br0', netns=Target('docker', 'web')),
    Link('br0', type=link.BRIDGE, addresses=('10.0.0.1/24',), netns=Target('host', '')),
    Link('eth0', peer='x', peer_netns=Target('host', ''), onboot=True)])
def test_what_is_written_is_read_back(value):
    assert read(write(value), value.device) == value


def test_a_written_file_written_again_is_the_same():
    assert write(read(write(WHOLE))) == write(WHOLE)


@pytest.mark.parametrize('device', ["it's", 'a b', 'a$b', u'\xe9'])
def test_a_name_that_initscripts_could_not_grep_for_is_not_written(device):
    with pytest.raises(UsageError):
        assignments.to_items(Link(device))


@pytest.mark.parametrize('space, target',
                         [('web', ('netns', 'web')),
                          ('docker:web', ('docker', 'web')),
                          ('podman:a.b', ('podman', 'a.b')),
                          ('host', ('host', '')),
                          ('libvirt-lxc:x', ('libvirt-lxc', 'x')),
                          ('a:b', ('netns', 'a:b')),
                          ('netns:docker:x', ('netns', 'docker:x')),
                          ('netns:host', ('netns', 'host'))])
def test_a_folders_name_is_a_target_and_back(space, target):
    found = spaces.target_of(space)
    assert (found.scheme, found.name) == target and spaces.space_of(found) == space


@pytest.mark.parametrize('space', ['4711', 'pid:4711', '..', 'docker:', 'docker:..', 'x' * 256])
def test_a_folder_that_stands_for_nothing_lasting_is_refused(space):
    with pytest.raises(UsageError):
        spaces.target_of(space)


@pytest.mark.parametrize('target', [('pid', '4711'), ('path', '/x'), (None, 'a')])
def test_what_does_not_outlive_a_boot_has_no_folder(target):
    with pytest.raises(UsageError):
        spaces.space_of(Target(*target))


def test_any_link_that_can_be_written_is_read_back():
    hypothesis = pytest.importorskip('hypothesis')
    from hypothesis import strategies as some
    from netnsctl.model.endpoint import RUNTIME_SCHEMES
    name = some.from_regex(r'[A-Za-z_][A-Za-z0-9_.-]{0,14}', fullmatch=True).filter(
        lambda text: text not in ('lo', 'all', 'default'))
    target = some.builds(
        Target, some.sampled_from(RUNTIME_SCHEMES +('netns',)),
        some.text(
            some.characters(blacklist_categories=('Cs', 'Cc'),
                            blacklist_characters='/'),
            min_size=1, max_size=30).filter(lambda text: text not in ('.', '..')))
    octet = some.integers(1, 254)
    ip4 = some.builds('10.{0}.{1}.{2}'.format, octet, octet, octet)
    ip6 = some.builds('fd00::{0:x}'.format, some.integers(1, 65535))
    maybe = some.none
    links = some.builds(
        Link, name, netns=target, wire=maybe() |some.just('w-1'),
        peer=name |maybe(),
        peer_netns=target |maybe(),
        onboot=some.booleans(),
        defroute=some.booleans(),
        mac=maybe() |some.just('02:00:00:00:00:0f'),
        mtu=maybe() |some.integers(68, 65535),
        scope=maybe() |some.sampled_from(['global', 'link', 'host', 'site']),
        addresses=some.lists(ip4, min_size=1, max_size=5, unique=True).map(
            lambda found: tuple('%s/32' % address for address in found)),
        gateway=maybe() |ip4, metric=maybe() |some.integers(1, 2 ** 32 -1),
        srcaddr=maybe() |ip4, addresses6=some.lists(ip6, max_size=4, unique=True).map(
            lambda found: tuple('%s/64' % address for address in found)),
        gateway6=maybe() |ip6, dns=some.lists(ip4 |ip6, max_size=3).map(tuple),
        domain=maybe() |some.just('a.b c.d'))

    @hypothesis.settings(max_examples=500, deadline=None)
    @hypothesis.given(links)
    def holds(value):
        assert read(write(value), value.device) == value
    holds()


def test_any_bridge_and_any_dhcp_link_that_can_be_written_is_read_back():
    hypothesis = pytest.importorskip('hypothesis')
    from hypothesis import strategies as some
    octet = some.integers(1, 254)
    ip4 = some.lists(some.builds('10.{0}.{1}.{2}/24'.format, octet, octet, octet), max_size=4, unique=True).map(tuple)
    ip6 = some.lists(some.builds('fd00::{0:x}/64'.format, some.integers(1, 65535)), max_size=4, unique=True).map(tuple)
    bridges = some.builds(Link, some.just('br0'), type=some.just(link.BRIDGE), onboot=some.booleans(), addresses=ip4,
                          addresses6=ip6, netns=some.just(Target('host', '')) | some.none())
    clients = some.builds(Link, some.just('eth0'), bootproto=some.just('dhcp'), addresses6=ip6,
                          bridge=some.just('br0') | some.none(), onboot=some.booleans(),
                          dns=some.lists(some.just('10.0.0.1'), max_size=3).map(tuple))

    @hypothesis.settings(max_examples=300, deadline=None)
    @hypothesis.given(bridges | clients)
    def holds(value):
        assert read(write(value), value.device) == value
    holds()


@pytest.mark.parametrize('text', ['IPADDR=%s\n', 'IPADDR%s=10.0.0.1\n', 'IPADDR=10.0.0.1\nPREFIX=%s\n', 'MTU=%s\n',
                                  'METRIC=%s\n', 'DNS%s=10.0.0.1\n', 'IPV6INIT=yes\nIPV6ADDR=fd00::1/%s\n',
                                  'IPADDR=10.0.0.1\nNETMASK=255.255.255.%s\n', 'GATEWAY=%s\n'])
def test_a_number_of_five_thousand_digits_is_refused(text):
    with pytest.raises(UsageError):
        read(text % ('9' * 5000))


def test_a_metric_of_zero_is_none():
    assert read('METRIC=0\n').metric is None


def test_a_mask_of_no_bits_is_not_that_of_an_address():
    with pytest.raises(UsageError):
        read('IPADDR=10.0.0.1\nNETMASK=0.0.0.0\n')


def test_a_shell_in_strict_mode_has_every_value_after_sourcing_a_file(tmpdir):
    """Values that a shell would run, if they were not quoted, in the only key whose values are anybody's: NETNS."""
    from netnsctl.compat import native
    from support.py26 import check_output
    for number, name in enumerate(
        ['$(touch ran)', '`touch ran`', '; touch ran', "a'b\"c", 'a\\b', '$HOME', '~', '*', '!x', '# x', 'a  b',
         '${x:-$(touch ran)}', '&& touch ran', '| touch ran', '> ran', '\\$(touch ran)']):
        value = Link('eth0', netns=Target('docker', name), peer='e1', peer_netns=Target('docker', name), domain='a b')
        path = tmpdir.join('ifcfg-%d' % number)
        path.write(write(value))
        for key, text in assignments.to_items(value):
            shown = check_output(
                ['sh', '-euc', '. "$1"; eval "printf %%s \\"\\$%s\\""' % key, 'sh', str(path)],
                cwd=str(tmpdir))
            assert native(shown) == text, key
        assert read(path.read()) == value
    assert not tmpdir.join('ran').exists()
