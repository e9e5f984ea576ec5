"""Two maps compared: what came, what went, what changed between them."""
from __future__ import absolute_import, division, print_function

import errno
import json
import os
import stat

from netnsctl.compat import native_tree, open_cloexec, read_all
from netnsctl.errors import UsageError
from netnsctl.usecases.drawing import words
from netnsctl.usecases.map.looking import VERSION

FILE_BYTES = 256 << 20
CAME, WENT, CHANGED = 'came', 'went', 'changed'
_OF_A_LINK = ('kind', 'up', 'carrier', 'mtu', 'mac', 'addresses', 'master', 'peer', 'parent', 'details', 'port_state',
              'qdisc', 'alias', 'altnames', 'wire', 'vlans', 'remotes', 'shaping', 'publishes', 'network')
_OF_A_SPACE = ('names', 'containers', 'gateways', 'unread')


class Change(object):
    """change: CAME, WENT or CHANGED; what: 'namespace', 'link' or 'wire'; where: its name. Of one that changed: field,
    before, after (text; '' for none)."""
    __slots__ = ('change', 'what', 'where', 'field', 'before', 'after')

    def __init__(self, change, what, where, field=None, before=None, after=None):
        self.change, self.what, self.where = change, what, where
        self.field, self.before, self.after = field, before, after

    def to_json(self):
        return dict((key, getattr(self, key)) for key in self.__slots__ if getattr(self, key) is not None)

    def __str__(self):
        if self.change != CHANGED:
            return '%s %s %s' % ('+' if self.change == CAME else '-', self.what, self.where)
        return '~ %s %s: %s: %s -> %s' % (self.what, self.where, self.field, self.before or 'none',
                                          self.after or 'none')


def read(path):
    """The document in a file that `map --json` wrote. UsageError for what is none."""
    try:
        descriptor = open_cloexec(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, 'not a regular file')
            data = read_all(descriptor, FILE_BYTES)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise UsageError('map: read %s: %s' % (path, error.strerror))
    try:
        document = native_tree(json.loads(data.decode('utf-8')))
        if document['version'] != VERSION:
            raise ValueError('its version is %s, not %d' % (document['version'], VERSION))
        _facts(document)
    except (ValueError, TypeError, LookupError, AttributeError, RuntimeError) as error:
        cause = str(error) if isinstance(error, ValueError) and 'its version' in str(error) else 'not a map as JSON'
        raise UsageError('map: read %s: %s' % (path, cause), hint='To make one: netnsctl map --json > FILE')
    return document


def compare(before, after):
    """List of Change, what came first."""
    old, new = _facts(before), _facts(after)
    came = [Change(CAME, *key) for key in sorted(set(new) - set(old))]
    went = [Change(WENT, *key) for key in sorted(set(old) - set(new))]
    # What is in a namespace comes and goes with it.
    spaces = set(one.where for one in came + went if one.what == 'namespace')
    found = [one for one in came + went if one.what != 'link' or old.get((one.what, one.where), new.get(
        (one.what, one.where)))['space'] not in spaces]
    for key in sorted(set(old) & set(new)):
        for field in sorted(set(old[key]) | set(new[key])):
            one, other = old[key].get(field, ''), new[key].get(field, '')
            if one != other:
                found.append(Change(CHANGED, key[0], key[1], field, one, other))
    return found


def _facts(document):
    """{(what, where): {field: text}}"""
    found = {}
    for space in document['namespaces']:
        found['namespace', _name(space['id'])] = dict((field, _text(field, space[field])) for field in _OF_A_SPACE)
        for link in space['links']:
            facts = dict((field, _text(field, link[field])) for field in _OF_A_LINK if field in link)
            facts['space'] = space['id']
            found['link', '%s:%s' % (space['id'], link['name'])] = facts
    for wire in document['wires']:
        found['wire', _name(wire['name'])] = {'state': wire['state'], 'remarks': '; '.join(wire['remarks'])}
    return found


def _name(value):
    if not isinstance(value, str):
        raise TypeError('a name that is not text')
    return value


def _text(field, value):
    """A value as it is shown; of a list its items in one order."""
    if field == 'containers':
        value = ['%s://%s' % (one['runtime'], one['name']) for one in value]
    elif field == 'gateways':
        value = ['%s via %s' % (one['link'], one['via']) if one['via'] else one['link'] for one in value]
    elif field == 'publishes':
        value = [words.port_of(port) for port in value]
    elif field == 'vlans':
        return words.vlans_of(value)
    elif field in ('peer', 'parent'):
        return '%s:%s' % (value['namespace'] or '?', value['link'] or '?')
    elif field == 'details':
        value = ['%s %s' % pair for pair in value.items()]
    if isinstance(value, list):
        return ' '.join(sorted(value))
    return '' if value is None else {True: 'yes', False: 'no'}[value] if isinstance(value, bool) else '%s' % value
