"""The result of ADD, in the shape of the version that was asked for. Pure."""
from __future__ import absolute_import, division, print_function

from netnsctl.model import addressing
from netnsctl.plugins.cni import configuration
from netnsctl.plugins.cni.documents import VERSIONS
from netnsctl.plugins.cni.problems import CONFIG, CniError

LISTS = ('interfaces', 'ips', 'routes')
ENTRIES = 1024


def of_wire(config, request, ends, links, gateways, dns):
    """The result. ends: of the Wire, the container's first. links: the interfaces in their order, [(edge's Link, is it
    in the container)]. gateways: {address: gateway} as an IPAM plugin has them. dns: dict."""
    own = ends[0]
    result = {'cniVersion': config.version, 'interfaces': [], 'ips': [], 'routes': [], 'dns': dns}
    for link, is_inside in links:
        shown = {'name': link.name, 'mac': link.mac, 'sandbox': request.netns if is_inside else ''}
        if _is_since(config.version, '1.1.0'):
            shown['mtu'] = link.mtu
        result['interfaces'].append(shown)
    place = [is_inside for _, is_inside in links].index(True)
    for address in own['addresses']:
        shown = {'address': address, 'interface': place}
        via = gateways.get(address) or _gateway_on(address, own['gateways'])
        if via:
            shown['gateway'] = via
        if not _is_since(config.version, '1.0.0'):
            shown['version'] = '%d' % addressing.family_of(address)
        result['ips'].append(shown)
    for dst, via in routes_of(own):
        result['routes'].append(dict([('dst', dst)] + ([('gw', via)] if via else [])))
    return result


def routes_of(end):
    """The routes that a wire made in the container: [(dst, via or None)]. end: of the Wire."""
    found = [(addressing.parse_destination('default', via), via) for via in end['gateways']]
    return found + [tuple(route[:2]) for route in end['routes'] if isinstance(route, (list, tuple))]


def _is_since(version, since):
    return VERSIONS.index(version) >= VERSIONS.index(since)


def _gateway_on(address, gateways):
    """The gateway that an address of the container leads to, or None."""
    for via in gateways:
        if addressing.covers(address, via):
            return via
    return None


def check_previous(previous):
    """CniError for what cannot be the result of an earlier plugin."""
    for key in LISTS:
        entries = previous.get(key)
        if entries is not None and (not isinstance(entries, list) or len(entries) > ENTRIES
                                    or not all(isinstance(one, dict) for one in entries)):
            raise CniError(CONFIG, 'prevResult.%s: must be a list of at most %d objects' % (key, ENTRIES))
    configuration.table('prevResult.dns', previous.get('dns') or {})


def after(previous, result):
    """The result of a plugin in a chain: what the earlier ones made comes first, as they said it."""
    if previous is None:
        return result
    found = dict(previous, cniVersion=result['cniVersion'])
    count = len(previous.get('interfaces') or ())
    ips = [dict(one, interface=one['interface'] + count) for one in result['ips']]
    for key, own in (('interfaces', result['interfaces']), ('ips', ips), ('routes', result['routes'])):
        found[key] = list(previous.get(key) or ()) + own
    found['dns'] = dict(previous.get('dns') or {}, **result['dns'])
    return found


def own_of(previous, netns, ifname):
    """What a result says of the interface of that name in the container: (its entry, [addresses], [(dst, gw or None)]
    of all routes), or (None, [], []). CniError."""
    check_previous(previous)
    for place, one in enumerate(previous.get('interfaces') or ()):
        if one.get('name') == ifname and one.get('sandbox') == netns:
            addresses = [ip.get('address') for ip in previous.get('ips') or () if ip.get('interface') == place]
            routes = configuration.routes('prevResult.routes', [
                dict((key, route.get(key)) for key in ('dst', 'gw')) for route in previous.get('routes') or ()])
            return one, [configuration.text('prevResult.ips.address', address) for address in addresses], routes
    return None, [], []


def servers(config, leased):
    """The name servers of a result: what the runtime asks for, else the configuration's, else the IPAM plugin's."""
    asked = config.get('runtimeConfig', {}).get('dns')
    if asked:
        names = {'servers': 'nameservers', 'searches': 'search', 'options': 'options'}
        asked = configuration.folded('runtimeConfig.dns', asked)
        return configuration.dns('runtimeConfig.dns', dict((names.get(key, key), asked[key]) for key in asked))
    return config.get('dns') or (leased or {}).get('dns') or {}
