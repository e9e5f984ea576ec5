"""`netnsctl up --compose` and `down --compose`, with a real engine and containers that have compose's labels."""
from __future__ import absolute_import, division, print_function

import json

import jsonschema
import pytest

from support.composed import Composed
from support.inside import links
from support.lacking import lacking
from support.process import native
from support.program import TOP

PAIR = 'web:eth1=10.61.0.1/24 db:eth1=10.61.0.2/24'
BRIDGE = 'self:eth2=10.62.0.2/24 bridge://nwcomp=10.62.0.1/24'


def checked(schema, text):
    with open('%s/docs/%s.schema.json' % (TOP, schema)) as source:
        document = json.loads(text)
        jsonschema.validate(document, json.load(source))
    return document


@pytest.fixture
def shop(run_netnsctl, own_engine, tmpdir):
    """A support.composed.Composed; shop(*words, status=0) runs netnsctl: its Result."""
    if isinstance(own_engine, str):
        lacking('docker', own_engine)
    made = Composed(tmpdir, own_engine.containers('k'))

    def run(*words, **options):
        status = options.pop('status', 0)
        result = run_netnsctl(*words, environ=own_engine.environ)
        assert result.status == status and 'Traceback' not in result.err, result
        return result
    made.netnsctl = run
    made.wires = lambda: dict((wire['name'], wire) for wire in json.loads(run('ls', '--json').out)['wires'])
    yield made
    made.boxes.close()
    for name in made.wires():
        run('unwire', name)


def test_the_wires_of_a_file_are_made_once_and_removed(shop):
    web, db = shop.start('web'), shop.start('db')
    path = shop.write([PAIR], web={'labels': {'netnsctl.wire': BRIDGE}})
    planned = checked('up', shop.netnsctl('up', '--compose', path, '--dry-run', '--json').out)
    assert any('10.61.0.2/24' in line for line in planned['commands']) and shop.wires() == {}
    made = checked('up', shop.netnsctl('up', '--compose', path, '--json').out)
    assert len(made['made']) == 2 and made['failed'] == []
    for address in ('10.61.0.2', '10.62.0.1'):
        assert shop.boxes.execute(web, 'ping', '-c', '1', '-W', '2', address).status == 0
    assert shop.netnsctl('up', '--compose', path).out == 'nothing to do: all 2 wires match %s\n' % path
    found = checked('ls', shop.netnsctl('ls', '--json').out)['wires']
    assert [wire['origin'] for wire in found] == [{'kind': 'compose', 'project': 'shop', 'file': path}] * 2
    assert shop.netnsctl('ls').out.count('(compose project shop)') == 2
    name = '%s:eth1-%s:eth1' % (web, db)
    assert 'asked for by the compose project shop' in shop.netnsctl('show', name).out
    checked('show', shop.netnsctl('show', '--json', name).out)
    planned = shop.netnsctl('down', '--compose', path, '--dry-run').out
    assert 'netnsctl unwire %s\n' % name in planned and len(shop.wires()) == 2
    assert len(checked('down', shop.netnsctl('down', '--compose', path, '--json').out)['gone']) == 2
    assert shop.wires() == {} and 'nwcomp' not in links(None)
    assert shop.netnsctl('down', '--compose', path).out == 'nothing to do: no wire of %s is up\n' % path


def test_a_changed_file_is_followed(shop):
    web, db = shop.start('web'), shop.start('db')
    path = shop.write([PAIR, 'web:eth3=10.63.0.1/24 host=10.63.0.2/24'])
    shop.netnsctl('up', '--compose', path)
    shop.write([PAIR.replace('0.2/', '0.9/')])
    planned = shop.netnsctl('up', '--compose', path, '--dry-run').out
    assert planned.count('netnsctl unwire ') == 2 and '10.61.0.9/24' in planned, planned
    result = checked('up', shop.netnsctl('up', '--compose', path, '--json').out)
    assert result['changed'] == ['%s:eth1-%s:eth1' % (web, db)] and len(result['gone']) == 1, result
    assert shop.boxes.execute(web, 'ping', '-c', '1', '-W', '2', '10.61.0.9').status == 0


