"""Do the two ends of a wire of the tree go together? Asked before anything is touched, and told with file and line."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import addressing, plan


def refuse_unfit(wire):
    """UsageError 'FILE:LINE: reason' where no working wire could be made of a SavedWire: what plan.validate() says,
    with the place that it is about."""
    _refuse_same_address(wire)
    message = _refusal(wire.ends[0], wire.ends[1])
    if message is None:
        return
    places = []
    for at in (0, 1):
        for where, part, rest in _parts(wire, at):
            if where not in places and _refusal(*_replaced(wire.ends, at, part, rest)) != message:
                places.append(where)
    if places:
        # Of two that do not go together, both.
        raise UsageError('%s: %s' % (places[0], ': '.join([message] + places[1:2])))
    raise UsageError('%s: %s' % (wire.where('IPADDR', 'IPADDR0', 'IPV6ADDR'), message))


def leave_to_others(wire, is_others):
    """Takes those addresses of a bridge out of its end of a SavedWire that share no network with the other end, where
    they are another wire's: the bridge's file has what any of its wires says. is_others: function of the index of an
    end and an address, is it of another wire there?"""
    wire.left = tuple(_left(wire, at, is_others) if wire.bridges[at] is not None else () for at in (0, 1))
    for end, bridge, left in zip(wire.ends, wire.bridges, wire.left):
        if left:
            end.addresses = tuple(address for address in end.addresses if address not in left)
            end.ipv6 = bridge.link.ipv6 or any(':' in address for address in end.addresses)
            end.data = tuple(pair for pair in end.data if end.addresses or pair[0] != 'nat')  # it is of the addresses


def _left(wire, at, is_others):
    """Those addresses of one end: tuple. One in nobody's network comes with a wire that is in one of the bridge."""
    end, other = wire.ends[at], wire.ends[1 - at]
    odd = [address for address in end.addresses if not shares_network(address, other)]
    families = set(addressing.family_of(address) for address in end.addresses if address not in odd)
    claimed = set(addressing.family_of(address) for address in end.addresses if odd and is_others(at, address))
    return tuple(address for address in odd if is_others(at, address) or addressing.family_of(address)
                 in claimed - families)


def shares_network(address, end):
    """Can a bridge with this address reach a link that an Endpoint (or what else has addresses and routes) describes,
    and be reached, as far as their families go?"""
    reached = plan.reached_by(end.routes)
    try:
        addressing.host_routes(end.addresses, (address,), '', reached)
        addressing.host_routes((address,), end.addresses, '')
    except UsageError:
        return False
    return True


def _refuse_same_address(wire):
    found = {}
    for at, end in enumerate(wire.ends):
        for address in end.addresses:
            bare = addressing.bare(address)
            where = wire.file_of(at).where_address(address)
            if found.setdefault(bare, (at, where))[0] != at:
                raise UsageError('%s: %s is also given at the other end: %s' % (where, bare, found[bare][1]))


def _parts(wire, at):
    """What of an end could be at fault: [(FILE:LINE, attribute of Endpoint, its value without that)]."""
    end, item = wire.ends[at], wire.interfaces[at]
    if item is None:
        return
    for attribute in ('routes', 'rules'):
        rows = getattr(end, attribute)
        for number, row in enumerate(rows):
            yield (item.rows.get(row) or item.where('GATEWAY'), attribute, rows[:number] + rows[number + 1:])
    for gateway in end.gateways:
        yield (item.where('IPV6_DEFAULTGW' if ':' in gateway else 'GATEWAY'), 'gateways',
               tuple(other for other in end.gateways if other != gateway))
    yield item.where('MTU'), 'mtu', None


def _replaced(ends, at, attribute, value):
    made = [plan.End.of(end) for end in ends]
    setattr(made[at], attribute, value)
    return made


def _refusal(a, b):
    """The message of plan.validate() for two Endpoints (or plan.End), or None."""
    try:
        plan.validate(*[end if isinstance(end, plan.End) else plan.End.of(end) for end in (a, b)])
    except UsageError as error:
        return error.message
    return None
