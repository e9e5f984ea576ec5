"""Wires that netnsctl made before its operations were called add-link and delete-link: their records, as it wrote them
then, stand in old_journals/. They can be shown, checked, unwired, replaced, rolled back and put back.

Each test makes such a wire, and puts the old record in the place of the new one.
"""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support.inside import addresses
from support.untouched import assert_untouched, own_state

FOLDER = '/run/netnsctl/wires'
OLD = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'old_journals')
ENDS = {'plain': ('%(a)s:x=10.201.1.1/24,mac=02:00:00:00:00:01', '%(b)s:y=10.201.1.2/24,mac=02:00:00:00:00:02'),
        'bridge': ('%(a)s:x=10.201.1.1/24,mac=02:00:00:00:00:01',
                   'bridge://%(bridge)s:p=10.201.1.254/24,mac=fe:00:00:00:00:02'),
        'replacing': ('%(a)s:x=10.201.1.4/24,mac=02:00:00:00:00:01', '%(b)s:y=10.201.1.2/24,mac=02:00:00:00:00:02')}
VERBS = set(['add-veth', 'delete-veth', 'add-bridge', 'delete-bridge'])


class Wire(object):
    """A wire of two namespaces, or of one and a bridge, that a test makes. kind: a key of ENDS."""

    def __init__(self, run_netnsctl, netns, kind):
        self.run, self.kind = run_netnsctl, kind
        self.names = {'a': netns(), 'b': netns(), 'bridge': 'nwo%d' % os.getpid()}
        self.name = 'old%d' % os.getpid()
        self.words = [end % self.names for end in ENDS[kind]]
        self.before = own_state()

    def make(self, *words):
        result = self.run('wire', '--name', self.name, *(self.words + list(words)))
        assert result.status == 0, result

    def path(self, ending):
        return '%s/%s%s' % (FOLDER, self.name, ending)

    def put_old(self, ending='.json', index=True):
        """Puts the old record where the new one is. ending: of its file. index: does it have the links' numbers?"""
        with open(self.path('.json')) as source:
            new = json.load(source)
        with open('%s/%s.json' % (OLD, self.kind)) as source:
            text = source.read()
        for old, name in (('OLDA', self.names['a']), ('OLDBR', self.names['bridge']), ('OLDB', self.names['b']),
                          ('OLDW', self.name)):
            text = text.replace(old, name)
        record = json.loads(text)
        for each in [record] + [record['replaces']] * bool(record['replaces']):
            assert VERBS & set(step['verb'] for step in each['plan'] + each['undo'])
            each['netns'] = dict((reference, new['netns'][reference]) for reference in each['netns'])
        for end, other in zip(record['ends'], new['ends']):
            end['index'] = other['index'] if index else None
        os.unlink(self.path('.json'))
        with open(self.path(ending), 'w') as out:
            json.dump(record, out)


@pytest.fixture(params=['plain', 'bridge'])
def old(request, run_netnsctl, netns):
    made = Wire(run_netnsctl, netns, request.param)
    made.make()
    made.put_old()
    return made


def test_an_old_wire_is_whole_and_can_be_shown_checked_and_taken_away(old):
    shown = old.run('ls', '--json')
    assert [(wire['name'], wire['state']) for wire in json.loads(shown.out)['wires']] == [(old.name, 'whole')]
    assert old.run('show', old.name).status == 0
    checked = old.run('check', old.name)
    assert checked.status == 0, checked
    again = old.run('wire', '--name', old.name, *old.words)
    assert again.status == 0 and again.out.startswith('already wired'), again
    gone = old.run('unwire', old.name)
    assert (gone.status, gone.err) == (0, ''), gone
    assert_untouched(old.before)


def test_an_old_wire_is_replaced(old):
    old.words[0] = old.words[0].replace('.1.1/', '.1.9/')
    old.make('--replace')
    assert addresses(old.names['a'], 'x') == ['10.201.1.9/24']
    assert old.run('unwire', old.name).status == 0
    assert_untouched(old.before)


@pytest.mark.parametrize('kind', ['plain', 'bridge'])
@pytest.mark.parametrize('index', [True, False])
def test_an_old_wire_that_was_never_finished_is_rolled_back(run_netnsctl, netns, kind, index):
    old = Wire(run_netnsctl, netns, kind)
    old.make()
    old.put_old('.pending.json', index)
    result = run_netnsctl('unwire', '--if-exists', old.name)
    assert result.status == 0 and 'rolled back' in result.err, result
    assert_untouched(old.before)


def test_an_old_wire_whose_replacement_was_never_finished_is_put_back(run_netnsctl, netns):
    old = Wire(run_netnsctl, netns, 'replacing')
    old.make()
    old.put_old('.pending.json', index=False)
    result = run_netnsctl('unwire', '--if-exists', 'none')
    assert result.status == 0 and 'put back the wire %s' % old.name in result.err, result
    assert addresses(old.names['a'], 'x') == ['10.201.1.3/24']
    assert '%s  whole' % old.name in ' '.join(run_netnsctl('ls').out.split(' ')), run_netnsctl('ls')
    assert run_netnsctl('unwire', old.name).status == 0
    assert_untouched(old.before)


def test_many_old_wires_are_taken_away_side_by_side(old):
    result = old.run('unwire', '--all')
    assert (result.status, result.out) == (0, 'unwired %s\n' % old.name)
    assert_untouched(old.before)
