"""Deletes the links of a wire that are left in network namespaces that have ended.

A descriptor that some process holds, or a mount, keeps such a namespace, and with it a VXLAN's ID or a MAC address that
the same wire takes when its container is back.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import monotonic
from netnsctl.edge import netns
from netnsctl.edge.nics import hidden
from netnsctl.execution.undoing import take_back

SECONDS = 1.0  # for looking at descriptors, which may be very many


def delete_left(record, home, make_backend, choice, is_recorded):
    """Deletes what is there still of a wire that was removed, and had one link, in namespaces that nothing but a
    descriptor or a mount leads to.

    record: usecases.recorded.records.Record. home: netnsctl's own Netns. make_backend(choice, {reference: Netns},
    name): a backend for these. is_recorded: see searching.delete_beyond(). What cannot be deleted stays.
    """
    found = hidden.hidden((), monotonic() + SECONDS)
    paths = dict((key, path) for key, (path, _) in found.items())
    opened = {}
    try:
        for reference, told in record.netns.items():
            there = netns.open_living(told, paths)
            if there is not None:
                opened[reference] = there
        inverses = [step for step in record.undo_operations() if step.verb == 'delete-link' and step.ns in opened]
        namespaces = dict(opened, host=home)
        if inverses:
            backend = make_backend(choice, namespaces, record.name)
            take_back(inverses, namespaces, backend, is_recorded)
    finally:
        for there in opened.values():
            there.close()
