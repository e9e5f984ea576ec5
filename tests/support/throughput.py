"""Sends as much as a shaped link takes, and measures at the other side how much arrives: a program of its own, run in a
namespace. `send PROTOCOL ADDRESS` ends when it is ended; `receive PROTOCOL ADDRESS RATE BURST` prints what it measured,
in bits a second, and ends with 1 if that is too little, or too much came.

A busy machine can only make less arrive, and only for a while. So what has arrived since the start may at no time be
more than the rate and the burst allow, and in some stretch of SECONDS it has to be nine tenths of the rate.
"""
from __future__ import absolute_import, division, print_function

import socket
import sys
import time

from netnsctl.compat import monotonic

PORT = 5001
SECONDS = 4.0
PATIENCE = 90.0
PAYLOAD = 1200  # of a datagram
UDP_HEADERS = 14 + 20 + 8
TCP_SHARE = 1514 / 1448  # bytes of a packet for each byte of data, with timestamps
KINDS = {'udp': socket.SOCK_DGRAM, 'tcp': socket.SOCK_STREAM}


def send(protocol, address):
    while True:
        try:
            link = socket.socket(socket.AF_INET, KINDS[protocol])
            link.connect((address, PORT))
            (_send_datagrams if protocol == 'udp' else _send_stream)(link)
        except socket.error:
            time.sleep(0.05)  # nobody listens yet


def _send_stream(link):
    while True:
        link.send(b'x' * 65536)


def _send_datagrams(link):
    """Half as many again as 3 Mbit/s take, in time: what was missed while others had the processor is made up for."""
    step = PAYLOAD * 8 / 4.5e6
    due = monotonic()
    while True:
        link.send(b'x' * PAYLOAD)
        due = max(due + step, monotonic() - 0.5)
        time.sleep(max(0, due - monotonic()))


def receive(protocol, address, rate, burst):
    link = socket.socket(socket.AF_INET, KINDS[protocol])
    link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    link.bind((address, PORT))
    if protocol == 'tcp':
        link.listen(1)
        link = link.accept()[0]
    start, total, marks = monotonic(), 0, []
    link.settimeout(PATIENCE)
    while True:
        found = len(link.recv(65536))
        total += found + UDP_HEADERS if protocol == 'udp' else found * TCP_SHARE
        now = monotonic()
        marks.append((now, total))
        # Packets were on their way before the clock ran, and what is read late was not fast.
        if total * 8 > rate * (now - start) * 1.01 + (burst + 2 * 65536 * (protocol == 'tcp') + 4000) * 8:
            sys.exit('too much: %d bytes within %.3f s' % (total, now - start))
        while marks[0][0] < now - SECONDS:
            before = marks.pop(0)
            measured = (total - before[1]) * 8 / (now - before[0])
            if measured >= 0.9 * rate and now - start > 2 * SECONDS:
                print('%d' % measured)
                sys.exit(0)
        if now - start > PATIENCE:
            sys.exit('too little: %d bytes within %.3f s' % (total, now - start))


if __name__ == '__main__':
    if sys.argv[1] == 'send':
        send(*sys.argv[2:4])
    receive(sys.argv[2], sys.argv[3], float(sys.argv[4]), float(sys.argv[5]))
