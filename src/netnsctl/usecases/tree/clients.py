"""DHCP clients of recorded wires. With a lease they do what the files say of a wire that `up` made."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import NetnsctlError
from netnsctl.usecases.ends import dhcp, leasing
from netnsctl.usecases.tree import reading, resolvers


def ask(session, found):
    """Asks for the addresses of recorded wires: {name: NetnsctlError} of those that got none."""
    return leasing.ask(session, found, lambda record, end: _settings_of(session.host, record, end))


def ask_again(session):
    """Asks for the addresses of wires that came back (session.came_back), whose clients were stopped. To be called
    without the lock. A notice tells of each that gets none."""
    found, session.came_back = session.came_back, []
    try:
        standing = [session.standing(record) for record in found]
        failed = ask(session, [record for record in standing if record is not None])
    except NetnsctlError as error:
        failed = dict.fromkeys([record.name for record in found], error)
    for name, error in sorted(failed.items()):
        session.notices.append('the wire %s is back, but %s' % (name, error.message))


def _settings_of(host, record, end):
    """The dhcp.Settings of a recorded end."""
    place, tree = resolvers.place_for(end.parsed_target()), reading.read(host) if record.tree else None
    resolv = host.path(place) if place else ''
    for item in tree.interfaces if tree else ():
        if item.place in record.tree and item.key == (end.parsed_target(), end.dev):
            has_servers = any([resolvers.place_of(other) == place and resolvers.text_of([other])
                               for other in tree.interfaces])
            return dhcp.Settings('' if has_servers or not item.link.peerdns else resolv, item.link.defroute,
                                 item.link.metric)
    return dhcp.Settings(resolv, not any(route[0] == '0.0.0.0/0' for route in end.routes))
