"""What `import netnsctl` offers: values of any type in, a result or a declared error out.

Each function takes the surplus positional arguments of its namesake as a tuple, and the keyword arguments as a dict;
the keyword `host` (an edge.Host) is for tests.
"""
from __future__ import absolute_import, division, print_function

import numbers

from netnsctl.compat import PY3, native, string_types, text_type
from netnsctl.edge import privileges
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError, UsageError, WrongTypeError
from netnsctl.execution import signals
from netnsctl.model import endpoint, names, shaping
from netnsctl.model.names import check_known_name
from netnsctl.model.pool import DEFAULT_POOL
from netnsctl.usecases.recorded import existing, inventory
from netnsctl.usecases.recorded.wire import Wire
from netnsctl.usecases.wires import making, transaction, unwiring
from netnsctl.usecases.wires.session import Session
from netnsctl.usecases.wires.wiring import Options

_WIRE = {'name': None, 'mtu': None, 'backend': 'auto', 'check': True, 'replace': False, 'force': False, 'pool': None,
         'save': False, 'open': False, 'confirm': None}
_COMPOSED = {'compose': None, 'project': None}
_SHAPE = dict(dict.fromkeys(shaping.KEYS, ()), save=False)  # (): stays as it is


class _Opened(object):
    """Context of a Session for one call. Raises NetnsctlError unless this is root."""

    def __init__(self, what, host):
        if host is None:
            privileges.require_root(what)
        self._session = Session(host)

    def __enter__(self):
        return self._session

    def __exit__(self, *_):
        with signals.held():
            self._session.close()


class _Making(_Opened):
    """The same for a call that makes a wire: if the caller does not get it, because a signal's handler raises
    something, it is removed again (session.untold)."""

    def __exit__(self, kind, *_):
        try:
            _Opened.__exit__(self)
        except BaseException:
            self._take_back()
            raise
        if kind is not None:
            self._take_back()

    def _take_back(self):
        making.take_back_interrupted(self._session)
        _Opened.__exit__(self)


def wire(a, b, extra, given):
    """See netnsctl.wire."""
    _no_extra('wire', 2, extra, hint="Pass the others by keyword: wire(a, b, name='ab')")
    host, given = _keywords('wire', given, _WIRE)
    ends = [endpoint.parse(_text('wire', key, value)) for key, value in (('a', a), ('b', b))]
    name, pool = [None if given[key] is None else _text('wire', key, given[key]) for key in ('name', 'pool')]
    flags = dict((key, _flag('wire', key, given[key])) for key in ('check', 'replace', 'force', 'save', 'open'))
    if flags['open']:
        from netnsctl.model.features import uplink
        uplink.open_way([ends], 'open=True')
    mtu = None if given['mtu'] is None else names.check_mtu(_number('wire', 'mtu', given['mtu']))
    options = Options(name, mtu, _text('wire', 'backend', given['backend']), flags['replace'],
                      pool or DEFAULT_POOL, flags['check'], flags['save'],
                      force=flags['force'] or flags['replace'], insists=flags['force'])
    seconds, waiter = given['confirm'], None
    if seconds is not None:
        from netnsctl.usecases.confirming import waiter as waiting
        from netnsctl.usecases.recorded import unconfirmed
        seconds = unconfirmed.check_seconds(_number('wire', 'confirm', seconds))
    with _Making('wire', host) as session:
        if seconds is not None:
            waiter = waiting.Waiter(session, seconds, flags['save'])
        try:
            outcome = making.wire_one(session, ends[0], ends[1], options)
        finally:
            if waiter is not None:
                waiter.close()
        failed = making.check_error(outcome)
        if failed is not None:
            session.untold = None  # the error tells of it
            raise failed
        state, remarks = inventory.look(outcome.record)
        return Wire(outcome.record, state, remarks, outcome.seconds_left)


def confirm(name, extra, given):
    """See netnsctl.confirm."""
    _no_extra('confirm', 1, extra)
    from netnsctl.usecases.confirming import keeping
    host, _ = _keywords('confirm', given)
    name = check_known_name(_name('confirm', 'name', name))
    with _Opened('confirm', host) as session:
        kept = keeping.confirm(session, [name])
    if kept.errors:
        raise kept.errors[0]
    return bool(kept.confirmed)


