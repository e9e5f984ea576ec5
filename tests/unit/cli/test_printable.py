# -*- coding: utf-8 -*-
"""compat.printable(): what a terminal would act upon or not show is seen, and all else stays."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.compat import native, native_tree, printable, to_bytes, unicode_tree
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


@pytest.mark.parametrize('given,shown', [
    (b'a\xff\xfe', u'a\\xff\\xfe'), (b'a\xc3', u'a\\xc3'),
    (b'\xc3\xa9, q\xff, \xf0\x9f\x90\x8d', u'\xe9, q\\xff, \U0001f40d'),
    (b'\xe2\x82 \xed x', u'\\xe2\\x82 \\xed x')])
def test_bytes_that_are_no_utf_8_are_written_out_and_all_others_stay(given, shown):
    assert printable(native(given)) == native(shown)


def test_a_name_of_any_bytes_is_the_same_after_json():
    for given in (b'q\xff', b'\xc3\xa9 \x80', b'\xed\xff\xed', b'\xe2\x82'):
        text = json.dumps(unicode_tree({'name': native(given)}))
        assert to_bytes(native_tree(json.loads(text))['name']) == given and '\\udc' in text


def test_twice_is_once():
    for text, _ in HIDDEN:
        assert printable(printable(text)) == printable(text)
