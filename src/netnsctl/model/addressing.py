"""Addresses of a wire: what is taken, and what two ends need to reach each other.

Text in and out ('10.1.1.1/32'); the arithmetic is the ipaddress module's (its backport on Python 2).
"""
from __future__ import absolute_import, division, print_function

from itertools import chain

from netnsctl.compat import native, unicode_of
from netnsctl.errors import UsageError
from netnsctl.model.names import is_hex, is_number

# ipaddress is imported where it is needed: a wire of plain IPv4 addresses needs none of it, and loading it takes a
# sixth of what the whole command does.
_OCTETS = frozenset(str(number) for number in range(256))
_LENGTHS = dict((str(length), length) for length in range(33))
# Addresses that mean any of the host's.
_ANY = '0.0.0.0'  # nosec B104 # compared with; nothing here listens
UNSPECIFIED = (_ANY, '::')


def parse_address(text):
    """'10.1.1.1/24', 'fd00::1' -> the same in normal form with its prefix length.

    UsageError if no link may carry it.
    """
    if _is_plain_host(text):
        return text if text.endswith('/32') else text + '/32'
    if _is_plain_in_network(text):
        return text
    address, slash, length = text.partition('/')
    if slash and not is_number(length, 3):
        raise UsageError('address %s: the prefix length must be a number after the slash' % text)
    _refuse_zone('address', text)
    import ipaddress
    try:
        parsed = ipaddress.ip_interface(unicode_of(text))
    except ValueError:
        raise UsageError('address %s: not an IPv4 or IPv6 address with a prefix length (10.1.1.1/24, fd00::1/64)'
                         % text)
    reason = _unfit(parsed)
    if reason:
        raise UsageError('address %s: %s' % (text, reason))
    return native(parsed.with_prefixlen)


def _is_plain_host(text):
    """Is it an IPv4 address in normal form, /32 or without a length, that nothing below could refuse?

    ipaddress takes ten times as long to say so, and a file of wires may hold thousands.
    """
    octets = (text[:-3] if text.endswith('/32') else text).split('.')
    return len(octets) == 4 and _OCTETS.issuperset(octets) and 0 < int(octets[0]) < 224 and octets[0] != '127'


def _is_plain_in_network(text):
    """Is it an IPv4 address in normal form, with a shorter length, that nothing below could refuse?"""
    number, length = _ipv4(text)
    if length is None or not _is_plain_host(bare(text)):
        return False
    rest = number & (1 << 32 - length) - 1
    return length == 31 or 0 < length < 31 and 0 < rest < (1 << 32 - length) - 1


def _ipv4(text):
    """'10.1.1.1/24' -> (its number, 24); without a length 32; (None, None) of all but IPv4 in normal form."""
    address, slash, length = text.partition('/')
    octets = address.split('.')
    if len(octets) != 4 or not _OCTETS.issuperset(octets) or slash and length not in _LENGTHS:
        return None, None
    first, second, third, fourth = [int(octet) for octet in octets]
    return first << 24 | second << 16 | third << 8 | fourth, _LENGTHS[length] if slash else 32


def _unfit(interface):
    """Why no link may carry this address, or None."""
    if interface.ip.is_multicast:
        return 'a multicast address'
    if interface.ip.is_loopback:
        return 'a loopback address'
    if interface.ip.is_unspecified:
        return 'the unspecified address'
    if interface.version == 4 and interface.packed[0:1] == b'\0':
        return 'in 0.0.0.0/8, which holds no host addresses'
    network = interface.network
    if interface.version == 6:
        # The first address of a network is that of its routers (RFC 4291, 2.6.1), and a host may have it.
        return 'an IPv4 address written as IPv6' if interface.ip.ipv4_mapped is not None else None
    if interface.ip.exploded == '255.255.255.255':
        return 'the broadcast address'
    if network.prefixlen < interface.max_prefixlen - 1:
        if interface.ip == network.network_address:
            return 'the address of the network %s itself' % network
        if interface.ip == network.broadcast_address:
            return 'the broadcast address of %s' % network
    return None


def _refuse_zone(what, text):
    if '%' in text:
        raise UsageError('%s %s: a zone (%%) is not allowed here: the link is the one that is wired'
                         % (what, text))


def parse_ip(text, what, may_be_group=False):
    """An address with no length -> normal form. UsageError names what it was for. may_be_group: may it be one of
    multicast?"""
    if '/' not in text and _is_plain_host(text):
        return text
    _refuse_zone(what, text)
    import ipaddress
    try:
        parsed = ipaddress.ip_address(unicode_of(text))
    except ValueError:
        raise UsageError('%s %s: not an IPv4 or IPv6 address' % (what, text))
    if (parsed.is_multicast and not may_be_group or parsed.is_unspecified or parsed.is_loopback
            or getattr(parsed, 'ipv4_mapped', None) is not None):
        raise UsageError('%s %s: not the address of a host on the link' % (what, text))
    return native(parsed.compressed)


