"""What the host does with packets that only pass through: forwarding, rp_filter, and the FORWARD chains.

All of these have defaults that are fine for most hosts, so there is a finding only if they obstruct a recorded wire.
"""
from __future__ import absolute_import, division, print_function

import _socket as socket

from netnsctl.edge.firewall import forward_chain, letting_pass
from netnsctl.edge import netns
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.kernel.netnsdir import quote
from netnsctl.usecases.doctor.finding import LINK, WIRE, Remediation, ok, warn
from netnsctl.usecases.doctor.network.recorded import BRIDGE, host_ends, read_wires
from netnsctl.usecases.uplinks import forwarded

SHOWN = 5
_SWITCHES = {4: 'net.ipv4.ip_forward', 6: 'net.ipv6.conf.all.forwarding'}
_PLACE = '/etc/sysctl.d'


def sysctl(host, name):
    """The value of a sysctl (name with slashes, as below /proc/sys) in this namespace, or None if there is none."""
    text = host.read('/proc/sys/' + name)
    return None if text is None else text.strip()


def family_of(address):
    return 6 if ':' in address else 4


def _bare(address):
    return address.partition('/')[0]


def routed_wires(host, wires):
    """What recorded wires route through this host: [(wire's name, link of the host, far end, gateway)].

    An end whose gateway is an address of the host: of the other end, or any other.
    """
    found, own = [], None
    for record in wires:
        for link, near, far in host_ends(record):
            for gateway in far.gateways + _gateways_of_routes(far):
                if own is None:
                    own = _own_addresses()
                if gateway in [_bare(address) for address in near.addresses] or gateway in own:
                    found.append((record.name, link, far, gateway))
    return found


def _gateways_of_routes(end):
    """Gateways of default routes for which the config tree gives more than a gateway (a metric, say)."""
    return [route[1] for route in end.data.get('routes', ())
            if route[0] in ('0.0.0.0/0', '::/0') and route[1:] and route[1]]


def _own_addresses():
    try:
        here = netns.open_host()
    except NetnsctlError:
        return set()
    try:
        return set(item.address for item in here.rtnl().addresses())
    except (NetnsctlError, socket.error):
        return set()
    finally:
        here.close()


def _persist(host, names):
    """Commands that set these sysctls to 1, now and at the next boot."""
    commands = ['sysctl -w %s=1' % name for name in names]
    if host.exists(_PLACE):
        commands.append("printf '%s' >>%s/90-netnsctl.conf"
                        % (''.join('%s = 1\\n' % name for name in names), _PLACE))
    return commands


@check('forwarding', 'forwarding')
def check_forwarding(host):
    """The host forwards packets for the wires whose gateway it is."""
    values = dict((family, sysctl(host, name.replace('.', '/'))) for family, name in _SWITCHES.items())
    evidence = [(_SWITCHES[family], 'not there' if values[family] is None else values[family]) for family in (4, 6)]
    wires = read_wires(host)
    blocked = []
    for name, link, far, gateway in routed_wires(host, wires or ()):
        own = sysctl(host, 'net/ipv%d/conf/%s/forwarding' % (family_of(gateway), link))
        if (own or values[family_of(gateway)]) == '0':
            blocked.append((family_of(gateway), name, link, far, gateway))
    if not blocked:
        words = ['%s %s' % (version, 'is not there' if values[family] is None else
                            'is forwarded' if values[family] == '1' else 'is not forwarded')
                 for family, version in ((4, 'IPv4'), (6, 'IPv6'))]
        none = 'no wire needs it' if wires is not None else 'wires cannot be examined without root'
        return ok('%s; %s' % (', '.join(words), none) if '1' not in values.values() else ', '.join(words), evidence)
    evidence += [('wire %s' % name, '%s goes through %s, on link %s of the host, which does not forward IPv%d'
                  % (far.target, gateway, link, family)) for family, name, link, far, gateway in blocked[:SHOWN]]
    families = sorted(set(row[0] for row in blocked))
    prose = ('Nothing that uses the host as its gateway reaches beyond it until it forwards. On an open network, set '
             'up a firewall first.')
    if 6 in families:
        prose += (' A host that forwards IPv6 ignores router advertisements unless accept_ra of its uplink is 2 '
                  '(Linux, ip-sysctl): `netnsctl doctor accept-ra`.')
    return warn('the host is the gateway of %s and does not forward %s' % (
        _names(row[1] for row in blocked), ' and '.join('IPv%d' % family for family in families)),
        evidence, Remediation(prose, _persist(host, [_SWITCHES[family] for family in families]))
    ).about(WIRE, [row[1] for row in blocked]).about(LINK, [row[2] for row in blocked])


