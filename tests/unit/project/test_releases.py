"""This release keeps what docs/stability.md promises of those before it, as tests/releases has them."""
from __future__ import absolute_import, division, print_function

import copy
import json
import os

import pytest

from netnsctl import __version__, errors
from support import clicktree, release_scenes, release_surface
from support.program import TOP
from support.release_scenes import FOLDER, Scene, kept, load
from support.schema_changes import broken

DOCS = os.path.join(TOP, 'docs')
RELEASES = [version for version in release_scenes.versions() if os.path.exists(
    os.path.join(FOLDER, version, 'surface.json'))]
SCHEMAS = sorted(name for name in os.listdir(DOCS) if name.endswith('.schema.json'))


def current(name):
    return load(os.path.join(DOCS, name))


def test_this_version_is_kept():
    assert __version__ in RELEASES


@pytest.mark.parametrize('version', RELEASES)
def test_nothing_that_others_rely_on_is_gone_or_means_something_else(version):
    old = load(os.path.join(FOLDER, version, 'surface.json'))
    assert release_surface.lost(old, json.loads(json.dumps(release_surface.surface()))) == []


@pytest.mark.parametrize('version', RELEASES)
def test_who_reads_the_documents_of_a_release_can_read_todays(version):
    for name in sorted(os.listdir(os.path.join(FOLDER, version, 'schemas'))):
        assert name in SCHEMAS
        assert broken(load(os.path.join(FOLDER, version, 'schemas', name)), current(name)) == [], name


@pytest.mark.parametrize('version,scene', kept())
def test_the_documents_of_a_release_hold_to_its_own_schemas(version, scene):
    jsonschema = pytest.importorskip('jsonschema')
    for words, _, documents in Scene(version, scene).seen:
        schema = load(os.path.join(FOLDER, version, 'schemas', schema_for(words)))
        for document in documents if isinstance(documents, list) else [documents]:
            jsonschema.Draft4Validator(schema).validate(document)


def schema_for(words):
    name = '-'.join(words[:2])
    return '%s.schema.json' % (name if '%s.schema.json' % name in SCHEMAS else words[0])


def test_each_command_with_json_has_a_schema():
    paths = [path for path in clicktree.commands() if path != 'netns' and [
        option for option in clicktree.options(path) if '--json' in option.opts]]
    assert SCHEMAS == sorted('%s.schema.json' % path.replace(' ', '-') for path in paths)


def test_each_form_of_document_is_one_that_a_command_really_printed():
    jsonschema = pytest.importorskip('jsonschema')
    seen = [(schema_for(words), document) for name in [one for one in kept() if one[0] == __version__]
            for words, _, found in Scene(*name).seen for document in (found if isinstance(found, list) else [found])]
    for name in SCHEMAS:
        schema = current(name)
        for form in schema.get('oneOf', [schema]):
            # tests/system/test_schemas.py has a failure of each command.
            if form.get('$ref') == '#/definitions/failure':
                continue
            whole = jsonschema.Draft4Validator(dict(form, definitions=schema['definitions']))
            assert [1 for which, document in seen if which == name and whole.is_valid(document)], (name, form['title'])


def change(schema, *path):
    """The part of a schema at that path."""
    for word in path:
        schema = schema[word]
    return schema


LS = ('definitions', 'end', 'properties')


@pytest.mark.parametrize('damage', [
    lambda schema: change(schema, *LS).pop('mtu'),
    lambda schema: change(schema, *LS)['mtu'].update(type=['string', 'null']),
    lambda schema: change(schema, *LS)['ifname'].update(type=['string', 'null', 'integer']),
    lambda schema: change(schema, *LS)['ifname'].pop('type'),
    lambda schema: change(schema, 'definitions', 'end', 'required').remove('mac'),
    lambda schema: change(schema, *LS)['addresses'].update(items={'type': 'integer'}),
    lambda schema: change(schema, *LS)['addresses']['items'].pop('pattern'),
    lambda schema: change(schema, *LS)['routes']['items']['oneOf'].append({'type': 'integer'}),
    lambda schema: change(schema, *LS)['routes']['items']['oneOf'].pop(),
    lambda schema: change(schema, 'definitions', 'failure', 'properties', 'version')['enum'].append(2),
    lambda schema: change(schema, 'oneOf').pop()])
def test_a_change_that_breaks_who_reads_it_is_found(damage):
    schema = current('ls.schema.json')
    changed = copy.deepcopy(schema)
    damage(changed)
    assert len(broken(schema, changed)) >= 1


@pytest.mark.parametrize('addition', [
    lambda schema: change(schema, *LS).update(speed={'type': 'integer'}),
    lambda schema: change(schema, 'definitions', 'end', 'required').append('ipv6'),
    lambda schema: change(schema, *LS)['ifname'].update(description='other words', type='string'),
    lambda schema: change(schema, 'oneOf').append({'title': 'another form', 'type': 'object'})])
def test_an_addition_breaks_nothing(addition):
    schema = current('ls.schema.json')
    changed = copy.deepcopy(schema)
    addition(changed)
    assert broken(schema, changed) == []


@pytest.mark.parametrize('damage,said', [
    (lambda surface: surface['options'].pop('wire --mtu'), 'options: wire --mtu is gone'),
    (lambda surface: surface['options'].update({'wire --mtu': 'flag'}), 'options: wire --mtu was a value and is flag'),
    (lambda surface: surface['commands'].pop('shape'), 'commands: shape is gone'),
    (lambda surface: surface['exit codes'].update(ConflictError='7'), 'exit codes: ConflictError was 4 and is 7'),
    (lambda surface: surface['exit codes'].update(OtherError='4'), 'exit codes: OtherError takes 4, which others have'),
    (lambda surface: surface['python']['wire'].remove('1. a: str'), 'python: wire: 1. a: str is gone'),
    (lambda surface: surface['keys of the tree'].update(MTU='kept'), 'keys of the tree: MTU was acted on and is kept'),
    (lambda surface: surface['ansible']['wire'].remove('ends: list'), 'ansible: wire: ends: list is gone'),
    (lambda surface: surface['cni']['versions'].remove('0.4.0'), 'cni: versions: 0.4.0 is gone')])
def test_what_is_gone_is_named(damage, said):
    old, new = release_surface.surface(), copy.deepcopy(release_surface.surface())
    damage(new)
    assert release_surface.lost(old, new) == [said]


def test_what_is_new_is_no_loss():
    old, new = release_surface.surface(), copy.deepcopy(release_surface.surface())
    new['options']['wire --new'] = 'flag'
    new['commands']['another'] = ''
    new['python']['wire'].append('more: int = ...')
    new['keys of the tree'].update(BONDING_OPTS='acted on')
    assert release_surface.lost(old, new) == []


def test_the_promise_names_every_exit_code_and_every_part_that_is_kept():
    with open(os.path.join(DOCS, 'stability.md')) as source:
        text = source.read()
    for code in set(item.exit_code for item in vars(errors).values()
                    if isinstance(item, type) and issubclass(item, errors.NetnsctlError)):
        assert '| %d |' % code in text
    for word in ('netnsctl.conf', 'ifcfg-', 'CNI', 'netavark', 'OCI hook', '__init__.pyi', 'collection', '--json'):
        assert word in text
