"""DNSn, DOMAIN and RES_OPTIONS of the tree, as /etc/netns/NAME/resolv.conf, which `ip netns exec` puts over
/etc/resolv.conf.

One file per namespace, from all of its links that are up.
"""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import native
from netnsctl.edge.files import config_files
from netnsctl.edge.host import remove_temp_files
from netnsctl.errors import NetnsctlError, declared
from netnsctl.execution import signals
from netnsctl.execution.state import as_json
from netnsctl.model.ifcfg import spaces
from netnsctl.model.ifcfg.link import DHCP
from netnsctl.usecases.tree import reading
from netnsctl.usecases.tree.matching import Recorded

_FOLDER = '/etc/netns'
UNSETTLED, _NOTE = 'unsettled', 'servers.json'  # of the state
_MARK = '# Written by netnsctl from '
LEASE_MARK = _MARK + 'a DHCP lease.'  # libexec/dhcp-script


def place_of(item):
    """The resolv.conf for an interface.Interface, or None if nothing would read one: a container has its own."""
    return None if item is None else place_for(item.target)


def place_for(target):
    """The same for a Target."""
    return '%s/%s/resolv.conf' % (_FOLDER, target.name) if target.scheme == 'netns' else None


def ours(host):
    """The places of those that netnsctl wrote: list."""
    places = ['%s/%s/resolv.conf' % (_FOLDER, name) for name in host.listdir(_FOLDER)]
    return [place for place in places if _is_ours(host, place, host.read(place))]


def ours_of(host, targets):
    """The same for some Targets. NetnsctlError if one cannot be read."""
    found = []
    for place in sorted(set(place_for(target) for target in targets) - set([None])):
        text = host.read(place)
        if text is None and os.path.isfile(host.path(place)):
            raise _unread(place)
        found += [place] if _is_ours(host, place, text) else []
    return found


def _unread(place):
    return NetnsctlError('read %s: it cannot be read' % place)


def _is_ours(host, place, text):
    return (text or '').startswith(_MARK) and not os.path.islink(host.path(place))


def has_say(item):
    """Does this Interface, when it is up, affect a resolv.conf?"""
    return item.link.peerdns and bool(item.link.dns or item.link.domain or item.link.res_options
                                      or item.link.bootproto == DHCP)


def takes_servers(item):
    """Are the servers that its lease names, if it has one, to be those of its namespace (PEERDNS)?"""
    return item.link.bootproto == DHCP and item.link.peerdns


def of_interest(host, items_of):
    """Of {place: its Interfaces} those where something may be, or is to be: by one look at the directory of them
    all."""
    try:
        there = set('%s/%s/resolv.conf' % (_FOLDER, native(name)) for name in os.listdir(host.path(_FOLDER)))
    except OSError as error:
        if error.errno != errno.ENOENT:
            return items_of  # each reports its own problem
        there = ()
    return dict((place, items) for place, items in items_of.items() if items or place in there)


def text_of(items):
    """The resolv.conf from the Interfaces of one namespace, in order; '' if they give no servers."""
    items = [item for item in items
             if item.link.peerdns and (item.link.dns or item.link.domain or item.link.res_options)]
    domains, servers, options = [], [], []
    for item in items:
        options += [option for option in (item.link.res_options or '').split() if option not in options]
        domains += [domain for domain in (item.link.domain or '').split() if domain not in domains]
        servers += [server for server in item.link.dns if server not in servers]
    rows = [_MARK + ', '.join(item.place for item in items)] if items else []
    rows += ['search %s' % ' '.join(domains)] if domains else []
    rows += ['options %s' % ' '.join(options)] if options else []
    return ''.join(row + '\n' for row in rows + ['nameserver %s' % server for server in servers])


