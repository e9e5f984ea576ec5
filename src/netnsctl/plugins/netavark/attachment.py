"""A container that netavark attaches to a network, or detaches: what it says of it, and the answer."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import sha256_hex, to_bytes
from netnsctl.errors import UsageError
from netnsctl.model import addressing, endpoint, names
from netnsctl.model.features import uplink
from netnsctl.plugins.netavark import network

_WHERE = 'the container'
PATH_BYTES = 4096  # PATH_MAX
PORTS = 1024


class Attachment(object):
    """netns (a path), network (Network), wire (the name of the wire), ifname, ips, mac, options, ports (as publish= has
    them)."""
    __slots__ = ('netns', 'network', 'wire', 'ifname', 'ips', 'mac', 'options', 'ports')

    def ends(self, led=()):
        """Two endpoints in text. led: the families (4, 6) in which the container has a default route. UsageError."""
        own, outer = network.ends_of(self, led)
        return 'path://%s:%s%s' % (self.netns, self.ifname, own), outer

    def endpoints(self, led=()):
        """The two as Endpoints, which have the metrics of routes as well: no text of an endpoint has them."""
        own, outer = [endpoint.parse(text) for text in self.ends(led)]
        metrics = dict((route[:2], route[2]) for route in self.network.routes)
        own.routes = tuple(route._replace(metric=metrics[route[:2]]) for route in own.routes)
        return own, outer


def wire_of(data):
    """The name of the wire of an attachment: what podman says of it is enough to detach it. UsageError."""
    net = data.get('network')
    identity, name = network.text_of(data, 'container_id', _WHERE), network.text_of(data, 'container_name', _WHERE)
    ifname = _ifname(data)
    network_name = network.text_of(net, 'name', 'the network')
    digest = sha256_hex('\0'.join((identity, network.text_of(net, 'id', 'the network'), ifname)))
    shown = ['-'.join(re.findall('[A-Za-z0-9_.]+', text))[:30] for text in (name, network_name, ifname)]
    return 'netavark-%s-%s' % ('.'.join(shown), digest[:12])


def _ifname(data):
    options = data.get('network_options')
    found = network.plain(network.text_of(options, 'interface_name', _WHERE), 'interface_name')
    names.check_ifname(found)
    return found


def read(netns, data):
    """The Attachment that netavark asks for. netns: a path. UsageError."""
    if not netns.startswith('/') or len(to_bytes(netns)) > PATH_BYTES or '=' in netns:
        raise UsageError('%s: not the path of a network namespace' % netns[:300])
    found = Attachment()
    found.wire, found.ifname = wire_of(data), _ifname(data)
    found.network = network.read(data['network'])
    options = data['network_options']
    found.netns, found.options = netns, network.options_of(options, _WHERE)
    found.ips = [addressing.parse_ip(ip, 'static_ips') for ip in
                 network.texts_of(options, 'static_ips', _WHERE)]
    mac = network.may_be_text(options, 'static_mac', _WHERE)
    found.mac = addressing.parse_mac(mac) if mac else None
    found.ports = _ports(data)
    return found


def _ports(data):
    """The ports that are to be published, as publish= has them: list of text. UsageError."""
    rows, found = network.rows_of(data, 'port_mappings', _WHERE), []
    if len(rows) > PORTS:
        raise UsageError('%s: more than %d published ports' % (_WHERE, PORTS))
    for row in rows:
        outside, inside, count = [_number(row, key) for key in ('host_port', 'container_port', 'range')]
        more = max(count, 1) - 1
        address = network.may_be_text(row, 'host_ip', _WHERE)
        if not address or address in addressing.UNSPECIFIED:
            address = ''
        else:
            address = '%s:' % ('[%s]' % address if ':' in address else address)
        ends = ['%d-%d' % (port, port + more) if more else '%d' % port for port in (outside, inside)]
        for protocol in (network.may_be_text(row, 'protocol', _WHERE) or 'tcp').split(','):
            if protocol not in ('tcp', 'udp'):
                raise UsageError('publish port %d: %s is not a protocol that has ports here (tcp, udp)' % (
                    outside, protocol[:20]))
            found.append('%s%s%s' % (address, ':'.join(ends), '' if protocol == 'tcp' else '/udp'))
            uplink.parse_publish(found[-1], 'give the option localhost=yes: podman run --network NETWORK:localhost=yes')
    return found


def _number(row, key):
    value = row.get(key)
    if type(value) is not int or not 0 <= value <= 65535:
        raise UsageError('%s: port_mappings: %s: a number from 0 to 65535 is expected' % (_WHERE, key))
    return value


def status_of(attachment, wire):
    """The answer to `setup`. wire: library's Wire."""
    end = [end for end in wire.ends if end['ifname'] == attachment.ifname and not end['bridge']][0]
    addresses = list(end['addresses']) + [row['address'] for row in end.get('leased', ())]
    gateways = dict((addressing.family_of(gateway), gateway) for gateway in end['gateways'])
    subnets = []
    for address in addresses:
        subnets.append({'ipnet': address})
        gateway = gateways.get(addressing.family_of(address))
        if gateway:
            subnets[-1]['gateway'] = gateway
    return {'dns_search_domains': [], 'dns_server_ips': attachment.network.servers,
            'interfaces': {attachment.ifname: {'mac_address': end['mac'], 'subnets': subnets}}}
