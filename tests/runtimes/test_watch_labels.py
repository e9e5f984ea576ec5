"""`netnsctl watch --labels` and `--compose` as containers come, go and come back, of docker and of podman."""
from __future__ import absolute_import, division, print_function

import json
import os
import shutil

import pytest

from support.composed import Composed
from support.hooked import wires
from support.oci_image import make_image, new_folder
from support.process import must
from support.watch_place import label
from support.watched import Watched

LAN = 'self:eth1=10.71.0.2/24 bridge://nwlab=10.71.0.1/24'


def test_a_wire_to_another_container_waits_for_that_and_comes_back_with_it(place):
    watch = place.watch('--labels')
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    late = '%s-late1' % place.boxes.prefix
    early = place.boxes.run('early', label('self:eth1=10.72.0.1/24 docker://%s:eth1=10.72.0.2/24' % late,
                                           'netnsctl.wire.a'))
    watch.wait_for(lambda: 'docker://%s: label netnsctl.wire.a: ' % early in watch.err)
    assert place.states() == {}
    assert place.boxes.run('late') == late
    watch.wait_for(lambda: list(place.states().values()) == ['whole'])
    made = place.wires()[0]['made']
    place.boxes.restart(late)
    watch.wait_for(lambda: [one['state'] for one in place.wires() if one['made'] != made] == ['whole'])
    assert place.pings(early, '10.72.0.2')
    assert watch.end() == 0 and 'Traceback' not in watch.err


def test_what_happened_while_nobody_watched_is_made_up_for(place):
    web, db = place.boxes.run('web', label(LAN)), place.boxes.run('db', label('self:eth1=dhcp', 'org.netnsctl'))
    place.netnsctl('watch', '--once')
    assert place.states() == {}
    place.netnsctl('watch', '--once', '--labels')
    assert place.states() == {'%s:eth1-nwlab' % web: 'whole'}
    assert 'nothing' not in place.netnsctl('watch', '--once', '--labels').out
    place.boxes.remove(web)
    assert 'unwired %s:eth1-nwlab\n' % web in place.netnsctl('watch', '--once', '--labels').out
    assert place.states() == {} and place.boxes.pid(db)


def test_a_compose_file_is_followed_as_its_containers_start(place, tmpdir):
    shop = Composed(tmpdir, place.boxes)
    db = shop.start('db')
    path = shop.write(['web:eth1=10.73.0.1/24 db:eth1=10.73.0.2/24'], web={})
    watch = place.watch('--compose', path)
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    web = shop.start('web')
    name = '%s:eth1-%s:eth1' % (web, db)
    watch.wait_for(lambda: place.states() == {name: 'whole'})
    assert place.wires()[0]['origin']['project'] == 'shop' and place.pings(web, '10.73.0.2')
    made = place.wires()[0]['made']
    place.boxes.restart(db)
    watch.wait_for(lambda: [one['state'] for one in place.wires() if one['made'] != made] == ['whole'])
    place.boxes.remove(web)
    watch.wait_for(lambda: place.states() == {})
    assert watch.end() == 0 and 'Traceback' not in watch.err


@pytest.fixture
def pods(podman, run_netnsctl):
    """podman's containers; pods.watch(*words) starts watch, pods.states() is {wire: state}; no wire is left."""
    started = []

    def watch(*words):
        started.append(Watched(run_netnsctl.argv('watch', *words), run_netnsctl.environ()))
        return started[-1]
    podman.watch = watch
    podman.lan = 'self:eth1=10.74.0.2/24 bridge://%s=10.74.0.1/24' % ('pl%d' % os.getpid())
    podman.states = lambda: wires(run_netnsctl)
    yield podman
    for one in started:
        if one.process.poll() is None:
            one.end()
    podman.close()
    assert run_netnsctl('watch', '--once', '--labels').status == 0 and podman.states() == {}


def test_a_labelled_container_of_podman_is_wired_while_it_runs(pods, run_netnsctl):
    watch = pods.watch('--labels')
    watch.wait_for(lambda: 'following podman\n' in watch.out)
    web = pods.run('web', label(pods.lan) + ['--cap-add', 'NET_RAW'])
    name = '%s:eth1-%s' % (web, 'pl%d' % os.getpid())
    watch.wait_for(lambda: pods.states() == {name: 'whole'})
    assert pods.execute(web, 'ping', '-c', '1', '-W', '2', '10.74.0.1').status == 0
    wire, = json.loads(run_netnsctl('ls', '--json').out)['wires']
    assert wire['origin'] == {'kind': 'label', 'label': 'netnsctl.wire', 'container': 'podman://' + web}
    pods.restart(web)
    watch.wait_for(lambda: [one['state'] for one in json.loads(run_netnsctl('ls', '--json').out)['wires']
                            if one['made'] != wire['made']] == ['whole'])
    pods.stop(web)
    watch.wait_for(lambda: pods.states() == {})
    assert watch.end() == 0 and 'Traceback' not in watch.err


def test_labels_of_an_image_of_podman_are_not_obeyed(pods, run_netnsctl):
    folder = new_folder()
    try:
        make_image(folder + '/image', {}, labels={'netnsctl.wire': pods.lan})
        image = must(pods.command + ['pull', '-q', 'oci:%s/image' % folder]).strip()
    finally:
        shutil.rmtree(folder)
    pods.source = [image]
    try:
        plain, own = pods.run('plain'), pods.run('own', label(pods.lan.replace('0.2/', '0.5/')))
        result = run_netnsctl('watch', '--once', '--labels')
        assert "podman://%s: the label netnsctl.wire is its image's, and not obeyed" % plain in result.err, result
        assert pods.states() == {'%s:eth1-pl%d' % (own, os.getpid()): 'whole'}
    finally:
        pods.close()
        must(pods.command + ['rmi', '-f', image])