def unwire(name, peer, extra, given):
    """See netnsctl.unwire."""
    _no_extra('unwire', 2, extra)
    host, _ = _keywords('unwire', given)
    name = _name('unwire', 'name', name)
    if peer is None:
        check_known_name(name)
    else:
        ends = [endpoint.parse(name), endpoint.parse(_text('unwire', 'peer', peer))]
    with _Opened('unwire', host) as session:
        with session.locked():
            transaction.recover(session)
            if peer is not None:
                name = existing.joining(session, *ends)
            ended = [] if name is None else unwiring.ended_by(session, [name])
            is_gone = name is not None and unwiring.unwire(session, name)
            for error in unwiring.settle_servers(session, ended):
                raise error
            return is_gone


def wires(extra, given):
    """See netnsctl.wires."""
    _no_extra('wires', 0, extra)
    host, given = _keywords('wires', given, {'matching': None})
    pattern = given['matching']
    if pattern is not None:
        pattern = _text('wires', 'matching', pattern)
    with _Opened('wires', host) as session:
        if pattern is None:
            return inventory.wires(session)
        done, pending = session.journal.names()
        names = set(done + pending) & set([pattern])
        if set(pattern) & set('*?['):
            from fnmatch import fnmatchcase  # loads re
            names = set(name for name in done + pending if fnmatchcase(name, pattern))
        return inventory.wires(session, names) if names else []


def check(name, extra, given):
    """See netnsctl.check."""
    _no_extra('check', 1, extra)
    host, given = _keywords('check', given, {'to': None})
    name, to = _name('check', 'name', name), given['to']
    if to is not None:
        from netnsctl.model import addressing
        to = addressing.parse_far(_text('check', 'to', to), 'to')
    from netnsctl.usecases.check import checking  # which making a wire without a check has no use for
    with _Opened('check', host) as session:
        return checking.check_record(session, existing.named(session, 'check', name), to=to)


def shape(name, end, extra, given):
    """See netnsctl.shape."""
    _no_extra('shape', 2, extra, hint="Pass the others by keyword: shape(name, end, rate='10mbit')")
    from netnsctl.usecases.shaping import changing
    host, given = _keywords('shape', given, _SHAPE)
    save, name, end = _flag('shape', 'save', given['save']), _name('shape', 'name', name), _text('shape', 'end', end)
    items = ['%s=%s' % (key, shaping.NONE if given[key] is None else _text('shape', key, given[key]))
             for key in shaping.KEYS if given[key] != ()]
    if not items:
        raise UsageError('shape: nothing to change', hint='Known keywords: %s' % ' '.join(
            '%s=' % key for key in shaping.KEYS))
    with _Opened('shape', host) as session:
        with session.locked():
            transaction.recover(session)
            record = changing.change(session, name, end, items, save).record
        return Wire(record, *inventory.look(record))


def save(names, extra, given):
    """See netnsctl.save."""
    _no_extra('save', 1, extra)
    from netnsctl.usecases.tree import saving
    host, _ = _keywords('save', given)
    if names is not None:
        names = _several('save', 'names', names, _name)
    with _Opened('save', host) as session:
        with session.locked():
            transaction.recover(session)
            return saving.save(session, names)


def up(spaces, extra, given):
    """See netnsctl.up."""
    return _restore('up', spaces, extra, given)


def down(spaces, extra, given):
    """See netnsctl.down."""
    return _restore('down', spaces, extra, given)


def _restore(what, spaces, extra, given):
    from netnsctl.usecases.up_down import up_down
    _no_extra(what, 1, extra)
    host, given = _keywords(what, given, _COMPOSED)
    spaces = None if spaces is None else _several(what, 'spaces', spaces, _text)
    filename, project = [None if given[key] is None else _text(what, key, given[key]) for key in ('compose', 'project')]
    if filename is None and project is not None or filename is not None and spaces is not None:
        raise UsageError('%s: %s' % (what, 'project= goes with compose=' if filename is None else
                                     'compose= is for a file, and not for directories of the tree'))
    with _Opened(what, host) as session:
        if filename is not None:
            from netnsctl.usecases.asked import compose
            return getattr(compose, what)(session, compose.read(session.host, filename, project))
        return getattr(up_down, what)(session, spaces)


def namespaces(extra, given):
    """See netnsctl.namespaces."""
    _no_extra('namespaces', 0, extra)
    _keywords('namespaces', given)
    import errno
    from netnsctl.edge import netns_dir
    try:
        return sorted(native(name) for name in netns_dir.names())
    except OSError as error:
        if error.errno == errno.ENOENT:
            return []
        raise NetnsctlError('list %s: %s' % (netns_dir.NETNS_DIR, error.strerror))


