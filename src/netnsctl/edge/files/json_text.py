"""The JSON of netnsctl's own files: what json.loads() and json.dumps(..., sort_keys=True) make of a text and a value.

By Python's module in C alone, where it has what is needed: json itself loads re, enum and functools, which takes longer
than making a wire. Python 2 has no such encoder, and uses json.
"""
from __future__ import absolute_import, division, print_function

_BLANKS = ' \t\n\r'


class _Reading(object):
    """What json.JSONDecoder() tells the scanner."""
    strict, memo = True, {}
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int
    parse_constant = staticmethod({'NaN': float('nan'), 'Infinity': float('inf'), '-Infinity': -float('inf')}.get)


def _refuse(value):
    raise TypeError('%s is not JSON' % type(value).__name__)


def _by_json():
    import json
    return json.loads, json.JSONEncoder(sort_keys=True).encode


def _by_its_c_module():
    """(loads, dumps). ImportError, AttributeError or TypeError if this Python has another one."""
    from _json import encode_basestring_ascii, make_encoder, make_scanner
    if str is bytes:
        raise ImportError('its encoder does not sort keys')
    scan = make_scanner(_Reading)
    encode = make_encoder(None, _refuse, encode_basestring_ascii, None, ': ', ', ', True, False, True)

    def loads(text):
        text = text.strip(_BLANKS)
        try:
            value, end = scan(text, 0)
        except (StopIteration, SystemError):
            # SystemError: before Python 3.12 it has the error that it should raise from json, if that is loaded.
            raise ValueError('not JSON')
        if end != len(text):
            raise ValueError('not JSON: more follows')
        return value

    def dumps(value):
        return ''.join(encode(value, 0))

    return loads, dumps


try:
    loads, dumps = _by_its_c_module()
except (ImportError, AttributeError, TypeError):
    loads, dumps = _by_json()