def parse_far(text, what):
    """The address of one host, wherever it is, that can be sent an echo -> normal form. UsageError names what it was
    for."""
    _refuse_zone(what, text)
    import ipaddress
    try:
        parsed = ipaddress.ip_interface(unicode_of('' if '/' in text else text))
    except ValueError:
        raise UsageError('%s %s: not an IPv4 or IPv6 address' % (what, text))
    unfit = _unfit(parsed)
    if unfit is None and parsed.version == 4 and parsed.ip.is_reserved:
        unfit = 'in 240.0.0.0/4, which holds no host addresses'
    if unfit is None and parsed.ip.is_link_local:
        unfit = 'the address of a host on one link, which is not reached through a router'
    if unfit is not None:
        raise UsageError('%s %s: %s' % (what, text, unfit), hint='Name a single host beyond this one.')
    return native(parsed.ip.compressed)


def require_far(ip, nets, whose, what):
    """UsageError if an address is one of those that somebody has (nets: 'ADDRESS/PREFIXLEN'; whose: text), or the first
    or last one of their networks."""
    import ipaddress
    for text in nets:
        if bare(text) == ip:
            raise UsageError('%s %s: an address of %s' % (what, ip, whose), hint='Name a host beyond this one.')
        network = ipaddress.ip_interface(unicode_of(text)).network
        if network.prefixlen >= network.max_prefixlen - 1 or family_of(ip) != network.version:
            continue
        if native('%s' % network.network_address) == ip:
            raise UsageError('%s %s: the address of the network %s itself' % (what, ip, network))
        if network.version == 4 and _is_broadcast(ip, text):
            raise UsageError('%s %s: the broadcast address of %s, which many hosts may answer' % (what, ip, network))


def parse_server(text):
    """The address of a name server, which may run on the host itself (127.0.0.1) or be of one link (fe80::1%eth0) ->
    normal form. UsageError."""
    bare_text, percent, zone = text.partition('%')
    import ipaddress
    try:
        parsed = ipaddress.ip_address(unicode_of(bare_text))
    except ValueError:
        raise UsageError('the server %s: not an IPv4 or IPv6 address' % text)
    if parsed.is_multicast or parsed.is_unspecified or percent and not (parsed.is_link_local and zone):
        raise UsageError('the server %s: not the address of a host' % text)
    return native(parsed.compressed) + percent + zone


def parse_destination(text, via=None, what='route'):
    """A route's destination ('10.9.0.0/16', 'default') -> normal form; 'default' takes its family from via.

    UsageError names what it was for.
    """
    _refuse_zone(what, text)
    if text == 'default':
        return '::/0' if via and ':' in via else '0.0.0.0/0'
    import ipaddress
    bare_text, slash, length = text.partition('/')
    octets = bare_text.split('.')
    if length and not length.strip('0123456789.') and len(octets) < 4 and all([is_number(part, 3) for part in octets]):
        text = bare_text + '.0' * (3 - bare_text.count('.')) + slash + length  # 10.9/16, as iproute2 has it
    try:
        return native(ipaddress.ip_network(unicode_of(text)).with_prefixlen)
    except ValueError as error:
        cause = ('has bits set beyond its prefix length' if 'host bits' in str(error)
                 else 'not a network such as 10.9.0.0/16')
        raise UsageError('%s %s: %s' % (what, text, cause))


def parse_mac(text):
    """'02:00:00:00:00:01' -> lower case. UsageError for a group address, all zeros, or another form."""
    parts = text.split(':')
    if len(parts) != 6 or not all([is_hex(part, 2) for part in parts]):
        raise UsageError('mac %s: not six bytes such as 02:00:00:00:00:01' % text)
    if int(text[:2], 16) & 1 or text == '00:00:00:00:00:00':
        raise UsageError('mac %s: not the address of a single link (a group address, or zero)' % text)
    return text.lower()


def family_of(text):
    """4 or 6, of an address or network in text."""
    return 6 if ':' in text else 4


def bare(address):
    """'10.1.1.1/24' -> '10.1.1.1'."""
    return address.partition('/')[0]


def is_host(address):
    """Has the address the full prefix length (/32, /128), and so no network of its own?"""
    return address.endswith('/128' if ':' in address else '/32')


