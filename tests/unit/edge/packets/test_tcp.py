"""The SYN that `check` writes itself, and the answers that it takes."""
from __future__ import absolute_import, division, print_function

import struct

import pytest

from netnsctl.edge.packets import tcp

ENDS = [('10.9.0.1', '10.9.0.2'), ('2001:db8::1', '2001:db8::2')]


@pytest.mark.parametrize('source,address', ENDS)
def test_its_checksum_is_right_and_any_change_makes_it_wrong(source, address):
    made = tcp._syn(source, address, 40000, 443, 7)
    assert tcp.checksum(made, source, address) == 0 and len(made) == 24
    assert tcp.checksum(made[:-1] + b'\1', source, address) != 0
    assert tcp.checksum(made, source, source) != 0


def test_a_checksum_that_is_known():
    """The SYN of RFC 1071's kind: computed by hand over the pseudo header and 20 bytes of zeros."""
    # c0a8 + 0001 + c0a8 + 0002 + 0014 + 0006 = 1 816d, folded 816e
    assert tcp.checksum(b'\0' * 20, '192.168.0.1', '192.168.0.2') == ~0x816e & 0xffff


def answer(to=40000, acknowledged=8, flags=0x12, header=b''):
    return header + struct.pack('!HHIIBBHHH', 443, to, 1, acknowledged, 0x50, flags, 0, 0, 0)


@pytest.mark.parametrize('header', [b'\x45' + b'\0' * 19, b'\x46' + b'\0' * 23, b''])
def test_only_an_answer_to_it_is_one(header):
    is_6 = not header
    assert tcp._answers(answer(header=header), is_6, 40000, 7)
    assert tcp._answers(answer(flags=0x14, header=header), is_6, 40000, 7)
    for other in (answer(to=40001, header=header), answer(acknowledged=7, header=header),
                  answer(flags=0x02, header=header), answer(flags=0x10, header=header), answer(header=header)[:-1],
                  header, b''):
        assert not tcp._answers(other, is_6, 40000, 7)
