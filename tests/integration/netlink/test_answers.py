"""The rtnetlink reader against a kernel that interrupts, overruns or stays silent."""
from __future__ import absolute_import, division, print_function

import errno
import socket
import struct
import time

import pytest

from netnsctl.edge.netlink import lookups, neighbours
from netnsctl.edge.netlink import rtnl as edge_rtnl
from netnsctl.edge.netlink.rtnl import Rtnl
from netnsctl.errors import KernelError, NetnsctlError, NoAnswerError
from support.rtnl import indexes, link, message, veth


class Kernel(object):
    """Stands in for the socket: each send() is answered by the next script, a list of datagrams or errors to raise."""

    def __init__(self, *scripts):
        self.scripts = list(scripts)
        self.waiting = []
        self.sent = []

    def send(self, data):
        self.sent.append(data)
        sequence = struct.unpack_from('=I', data, 8)[0]
        self.waiting = list(self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0])
        self.waiting = [item if isinstance(item, Exception) else b''.join(part(sequence) for part in item)
                        for item in self.waiting]

    def recvfrom(self, size):
        if not self.waiting:
            raise socket.timeout('timed out')
        item = self.waiting.pop(0)
        if isinstance(item, Exception):
            raise item
        return item, (0, 0)

    def setblocking(self, flag):
        pass

    def settimeout(self, seconds):
        pass

    def close(self):
        pass


DONE = message(3, struct.pack('=i', 0))
BROKEN = message(3, struct.pack('=i', 0), flags=0x12)


@pytest.fixture
def faked():
    """faked(*scripts) -> an Rtnl whose kernel answers by these scripts."""
    made = []

    def make(*scripts):
        rtnl = Rtnl()
        rtnl.socket.close()
        rtnl.socket = Kernel(*scripts)
        made.append(rtnl)
        return rtnl
    return make


def test_a_dump_in_pieces_is_put_together(faked):
    assert indexes(faked([[link(1), link(2)], [link(3)], [DONE]])) == [1, 2, 3]


@pytest.mark.parametrize('interrupted', [
    [[link(1, flags=0x12)], [DONE]], [[link(1), link(2, flags=0x12)], [link(3), DONE]], [[link(1)], [BROKEN]],
    [[link(1)], OSError(errno.ENOBUFS, 'No buffer space available')],
    [OSError(errno.ENOBUFS, 'No buffer space available')],
], ids=['first', 'middle', 'end', 'overrun', 'overrun at once'])
def test_an_interrupted_dump_is_asked_for_again(faked, interrupted):
    rtnl = faked(interrupted, interrupted, [[link(7), DONE]])
    assert indexes(rtnl) == [7]
    assert len(rtnl.socket.sent) == 3
    assert len(set(data[8:12] for data in rtnl.socket.sent)) == 3


def test_what_is_left_of_an_interrupted_dump_is_not_taken_for_the_next_one(faked):
    rtnl = faked([[link(1)], OSError(errno.ENOBUFS, ''), [link(2)], [DONE]], [[link(3, ahead=-1)], [link(7), DONE]])
    assert indexes(rtnl) == [7]


def test_a_dump_that_is_always_interrupted_ends_in_an_error(faked):
    rtnl = faked([[link(1, flags=0x12)], [DONE]])
    with pytest.raises(KernelError) as caught:
        rtnl.links()
    assert caught.value.errno == errno.EINTR and 'kept changing' in caught.value.message
    assert len(rtnl.socket.sent) == edge_rtnl.DUMP_TRIES


def test_a_kernel_that_stays_silent_is_no_answer(faked):
    with pytest.raises(NoAnswerError):
        faked([[link(1)]]).links()
    with pytest.raises(NoAnswerError):
        faked([]).request([veth('a', 'b')])


