"""Ports that processes of the host have: /proc/net/tcp and its kin."""
from __future__ import absolute_import, division, print_function

import binascii
import re
import socket
import struct

from netnsctl.model import addressing

_FILES = {'tcp': (('/proc/net/tcp', socket.AF_INET), ('/proc/net/tcp6', socket.AF_INET6)),
          'udp': (('/proc/net/udp', socket.AF_INET), ('/proc/net/udp6', socket.AF_INET6))}
# TCP_LISTEN; of UDP what is bound and has no peer, TCP_CLOSE (include/net/tcp_states.h)
_STATES = {'tcp': '0A', 'udp': '07'}
_LIMIT = 16 << 20
# Of an entry: its number, local address and port, those of the peer, the state.
_LINE = re.compile(r'\s*\S+\s+([0-9A-F]+):([0-9A-F]+)\s+\S+\s+([0-9A-F]+)(?:\s|\Z)')
_DIGITS = {socket.AF_INET: 8, socket.AF_INET6: 32}
_MAPPED = b'\0' * 10 + b'\xff\xff'


def listening(host, port, is_local=False):
    """What has a port of uplink.Port on this host: (address in text, number), or None. Its own loopback counts for
    nothing, since published ports leave that alone; unless is_local: 127.0.0.1 leads to the container too."""
    for path, family in _FILES[port.protocol]:
        for line in (host.read(path, _LIMIT) or '').splitlines()[1:]:
            found = _LINE.match(line)
            if not found or found.group(3) != _STATES[port.protocol]:
                continue
            where, number, _ = found.groups()
            if port.first <= int(number, 16) <= port.last and len(where) == _DIGITS[family]:
                address = _address(where, family)
                if addressing.is_loopback(address):
                    is_heard = is_local and ':' not in address and port.address is None
                else:
                    is_heard = _hears(address, port.address)
                if is_heard:
                    return address, int(number, 16)
    return None


def _hears(address, asked):
    """Does a socket that is bound to an address get what is sent to another one, or to any (None)?"""
    if asked is None or address in (asked, '::'):
        return True  # one for all of IPv6 gets IPv4 as well, unless it refuses that, which /proc does not tell
    return address in addressing.UNSPECIFIED and ':' not in asked


def _address(digits, family):
    """The words of an address are printed as numbers of this machine. One of IPv4 at a socket of IPv6 (::ffff:10.1.1.1)
    is that of IPv4."""
    raw = binascii.unhexlify(digits.encode('ascii'))
    words = [struct.unpack('!I', raw[at:at + 4])[0] for at in range(0, len(raw), 4)]
    raw = struct.pack('=%dI' % len(words), *words)
    if raw.startswith(_MAPPED):
        family, raw = socket.AF_INET, raw[len(_MAPPED):]
    return socket.inet_ntop(family, raw)
