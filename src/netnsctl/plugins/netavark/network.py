"""A network of podman's, as netavark describes it, and the wire of a container that it asks for: two endpoints in text.

Options of the network (`podman network create -o KEY=VALUE`): to=TARGET, what the containers are joined to, by default
a bridge of the network's own; nat, open and localhost with yes or no; no_default_route=1; mtu=; rate= and the like; and
the items of that target: tag=, mode=, remote=, ... A container may have options of its own (`podman run --network
NET:KEY=VALUE`), which come before those of the network.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import sha256_hex
from netnsctl.errors import UsageError
from netnsctl.model import addressing, endpoint, names, plan
from netnsctl.model.features import uplink
from netnsctl.model.links import kind_named

FLAGS = {'nat': 'outer', 'open': 'outer', 'localhost': 'own', 'no_default_route': None}
OWN_KEYS = ('mtu',) + endpoint.SHAPING
IPAM = ('host-local', 'dhcp', 'none')
_YES, _NO = ('yes', 'true', '1', ''), ('no', 'false', '0')
_SPECIAL = frozenset('=,')


class Network(object):
    """name, identity; to (in text); subnets [(network, gateway or None)]; options {key: text}; is_internal; ipam (one
    of IPAM); servers (of names: list of addresses); routes [(destination, gateway, metric or None)]."""
    __slots__ = ('name', 'identity', 'to', 'subnets', 'options', 'is_internal', 'ipam', 'servers', 'routes')

    @property
    def target(self):
        return endpoint.parse(self.to).target

    @property
    def has_gateway(self):
        """Is the gateway of a subnet an address that the host has on the other end?"""
        return self.target.scheme in ('bridge', 'host')

    def flag(self, key, options=None):
        value = (options or self.options).get(key, 'no')
        if value not in _YES + _NO:
            raise UsageError('option %s=%s: yes or no is expected' % (key, value))
        return value in _YES


def read(data, where='the network'):
    """The Network in an object of JSON. UsageError."""
    found = Network()
    found.name, found.identity = text_of(data, 'name', where), text_of(data, 'id', where)
    found.options = options_of(data, where)
    found.is_internal = bool(data.get('internal'))
    found.ipam = may_be_text(object_of(data, 'ipam_options', where), 'driver', where) or (
        'host-local' if data.get('subnets') else None)
    found.subnets = [_subnet(row) for row in rows_of(data, 'subnets', where)]
    found.servers = [addressing.parse_ip(one, 'dns') for one in texts_of(data, 'network_dns_servers', where)]
    found.routes = [(addressing.parse_destination(text_of(row, 'destination', 'a route')),
                     addressing.parse_ip(text_of(row, 'gateway', 'a route'), 'gateway'), _metric(row))
                    for row in rows_of(data, 'routes', where)]
    link = may_be_text(data, 'network_interface', where) or 'nw%s' % sha256_hex(found.identity)[:10]
    found.to = found.options.pop('to', None) or 'bridge://%s' % plain(link, 'network_interface')
    plain(found.to, 'option to')
    _require_known(found, found.options)
    return found


def _subnet(row):
    net = addressing.parse_destination(text_of(row, 'subnet', 'a subnet'), what='subnet')
    if text_of(row, 'subnet', 'a subnet') == 'default':
        raise UsageError('subnet default: not a network')
    gateway = may_be_text(row, 'gateway', 'a subnet')
    return net, addressing.parse_ip(gateway, 'gateway') if gateway else None


def _metric(row):
    """That of a route, or None: the kernel's default."""
    value = row.get('metric')
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, type(1 << 70)))
                              or not 0 <= value < 1 << 32):
        raise UsageError('a route: metric: a number from 0 to 4294967295 is expected')
    return value or None


def _require_known(network, options):
    target = network.target
    keys = dict(kind_named(target.scheme).keys) if target.is_anchor else {}
    for key in sorted(options):
        if key not in keys and key not in OWN_KEYS and key not in FLAGS:
            raise UsageError('unknown option %s; known options: to %s' % (key, ' '.join(sorted(
                set(keys) | set(OWN_KEYS) | set(FLAGS)))))


def completed(data):
    """The answer to `create`: the object of the network with what it lacks. UsageError for what cannot be made."""
    network = read(data)
    answer = dict(data, dns_enabled=False)  # nobody answers for names here
    if network.ipam not in IPAM + (None,):
        raise UsageError('the IPAM driver %s is not known; known ones: %s' % (network.ipam, ' '.join(IPAM)))
    if not network.subnets and network.ipam in (None, 'host-local'):
        raise UsageError('the network %s has no subnet: give --subnet, or --ipam-driver dhcp or none' % network.name)
    if network.subnets and network.ipam == 'dhcp':
        raise UsageError('the network %s has a subnet and --ipam-driver dhcp: give one of them' % network.name)
    if network.subnets and network.has_gateway:
        network.subnets = [(net, gateway or first_of(net)) for net, gateway in network.subnets]
        answer['subnets'] = [dict(row, gateway=gateway)
                             for row, (_, gateway) in zip(data['subnets'], network.subnets)]
    answer['ipam_options'] = dict(object_of(data, 'ipam_options', 'the network'), driver=network.ipam or 'host-local')
    if network.has_gateway and network.target.scheme == 'bridge':
        answer['network_interface'] = network.target.name
    _try(network)
    return answer


