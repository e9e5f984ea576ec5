"""The DHCP clients of wires that `up` made: started in parallel, and left running if a server answered."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import netns
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.ends import dhcp, leased
from netnsctl.usecases.recorded import existing
from netnsctl.usecases.tree import clients, resolvers


def get_addresses(session, wires, servers, fail):
    """Starts a client for each end by DHCP that has none, waits for all, and ends those whose wire went meanwhile.

    To be called without the lock. wires: [(SavedWire, its record or None)]. servers: {resolv.conf: the Interfaces that
    are up in its namespace}. fail(wire, NetnsctlError) is called for each that gets no address; its wire stays.
    """
    asking = []
    try:
        for wire, record in wires:
            for at in (0, 1):
                if record is not None and wire.dhcp[at]:
                    _start(session, wire, record, at, servers, asking, fail)
        dhcp.wait([client for _, _, client in asking])
        for wire, _, client in asking:
            try:
                client.require_address()
            except NetnsctlError as error:
                fail(wire, error)
        if asking:
            _end_those_without_wire(session, asking)
    finally:
        for _, _, client in asking:
            client.close()


def _start(session, wire, record, at, servers, asking, fail):
    end = existing.ends_of(session, record, *wire.ends)[at]
    identity = record.identity(end)
    # New files may have swapped the ends since the wire was made.
    client = dhcp.Client(session, record.name, 0 if end is record.ends[0] else 1)
    try:
        is_asking = dhcp.pid_of(client.pid_file, identity, end.index) is not None
    except NetnsctlError as error:
        fail(wire, error)
        return
    if is_asking:
        if client.is_asked_for():
            _tell_of_another(session, end)
        else:
            _require_lease(wire, end, identity, fail)
        return
    opened, is_started = None, False
    asking.append((wire, record, client))  # before anything is started: a signal may come in between
    try:
        opened = netns.open_again(identity)
        if opened is not None:
            item = wire.interfaces[at]
            is_started = client.start(opened, end, clients.settings_of(
                session.host, item, servers.get(resolvers.place_of(item), ())))
            if not is_started:
                _tell_of_another(session, end)
    except NetnsctlError as error:
        fail(wire, error)
    finally:
        if opened is not None:
            opened.close()
    if not is_started:
        asking.pop()[2].close()


def _tell_of_another(session, end):
    session.notices.append('%s: another netnsctl is asking for its address' % end.place)


def _require_lease(wire, end, identity, fail):
    """Calls fail() where the client of an end runs, and the end has no address."""
    opened = netns.open_again(identity)
    if opened is None:
        return
    try:
        if not leased.has_ipv4(opened, end):
            fail(wire, NetnsctlError('%s: %s' % (end.place, dhcp.LAPSED)))
    except NetnsctlError as error:
        fail(wire, error)
    finally:
        opened.close()


def _end_those_without_wire(session, asking):
    with session.locked():
        for _, record, client in asking:
            now = session.journal.load(record.name)
            if now is None or now.id != record.id:
                client.stop_own()
