"""Kinds of routes and their finer words (blackhole, tos, realms, initcwnd), as `ip route add` of 2.6.32 and later takes
them. No I/O."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError

# rtnetlink.h, RTN_*; of these the kernel sends no packet anywhere, and they belong to no link.
DEAD_ENDS = {'blackhole': 6, 'unreachable': 7, 'prohibit': 8, 'throw': 9}
RTN_LOCAL = 2
TYPES = tuple(DEAD_ENDS) + ('unicast', 'reject', 'local')
# The kernel makes these by itself, with the addresses of a link.
OTHERS_TYPES = ('broadcast', 'anycast', 'multicast', 'nat', 'xresolve')
# The names that iproute2 has without its files
PROTOCOLS = {'redirect': 1, 'kernel': 2, 'boot': 3, 'static': 4}
DSFIELDS = {'default': 0}
REALMS = {'cosmos': 0, 'unknown': 0}
LOCK = 1          # rtnetlink.h, RTAX_LOCK: bits of the others
RTO_MIN = 13
CONGCTL = 16
# Word -> (RTAX_* number, name of it, factor of a time in milliseconds, or None of a plain number)
OPTIONS = {
    'mtu': (2, 'RTAX_MTU', None), 'window': (3, 'RTAX_WINDOW', None), 'rtt': (4, 'RTAX_RTT', 8),
    'rttvar': (5, 'RTAX_RTTVAR', 4), 'ssthresh': (6, 'RTAX_SSTHRESH', None), 'cwnd': (7, 'RTAX_CWND', None),
    'advmss': (8, 'RTAX_ADVMSS', None), 'reordering': (9, 'RTAX_REORDERING', None),
    'hoplimit': (10, 'RTAX_HOPLIMIT', None), 'initcwnd': (11, 'RTAX_INITCWND', None),
    'rto_min': (RTO_MIN, 'RTAX_RTO_MIN', 1), 'initrwnd': (14, 'RTAX_INITRWND', None),
    'quickack': (15, 'RTAX_QUICKACK', None), 'features': (12, 'RTAX_FEATURES', None),
    'congctl': (CONGCTL, 'RTAX_CC_ALGO', None), 'fastopen_no_cookie': (17, 'RTAX_FASTOPEN_NO_COOKIE', None)}
FEATURES = {'ecn': 1}  # RTAX_FEATURE_*
# The first Linux that has a word; those that are not here are older than 2.6.32, but for what newest() says besides.
SINCE = {'initrwnd': '2.6.34', 'quickack': '3.11', 'congctl': '4.0', 'fastopen_no_cookie': '4.15'}
# What iproute2 takes and netnsctl does not, and what to do
REFUSED = {
    'encap': 'a tunnel on the route itself is not supported: add that route by hand, or use a tunnel link',
    'nhid': 'an `ip nexthop` object cannot be part of a wire: write out its gateways, as nexthop via ADDRESS',
    'expires': 'a route that expires cannot be found again: leave it out',
    'ttl-propagate': 'only MPLS routes have it: leave it out', 'as': 'only MPLS routes have it: leave it out'}
_NUMBER = re.compile(r'(0|[1-9][0-9]{0,9})\Z')
_TIME = re.compile(r'([0-9]{1,9}(?:\.[0-9]{1,6})?)(s|secs?|ms|msecs?)\Z')
_U32 = 4294967295


def parse_type(word):
    """'reject' -> 'unreachable', 'unicast' -> None. UsageError for a type that only the kernel makes."""
    if word in OTHERS_TYPES:
        raise UsageError('type %s: the kernel makes such routes itself' % word)
    if word == 'reject':
        return 'unreachable'  # as the kernel calls what route(8) makes of it
    return word if word in DEAD_ENDS or word == 'local' else None


def parse_tos(text, names):
    """'0x10', '10' (both sixteen: it is hexadecimal to iproute2), or a name of rt_dsfield -> number, None for 0."""
    known = dict(names('rt_dsfield'), **DSFIELDS)
    if text in known:
        return known[text] or None
    if not re.match(r'(0[xX])?[0-9A-Fa-f]{1,2}\Z', text):
        raise UsageError('tos %s: not a hexadecimal number of one byte, nor a name in /etc/iproute2/rt_dsfield' % text)
    return int(text, 16) or None


def parse_protocol(text, names):
    """'static', '4' -> 4. UsageError."""
    known = dict(names('rt_protos'), **PROTOCOLS)
    if text in known:
        return known[text]
    if not _NUMBER.match(text) or int(text) > 255:
        raise UsageError('proto %s: not a number up to 255, nor a name in /etc/iproute2/rt_protos' % text)
    return int(text)


def parse_realms(text, names):
    """'[FROM/]TO', numbers or names of rt_realms -> FROM in the upper half of 32 bits, TO in the lower. UsageError."""
    known = dict(names('rt_realms'), **REALMS)
    halves = []
    for part in text.split('/'):
        if part not in known and (not _NUMBER.match(part) or int(part) > 65535):
            raise UsageError('realms %s: not [FROM/]TO, each a number up to 65535 or a name in /etc/iproute2/rt_realms'
                             % text)
        halves.append(known[part] if part in known else int(part))
    if len(halves) > 2:
        raise UsageError('realms %s: not [FROM/]TO' % text)
    return (halves[-1] | (halves[0] << 16 if len(halves) == 2 else 0)) or None


def parse_nexthops(words, dev, parse_ip):
    """The words from the first `nexthop` on, [nexthop via A [dev DEV] [weight N] [onlink]]... -> the words as they are
    kept, without dev. parse_ip: function of an address. UsageError."""
    found = []
    for hop in ' '.join(words).split('nexthop')[1:]:
        rest, via, weight, onlink = hop.split(), None, 1, False
        while rest:
            word = rest.pop(0)
            if word in ('onlink', 'pervasive'):
                onlink = onlink or word == 'onlink'
                continue
            if word not in ('via', 'dev', 'weight') or not rest:
                raise UsageError('nexthop%s: the form is via ADDRESS [dev DEV] [weight N] [onlink]' % hop)
            value = rest.pop(0)
            if word == 'via' and value in ('inet', 'inet6') and rest:
                value = rest.pop(0)
            if word == 'via':
                via = parse_ip(value)
            elif word == 'dev' and value != dev:
                raise UsageError('nexthop%s: dev can only be %s here' % (hop, dev))
            elif word == 'weight':
                weight = int(value) if _NUMBER.match(value) else 0
        if via is None or not 1 <= weight <= 256:
            raise UsageError('nexthop%s: %s' % (hop, 'no via' if via is None else 'weight is not from 1 to 256'))
        found += ['nexthop', 'via', via, 'weight', str(weight)] + (['onlink'] if onlink else [])
    return ' '.join(found)


def gateways_of(nexthops):
    """[(address, weight, onlink)] of Route.nexthops."""
    hops = [hop.split() for hop in (nexthops or '').split('nexthop ')[1:]]
    return [(hop[1], int(hop[3]), 'onlink' in hop) for hop in hops]


def realms_words(realms):
    """0x20003 -> '2/3', 3 -> '3'."""
    return '%d/%d' % (realms >> 16, realms & 0xffff) if realms >> 16 else str(realms)


def parse_option(word, value, is_locked):
    """What follows the word of OPTIONS -> the words as they are kept: 'rtt 100ms', 'mtu lock 1400'. UsageError."""
    if word == 'features':
        if value not in FEATURES or is_locked:
            raise UsageError('features %s: known: %s' % (value, ' '.join(sorted(FEATURES))))
        return 'features ' + value
    if word == 'congctl':
        if not re.match(r'[a-z][a-z0-9_-]{0,14}\Z', value):
            raise UsageError('congctl %s: not the name of a congestion control, such as cubic' % value)
        return 'congctl %s%s' % ('lock ' if is_locked else '', value)
    time = _TIME.match(value) if OPTIONS[word][2] else None
    if time is None and (not _NUMBER.match(value) or int(value) > _U32):
        raise UsageError('%s %s: not a number up to %d%s' % (word, value, _U32, ', nor a time such as 100ms'
                                                          if OPTIONS[word][2] else ''))
    if time is not None:
        milliseconds = float(time.group(1)) * (1000 if time.group(2)[0] == 's' else 1)
        value = '%dms' % int(milliseconds + 0.999999)
    elif value == '0':
        raise UsageError('%s 0: has no effect' % word)
    return '%s lock %s' % (word, value) if is_locked else '%s %s' % (word, value)


def metrics_of(options):
    """{RTAX_* number: value} that Route.options ('initcwnd 10 mtu lock 1400') stand for, LOCK among them."""
    found, lock, words = {}, 0, (options or '').split()
    while words:
        number, _, factor = OPTIONS[words.pop(0)]
        value = words.pop(0)
        if value == 'lock':
            lock |= 1 << number
            value = words.pop(0)
        if number == RTO_MIN:
            lock |= 1 << number  # the kernel heeds no other, and iproute2 locks it unasked
        if number == CONGCTL:
            found[number] = value
        elif value in FEATURES:
            found[number] = FEATURES[value]
        else:
            found[number] = int(value[:-2]) * factor if value.endswith('ms') else int(value)
    if lock:
        found[LOCK] = lock
    return found


def metric_attributes(options, mtu=None):
    """Route.options and Route.mtu as [(name of the attribute, value)], in the order of their numbers."""
    values = metrics_of(options)
    if mtu:
        values[OPTIONS['mtu'][0]] = mtu
    names = dict((number, name) for number, name, _ in OPTIONS.values())
    names[LOCK] = 'RTAX_LOCK'
    return [(names[number], values[number]) for number in sorted(values)]


def options_of(metrics):
    """The other way round, from what the kernel says of a route ({RTAX_* number: value}); None if that is nothing but
    an MTU without a lock, which Route has by itself."""
    lock, words = metrics.get(LOCK, 0), []
    for word, (number, _, _) in sorted(OPTIONS.items(), key=lambda row: row[1][0]):
        is_locked = bool(lock >> number & 1)
        if number in metrics and (word != 'mtu' or is_locked):
            value = metrics[number]
            if word == 'features':
                value = ''.join(name for name, bit in FEATURES.items() if bit == value) or value
            words.append('%s %s%s' % (word, 'lock ' if is_locked and number != RTO_MIN else '', value))
    return ' '.join(words) or None


def newest(route):
    """(the words of an AddRoute that came last to the kernel, the Linux that brought them), or None."""
    found = [(word, SINCE[word]) for word in (route.options or '').split() if word in SINCE]
    if route.is_across():
        found.append(('gateway of IPv6 for IPv4', '5.2'))
    if ':' in route.dst:
        found += [('nexthop of IPv6', '3.8')] if route.nexthops else []
        # Before that only unreachable belongs to no link, and the others ask for one.
        found += [('%s of IPv6' % route.type, '3.7')] if route.type in ('blackhole', 'prohibit', 'throw') else []
    return max(found, key=lambda item: [int(part) for part in item[1].split('.')]) if found else None
