"""What `import netnsctl` offers: values of any type in, a result or a declared error out.

Each function takes the keyword arguments of its namesake as a dict; `host` (an edge.Host) among them is for tests.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import native, string_types
from netnsctl.edge import privileges
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError, NotFoundError, WrongTypeError
from netnsctl.model import endpoint, names
from netnsctl.model.pool import DEFAULT_POOL
from netnsctl.usecases import checking, inventory, making, records, transaction, unwiring
from netnsctl.usecases.session import Session
from netnsctl.usecases.wiring import Options

_WIRE = {'name': None, 'mtu': None, 'backend': 'auto', 'check': True, 'replace': False, 'force': False, 'pool': None,
         'save': False}


class _Opened(object):
    """Context of a Session for one call. NetnsctlError unless this is root."""

    def __init__(self, what, host):
        if host is None:
            privileges.require_root(what)
        self._session = Session(host)

    def __enter__(self):
        return self._session

    def __exit__(self, *_):
        self._session.close()


def wire(a, b, extra, given):
    """See netnsctl.wire. extra: further positional arguments, which are refused."""
    if extra:
        raise WrongTypeError('wire: takes two endpoints, and %d arguments were given by position' % (2 + len(extra)),
                             hint="Give the others by keyword: wire(a, b, name='ab')")
    host, given = _keywords('wire', given, _WIRE)
    ends = [endpoint.parse(_text('wire', 'an endpoint', value)) for value in (a, b)]
    name, pool = [None if given[key] is None else _text('wire', key, given[key]) for key in ('name', 'pool')]
    flags = dict((key, _flag('wire', key, given[key])) for key in ('check', 'replace', 'force', 'save'))
    mtu = given['mtu']
    if mtu is not None:
        mtu = names.check_mtu(mtu if isinstance(mtu, int) else _text('wire', 'mtu', mtu))
    options = Options(name, mtu, _text('wire', 'backend', given['backend']), flags['replace'],
                      pool or DEFAULT_POOL, flags['check'], flags['save'],
                      force=flags['force'] or flags['replace'])
    with _Opened('wire', host) as session:
        outcome = making.wire_one(session, ends[0], ends[1], options)
        if outcome.report is not None and not outcome.report.ok:
            raise making.check_failed(outcome)
        return inventory.Wire(outcome.record, *inventory.look(outcome.record))


def unwire(name, peer, given):
    """See netnsctl.unwire."""
    host, _ = _keywords('unwire', given)
    name = _name('unwire', name)
    if peer is None:
        records.check_known_name(name)
    else:
        ends = [endpoint.parse(name), endpoint.parse(_text('unwire', 'an endpoint', peer))]
    with _Opened('unwire', host) as session:
        with session.state.locked():
            transaction.recover(session)
            if peer is not None:
                name = unwiring.find(session, *ends)
            return name is not None and unwiring.unwire(session, name)


def wires(given):
    """See netnsctl.wires."""
    host, _ = _keywords('wires', given)
    with _Opened('wires', host) as session:
        return inventory.wires(session)


def check(name, given):
    """See netnsctl.check."""
    host, _ = _keywords('check', given)
    name = records.check_known_name(_name('check', name))
    with _Opened('check', host) as session:
        record = session.journal.load(name)
        if record is None:
            raise NotFoundError('check %s: no such wire' % name)
        return checking.check_record(session, record)


def save(names, given):
    """See netnsctl.save."""
    from netnsctl.usecases.config_tree import saving
    host, _ = _keywords('save', given)
    names = None if names is None else [records.check_known_name(name) for name in _names('save', names)]
    with _Opened('save', host) as session:
        with session.state.locked():
            transaction.recover(session)
            return saving.save(session, session.journal.names()[0] if names is None else names)


def up(spaces, given):
    """See netnsctl.up."""
    return _restore('up', spaces, given)


def down(spaces, given):
    """See netnsctl.down."""
    return _restore('down', spaces, given)


def _restore(what, spaces, given):
    from netnsctl.usecases import restoring
    host, _ = _keywords(what, given)
    spaces = None if spaces is None else _names(what, spaces)
    with _Opened(what, host) as session:
        return getattr(restoring, what)(session, spaces)


def namespaces():
    """See netnsctl.namespaces."""
    import errno
    from netnsctl.edge import netns_dir
    try:
        return sorted(native(name) for name in netns_dir.names())
    except OSError as error:
        if error.errno == errno.ENOENT:
            return []
        raise NetnsctlError('list %s: %s' % (netns_dir.NETNS_DIR, error.strerror))


# What was given, looked at before anything is done with it.

def _keywords(what, given, defaults=()):
    """(host, {keyword: value or its default}). WrongTypeError for a keyword that there is not."""
    found = dict(defaults, host=None)
    for key in given:
        if key not in found:
            raise WrongTypeError('%s: no keyword %s=%s' % (what, key, ', there are %s' % ', '.join(
                '%s=' % name for name in sorted(defaults)) if defaults else ''))
    found.update(given)
    host = found.pop('host')
    if host is not None and not isinstance(host, Host):
        raise _wrong(what, 'host', 'a Host', host)
    return host, found


def _text(what, key, value):
    """A value that must be text, as native str."""
    if not isinstance(value, string_types):
        raise _wrong(what, key, 'text', value)
    try:
        return native(value)
    except UnicodeEncodeError:  # Python 2, of a lone surrogate
        raise WrongTypeError('%s: %s cannot be encoded' % (what, key))


def _flag(what, key, value):
    if not isinstance(value, int) or value not in (0, 1):
        raise _wrong(what, key, 'True or False', value)
    return bool(value)


def _name(what, value):
    """The name of a wire, given as text or as the Wire."""
    if isinstance(value, inventory.Wire):
        value = value.name
    return _text(what, 'the name of a wire', value)


def _names(what, value):
    """One name, or a list, tuple or set of them: list of text."""
    if isinstance(value, string_types) or isinstance(value, inventory.Wire):
        return [_name(what, value)]
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise _wrong(what, 'names', 'text or a list of text', value)
    return [_name(what, item) for item in value]


def _wrong(what, key, wanted, value):
    return WrongTypeError('%s: %s: must be %s, not %s' % (what, key, wanted, value.__class__.__name__))
