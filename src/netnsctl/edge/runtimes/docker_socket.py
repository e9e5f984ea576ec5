"""HTTP requests to an engine on a unix socket: with one answer, under one overall time limit, or with an endless
answer.

Made by hand: http.client imports email and ssl's neighbours, which costs about 15 ms
of every start, and its timeouts are per recv(2), so that a reply that drips in never ends.
"""
from __future__ import absolute_import, division, print_function

import _socket as socket
import errno
import re
import time

from netnsctl.compat import monotonic, to_bytes
from netnsctl.errors import NetnsctlError, NoAnswerError, cause_of

SECONDS = 5.0
# An inspected container takes 5 to 20 kB; no honest answer comes near this.
REPLY_LIMIT = 4 << 20
# HTTP/1.0: the engine closes after the reply and (by the RFC) does not chunk it.
REQUEST = 'GET %s HTTP/1.0\r\nHost: docker\r\nAccept: application/json\r\n\r\n'
MSG_NOSIGNAL = 0x4000  # linux/socket.h; Python 2 has no name for it. SIGPIPE may be at its default here.

_SAFE = bytearray(b'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~')


class Unusable(Exception):
    """Nobody listens on the socket, or not in HTTP; its text is the cause, in one line."""


def quote_segment(name):
    """A name as one segment of a request's path, percent-encoded (RFC 3986)."""
    return ''.join(chr(byte) if byte in _SAFE else '%%%02X' % byte for byte in bytearray(to_bytes(name)))


