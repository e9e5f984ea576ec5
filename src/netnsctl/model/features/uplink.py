"""The way out through the host: the items `nat`, `publish=` and `localhost` of an end, and what follows from them. No
I/O.

They are in Endpoint.data, as pairs of text: ('nat', 'yes'), ('publish', '8080:80/udp'), ('localhost', 'yes').
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import named_tuple
from netnsctl.errors import UsageError
from netnsctl.model import addressing

WORDS, KEYS = ('nat', 'localhost', 'open'), ('publish',)
_OUTER = ('nat', 'open')
PORT_MAX = 65535
# A range that leads to other numbers takes a rule for each port.
SHIFTED_MAX = 256
_PORTS = re.compile(r'([0-9]{1,5})(?:-([0-9]{1,5}))?\Z')
_PUBLISH = re.compile(r'(?:(\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?([0-9-]+):([0-9-]+)(?:/([A-Za-z]+))?\Z')
EXAMPLE = 'For example: publish=8080:80, publish=192.0.2.1:5353:53/udp, publish=8000-8010:8000-8010.'

# protocol: 'tcp' or 'udp'. address: of the host, or None: all of them. first, last: ports of the host. to: the port of
# the container that `first` leads to.
Port = named_tuple('Port', 'protocol address first last to')


def parse_publish(text, instead='add ",localhost" to the end'):
    """'192.0.2.1:8080:80/udp' -> Port. UsageError. instead: how the loopback gets a port too, for the hint."""
    match = _PUBLISH.match(text)
    if not match:
        raise UsageError('publish=%s: not of the form [ADDR:]PORT:PORT[/udp]' % text, hint=EXAMPLE)
    address, outside, inside, protocol = match.groups()
    if address is not None:
        address = address.strip('[]')
        if addressing.is_loopback(address):
            raise UsageError('publish=%s: %s is reached from this host alone' % (text, address),
                             hint='Publish the port on all addresses, and %s.' % instead)
        address = addressing.parse_ip(address, 'publish')
    protocol = (protocol or 'tcp').lower()
    if protocol not in ('tcp', 'udp'):
        raise UsageError('publish=%s: %s is not a protocol that has ports here (tcp, udp)' % (text, protocol))
    first, last = _range(outside, text)
    to, end = _range(inside, text)
    if last - first != end - to:
        raise UsageError('publish=%s: the two ranges are not of one length' % text)
    if to != first and last - first >= SHIFTED_MAX:
        raise UsageError('publish=%s: a range that leads to other numbers has at most %d ports' % (text, SHIFTED_MAX))
    return Port(protocol, address, first, last, to)


def _range(text, whole):
    match = _PORTS.match(text)
    if not match:
        raise UsageError('publish=%s: %s is not a port' % (whole, text), hint=EXAMPLE)
    first, last = int(match.group(1)), int(match.group(2) or match.group(1))
    if not 1 <= first <= last <= PORT_MAX:
        raise UsageError('publish=%s: %s is not from 1 to %d' % (whole, text, PORT_MAX))
    return first, last


def shown(port):
    """The text that parse_publish() reads of a Port, always the same one."""
    address = '' if port.address is None else ('[%s]:' if ':' in port.address else '%s:') % port.address
    more = port.last - port.first
    ends = ['%d-%d' % (at, at + more) if more else '%d' % at for at in (port.first, port.to)]
    return address + ':'.join(ends) + ('' if port.protocol == 'tcp' else '/' + port.protocol)


def overlap(one, other):
    """Would two Ports take the same packets?"""
    return (one.protocol == other.protocol and one.first <= other.last and other.first <= one.last
            and (one.address == other.address or None in (one.address, other.address)))


def has_nat(data):
    """Does an end, of which this is the data, ask for nat?"""
    return ('nat', 'yes') in data


def ports_of(data):
    """The Ports that an end publishes: list."""
    return [parse_publish(value) for key, value in data if key == 'publish']


def is_local(data):
    """Are its ports to be reached at 127.0.0.1 too?"""
    return ('localhost', 'yes') in data


def is_uplinked(data):
    """Does an end ask for any of it?"""
    return any(key in WORDS + KEYS for key, _ in data)


def is_open(data):
    """Does an end ask to pass the host's firewall?"""
    return ('open', 'yes') in data


def open_way(pairs, what='--open'):
    """Gives `open` to those pairs of Endpoints that need it: to whichever of the two is at the host. UsageError, which
    names `what` asked for it, if none of them does."""
    needy = [pair for pair in pairs if any(is_uplinked(end.data) for end in pair)]
    if pairs and not needy:
        raise UsageError('%s is for wires with nat or publish=' % what, hint='%s and %s have neither.' % (
            pairs[0][0].place(), pairs[0][1].place()) if len(pairs) == 1 else None)
    for end in [end for pair in needy for end in pair]:
        if end.target.scheme in ('host', 'bridge') and not is_open(end.data):
            end.data = tuple(sorted(end.data + (('open', 'yes'),)))


