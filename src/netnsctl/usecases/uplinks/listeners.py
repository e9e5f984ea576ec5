"""Ports that processes of the host have: /proc/net/tcp and its kin."""
from __future__ import absolute_import, division, print_function

import binascii
import re
import socket
import struct

from netnsctl.model.addressing import UNSPECIFIED

_FILES = {'tcp': (('/proc/net/tcp', socket.AF_INET), ('/proc/net/tcp6', socket.AF_INET6)),
          'udp': (('/proc/net/udp', socket.AF_INET), ('/proc/net/udp6', socket.AF_INET6))}
# TCP_LISTEN; of UDP what is bound and has no peer, TCP_CLOSE (include/net/tcp_states.h)
_STATES = {'tcp': '0A', 'udp': '07'}
_LIMIT = 16 << 20
# Of an entry: its number, local address and port, those of the peer, the state.
_LINE = re.compile(r'\s*\S+\s+([0-9A-F]+):([0-9A-F]+)\s+\S+\s+([0-9A-F]+)(?:\s|\Z)')
_DIGITS = {socket.AF_INET: 8, socket.AF_INET6: 32}


def listening(host, port, is_local=False):
    """What has a port of uplink.Port on this host: (address in text, number), or None. Its own loopback counts for
    nothing, since published ports leave that alone; unless is_local: 127.0.0.1 leads to the container too."""
    for path, family in _FILES[port.protocol]:
        if port.address is not None and (':' in port.address) != (family == socket.AF_INET6):
            continue
        for line in (host.read(path, _LIMIT) or '').splitlines()[1:]:
            found = _LINE.match(line)
            if not found or found.group(3) != _STATES[port.protocol]:
                continue
            where, number, _ = found.groups()
            if port.first <= int(number, 16) <= port.last and len(where) == _DIGITS[family]:
                address = _address(where, family)
                if address.startswith('127.') and is_local and port.address is None:
                    return address, int(number, 16)
                is_any = address in UNSPECIFIED
                if not address.startswith('127.') and address != '::1' and (
                        is_any or port.address in (None, address)):
                    return address, int(number, 16)
    return None


def _address(digits, family):
    """The words of an address are printed as numbers of this machine."""
    raw = binascii.unhexlify(digits.encode('ascii'))
    words = [struct.unpack('!I', raw[at:at + 4])[0] for at in range(0, len(raw), 4)]
    return socket.inet_ntop(family, struct.pack('=%dI' % len(words), *words))
