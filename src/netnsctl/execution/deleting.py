"""Deleting the links of many wires side by side.

The kernel frees a deleted link's memory only after every CPU has released it (rcu_barrier), so that each request takes
some 20 ms, nearly all of it waiting: concurrent requests wait together.
"""
from __future__ import absolute_import, division, print_function

import errno
import threading

from netnsctl.edge.netlink.rtnl import Rtnl
from netnsctl.errors import NetnsctlError
from netnsctl.execution.backends.netlink import encode
from netnsctl.execution.identity import is_certain, may_be_elsewhere
from netnsctl.execution.undoing import locate


def delete_veths(wanted):
    """Deletes veth pairs, each as undoing finds it: the set of those of which nothing is left, as places in
    `wanted`.

    wanted: list of (DeleteLink of a veth pair, {reference: Netns}); Netns may be shared. Failures are left alone: the
    ordinary way reports the cause.
    """
    gone, jobs, own, sockets = set(), [], [], set()
    try:
        for place, (inverse, namespaces) in enumerate(wanted):
            try:
                link = locate(inverse, namespaces)
                if link is None:
                    if not may_be_elsewhere(inverse, namespaces):
                        gone.add(place)
                    continue
                if not is_certain(inverse, link, namespaces[link.ns]):
                    continue
                rtnl = namespaces[link.ns].rtnl()
                if rtnl in sockets:  # two requests on one socket would wait for each other
                    with namespaces[link.ns].entered():
                        rtnl = Rtnl()
                    own.append(rtnl)
                sockets.add(rtnl)
                jobs.append((place, rtnl, encode(None, link)))
            except NetnsctlError:
                continue
        _run(jobs, gone)
        return set(place for place in gone if _is_gone(*wanted[place]))
    finally:
        for rtnl in own:
            rtnl.close()


def _is_gone(inverse, namespaces):
    """What was deleted may have been another link: a container can make one look like an end of the pair."""
    try:
        return locate(inverse, namespaces) is None
    except NetnsctlError:
        return False


def _run(jobs, gone):
    threads = []
    for job in jobs[1:]:
        thread = threading.Thread(target=_delete, args=job + (gone,))
        try:
            thread.start()
        except (RuntimeError, EnvironmentError, threading.ThreadError):
            break  # there are no more descriptors or processes: the rest goes the ordinary way
        threads.append(thread)
    if jobs:
        _delete(*(jobs[0] + (gone,)))
    for thread in threads:
        thread.join()


def _delete(place, rtnl, message, gone):
    try:
        answer = rtnl.request([message])[0]
    except Exception:
        return  # no memory, say: whatever a thread does not catch is printed as a traceback
    if answer is None or answer[0] == errno.ENODEV:
        gone.add(place)
