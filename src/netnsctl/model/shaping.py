"""Shaping: how what leaves an end of a wire is limited and delayed, by the queues tbf and netem, in the words of tc(8).

An end asks for it by pairs (key, text), in the order of KEYS and in one spelling each, so that equal ones compare
equal. `words` are those after `tc qdisc add ... tbf`; values are numbers: bits and bytes, microseconds, and for loss
millionths.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError

KEYS = ('rate', 'burst', 'delay', 'jitter', 'loss')
NONE = 'none'  # takes a key off, where shaping is changed
ETHERNET_HEADER = 14
LATENCY = 0.05  # seconds that a packet waits at most, as far as several packets fit in that time
BURST_SECONDS = 0.025  # a timer that is late by that much costs no rate
# A burst of less than a tick's worth throttles silently; the fastest clock of kernels without high-resolution timers.
FASTEST_HZ = 1000
RATE_RANGE = 1000, 34 * 10 ** 9  # what 32 bits of bytes a second hold
LONGEST = 200 * 10 ** 6  # 32 bits of ticks, each 64 ns, are 274 seconds

_RATES = {'': 1, 'bit': 1, 'bps': 8}
for _power, _letter in enumerate('kmgt', 1):
    _RATES.update({_letter + 'bit': 1000 ** _power, _letter + 'ibit': 1024 ** _power,
                   _letter + 'bps': 8 * 1000 ** _power, _letter + 'ibps': 8 * 1024 ** _power})
_SIZES = {'': 1, 'b': 1}
for _power, _letter in enumerate('kmg', 1):
    _SIZES.update({_letter: 1024 ** _power, _letter + 'b': 1024 ** _power, _letter + 'bit': 1024 ** _power // 8})
_TIMES = {'': 1, 'us': 1, 'usec': 1, 'usecs': 1, 'ms': 1000, 'msec': 1000, 'msecs': 1000,
          's': 10 ** 6, 'sec': 10 ** 6, 'secs': 10 ** 6}
_SHARES = {'': 10 ** 4, '%': 10 ** 4}
# key: (its units, those that it is written with, the largest first, an example)
_UNITS = {
    'rate': (_RATES, ('gbit', 'mbit', 'kbit', 'bit'), '10mbit'),
    'burst': (_SIZES, ('mb', 'kb', 'b'), '32kb'),
    'delay': (_TIMES, ('s', 'ms', 'us'), '20ms'),
    'jitter': (_TIMES, ('s', 'ms', 'us'), '5ms'),
    'loss': (_SHARES, (), '1%'),
}


def value_of(key, text):
    """The number of an item: 'rate', '10mbit' -> 10000000. UsageError."""
    units, _, example = _UNITS[key]
    import re  # `ls` reads no words
    match = re.match(r'([0-9]{1,12})(?:\.([0-9]{1,6}))?([a-z%]*)\Z', text.lower())
    if match is None or match.group(3) not in units:
        raise UsageError('%s=%s: not a number with a unit that tc knows' % (key, text),
                         hint='For example: %s=%s' % (key, example))
    whole, part, unit = match.groups()
    return (int(whole) * 10 ** 6 + int((part or '').ljust(6, '0'))) * units[unit] // 10 ** 6


def text_of(key, value):
    """The other way round, as an item has it: 'rate', 10000000 -> '10mbit'."""
    if key == 'loss':
        return ('%d.%04d' % divmod(value, 10 ** 4)).rstrip('0').rstrip('.') + '%'
    units, written, _ = _UNITS[key]
    unit = [unit for unit in written if value % units[unit] == 0][0]
    return '%d%s' % (value // units[unit], unit)


def read(key, text):
    """The text of an item in its one spelling. UsageError."""
    value = value_of(key, text)
    if key == 'rate':
        value -= value % 8  # the kernel counts bytes
        if not RATE_RANGE[0] <= value <= RATE_RANGE[1]:
            raise UsageError('rate=%s: not between 1kbit and 34gbit' % text)
    elif value == 0:
        raise UsageError('%s=%s: nothing' % (key, text), hint='Leave it out.')
    elif key == 'loss' and value > 10 ** 6:
        raise UsageError('loss=%s: more than 100%%' % text)
    elif key in ('delay', 'jitter') and value > LONGEST:
        raise UsageError('%s=%s: more than %s' % (key, text, text_of(key, LONGEST)))
    elif key == 'burst' and value > 1 << 30:
        raise UsageError('burst=%s: more than 1gb' % text)
    return text_of(key, value)


def in_order(found):
    """{key: text} -> pairs. UsageError where one makes no sense without another."""
    for key, needed in (('burst', 'rate'), ('jitter', 'delay')):
        if key in found and needed not in found:
            raise UsageError('%s= needs %s=' % (key, needed))
    if 'jitter' in found and value_of('jitter', found['jitter']) > value_of('delay', found['delay']):
        raise UsageError('jitter=%s: more than delay=%s' % (found['jitter'], found['delay']))
    if 'burst' in found:
        rate, burst = value_of('rate', found['rate']), value_of('burst', found['burst'])
        if burst * 8 * FASTEST_HZ < rate:
            raise UsageError('burst=%s: too small for rate=%s, which it would throttle' % (
                found['burst'], found['rate']), hint='At least %s.' % text_of('burst', -(-rate // 8 // FASTEST_HZ)))
        if burst * 8 * 10 ** 6 > rate * LONGEST:
            raise UsageError('burst=%s: more than rate=%s lets through in %d seconds' % (
                found['burst'], found['rate'], LONGEST // 10 ** 6))
    return tuple((key, found[key]) for key in KEYS if key in found)


def words(found):
    """{key: text}, or None, as items: list of text."""
    return ['%s=%s' % (key, found[key]) for key in KEYS if key in (found or ())]


def changed(pairs, items):
    """Pairs with other ITEMs: ['rate=2mbit', 'loss=none'] changes two keys, 'none' alone takes all off. UsageError."""
    found, seen = dict(pairs), set()
    for item in items:
        key, equals, text = item.partition('=')
        if item == NONE and len(items) == 1:
            return ()
        if key not in KEYS or not equals:
            raise UsageError('%s is not an item of shaping; known items: %s' % (
                item or 'nothing', ' '.join(key + '=' for key in KEYS)))
        if key in seen:
            raise UsageError('%s= is given twice' % key)
        seen.add(key)
        if text == NONE:
            found.pop(key, None)
        else:
            found[key] = read(key, text)
    for key, needed in (('burst', 'rate'), ('jitter', 'delay')):
        if needed not in found and needed in seen and key not in seen:
            found.pop(key, None)  # it goes with what it belongs to
    return in_order(found)


def queues(pairs, mtu):
    """What makes the shaping of a link of that MTU: [(kind, words)], each the parent of the next. UsageError."""
    values = dict((key, value_of(key, text)) for key, text in pairs)
    found, packet, rate = [], mtu + ETHERNET_HEADER, values.get('rate', 0) // 8
    if rate:
        least = 2 * packet
        burst = values.get('burst') or max(least, int(rate * BURST_SECONDS))
        if burst < packet:
            raise UsageError('burst=%s: smaller than a packet, none would get through' % dict(pairs)['burst'],
                             hint='At least %db, for the mtu %d.' % (packet, mtu))
        if burst * 10 ** 6 > rate * LONGEST:
            raise UsageError('rate=%s: too low for packets of %d bytes' % (dict(pairs)['rate'], packet))
        limit = min(burst + max(8 * packet, int(rate * LATENCY)), 0xffffffff)
        found.append(('tbf', 'rate %s burst %db limit %db' % (dict(pairs)['rate'], burst, limit)))
    if set(values) & set(('delay', 'loss')):
        waiting = (values.get('delay', 0) + values.get('jitter', 0)) / 10 ** 6 + LATENCY
        # In packets, of which many are small.
        said = ['limit', '%d' % (min(max(100, int(rate * waiting) // 500), 100000) if rate else 10000)]
        if 'delay' in values:
            said += ['delay'] + [text for key, text in pairs if key in ('delay', 'jitter')]
        if 'loss' in values:
            said += ['loss', dict(pairs)['loss']]
        found.append(('netem', ' '.join(said)))
    return found


def patience(pairs):
    """How long a few packets of an echo may need to leave a link that is shaped so: seconds."""
    values = dict((key, value_of(key, text)) for key, text in pairs)
    waits = (values.get('delay', 0) + values.get('jitter', 0)) / 10 ** 6
    return waits + (min(8 * 8192 / values['rate'], 60) if 'rate' in values else 0)


def values_of(said):
    """The values of a queue's words: {key: number}; the limit is in bytes (tbf) or in packets (netem)."""
    found, key = {}, None
    for word in said.split():
        if word[:1].isdigit():
            key = 'jitter' if key in found else key
            found[key] = int(word.rstrip('b')) if key == 'limit' else value_of(key, word)
        else:
            key = word
    return found