def _names(names):
    names = sorted(set(names))
    return '%s%s' % (', '.join(names[:3]), ', ... (%d)' % len(names) if len(names) > 3 else '')


# rp_filter

_MEANINGS = {'0': 'off', '1': 'strict', '2': 'loose'}


@check('rp-filter', 'forwarding')
def check_rp_filter(host):
    """rp_filter accepts what recorded wires bring to the host."""
    values = [(name, sysctl(host, 'net/ipv4/conf/%s/rp_filter' % name)) for name in ('all', 'default')]
    evidence = [('net.ipv4.conf.%s.rp_filter' % name, 'not there' if value is None else value)
                for name, value in values]
    bad = []
    for record in read_wires(host) or ():
        for link, near, far in host_ends(record):
            # A bridge without an address only forwards.
            if near.addresses:
                bad += [(record.name, link, address, way) for address, way in _refused(host, link, far)]
    if not bad:
        # The larger of `all` and the link's own value applies (ip-sysctl); a new link has the default.
        effective = max(value or '0' for _, value in values)
        return ok('%s for new links%s' % (
            _MEANINGS.get(effective, effective),
            ': the way back must be the link that a packet came in on' if effective == '1' else ''), evidence)
    evidence += [('wire %s' % name, '%s comes in on %s, and %s' % (address, link, way))
                 for name, link, address, way in bad[:SHOWN]]
    links = sorted(set(link for _, link, _, _ in bad))
    return warn('the host drops packets from %s: the way back is another, and rp_filter is strict'
                % _names(row[0] for row in bad), evidence,
                Remediation('Fix the route, so that the way back is the wire (`netnsctl check` names it); or, if the '
                            'two ways are intended, make rp_filter loose on that link (2 wins over 1).',
                            ['sysctl -w net/ipv4/conf/%s/rp_filter=2' % quote(link) for link in links[:SHOWN]])
                ).about(WIRE, [row[0] for row in bad]).about(LINK, links)


def _refused(host, link, far):
    """[(address, why)] of the far end's addresses that strict filtering on a link of the host drops."""
    own = [sysctl(host, 'net/ipv4/conf/%s/rp_filter' % name) for name in ('all', link)]
    if None in own or max(own) != '1':
        return []
    from netnsctl.edge.netlink import lookups
    found = []
    here = netns.open_host()
    try:
        index = here.rtnl().index_of(link)
        for address in [_bare(item) for item in far.addresses if family_of(item) == 4]:
            hop = lookups.route_to(here.rtnl(), address)
            if index is not None and (hop is None or hop.index != index):
                other = None if hop is None else here.rtnl().link(index=hop.index)
                found.append((address, 'there is no route to it' if hop is None else
                              'the route to it goes through %s' % (other.name if other else 'another link')))
    finally:
        here.close()
    return found


# The FORWARD chains

def _uplink(host):
    """The link of the default route (proc(5), /proc/net/route: destination and mask 0), or None."""
    for line in (host.read('/proc/net/route') or '').splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[1] == fields[7] == '00000000':
            return fields[0]
    return None


class _Crossing(object):
    """What recorded wires need to pass the FORWARD chains. incoming, outgoing: links, or None for any other; packet: of
    forward_chain; link: the one that a rule is about; names: of wires."""

    def __init__(self, family, incoming, outgoing, packet, link):
        self.family, self.incoming, self.outgoing, self.packet, self.link = family, incoming, outgoing, packet, link
        self.names = []

    @property
    def is_within(self):
        """Does it stay within a bridge?"""
        return self.incoming == self.outgoing

    @property
    def words(self):
        """'IPv4 from br0 to eth0'"""
        return 'IPv%d from %s to %s%s' % (self.family, self.incoming or 'elsewhere', self.outgoing or 'elsewhere', {
            forward_chain.REPLY: ', replies', forward_chain.PUBLISHED: ', for published ports'}.get(self.packet, ''))