def read_item(target, key, value):
    """The item of an end at a Target as a pair for its data. value: '' of a word. UsageError."""
    is_outer = target.scheme in ('host', 'bridge')
    if key in _OUTER and not is_outer:
        raise UsageError('%s belongs to the other end, which is the bridge or host' % key)
    if key not in _OUTER and is_outer:
        raise UsageError('%s belongs to the other end, whose ports are published' % key)
    if key in WORDS:
        return key, 'yes'
    return key, shown(parse_publish(value))


def imply(a, b):
    """Gives two Endpoints what nat and publish imply: a default route by the other end's address, for each family in
    which an end has no gateway and no route by one. UsageError for `open` that nothing uses."""
    _require_use(a, b)
    for end, other in ((a, b), (b, a)):
        if (has_nat(other.data) or ports_of(end.data)) and end.target.scheme not in ('host', 'bridge'):
            end.gateways = tuple(end.gateways) + _gateways(end, other.addresses)


def _require_use(a, b):
    """UsageError for `open` at the host without nat or ports, where no other wire has it of this one."""
    for end, other in ((a, b), (b, a)):
        if is_open(end.data) and end.target.scheme == 'host' and not has_nat(end.data) and not ports_of(other.data):
            raise UsageError('%s: open is for a wire with nat or publish=' % end.place())


def _gateways(end, addresses):
    """The addresses of the other end that are to be gateways of an Endpoint: one of each family in which it has an
    address, and neither a gateway, nor a route by one, nor a default route: tuple of text. One in a network of its own,
    if there is any."""
    led = set(addressing.family_of(gateway) for gateway in end.gateways)
    led.update(addressing.family_of(route.via or route.dst) for route in end.routes
               if route.via or route.dst in ('0.0.0.0/0', '::/0'))
    led.update([4] if end.dhcp else [])
    own, found = set(map(addressing.family_of, end.addresses)), []
    for ip in sorted(map(addressing.bare, addresses), key=lambda ip: not any(
            addressing.covers(address, ip) for address in end.addresses)):
        family = addressing.family_of(ip)
        if family in own and family not in led and not addressing.is_link_local(ip):
            led.add(family)
            found.append(ip)
    return tuple(found)


def check(a, b):
    """UsageError for nat or ports of two Endpoints that cannot be."""
    for end, other in ((a, b), (b, a)):
        _check(end, other)


def _check(end, other):
    if not is_uplinked(end.data):
        return
    if has_nat(end.data):
        if not end.addresses:
            raise UsageError('%s: nat needs an address of this end' % end.place(),
                             hint='For example: %s=10.0.0.1/24,nat' % end.place())
        if other.target.scheme in ('host', 'bridge'):
            raise UsageError('%s: nat is for a wire to a namespace or container' % end.place())
        return
    if is_open(end.data):
        return  # a bridge says it for all of its wires
    if other.target.scheme not in ('host', 'bridge'):
        raise UsageError('%s: ports are published on a wire to a bridge or to host' % end.place(),
                         hint='This one leads to %s.' % other.target)
    ports = ports_of(end.data)
    if not ports:
        raise UsageError('%s: localhost needs publish=' % end.place())
    for at, port in enumerate(ports):
        if not targets(port, end.addresses):
            raise UsageError('%s: publish=%s: the end has no address of that family' % (end.place(), shown(port)))
        if any(overlap(port, before) for before in ports[:at]):
            raise UsageError('%s: publish=%s: a port is given twice' % (end.place(), shown(port)))


def targets(port, addresses):
    """The addresses, one of each family, that a Port leads to: list of text."""
    found = {}
    for address in addresses:
        ip = addressing.bare(address)
        if not addressing.is_link_local(ip) and (port.address is None or (':' in port.address) == (':' in ip)):
            found.setdefault(addressing.family_of(ip), ip)
    return [found[family] for family in sorted(found)]


def networks(outer, inner):
    """What is translated on its way out: the networks of the addresses of the end that says nat, and, beside those, the
    addresses of the other one: list of text. outer, inner: with addresses."""
    found = []
    for address in outer.addresses:
        if not addressing.is_link_local(addressing.bare(address)) and not addressing.is_host(address):
            found.append(addressing.network_of(address))
    for address in inner.addresses:
        ip = addressing.bare(address)
        if not addressing.is_link_local(ip) and not any(addressing.covers(net, ip) for net in found):
            found.append(ip + ('/128' if ':' in ip else '/32'))
    return [net for at, net in enumerate(found) if net not in found[:at]]
