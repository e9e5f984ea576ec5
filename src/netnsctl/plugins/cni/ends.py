"""From a configuration, and what the runtime and the IPAM plugin add to it, to the two endpoints of a wire, in
netnsctl's own grammar. Pure."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import addressing, endpoint, shaping
from netnsctl.plugins.cni import configuration
from netnsctl.plugins.cni.problems import CONFIG, IPAM, CniError

DEFAULTS = ('0.0.0.0/0', '::/0')
MAPPINGS = 1024
ENDLESS = (1 << 31) - 1  # the burst that runtimes send where they were told none


_NONSENSE = 'the result of the IPAM plugin: %s'


class Wanted(object):
    """What an attachment is to have beside its configuration: addresses, gateways (one a family), routes ([(dst, via or
    None)]), mac, publish (items), and shaping of the way out of the container and of the way into it ({key: text})."""

    def __init__(self):
        self.addresses, self.gateways, self.routes, self.publish = [], [], [], []
        self.mac, self.out, self.into = None, {}, {}

    def add_route(self, dst, via):
        """A route: one to anywhere is a gateway."""
        if dst in DEFAULTS and via:
            if not any(addressing.family_of(via) == addressing.family_of(known) for known in self.gateways):
                self.gateways.append(via)
        elif (dst, via) not in self.routes:
            self.routes.append((dst, via))


def wanted(config, request, leased):
    """What an attachment is to have: Wanted. leased: the result of the IPAM plugin, or None. CniError, UsageError."""
    found = Wanted()
    for one in config.get('addresses', ()):
        found.addresses.append(addressing.parse_address(one))
    for via in config.get('gw', ()):
        found.gateways.append(addressing.parse_ip(via, 'gw'))
    for dst, via in config.get('routes', ()):
        found.add_route(addressing.parse_destination(dst, via, 'routes'), via)
    if leased is not None:
        _add_leased(found, leased)
    _add_asked(found, config, request)
    found.publish = list(config.get('publish', ()))
    found.out = dict((key, config.get(key)) for key in endpoint.SHAPING if config.get(key))
    runtime = config.get('runtimeConfig', {})
    mappings = runtime.get('portMappings') or []
    if not isinstance(mappings, list) or len(mappings) > MAPPINGS:
        raise CniError(CONFIG, 'portMappings: must be a list of at most %d' % MAPPINGS)
    for number, mapping in enumerate(mappings):
        found.publish += _published('portMappings[%d]' % number, mapping)
    if found.publish:
        from netnsctl.model.features import uplink  # few containers publish ports
    for one in found.publish:
        uplink.parse_publish(one, 'give the key "localhost": true')
    if runtime.get('bandwidth'):
        limits = configuration.folded('bandwidth', runtime['bandwidth'])
        found.out.update(_limited(limits, 'egress'))
        found.into.update(_limited(limits, 'ingress'))
    return found


def _add_leased(found, leased):
    """What the IPAM plugin says: ips and routes, of which one without a gateway takes that of an address."""
    gateways, bare = {}, set()
    for one in leased['ips']:
        address = _leased(addressing.parse_address, one['address'])
        if addressing.bare(address) in bare:
            raise CniError(IPAM, _NONSENSE % ('the address %s is given twice' % address))
        bare.add(addressing.bare(address))
        found.addresses.append(address)
        if one.get('gateway'):
            via = _leased(addressing.parse_ip, one['gateway'], 'gateway')
            gateways.setdefault(addressing.family_of(via), via)
    for dst, via in leased['routes']:
        dst = _leased(addressing.parse_destination, dst, via)
        via = via and _leased(addressing.parse_ip, via, 'gateway')
        if via and ':' in dst and ':' not in via:
            raise CniError(IPAM, _NONSENSE % ('route %s: the gateway %s is of another family' % (dst, via)))
        found.add_route(dst, via or gateways.get(addressing.family_of(dst)))


def _leased(read, *words):
    """What the IPAM plugin says, read. CniError where that makes no sense."""
    try:
        return read(*words)
    except UsageError as error:
        raise CniError(IPAM, _NONSENSE % error.message)


def _add_asked(found, config, request):
    """What the runtime asks for in so many words: addresses, where no IPAM plugin sees to them, and a MAC address."""
    runtime, args = config.get('runtimeConfig', {}), config.get('args', {}).get('cni')
    args = configuration.table('args.cni', args) if args is not None else {}
    asked = runtime.get('ips') or args.get('ips') or request.args.get('IP') or ()
    if asked and config.get('ipam') is None:
        found.addresses = [_with_length(one, config, found.addresses) for one in configuration.texts('ips', asked)]
    mac = runtime.get('mac') or args.get('mac') or request.args.get('MAC') or config.get('mac')
    if mac:
        found.mac = addressing.parse_mac(configuration.item('mac', mac))


def _with_length(address, config, configured):
    """An address that may come without a prefix length, which is then that of the network around it."""
    if '/' in address:
        return addressing.parse_address(address)
    ip = addressing.parse_ip(address, 'ips')
    for known in list(endpoint.parse(config.get('anchor')).addresses) + configured:
        if addressing.covers(known, ip):
            return ip + '/' + known.partition('/')[2]
    raise CniError(CONFIG, 'ips: %s has no prefix length, and the anchor no address of its network' % address,
                   'For example: "anchor": "bridge://br0=10.1.0.1/24"')


def _published(where, mapping):
    """An entry of portMappings as items of publish=: list. Without a port of the host there are none."""
    mapping = configuration.folded(where, mapping)
    outside = configuration.number(where + '.hostPort', mapping.get('hostport') or 0)
    if not outside:
        return []
    inside = configuration.number(where + '.containerPort', mapping.get('containerport'))
    protocol, address = mapping.get('protocol') or 'tcp', mapping.get('hostip') or ''
    for key, value in (('protocol', protocol), ('hostIP', address)):
        configuration.item('%s.%s' % (where, key), value) if value else None
    if address in addressing.UNSPECIFIED:
        address = ''
    if ':' in address:
        address = '[%s]' % address
    return ['%s%d:%d/%s' % (address and address + ':', outside, inside, protocol.lower())]


def _limited(limits, way):
    """The shaping of one way: {key: text}. CNI's rates are bits a second, its bursts bits."""
    rate, burst = [configuration.number('bandwidth.%s%s' % (way, what), limits.get(way + what.lower()) or 0)
                   for what in ('Rate', 'Burst')]
    if not rate:
        return {}
    found = {'rate': shaping.read('rate', '%dbit' % rate)}
    if 0 < burst < ENDLESS:
        least, most = -(-rate // 8 // shaping.FASTEST_HZ), min(1 << 30, rate * shaping.LONGEST // 8 // 10 ** 6)
        found['burst'] = shaping.read('burst', '%db' % max(1, least, min(burst // 8, most)))
    return found


def inner(request, config, found):
    """The end in the container, in text."""
    items = list(found.addresses) + ['gw=%s' % via for via in found.gateways]
    items += ['mac=%s' % found.mac] if found.mac else []
    items += ['mtu=%d' % config.get('mtu')] if config.get('mtu') else []
    items += ['route=%s' % (dst if via is None else '%s@%s' % (dst, via)) for dst, via in found.routes]
    items += ['%s=%s' % (key, found.out[key]) for key in endpoint.SHAPING if key in found.out]
    items += ['publish=%s' % one for one in found.publish]
    items += [word for word in ('ipv6', 'localhost') if config.get(word) and (word != 'localhost' or found.publish)]
    place = 'path://%s:%s' % (request.netns, config.own_ifname or request.ifname)
    return '%s=%s' % (place, ','.join(items)) if items else place


def outer(config, found, leased):
    """The end on the host, in text: the anchor, with what other keys say of it."""
    anchor = config.get('anchor')
    try:
        known = endpoint.parse(anchor)
    except UsageError as error:
        raise CniError(CONFIG, 'anchor: %s' % error.message, error.hint or '')
    has_nat = config.get('nat') or config.get('ipMasq')
    items = []
    if leased is not None and (has_nat or config.get('isGateway')):
        for one in leased['ips']:
            address, gateway = one['address'], one.get('gateway')
            if gateway and not any(addressing.family_of(own) == addressing.family_of(gateway)
                                   for own in known.addresses):
                items.append(_leased(addressing.parse_address, '%s/%s' % (gateway, address.partition('/')[2])))
    items = [one for at, one in enumerate(items) if one not in items[:at]]
    items += ['nat'] if has_nat and ('nat', 'yes') not in known.data else []
    items += ['open'] if config.get('open') and ('open', 'yes') not in known.data else []
    items += ['%s=%s' % (key, found.into[key]) for key in endpoint.SHAPING if key in found.into]
    if not items:
        return anchor
    text = anchor + (',' if '=' in anchor else '=') + ','.join(items)
    endpoint.parse(text)
    return text
