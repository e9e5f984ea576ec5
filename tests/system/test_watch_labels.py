"""`netnsctl watch --labels`, with a real engine and real containers. More of it, and --compose: tests/runtimes."""
from __future__ import absolute_import, division, print_function

import json

import jsonschema

from support.program import TOP
from support.watch_place import label

LAN = 'self:eth1=10.71.0.2/24 bridge://nwlab=10.71.0.1/24'


def test_a_labelled_container_is_wired_while_it_runs(place):
    watch = place.watch('--labels', '--json')
    watch.wait_for(lambda: '"following"' in watch.out)
    web = place.boxes.run('web', label(LAN))
    name = '%s:eth1-nwlab' % web
    watch.wait_for(lambda: place.states() == {name: 'whole'})
    assert place.pings(web, '10.71.0.1')
    wire, = place.wires()
    assert wire['origin'] == {'kind': 'label', 'label': 'netnsctl.wire', 'container': 'docker://' + web}
    assert '(label netnsctl.wire of docker://%s)' % web in place.netnsctl('ls').out
    made = wire['made']
    place.boxes.restart(web)
    watch.wait_for(lambda: [one['state'] for one in place.wires() if one['made'] != made] == ['whole'])
    assert place.pings(web, '10.71.0.1')
    place.boxes.stop(web)
    watch.wait_for(lambda: place.states() == {})
    assert watch.end() == 0 and 'Traceback' not in watch.err
    with open('%s/docs/watch.schema.json' % TOP) as source:
        schema = json.load(source)
    events = [json.loads(line) for line in watch.out.splitlines()]
    for event in events:
        jsonschema.validate(event, schema)
    done = [event['event'] for event in events if event.get('wire') == name]
    assert done[0] == 'wired' and done[-1] == 'unwired', done


def test_where_docker_cannot_be_asked_a_wire_stays_as_long_as_its_container(place):
    web = place.boxes.run('web', label(LAN))
    name = '%s:eth1-nwlab' % web
    place.netnsctl('watch', '--once', '--labels')
    assert place.states() == {name: 'whole'}
    gone = {'DOCKER_HOST': 'unix:///nonexistent/docker.sock'}
    result = place.aside('watch', '--once', '--labels', environ=gone)
    assert result.status == 0 and result.out == '', result
    assert place.states() == {name: 'whole'} and place.pings(web, '10.71.0.1')
    place.boxes.stop(web)
    assert place.aside('watch', '--once', '--labels', environ=gone).out == 'unwired %s\n' % name
    assert place.states() == {}


def test_wires_of_others_are_left_alone(place):
    web = place.boxes.run('web', label(LAN))
    place.netnsctl('wire', 'docker://%s:eth1=10.71.0.9/24' % web, 'bridge://nwlab=10.71.0.1/24')
    result = place.netnsctl('watch', '--once', '--labels', status=4)
    assert 'docker://%s: label netnsctl.wire: the wire %s:eth1-nwlab exists and differs' % (web, web) in result.err
    place.boxes.stop(web)
    place.netnsctl('watch', '--once', '--labels')
    assert place.states() == {'%s:eth1-nwlab' % web: 'lost'}


def test_labels_of_an_image_are_not_obeyed(place):
    place.dockerd.import_image('own-stranger', 'LABEL netnsctl.wire="%s"' % LAN)
    boxes = place.dockerd.containers(place.boxes.prefix + 's', 'own-stranger')
    try:
        plain, same = boxes.run('plain'), boxes.run('same', label(LAN))
        own = boxes.run('own', label(LAN.replace('0.2/', '0.5/')))
        result = place.netnsctl('watch', '--once', '--labels')
        for name in (plain, same):
            assert 'docker://%s: the label netnsctl.wire is its image\'s, and not obeyed' % name in result.err
        assert place.states() == {'%s:eth1-nwlab' % own: 'whole'}
    finally:
        boxes.close()
