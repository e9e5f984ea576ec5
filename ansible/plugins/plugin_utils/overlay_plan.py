# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The plan of an overlay: from its members to the wires that one of them has. Everything is derived from names, so that
hosts agree without talking. Does no I/O and imports nothing of Ansible.

An overlay is a VXLAN in which every host has every other one as a remote. On each host its link is the port of a
bridge, which the containers of that host are wired to.
"""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import hashlib
import ipaddress
import re

PORT = 4789
# What a packet grows by over IPv4 and IPv6, as netnsctl has it.
OVERHEAD = {4: 50, 6: 70}
IPV6_LEAST = 1280
UNDERLAY_MTU = 1500
VNI_MAX = (1 << 24) - 1
IFNAME_MAX = 15  # IFNAMSIZ, without the NUL
_KEYS = ('target', 'ifname', 'name', 'addresses', 'gateway', 'routes')


class PlanError(ValueError):
    """No overlay can be made of what was given. The text is for the user, and names what and whose it is."""


class Settings:
    """What all members of an overlay share.

    name: lower-case letters, digits and '-'; it must not be that of another overlay of these hosts. networks: that the
    addresses of containers and hosts are from, at most one of each family. vni, port, mtu (of the overlay): or None.
    bridge: its name on the hosts, or None. has_host_address: has the bridge of each host an address?
    """

    def __init__(self, name, networks=(), vni=None, port=None, mtu=None, bridge=None, has_host_address=True):
        # An empty variable is '' to older versions of Ansible.
        vni, port, mtu, bridge = [None if value == '' else value for value in (vni, port, mtu, bridge)]
        if not isinstance(name, str) or not re.match(r'[a-z0-9][a-z0-9-]{0,30}\Z', name):
            raise PlanError('overlay_name: %r is not up to 31 lower-case letters, digits and -' % (name,))
        self.name, self.has_host_address = name, has_host_address
        self.networks = _networks(networks)
        self.vni = vni_of(name) if vni is None else _number('overlay_vni', vni, 1, VNI_MAX)
        self.port = PORT if port is None else _number('overlay_port', port, 1, 65535)
        self.mtu = None if mtu is None else _number('overlay_mtu', mtu, 68, 65535)
        self.bridge = device('ov-', name) if bridge is None else _ifname('overlay_bridge', bridge)
        self.link = device('vx-', name)

    def wire_name(self, text):
        """The name of one of its wires: that of the overlay, a dot, and what it is of."""
        plain = re.sub(r'[^A-Za-z0-9_.@+-]', '-', text)
        if plain != text or len(plain) > 60:
            plain = '%s-%s' % (plain[:50], _digest('wire', text)[:8])  # others may look the same
        return '%s.%s' % (self.name, plain)

    @property
    def pattern(self):
        """What the names of its wires, and no others, match."""
        return self.name + '.*'


class Member:
    """A host of an overlay. host: its name in the inventory. underlay: its address, that the others send to; mtu: of
    the network there. containers: what Container takes, a list."""

    def __init__(self, host, underlay, mtu=None, containers=()):
        self.host = host
        self.underlay = _address('the underlay address of %s' % host, underlay)
        if self.underlay.is_multicast or self.underlay.is_unspecified or self.underlay.is_loopback:
            raise PlanError('the underlay address of %s is %s, which other hosts cannot send to' % (host, underlay))
        self.mtu = UNDERLAY_MTU if mtu is None else _number('the underlay MTU of %s' % host, mtu, 68, 65535)
        self.given = containers


class Container:
    """A container of a host. target, ifname: as in an endpoint of netnsctl, ifname with a default. name: that its
    addresses are derived from. addresses: given ones (text with a prefix length), or None."""

    def __init__(self, host, given):
        given = {'target': given} if isinstance(given, str) else given
        where = 'overlay_containers of %s' % host
        if not isinstance(given, dict) or not isinstance(given.get('target'), str) or not given['target']:
            raise PlanError('%s: neither a target as text nor a dictionary with a target: %r' % (where, given))
        unknown = sorted(set(given) - set(_KEYS))
        if unknown:
            raise PlanError('%s: %s: unknown: %s; known: %s' % (
                where, given['target'], ', '.join(map(str, unknown)), ', '.join(_KEYS)))
        self.host, self.target = host, given['target']
        if re.search(r'[=\s\x00-\x1f\x7f]', self.target):
            raise PlanError('%s: %r is not a target: it has a "=", a blank or a control character' % (
                where, self.target))
        if re.match(r'(host\Z|[a-z]+://)', self.target) and self.target.split(':')[0] in (
                'host', 'bridge', 'ovs', 'macvlan', 'ipvlan', 'vlan', 'vxlan', 'phys', 'dummy'):
            raise PlanError('%s: %s is on the host, and not a container or namespace' % (where, self.target))
        self.ifname = _ifname('%s: ifname of %s' % (where, self.target), given.get('ifname', 'overlay0'))
        self.name = str(given.get('name') or self.target.rpartition('://')[2])
        what = 'an address of %s of %s' % (self.name, host)
        self.addresses = None if given.get('addresses') is None else [
            '%s/%d' % (_address(what, text.partition('/')[0]), _prefix(what, text)) for text in given['addresses']]
        self.items = ['gw=%s' % _address('%s: gateway' % where, given['gateway'])] if given.get('gateway') else []
        self.items += ['route=%s' % _route('%s: routes' % where, route) for route in given.get('routes', ())]

    @property
    def key(self):
        """What its addresses are derived from: text."""
        return '%s/%s' % (self.host, self.name)


def vni_of(name):
    """The VNI of an overlay, of its name: 1 to 16777215."""
    return 1 + int(_digest('vni', name), 16) % VNI_MAX


def device(prefix, name):
    """The name of a link of an overlay: of a long name, its beginning and a hash."""
    if len(prefix + name) <= IFNAME_MAX:
        return prefix + name
    return '%s%s%s' % (prefix, name[:4], _digest('device', name)[:IFNAME_MAX - len(prefix) - 4])


def mac_of(overlay, key):
    """The MAC address of a container: local, unicast, and 40 bits of a hash."""
    text = _digest('mac', overlay, key)
    return ':'.join(['02'] + [text[at:at + 2] for at in range(0, 10, 2)])


def address_of(overlay, key, network):
    """An address of a network with its prefix length, of the hash of a name: text."""
    size = network.num_addresses
    number = int(_digest('address', overlay, key), 16)
    # Neither the network's own address nor the one for all.
    return '%s/%d' % (network.network_address + 1 + number % max(size - 2, 1), network.prefixlen)


def members_of(told):
    """Members of what is told of each host: {host: {'underlay', 'mtu', 'containers'}} -> list of Member, by address.
    PlanError for two with one address, or of both families."""
    found = [Member(host, **told[host]) for host in sorted(told)]
    taken = {}
    for member in found:
        other = taken.setdefault(member.underlay, member)
        if other is not member:
            raise PlanError('%s and %s have the same underlay address, %s: are they two names of one host?' % (
                other.host, member.host, member.underlay))
    if len(set(member.underlay.version for member in found)) > 1:
        raise PlanError('the underlay addresses are of both IPv4 (%s) and IPv6 (%s): give overlay_underlay' % tuple(
            [member.host for member in found if member.underlay.version == version][0] for version in (4, 6)))
    return sorted(found, key=lambda member: int(member.underlay))


def mtu_of(settings, members):
    """The MTU of an overlay, the same on all hosts: what fits between those with the smallest. PlanError."""
    if not members:
        return settings.mtu
    fits = min(member.mtu for member in members) - OVERHEAD[members[0].underlay.version]
    if settings.mtu is not None and settings.mtu > fits:
        least = min(members, key=lambda member: member.mtu)
        raise PlanError('overlay_mtu is %d, and %s, whose underlay has %d, can take %d' % (
            settings.mtu, least.host, least.mtu, fits))
    mtu = settings.mtu or fits
    if mtu < IPV6_LEAST and any(network.version == 6 for network in settings.networks):
        raise PlanError('an MTU of %d is too small for IPv6 in the overlay, which needs %d' % (mtu, IPV6_LEAST))
    return mtu


class Plan:
    """What each host has of an overlay. told: {host: {'underlay', 'mtu', 'containers'}}. PlanError."""

    def __init__(self, settings, told):
        self.settings, self.members = settings, members_of(told)
        self.mtu = mtu_of(settings, self.members)
        self._containers, self._holders = {}, {}
        for member in self.members:
            self._containers[member.host] = [_container_or_error(member.host, given) for given in member.given]
            for what, values in self._claims(member.host):
                for value in values:
                    self._holders.setdefault(value, []).append(what)

    def of(self, host):
        """What one host has: {'wires': list of {'name', 'ends', 'mtu'}, 'mtu', 'vni', 'bridge', 'pattern'}.

        host: a name; a host outside the overlay has no wires. PlanError if the plan for this host is impossible because
        of its own containers, or of others that clash with them; the other hosts still get their wires.
        """
        settings = self.settings
        own = [member for member in self.members if member.host == host]
        wires = self._wires_of(own[0]) if own else []
        return {'mtu': self.mtu, 'vni': settings.vni, 'bridge': settings.bridge, 'pattern': settings.pattern,
                'wires': wires}

    def _wires_of(self, own):
        settings, containers = self.settings, self._containers[own.host]
        for container in containers:
            if isinstance(container, PlanError):
                raise container
        self._refuse_clashes(own.host)
        near, found = _near_end(settings, own.host), []
        remotes = [str(member.underlay) for member in self.members if member is not own]
        if remotes:
            items = ['local=%s' % own.underlay] + ['port=%d' % settings.port] * (settings.port != PORT)
            items += ['remote=' + remote for remote in remotes]
            found.append({
                'name': settings.wire_name('vxlan'), 'mtu': self.mtu,
                'ends': [_near_end(settings, own.host, ':' + settings.link),
                         'vxlan://%d=%s' % (settings.vni, ','.join(items))]})
        for container in containers:
            items = _addresses(settings, container) + ['mac=' + mac_of(settings.name, container.key)] + container.items
            found.append({
                'name': settings.wire_name('to-' + container.name), 'mtu': self.mtu,
                'ends': ['%s:%s=%s' % (container.target, container.ifname, ','.join(items)), near]})
        return found

    def _claims(self, host):
        """[(whose, addresses and MAC addresses that it has)] of a host, without what is malformed."""
        found, settings = [], self.settings
        if settings.has_host_address and settings.networks:
            found.append(('the host %s' % host, _bare(
                address_of(settings.name, 'host/' + host, network) for network in settings.networks)))
        for container in self._containers[host]:
            if not isinstance(container, PlanError):
                found.append(('%s of %s' % (container.name, host), _bare(_addresses(settings, container))
                              + [mac_of(settings.name, container.key)]))
        return found

    def _refuse_clashes(self, host):
        """PlanError if anything of a host has the address or the MAC address of something else in the overlay."""
        for what, values in self._claims(host):
            for value in values:
                holders = self._holders[value]
                if len(holders) > 1 and len(set(holders)) == 1:
                    raise PlanError('%s is given twice: give one of the two another name' % what)
                if len(holders) > 1:
                    raise PlanError('%s and %s both have %s: give one of them addresses, or another name' % (
                        holders[0], holders[1], value))


def _container_or_error(host, given):
    try:
        return Container(host, given)
    except PlanError as error:
        return error


def _bare(addresses):
    return [address.partition('/')[0] for address in addresses]


def _near_end(settings, host, port=''):
    """The bridge of a host, with the address that all wires to it give it. port: ':' and the name of the link that is
    its port, or ''."""
    own = [address_of(settings.name, 'host/' + host, network) for network in settings.networks]
    items = ','.join(own) if settings.has_host_address else ''
    return 'bridge://%s%s%s' % (settings.bridge, port, '=' + items if items else '')


def _addresses(settings, container):
    if container.addresses is not None:
        return container.addresses
    return [address_of(settings.name, container.key, network) for network in settings.networks]


def _digest(*words):
    """A hash of words that cannot run into each other: 64 hexadecimal digits."""
    return hashlib.sha256('\0'.join(('netnsctl',) + words).encode('utf-8', 'surrogateescape')).hexdigest()


def _networks(texts):
    found = []
    for text in [texts] if isinstance(texts, str) else texts:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise PlanError('overlay_network: %s' % error)
        if network.num_addresses < 4:
            raise PlanError('overlay_network: %s has no room for two hosts' % network)
        if network.version in [other.version for other in found]:
            raise PlanError('overlay_network: more than one of IPv%d' % network.version)
        found.append(network)
    return found


def _address(what, text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise PlanError('%s is %r, which is not an IP address' % (what, text))


def _prefix(what, text):
    length = text.partition('/')[2]
    if not re.match(r'[0-9]{1,3}\Z', length) or int(length) > (128 if ':' in text else 32):
        raise PlanError('%s is %r, which has no prefix length' % (what, text))
    return int(length)


def _route(what, text):
    try:
        dst, at, via = text.partition('@')
        ipaddress.ip_network(dst)
        if at:
            ipaddress.ip_address(via)
    except (ValueError, AttributeError):
        raise PlanError('%s: %r is not DESTINATION or DESTINATION@GATEWAY' % (what, text))
    return text


def _ifname(what, text):
    if not isinstance(text, str) or not re.match(r'[A-Za-z0-9_.-]{1,%d}\Z' % IFNAME_MAX, text) or text in ('.', '..'):
        raise PlanError('%s: %r is not the name of a link' % (what, text))
    return text


def _number(what, value, low, high):
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = None
    if number is None or isinstance(value, bool) or not low <= number <= high:
        raise PlanError('%s is %r, which is not a number from %d to %d' % (what, value, low, high))
    return number
