"""What the journal says of a wire: made from a plan, compared with a request, opened again.

A record is plain data (it is JSON on disk):
    version, id (random, one a transaction), name, backend, made (seconds since the epoch), replaces (the record that
    this one takes the place of, or None)
    netns   {reference: Netns.identity()}
    ends    two of {target, asked (what the user said: ifname, addresses, gateways, routes, mac, mtu, rules, scope), ns,
            dev, mac, mtu, addresses, gateways, routes, bridge, own_bridge, index (None until the link is there), rules
            (with the priorities they got), scope, own_addresses (of the bridge, that netnsctl put there)}; rules, scope
            and own_addresses are missing in earlier records
    plan    the operations that made it;  undo: what takes it away
    tree    of a wire that `up` made: the files that describe it
    dhcp    of a wire that `up` made: for each end the file with the PID of its DHCP client, or None
"""
from __future__ import absolute_import, division, print_function

import re
import time

from netnsctl.compat import random_hex, sha256_hex
from netnsctl.edge import netns
from netnsctl.execution.journal import VERSION
from netnsctl.model import operations
from netnsctl.model.endpoint import Endpoint, Target
from netnsctl.model.names import WIRE_NAME, check_wire_name
from netnsctl.model.route import Route

# Targets whose meaning can change while what they meant lives on: usecases.meaning.
RENAMING = ('docker://', 'podman://')
# What records lack that an earlier netnsctl wrote.
_LACKING = {'rules': [], 'scope': None}
_ASKED = ('ifname', 'addresses', 'gateways', 'routes', 'mac', 'mtu', 'rules', 'scope')


def check_known_name(name):
    """UsageError unless a recorded wire can have this name: one that check_wire_name() takes, or that
    default_name() makes."""
    plain, _, digest = name.partition('~')
    if digest and not re.match(r'[0-9a-f]{8}\Z', digest):
        plain = name
    check_wire_name(plain)
    return name


def default_name(a, b):
    """The name of a wire between two Endpoints that was given none: 'a:A-b:B'.

    The same ends always give the same name.
    """
    text = '-'.join([(end.target.name or 'host') + (':' + end.ifname if end.ifname else '') for end in (a, b)])
    if WIRE_NAME.match(text) and not text.endswith('.pending'):
        return text
    name = re.sub(r'[^A-Za-z0-9_.:@+-]', '_', text.lstrip('/'))
    return '%s~%s' % (name[:80].lstrip('-.:@+') or 'wire', sha256_hex(text)[:8])


def asked_of(endpoint):
    """What an Endpoint asks for, as plain data that compares equal after a round through JSON."""
    asked = dict((key, getattr(endpoint, key)) for key in _ASKED)
    asked['addresses'] = sorted(asked['addresses'])
    asked['gateways'] = sorted(asked['gateways'])
    for key in ('routes', 'rules'):
        asked[key] = sorted((item.record() for item in asked[key]), key=_order)
    return asked


def _order(data):
    """A key to sort lists by that hold None beside text and numbers."""
    return ['' if item is None else str(item) for item in data]


def make_record(name, backend, namespaces, ends, plan, undo):
    """A new record. ends: [(canonical Target, Endpoint, plan.End)] twice. plan, undo: operations."""
    return {
        'version': VERSION, 'id': random_hex(8), 'name': name, 'backend': backend, 'made': time.time(),
        'replaces': None,
        'netns': dict((reference, opened.identity()) for reference, opened in namespaces.items()),
        'ends': [_end_record(*end) for end in ends],
        'plan': [operation.record() for operation in plan],
        'undo': [operation.record() for operation in undo],
    }


def _end_record(target, endpoint, end):
    return {'target': str(target), 'asked': asked_of(endpoint), 'ns': end.ns, 'dev': end.dev, 'mac': end.mac,
            'mtu': end.mtu, 'addresses': list(end.addresses), 'gateways': list(end.gateways),
            'routes': [route.record() for route in end.routes],
            'bridge': end.bridge, 'own_bridge': end.own_bridge or end.new_bridge, 'index': None,
            'rules': [rule.record() for rule in end.rules], 'scope': end.scope,
            'own_addresses': list(end.own_addresses)}


def place(end):
    """'docker://a:A' of an end's record."""
    return '%s:%s' % (end['target'], end['dev'])


def own_addresses(record, end):
    """Addresses of an end's bridge that netnsctl put there: list. Earlier records say it by their plan alone."""
    if not end['bridge']:
        return []
    if 'own_addresses' in end:
        return end['own_addresses']
    return [step['address'] for step in record['plan']
            if step['verb'] == 'add-address' and step['dev'] == end['bridge']]


