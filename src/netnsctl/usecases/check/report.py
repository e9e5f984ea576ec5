"""What a check found: the echoes, the causes of a failure, and the commands that may mend one."""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.compat import shell_quote
from netnsctl.edge.packets import icmp


class Probe(object):
    """One echo. source, target: labels of the ends, or 'gateway'. source_address, address: what it left from and was
    sent to.

    size: of the IP packet in bytes. arrived: the target saw the request. answered: the answer came back over the
    wire. seconds: round trip, or None. error: what went wrong, or None. way: 0 from the first end, 1 from the second.
    sent: how often it was sent.
    """
    __slots__ = ('source', 'target', 'source_address', 'address', 'size', 'arrived', 'answered', 'seconds', 'error',
                 'way', 'sent')

    def __init__(self, echo, way, target=None):
        self.source = echo.origin.label
        self.target = target or echo.target.label
        self.source_address = echo.source
        self.address = echo.address
        self.size = echo.size
        self.arrived = echo.arrived if echo.target is not None else echo.answered
        self.answered = echo.answered
        self.seconds = echo.seconds
        self.error = _error_of(echo)
        self.way = way
        self.sent = echo.sent

    @property
    def family(self):
        return icmp.AF_INET6 if ':' in self.address else icmp.AF_INET

    @property
    def ok(self):
        return self.answered and self.arrived

    def to_json(self):
        """Plain data, the same names."""
        return dict((name, getattr(self, name)) for name in self.__slots__ if name not in ('way', 'sent'))


class Cause(object):
    """Why a check failed. code: one word, stable. text: one line that names end and link. hint: what to do, or None."""
    __slots__ = ('code', 'text', 'hint')

    def __init__(self, code, text, hint=None):
        self.code = code
        self.text = text
        self.hint = hint

    def to_json(self):
        """Plain data, the same names."""
        return {'code': self.code, 'text': self.text, 'hint': self.hint}

    def __repr__(self):
        return 'Cause(%s: %s)' % (self.code, self.text)


class Report(object):
    """What a check found. ok: packets pass. probes: tuple of Probe, empty where there was nothing to
    ping and only the links were looked at. causes: tuple of Cause, the likeliest first; empty where ok. untested: tuple
    of text, the addresses that were not tested and why; it has at least one entry if there are no probes."""
    __slots__ = ('ok', 'probes', 'causes', 'untested')

    def __init__(self, ok, probes, causes, untested=()):
        self.ok = ok
        self.probes = tuple(probes)
        self.causes = tuple(causes)
        self.untested = tuple(untested)

    @property
    def may_pass(self):
        """It failed for nothing that must last: no answer in time and no reason found, or a carrier that is not there.
        A link that has just come up drops what is sent before the kernel has seen its carrier, and a neighbour is asked
        for again only a second later, more on a busy host."""
        return not self.ok and all(cause.code in ('unknown', 'no-carrier', 'gateway-silent') for cause in self.causes)

    def add_causes(self, causes):
        """Something beside the packets is wrong: list of Cause, put first."""
        own = [cause for cause in self.causes if not causes or cause.code != 'unknown']
        self.causes = tuple(causes) + tuple(own)
        self.ok = self.ok and not causes

    def to_json(self):
        """Plain data: {'ok', 'probes': [...], 'causes': [...], 'untested': [...]}."""
        return {'ok': self.ok, 'probes': [item.to_json() for item in self.probes],
                'causes': [item.to_json() for item in self.causes], 'untested': list(self.untested)}


def command(side, text):
    """A command line that does its work inside the namespace of a diagnosis.Side."""
    netns = side.netns
    if netns.path == '/proc/self/ns/net':
        return text  # the namespace that netnsctl, and so the reader's shell, is in
    if netns.name is not None:
        return 'ip netns exec %s %s' % (shell_quote(netns.name), text)
    return 'nsenter --net=%s %s' % (shell_quote(netns.path), text)


def _error_of(echo):
    """What went wrong with an echo, in words, or None."""
    if echo.ok:
        return None
    if echo.origin.errno == errno.ENODEV:
        return 'there is no link %s' % echo.origin.dev
    if echo.origin.errno:
        return 'cannot open a socket: %s' % os.strerror(echo.origin.errno)
    if echo.source in echo.origin.unbound:
        return 'cannot send from %s: %s' % (echo.source, os.strerror(echo.origin.unbound[echo.source]))
    if echo.errno:
        return 'cannot send: %s' % os.strerror(echo.errno)
    if echo.target is None:
        return 'no answer'
    if echo.answered:
        return 'something other than %s answered' % echo.target.label
    if echo.arrived:
        return 'it arrived, but no answer came back%s' % (' over %s' % echo.origin.dev if echo.origin.dev else '')
    return 'no answer'
