"""DHCP clients of recorded wires. With a lease they do what the files say of a wire that `up` made."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import NetnsctlError
from netnsctl.usecases.ends import dhcp, leasing
from netnsctl.usecases.tree import reading, resolvers


def ask(session, found):
    """Asks for the addresses of recorded wires: {name: NetnsctlError} of those that got none."""
    tree = reading.read(session.host) if any(record.tree for record in found) else None
    return leasing.ask(session, found, lambda record, end: _settings_of_end(session.host, tree, record, end))


def settings_of(host, item, others):
    """The dhcp.Settings of an Interface. others: the Interfaces that its resolv.conf is made from: a lease's servers
    are written nowhere where these give some, or it says PEERDNS=no."""
    place = resolvers.place_of(item)
    is_written = item.link.peerdns and place is not None and not resolvers.text_of(others)
    return dhcp.Settings(host.path(place) if is_written else '', item.link.defroute, item.link.metric)


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


def _settings_of_end(host, tree, record, end):
    """The dhcp.Settings of a recorded end. tree: the Tree, if the wire is one of its."""
    target = end.parsed_target()
    place = resolvers.place_for(target)
    for item in tree.interfaces if record.tree else ():
        if item.place in record.tree and item.key == (target, end.dev):
            return settings_of(host, item, [other for other in tree.interfaces if resolvers.place_of(other) == place])
    return dhcp.Settings(host.path(place) if place else '', not any(route[0] == '0.0.0.0/0' for route in end.routes))
