# -*- coding: utf-8 -*-
"""compat.printable(): what a terminal would act upon or not show is seen, and all else stays."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.compat import PY3, native, printable
from netnsctl.edge.runtimes.container import one_line

HIDDEN = [(u'a\nb', 'a\\x0ab'), (u'\x1b[31m', '\\x1b[31m'), (u'\x7f', '\\x7f'), (u'\x9b1m', '\\x9b1m'),
          (u'\xad', '\\xad'), (u'\u200b', '\\u200b'), (u'\u200d', '\\u200d'), (u'\u200e', '\\u200e'),
          (u'\u202e', '\\u202e'), (u'\u2028', '\\u2028'), (u'\u2060', '\\u2060'), (u'\u2066', '\\u2066'),
          (u'\u061c', '\\u061c'), (u'\ufeff', '\\ufeff'), (u'\ufe0f', '\\ufe0f'), (u'\u3164', '\\u3164'),
          (u'\u115f', '\\u115f'), (u'\u034f', '\\u034f'), (u'\ufff9', '\\ufff9')]


@pytest.mark.parametrize('text, shown', HIDDEN, ids=[shown for _, shown in HIDDEN])
def test_what_a_terminal_acts_upon_or_hides_is_written_out(text, shown):
    assert printable(text) == printable(native(text)) == shown
    assert printable(native(u'x' + text + u'y')) == 'x' + shown + 'y'
    assert text not in one_line(native(text))


@pytest.mark.parametrize('text', [u'', u'plain text ~!', u'\xe9', u'\u6f22\u5b57', u'\u0627\u0644', u'\u20ac \u2713'])
def test_what_can_be_seen_stays(text):
    assert printable(native(text)) == native(text) == printable(text)
    assert isinstance(printable(text), str)


def test_bytes_that_are_no_utf_8_are_written_out():
    given = native(b'a\xff\xfe') if PY3 else b'a\xc3'
    assert printable(given) in ('a\\xff\\xfe', u'a\xc3'.encode('utf-8'))


def test_twice_is_once():
    for text, _ in HIDDEN:
        assert printable(printable(text)) == printable(text)