def test_a_real_socket_has_a_time_limit(monkeypatch):
    monkeypatch.setattr(edge_rtnl, 'RECEIVE_SECONDS', 0.2)
    rtnl = Rtnl()
    try:
        began = time.time()
        with pytest.raises(NoAnswerError) as caught:
            rtnl._receive(time.time() + 1000)
        assert 0.1 < time.time() - began < 100 and '0.2 s' in caught.value.message
    finally:
        rtnl.close()


def test_a_refused_dump_is_an_error(faked):
    with pytest.raises(KernelError) as caught:
        faked([[message(2, struct.pack('=i', -errno.EPERM) + b'\0' * 16)]]).links()
    assert caught.value.errno == errno.EPERM and 'Operation not permitted' in caught.value.message


def test_a_kernel_without_rules_of_a_family_has_none_of_it(faked):
    refused = message(2, struct.pack('=i', -errno.EAFNOSUPPORT) + b'\0' * 16)
    assert faked([[refused]]).rules(socket.AF_INET6) == []
    with pytest.raises(KernelError):
        faked([[message(2, struct.pack('=i', -errno.EPERM) + b'\0' * 16)]]).rules(socket.AF_INET6)


def test_a_dump_that_fails_half_way_is_no_list(faked):
    with pytest.raises(NetnsctlError):
        faked([[link(1)], [message(3, struct.pack('=i', -errno.ENOMEM))]]).links()


@pytest.mark.parametrize('ask', [lambda rtnl: rtnl.link(index=1), lambda rtnl: rtnl.request([veth('a', 'b')])],
                         ids=['link', 'request'])
def test_an_overrun_is_a_declared_error_also_outside_of_dumps(faked, ask):
    with pytest.raises(NetnsctlError):
        ask(faked([OSError(errno.ENOBUFS, 'No buffer space available')]))


@pytest.mark.parametrize('ask', [
    lambda rtnl: lookups.nsid_of(rtnl, 0), lambda rtnl: lookups.route_to(rtnl, '10.0.0.1'),
    lambda rtnl: lookups.link_beyond(rtnl, 1, 1), lambda rtnl: lookups.nsids(rtnl) or None,
    lambda rtnl: neighbours.is_known(rtnl, None, 'lo', 'fe80::1') or None],
    ids=['nsid_of', 'route_to', 'link_beyond', 'nsids', 'is_known'])
def test_a_single_question_that_is_overrun_is_asked_again_and_then_given_up(faked, ask):
    rtnl = faked([OSError(errno.ENOBUFS, 'No buffer space available')])
    rtnl.index_of = lambda name: 1
    assert ask(rtnl) in (None, True)
    assert len(rtnl.socket.sent) == edge_rtnl.DUMP_TRIES


def test_answers_to_others_are_passed_over(faked):
    ack = message(2, b'\0' * 20)
    assert faked([[message(2, struct.pack('=i', -1) + b'\0' * 16, ahead=-1)],
                  [ack]]).request([veth('a', 'b')]) == [None]


@pytest.mark.parametrize('data', [b'', b'\0' * 7, b'\0' * 40, struct.pack('=IHHII', 8, 16, 0, 1, 0), b'\xff' * 64])
def test_garbage_from_the_socket_ends_in_no_answer(faked, data):
    with pytest.raises(NoAnswerError):
        faked([[lambda sequence: data]]).links()


def test_words_are_found_behind_a_repeated_request(faked):
    attribute = struct.pack('=HH', 4 + 5, 1) + b'why?\0'
    whole = veth('a', 'b')
    capped = struct.pack('=i', -errno.EINVAL) + whole[:16] + attribute
    full = struct.pack('=i', -errno.EINVAL) + whole + attribute
    for body, flags in ((capped, 0x300), (full, 0x200)):
        assert faked([[message(2, body, flags=flags)]]).request([whole]) == [(errno.EINVAL, 'why?')]
    assert faked([[message(2, capped, flags=0x100)]]).request([whole]) == [(errno.EINVAL, None)]
