"""What an earlier release left on a host: its records and files are today's, its command lines still do what they did,
and scripts find in the documents what they found. See tests/releases/README.md."""
from __future__ import absolute_import, division, print_function

import copy
import json
import os

import pytest

from netnsctl import __version__
from support import release_plays, release_scenes
from support.aside import own_host
from support.program import TOP
from support.release_scenes import RECORDS, TREE, Scene, grafted, kept, quoted, without_chance

KEPT = [Scene(*which) for which in kept()]
IDS = ['%s-%s' % which for which in kept()]
# What the documents of these commands say depends on the host that they are run on.
OF_THE_HOST = (['doctor', 'privileges'], ['doctor', '--fix'], ['repo', 'status'], ['shim', 'status'])
HINT = 'tests/releases/%s is not what this version writes: make keep-release' % __version__
# What the program wrote while it was 0.1.0, the first form first (tests/records), and the wires.
FORMS = ['first', 'rules', 'verbs', 'today']
EARLY = {
    'plain': ['a:A=10.1.1.1/24,gw=10.1.1.2,mac=02:00:00:00:00:0a,mtu=1400,route=10.9.0.0/16@10.1.1.2',
              'b:B=10.1.1.2/24'],
    'c-br0': ['c', 'bridge://br0=10.0.0.1/24'],
    'a-br0': ['a', 'bridge://br0=10.0.0.1/24'],
}


@pytest.fixture
def own(run_netnsctl):
    """A throwaway host."""
    host = own_host(run_netnsctl)
    yield host
    host.close()


def write_record(host, record, name=None):
    place = '%s/%s.json' % (RECORDS, quoted(name or record['name']))
    host.sh('umask 077; cat >%s <<\\END\n%s\nEND' % (place, json.dumps(record)))


def replace_records(host, files):
    """Puts records of an earlier release in place of those of today. files: {wire: document}"""
    now = release_scenes.records(host)
    assert sorted(now) == sorted(files)
    for name, record in files.items():
        write_record(host, grafted(record, now[name]))


def read_records(files):
    return dict((name[:-len('.json')], json.loads(text)) for name, text in files.items())


def documents(scene):
    return read_records(scene.files('records'))


def played(host, scene):
    """The host with a scene's wires made by today's program."""
    host.sh(scene.setup)
    before = release_scenes.state(host)
    if ['up'] in [words for words, _ in scene.make]:
        release_scenes.put(host, TREE, scene.files('tree'))
    release_scenes.made(host, scene.make)
    return before


@pytest.mark.parametrize('scene', [scene for scene in KEPT if scene.seen], ids=[
    name for name, scene in zip(IDS, KEPT) if scene.seen])
def test_its_commands_do_what_they_did_and_its_fields_are_there(own, scene):
    played(own, scene)
    found = release_scenes.look(own, scene.see)
    faults = []
    for (words, status, old), (_, now, new) in zip(scene.seen, found):
        faults += ['%s: exit status was %d, is %d' % (' '.join(words), status, now)] if status != now else []
        faults += ['%s: %s' % (' '.join(words), fault) for fault in release_scenes.lacking_shape(old, new)]
    assert faults == []
    assert sorted(release_scenes.files_below(own, TREE)) == sorted(scene.files('tree'))


@pytest.mark.parametrize('name', sorted(release_plays.PLAYS))
def test_what_is_kept_of_this_version_is_what_it_writes(own, name):
    scene, play = Scene(__version__, name), release_plays.PLAYS[name]
    assert (scene.setup, scene.make, scene.see) == (play['setup'], play['make'], play['see']), HINT
    seen, records, files = release_plays.played(own, play)
    assert without_chance(documents(scene)) == without_chance(read_records(records)), HINT
    assert without_chance(scene.files('tree')) == without_chance(files), HINT
    now = json.loads(release_scenes.canonical(seen).replace(TOP, '/top'))
    for old, new in zip(scene.seen, now):
        if old[0][:2] not in OF_THE_HOST:
            assert without_chance(old) == without_chance(new), HINT


