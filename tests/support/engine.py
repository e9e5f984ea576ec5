"""A Docker Engine that misbehaves: a unix socket that answers what a test says, or nothing."""

from __future__ import absolute_import, division, print_function

import os
import socket
import threading


class Engine(object):
    """Listens at path and answers each connection with reply(request bytes): bytes, or None for never."""

    def __init__(self, path, reply):
        self.path = path
        self.reply = reply
        self.requests = []
        self.held = []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(8)
        self.thread = threading.Thread(target=self.serve)
        self.thread.daemon = True
        self.thread.start()

    @property
    def environ(self):
        return {'DOCKER_HOST': 'unix://' + self.path}

    def serve(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except (OSError, socket.error):
                return
            data = b''
            while b'\r\n\r\n' not in data:
                piece = connection.recv(4096)
                if not piece:
                    break
                data += piece
            self.requests.append(data)
            answer = self.reply(data)
            if answer is None:
                self.held.append(connection)
                continue
            try:
                connection.sendall(answer)
            except (OSError, socket.error):
                pass
            connection.close()

    def close(self):
        # A blocked accept() does not notice a close(): shutdown wakes it.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        self.listener.close()
        for connection in self.held:
            connection.close()
        os.unlink(self.path)


def http(status, body):
    """An HTTP reply with this body (text)."""
    data = body.encode('utf-8')
    head = 'HTTP/1.0 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' % (status, len(data))
    return head.encode('ascii') + data
