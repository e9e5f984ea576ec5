"""rtnetlink (RFC 3549, rtnetlink(7)): a socket in one namespace, requests with acks, and dumps.

Requests that change something come ready-made (from execution.backends); this module numbers them, sends them and
reports what the kernel answered. edge.netlink.reading decodes what is read.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import socket
import struct
from fcntl import ioctl

from netnsctl.compat import PY3, native, set_cloexec, to_bytes
from netnsctl.edge.netlink.reading import (ADDRESS, LINK, ROUTE, RT_TABLE_MAIN, RTN_UNICAST, address_of, attributes,
                                           link_of, route_of, rule_of)
from netnsctl.errors import KernelError, NoAnswerError

RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE = 18, 22, 26, 34
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_CAPPED, NLM_F_ACK_TLVS = 1, 4, 0x300, 0x10, 0x100, 0x200
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
NLMSGERR_ATTR_MSG = 1
SIOCGIFINDEX = 0x8933
RECEIVE_SECONDS = 5.0
BUFFER_BYTES = 1 << 17
SO_RCVTIMEO = getattr(socket, 'SO_RCVTIMEO', 20)
DUMP_TRIES = 20

_INDEX = struct.Struct('16si20x')  # struct ifreq of netdevice(7), with a number
_LOOPBACK = _INDEX.pack(b'lo', 0)
# Does this kernel take netdevice(7)'s ioctls on a netlink socket? Linux 4.6 and later do; before, af_netlink.c had
# sock_no_ioctl, which answers EOPNOTSUPP to all of them. None: not tried yet, see Rtnl.__init__.
_takes_ioctls = None
_HEADER = struct.Struct('=IHHII')
_U32 = struct.Struct('=I')
_UNICAST = struct.pack('B', RTN_UNICAST)
_NO_STATISTICS = struct.pack('=HHI', 8, 29, 8)  # IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS: a third of the answer


class Rtnl(object):
    """An rtnetlink socket in the namespace that the calling thread is in."""

    def __init__(self):
        try:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        except (OSError, socket.error) as error:
            raise KernelError('open a netlink socket: %s' % os.strerror(error.errno), error.errno)
        if not PY3:
            set_cloexec(self.socket.fileno())
        # The kernel's own time limit: Python's would be a poll(2) before each call. (The first send binds the socket.)
        limit = struct.pack('ll', int(RECEIVE_SECONDS), int(RECEIVE_SECONDS % 1 * 1e6))  # struct timeval
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVTIMEO, limit)
        for option in (NETLINK_EXT_ACK, NETLINK_CAP_ACK):
            try:
                self.socket.setsockopt(SOL_NETLINK, option, 1)
            except (OSError, socket.error):
                pass  # before Linux 4.12 (the kernel's own words) and 4.3 (acks without the request repeated)
        self._sequence = 0
        # What ioctls are sent on: made here, where the thread is inside the namespace.
        self._control = self.socket
        if not _netlink_takes_ioctls(self.socket):
            self._control = _control_socket(self.socket)

    def close(self):
        self._control.close()
        self.socket.close()

    def request(self, messages):
        """Sends changes in one datagram and waits for every ack.

        messages: whole netlink messages (bytes) with NLM_F_ACK; their sequence numbers are set here.
        Returns a list with None, or (errno, the kernel's words or None), for each. The kernel goes on
        after one that fails. Raises NoAnswerError past the time limit.
        """
        try:
            return self._request(messages)
        except (OSError, socket.error) as error:
            # An ack may be lost with it: nobody knows what of this was done, and whoever asked looks again.
            raise KernelError('receive from rtnetlink: %s' % os.strerror(error.errno), error.errno)

    def _request(self, messages):
        first = self._sequence + 1
        numbered = []
        for message in messages:
            self._sequence += 1
            numbered += (message[:8], _U32.pack(self._sequence), message[12:])
        self._send(b''.join(numbered))
        answers = [None] * len(messages)
        missing = len(messages)
        while missing:
            for kind, flags, sequence, body in self._receive():
                if kind == NLMSG_ERROR and first <= sequence <= self._sequence:
                    answers[sequence - first] = _error_of(body, flags)
                    missing -= 1
        return answers

    def links(self):
        """Every link, in the order of their indexes: list of Link."""
        return [link_of(body) for body in self.dump(RTM_GETLINK, LINK.pack(0, 0, 0, 0, 0))]

    def link(self, name=None, index=None):
        """One link by its name or index, or None."""
        if index is None:
            index = self.index_of(name)
            if index is None:
                return None
        # By index: RTM_GETLINK takes a name only from 2.6.33 on.
        for body in self._retried(RTM_GETLINK, LINK.pack(0, 0, index, 0, 0) + _NO_STATISTICS, (errno.ENODEV,)):
            return link_of(body)
        return None

    def index_of(self, name):
        """The index of the link of that name, or None: one ioctl (netdevice(7)), the cheapest look there is.

        KernelError where the kernel says anything but that there is no such link.
        """
        try:
            answer = ioctl(self._control.fileno(), SIOCGIFINDEX, _INDEX.pack(to_bytes(name), 0))
        except (OSError, IOError) as error:
            if error.errno == errno.ENODEV:
                return None
            raise KernelError('look up the link %s: %s' % (name, os.strerror(error.errno)), error.errno)
        return _INDEX.unpack(answer)[1]

    def addresses(self, index=None):
        """Every address, or those of one link: list of Address."""
        found = [address_of(body) for body in self.dump(RTM_GETADDR, ADDRESS.pack(0, 0, 0, 0, 0))]
        return [item for item in found if index is None or item.index == index]

    def rules(self, family=socket.AF_UNSPEC):
        """Every policy rule, of each family in the kernel's order: list of Rule."""
        body = ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)  # struct fib_rule_hdr is of the same shape
        # A kernel built without policy rules of that family has none.
        found = self._retried(RTM_GETRULE, body, (errno.EAFNOSUPPORT,), NLM_F_DUMP)
        return [rule for rule in map(rule_of, found) if rule]

    def routes(self, family=socket.AF_UNSPEC, table=RT_TABLE_MAIN):
        """The unicast routes of one table (254: main), or of all (None): list of Route."""
        body = ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)
        # struct rtmsg has the type in its eighth byte; most of what comes are local and broadcast ones.
        found = [route_of(item) for item in self.dump(RTM_GETROUTE, body) if item[7:8] == _UNICAST]
        return [route for route in found if route and table in (None, route.table)]

    def _send(self, data):
        try:
            self.socket.send(data)
        except (OSError, socket.error) as error:
            cause = os.strerror(error.errno) if error.errno else error
            raise KernelError('send to rtnetlink: %s' % cause, error.errno or 0)

    def _receive(self):
        """One datagram, cut into (type, flags, sequence, body)."""
        try:
            data = self.socket.recv(BUFFER_BYTES)
        except (OSError, socket.error) as error:
            if isinstance(error, socket.timeout) or error.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
                raise NoAnswerError('rtnetlink: no answer within %g s' % RECEIVE_SECONDS)
            raise
        found = []
        offset = 0
        while offset + 16 <= len(data):
            length, kind, flags, sequence, _ = _HEADER.unpack_from(data, offset)
            if length < 16:
                break
            found.append((kind, flags, sequence, data[offset + 16:offset + length]))
            offset += (length + 3) & ~3
        return found

    def ask(self, kind, body, absent=(), flags=0):
        """Asks and returns the bodies of the answer. errnos in absent mean an empty answer.

        An interrupted dump (NLM_F_DUMP_INTR) and a receive buffer that ran over (ENOBUFS) raise _Interrupted.
        """
        self._sequence += 1
        sequence = self._sequence
        self._send(_HEADER.pack(16 + len(body), kind, NLM_F_REQUEST | flags, sequence, 0) + body)
        bodies = []
        broken = False
        while True:
            try:
                received = self._receive()
            except (OSError, socket.error) as error:
                if error.errno == errno.ENOBUFS:
                    raise _Interrupted()
                raise KernelError('receive from rtnetlink: %s' % os.strerror(error.errno), error.errno)
            for answer, answer_flags, number, content in received:
                if number != sequence:
                    continue
                broken = broken or bool(answer_flags & NLM_F_DUMP_INTR)
                if answer == NLMSG_DONE or answer == NLMSG_ERROR:
                    # NLMSG_DONE carries an error number as well: of a dump that ended half way.
                    refused = _error_of(content, answer_flags) if len(content) >= 4 else None
                    if refused and refused[0] not in absent:
                        raise KernelError('read from rtnetlink: %s' % (refused[1] or os.strerror(refused[0])), *refused)
                    if broken:
                        raise _Interrupted()
                    return bodies
                bodies.append(content)
                if not flags & NLM_F_DUMP:
                    return bodies

    def dump(self, kind, body):
        return self._retried(kind, body, flags=NLM_F_DUMP)

    def _retried(self, kind, body, absent=(), flags=0):
        """ask(), again where the answer was interrupted."""
        for _ in range(DUMP_TRIES):
            try:
                return self.ask(kind, body, absent, flags)
            except _Interrupted:
                self._drain()
        raise KernelError('read from rtnetlink: the list kept changing while it was read', errno.EINTR)

    def _drain(self):
        """Throws away what is left of an answer that was given up."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(BUFFER_BYTES):
                pass
        except (OSError, socket.error):
            pass
        finally:
            self.socket.setblocking(True)


def _netlink_takes_ioctls(opened):
    """Asked once a process, of the link that every namespace has."""
    global _takes_ioctls
    if _takes_ioctls is None:
        try:
            ioctl(opened.fileno(), SIOCGIFINDEX, _LOOPBACK)
            _takes_ioctls = True
        except (OSError, IOError):
            _takes_ioctls = False
    return _takes_ioctls


def _control_socket(opened):
    """A socket in the calling thread's namespace that takes netdevice(7)'s ioctls on every kernel."""
    try:
        control = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    except (OSError, socket.error) as error:
        opened.close()
        raise KernelError('open a socket to look up links: %s' % os.strerror(error.errno), error.errno)
    if not PY3:
        set_cloexec(control.fileno())
    return control


class _Interrupted(Exception):
    """The dump was interrupted: what came is no list of what there is."""


def _error_of(body, flags):
    """The content of NLMSG_ERROR: None for an ack, else (errno, the kernel's words or None)."""
    number = -struct.unpack_from('=i', body)[0]
    if number == 0:
        return None
    words = None
    if flags & NLM_F_ACK_TLVS and len(body) >= 20:
        # With NETLINK_CAP_ACK only the header of the request is repeated; without, all of it.
        length = 16 if flags & NLM_F_CAPPED else struct.unpack_from('=I', body, 4)[0]
        text = attributes(body, 4 + ((length + 3) & ~3)).get(NLMSGERR_ATTR_MSG)
        words = native(text).rstrip('\0') if text else None
    return number, words
