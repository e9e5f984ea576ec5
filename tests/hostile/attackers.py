"""Processes that attack from inside a namespace, as root in a container can."""
from __future__ import absolute_import, division, print_function

import os
import sys

from support import process

# Sends answers that the kernel did not give to every rtnetlink socket of the namespace, as fast as it can, with all
# the sequence numbers that a short command uses. argv[1]: which answer.
_FORGER = r'''
from __future__ import print_function
import errno, os, socket, struct, sys

def message(kind, body, sequence, flags=0, length=None):
    return struct.pack('=IHHII', length or 16 + len(body), kind, flags, sequence, 0) + body

ENODEV = struct.pack('=i', -19) + b'\0' * 16
LINK = struct.pack('=BxHiII', 0, 1, 77, 0, 0)
ANSWERS = {
    'ack': lambda n: message(2, b'\0' * 20, n),
    'enodev': lambda n: message(2, ENODEV, n),
    'done': lambda n: message(3, b'\0' * 4, n, 2),
    'short': lambda n: message(2, b'\0', n),
    'bare': lambda n: message(16, b'\0', n),
    'too long': lambda n: message(16, LINK, n, 2, 4000),
    'bad address': lambda n: message(20, struct.pack('=BBBBIHH', 2, 32, 0, 0, 1, 6, 1) + b'abxx', n, 2),
    'interrupted': lambda n: message(16, LINK, n, 0x12),
    'flood': lambda n: message(16, LINK + b'\0' * 20000, 0, 2),
}
answers = [ANSWERS[sys.argv[1]](n) for n in range(1, 60)]
mine = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
mine.bind((0, 0))
mine.setblocking(0)
own = mine.getsockname()[0]
print('ready')
sys.stdout.flush()
while True:
    with open('/proc/net/netlink') as table:
        rows = [line.split() for line in table]
    for row in rows[1:]:
        if row[1] != '0' or int(row[2]) in (0, own):
            continue
        for answer in answers:
            try:
                mine.sendto(answer, (int(row[2]), 0))
            except (OSError, socket.error) as error:
                if error.errno in (errno.ECONNREFUSED, errno.EPERM):
                    break
'''

# Sets links down and up, and makes and removes others, so that no list of them can be read without an interruption.
_FLAPPER = r'''
import subprocess, sys
batch = ''.join('link add flap%d type veth peer name palf%d\nlink del flap%d\n' % (n, n, n) for n in range(50))
print('ready')
sys.stdout.flush()
while True:
    child = subprocess.Popen(['ip', '-force', '-batch', '-'], stdin=subprocess.PIPE)
    child.communicate(batch.encode('ascii'))
'''

# Answers ARP for any address, and tells another MAC address each time. argv[1]: the link. argv[2]: 'us': from the MAC
# address of who asks; 'many': a hundred answers, each from another.
_CLAIMER = r'''
import os, socket, struct, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
link.bind((sys.argv[1], 0x0806))
own = link.getsockname()[4]
print('ready')
sys.stdout.flush()
while True:
    frame = link.recv(2000)
    if frame[20:22] != b'\0\1' or frame[6:12] == own:
        continue
    for _ in range(100 if sys.argv[2] == 'many' else 1):
        told = b'\2' + os.urandom(5)
        source = {'us': frame[6:12], 'many': told}.get(sys.argv[2], own)
        link.send(b'\xff' * 6 + source + frame[12:20] + b'\0\2' + told + frame[38:42] + frame[22:32])
'''

# A router that answers every packet with garbage: ARP replies that are cut off or of nobody, echo replies with another
# cookie, too short, from another, with a wrong number, and all of them over and over. argv[1]: the link.
_BABBLER = r'''
import os, socket, struct, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
link.bind((sys.argv[1], 0x0003))
own = link.getsockname()[4]

def ip(data, source, target, kind=b'\1'):
    head = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(data), 1, 0, 64, ord(kind), 0) + source + target
    total = sum(struct.unpack('!10H', head))
    total = (total & 0xffff) + (total >> 16)
    return head[:10] + struct.pack('!H', ~(total + (total >> 16)) & 0xffff) + head[12:] + data

print('ready')
sys.stdout.flush()
while True:
    frame = link.recv(2000)
    if frame[6:12] == own:
        continue
    back = frame[6:12] + own + frame[12:14]
    answers = [back, back + os.urandom(30), back + frame[14:] + b'\0' * 8]
    if frame[12:14] == b'\x08\x06':
        told = frame[38:42] if frame[38:42] == b'\x0a\1\1\1' else os.urandom(4)
        answers += [back + frame[14:20] + b'\0\2' + own + told + frame[22:32], back + frame[14:24]]
    elif frame[12:14] == b'\x08\0':
        echo, ends = frame[34:], (frame[30:34], frame[26:30])
        for data in (b'\0\0\0\0' + echo[4:8] + os.urandom(8), b'\0', b'\0\0\0\0' + b'\xff' * 4 + echo[8:16]):
            answers += [back + ip(data, *ends), back + ip(data, b'\x0a\1\1\x63', ends[1])]
    for answer in answers * 20:
        try:
            link.send(answer[:1514])
        except (OSError, socket.error):
            pass
'''


class Attackers(object):
    """forge(ns, answer) and flap(ns) start one in a named namespace, which is at work when they return."""

    def __init__(self):
        self._running = []

    def forge(self, ns, answer):
        """Answers of this kind (see _FORGER) for every rtnetlink socket that is opened in a named namespace."""
        return self._start(ns, _FORGER, answer)

    def flap(self, ns):
        """Links that come and go all the time."""
        return self._start(ns, _FLAPPER)

    def claim(self, ns, dev, how='own'):
        """One that answers for every IPv4 address on a link (see _CLAIMER)."""
        return self._start(ns, _CLAIMER, dev, how)

    def babble(self, ns, dev):
        """A router that answers everything on a link with garbage (see _BABBLER)."""
        return self._start(ns, _BABBLER, dev)

    def sleep(self, ns):
        """A process in a named namespace: Popen."""
        return self._wait(process.start(['nsenter', '--net=/run/netns/' + ns, 'sh', '-c',
                                         'echo ready; exec sleep 1000']))

    def hold(self, path):
        """A process that has a file open: Popen."""
        return self._wait(process.start(['sh', '-c', 'exec <"$1"; echo ready; exec sleep 1000', 'sh', path]))

    def end(self, child):
        """Ends one of them."""
        os.killpg(child.pid, 9)
        process.finish(child)

    def _start(self, ns, script, *args):
        # nsenter alone would show the host's /proc/net: /proc/self is the process's own.
        return self._wait(process.start(['ip', 'netns', 'exec', ns, sys.executable, '-c', script] + list(args),
                                        dict(os.environ, PYTHONDONTWRITEBYTECODE='1')))

    def _wait(self, child):
        self._running.append(child)
        line = process.native(child.stdout.readline())
        if line != 'ready\n':
            raise AssertionError('no attacker: %r' % process.finish(child))
        return child

    def close(self):
        """Ends those that still run."""
        for child in self._running:
            if child.poll() is None:
                self.end(child)
        self._running = []