def _try(network):
    """UsageError where no container could be attached: for what an endpoint may not say, or two of a wire."""
    own, outer = ends_of(Example(network))
    own, outer = endpoint.parse('netns://CONTAINER:eth0' + own), endpoint.parse(outer)
    if own.has_uplink or outer.has_uplink:
        uplink.check(own, outer)
    plan.validate(plan.End.of(own), plan.End.of(outer))


class Example(object):
    """A container that is attached to a network in order to find out whether one can be."""

    def __init__(self, network):
        self.network, self.options, self.mac, self.ports = network, {}, None, []
        self.ips = [last_of(net) for net, _ in network.subnets]


def first_of(net):
    """The first address of a network: what a gateway usually has."""
    import ipaddress
    from netnsctl.compat import native, unicode_of
    found = ipaddress.ip_network(unicode_of(net))
    return native(str(found[1] if found.num_addresses > 2 else found[0]))


def last_of(net):
    """The last address of a network that a link may have."""
    import ipaddress
    from netnsctl.compat import native, unicode_of
    found = ipaddress.ip_network(unicode_of(net))
    return native(str(found[-2] if found.num_addresses > 2 else found[-1]))


def ends_of(attached, led=()):
    """(what follows `TARGET:IFNAME` of the container's end, the other end) in text. UsageError.

    attached: an Attachment, or an Example. led: the families (4, 6) in which it has a default route already.
    """
    network = attached.network
    _require_known(network, attached.options)
    said = dict(network.options, **attached.options)
    own, outer = [], []
    for ip in attached.ips:
        net, gateway = _net_of(network, ip)
        own.append('%s/%s' % (ip, net.partition('/')[2]))
        if gateway and network.has_gateway:
            outer.append('%s/%s' % (gateway, net.partition('/')[2]))
        if gateway and not network.is_internal and addressing.family_of(ip) not in led \
                and not network.flag('no_default_route', said):
            own.append('gw=%s' % gateway)
    if network.ipam == 'dhcp':
        own.append('dhcp')
    own += ['ipv6'] if any(':' in ip for ip in attached.ips) else []
    own += ['mac=%s' % attached.mac] if attached.mac else []
    own += ['route=%s@%s' % route[:2] for route in network.routes]
    own += ['publish=%s' % port for port in attached.ports]
    return _with_options(attached, said, own, outer)


def _with_options(attached, said, own, outer):
    network = attached.network
    keys = kind_named(network.target.scheme).keys if network.target.is_anchor else {}
    is_host = network.target.scheme == 'host'
    for key in sorted(said):
        if not attached.ports and (key == 'localhost' or key == 'open' and is_host and not network.flag('nat', said)):
            continue  # they are about ports, which not every container of the network has
        place = FLAGS.get(key, 'own' if key in OWN_KEYS else 'outer')
        if key in FLAGS or key in keys and keys[key].is_word:
            words = [key] if network.flag(key, said) else []
        else:
            words = ['%s=%s' % (key, part) for part in _parts(key, said[key], key in keys and keys[key].is_list)]
        if place is not None:
            (own if place == 'own' else outer).extend(words)
    return _joined('', own), _joined(network.to, outer)


def _parts(key, value, is_list):
    found = value.split(',') if is_list else [value]
    for part in found:
        plain(part, 'option %s' % key)
    return found


def _joined(place, items):
    return place + ('=' + ','.join(items) if items else '')


def _net_of(network, ip):
    for net, gateway in network.subnets:
        if addressing.covers(net, ip):
            return net, gateway
    raise UsageError('%s is in no subnet of the network %s' % (ip, network.name))


# What JSON may hold.

def text_of(data, key, where):
    """A text that has to be there. UsageError."""
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, str) or not value:
        raise UsageError('%s: %s: text is expected' % (where, key))
    names.refuse_odd_bytes('%s: %s' % (where, key), value)
    return value


def may_be_text(data, key, where):
    """A text that may be missing, '' then. UsageError."""
    return text_of(data, key, where) if data.get(key) not in (None, '') else ''


def object_of(data, key, where):
    """An object that may be missing, {} then. UsageError."""
    value = data.get(key)
    if value is not None and not isinstance(value, dict):
        raise UsageError('%s: %s: an object is expected' % (where, key))
    return value or {}


def texts_of(data, key, where):
    """A list of texts that may be missing, [] then. UsageError."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UsageError('%s: %s: a list of texts is expected' % (where, key))
    return value


def rows_of(data, key, where):
    """The objects of a list, which may be missing: list. UsageError."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise UsageError('%s: %s: a list of objects is expected' % (where, key))
    return value


def options_of(data, where):
    """The options of a network, or of a container in it: {key: text}. UsageError."""
    value = data.get('options')
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise UsageError('%s: options: an object of texts is expected' % where)
    for key in value:
        names.refuse_odd_bytes('option', key)
        names.refuse_odd_bytes('option %s' % key, value[key])
    return dict(value)


def plain(text, where):
    """A text that means no more than itself in an endpoint. UsageError."""
    if not _SPECIAL.isdisjoint(text):
        raise UsageError('%s: %s: must not contain "=" or ","' % (where, text))
    return text
