"""A program that asks rtnetlink one question after the other and prints what the kernel answers: errnos, numbers of
attributes. It imports nothing from netnsctl, and runs under any Python."""
from __future__ import absolute_import, division, print_function

import json
import sys

TEXT = r"""
import errno, fcntl, json, os, socket, struct, sys
LINK = struct.Struct('=BxHiII')

def attribute(kind, value):
    if isinstance(value, int):
        value = struct.pack('=I', value)
    return struct.pack('=HH', 4 + len(value), kind) + value + b'\0' * (-len(value) % 4)

def link(index=0, flags=0, change=0, family=0):
    return LINK.pack(family, 0, index, flags, change)

def name(text):
    return attribute(3, text.encode() + b'\0')

def info(kind, data=b''):
    return attribute(18, attribute(1, kind.encode()) + data)

def veth(one, other):
    return link() + name(one) + info('veth', attribute(2, attribute(1, link() + name(other))))

def index_of(text):
    control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return struct.unpack('16si20x', fcntl.ioctl(control, 0x8933, struct.pack('16si20x', text.encode(), 0)))[1]

def named(number):
    return 'EOPNOTSUPP' if number == errno.EOPNOTSUPP else errno.errorcode[number]

def refused(call, *arguments):
    try:
        call(*arguments)
    except (OSError, IOError, socket.error):
        return named(sys.exc_info()[1].errno)
    return None

class Route(object):
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sequence = 0

    def ask(self, *requests):
        # (type, flags, body), ... in one datagram: for each None, an errno's name, or the messages of its answer
        first, data = self.sequence + 1, b''
        for kind, flags, body in requests:
            self.sequence += 1
            data += struct.pack('=IHHII', 16 + len(body), kind, 1 | flags, self.sequence, 0) + body
            data += b'\0' * (-len(body) % 4)
        self.socket.send(data)
        answers, missing = [[] for _ in requests], len(requests)
        while missing:
            data = self.socket.recv(1 << 18)
            while data:
                size, kind, flags, sequence, _ = struct.unpack('=IHHII', data[:16])
                body, data = data[16:size], data[(size + 3) & ~3:]
                at = sequence - first
                if kind == 2:
                    number = -struct.unpack('=i', body[:4])[0]
                    answers[at] = named(number) if number else None
                    missing -= 1
                elif kind == 3:
                    missing -= 1
                else:
                    answers[at].append((kind, body))
                    if not flags & 2:
                        missing -= 1
        return answers

    def one(self, kind, flags, body):
        return self.ask((kind, flags, body))[0]

def attributes(body, at=16):
    found = {}
    while at + 4 <= len(body):
        size, kind = struct.unpack('=HH', body[at:at + 4])
        if size < 4:
            break
        found[kind] = body[at + 4:at + size]
        at += (size + 3) & ~3
    return found

def numbers(body, at=16):
    return sorted(attributes(body, at))

ACK, CREATE, EXCL, DUMP = 4, 0x400, 0x200, 0x300
NEW, DEL, GET, SET = 16, 17, 18, 19
told = []
tell = told.append
route = Route()
"""


def script(code):
    """The argv of a program that runs the code and prints what it gave to tell(), as JSON."""
    return [sys.executable, '-E', '-s', '-c', TEXT + code + '\nprint(json.dumps(told))']


def told(run, code):
    """What the code told. run: process.run, or a kernel's."""
    result = run(script(code))
    assert result.status == 0, result
    return json.loads(result.out)
