"""The grammar of endpoints: TARGET[:IFNAME][=ITEM[,ITEM...]], and of the file of wires. No I/O."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import native, to_bytes
from netnsctl.errors import UsageError
from netnsctl.model import addressing, names
from netnsctl.model.links import ANCHORS, kind_named
from netnsctl.model.route import Route, as_route

RUNTIME_SCHEMES = ('docker', 'podman', 'lxc', 'libvirt-lxc', 'nspawn')
SCHEMES = ('netns',) + RUNTIME_SCHEMES + ('pid', 'path') + ANCHORS
ON_HOST = ('host',) + ANCHORS  # what is in the host's own namespace
SHAPING = ('rate', 'burst', 'delay', 'jitter', 'loss')  # model.shaping.KEYS: few wires need that module
KEYS = ('gw', 'mac', 'mtu', 'route') + SHAPING + ('publish',)
UPLINK_WORDS = ('nat', 'localhost', 'open')  # of model.features.uplink, which few wires need
WORDS = ('ipv6', 'dhcp') + UPLINK_WORDS


class Target(object):
    """What owns a namespace (or a bridge): scheme (one of SCHEMES, 'host', or None for a bare name) and name."""
    __slots__ = ('scheme', 'name')

    def __init__(self, scheme, name):
        self.scheme = scheme
        self.name = name

    def __str__(self):
        if self.scheme == 'host':
            return 'host'
        return self.name if self.scheme is None else '%s://%s' % (self.scheme, self.name)

    @classmethod
    def parse(cls, text):
        """The other way round: what str() gave of a Target -> the same Target. Nothing is checked."""
        scheme, separator, name = text.partition('://')
        if separator:
            return cls(scheme, name)
        return cls('host', '') if text == 'host' else cls(None, text)

    @property
    def is_anchor(self):
        """Is it something on the host that an end hangs on, and no namespace?"""
        return self.scheme in ANCHORS

    @property
    def has_no_link(self):
        """Has it no link of its own in a wire that could be configured? A bridge has a port."""
        return self.is_anchor and self.scheme != 'bridge'

    @property
    def has_port(self):
        """Is it an anchor which the near end of a veth is a port of, that may be given a name and no more?"""
        return self.has_no_link and kind_named(self.scheme).has_port

    @property
    def is_on_host(self):
        """Is it in the host's own namespace?"""
        return self.scheme in ON_HOST

    def __eq__(self, other):
        return isinstance(other, Target) and (self.scheme, self.name) == (other.scheme, other.name)

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((self.scheme, self.name))


class Endpoint(object):
    """One end of a wire, as asked for: target, ifname (or None), addresses ('10.1.1.1/32', ...),
    gateways (one a family), mac, mtu (bytes; None: not asked for) and routes (route.Route, or (dst, via)).

    ipv6: IPv6 is to be enabled for the new link where it is off. dhcp: a DHCP client is to get its IPv4 address. data:
    what an anchor's kind has to be told, or model.features.uplink, pairs of text in the order of their names.
    shaping: pairs of text as model.shaping has them.

    What only a file can ask for, not the grammar: routes with more than a gateway, rules (rule.Rule), and scope (of
    the IPv4 addresses, as route.parse_scope() gives it; None: the kernel's default).
    """
    __slots__ = ('target', 'ifname', 'addresses', 'gateways', 'mac', 'mtu', 'routes', 'rules', 'scope', 'ipv6', 'dhcp',
                 'data', 'shaping')

    def __init__(self, target, ifname=None, addresses=(), gateways=(), mac=None, mtu=None, routes=(), rules=(),
                 scope=None, data=()):
        self.target = target
        self.ifname = ifname
        self.addresses = tuple(addresses)
        self.gateways = tuple(gateways)
        self.mac = mac
        self.mtu = mtu
        self.routes = tuple(as_route(route) for route in routes)
        self.rules = tuple(rules)
        self.scope = scope
        self.ipv6 = self.dhcp = False
        self.data = tuple(tuple(pair) for pair in data)
        self.shaping = ()

    def __str__(self):
        items = (['dhcp'] if self.dhcp else []) + list(self.addresses)
        items += ['gw=%s' % gateway for gateway in self.gateways]
        items += ['%s=%s' % (key, value) for key, value in (('mac', self.mac), ('mtu', self.mtu)) if value]
        items += ['route=%s' % _shown_route(route) for route in self.routes]
        items += ['ipv6'] if self.ipv6 else []
        items += [shown_item(pair) for pair in self.data + self.shaping]
        # No grammar: parse() refuses the text rather than to make of it something else.
        items += ['rule=%s' % ' '.join(rule.words()) for rule in self.rules]
        items += ['scope=%s' % self.scope] if self.scope else []
        return self.place() + ('=' + ','.join(items) if items else '')

    def is_in_grammar(self):
        """Can the command line ask for all of this, so that parse(str(self)) gives the same?"""
        return not self.rules and self.scope is None and all(route.is_plain() for route in self.routes)

    @property
    def has_uplink(self):
        """Does it ask for nat, or for published ports?"""
        return any(key == 'publish' or key in UPLINK_WORDS for key, _ in self.data)

    def place(self):
        """TARGET[:IFNAME], without the items."""
        return '%s:%s' % (self.target, self.ifname) if self.ifname else str(self.target)


