"""Any order of add, delete, wire, unwire, kill, restart, save, up, down: the host is as a model in plain Python says.

Each run of the machine has a throwaway host (support.aside) of its own.
"""

from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from faults import points
from support import process
from support.aside import own_host
from support.program import Program

hypothesis = pytest.importorskip('hypothesis')
stateful = pytest.importorskip('hypothesis.stateful')
some = pytest.importorskip('hypothesis.strategies')

EVERY = bool(os.environ.get('NETNSCTL_TEST_EVERY'))
NAMES = ('a', 'b', 'c')
# wire: ((name, interface, address) twice). Wires that meet in one namespace have interfaces of their own.
WIRES = {
    'ab': (('a', 'A', '10.1.1.1/32'), ('b', 'B', '10.1.1.2/32')),
    'ac': (('a', 'C', '10.1.2.1/24'), ('c', 'A', '10.1.2.2/24')),
    'bc': (('b', 'C', 'fd00:3::1/64'), ('c', 'B', 'fd00:3::2/64')),
    'ah': (('a', 'H', '10.1.4.1/24'), ('host', 'toa', '10.1.4.2/24')),
}
KILLED_AT = ('sendto', 'rename', 'unlink', 'openat', 'setns')


def text_of(end):
    return '%s%s:%s=%s' % (('' if end[0] == 'host' else 'netns://',) + end)


class Commands(stateful.RuleBasedStateMachine):
    """names: the namespaces that are there, {name: made by `up`?}. wired: {wire: is it whole?}. saved: wires."""

    def __init__(self):
        super(Commands, self).__init__()
        self.host = own_host(Program())
        self.names, self.wired, self.saved = {}, {}, set()

    def teardown(self):
        self.host.close()

    def run(self, *words, **options):
        result = self.host(*words, **options)
        assert 'Traceback' not in result.err, result
        return result

    def done(self, *words):
        result = self.run(*words)
        assert result.status == 0, (words, result)
        return result

    # What can be wired, and what that comes to

    def ends_are_there(self, wire):
        return all(end[0] == 'host' or end[0] in self.names for end in WIRES[wire])

    @stateful.rule(name=some.sampled_from(NAMES))
    def add(self, name):
        result = self.run('netns', 'add', name)
        assert (result.status == 0) == (name not in self.names), result
        self.names.setdefault(name, False)

    @stateful.rule(name=some.sampled_from(NAMES))
    def delete(self, name):
        result = self.run('netns', 'delete', name)
        assert (result.status == 0) == (name in self.names), result
        self.lose(name)
        self.names.pop(name, None)

    @stateful.precondition(lambda self: self.names)
    @stateful.rule(data=some.data())
    def restart(self, data):
        """A namespace ends and another has its name at once, as that of a container which is started again."""
        name = data.draw(some.sampled_from(sorted(self.names)))
        self.host.sh('ip netns delete {0}; ip netns add {0}'.format(name))
        self.lose(name)
        self.names[name] = False

    def lose(self, name):
        for wire in self.wired:
            if name in [end[0] for end in WIRES[wire]]:
                self.wired[wire] = False

    def words(self, wire, backend):
        return ['wire', '--no-check', '--backend', backend, '--name', wire] + [text_of(end) for end in WIRES[wire]]

    @stateful.rule(wire=some.sampled_from(sorted(WIRES)), backend=some.sampled_from(['iproute', 'netlink']))
    def wire(self, wire, backend):
        result = self.run(*self.words(wire, backend))
        if not self.ends_are_there(wire):
            assert result.status == 3, result
            return
        assert result.status == 0, result
        assert result.out.startswith('already wired' if self.wired.get(wire) else 'wired'), (result, self.wired)
        self.wired[wire] = True

    @stateful.rule(wire=some.sampled_from(sorted(WIRES)))
    def unwire(self, wire):
        self.done('unwire', '--if-exists', wire)
        self.wired.pop(wire, None)

    @stateful.rule()
    def unwire_all(self):
        self.done('unwire', '--all')
        self.wired.clear()

    @stateful.rule(wire=some.sampled_from(sorted(WIRES)), syscall=some.sampled_from(KILLED_AT),
                   nth=some.integers(1, 12), verb=some.sampled_from(['wire', 'unwire']))
    def kill(self, wire, syscall, nth, verb):
        """Killed somewhere; the next command leaves what was, or what was asked for."""
        fault = {'kind': 'kill', 'syscall': syscall, 'what': 'signal=KILL',
                 'nth': nth if syscall != 'openat' else nth + 160}
        words = self.words(wire, 'netlink') if verb == 'wire' else ['unwire', '--if-exists', wire]
        argv = self.host.argv(*words)
        at = len(self.host.prefix)
        process.run(argv[:at] + points.words_of(fault) + argv[at:], environ=self.host.environ())
        self.done('unwire', '--if-exists', 'none')
        found = self.listed().get(wire)
        was = {True: 'whole', False: 'lost'}.get(self.wired.get(wire))
        wanted = 'whole' if verb == 'wire' and self.ends_are_there(wire) else None
        # A lost wire is cleared away before it is made again.
        allowed = [was, wanted] + ([None] if was == 'lost' else [])
        assert found in allowed, (verb, wire, found, was)
        self.wired.pop(wire, None)
        if found is not None:
            self.wired[wire] = found == 'whole'

    @stateful.precondition(lambda self: any(self.wired.values()))
    @stateful.rule(data=some.data())
    def save(self, data):
        wire = data.draw(some.sampled_from(sorted(wire for wire in self.wired if self.wired[wire])))
        self.done('config', 'save', wire)
        self.saved.add(wire)

    @stateful.rule()
    def up(self):
        self.done('up')
        for wire in self.saved:
            for end in WIRES[wire]:
                if end[0] != 'host' and end[0] not in self.names:
                    self.names[end[0]] = True
            self.wired[wire] = True

    @stateful.rule()
    def down(self):
        self.done('down')
        for wire in self.saved:
            self.wired.pop(wire, None)
        for name in [name for name in self.names if self.names[name]]:
            if not any(name in [end[0] for end in WIRES[wire]] for wire in self.wired):
                del self.names[name]

    # What must hold after each

    def listed(self):
        return dict((wire['name'], wire['state'])
                    for wire in json.loads(self.run('ls', '--json').out)['wires'])

    @stateful.invariant()
    def the_host_is_as_the_model_says(self):
        wanted = dict((wire, 'whole' if whole else 'lost') for wire, whole in self.wired.items())
        assert self.listed() == wanted
        names = self.host.sh('ls /run/netns 2>/dev/null || true').split()
        assert sorted(names) == sorted(self.names)
        for place in names + ['host']:
            shown = json.loads(self.host.sh('ip %s -j address' % ('' if place == 'host' else '-n ' + place)))
            found = dict((link['ifname'], sorted('%s/%d' % (one['local'], one['prefixlen'])
                                                 for one in link['addr_info'] if one['scope'] == 'global'))
                         for link in shown if link.get('ifname') not in ('lo', None))
            links = dict((end[1], [end[2]]) for wire, whole in self.wired.items() if whole
                         for end in WIRES[wire] if end[0] == place)
            assert found == links, place
        assert self.host.sh('find /run -name "*.tmp" -o -name "*.pending.json"') == ''


def test_any_order_of_commands():
    settings = hypothesis.settings(max_examples=30 if EVERY else 4, stateful_step_count=20, deadline=None,
                                   database=None, suppress_health_check=list(hypothesis.HealthCheck))
    stateful.run_state_machine_as_test(Commands, settings=settings)