def has_default_name(record):
    """Has a wire the name that default_name() makes of its ends?"""
    ends = []
    for end in record['ends']:
        ends.append(Endpoint(Target.parse(end['target']), end['asked']['ifname']))
    return record['name'] in (default_name(*ends), default_name(*reversed(ends)))


def undo_operations(record):
    """The undo list of a record as operations; a delete-veth knows the indexes of its ends, where the record does."""
    indexes = dict(((end['ns'], end['dev']), end['index']) for end in record['ends'])
    found = []
    for data in record['undo']:
        if data['verb'] == 'delete-veth':
            data = dict(data, index=indexes.get((data['ns'], data['dev'])),
                        peer_index=indexes.get((data['peer_ns'], data['peer_dev'])))
        found.append(operations.from_record(data))
    return tuple(found)


def plan_operations(record):
    """The plan of a record as operations."""
    return tuple(operations.from_record(data) for data in record['plan'])


def open_namespaces(record, home=None):
    """{reference: Netns} of those namespaces of a record that are still the same ones. The caller closes them.

    home: netnsctl's own namespace, to be used where that is meant instead of opening it again.
    """
    found = {}
    try:
        for reference, identity in record['netns'].items():
            if home is not None and identity['label'] == home.label and home.is_the_same_as(identity):
                found[reference] = home
                continue
            opened = netns.open_again(identity)
            if opened is not None:
                found[reference] = opened
    except BaseException:
        close_all(found, home)
        raise
    return found


def close_all(namespaces, home=None):
    """Closes every Netns of a {reference: Netns} but home."""
    for opened in namespaces.values():
        if opened is not home:
            opened.close()


def matches(record, a, b):
    """Does a record speak of these two Endpoints, in either order? Items are not looked at.

    Returns the ends of the record in the order of (a, b), or None.
    """
    first, second = record['ends']
    for ends in ((first, second), (second, first)):
        if all(_same_place(end, endpoint) for end, endpoint in zip(ends, (a, b))):
            return ends
    return None


def ends_at(record, endpoint):
    """Has a record an end where an Endpoint says? Items are not looked at."""
    return any(_same_place(end, endpoint) for end in record['ends'])


def _same_place(end, endpoint):
    target = endpoint.target
    if target.scheme is None:
        same = Target.parse(end['target']).name == target.name
    else:
        same = end['target'] == str(target)
    return same and endpoint.ifname in (None, end['dev'])


def differences(ends, requested, from_tree=False):
    """How recorded ends differ from what is asked for now: list of text, empty where they do not.

    ends: two end records; requested: the two Endpoints in the same order. What a request leaves open may be anything: a
    MAC address; and, of a wire that was made from the tree (which names those of the pool), the addresses.
    """
    found = []
    no_addresses = not any(endpoint.addresses for endpoint in requested)
    for end, endpoint in zip(ends, requested):
        now = asked_of(endpoint)
        for key in _ASKED:
            before = end['asked'].get(key, _LACKING.get(key))
            if key == 'ifname' and now[key] is None or now[key] == before:
                continue
            if key == 'ifname' and now[key] == end['dev'] or key == 'mac' and now[key] is None:
                continue
            if key == 'addresses' and no_addresses and from_tree:
                continue
            found.append('%s: %s %s, asked for %s' % (place(end), key, _shown(key, before), _shown(key, now[key])))
    return found


def shown_route(data):
    """A route of a record as text: 'DST@VIA' as the command line has it, or where that cannot say it as iproute2."""
    if len(data) == 2:
        return '@'.join(part for part in data if part)
    return ' '.join(Route(*data).words())


def shown_rule(data):
    """A rule of a record as text, in iproute2's words."""
    from netnsctl.model.routing import Rule
    return ' '.join(Rule(*data).words())


_SHOWN = {'routes': shown_route, 'rules': shown_rule}


def _shown(key, value):
    if isinstance(value, list):
        return ', '.join(_SHOWN.get(key, str)(item) for item in value) or 'none'
    return 'none' if value is None else str(value)


def effective(end):
    """What a recorded end is, where asked_of() is what was asked for: the same keys, with all that was decided then."""
    made = dict((key, end.get(key, _LACKING.get(key))) for key in _ASKED if key != 'ifname')
    made['ifname'] = end['dev']
    made['addresses'], made['gateways'] = sorted(made['addresses']), sorted(made['gateways'])
    # Rules as they were asked for: the kernel gave those without a priority one.
    made['rules'] = end['asked'].get('rules', [])
    made['routes'] = sorted(made['routes'], key=_order)
    return made


def shown(key, value):
    """A value of asked_of() or effective() as text."""
    return _shown(key, value)
