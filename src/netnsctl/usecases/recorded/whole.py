"""Is what a record's file holds all that a record has to hold? A file that was damaged is found out when it is read,
and not by whoever comes upon the damage."""
from __future__ import absolute_import, division, print_function

from binascii import unhexlify

from netnsctl.model.operations import BY_VERB

_TEXT = frozenset((str, type(None)))
_REAL_TEXT = frozenset((str,))
_NUMBER = frozenset((int, type(1 << 70), type(None)))
_PLAIN = _TEXT | _NUMBER | frozenset((bool, float))
_ANY = _PLAIN | frozenset((list, dict))
# Which types a value has, by its key, in whatever part of a record: an end, what was asked for, an operation, an
# identity. What is not here may be anything.
_TYPES = dict.fromkeys(
    ('target', 'ns', 'dev', 'mac', 'bridge', 'ifname', 'label', 'path', 'name', 'to_ns', 'to_dev', 'alias', 'kind',
     'anchor', 'master', 'words', 'handle', 'parent', 'address', 'dst', 'via', 'src', 'from_', 'iif', 'oif',
     'program', 'link', 'altname', 'switch', 'stale', 'verb', 'options', 'nexthops', 'peer_ns', 'peer_dev', 'peer_mac',
     'id', 'backend', 'to', 'wire'), _TEXT)
_TYPES.update(dict.fromkeys(('mtu', 'index', 'ino', 'pid', 'cookie', 'peer_index', 'priority', 'metric', 'family',
                             'peer_mtu', 'revision'), _NUMBER))
_TYPES.update(dict.fromkeys(('scope', 'table', 'type', 'tos', 'protocol', 'fwmark', 'fwmask', 'node', 'start', 'made',
                             'value', 'group', 'vid', 'realms'), _PLAIN))
_TYPES.update(dict.fromkeys(('data', 'peer', 'publish'), frozenset((list, type(None)))))
_TYPES.update(dict.fromkeys(('addresses', 'gateways', 'own_addresses', 'routes', 'rules', 'shaping'),
                            frozenset((list,))))
_TEXTS = ('addresses', 'gateways', 'own_addresses')
# Of lists of lists: how long one is at least, and the types of what is in it (model.route.Route, model.rule.Rule).
_PAIR = 2, (_REAL_TEXT, _REAL_TEXT)
_ROWS = {'routes': (2, (_REAL_TEXT, _TEXT, _NUMBER, _TEXT, _PLAIN, _NUMBER, _PLAIN, _NUMBER, _TEXT, _NUMBER, _NUMBER,
                        _NUMBER, _TEXT, _TEXT)),
         'rules': (9, (_NUMBER, _TEXT, _TEXT, _TEXT, _TEXT, _NUMBER, _NUMBER, _NUMBER, _NUMBER, _TEXT, _NUMBER, _TEXT)),
         'data': _PAIR, 'shaping': _PAIR}
# An end, and what was asked for of it, have these at least; so has an identity (edge.netns.Netns.identity).
_END = ('target', 'ns', 'dev', 'mac', 'mtu', 'addresses', 'gateways', 'routes', 'bridge', 'own_bridge', 'index')
_ASKED = ('ifname', 'addresses', 'gateways', 'routes', 'mac', 'mtu')
_IDENTITY = ('path', 'label', 'name', 'pid', 'start', 'dev', 'ino')


def require(data):
    """KeyError, TypeError, ValueError or AttributeError for data that lacks something, or has it in another form."""
    _require_part(data, ('id', 'name', 'backend', 'made', 'plan', 'undo', 'replaces'))
    _require_text(data, 'id', 'name', 'backend')
    if type(data.get('dhcp') or []) is not list or [path for path in data.get('dhcp') or () if type(path) not in _TEXT]:
        raise TypeError('dhcp')
    for end in data['ends']:
        _require_part(end, _END)
        _require_text(end, 'target', 'ns')
        _require_lent(end.get('lent'))
        _require_part(end['asked'], _ASKED)
        for part in (end, end['asked']):
            if type(part.get('data', [])) is not list:
                raise TypeError('data')
            _require_lists(part)
        data['netns'][end['ns']]
    for identity in data['netns'].values():
        _require_identity(identity)
    for step in data['plan'] + data['undo']:
        _require_step(step)


def _require_part(part, keys):
    for key in keys:
        part[key]
    known = _TYPES.get
    for key, value in part.items():
        if type(value) not in known(key, _ANY):
            raise TypeError(key)


def _require_text(part, *keys):
    for key in keys:
        if type(part[key]) is not str:
            raise TypeError(key)


def _require_lists(part):
    """Of an end."""
    for key in _TEXTS:
        if key in part:
            for value in part[key]:
                if type(value) is not str:
                    raise TypeError(key)
    for key in _ROWS:
        if key in part:
            for row in part[key]:
                _require_row(key, row)


def _require_row(key, row):
    least, types = _ROWS[key]
    if type(row) is not list or not least <= len(row) <= len(types):
        raise TypeError(key)
    for value, known in zip(row, types):
        if type(value) not in known:
            raise TypeError(key)


def _require_identity(identity):
    for key in _IDENTITY:
        identity[key]
    _require_text(identity, 'label', 'path')
    for key in ('dev', 'ino', 'pid'):
        if type(identity[key]) not in _NUMBER:
            raise TypeError(key)


def _require_lent(was):
    """What edge.nics.saved.look() gave of a NIC, or None."""
    if was is None:
        return
    _require_text(was, 'name')
    _require_identity(was['home'])
    for key in ('addresses', 'routes'):
        for text in was[key]:
            if len(unhexlify(text)) < 8:  # a message
                raise TypeError(key)


def _require_step(step):
    """Of a plan or an undo list: an operation."""
    verb = step['verb']
    if verb not in BY_VERB:
        from netnsctl.model import earlier  # few records have any of these
        verb = earlier.renewed(step)['verb']
        if verb != step['verb']:
            return _require_part(step, ())
    kind = BY_VERB[verb]
    _require_part(step, [field for field in kind.fields if field not in kind.later])
    for row in step.get('data') or ():
        _require_row('data', row)
    peer = step.get('peer')
    if peer is not None and (len(peer) != 4 or [value for value in peer if type(value) not in _PLAIN]):
        raise TypeError('peer')
