"""The messages that make and remove queues are pyroute2's, byte for byte."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.netlink import pyroute2_messages, queues
from netnsctl.model import shaping


def options(kind, values):
    factor = queues.ticks_per_microsecond()
    if kind == 'tbf':
        rate = values['rate'] // 8
        ticks = int(values['burst'] * 1000000 / rate * factor)
        return {'attrs': [['TCA_TBF_PARMS', {'rate': rate, 'mtu': 0, 'buffer': ticks, 'limit': values['limit']}],
                          ['TCA_TBF_RTAB', True]]}
    return {'delay': int(values.get('delay', 0) * factor), 'jitter': int(values.get('jitter', 0) * factor),
            'limit': values['limit'], 'loss': values.get('loss', 0) * queues.ROOT // 1000000, 'gap': 0,
            'duplicate': 0, 'attrs': []}


@pytest.mark.parametrize('said', [
    (('rate', '1mbit'),), (('rate', '64kbit'), ('burst', '10kb')), (('rate', '10gbit'),), (('delay', '20ms'),),
    (('delay', '100ms'), ('jitter', '10ms'), ('loss', '1.5%')),
    (('rate', '33mbit'), ('delay', '1ms'), ('loss', '100%'))])
def test_a_queue_is_added_by_the_same_bytes(said):
    shaped = shaping.in_order(dict((key, shaping.read(key, value)) for key, value in said))
    parent = None
    for number, (kind, words) in enumerate(shaping.queues(shaped, 1500), 1):
        values, handle = shaping.values_of(words), '%x:' % number
        theirs = pyroute2_messages.encode(
            'tcmsg', queues.RTM_NEWQDISC, queues.REPLACE,
            {'index': 7, 'handle': number << 16, 'parent': queues.number_of(parent) if parent else queues.ROOT},
            [['TCA_KIND', kind], ['TCA_OPTIONS', options(kind, values)]])
        assert queues.addition(7, kind, values, handle, parent) == theirs
        parent = handle + '1'


def test_a_queue_is_deleted_by_the_same_bytes():
    assert queues.deletion(7) == pyroute2_messages.encode('tcmsg', queues.RTM_DELQDISC, queues.CHANGE,
                                                          {'index': 7, 'parent': queues.ROOT}, [])


def test_a_rate_of_one_byte_a_second_is_no_error():
    assert queues.addition(7, 'tbf', {'rate': 8, 'burst': 1, 'limit': 3000}, '1:').endswith(b'\xff' * 4)
