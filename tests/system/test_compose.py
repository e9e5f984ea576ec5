"""`netnsctl up --compose` and `down --compose`, with a real engine and containers that have compose's labels.

More of it, and docker compose itself: tests/runtimes."""
from __future__ import absolute_import, division, print_function

import pytest

from support.composed import checked
from support.inside import links

PAIR = 'web:eth1=10.61.0.1/24 db:eth1=10.61.0.2/24'
BRIDGE = 'self:eth2=10.62.0.2/24 bridge://nwcomp=10.62.0.1/24'


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


def test_where_docker_cannot_be_asked_a_wire_stays_as_long_as_its_containers(shop, run_netnsctl):
    web, db = shop.start('web'), shop.start('db')
    path = shop.write([PAIR])
    assert shop.netnsctl('up', '--compose', path).status == 0
    name, gone = '%s:eth1-%s:eth1' % (web, db), {'DOCKER_HOST': 'unix:///nonexistent/docker.sock'}
    result = run_netnsctl('up', '--compose', path, environ=gone)
    assert result.status == 3 and result.out == '' and 'web has no container that runs' in result.err, result
    assert 'unwire' not in run_netnsctl('up', '--compose', path, '--dry-run', environ=gone).out
    assert shop.wires()[name]['state'] == 'whole'
    shop.boxes.stop(db)
    assert 'unwired %s\n' % name in run_netnsctl('up', '--compose', path, environ=gone).out
    assert shop.wires() == {}


@pytest.mark.parametrize('words', [
    ['up', '--project', 'x'], ['up', '--dry-run'], ['up', '--no-check'],
    ['up', '--compose', 'f', 'web'], ['up', '--compose', 'f', '--firewall'], ['down', '--compose', 'f', 'web'],
    ['up', '--compose', '/nonexistent/compose.yaml'], ['up', '--compose', '/dev'], ['up', '--compose', '/dev/zero'],
])
def test_options_that_do_not_go_together_and_files_that_are_none_are_2(run_netnsctl, words):
    result = run_netnsctl(*words)
    assert result.status == 2 and result.err.startswith('netnsctl: '), result