def settle(session, place, items, has_lease=False):
    """Makes a resolv.conf what the Interfaces of its namespace that are up say; where they say nothing, removes it, but
    for what a lease said of a link that is up by DHCP. has_lease: is there one that no file describes?

    A user's own file stays; if it differs from the tree, a notice says so. NetnsctlError if it cannot be read or
    written. With the lock held.
    """
    text = text_of(items)
    before = session.host.read(place)
    path = session.host.path(place)
    if before is None and os.path.isfile(path) and not os.path.islink(path):
        raise _unread(place)
    remove_temp_files(path)
    is_ours = _is_ours(session.host, place, before)
    if text and (before is None and not os.path.islink(path) or is_ours):
        if before != text:
            config_files.write(session.host, place, text)
    elif text:
        session.notices.append('%s was not written by netnsctl, and is kept; %s has settings for it' % (
            place, text.partition('\n')[0][len(_MARK):]))
    elif is_ours and not (before.startswith(LEASE_MARK)
                          and (has_lease or any(takes_servers(item) for item in items))):
        config_files.remove(session.host, place)


def settle_all(session, tree, recorded, places):
    """settle() for these places, from the wires of a Tree that are wired: ({place: its Interfaces
    that are up}, [(place, NetnsctlError)]). recorded: recognising.Recorded."""
    found, failed = dict((place, []) for place in places), []
    for wire in tree.wires:
        for item in wire.interfaces:
            place = place_of(item)
            if place in found and has_say(item) and recorded.exact(wire):
                found[place].append(item)
    found = of_interest(session.host, found)
    leased = _leased(session) if found else ()
    for place, items in sorted(found.items()):
        try:
            settle(session, place, items, place in leased)
        except Exception as error:
            failed.append((place, declared(error, 'write the name servers')))
    return found, failed


def _leased(session):
    """The places for the ends by DHCP of wires that were made without the tree: set."""
    return set(place_for(end.parsed_target()) for record in session.recorded() if record.tree is None
               for end in record.ends if end.dhcp)


def settle_of(session, targets):
    """The same after wires or files went that had ends in these Targets: the errors of what fails, and is left to the
    next command."""
    with signals.held():
        try:
            return _settle_anew(session, ours_of(session.host, targets), set(place_for(target) for target in targets))
        except NetnsctlError as error:
            return [error]


def _settle_anew(session, places, meant):
    """Settles these places: the errors of what fails. Of the places that are noted, those meant that did not fail are
    forgotten."""
    failed = []
    if places:
        tree = reading.read(session.host)
        failed = settle_all(session, tree, Recorded(session, tree.wires), places)[1]
    noted = _noted(session)
    if noted is not None:
        left = noted - (meant - set(place for place, _ in failed))
        if not left:
            session.state.remove(UNSETTLED, _NOTE)
        elif left != noted:
            session.state.write_json(UNSETTLED, _NOTE, {'places': sorted(left)})
    return [NetnsctlError('%s: %s' % (place, error.message), hint=error.hint) for place, error in failed]


def note_unsettled(session, targets):
    """Notes, before wires go that end in these Targets, that servers may have to go with them: whoever comes after a
    killed run sees to that (settle_unsettled()). With the lock held."""
    places = ours_of(session.host, targets)
    if places:
        try:
            session.state.make(UNSETTLED)
            session.state.write_json(UNSETTLED, _NOTE, {'places': sorted(set(places).union(_noted(session) or ()))})
        except NetnsctlError:
            pass  # a full disk keeps no wire up


def _noted(session):
    """The places that an earlier run failed to settle (a set), or None if it left no note."""
    text = session.state.read(UNSETTLED, _NOTE)
    if text is None:
        return None
    data = as_json(text)
    places = data.get('places') if isinstance(data, dict) else None
    return set(place for place in places if isinstance(place, str)) if isinstance(places, list) else set()


def settle_unsettled(session):
    """Settles all, where a run noted it and did not come to it. What fails is reported in a notice."""
    session.state.sweep(UNSETTLED)
    noted = _noted(session)
    if noted is not None:
        with signals.held():
            session.notices += [error.message for error in _settle_anew(session, ours(session.host), noted)]


def beyond(host, tree):
    """The places of those that netnsctl wrote, and that no file of a Tree can ask for any more: list."""
    known = set(place_of(item) for item in tree.interfaces)
    for problem in tree.problems:
        for target in [spaces.target_of_or_none(space) for space in problem.spaces]:
            known.add(target and place_for(target))
    return [place for place in ours(host) if place not in known]