@pytest.mark.parametrize('scene', KEPT, ids=IDS)
def test_its_records_are_read_known_again_and_undone(own, scene):
    before = played(own, scene)
    replace_records(own, documents(scene))
    listed = json.loads(own('ls', '--json').out)['wires']
    assert [(wire['state'], wire['remarks']) for wire in listed] == [('whole', [])] * len(listed), listed
    assert own('check', '--all').status == 0
    up = own('up')
    assert up.status == 0 and up.out.startswith('nothing to do'), up
    assert own('unwire', '--all').status == 0
    assert release_scenes.state(own) == before


@pytest.mark.parametrize('scene', KEPT[::len(KEPT) // len(release_scenes.versions())],
                         ids=IDS[::len(KEPT) // len(release_scenes.versions())])
def test_what_it_had_begun_when_it_was_killed_is_taken_back(own, scene):
    before = played(own, scene)
    now = release_scenes.records(own)
    for name, record in documents(scene).items():
        own.sh('rm %s/%s.json' % (RECORDS, quoted(name)))
        write_record(own, grafted(record, now[name]), name + '.pending')
    assert own('unwire', '--all').status == 0
    assert own.sh('ls %s' % RECORDS) == '' and release_scenes.state(own) == before


@pytest.mark.parametrize('scene', KEPT, ids=IDS)
def test_its_tree_is_read_brought_up_and_down(own, scene):
    own.sh(scene.setup)
    before = release_scenes.state(own)
    files = scene.files('tree')
    release_scenes.put(own, TREE, files)
    assert own('up').status == 0
    for words in (['config', 'check'], ['check', '--all']):
        result = own(*words)
        assert result.status == 0, result
    again = own('up')
    assert again.out.startswith('nothing to do'), again
    assert sorted(release_scenes.records(own)) == sorted(documents(scene))
    assert own('down').status == 0
    assert release_scenes.state(own) == before
    assert release_scenes.files_below(own, TREE) == files


@pytest.mark.parametrize('form', FORMS)
def test_records_of_the_first_forms_are_known_again_and_undone(own, form):
    own.sh('for name in a b c; do ip netns add $name; done')
    before = release_scenes.state(own)
    for name in ('plain', 'c-br0', 'a-br0'):
        assert own('wire', '--name', name, '--no-check', *EARLY[name]).status == 0
    old = {}
    for name in EARLY:
        with open(os.path.join(TOP, 'tests', 'records', form, name + '.json')) as source:
            old[name] = json.load(source)
    replace_records(own, old)
    for name in EARLY:
        shown = own('show', name)
        assert shown.status == 0 and name in shown.out, shown
    assert [wire['state'] for wire in json.loads(own('ls', '--json').out)['wires']] == ['whole'] * 3
    assert own('unwire', '--all').status == 0
    assert release_scenes.state(own) == before


def test_a_map_that_was_kept_can_be_compared(own):
    for scene in KEPT:
        for words, status, document in scene.seen:
            if words[0] == 'map' and status == 0 and 'namespaces' in document:
                own.sh('cat >/run/old.json <<\\END\n%s\nEND' % json.dumps(document))
                result = own('map', '--diff', '/run/old.json', '--json')
                assert result.status == 0 and json.loads(result.out)['changes'], result


def test_what_a_document_lacks_is_found():
    old = {'wires': [{'name': 'x', 'mtu': None, 'ends': [1]}], 'version': 1}
    assert release_scenes.lacking_shape(old, dict(copy.deepcopy(old), more=1)) == []
    assert release_scenes.lacking_shape(old, {'wires': [{'name': 'x', 'mtu': 1, 'ends': ['1']}], 'version': 1}) == [
        '.wires[].ends[]: was a number, is text']
    assert release_scenes.lacking_shape(old, {'wires': [{'mtu': 1, 'ends': [2]}], 'version': 1}) == [
        '.wires[].name is gone']
