"""The pool of addresses: the lowest pair first, and none that touches what is taken."""
from __future__ import absolute_import, division, print_function

import ipaddress
import time

import pytest

from netnsctl.compat import unicode_of
from netnsctl.errors import ConflictError, UsageError
from netnsctl.model.pool import Pool, parse_pool


def network(text):
    return ipaddress.ip_network(unicode_of(text), strict=False)


def test_pool_gives_the_lowest_pair_first():
    pool = Pool('198.18.0.0/15', [])
    assert pool.pair() == ('198.18.0.1/32', '198.18.0.2/32')
    assert pool.pair() == ('198.18.0.3/32', '198.18.0.4/32')


def test_pool_steps_over_what_is_taken():
    pool = Pool('198.18.0.0/15',
                           ['198.18.0.1/32', '198.18.0.6/32', '198.18.1.0/24', '0.0.0.0/0', 'fd00::/8', '10.0.0.0/8'])
    assert pool.pair() == ('198.18.0.3/32', '198.18.0.4/32')
    assert pool.pair() == ('198.18.0.7/32', '198.18.0.8/32')


def test_a_pair_that_is_given_back_fits_again():
    pairs = [Pool('198.18.0.0/24', []).pair()]
    pool = Pool('198.18.0.0/24', ['198.18.0.3/32', '198.18.0.4/32'])
    assert pool.pair() == pairs[0]
    assert pool.pair() == ('198.18.0.5/32', '198.18.0.6/32')


@pytest.mark.parametrize('text,pairs', [
    ('198.18.0.0/31', [('198.18.0.0/32', '198.18.0.1/32')]), ('198.18.0.0/30', [('198.18.0.1/32', '198.18.0.2/32')]),
    ('fd00::/127', [('fd00::/128', 'fd00::1/128')]), ('fd00::/126', [('fd00::1/128', 'fd00::2/128')]),
])
def test_a_pool_ends_with_conflict(text, pairs):
    pool = Pool(text, [])
    assert [pool.pair() for _ in pairs] == pairs
    for _ in range(2):
        with pytest.raises(ConflictError) as caught:
            pool.pair()
        assert text in caught.value.message and '--pool' in caught.value.hint


def test_a_pool_that_a_route_covers_has_no_pair():
    with pytest.raises(ConflictError):
        Pool('198.18.0.0/24', ['198.16.0.0/12']).pair()


@pytest.mark.parametrize('text', ['198.18.0.1/32', 'fd00::1', '198.18.0.1/15', 'x', '', 'fd00::/129'])
def test_a_pool_with_no_room_for_a_pair_is_refused(text):
    with pytest.raises(UsageError):
        parse_pool(text)


@pytest.mark.parametrize('text', ['0.0.0.0/0', '0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/4', '::/0',
                                  '::ffff:10.0.0.0/104', 'ff00::/8'])
def test_a_pool_whose_first_pair_no_end_may_have_is_refused(text):
    with pytest.raises(UsageError) as caught:
        parse_pool(text)
    assert 'not addresses that hosts can have' in caught.value.message


def test_thousands_of_pairs_are_disjoint_and_quick():
    pool = Pool('198.18.0.0/15', [])
    began = time.time()
    pairs = [pool.pair() for _ in range(3000)]
    assert time.time() - began < 15
    assert len(set(address for pair in pairs for address in pair)) == 6000


def test_pairs_never_touch_what_is_taken():
    hypothesis = pytest.importorskip('hypothesis')
    st = pytest.importorskip('hypothesis.strategies')
    base = int(ipaddress.ip_address(u'198.18.0.0'))
    taken = st.builds(lambda offset, size: str(ipaddress.ip_network((base + offset, size), strict=False)),
                      st.integers(-300, 600), st.integers(23, 32))

    @hypothesis.given(st.lists(taken, max_size=12), st.sampled_from([24, 25, 28, 30, 31]))
    @hypothesis.settings(max_examples=200, deadline=None)
    def pairs(busy, size):
        text = '198.18.0.0/%d' % size
        pool = Pool(text, busy)
        held = [network(item) for item in busy]
        numbers = []
        while True:
            try:
                pair = pool.pair()
            except ConflictError:
                break
            for address in pair:
                assert network(address).subnet_of(network(text)) and not any(network(address).overlaps(other)
                                                                             for other in held)
                numbers.append(int(network(address).network_address))
        assert numbers == sorted(set(numbers))

    pairs()


@pytest.mark.parametrize('pool', ['::ffff:10.0.0.0/120', '127.0.0.0/8', '224.0.0.0/8', 'ff00::/16'])
def test_a_pool_that_no_host_can_have_is_refused(pool):
    with pytest.raises(UsageError):
        parse_pool(pool)
