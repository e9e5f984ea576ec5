"""Bridges by ioctl, for kernels whose rtnetlink has no `bridge` kind and no IFLA_MASTER (2.6.32). linux/sockios.h.

Each function returns None, or (errno, None) as the kernel refused, in the form of Rtnl's answers.
"""
from __future__ import absolute_import, division, print_function

import socket
import struct
from fcntl import ioctl

from netnsctl.compat import to_bytes

SIOCBRADDBR, SIOCBRDELBR, SIOCBRADDIF, SIOCBRDELIF = 0x89a0, 0x89a1, 0x89a2, 0x89a3
SIOCSIFFLAGS = 0x8914


def _ioctl(netns, request, argument):
    with netns.entered():
        control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        ioctl(control.fileno(), request, argument)
    except (OSError, IOError) as error:
        return error.errno, None
    finally:
        control.close()
    return None


def add_bridge(netns, name):
    """Makes the bridge; EEXIST where the name is taken."""
    return _ioctl(netns, SIOCBRADDBR, to_bytes(name) + b'\0')


def delete_bridge(netns, name):
    """Deletes the bridge, which has to be down and is set down first."""
    _ioctl(netns, SIOCSIFFLAGS, struct.pack('16sh22x', to_bytes(name), 0))
    return _ioctl(netns, SIOCBRDELBR, to_bytes(name) + b'\0')


def plug(netns, bridge, index):
    """Makes the link of that index a port of the bridge."""
    return _ioctl(netns, SIOCBRADDIF, struct.pack('16si20x', to_bytes(bridge), index))


def unplug(netns, bridge, index):
    """Takes the link of that index out of the bridge."""
    return _ioctl(netns, SIOCBRDELIF, struct.pack('16si20x', to_bytes(bridge), index))
