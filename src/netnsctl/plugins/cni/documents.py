"""The JSON that comes in and goes out. What comes in may be anything."""
from __future__ import absolute_import, division, print_function

import json

from netnsctl.compat import native, native_tree, printable, unicode_tree
from netnsctl.plugins.cni.problems import DECODING, CniError

VERSIONS = ('0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0')
BYTES = 1 << 20  # of a document
DEPTH = 32


def read(data, what):
    """The object that a JSON document (bytes) holds: dict, with every text native. CniError. what: its name."""
    if len(data) > BYTES:
        raise CniError(DECODING, '%s: longer than %d bytes' % (what, BYTES))
    try:
        found = json.loads(data.decode('utf-8'), parse_constant=_refuse)
        _check(found)
    except UnicodeDecodeError:
        raise CniError(DECODING, '%s: not UTF-8' % what)
    except ValueError as error:
        raise CniError(DECODING, '%s: not JSON: %s' % (what, printable(native(str(error)))))
    except RuntimeError:  # Python 3's RecursionError is one
        raise CniError(DECODING, '%s: nested too deeply' % what)
    if not isinstance(found, dict):
        raise CniError(DECODING, '%s: not a JSON object' % what)
    return native_tree(found)


def _refuse(word):
    raise ValueError('%s is not a number' % word)


def _check(tree):
    """ValueError for what could not be written again; RuntimeError for what is nested so deeply that no caller meant
    it."""
    left = [(tree, 0)]
    while left:
        value, depth = left.pop()
        if depth > DEPTH:
            raise RuntimeError
        if isinstance(value, float) and (value != value or value in (float('inf'), float('-inf'))):
            raise ValueError('a number is out of range')
        if isinstance(value, (dict, list)):
            items = value.values() if isinstance(value, dict) else value
            left.extend((item, depth + 1) for item in items)


def written(document):
    """The bytes of a document."""
    return json.dumps(unicode_tree(document), sort_keys=True).encode('ascii') + b'\n'


def of_error(error, version):
    """The document of a CniError. version: of the request, as far as it was read."""
    found = {'cniVersion': version if version in VERSIONS else VERSIONS[-1], 'code': error.code,
             'msg': printable(error.message)}
    if error.details:
        found['details'] = '\n'.join(printable(line) for line in error.details.splitlines())
    return found


def of_versions(asked):
    """The answer to VERSION. asked: the cniVersion on the input, or None."""
    return {'cniVersion': asked or VERSIONS[-1], 'supportedVersions': list(VERSIONS)}
