"""Queues of links (qdiscs): messages that make and remove those that shape, and what is there.

By hand: pyroute2's classes for them take twice as long to load as a whole wire takes. A test holds the bytes equal.

linux/pkt_sched.h, rtnetlink.h; net/sched/sch_tbf.c, sch_netem.c
"""
from __future__ import absolute_import, division, print_function

import struct

from netnsctl.edge.netlink.reading import attributes, decoded
from netnsctl.edge.netlink.writing import attribute, message

RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC = 36, 37, 38
REPLACE = 0x505  # NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE
CHANGE = 0x5
ROOT = 0xffffffff
PLACE_OF_TICKS = '/proc/net/psched'
TCA_KIND, TCA_OPTIONS, TCA_TBF_PARMS, TCA_TBF_RTAB = 1, 2, 1, 2
_CELL_LOG = 3  # of a table of 256 sizes of packets up to 2,047 bytes
_HEAD = struct.Struct('=BxxxiIII')  # struct tcmsg: family, ifindex, handle, parent, info
_RATE = struct.Struct('=BBHhHI')  # struct tc_ratespec
_TBF = struct.Struct('=12s12sIII')  # struct tc_tbf_qopt: rate, peak rate, limit, buffer (ticks), mtu
_NETEM = struct.Struct('=IIIIII')  # struct tc_netem_qopt: latency (ticks), limit, loss, gap, duplicate, jitter (ticks)


class Queue(object):
    """A queue of a link: index of the link, kind ('tbf'), handle and parent (numbers; parent ROOT: the link's own),
    values: of tbf and netem {key: number} as model.shaping.values_of() has them, else empty."""
    __slots__ = ('index', 'kind', 'handle', 'parent', 'values')


def ticks_per_microsecond():
    """The kernel's clock for queues: float. 15.625 since Linux 2.6.31."""
    try:
        with open(PLACE_OF_TICKS) as source:
            per_tick, per_unit, unit = [int(word, 16) for word in source.read().split()[:3]]
        return per_tick / per_unit * unit / 1000000
    except (EnvironmentError, ValueError, ZeroDivisionError):
        return 15.625


def number_of(handle):
    """'1:' and '1:1' -> the kernel's number."""
    major, _, minor = handle.partition(':')
    return int(major, 16) << 16 | int(minor or '0', 16)


def addition(index, kind, values, handle, parent=None):
    """The message that gives a link a queue, in place of the one there: bytes. values: model.shaping.values_of();
    parent: of a queue in another one."""
    head = _HEAD.pack(0, index, number_of(handle), number_of(parent) if parent else ROOT, 0)
    return message(RTM_NEWQDISC, REPLACE, head + attribute(TCA_KIND, kind.encode('ascii') + b'\0')
                   + attribute(TCA_OPTIONS, _OPTIONS[kind](values)))


def deletion(index):
    """The message that removes the queue of a link: bytes."""
    return message(RTM_DELQDISC, CHANGE, _HEAD.pack(0, index, 0, ROOT, 0))


def _tbf(values):
    rate, factor = values['rate'] // 8, ticks_per_microsecond()
    ticks = int(values['burst'] * 1000000 / rate * factor)
    parms = _TBF.pack(_RATE.pack(_CELL_LOG, 0, 0, -1, 0, rate), b'', values['limit'], ticks, 0)
    # How long packets of 8, 16 ... bytes take, which kernels before 3.10 need to be told.
    table = [min(int(int(1000000 * (float(number << _CELL_LOG) / rate)) * factor), ROOT) for number in range(1, 257)]
    return attribute(TCA_TBF_PARMS, parms) + attribute(TCA_TBF_RTAB, struct.pack('=256I', *table))


def _netem(values):
    factor = ticks_per_microsecond()
    return _NETEM.pack(int(values.get('delay', 0) * factor), values['limit'],
                       values.get('loss', 0) * ROOT // 1000000, 0, 0, int(values.get('jitter', 0) * factor))


_OPTIONS = {'tbf': _tbf, 'netem': _netem}


def of_links(rtnl, index=None):
    """The queues of a namespace, or of one link of it: list of Queue. KernelError."""
    own = None if index is None else struct.pack('=i', index)
    factor = ticks_per_microsecond()
    found = rtnl.dump(RTM_GETQDISC, _HEAD.pack(0, index or 0, 0, 0, 0),
                      wanted=lambda body: own is None or body[4:8] == own)
    return decoded(lambda body: _queue_of(body, factor), found)


def _queue_of(body, factor):
    queue = Queue()
    _, queue.index, queue.handle, queue.parent, _ = _HEAD.unpack_from(body)
    found = attributes(body, _HEAD.size, (TCA_KIND, TCA_OPTIONS))
    queue.kind = found.get(TCA_KIND, b'').rstrip(b'\0').decode('ascii', 'replace')
    read = _READERS.get(queue.kind)
    queue.values = read(found.get(TCA_OPTIONS, b''), factor) if read else {}
    return queue


def _tbf_values(data, factor):
    rate, _, limit, ticks, _ = _TBF.unpack_from(attributes(data, 0, (TCA_TBF_PARMS,))[TCA_TBF_PARMS])
    rate = _RATE.unpack(rate)[-1]
    return {'rate': rate * 8, 'burst': int(round(ticks / factor * rate / 1000000)), 'limit': limit}


def _netem_values(data, factor):
    delay, limit, loss, _, _, jitter = _NETEM.unpack_from(data)
    found = {'delay': int(round(delay / factor)), 'jitter': int(round(jitter / factor)),
             'loss': int(round(loss * 1000000 / ROOT))}
    found = dict((key, value) for key, value in found.items() if value)
    return dict(found, limit=limit)


_READERS = {'tbf': _tbf_values, 'netem': _netem_values}
