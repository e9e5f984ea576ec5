# -*- coding: utf-8 -*-
"""Names of wires: which may be given, and the one of a wire that was given none."""
from __future__ import absolute_import, division, print_function

import re

import pytest

from netnsctl.compat import native
from netnsctl.errors import UsageError
from netnsctl.model import endpoint
from netnsctl.model.names import check_known_name, check_wire_name, default_name, may_be_name


@pytest.mark.parametrize('name', ['w', '0', 'a:A-b:B', 'web_1.x@y+z-', 'n' * 100, '_'])
def test_names_that_a_wire_may_have(name):
    assert check_wire_name(name) == name


@pytest.mark.parametrize('name',
                         ['', '.', '..', '-w', '.w', 'a/b', 'a b', 'a\0', 'a\n b', '\x1b[1m', 'n' * 101, 'w.pending',
                                  native(u'caf\xe9'), '$(id)', '\n'])
def test_names_that_a_wire_may_not_have(name):
    with pytest.raises(UsageError):
        check_wire_name(name)


def test_a_name_with_a_line_feed_at_its_end_is_refused():
    with pytest.raises(UsageError):
        check_wire_name('w\n')


@pytest.mark.parametrize('a,b,name', [
    ('a:A=10.1.1.1/32', 'b:B', 'a:A-b:B'), ('docker://a', 'netns://b:B', 'a-b:B'),
    ('host', 'bridge://br0:p', 'host-br0:p'), ('b', 'dummy://', 'b-dummy'), ('b', 'host', 'b-host'),
])
def test_the_name_of_a_wire_that_was_given_none(a, b, name):
    assert default_name(endpoint.parse(a), endpoint.parse(b)) == name


@pytest.mark.parametrize('a', ['/proc/1/ns/net', native(u'caf\xe9'), '-x', '$(id)', 'n' * 255, 'a;b', 'x.pending'])
def test_a_name_made_of_odd_ends_is_a_fit_one_and_always_the_same(a):
    one, other = endpoint.parse(a), endpoint.parse('b')
    names = [default_name(one, other), default_name(other, one),
             default_name(endpoint.parse('_' + a[1:]), other)]
    assert len(set(names)) == 3
    # A ~ before the digest: no name that a user may give is like it.
    assert all(re.match('^[A-Za-z0-9_][A-Za-z0-9_.:@+~-]{0,99}$', name) and not name.endswith('.pending')
               for name in names)
    assert default_name(endpoint.parse(a), endpoint.parse('b')) == names[0]


def test_a_recorded_wire_may_also_have_the_name_that_was_made_of_its_ends():
    made = default_name(endpoint.parse('/proc/1/ns/net'), endpoint.parse('b'))
    assert '~' in made and check_known_name(made) == made and may_be_name(made)
    for name in (made + 'x', made[:-1], '~01234567', '../x', ''):
        assert not may_be_name(name)