def _crossings(host, wires):
    """What recorded wires send through the FORWARD chains, and what has to come to them there: list of _Crossing."""
    found, uplink = {}, _uplink(host)

    def add(name, link, *key):
        found.setdefault(key, _Crossing(*key + (link,))).names.append(name)

    for name, link, _, gateway in routed_wires(host, wires):
        add(name, link, family_of(gateway), link, uplink, forward_chain.NEW)
    for record in wires:
        for step in record.planned('add-nat'):
            for family in step.families:
                for _, incoming, outgoing, packet in forwarded.ways_of(step, family, uplink):
                    add(record.name, step.link, family, incoming, outgoing, packet)
        for link, near, far in host_ends(record):
            if not near.target.startswith(BRIDGE):
                continue
            for family in sorted(set(family_of(address) for address in far.addresses)):
                if _bridge_filter(host, family) == '1':
                    add(record.name, link, family, link, link, forward_chain.NEW)
    return [found[key] for key in sorted(found, key=str)]


def _bridge_filter(host, family):
    """bridge-nf-call-iptables or -ip6tables: '0', '1', or None if bridge-nf is not loaded (the module br_netfilter;
    before Linux 3.18 bridge itself)."""
    return sysctl(host, 'net/bridge/bridge-nf-call-%s' % ('iptables' if family == 4 else 'ip6tables'))


def _drops(chains, incoming, outgoing, packet=forward_chain.NEW):
    """[(Chain, Rule or None)] that drop what goes from one link to another."""
    return [(chain, rule) for chain, (verdict, rule) in
            [(chain, forward_chain.judge(chain, incoming, outgoing, packet)) for chain in chains]
            if verdict == forward_chain.DROP]


@check('forward-chain', 'forwarding', seconds=15.0)
def check_forward_chain(host):
    """No FORWARD chain drops what recorded wires send through a bridge or through the host."""
    absent = 'not loaded: iptables does not see bridged traffic'
    evidence = [('net.bridge.bridge-nf-call-%s' % name, _bridge_filter(host, family) or absent)
                for family, name in ((4, 'iptables'), (6, 'ip6tables'))]
    crossings = _crossings(host, read_wires(host) or ())
    families = set(crossing.family for crossing in crossings)
    if _bridge_filter(host, 4) == '1':
        families.add(4)
    chains = dict((family, forward_chain.read_chains(host, family)) for family in sorted(families))
    for family in sorted(families):
        evidence += [('IPv%d, %s' % (family, chain.where), 'policy %s' % chain.policy) for chain in chains[family]]
    bad = [(crossing, chain, rule) for crossing in crossings for chain, rule in
           _drops(chains[crossing.family], crossing.incoming, crossing.outgoing, crossing.packet)]
    if bad:
        return _warn_of_drops(bad, evidence)
    dropping = [chain for chain, _ in _drops(chains.get(4, ()), 'nw', 'nw')]
    if dropping and _bridge_filter(host, 4) == '1':
        return ok('bridges pass their packets to %s, which drops what no rule accepts: a wired bridge needs a rule'
                  % dropping[0].where, evidence)
    return ok('nothing that wires need is dropped' if crossings else 'no recorded wire uses one', evidence)


def _warn_of_drops(bad, evidence):
    commands, wires = [], []
    for crossing, chain, rule in bad:
        wires += crossing.names
        evidence.append((crossing.words, 'dropped by %s: %s' % (
            chain.where, 'policy %s' % chain.policy if rule is None else rule.text)))
        commands += [line for line in letting_pass.commands(
            chain, crossing.link, crossing.link if crossing.is_within else None) if line not in commands]
    through = sorted(set('%s %s' % ('bridge' if crossing.is_within else 'link', crossing.link)
                         for crossing, _, _ in bad))
    prose = ('Accept the traffic, and add the rules to the firewall configuration of this host: they do not survive a '
             'reboot. `netnsctl wire --open` puts such rules there for a wire, and `up` does again.')
    if any(crossing.is_within for crossing, _, _ in bad):
        prose += (' Or, if nothing on this host needs to filter traffic within a bridge: sysctl -w '
                  'net.bridge.bridge-nf-call-iptables=0 (and -ip6tables).')
    is_sent = any(crossing.packet == forward_chain.NEW for crossing, _, _ in bad)
    what = '%s send%s' % (_names(wires), 's' if len(set(wires)) == 1 else '') if is_sent else (
        'comes to %s' % _names(wires))
    return warn('%s drops what %s through %s' % (' and '.join(sorted(set(chain.where for _, chain, _ in bad))), what,
                                                 ', '.join(through[:3])), evidence, Remediation(prose, commands)
                ).about(WIRE, wires).about(LINK, [crossing.link for crossing, _, _ in bad])
