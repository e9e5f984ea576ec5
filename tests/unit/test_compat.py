# -*- coding: utf-8 -*-
"""What is the same under every Python."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.compat import native, printable


@pytest.mark.parametrize('text,shown', [
    ('', ''), ('a b', 'a b'), ('a\nb\x1b[2J', 'a\\x0ab\\x1b[2J'), (native(u'é'), native(u'é')),
    (native(u'a\u202eb'), 'a\\u202eb'),
    # click for Python 2 hands out some of its words as unicode.
    (u'Options', 'Options'), (u'é', native(u'é')), (u'a\tb', 'a\\x09b'),
])
def test_text_for_a_terminal_is_native_with_nothing_hidden_in_it(text, shown):
    assert printable(text) == shown
