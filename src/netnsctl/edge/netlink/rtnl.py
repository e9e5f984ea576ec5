"""rtnetlink (RFC 3549, rtnetlink(7)): a socket in one namespace, requests with acks, and dumps.

Requests that change something come ready-made (from execution.backends); this module numbers them, sends them and
reports what the kernel answered. edge.netlink.reading decodes what is read.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import _socket as socket
import struct
from fcntl import ioctl

from netnsctl.compat import PY3, monotonic, native, set_cloexec, to_bytes
from netnsctl.edge.netlink import writing
from netnsctl.edge.netlink.reading import (ADDRESS, LINK, MALFORMED, ROUTE, RT_TABLE_MAIN, RTN_UNICAST, address_of,
                                           attributes, decoded, link_of, malformed, route_of, rule_of)
from netnsctl.errors import KernelError, NoAnswerError

RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE = 18, 22, 26, 34
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_CAPPED, NLM_F_ACK_TLVS = 1, 4, 0x300, 0x10, 0x100, 0x200
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK = 270, 10, 11, 12
RTA_OIF, RTA_TABLE = 4, 15
IFLA_MASTER = 10
NLMSGERR_ATTR_MSG = 1
SIOCGIFINDEX = 0x8933
RECEIVE_SECONDS = 5.0
# For a whole answer including retries: a container decides how long its lists are and how often they change.
ANSWER_SECONDS = 10.0
ANSWER_BYTES = 64 << 20  # of what is kept of one answer
# Below the size from which malloc(3) has the kernel map memory for each buffer (128 KiB), and above what one answer can
# take: 64 KiB of altnames, which is the most that one attribute can be, and some more.
BUFFER_BYTES = 96 << 10
SO_RCVTIMEO = getattr(socket, 'SO_RCVTIMEO', 20)
DUMP_TRIES = 20

_INDEX = struct.Struct('16si20x')  # struct ifreq of netdevice(7), with a number
_LOOPBACK = _INDEX.pack(b'lo', 0)
# Does this kernel take netdevice(7)'s ioctls on a netlink socket? Linux 4.6 and later do; before, af_netlink.c had
# sock_no_ioctl, which answers EOPNOTSUPP to all of them. None: not tried yet, see Rtnl.__init__.
_takes_ioctls = None
_U32 = struct.Struct('=I')
_IP = (struct.pack('B', socket.AF_INET), struct.pack('B', socket.AF_INET6))
_NO_STATISTICS = writing.u32(29, 8)  # IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS: a third of the answer


class Rtnl(object):
    """An rtnetlink socket in the namespace that the calling thread is in."""

    def __init__(self):
        try:
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        except (OSError, socket.error) as error:
            raise KernelError('open a netlink socket: %s' % os.strerror(error.errno), error.errno)
        if not PY3:
            set_cloexec(self.socket.fileno())
        # The kernel's own time limit: Python's would be a poll(2) before each call.
        limit = struct.pack('ll', int(RECEIVE_SECONDS), int(RECEIVE_SECONDS % 1 * 1e6))  # struct timeval
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVTIMEO, limit)
        for option in (NETLINK_EXT_ACK, NETLINK_CAP_ACK):
            try:
                self.socket.setsockopt(SOL_NETLINK, option, 1)
            except (OSError, socket.error):
                pass  # before Linux 4.12 (the kernel's own words) and 4.3 (acks without the request repeated)
        try:
            # From here on only the kernel is heard: root in that namespace could send to this socket too.
            self.socket.connect((0, 0))
        except (OSError, socket.error) as error:
            self.socket.close()
            raise KernelError('connect a netlink socket: %s' % os.strerror(error.errno), error.errno)
        self._sequence = 0
        # What netdevice(7)'s ioctls are sent on: made here, where the thread is inside the namespace.
        self.control = self.socket
        if not _netlink_takes_ioctls(self.socket):
            self.control = _control_socket(self.socket)
        # The kernel has told of a port which bridge it is in: such a one also does what it acknowledges of IFLA_MASTER.
        self.sets_masters = False
        # A list was abandoned halfway: the kernel is not done with it, and starts no other on this socket.
        self.spent = False
        self._strict = None

    def close(self):
        self.control.close()
        self.socket.close()

    def request(self, messages):
        """Sends changes in one datagram and waits for every ack, ANSWER_SECONDS long at most.

        messages: whole netlink messages (bytes) with NLM_F_ACK; their sequence numbers are set here.
        Returns a list with None, or (errno, the kernel's words or None), for each. The kernel goes on
        after one that fails. Raises NoAnswerError past the time limit.
        """
        try:
            return self._request(messages)
        except (OSError, socket.error) as error:
            # An ack may be lost with it: nobody knows how much was done, so the caller looks again.
            raise KernelError('receive from rtnetlink: %s' % os.strerror(error.errno), error.errno)

    def _request(self, messages):
        first = self._sequence + 1
        numbered = []
        for place, message in enumerate(messages):
            self._sequence += 1
            length, kind, flags, _, _ = writing.HEADER.unpack_from(message)
            if place < len(messages) - 1:
                flags &= ~NLM_F_ACK  # they are carried out in order, and one that is refused is answered all the same
            numbered += (writing.HEADER.pack(length, kind, flags, self._sequence, 0), message[16:])
        self._send(b''.join(numbered))
        answers = {}
        deadline = monotonic() + ANSWER_SECONDS
        while len(messages) - 1 not in answers:
            for kind, flags, sequence, body in self._receive(deadline):
                if kind == NLMSG_ERROR and first <= sequence <= self._sequence:
                    answers[sequence - first] = _error_of(body, flags)
        return [answers.get(place) for place in range(len(messages))]

    def links(self):
        """Every link, in the order of their indexes: list of Link."""
        return decoded(link_of, self.dump_links())

    def link(self, name=None, index=None):
        """One link by its name or index, or None."""
        if index is None:
            index = self.index_of(name)
            if index is None:
                return None
        found = self.link_body(index)
        return decoded(link_of, [found])[0] if found is not None else None

    def link_body(self, index):
        """The body of the RTM_NEWLINK of one link, or None."""
        # By index: RTM_GETLINK takes a name only from 2.6.33 on. Before IFLA_EXT_MASK (3.3) it refuses that attribute.
        body = LINK.pack(0, 0, index, 0, 0) + (_NO_STATISTICS if _takes_ioctls else b'')
        found = self.ask(RTM_GETLINK, body, (errno.ENODEV,))
        return found[0] if found else None

    def index_of(self, name):
        """The index of the link of that name, or None: one ioctl (netdevice(7)), the cheapest lookup there is.

        KernelError for any other failure than a missing link.
        """
        try:
            answer = ioctl(self.control.fileno(), SIOCGIFINDEX, _INDEX.pack(to_bytes(name), 0))
        except (OSError, IOError) as error:
            if error.errno == errno.ENODEV:
                return None
            raise KernelError('look up the link %s: %s' % (name, os.strerror(error.errno)), error.errno)
        return _INDEX.unpack(answer)[1]

    def addresses(self, index=None, family=socket.AF_UNSPEC):
        """Every IP address, or those of one link or family: list of Address."""
        own = ADDRESS.pack(family, 0, 0, 0, index or 0)
        families = own[:1] if family else _IP
        found = self.dump(RTM_GETADDR, own if index and self.can_filter() else ADDRESS.pack(family, 0, 0, 0, 0),
                          (errno.ENODEV,), lambda body: body[:1] in families and (not index or body[4:8] == own[4:8]))
        return decoded(address_of, found)

    def rules(self, family=socket.AF_UNSPEC):
        """Every policy rule, of each family in the kernel's order: list of Rule."""
        # A kernel built without policy rules of that family has none.
        return self._rules(family, (errno.EAFNOSUPPORT,))

    def rules_or_none(self, family):
        """The rules of one family; None if the kernel was built without them."""
        try:
            return self._rules(family, ())
        except KernelError:
            return None

    def _rules(self, family, absent):
        body = ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)  # struct fib_rule_hdr is of the same shape
        found = self.ask(RTM_GETRULE, body, absent, NLM_F_DUMP)
        return [rule for rule in decoded(rule_of, found) if rule]

    def routes(self, family=socket.AF_UNSPEC, table=RT_TABLE_MAIN, index=None, kinds=(RTN_UNICAST,), only=None):
        """The routes of one table (254: main), or of all (None); of one link alone, or of every one (None): list of
        Route. kinds: RTN_* numbers; reading.ALL_KINDS for those that somebody asked for. only(body): those that it
        says (reading.leading_to, reading.overlapping), which keeps a list of a million short."""
        found = []
        for one in (socket.AF_INET, socket.AF_INET6) if family == socket.AF_UNSPEC else (family,):
            found += decoded(route_of, self._routes(one, table, index, kinds, only))
        return [route for route in found
                if route and table in (None, route.table) and index in (None, route.index)]

    def _routes(self, family, table, index, kinds, only):
        """The bodies of routes of a family, before 4.20 of every table and link: a container may have a million
        that nobody asked for."""
        plain = ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)
        if table is None and index is None or not self.can_filter():
            body = plain
        else:
            body = ROUTE.pack(family, 0, 0, 0, 0, 0, 0, kinds[0] if len(kinds) == 1 else 0, 0)
            for kind, value in ((RTA_TABLE, table), (RTA_OIF, index)):
                body += writing.u32(kind, value) if value is not None else b''
        absent = (errno.ENOENT, errno.ENODEV, errno.EAFNOSUPPORT, errno.EOPNOTSUPP)  # no such table, link or family
        oif = None if index is None else writing.u32(RTA_OIF, index)
        # Several next hops have their links inside: struct rtnexthop.
        several = b'' if index is None else struct.pack('=i', index)
        wanted = frozenset(struct.pack('B', kind) for kind in kinds)
        # struct rtmsg has the type in its eighth byte; most of what comes are local and broadcast ones.
        return self.dump(RTM_GETROUTE, body, absent,
                         lambda item: item[7:8] in wanted and (oif is None or oif in item or several in item)
                         and (only is None or only(item)))

    def can_filter(self):
        """Does the kernel look at what a dump asks for (NETLINK_GET_STRICT_CHK, Linux 4.20)? Switched on when first
        needed: few sockets are asked for a list."""
        if self._strict is None:
            try:
                self.socket.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
                self._strict = True
            except (OSError, socket.error):
                self._strict = False
        return self._strict

    def _send(self, data):
        try:
            self.socket.send(data)
        except (OSError, socket.error) as error:
            cause = os.strerror(error.errno) if error.errno else error
            raise KernelError('send to rtnetlink: %s' % cause, error.errno or 0)

    def _receive(self, deadline):
        """One datagram, cut into (type, flags, sequence, body). NoAnswerError past the deadline (by monotonic())."""
        try:
            data, sender = self.socket.recvfrom(BUFFER_BYTES)
        except (OSError, socket.error) as error:
            if isinstance(error, socket.timeout) or error.errno in (errno.EAGAIN, errno.EWOULDBLOCK):
                raise NoAnswerError('rtnetlink: no answer within %g s' % RECEIVE_SECONDS)
            raise
        if monotonic() > deadline:
            self.spent = True
            raise NoAnswerError('rtnetlink: no complete answer within %g s' % ANSWER_SECONDS)
        if sender[0] != 0:
            return []  # received before the socket was connected
        found = []
        offset = 0
        while offset + 16 <= len(data):
            length, kind, flags, sequence, _ = writing.HEADER.unpack_from(data, offset)
            if length < 16 or offset + length > len(data):
                break
            found.append((kind, flags, sequence, data[offset + 16:offset + length]))
            offset += (length + 3) & ~3
        return found

    def _ask(self, kind, body, absent, flags, wanted, deadline):
        """Asks and returns the bodies of the answer. errnos in absent mean an empty answer.

        wanted(body): which bodies of a long list are kept. An interrupted dump (NLM_F_DUMP_INTR) and a receive buffer
        that ran over (ENOBUFS) raise _Interrupted.
        """
        self._sequence += 1
        sequence = self._sequence
        deadline = deadline or monotonic() + ANSWER_SECONDS
        self._send(writing.message(kind, NLM_F_REQUEST | flags, body, sequence))
        bodies = []
        broken, room = False, ANSWER_BYTES
        while True:
            try:
                received = self._receive(deadline)
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
                if wanted is None or wanted(content):
                    bodies.append(content)
                    room -= len(content)
                if not flags & NLM_F_DUMP:
                    return bodies
            if room < 0:
                self.spent = True
                raise KernelError('read from rtnetlink: the list is longer than %d MiB' % (ANSWER_BYTES >> 20),
                                  errno.EMSGSIZE)

    def dump_links(self, family=socket.AF_UNSPEC, master=None):
        """The bodies of RTM_NEWLINK for every link; AF_BRIDGE: for every bridge port. master: those of that link alone.

        Before Linux 3.9 attributes are looked for behind a struct rtgenmsg, and where there is a whole struct ifinfomsg
        the kernel logs `12 bytes leftover after parsing attributes`. Later ones take the short form too.
        """
        own = b'' if master is None else writing.u32(IFLA_MASTER, master)
        if _takes_ioctls:  # IFLA_MASTER is a filter since 4.4
            return self.dump(RTM_GETLINK, LINK.pack(family, 0, 0, 0, 0) + _NO_STATISTICS + own)
        return self.dump(RTM_GETLINK, struct.pack('=Bxxx', family), (), lambda item: own in item and (
            not own or attributes(item, 16, (IFLA_MASTER,)).get(IFLA_MASTER) == own[4:]))

    def dump(self, kind, body, absent=(), wanted=None):
        """The bodies of a whole list, those that wanted(body) says; KernelError if it kept changing, or is too long.
        NoAnswerError past the time limit."""
        return self.ask(kind, body, absent, NLM_F_DUMP, wanted)

    def ask(self, kind, body, absent=(), flags=0, wanted=None):
        """The bodies of the answer to a question: list. errnos in absent mean an empty one. It is asked again where the
        answer was interrupted: only for what may be done twice. KernelError, NoAnswerError."""
        deadline = monotonic() + ANSWER_SECONDS
        for _ in range(DUMP_TRIES):
            try:
                return self._ask(kind, body, absent, flags, wanted, deadline)
            except _Interrupted:
                self._drain(deadline)
            except MALFORMED as error:  # of wanted()
                self.spent = True
                raise malformed(error)
        raise KernelError('read from rtnetlink: the list kept changing while it was read', errno.EINTR)

    def _drain(self, deadline):
        """Discards the rest of an abandoned answer."""
        self.socket.setblocking(False)
        try:
            while monotonic() < deadline and self.socket.recvfrom(BUFFER_BYTES)[0]:
                pass
        except (OSError, socket.error):
            pass
        finally:
            self.socket.setblocking(True)


def _netlink_takes_ioctls(opened):
    """Asked once per process, of the link that every namespace has."""
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
    if len(body) < 4:
        raise KernelError('read from rtnetlink: a truncated answer', errno.EBADMSG)
    number = -struct.unpack_from('=i', body)[0]
    if number == 0:
        return None
    if not 0 < number <= writing.MAX_ERRNO:
        raise KernelError('read from rtnetlink: an answer with the error %d, which is none' % number, errno.EBADMSG)
    words = None
    if flags & NLM_F_ACK_TLVS and len(body) >= 20:
        # With NETLINK_CAP_ACK only the header of the request is repeated; without, all of it.
        length = 16 if flags & NLM_F_CAPPED else _U32.unpack_from(body, 4)[0]
        text = attributes(body, 4 + ((length + 3) & ~3)).get(NLMSGERR_ATTR_MSG)
        words = native(text).rstrip('\0') if text else None
    return number, words