# For the hooks of runtimes (netnsctl.plugins), which start it for a container that they hold.

def begin_container(container, lines, host=None):
    """Makes the wires of a container before its first process runs: (names of wires, notices).

    container: a usecases.starting.container.Container. lines: [WireLine] that were asked for with it, besides those of
    its directories of the tree. On any error nothing is left.
    """
    from netnsctl.usecases.starting import beginning
    with _Opened('wire a container', host) as session:
        return beginning.begin(session, container, lines), session.notices


def end_container(identity, host=None):
    """Removes the wires that begin_container() made for the container of that ID: (names of wires, notices)."""
    from netnsctl.usecases.starting import ending
    with _Opened('unwire a container', host) as session:
        return ending.end(session, identity), session.notices


def say_held(host=None):
    """For the rest of this process, a runtime holds a container while it waits for us, and answers nobody about it."""
    with _Opened('attach a container', host) as session:
        session.state.say_held()


def attach(a, b, name, has_ports, host=None):
    """Makes the wire by which a runtime attaches a container to a network: inventory.Wire. One of that name is of an
    earlier start of the container, and is removed.

    a, b: Endpoints. has_ports: does the runtime itself hold the ports that are published, so that nobody else
    does?
    """
    options = Options(name, backend='netlink', check=False, insists=has_ports)
    with _Making('attach a container', host) as session:
        with session.locked():
            transaction.recover(session)
            unwiring.unwire(session, name)
        making.wire_one(session, a, b, options)
        return [wire for wire in inventory.wires(session, [name]) if wire.name == name][0]


# Arguments are checked before anything is done with them.

def _keywords(what, given, defaults=()):
    """(host, {keyword: value or its default}). Raises WrongTypeError for an unknown keyword."""
    found = dict(defaults, host=None)
    for key in given:
        if key not in found:
            raise WrongTypeError('%s: unknown keyword %s=%s' % (what, key, '; known keywords: %s' % ', '.join(
                '%s=' % name for name in sorted(defaults)) if defaults else ''))
    found.update(given)
    host = found.pop('host')
    if host is not None and not isinstance(host, Host):
        raise _wrong(what, 'host', 'a Host', host)
    return host, found


def _no_extra(what, count, extra, hint=None):
    """WrongTypeError for more positional arguments than the function has."""
    if extra:
        raise WrongTypeError('%s: takes %d positional argument%s, but %d were given' % (
            what, count, '' if count == 1 else 's', count + len(extra)), hint=hint)


def _text(what, key, value):
    """A value that must be text, as native str."""
    if not isinstance(value, string_types):
        raise _wrong(what, key, 'text', value)
    # Printing a message that contains one would fail as well.
    if isinstance(value, text_type) and _has_lone_surrogate(value):
        raise UsageError('%s: %s: contains a lone surrogate, which cannot be encoded' % (what, key))
    return native(value)


def _has_lone_surrogate(text):
    if PY3:
        try:
            text.encode('utf-8')
            return False
        except UnicodeEncodeError:
            pass
    import re  # most texts have none; Python 2 encodes even those
    # A pair is one character in Python 2's narrow builds.
    return re.search(u'[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]', text)


def _number(what, key, value):
    """A value that must be a whole number, as int or text."""
    if isinstance(value, bool) or not isinstance(value, (numbers.Integral,) + string_types):
        raise _wrong(what, key, 'a whole number, as int or text', value)
    return int(value) if isinstance(value, numbers.Integral) else _text(what, key, value)


def _flag(what, key, value):
    if not isinstance(value, int) or value not in (0, 1):
        raise _wrong(what, key, 'True or False', value)
    return bool(value)


def _name(what, key, value):
    """The name of a wire, given as text or as the Wire."""
    if isinstance(value, Wire):
        value = value.name
    elif not isinstance(value, string_types):
        raise _wrong(what, key, 'the name of a wire, or a Wire', value)
    return _text(what, key, value)


def _several(what, key, value, read):
    """The results of `read` for one value, or for each in a list, tuple or set: list."""
    if not isinstance(value, (list, tuple, set, frozenset)):
        value = [value]
    return [read(what, key, item) for item in value]


def _wrong(what, key, wanted, value):
    return WrongTypeError('%s: %s: must be %s, not %s' % (what, key, wanted, value.__class__.__name__))