def shown_item(pair):
    """A pair of Endpoint.data as an item: 'mode=vepa', or 'nat' of one that is a word."""
    return pair[0] if pair[0] in UPLINK_WORDS or pair[1] == '' else '='.join(pair)


def _shown_route(route):
    text = route.dst if route.via is None else '%s@%s' % (route.dst, route.via)
    return ' '.join([text] + route._replace(via=None).words()[1:])


def parse(text):
    """'a:A=10.1.1.1/32,mtu=1400' -> Endpoint. UsageError names what is wrong and where."""
    names.refuse_odd_bytes('endpoint', text)
    text = native(to_bytes(text))  # a name typed under the C locale comes as escaped bytes
    place, equals, items = text.partition('=')
    if not place:
        raise UsageError('endpoint %s: no target before the "="' % text if equals else 'an endpoint is empty')
    target, ifname = _parse_place(place, text)
    endpoint = Endpoint(target, ifname)
    try:
        if target.has_no_link:
            _parse_data(endpoint, items if equals else None)
        elif equals:
            _parse_items(endpoint, items)
    except UsageError as error:
        raise UsageError('endpoint %s: %s' % (text, error.message), hint=error.hint)
    return endpoint


def split_scheme(text):
    """'docker://web', and 'docker:web', as a directory of the tree is called, -> ('docker', 'web'); (None, text) of a
    bare name. A namespace that is called as a scheme is netns://docker.
    """
    scheme, colon, rest = text.partition(':')
    if rest.startswith('//'):
        return (scheme, rest[2:]) if scheme in SCHEMES or _may_be_scheme(scheme) else (None, text)
    return (scheme, rest) if colon and scheme in SCHEMES and not rest.startswith('/') else (None, text)


def _may_be_scheme(text):
    import re  # only a misspelled scheme gets here
    return re.match(r'[A-Za-z][A-Za-z0-9+.-]*\Z', text) is not None


def _parse_place(place, text):
    scheme, rest = split_scheme(place)
    if scheme is not None and scheme not in SCHEMES:
        known = ' '.join(s + '://' for s in SCHEMES)
        raise UsageError('endpoint %s: unknown scheme %s://; known schemes: %s' % (place, scheme, known))
    name, colon, ifname = rest.rpartition(':')
    if not colon or '/' in ifname:
        # A path may hold colons; an interface name holds no slash.
        name, ifname = rest, None
    for link in (ifname, name if scheme in ANCHORS else None):
        if link is not None and ',' in link:
            raise UsageError('endpoint %s: items come after a "=", not a ","' % place,
                             hint='Did you mean %s?' % text.replace(',', '=', 1))
    if ifname is not None:
        _check_link(ifname, place)
    return _target(scheme, name, place), ifname


def _target(scheme, name, place):
    if scheme is None and name == 'host':
        return Target('host', '')
    if scheme is None and name.partition(':/')[0] in SCHEMES:
        raise UsageError('endpoint %s: a single "/" after the scheme' % place, hint='Did you mean %s?' % name.replace(
            ':/', ':///' if name.startswith('path:') else '://', 1))
    if scheme == 'path' or (scheme is None and '/' in name):
        if not name:
            raise UsageError('endpoint %s: no path' % place)
        return Target('path', name)
    if scheme == 'pid' or (scheme is None and (name[:1] in ('+', '-') and names.is_number(name[1:], len(name))
                                               or name and not name.strip('0'))):
        return Target('pid', _pid(name, place))
    if scheme in ANCHORS:
        _check_anchor(scheme, name, place)
    else:
        names.check_name(name, 'endpoint %s' % place)
    return Target(scheme, name)


def _check_link(name, place):
    try:
        names.check_ifname(name)
    except UsageError as error:
        raise UsageError('endpoint %s: %s' % (place, error.message))


def _check_anchor(scheme, name, place):
    try:
        kind_named(scheme).read_name(name)
    except UsageError as error:
        raise UsageError('endpoint %s: %s' % (place, error.message), hint=error.hint)


def _pid(text, place):
    if not names.may_be_pid(text):
        raise UsageError('endpoint %s: %s is not a PID' % (place, text or 'nothing'))
    return text


