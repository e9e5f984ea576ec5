"""Addresses by DHCP for wires that are just made: asked for side by side."""
from __future__ import absolute_import, division, print_function

import socket

from netnsctl.edge import netns
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.ends import dhcp


def ask(session, records, settings_of):
    """Starts a client for each end of these records that has none running, waits for all, and ends those that got no
    address: {name of a wire: NetnsctlError} of those.

    settings_of: function of a record and one of its ends, that gives the dhcp.Settings of that.
    """
    asking, failed = [], {}
    try:
        for record in records:
            for at, end in enumerate(record.ends):
                if end.dhcp:
                    _start(session, record, at, settings_of(record, end), asking, failed)
        dhcp.wait([client for _, client in asking], session.tell_waiting)
        for record, client in asking:
            try:
                client.require_address()
            except NetnsctlError as error:
                failed.setdefault(record.name, error)
    finally:
        for _, client in asking:
            client.close()
    return failed


def _start(session, record, at, settings, asking, failed):
    end, client = record.ends[at], dhcp.Client(session, record.name, at)
    try:
        if dhcp.pid_of(client.pid_file, record.identity(end), end.index) is not None:
            return
    except NetnsctlError as error:
        failed.setdefault(record.name, error)
        return
    opened, is_started = None, False
    asking.append((record, client))  # before anything is started: a signal may come in between
    try:
        opened = netns.open_again(record.identity(end))
        is_started = opened is not None and client.start(opened, end, settings)
        if not is_started:
            raise NetnsctlError('%s: no address by DHCP: %s' % (
                end.place, 'its network namespace is gone' if opened is None else 'another netnsctl asks for it'))
    except NetnsctlError as error:
        failed.setdefault(record.name, error)
    finally:
        if opened is not None:
            opened.close()
    if not is_started:
        asking.pop()[1].close()


def addresses_of(opened, index):
    """The IPv4 addresses of the link of that index in an open Netns: ['10.0.0.50/24']."""
    return ['%s/%d' % (item.address, item.prefixlen) for item in opened.rtnl().addresses(index)
            if item.family == socket.AF_INET]
