"""Labels of containers that ask for too much, with `watch --labels`: they affect their own container alone."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.composed import Composed
from support.lacking import lacking

GOOD = 'self:eth1=10.74.0.2/24 bridge://nwhost=10.74.0.1/24'


@pytest.fixture
def engine(own_engine):
    if isinstance(own_engine, str):
        lacking('docker', own_engine)
    return own_engine


@pytest.fixture
def boxes(run_netnsctl, engine):
    made = engine.containers('h')
    yield made
    made.close()
    for wire in json.loads(run_netnsctl('ls', '--json').out)['wires']:
        assert run_netnsctl('unwire', wire['name']).status == 0


HOSTILE = {
    'netnsctl.wire.nic': 'self phys://lo',
    'netnsctl.wire.init': 'self pid://1',
    'netnsctl.wire.path': 'self /proc/1/ns/net',
    'netnsctl.wire.others': 'docker://@good@:eth5=10.75.0.1/24 host=10.75.0.2/24',
    'netnsctl.wire.route': 'self=10.76.0.2/24 host=10.76.0.1/24,route=0.0.0.0/0@10.76.0.2',
    'netnsctl.wire.gateway': 'self=10.76.0.2/24 bridge://nwhost=gw=10.76.0.2',
    'netnsctl.wire.name': '--name ../../etc/x self host',
    'netnsctl.wire.option': '--backend evil self host',
    'netnsctl.wire.escape': 'self:\x1b[2J host',
    'netnsctl.wire.lines': 'self host\nself phys://eth0',
    'netnsctl.wire.long': 'self:eth0=' + '10.0.0.1/32,' * 2000 + ' host',
    'netnsctl.wire.\x1b]0;x\x07': GOOD,
    'netnsctl.wire.' + 'k' * 3000: GOOD,
    'netnsctl.wire.taken': '--name taken self:eth6=10.77.0.9/24 bridge://nwhost',
}


def test_what_labels_may_not_ask_for_is_refused_and_the_others_are_served(run_netnsctl, engine, boxes):
    good = boxes.run('good', ['--label', 'netnsctl.wire=' + GOOD])
    result = run_netnsctl('wire', '--name', 'taken', 'docker://%s:eth3=10.78.0.1/24' % good, 'host:nwtk=10.78.0.2/24',
                          environ=engine.environ)
    assert result.status == 0, result
    evil = boxes.run('evil', [word for key, value in sorted(HOSTILE.items())
                              for word in ('--label', '%s=%s' % (key, value.replace('@good@', good)))])
    many = boxes.run('many', [word for at in range(40) for word in ('--label', 'netnsctl.wire.%02d=self' % at)])
    result = run_netnsctl('watch', '--once', '--labels', environ=engine.environ)
    assert 'Traceback' not in result.err and '\x1b' not in result.err and '\x07' not in result.err
    assert len(result.err) < 20000 and result.out == 'wired %s:eth1-nwhost\n' % good, result
    assert result.err.count('docker://%s: label ' % evil) == len(HOSTILE), result
    assert 'docker://%s: ' % many in result.err and 'the first 16 count' in result.err
    found = dict((wire['name'], wire['ends']) for wire in json.loads(run_netnsctl('ls', '--json').out)['wires'])
    assert sorted(found) == sorted(['taken', '%s:eth1-nwhost' % good])
    assert found['taken'][0]['target'] == 'docker://' + good
    assert 'eth' not in boxes.execute(evil, 'ip', 'link').out


def test_a_container_that_calls_itself_of_a_project_gets_only_what_the_file_says(run_netnsctl, engine, boxes, tmpdir):
    shop = Composed(tmpdir, boxes)
    web = shop.start('web', options=['--label', 'netnsctl.wire=self:eth9 bridge://nwhost'])
    path = shop.write(['web:eth1=10.79.0.2/24 bridge://nwhost=10.79.0.1/24'])
    assert run_netnsctl('up', '--compose', path, environ=engine.environ).status == 0
    assert 'eth9' not in boxes.execute(web, 'ip', 'link').out
    shop.start('web', 2, ['--label', 'com.docker.compose.container-number=' + '9' * 400])
    result = run_netnsctl('up', '--compose', path, environ=engine.environ)
    assert result.status == 4 and 'has 2 containers' in result.err and 'Traceback' not in result.err
