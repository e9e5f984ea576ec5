"""A recorded wire compared with what is asked for now: on the command line, or by the tree."""
from __future__ import absolute_import, division, print_function

from netnsctl.model.endpoint import shown_item
from netnsctl.model.route import Route
from netnsctl.usecases.recorded import records


def shown_route(data):
    """A route of a record as text: 'DST@VIA' as the command line has it, or where that cannot say it as iproute2."""
    if len(data) == 2:
        return '@'.join(part for part in data if part)
    return ' '.join(Route(*data).words())


def shown_rule(data):
    """A rule of a record as text, in iproute2's words."""
    from netnsctl.model.rule import Rule
    return ' '.join(Rule(*data).words())


_SHOWN = {'routes': shown_route, 'rules': shown_rule, 'data': shown_item, 'shaping': '='.join}
_CALLED = {'data': 'items'}
_OF_ALL = (['nat', 'yes'], ['open', 'yes'])  # items that it says, whichever wire asked for them
_OF_BRIDGES = ('addresses', 'data', 'ipv6')  # what the file of a bridge says of all wires to it


def differences(ends, requested, from_tree=None):
    """How recorded ends differ from what is asked for now: list of text, empty if they do not.

    ends: the two Ends; requested: the two Endpoints in the same order. What a request leaves open always matches: a MAC
    address, and for a wire made from the tree (from_tree: the Session then), the addresses if neither end has one,
    since files name those of the pool, and what a bridge has from another wire too, since its file says it of all.
    """
    found = []
    no_addresses = not any(endpoint.addresses for endpoint in requested)
    is_pooled = no_addresses and not any(endpoint.target.is_anchor for endpoint in requested)
    for end, endpoint in zip(ends, requested):
        now = records.asked_of(endpoint)
        for key in records.ASKED:
            before = end.asked(key)
            if key == 'data':
                before, now[key] = _without_consent(before), _without_consent(now[key])
            if from_tree and end.bridge and key in _OF_BRIDGES and before != now[key]:
                before = _without_what_others_asked(from_tree, end, key, before, now[key])
            if key == 'ifname' and now[key] is None or now[key] == before:
                continue
            if key == 'ipv6' and _has_ipv6(endpoint.addresses):
                continue
            if key == 'ifname' and now[key] == end.dev or key == 'mac' and now[key] is None:
                continue
            if key == 'addresses' and no_addresses and from_tree:
                continue
            found.append('%s: %s %s, asked for %s' % (end.place, _CALLED.get(key, key), shown(key, before),
                                                      'a pair from the pool' if key == 'addresses' and is_pooled
                                                      else shown(key, now[key])))
    return found


def tree_differences(session, ends, asked, is_dhcp=False, left=((), ())):
    """How recorded ends differ from Endpoints of the tree: list of (index of the end, attribute, text).

    ends: in the order of asked, or None if the record joins others. What the tree leaves open always matches: a MAC
    address, a name, and the addresses if neither end has one (nor gets one by DHCP). left: as SavedWire has it.
    """
    if ends is None:
        return [(0, 'ifname', 'the existing wire joins other ends')]
    found = []
    no_addresses = not is_dhcp and not any(end.addresses or end.target.scheme == 'bridge' for end in asked)
    for at, (end, wanted) in enumerate(zip(ends, asked)):
        now = records.asked_of(wanted)
        made = dict((key, end.made(key)) for key in now)
        if left[at]:
            _take_out(left[at], made, now)
        for key in sorted(set(now) - set(['dhcp'])):  # restoring.dhcp_ends()
            if key == 'data':
                made[key], now[key] = _without_consent(made[key]), _without_consent(now[key])
                now[key] = [item for item in now[key] if not (
                    end.bridge and item in _OF_ALL and item not in made[key] and _is_said(session, end, item[0]))]
            if key == 'addresses' and end.bridge and now[key] != made[key]:
                now[key] = _without_others(session, end, now[key], made[key])
            is_open = key == 'addresses' and no_addresses or now[key] is None and (
                key in ('mac', 'ifname') or key == 'mtu' and end.asked('mtu') is None)
            if now[key] == made[key] or is_open:
                continue
            if key != 'ipv6' or not (_has_ipv6(wanted.addresses) or end.bridge and _is_said(session, end, 'ipv6')):
                found.append((at, key, '%s: %s, but the tree says %s' % (
                    _CALLED.get(key, key), shown(key, made[key]), shown(key, now[key]))))
    return found


def _take_out(left, made, now):
    """Takes what an end at a bridge has, and files leave to other wires of it by now, out of what it was made as."""
    made['addresses'] = [address for address in made['addresses'] if address not in left]
    if not made['addresses']:
        made['data'] = [item for item in made['data'] if item in now['data'] or item != ['nat', 'yes']]
    made['ipv6'] = made['ipv6'] and (now['ipv6'] or not _has_ipv6(left))


def _has_ipv6(addresses):
    """Where there are addresses of IPv6, files say `ipv6` with them, and it changes nothing unless it was needed."""
    return any(':' in address for address in addresses)


def _is_said(session, end, word):
    """Does a wire on the bridge of an end ask for `ipv6`, `nat` or `open`? A file says it of the whole bridge."""
    from netnsctl.usecases.recorded import claiming  # few wires share a bridge
    return bool(claiming.claims(session).words.get((end.bridge, word)))


def _without_what_others_asked(session, end, key, before, now):
    """What a recorded end at a bridge was to have (the value of a key of _OF_BRIDGES), without what the bridge has from
    another wire too, and is not asked for now."""
    others = [other.asked(key) for record in session.recorded() for other in record.ends
              if other.bridge == end.bridge and other.dev != end.dev]
    if key == 'ipv6':
        return before and (now or not any(others))
    return [value for value in before if value in now or key == 'data' and value[0] == 'tag'
            or not any(value in other for other in others)]


def _without_consent(items):
    """The items of an anchor without the one that permits something, and changes nothing of the link."""
    return [item for item in items if list(item) != ['force', 'yes']]


def _without_others(session, end, wanted, made):
    """The addresses wanted on a bridge, without those that it has from another wire and not from this one."""
    from netnsctl.usecases.recorded import claiming  # few wires share a bridge
    claimed, network = claiming.claimed(session), claiming.network_of_bridge(end.bridge, end.tag)
    return [address for address in wanted if address in made
            or not getattr(claimed.get((network, address.partition('/')[0])), 'is_bridge', False)]


def shown(key, value):
    """A value of records.asked_of() as text."""
    if isinstance(value, list):
        return ', '.join(_SHOWN.get(key, str)(item) for item in value) or 'none'
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    return 'none' if value is None else str(value)
