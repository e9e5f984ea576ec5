# -*- coding: utf-8 -*-
"""The JSON of netnsctl's own files is that of json, whichever module makes it."""
from __future__ import absolute_import, division, print_function

import json
import os
import sys

import pytest

from netnsctl.edge.files import json_text
from support import process
from support.program import SOURCE

VALUES = [None, True, [], {}, '', 'a', u'\xe9\u20ac\U0001f600', 'a"b\\c\n\x7f', 0, -1, 1 << 70, 0.1, 1e22,
          [1, [2, {'b': 1, 'a': None}]], {'z': 1, 'a': {'y': [], 'b': False}}, {'name': u'\udc80'}, float('inf')]


@pytest.mark.parametrize('loads,dumps', [(json_text.loads, json_text.dumps), json_text._by_json()])
@pytest.mark.parametrize('value', VALUES)
def test_a_value_is_written_and_read_as_json_does_it(value, loads, dumps):
    text = dumps(value)
    assert text == json.dumps(value, sort_keys=True)
    assert loads(text) == json.loads(text)
    assert loads(' \n\t\r' + json.dumps(value, indent=2) + '\n ') == value


@pytest.mark.parametrize('text', ['', ' ', '{', '[1,]', '{"a" 1}', '{} {}', '[1] x', 'nul', "'a'", '"a', '"\n"',
                                  u'\ufeff{}', '\0', '{1: 2}', '01', '\x0c[]'])
def test_what_is_not_json_is_a_value_error(text):
    for loads in (json_text.loads, json.loads):
        with pytest.raises(ValueError):
            loads(text)


def test_what_json_cannot_hold_is_a_type_error():
    for value in (object(), {(1, 2): 3}, [set()]):
        with pytest.raises(TypeError):
            json_text.dumps(value)


@pytest.mark.skipif(sys.version_info[0] < 3, reason='json loads no more than these there')
def test_no_more_is_loaded_than_the_c_module():
    argv = [sys.executable, '-E', '-s', '-S', '-c', 'import sys\nsys.path[:1] = [%r]\n'
            'from netnsctl.edge.files import json_text\n'
            'assert json_text.loads(json_text.dumps([1])) == [1]\n'
            'print(sorted(set(["json", "re", "enum", "collections"]) & set(sys.modules)))' % SOURCE]
    result = process.run(argv, environ=dict(os.environ))
    assert (result.status, result.out) == (0, '[]\n'), result


def test_what_is_cut_short_is_a_value_error_where_nothing_has_loaded_json():
    texts = ['{', '[1', '{"a', '"b', 'nul', '1 2']
    code = """
import sys
sys.path[:1] = [%r]
from netnsctl.edge.files import json_text
for text in %r:
    try:
        json_text.loads(text)
    except ValueError:
        print(text)
""" % (SOURCE, texts)
    result = process.run([sys.executable, '-E', '-s', '-S', '-c', code], environ=dict(os.environ))
    assert result.out.splitlines() == texts, result
