"""A stand-in for Docker Engine that knows containers c0, c1, ... with the PIDs that it is given.

usage: engine.py SOCKET PID...
It answers GET /containers/json and /containers/NAME/json, and closes each connection, as the real one does if asked to.
"""
from __future__ import absolute_import, division, print_function

import json
import sys

try:
    import socketserver  # novm
except ImportError:  # Python 2
    import SocketServer as socketserver  # novm

import world

PIDS = [int(word) for word in sys.argv[2:]]
CONTAINERS = [{'Id': world.IDENTITY % (number + 1), 'Name': '/c%d' % number,
               'State': {'Status': 'running', 'Running': True, 'Pid': pid, 'StartedAt': '2025-01-01T00:00:00Z'},
               'Config': {'Hostname': 'c%d' % number, 'Env': ['PATH=/usr/bin:/bin'] * 8, 'Image': 'busybox'},
               'HostConfig': {'NetworkMode': 'none'}, 'NetworkSettings': {'Networks': {'none': {}}}}
              for number, pid in enumerate(PIDS)]
BY_NAME = dict((container['Name'][1:], container) for container in CONTAINERS)
BY_NAME.update((container['Id'], container) for container in CONTAINERS)
LIST = [{'Id': container['Id'], 'Names': [container['Name']], 'State': 'running'} for container in CONTAINERS]


class Answer(socketserver.StreamRequestHandler):
    def handle(self):
        target = self.rfile.readline().split()[1].decode('latin-1')
        while self.rfile.readline().strip():
            pass
        parts = target.partition('?')[0].strip('/').split('/')
        document = LIST if parts == ['containers', 'json'] else None
        if len(parts) == 3 and parts[0] == 'containers' and parts[2] == 'json':
            document = BY_NAME.get(parts[1])
        status = '404 Not Found' if document is None else '200 OK'
        body = json.dumps({'message': 'No such container'} if document is None else document).encode('utf-8')
        head = 'HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n'
        self.wfile.write((head % (status, len(body))).encode('latin-1') + body)


class Engine(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


if __name__ == '__main__':
    Engine(sys.argv[1], Answer).serve_forever()