def network_of(address):
    """'10.1.1.1/24' -> '10.1.1.0/24'."""
    number, length = _ipv4(address)
    if number is not None:
        number = number >> 32 - length << 32 - length
        return '%d.%d.%d.%d/%d' % (number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255, length)
    import ipaddress
    return native(ipaddress.ip_interface(unicode_of(address)).network.with_prefixlen)


def covers(address, ip):
    """Is ip on the network that this address with its length connects the link to?"""
    if family_of(address) != family_of(ip):
        return False
    (number, length), (other, _) = _ipv4(address), _ipv4(ip)
    if None not in (number, other) and '/' not in ip:
        return (number ^ other) >> 32 - length == 0
    import ipaddress
    return ipaddress.ip_address(unicode_of(ip)) in ipaddress.ip_interface(unicode_of(address)).network


def host_routes(own, peer, label, reached=()):
    """The destinations that an end needs a host route to: list of '10.1.1.2/32'.

    own, peer: addresses of this end and of the other. reached: networks that routes which were asked for lead to. With
    /32 or /128 there is no connected route, so each address of the peer gets a route of its own. UsageError if the two
    ends share no network at all.
    """
    if len(own) == 1 and len(peer) == 1 and own[0].endswith('/32') and ':' not in own[0] + peer[0] and not reached:
        return [bare(peer[0]) + '/32']  # what most wires are, without the arithmetic
    routes = []
    for family in (4, 6):
        # Link-local addresses: every link of IPv6 has some, and reaches the other's.
        mine = [address for address in own if family_of(address) == family and not is_link_local(address)]
        theirs = [bare(address) for address in peer if family_of(address) == family and not is_link_local(address)]
        if not mine or not theirs:
            continue
        uncovered = [ip for ip in theirs if not any(not is_host(a) and covers(a, ip) for a in mine)
                     and not any(covers(dst, ip) for dst in reached)]
        if any(is_host(address) for address in mine):
            routes.extend('%s/%d' % (ip, 32 if family == 4 else 128) for ip in uncovered)
        elif len(uncovered) == len(theirs):
            raise UsageError('%s: %s shares no network with %s' % (label, ', '.join(mine), ', '.join(theirs)),
                             hint='Give both ends addresses in one network, or /%d to both, or give this end a route '
                                  'to the other.' % (32 if family == 4 else 128))
    return routes


def is_link_local(address):
    """Is it one of fe80::/10, with or without a length?"""
    return ':' in address and covers('fe80::/10', bare(address))


def is_loopback(ip):
    """Is it an address that a host has for itself alone, as parse_ip() writes it, or the kernel?"""
    return ip.startswith('127.') or ip == '::1'


def is_on_link(ip, own, peer, reached=()):
    """Can a gateway be reached on the link: on a connected network, by a route that leads there (reached: destinations
    of those without a gateway), or as the peer's own address? A link-local address of IPv6 is on any link."""
    return (ip in [bare(address) for address in peer] or is_link_local(ip)
            or any(covers(network, ip) for network in chain(own, reached)))


def require_gateway(ip, own, label, what):
    """UsageError if an address cannot be a gateway of an end with these addresses, on the link or off it."""
    if ip in [bare(address) for address in own]:
        raise UsageError('%s: the %s %s is the end\'s own address' % (label, what, ip))
    for address in own:
        if family_of(address) == family_of(ip) == 4 and _is_broadcast(ip, address):
            raise UsageError('%s: the %s %s is the broadcast address of %s' % (label, what, ip, address))
        # One of IPv6 is that of the routers of the network (RFC 4291, 2.6.1).
        if family_of(address) == 4 and network_of(address) == '%s/%d' % (ip, min(_ipv4(address)[1], 30)):
            raise UsageError('%s: the %s %s is the address of the network of %s' % (label, what, ip, address))
    if not is_link_local(ip) and not any(family_of(address) == family_of(ip) for address in own):
        raise UsageError('%s: the %s %s cannot be used: the end has no IPv%d address'
                         % (label, what, ip, family_of(ip)))


def _is_broadcast(ip, address):
    """Is it the broadcast address of the network of an IPv4 address with its length? The kernel has no route by one."""
    number, length = _ipv4(address)
    if number is not None and ip.count('.') == 3:
        return length < 31 and _ipv4(ip)[0] == number | (1 << 32 - length) - 1
    import ipaddress
    network = ipaddress.ip_interface(unicode_of(address)).network
    return network.prefixlen < 31 and native('%s' % network.broadcast_address) == ip


def require_distinct(own, peer):
    """UsageError if one address is given at both ends."""
    both = set(bare(address) for address in own) & set(bare(address) for address in peer)
    if both:
        raise UsageError('the address %s is given at both ends' % ', '.join(sorted(both)))
