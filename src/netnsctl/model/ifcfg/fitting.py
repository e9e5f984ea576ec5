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
