"""Work: wires made and taken away through the use cases, in namespaces and with a state folder of the test."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.model import endpoint, wires_file
from netnsctl.usecases.wires import many, transaction, unwiring
from netnsctl.usecases.recorded import inventory
from netnsctl.usecases.wires.session import Session
from netnsctl.usecases.wires.wiring import Options, Wiring, wire
from support.core import content, host_in
from support.process import must
from support.waiting import until

BACKENDS = ('netlink', 'iproute')


class Failing(object):
    """A backend that raises `error` before its operation number `at`, counted over all that it is given."""

    def __init__(self, backend, at, error):
        self.backend, self.at, self.error = backend, at, error
        self.name, self.plan = backend.name, backend.plan

    def apply(self, operations):
        operations = tuple(operations)
        self.backend.apply(operations[:self.at])
        if len(operations) > self.at:
            raise self.error
        self.at -= len(operations)


class Work(object):
    """Two namespaces and a session; what is done goes through the use cases themselves."""

    def __init__(self, folder, names):
        self.folder = folder
        self.a, self.b = names
        self.sessions = []
        self.session = self.begin()

    def begin(self):
        """A new session, as the next command has it."""
        self.session = Session(host_in(self.folder))
        self.sessions.append(self.session)
        return self.session

    def wire(self, a=':A=10.1.1.1/32', b=':B=10.1.1.2/32', **options):
        session = self.session
        wiring = Wiring(session, endpoint.parse('netns://' + self.a + a), endpoint.parse('netns://' + self.b + b),
                        Options(**dict({'backend': 'netlink', 'check': False}, **options)))
        try:
            wiring.resolve()
            with session.state.locked():
                transaction.recover(session)
                return wire(session, wiring)
        finally:
            wiring.close()

    def wire_lines(self, text, atomic=False, options=None):
        text = text.replace('A:', 'netns://%s:' % self.a).replace('B:', 'netns://%s:' % self.b)
        lines = wires_file.parse(text, 'f')[0]
        options = options or Options(backend='netlink', check=False)
        return many.wire_lines(self.session, lines, options, atomic)

    def unwire(self, name):
        with self.session.state.locked():
            transaction.recover(self.session)
            return unwiring.unwire(self.session, name)

    def recover(self):
        """What the next command does first: its notices."""
        session = self.begin()
        with session.state.locked():
            transaction.recover(session)
        return session.notices

    def fail(self, at, error, number=1):
        """The backend number so-and-so that this session makes next fails at that operation; no other does."""
        real, calls = self.session.backend, []

        def backend(*arguments):
            calls.append(arguments)
            if len(calls) < number:
                return real(*arguments)
            self.session.backend = real
            return Failing(real(*arguments), at, error)
        self.session.backend = backend

    def state(self, name):
        return inventory.one(self.session, name).state

    def content(self):
        return content(self.a, self.b)

    def settle(self):
        """Waits until no address is tentative any longer: only then has a link-local one its routes."""
        for name in (self.a, self.b):
            until(lambda name=name: 'tentative' not in must(['ip', '-n', name, '-6', 'address']))

    def journal(self):
        return self.session.journal.names()

    def folders(self):
        """Every file of the state that speaks of a wire."""
        return sorted(name for _, _,
                      names in os.walk(self.session.state.folder) for name in names if name not in ('lock', 'ip.json'))


BOTH = {'a': ':A=10.1.1.1/32,fd00::1/64,gw=fd00::2,route=10.9.0.0/16@10.1.1.2',
        'b': ':B=10.1.1.2/32,fd00::2/64,mtu=1400'}
