# -*- coding: utf-8 -*-
"""What is the same under every Python."""
from __future__ import absolute_import, division, print_function

import json
import sys

import pytest

from netnsctl import compat
from netnsctl.compat import native, printable


@pytest.mark.parametrize('text,shown', [
    ('', ''), ('a b', 'a b'), ('a\nb\x1b[2J', 'a\\x0ab\\x1b[2J'), (native(u'é'), native(u'é')),
    (native(u'a\u202eb'), 'a\\u202eb'),
    # click for Python 2 hands out some of its words as unicode.
    (u'Options', 'Options'), (u'é', native(u'é')), (u'a\tb', 'a\\x09b'),
])
def test_text_for_a_terminal_is_native_with_nothing_hidden_in_it(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize('number,shown', [
    (0.1, '0.1'), (1.0, '1.0'), (1795883866.6173384, '1795883866.6173384'), (0.000123, '0.000123'), (1e22, '1e+22'),
    (2.0 / 3, '0.6666666666666666'), (1795883866.0, '1795883866.0'), (12345678901234567.0, '1.2345678901234568e+16')])
def test_json_has_the_fewest_digits_that_mean_a_number(number, shown):
    text = json.dumps(compat.unicode_tree({'x': [number]}), indent=2)
    assert text.split()[3] == shown and json.loads(text)['x'] == [number]


def test_a_sha256_is_that_of_hashlib_whichever_module_makes_it(monkeypatch):
    import hashlib
    for text in ('', 'a:x 1', 'n' * 300, u'\xe9'.encode('utf-8') if sys.version_info[0] < 3 else u'\xe9'):
        assert compat.sha256_hex(text) == hashlib.sha256(compat.to_bytes(text)).hexdigest()
    for name in ('_sha2', '_sha256'):
        monkeypatch.setitem(sys.modules, name, None)
    assert compat.sha256_hex('a') == hashlib.sha256(b'a').hexdigest()


Point = compat.named_tuple('Point', 'x y')


class Measured(compat.named_tuple('Measured', 'x y unit')):
    __slots__ = ()

    def __new__(cls, x, y=0, unit='mm'):
        return tuple.__new__(cls, (x, y, unit))


def test_a_named_tuple_is_that_of_collections_as_far_as_it_goes():
    from collections import namedtuple
    theirs = namedtuple('Point', 'x y')(1, 2)
    for one in (theirs, Point(1, 2), Point(1, y=2), Point(y=2, x=1), Point(3, 2)._replace(x=1)):
        assert (one.x, one.y, one._fields) == (1, 2, ('x', 'y'))
        assert one == (1, 2) and hash(one) == hash((1, 2)) and repr(one) == 'Point(x=1, y=2)'
        with pytest.raises(AttributeError):
            one.x = 2
        with pytest.raises(ValueError):
            one._replace(z=1)
    for arguments, named in (((1,), {}), ((1, 2, 3), {}), ((1,), {'x': 2}), ((1, 2), {'y': 2}), ((1,), {'z': 2})):
        with pytest.raises(TypeError):
            Point(*arguments, **named)


def test_a_class_of_its_own_on_a_named_tuple_is_copied_and_pickled():
    import copy
    import pickle
    one = Measured(1)._replace(unit='cm')
    assert type(one) is Measured and one == (1, 0, 'cm')
    for other in [copy.copy(one), copy.deepcopy(one)] + [pickle.loads(pickle.dumps(one, kind)) for kind in (1, 2)]:
        assert type(other) is Measured and other == one and other.unit == 'cm'
    assert type(pickle.loads(pickle.dumps(Point(1, 2), pickle.HIGHEST_PROTOCOL))) is Point
