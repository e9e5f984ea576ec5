"""The numbers that a network namespace has for others (nsid): RTM_GETNSID (Linux 4.0) and RTM_NEWNSID.

Apart from edge.netlink, and on the C module under `socket`, because `netnsctl netns` must start as fast as Python does.
Source: linux/net_namespace.h, netlink.h; net/core/net_namespace.c.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import struct

import _socket

from netnsctl.compat import monotonic
from netnsctl.edge.netlink.writing import MAX_ERRNO, message, s32

_NETLINK, _ROUTE, _SOCK_RAW, _CLOEXEC = 16, 0, 3, 0o2000000
_SOL_NETLINK, _EXT_ACK, _STRICT_CHECK = 270, 11, 12
_SOL_SOCKET, _RCVTIMEO = 1, 20
_NEWNSID, _GETNSID = 88, 90
_REQUEST, _ACK, _DUMP, _CAPPED, _ACK_TLVS, _DUMP_INTR = 1, 4, 0x300, 0x100, 0x200, 0x10
_ERROR, _DONE = 2, 3
_NSID, _FD, _TARGET, _CURRENT = 1, 3, 4, 5
_TIMEOUT_SECONDS, _ANSWER_SECONDS = 5, 10
_ATTEMPTS = 10
UNASSIGNED = -1


class NsidError(Exception):
    """The kernel refused the request. errno: its number; words: the kernel's own text (bytes) or None."""

    def __init__(self, number, words=None):
        Exception.__init__(self, number, words)
        self.errno = number
        self.words = words


class Nsid(object):
    """A number as the kernel reports it. nsid: of the namespace, or UNASSIGNED. current: its number in the asking
    namespace where another one's view was asked for, UNASSIGNED, or None if that was not."""
    __slots__ = ('nsid', 'current')

    def __init__(self, nsid, current=None):
        self.nsid = nsid
        self.current = current


def _attributes(data):
    """{kind: payload}."""
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack('=HH', data[:4])
        if size < 4:
            break
        found[kind & 0x3fff] = data[4:size]
        data = data[(size + 3) & ~3:]
    return found


class Nsids(object):
    """A socket in the namespace whose numbers are asked for or set. Every method raises NsidError, OSError."""

    def __init__(self):
        self._socket = _socket.socket(_NETLINK, _SOCK_RAW | _CLOEXEC, _ROUTE)
        self._socket.setsockopt(_SOL_SOCKET, _RCVTIMEO, struct.pack('@ll', _TIMEOUT_SECONDS, 0))
        self._socket.connect((0, 0))  # accept messages only from the kernel, not from root in that namespace
        self._sequence = 0
        for option in (_EXT_ACK, _STRICT_CHECK):
            try:
                self._socket.setsockopt(_SOL_NETLINK, option, 1)
            except (OSError, _socket.error):
                pass  # before Linux 4.12, 4.20: only the number then

    def close(self):
        self._socket.close()

    def of(self, descriptor):
        """The number of an open namespace: int, UNASSIGNED where it has none."""
        return self._one(s32(_FD, descriptor)).nsid

    def show(self, nsid, target=None):
        """One number, as the namespace numbered `target` has it: Nsid."""
        more = b'' if target is None else s32(_TARGET, target)
        return self._one(s32(_NSID, nsid) + more)

    def every(self, target=None):
        """Every number that is assigned: list of Nsid. A dump that the kernel says was interrupted is asked for
        again."""
        for _ in range(_ATTEMPTS):
            found = self._ask(_GETNSID, _DUMP, b'' if target is None else s32(_TARGET, target))
            if found is not None:
                return found
        raise NsidError(errno.EINTR)

    def assign(self, descriptor, nsid):
        """Gives an open namespace a number, or the first free one (UNASSIGNED)."""
        self._ask(_NEWNSID, _ACK, s32(_FD, descriptor) + s32(_NSID, nsid))

    def _one(self, attributes):
        found = self._ask(_GETNSID, 0, attributes)
        if not found:
            raise OSError(errno.EBADMSG, os.strerror(errno.EBADMSG))
        return found[0]

    def _ask(self, kind, flags, attributes):
        self._sequence += 1
        body = b'\0\0\0\0' + attributes  # struct rtgenmsg, padded
        self._socket.send(message(kind, _REQUEST | flags, body, self._sequence))
        found, interrupted = [], False
        deadline = monotonic() + _ANSWER_SECONDS
        while True:
            try:
                data, sender = self._socket.recvfrom(65536)
            except (OSError, _socket.error) as error:
                if error.args[0] == errno.EINTR:
                    continue
                raise OSError(*error.args[:2])
            if monotonic() > deadline:
                raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            if sender[0] != 0:
                continue  # received before the socket was connected
            while len(data) >= 16:
                size, kind, flags_of, sequence, _ = struct.unpack('=IHHII', data[:16])
                if size < 16 or size > len(data):
                    raise OSError(errno.EBADMSG, os.strerror(errno.EBADMSG))
                body, data = data[16:size], data[(size + 3) & ~3:]
                if sequence != self._sequence:
                    continue  # the rest of an abandoned answer
                interrupted = interrupted or bool(flags_of & _DUMP_INTR)
                if kind in (_ERROR, _DONE):
                    _raise_error(kind, flags_of, body)
                    return None if interrupted else found
                told = _attributes(body[4:])
                found.append(Nsid(_number(told, _NSID, UNASSIGNED), _number(told, _CURRENT, None)))
                if not flags & (_DUMP | _ACK):
                    return found


def _number(told, kind, missing):
    return struct.unpack('=i', told[kind][:4])[0] if len(told.get(kind, b'')) >= 4 else missing


def _raise_error(kind, flags, body):
    """NsidError for an NLMSG_ERROR, or NLMSG_DONE, that is none of success."""
    number = struct.unpack('=i', body[:4])[0] if len(body) >= 4 else 0
    if number >= 0:
        return
    if number < -MAX_ERRNO:
        raise NsidError(errno.EBADMSG)
    words = None
    if flags & _ACK_TLVS:
        start = 4
        if kind == _ERROR and len(body) >= 8:  # the request's header, and all of it unless it is capped
            start += 16 if flags & _CAPPED else (struct.unpack('=I', body[4:8])[0] + 3) & ~3
        words = _attributes(body[start:]).get(1)  # NLMSGERR_ATTR_MSG
    raise NsidError(-number, words.rstrip(b'\0') if words else None)


def is_supported():
    """Does this kernel number namespaces (Linux 4.0)? Asked as iproute2 does: of the own namespace."""
    try:
        descriptor = os.open('/proc/self/ns/net', os.O_RDONLY)
    except OSError:
        return False
    try:
        Nsids().of(descriptor)
    except (NsidError, OSError, _socket.error):
        return False
    finally:
        os.close(descriptor)
    return True
