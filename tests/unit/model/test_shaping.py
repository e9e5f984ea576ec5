"""Shaping: items in one spelling, what they need, and the queues that they make."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import UsageError
from netnsctl.model import endpoint, shaping


def test_the_grammar_knows_the_keys():
    assert endpoint.SHAPING == shaping.KEYS


@pytest.mark.parametrize('item,canonical', [
    ('rate=10mbit', 'rate=10mbit'), ('rate=10000Kbit', 'rate=10mbit'), ('rate=1.5mbit', 'rate=1500kbit'),
    ('rate=125kbps', 'rate=1mbit'), ('rate=1000', 'rate=1kbit'), ('rate=1kibit', 'rate=1024bit'),
    ('rate=1005', 'rate=1000bit'.replace('1000bit', '1kbit')), ('rate=2.5gbit', 'rate=2500mbit'),
    ('burst=32k', 'burst=32kb'), ('burst=32kb', 'burst=32kb'), ('burst=32kbit', 'burst=4kb'),
    ('burst=1514', 'burst=1514b'), ('burst=1m', 'burst=1mb'),
    ('delay=20ms', 'delay=20ms'), ('delay=0.5s', 'delay=500ms'), ('delay=100', 'delay=100us'),
    ('delay=20msecs', 'delay=20ms'), ('jitter=1.5ms', 'jitter=1500us'),
    ('loss=1%', 'loss=1%'), ('loss=1', 'loss=1%'), ('loss=0.25%', 'loss=0.25%'), ('loss=100%', 'loss=100%'),
])
def test_an_item_has_one_spelling_in_the_units_of_tc(item, canonical):
    key, _, text = item.partition('=')
    assert key + '=' + shaping.read(key, text) == canonical
    assert shaping.read(key, canonical.partition('=')[2]) == canonical.partition('=')[2]


@pytest.mark.parametrize('key,text', [
    ('rate', ''), ('rate', '-1mbit'), ('rate', '10mbits'), ('rate', '1e9'), ('rate', '10 mbit'), ('rate', '999bit'),
    ('rate', '35gbit'), ('rate', '50%'), ('rate', '0'), ('rate', '9' * 13), ('rate', '1.1234567mbit'),
    ('burst', '0'), ('burst', '2gb'), ('burst', '10ms'), ('delay', '0'), ('delay', '0ms'), ('delay', '201s'),
    ('delay', '10m'), ('jitter', '1h'), ('loss', '0%'), ('loss', '100.1%'), ('loss', '1%%'), ('loss', 'random'),
    ('rate', '10mbit\n'), ('rate', u'\u0661mbit'), ('loss', '0.00001%'),
])
def test_what_tc_or_the_kernel_would_not_take_is_refused(key, text):
    with pytest.raises(UsageError) as caught:
        shaping.read(key, text)
    assert caught.value.message.startswith('%s=' % key)


@pytest.mark.parametrize('items,why', [
    (['burst=32kb'], 'burst= needs rate='), (['jitter=1ms'], 'jitter= needs delay='),
    (['delay=1ms', 'jitter=2ms'], 'jitter=2ms: more than delay=1ms'),
    (['rate=1gbit', 'burst=2kb'], 'burst=2kb: too small for rate=1gbit, which it would throttle'),
    (['rate=1kbit', 'burst=1mb'], 'burst=1mb: more than rate=1kbit lets through in 200 seconds'),
    (['rate=1mbit', 'rate=2mbit'], 'rate= is given twice'),
    (['mtu=1400'], 'mtu=1400 is not an item of shaping; known items: rate= burst= delay= jitter= loss='),
    (['none', 'rate=1mbit'], 'none is not an item'), (['rate'], 'rate is not an item'), ([''], 'nothing is not an'),
])
def test_items_that_make_no_sense_are_refused(items, why):
    with pytest.raises(UsageError) as caught:
        shaping.changed((), items)
    assert why in caught.value.message


def test_changing_keeps_what_is_not_mentioned_and_none_takes_off():
    pairs = shaping.changed((), ['loss=1%', 'jitter=1ms', 'delay=20ms', 'rate=1mbit', 'burst=16kb'])
    assert [key for key, _ in pairs] == list(shaping.KEYS)
    assert shaping.changed(pairs, ['rate=2mbit']) == (('rate', '2mbit'),) + pairs[1:]
    assert shaping.changed(pairs, ['loss=none']) == pairs[:-1]
    assert shaping.changed(pairs, ['none']) == ()


def test_a_burst_and_a_jitter_go_with_what_they_belong_to():
    pairs = shaping.changed((), ['jitter=1ms', 'delay=20ms', 'rate=1mbit', 'burst=16kb'])
    assert shaping.changed(pairs, ['rate=none']) == (('delay', '20ms'), ('jitter', '1ms'))
    assert shaping.changed(pairs, ['delay=none']) == (('rate', '1mbit'), ('burst', '16kb'))
    with pytest.raises(UsageError):
        shaping.changed(pairs, ['rate=none', 'burst=8kb'])


@pytest.mark.parametrize('rate', ['1kbit', '64kbit', '2mbit', '1gbit', '34gbit'])
@pytest.mark.parametrize('mtu', [576, 1500, 9000])
def test_a_burst_that_nobody_named_holds_a_packet_and_a_late_timer(rate, mtu):
    (kind, words), = shaping.queues((('rate', rate),), mtu)
    values = shaping.values_of(words)
    assert kind == 'tbf' and values['rate'] == shaping.value_of('rate', rate)
    assert values['burst'] >= mtu + 14 and values['burst'] >= values['rate'] // 8 // 100
    assert values['burst'] < values['limit'] <= 0xffffffff


def test_a_burst_smaller_than_a_packet_and_a_rate_too_low_for_one_are_refused():
    for pairs, mtu, why in (((('rate', '1mbit'), ('burst', '1kb')), 1500, 'burst=1kb: smaller than a packet'),
                            ((('rate', '1kbit'),), 65535, 'rate=1kbit: too low for packets of 65549 bytes')):
        with pytest.raises(UsageError) as caught:
            shaping.queues(pairs, mtu)
        assert why in caught.value.message


def test_netem_is_a_child_of_tbf_or_alone_and_queues_what_is_under_way():
    pairs = shaping.changed((), ['rate=100mbit', 'delay=100ms', 'jitter=10ms', 'loss=0.5%'])
    assert [kind for kind, _ in shaping.queues(pairs, 1500)] == ['tbf', 'netem']
    (kind, words), = shaping.queues(pairs[1:], 1500)
    assert kind == 'netem' and words == 'limit 10000 delay 100ms 10ms loss 0.5%'
    both = shaping.values_of(shaping.queues(pairs, 1500)[1][1])
    assert both['limit'] * 500 >= 100e6 / 8 * 0.110
    assert (both['delay'], both['jitter'], both['loss']) == (100000, 10000, 5000)


def test_an_end_has_them_as_items_in_one_order():
    end = endpoint.parse('a:A=10.1.1.1/24,loss=1%,rate=10000kbit,delay=20ms')
    assert end.shaping == (('rate', '10mbit'), ('delay', '20ms'), ('loss', '1%'))
    assert str(end) == 'a:A=10.1.1.1/24,rate=10mbit,delay=20ms,loss=1%'
    assert endpoint.parse(str(end)).shaping == end.shaping


@pytest.mark.parametrize('text,why', [
    ('a=rate=1mbit,rate=2mbit', 'rate= is given twice'), ('a=burst=1kb', 'burst= needs rate='),
    ('a=rate=fast', 'rate=fast: not a number'), ('macvlan://eth0=rate=1mbit', 'rate=1mbit is not an item of macvlan://'),
])
def test_an_endpoint_that_cannot_be_shaped_so_is_refused(text, why):
    with pytest.raises(UsageError) as caught:
        endpoint.parse(text)
    assert why in caught.value.message