def _parse_items(endpoint, text):
    addresses, gateways, routes, shaped = [], [], [], {}
    for item in text.split(','):
        key, equals, value = item.partition('=')
        if not item:
            raise UsageError('an item is empty')
        if item in UPLINK_WORDS or key == 'publish' and equals:
            _take_uplink(endpoint, key, value)
        elif item in WORDS:
            if getattr(endpoint, item):
                raise UsageError('%s is given twice' % item)
            setattr(endpoint, item, True)
        elif not equals:
            addresses.append(_parse_address(item))
        elif key == 'gw':
            gateways.append(addressing.parse_ip(value, 'gw'))
        elif key == 'route':
            routes.append(_parse_route(value))
        elif key in SHAPING:
            if key in shaped:
                raise UsageError('%s= is given twice' % key)
            shaped[key] = value
        elif key in ('mac', 'mtu'):
            if getattr(endpoint, key) is not None:
                raise UsageError('%s= is given twice' % key)
            setattr(endpoint, key, addressing.parse_mac(value) if key == 'mac' else names.check_mtu(value))
        else:
            _take_key(endpoint, key, value)
    _refuse_repeats('address', [addressing.bare(address) for address in addresses])
    _refuse_repeats('gw= for one family', [addressing.family_of(gateway) for gateway in gateways])
    _refuse_repeats('route', routes)
    if shaped:
        from netnsctl.model import shaping
        endpoint.shaping = shaping.in_order(dict((key, shaping.read(key, shaped[key])) for key in shaped))
    endpoint.addresses, endpoint.gateways, endpoint.routes = tuple(addresses), tuple(gateways), tuple(routes)
    if endpoint.dhcp:
        _leave_to_dhcp(endpoint)


def _parse_address(item):
    """An item without a "=" that is none of the words."""
    try:
        return addressing.parse_address(item)
    except UsageError as error:
        raise UsageError(error.message, hint=_close_to(item, WORDS))


def _close_to(word, known):
    """The hint for a word that is not one of those known, or None."""
    import difflib  # loaded only after a typing error
    found = difflib.get_close_matches(word.lower(), known, 1, 0.7)
    return 'Did you mean %s?' % found[0] if found else None


def _take_key(endpoint, key, value):
    """An item that only this kind of anchor has, beside those of any end."""
    keys = kind_named(endpoint.target.scheme).keys if endpoint.target.is_anchor else {}
    if key not in keys:
        known = [name + '=' for name in KEYS + tuple(keys)]
        raise UsageError('unknown key %s=; known keys: %s' % (key, ' '.join(known)), hint=_close_to(key + '=', known))
    if key in dict(endpoint.data):
        raise UsageError('%s= is given twice' % key)
    endpoint.data += ((key, keys[key].read(value)),)


def _take_uplink(endpoint, key, value):
    """An item of the way out through the host."""
    from netnsctl.model.features import uplink
    pair = uplink.read_item(endpoint.target, key, value)
    if pair in endpoint.data:
        raise UsageError('%s is given twice' % shown_item(pair))
    endpoint.data = tuple(sorted(endpoint.data + (pair,)))


def _leave_to_dhcp(endpoint):
    """UsageError for what a lease says. A gateway of a route is on the link unseen: its route is there before the
    lease."""
    if endpoint.target.scheme == 'host':
        raise UsageError('dhcp cannot be given at host: the lease would add a second default route to the host',
                         hint='dhcp is for a namespace or a container.')
    if endpoint.target.scheme == 'bridge':
        raise UsageError('dhcp cannot be given at a bridge', hint='It is for the other end of the wire.')
    for what, values in (('the address ', endpoint.addresses), ('gw=', endpoint.gateways)):
        for value in values:
            if ':' not in value:
                raise UsageError('dhcp and %s%s exclude each other: the lease has an IPv4 address and a gateway'
                                 % (what, value))
    endpoint.routes = tuple(route._replace(onlink=True) if route.via and ':' not in route.via else route
                            for route in endpoint.routes)


def _parse_data(endpoint, text):
    """The items of an anchor that has no link of its own."""
    keys, found, last = kind_named(endpoint.target.scheme).keys, {}, None
    if endpoint.ifname is not None and not endpoint.target.has_port:
        raise UsageError('%s has no interface of its own: its name belongs to the other end' % endpoint.target)
    for item in [] if text is None else text.split(','):
        key, equals, value = item.partition('=')
        if not equals and item and item not in keys and last in keys and keys[last].is_list:
            key, equals, value = last, '=', item  # trunks=10,20
        last = key
        if key not in keys or bool(equals) == keys[key].is_word:
            there = ' '.join(key + '=' * (not keys[key].is_word) for key in sorted(keys)) or 'none'
            raise UsageError('%s is not an item of %s; known items: %s' % (item or 'nothing', endpoint.target, there),
                             hint='Addresses, gw=, mac= and the like belong to the other end.')
        value = keys[key].read(value)
        if key in found and (not keys[key].is_list or value in found[key]):
            raise UsageError('%s is given twice' % (key + equals + (value if keys[key].is_list else '')))
        found.setdefault(key, []).append(value)
    endpoint.data = tuple(sorted((key, value) for key in found for value in found[key] if value != keys[key].default))


def _refuse_repeats(what, items):
    if len(set(items)) != len(items):
        raise UsageError('the same %s is given twice' % what)


def _parse_route(text):
    dst, at, via = text.partition('@')
    via = addressing.parse_ip(via, 'route via') if at else None
    dst = addressing.parse_destination(dst, via)
    if via and ':' in dst and ':' not in via:
        raise UsageError('route %s: destination and gateway are of different families' % text)
    return Route(dst, via)