def get(path, target, seconds=SECONDS, limit=REPLY_LIMIT):
    """GET target (a path, already encoded) from the engine at the socket path: (status, body as bytes).

    Raises NoAnswerError when the whole reply is not there after that many seconds, NetnsctlError for a reply of more
    than limit bytes, Unusable if there is no engine.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        try:
            return _exchange(connection, path, target, monotonic() + seconds, limit)
        except socket.timeout:
            raise NoAnswerError('ask %s: no answer within %g s' % (path, seconds))
        except EnvironmentError as error:  # socket.error is an IOError on 2 and an OSError on 3
            raise Unusable(cause_of(error))
    finally:
        connection.close()


def _exchange(connection, path, target, deadline, limit):
    _connect(connection, path, deadline)
    request = REQUEST % target
    _time_left(connection, deadline)
    try:
        connection.sendall(to_bytes(request), MSG_NOSIGNAL)
    except EnvironmentError as error:
        if error.errno not in (errno.EPIPE, errno.ECONNRESET):  # it may have answered before it read all
            raise
    data = b''
    while True:
        _time_left(connection, deadline)
        try:
            piece = connection.recv(1 << 18)
        except EnvironmentError as error:
            if error.errno == errno.EINTR:
                continue
            raise
        data += piece
        if len(data) > limit:
            raise NetnsctlError('ask %s: the answer is longer than %d bytes' % (path, limit))
        reply = parse(data, ended=not piece)
        if reply:
            return reply


def _connect(connection, path, deadline):
    while True:
        _time_left(connection, deadline)
        try:
            return connection.connect(path)
        except EnvironmentError as error:
            # unix(7): EAGAIN is a full backlog, so a daemon that is there but hangs.
            if error.errno not in (errno.EAGAIN, errno.EINTR):
                raise
        time.sleep(0.01)


def _time_left(connection, deadline):
    left = deadline - monotonic()
    if left <= 0:
        raise socket.timeout()
    connection.settimeout(left)


def _parse_head(data, ended):
    """(status, head, what is there of the body), None while the head is not whole; Unusable if it is not HTTP."""
    head, blank, body = data.partition(b'\r\n\r\n')
    status = re.match(b'HTTP/1\\.[01] ([0-9]{3})(?: [^\r\n]*)?(?:\r\n|$)', head)
    if not blank:
        if ended or len(data) > 1 << 16:
            raise Unusable('the answer is not HTTP' if data else 'closed without an answer')
        return None
    if not status:
        raise Unusable('the answer is not HTTP')
    return int(status.group(1)), head, body


def _is_chunked(head):
    return re.search(b'(?i)\r\ntransfer-encoding:[^\r\n]*chunked', head) is not None


def parse(data, ended):
    """(status, body) of a whole reply, None while it is not whole; Unusable if it is not HTTP or interrupted."""
    parsed = _parse_head(data, ended)
    if parsed is None:
        return None
    code, head, body = parsed
    if _is_chunked(head):
        body = _dechunk(body)
    else:
        length = re.search(b'(?i)\r\ncontent-length: *([0-9]{1,15}) *(?:\r\n|$)', head)
        if length:
            size = int(length.group(1))
            body = body[:size] if len(body) >= size else None
        elif not ended:
            return None
    if body is None:
        if ended:
            raise Unusable('the answer was cut short')
        return None
    return code, body


def _dechunk(body):
    """The content of a chunked body (RFC 7230, 4.1), None while it is not whole."""
    # By offsets: a slice a chunk would copy the rest each time, and an engine may send chunks of one byte.
    pieces, at = [], 0
    while True:
        end = body.find(b'\r\n', at, at + 1024)
        if end < 0:
            if len(body) - at < 1024:
                return None
            raise Unusable('the answer is not HTTP')
        size = re.match(b'([0-9A-Fa-f]{1,8})[ \t]*(?:;|$)', body[at:end])
        if not size:
            raise Unusable('the answer is not HTTP')
        size = int(size.group(1), 16)
        if size == 0:
            return b''.join(pieces)
        if len(body) < end + 2 + size + 2:
            return None
        pieces.append(body[end + 2:end + 2 + size])
        at = end + 2 + size + 2


class Stream(object):
    """The endless answer to GET target (a path, already encoded), for poll(2): nothing here waits.

    answered: has the engine said 200 yet? Unusable from here and from read() where there is no engine, it has gone,
    or it refuses.
    """

    def __init__(self, path, target):
        self.answered = False
        self._data = b''
        self._left = None  # of a chunk, in bytes; None: the answer is not chunked
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._connection.setblocking(False)
            self._connection.connect(path)
            # So short that it fits whole into the buffer of a socket that is new.
            self._connection.sendall(to_bytes('GET %s HTTP/1.0\r\nHost: docker\r\n\r\n' % target), MSG_NOSIGNAL)
        except EnvironmentError as error:
            self._connection.close()
            raise Unusable(cause_of(error))

    def fileno(self):
        return self._connection.fileno()

    def close(self):
        self._connection.close()

    def read(self):
        """What has come of the body: bytes, empty if nothing has."""
        try:
            piece = self._connection.recv(1 << 16)
        except EnvironmentError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return b''
            raise Unusable(cause_of(error))
        if not piece and self.answered:
            raise Unusable('the engine closed the connection')
        self._data += piece
        if not self.answered:
            parsed = _parse_head(self._data, ended=not piece)
            if parsed is None:
                return b''
            status, head, self._data = parsed
            if status != 200:
                raise Unusable('the engine refuses: HTTP status %d' % status)
            self.answered = True
            self._left = 0 if _is_chunked(head) else None
        if self._left is not None:
            return self._take_chunks()
        body, self._data = self._data, b''
        return body

    def _take_chunks(self):
        """The content of what is there of a chunked body (RFC 7230, 4.1)."""
        pieces = []
        while self._data:
            if self._left:
                piece, self._data = self._data[:self._left], self._data[self._left:]
                self._left -= len(piece)
                pieces.append(piece)
                continue
            line, newline, rest = self._data.partition(b'\r\n')
            if not newline and len(line) < 1024:
                break
            size = re.match(b'([0-9A-Fa-f]{1,8})[ \t]*(?:;|$)', line)
            if line and not size:
                raise Unusable('the answer is not HTTP')
            if size and int(size.group(1), 16) == 0:
                raise Unusable('the engine ended its answer')
            self._data = rest  # an empty line is the end of the chunk before
            self._left = int(size.group(1), 16) if size else 0
        return b''.join(pieces)
