"""What each command prints with --json holds to docs/*.schema.json, which those who read it can rely on."""

from __future__ import absolute_import, division, print_function

import copy
import json
import os

import jsonschema
import pytest

from support import clicktree
from support.aside import own_host
from support.inside import add_link, ip
from support.program import TOP

DOCS = os.path.join(TOP, 'docs')
COMMANDS = sorted(path for path in clicktree.commands() if path != 'netns' and [
    option for option in clicktree.options(path) if '--json' in option.opts])


def schema_of(path):
    with open(os.path.join(DOCS, '%s.schema.json' % path.replace(' ', '-'))) as source:
        return json.load(source)


def hold(path, result, status=0):
    """The document that a command printed, which holds to its schema."""
    assert result.status == status, result
    document = json.loads(result.out)
    jsonschema.Draft4Validator(schema_of(path)).validate(document)
    assert document.get('exit_code', 0) == (0 if path == 'doctor' and 'fit' in document else status), result
    return document


def test_each_command_with_json_has_a_schema_and_each_schema_a_command():
    there = sorted(name for name in os.listdir(DOCS) if name.endswith('.schema.json'))
    assert there == sorted('%s.schema.json' % path.replace(' ', '-') for path in COMMANDS)


@pytest.mark.parametrize('path', COMMANDS)
def test_it_is_a_schema_of_its_command(path):
    schema = schema_of(path)
    jsonschema.Draft4Validator.check_schema(schema)
    assert schema['title'].startswith('netnsctl %s --json' % path)


def test_what_several_schemas_define_they_define_alike():
    seen = {}
    for path in COMMANDS:
        for name, definition in schema_of(path)['definitions'].items():
            if path != 'doctor' or name in ('line', 'failure', 'exit_code'):
                assert seen.setdefault(name, definition) == definition, (path, name)


def test_every_definition_is_used():
    for path in COMMANDS:
        text = json.dumps(schema_of(path))
        unused = [name for name in schema_of(path)['definitions'] if '"#/definitions/%s"' % name not in text]
        assert unused == [], (path, unused)


@pytest.mark.parametrize('path', COMMANDS)
def test_a_failure_holds_to_it(run_netnsctl, as_nobody, path):
    document = hold(path, run_netnsctl(*path.split() + ['--nosuch', '--json']), 2)
    assert sorted(document) == ['error', 'exit_code', 'hint', 'version']
    if path not in ('doctor', 'shim status', 'repo status'):
        words = {'show': ['x'], 'wire': ['x', 'y'], 'unwire': ['x'], 'check': ['x'], 'config save': ['x'],
                 'config forget': ['x'],
                 'shape': ['x', 'y', 'none']}.get(path, [])
        document = hold(path, as_nobody(*path.split() + words + ['--json']), 1)
        assert 'must be run as root' in document['error'], document


@pytest.mark.parametrize('words', [['watch'], ['map', '--follow']], ids=' '.join)
def test_a_failure_of_what_prints_a_document_a_line_is_a_line(run_netnsctl, words):
    result = run_netnsctl(*words + ['--nosuch', '--json'])
    assert result.out.count('\n') == 1, result
    hold(words[0], result, 2)


def test_wires_of_every_kind(run_netnsctl, pair):
    a, b = pair
    name = '%s.w' % a
    ends = a + ':A=10.1.1.1/24,fd00:1::1/64,gw=10.1.1.2,mac=02:00:00:00:00:0a', b + ':B=10.1.1.2/24,route=10.8.0.0/16'
    hold('wire', run_netnsctl('wire', '--json', '--dry-run', '--name', name, *ends))
    made = hold('wire', run_netnsctl('wire', '--json', '--name', name, '--mtu', '1400', *ends))['wires'][0]
    assert made['changed'] and made['check']['ok']
    again = hold('wire', run_netnsctl('wire', '--json', '--name', name, '--mtu', '1400', *ends))
    assert not again['wires'][0]['changed']
    hold('wire', run_netnsctl('wire', '--json', '--name', name, *ends), 4)
    hold('wire', run_netnsctl('wire', '--json', a, b + '-nobody'), 3)
    lines = 'x\n%s:C %s:C\n%s:D nosuch\n' % (a, b, a)
    found = hold('wire', run_netnsctl('wire', '--json', '-f', '-', feed=lines), 2)
    assert len(found['wires']) == 1 and [item['line'] for item in found['failed']] == [1, 3]
    hold('ls', run_netnsctl('ls', '--json'))
    hold('ls', run_netnsctl('ls', '--json', name, 'nosuch'), 3)
    hold('show', run_netnsctl('show', '--json', name))
    hold('show', run_netnsctl('show', '--json', 'nosuch'), 3)
    hold('check', run_netnsctl('check', '--json', name))
    hold('shape', run_netnsctl('shape', '--json', '--dry-run', name, a, 'rate=10mbit'))
    assert hold('shape', run_netnsctl('shape', '--json', name, a, 'rate=10mbit', 'burst=32kb'))['changed']
    hold('show', run_netnsctl('show', '--json', name))
    hold('ls', run_netnsctl('ls', '--json', name))
    assert hold('shape', run_netnsctl('shape', '--json', name, a, 'none'))['shaping'] == {}
    hold('shape', run_netnsctl('shape', '--json', name, 'nosuch', 'none'), 3)
    hold('check', run_netnsctl('check', '--json', 'nosuch'), 3)
    ip(b, 'link', 'set', 'B', 'down')
    assert hold('ls', run_netnsctl('ls', '--json', name))['wires'][0]['state'] == 'altered'
    hold('check', run_netnsctl('check', '--json', name), 5)
    hold('unwire', run_netnsctl('unwire', '--json', name, 'nosuch'), 3)
    hold('unwire', run_netnsctl('unwire', '--json', '--if-exists', name, 'nosuch'))
    hold('unwire', run_netnsctl('unwire', '--json', a, b))


