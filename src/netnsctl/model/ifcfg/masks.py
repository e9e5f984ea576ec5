"""How long a network's prefix is: by PREFIX, by NETMASK, or where there is neither by the class of the address."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError

_BYTE = re.compile(r'[0-9]{1,3}\Z')


def prefix_length(text):
    """'24' -> 24, from 0 to 32. UsageError."""
    if not re.match(r'[0-9]{1,2}\Z', text) or int(text) > 32:
        raise UsageError('not a length from 0 to 32: %s' % text)
    return int(text)


def mask_length(text):
    """'255.255.255.0' -> 24, from 0 to 32. UsageError."""
    parts = text.split('.')
    if len(parts) == 4 and all(_BYTE.match(part) and int(part) < 256 for part in parts):
        bits = ''.join('{0:08b}'.format(int(part)) for part in parts)
        if '01' not in bits:
            return bits.count('1')
    raise UsageError('not a mask: %s' % text)


def class_length(address):
    """Of an IPv4 address that nothing gives a length: 8, 16 or 24, as ipcalc of initscripts has it. UsageError."""
    first = address.partition('.')[0]
    if not _BYTE.match(first):
        raise UsageError('not an IPv4 address: %s' % address)
    return 8 if int(first) < 128 else 16 if int(first) < 192 else 24


def mask_of(length):
    """24 -> '255.255.255.0'."""
    bits = '1' * length + '0' * (32 - length)
    return '.'.join(str(int(bits[at:at + 8], 2)) for at in range(0, 32, 8))
