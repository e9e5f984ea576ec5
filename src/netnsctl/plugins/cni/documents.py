"""The JSON that comes in and goes out. What comes in may be anything."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import printable, unicode_tree
from netnsctl.edge.files import json_text
from netnsctl.errors import NetnsctlError, NoAnswerError, UsageError
from netnsctl.plugins import documents as incoming
from netnsctl.plugins.cni.problems import DECODING, INPUT, CniError

VERSIONS = ('0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0')


def read_all(descriptor, what):
    """All that can be read from a descriptor, as bytes. CniError, NoAnswerError."""
    try:
        return incoming.read_all(descriptor, what)
    except UsageError as error:
        raise CniError(DECODING, error.message)
    except NoAnswerError:
        raise
    except NetnsctlError as error:
        raise CniError(INPUT, error.message)


def read(data, what):
    """The object that a JSON document (bytes) holds: dict, with every text native. CniError. what: its name."""
    try:
        found = incoming.as_object(data, what)
    except UsageError as error:
        raise CniError(DECODING, error.message)
    left = [found]
    while left:
        value = left.pop()
        if isinstance(value, float) and (value != value or value in (float('inf'), float('-inf'))):
            raise CniError(DECODING, '%s: not JSON: a number is out of range' % what)  # it could not be written again
        if isinstance(value, (dict, list)):
            left.extend(value.values() if isinstance(value, dict) else value)
    return found


def written(document):
    """The bytes of a document."""
    return json_text.dumps(unicode_tree(document)).encode('ascii') + b'\n'


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