def test_a_wire_whose_check_fails(run_netnsctl, pair):
    a, b = pair
    add_link(b, 'astray')
    ip(b, 'route', 'add', '10.1.1.1/32', 'dev', 'astray')
    found = hold('wire', run_netnsctl('wire', '--json', a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24'), 5)
    assert found['error'] and found['wires'][0]['check']['causes']


def test_a_tree(run_netnsctl):
    host = own_host(run_netnsctl)
    try:
        host.sh('rm -rf /etc/sysconfig/netns; ip netns add a; ip netns add b')
        assert host('wire', '--save', 'a:A=10.1.1.1/24', 'bridge://br7=10.1.1.2/24').status == 0
        hold('ls', host('ls', '--json'))
        hold('config forget', host('config', 'forget', '--json', '--dry-run', 'a:A-br7'))
        hold('config save', host('config', 'save', '--json', '--all'))
        for more in (['--dry-run'], ['--save'], []):
            hold('wire', host('wire', '--json', '-f', '-', '--purge', 'p*', *more,
                              feed='a:A=10.1.1.1/24 bridge://br7=10.1.1.2/24'))
        hold('config check', host('config', 'check', '--json'))
        hold('up', host('up', '--json'))
        hold('down', host('down', '--json'))
        hold('config check', host('config', 'check', '--json'), 1)
        hold('up', host('up', '--json'))
        hold('up', host('up', '--json', 'nosuch'), 3)
        host.sh('mkdir -p /etc/sysconfig/netns/b; echo IPADDR=x >/etc/sysconfig/netns/b/ifcfg-x')
        hold('config check', host('config', 'check', '--json'), 2)
        assert hold('up', host('up', '--json'), 2)['failed']
        hold('down', host('down', '--json', 'nosuch'), 3)
        host.sh('rm /etc/sysconfig/netns/b/ifcfg-x')
        hold('up', host('up', '--json'))
        assert len(hold('unwire', host('unwire', '--json', '--forget', '--all'))['removed_files']) == 2
    finally:
        host.close()


def test_the_shim_and_the_repository(run_netnsctl, old_ip, rdo_ip):
    for path in (None, old_ip, rdo_ip):
        hold('shim status', run_netnsctl('shim', 'status', '--json', path=path))
        hold('repo status', run_netnsctl('repo', 'status', '--json', path=path))


@pytest.mark.parametrize('damage', [
    lambda document: document.pop('wires'),
    lambda document: document.update(more=1),
    lambda document: document.update(error='x'),
    lambda document: document['wires'][0].pop('state'),
    lambda document: document['wires'][0].update(state='good'),
    lambda document: document['wires'][0]['ends'].pop(),
    lambda document: document['wires'][0]['ends'][0].update(mtu='1400'),
    lambda document: document['wires'][0]['ends'][0].update(addresses=['10.1.1.1'])])
def test_a_document_that_lacks_or_adds_something_does_not(run_netnsctl, pair, damage):
    assert run_netnsctl('wire', *pair).status == 0
    document = hold('ls', run_netnsctl('ls', '--json', '%s-%s' % pair))
    damaged = copy.deepcopy(document)
    damage(damaged)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(schema_of('ls')).validate(damaged)