def test_a_service_that_does_not_run_affects_its_own_wires_and_is_3(shop):
    shop.start('web'), shop.start('db')
    path = shop.write([PAIR, 'web:eth3=10.63.0.1/24 cache', 'web:eth4=10.64.0.1/24 host=10.64.0.2/24'], cache={})
    result = shop.netnsctl('up', '--compose', path, status=3)
    assert 'x-netnsctl.wires[1]: the service cache has no container that runs' in result.err
    assert sorted(wire['state'] for wire in shop.wires().values()) == ['whole'] * 2
    shop.boxes.stop(shop.boxes.names[1])
    result = shop.netnsctl('up', '--compose', path, status=3)
    assert len(shop.wires()) == 1 and 'unwired' in result.out, result
    shop.boxes.restart(shop.boxes.names[1])
    shop.netnsctl('up', '--compose', path, status=3)
    assert len(shop.wires()) == 2


def test_each_container_of_a_service_has_its_wire_and_a_bare_name_of_several_is_refused(shop):
    shop.start('web'), shop.start('web', 2), shop.start('db')
    path = shop.write(None, web={'labels': ['netnsctl.wire=self:eth2 bridge://nwcomp']})
    assert len(checked('up', shop.netnsctl('up', '--compose', path, '--json').out)['made']) == 2
    shop.write(['web db'], web={'labels': ['netnsctl.wire=self:eth2 bridge://nwcomp']})
    result = shop.netnsctl('up', '--compose', path, status=4)
    assert 'the service web has 2 containers' in result.err and len(shop.wires()) == 2
    shop.write(['web-2:eth5=10.65.0.1/24 db:eth5=10.65.0.2/24'])
    shop.netnsctl('up', '--compose', path)
    assert len(shop.wires()) == 1
    shop.boxes.remove(shop.boxes.names[1])
    shop.write([])
    assert 'unwired' in shop.netnsctl('up', '--compose', path).out and shop.wires() == {}


def test_wires_of_others_are_no_business_of_the_file(shop):
    web, db = shop.start('web'), shop.start('db')
    ends = ['docker://%s:eth1=10.61.0.1/24' % web, 'docker://%s:eth1=10.61.0.7/24' % db]
    shop.netnsctl('wire', *ends)
    path = shop.write([PAIR])
    for words in ([], ['--dry-run']):
        result = shop.netnsctl(*['up', '--compose', path] + words, **{'status': 4})
        assert 'x-netnsctl.wires[0]: the wire %s:eth1-%s:eth1 exists and differs' % (web, db) in result.err
        assert 'netnsctl unwire' not in result.out
    shop.netnsctl('down', '--compose', path)
    assert shop.wires()['%s:eth1-%s:eth1' % (web, db)]['state'] == 'whole'
    other = Composed(shop.folder, shop.boxes, 'other')
    shop.netnsctl('up', '--compose', other.write([]), status=0)
    assert len(shop.wires()) == 1


def test_a_check_that_fails_is_5_and_the_wire_stays(shop):
    web = shop.start('web', options=['--sysctl=net.ipv4.icmp_echo_ignore_all=1'])
    path = shop.write(['web:eth1=10.66.0.2/24 bridge://nwcomp=10.66.0.1/24'])
    result = shop.netnsctl('up', '--compose', path, status=5)
    assert 'x-netnsctl.wires[0]: ' in result.err and ': wired, but ' in result.err and len(shop.wires()) == 1, result
    shop.netnsctl('down', '--compose', path)
    shop.netnsctl('up', '--no-check', '--compose', path)
    assert 'eth1' in native(shop.boxes.execute(web, 'ip', 'link').out)


@pytest.mark.parametrize('words', [
    ['up', '--project', 'x'], ['up', '--dry-run'], ['up', '--no-check'],
    ['up', '--compose', 'f', 'web'], ['up', '--compose', 'f', '--firewall'], ['down', '--compose', 'f', 'web'],
    ['up', '--compose', '/nonexistent/compose.yaml'], ['up', '--compose', '/dev'], ['up', '--compose', '/dev/zero'],
])
def test_options_that_do_not_go_together_and_files_that_are_none_are_2(run_netnsctl, words):
    result = run_netnsctl(*words)
    assert result.status == 2 and result.err.startswith('netnsctl: '), result
