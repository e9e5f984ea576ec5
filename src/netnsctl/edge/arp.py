"""Asking a link who has an IPv4 address (RFC 826), to find out that more than one has it."""
from __future__ import absolute_import, division, print_function

import errno
import socket
import struct

from netnsctl.compat import PY3, monotonic, set_cloexec
from netnsctl.errors import KernelError

AF_PACKET = 17
ETH_P_ARP = 0x0806
_FRAME = struct.Struct('!6s6sHHHBBH6s4s6s4s')


def request(mac, address):
    """An ARP probe (RFC 5227: from no address, so that it changes nobody's table): bytes of the whole frame.

    mac: 6 bytes, the sender's; address: text.
    """
    wanted = socket.inet_aton(address)
    return _FRAME.pack(b'\xff' * 6, mac, ETH_P_ARP, 1, 0x0800, 6, 4, 1, mac, b'\0' * 4, b'\0' * 6, wanted)


def who_has(netns, dev, address, seconds=0.3):
    """Every MAC address (text, sorted) that answers for an IPv4 address on a link within that time.

    Raises KernelError: EPERM without CAP_NET_RAW, ENODEV where there is no such link; an ARP-less link answers nothing.
    """
    with netns.entered():
        try:
            asker = socket.socket(AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP))
        except (OSError, socket.error) as error:
            raise KernelError('open a packet socket in %s: %s' % (netns.label, error.strerror), error.errno)
    try:
        if not PY3:
            set_cloexec(asker.fileno())
        asker.bind((dev, ETH_P_ARP))
        mac = asker.getsockname()[4]
        if len(mac) != 6:
            return []
        asker.send(request(mac, address))
        return sorted(_answers(asker, socket.inet_aton(address), monotonic() + seconds))
    except (OSError, socket.error) as error:
        if error.errno == errno.ENETDOWN:
            return []
        raise KernelError('ask on link %s of %s who has %s: %s' % (dev, netns.label, address, error.strerror),
                          error.errno)
    finally:
        asker.close()


def _answers(asker, packed, until):
    found = set()
    while True:
        left = until - monotonic()
        if left <= 0:
            return found
        asker.settimeout(left)
        try:
            frame = asker.recv(128)
        except socket.timeout:
            return found
        if len(frame) >= _FRAME.size:
            _, _, _, _, _, _, _, operation, sender, address, _, _ = _FRAME.unpack(frame[:_FRAME.size])
            if operation == 2 and address == packed:
                found.add(':'.join('%02x' % byte for byte in bytearray(sender)))
