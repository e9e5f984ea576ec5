"""Decides what nat and publish need of the host: a program that translates, sysctls, and ports that nobody has."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.uplink import choosing
from netnsctl.errors import ConflictError
from netnsctl.execution import backends
from netnsctl.model.features import uplink, uplink_steps as steps
from netnsctl.usecases.uplinks import advertised, forwarded, listeners, sharing

FORWARDING = {4: 'ipv4/ip_forward', 6: 'ipv6/conf/all/forwarding'}


def settle(wiring, ends):
    """Gives the plan.Ends what the Endpoints ask of the host, and loads what undoes that. ConflictError for a port
    that another wire or a process has; NetnsctlError where nothing here translates addresses."""
    for at in (0, 1):
        data, other = wiring.endpoints[at].data, wiring.endpoints[1 - at].data
        if uplink.has_nat(data):
            ends[at].uplink = _steps(wiring, ends[at], ends[1 - at], True, other, uplink.is_open(data))
        elif uplink.ports_of(data) and not uplink.has_nat(other):
            ends[1 - at].uplink = _steps(wiring, ends[1 - at], ends[at], False, data, uplink.is_open(other))


def _steps(wiring, outer, inner, has_nat, data, is_open):
    """The operations for one wire. outer: the end at the host; inner: the other one, whose data this is."""
    backends.load('uplinks')
    ports = uplink.ports_of(data)
    released = _refuse_taken(wiring, inner, ports, uplink.is_local(data))
    nat = uplink.networks(outer, inner) if has_nat else []
    rows = [[port.protocol, port.address, port.first, port.last, ip, port.to]
            for port in ports for ip in uplink.targets(port, inner.addresses)]
    told = nat + [row[4] for row in rows]
    program, families, refused = choosing.choose(wiring.session.host, sorted(set(6 if ':' in text else 4
                                                                                 for text in told)))
    sharing.refuse_foreign(wiring.session, program, families)
    for family, why in sorted(refused.items()):
        wiring.session.notices.append('%s: IPv%d is not translated: %s' % (outer.label, family, why))
    nat = [net for net in nat if (6 if ':' in net else 4) in families]
    rows = [row for row in rows if (6 if ':' in row[4] else 4) in families]
    is_local = uplink.is_local(data) and any(':' not in row[4] for row in rows)
    dev = outer.address_dev
    # Before IPv6 is forwarded: the kernel drops what it would not hear again as soon as it is.
    wanted = advertised.wanted(wiring.session) if 6 in families else []
    wanted += [(FORWARDING[family], '1') for family in families]
    if is_local:
        wanted.append(('ipv4/conf/%s/route_localnet' % dev, '1'))
    inside = uplink.networks(outer, inner) if rows else []
    hairpin = [steps.SetHairpin('host', outer.dev)] if rows and outer.bridge else []
    rules = steps.AddNat('host', wiring.name, program, dev, nat, rows, inside, is_local,
                         sharing.fresh_tables(wiring.session, program, families))
    opened = forwarded.open_steps(wiring.session, rules) if is_open else ()
    return tuple(sharing.sysctl_steps(wiring.session, outer, wanted) + hairpin + released) + (rules,) + opened


def _refuse_taken(wiring, inner, ports, is_local):
    """ConflictError if another wire publishes one of these Ports, or a process of the host listens on it. Returns the
    operations that release those which only lost wires publish: list."""
    if not ports:
        return []
    there = [(record.name, theirs) for record in wiring.session.recorded(pending=wiring.session.group is not None)
             if record.name not in wiring.planned.gone
             for end in record.ends for theirs in uplink.ports_of(end.items)]
    there += [(name, uplink.Port(row[0], row[1], row[2], row[3], row[5])) for name, row in wiring.planned.published]
    lost = set()
    for name, theirs in there:
        for port in ports:
            if uplink.overlap(port, theirs) and not wiring.is_about(name) and name not in lost:
                from netnsctl.usecases.wires import bridging
                if bridging.is_lost(wiring, name):
                    lost.add(name)
                    continue
                raise ConflictError('%s: publish=%s: the wire %s publishes %s' % (
                    inner.label, uplink.shown(port), name, uplink.shown(theirs)), hint='netnsctl show %s' % name)
    if not wiring.options.insists:  # not with --replace: that port may be the one of sshd
        _refuse_listening(wiring, inner, ports, is_local)
    return [steps.ReleasePorts(**rules.__dict__) for name in sorted(lost)
            for rules in wiring.session.journal.load(name).planned('add-nat')]


def _refuse_listening(wiring, inner, ports, is_local):
    for port in ports:
        there = listeners.listening(wiring.session.host, port, is_local)
        if there is not None:
            raise ConflictError('%s: publish=%s: a process of this host has the %s port %d (%s)' % (
                inner.label, uplink.shown(port), port.protocol, there[1], there[0]),
                hint='It would no longer be reached. `ss -lnp` shows which it is.%s'
                     % (' --force publishes the port anyway.' if wiring.options.asks_neighbours else ''))
