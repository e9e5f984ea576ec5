"""`netnsctl watch` itself: a saved wire comes back when its container restarts, with a real engine and a real tree."""

from __future__ import absolute_import, division, print_function

import json
import os
import signal
import time

import jsonschema
import pytest

from support.aside import Aside
from support.inside import ip, pings, set_up
from support.process import must
from support.program import SOURCE, TOP
from support.snapshot import STATE
from support.watch_place import OWN_TREE, TREE
from support.watched import Watched, children_of

pytestmark = pytest.mark.skipif(not os.path.exists(os.path.join(SOURCE, 'netnsctl', 'cli', 'up.py')),
                                reason='there is no `netnsctl up` yet')


def saved_pair(place, **options):
    """Two containers wired with --save: their names, the wire's."""
    a, b = place.boxes.run('a', **options), place.boxes.run('b', **options)
    place.netnsctl('wire', 'docker://%s:A=10.1.1.1/32' % a, 'docker://%s:B=10.1.1.2/32' % b, '--name', 'ab', '--save')
    assert place.pings(a, '10.1.1.2')
    return a, b


def test_a_restarted_container_is_wired_again(place):
    a, b = saved_pair(place)
    watch = place.watch()
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    for times, name in ((1, a), (2, b), (3, a)):
        place.boxes.restart(name)
        watch.wait_for(lambda times=times: watch.out.count('recreated ab\n') + watch.out.count('wired ab\n') >= times)
        assert place.states() == {'ab': 'whole'}
        assert place.pings(a, '10.1.1.2') and place.pings(b, '10.1.1.1')
    assert 'lost ab: docker://%s ended\n' % a in watch.out
    assert watch.end() == 0 and 'Traceback' not in watch.err
    assert place.states() == {'ab': 'whole'}


def test_each_event_is_a_document_on_a_line_of_its_own(place):
    a, _ = saved_pair(place)
    watch = place.watch('--json')

    def seen(event):
        whole = watch.out[:watch.out.rfind('\n') + 1]
        return [line for line in map(json.loads, whole.splitlines()) if line['event'] == event]

    watch.wait_for(lambda: seen('following'))
    place.boxes.restart(a)
    watch.wait_for(lambda: seen('wired') + seen('recreated'))
    assert seen('watching')[0]['place'] == TREE and seen('following')[0]['runtime'] == 'docker'
    assert (seen('wired') + seen('recreated'))[0]['wire'] == 'ab'
    watch.wait_for(lambda: seen('lost'))
    assert seen('lost')[0]['ended'] == ['docker://' + a] and seen('lost')[0]['wire'] == 'ab'
    changes = [(event['container'], event['change']) for event in seen('container')]
    assert (a, 'gone') in changes and (a, 'started') in changes
    assert watch.end() == 0 and 'Traceback' not in watch.err
    with open(os.path.join(TOP, 'docs', 'watch.schema.json')) as source:
        validator = jsonschema.Draft4Validator(json.load(source))
    for line in watch.out.splitlines():
        validator.validate(json.loads(line))


@pytest.mark.parametrize('digits', [64, 12])
def test_a_container_that_a_wire_calls_by_its_id_is_followed(place, digits):
    a, b = place.boxes.run('a'), place.boxes.run('b')
    called = place.boxes.id(a)[:digits]
    place.netnsctl('wire', 'docker://%s:A=10.1.1.1/32' % called, 'docker://%s:B=10.1.1.2/32' % b, '--name', 'ab',
                   '--save')
    watch = place.watch()
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    place.boxes.restart(a)
    watch.wait_for(lambda: 'wired ab\n' in watch.out or 'recreated ab\n' in watch.out)
    assert place.states() == {'ab': 'whole'} and place.pings(a, '10.1.1.2')
    place.boxes.stop(a)
    watch.wait_for(lambda: watch.out.count('lost ab: docker://%s ended\n' % called) > 0)
    assert watch.end() == 0 and 'Traceback' not in watch.err


@pytest.mark.parametrize('anchor,text', [('macvlan://%s=mode=private', 'macvlan mode private'),
                                         ('macvlan://%s=host', 'macvlan mode bridge')])
def test_the_one_link_of_a_wire_is_made_again(place, anchor, text):
    nic = 'nww%d' % os.getpid()
    must(['ip', 'link', 'add', 'name', nic, 'type', 'veth', 'peer', 'name', nic + 'p'])
    try:
        set_up(None, nic + 'p', nic)
        must(['ip', 'address', 'add', '10.1.1.254/24', 'dev', nic])
        name = place.boxes.run('a')
        place.netnsctl('wire', 'docker://%s:A=10.1.1.1/24' % name, anchor % nic, '--name', 'am', '--save')
        watch = place.watch()
        watch.wait_for(lambda: 'following docker\n' in watch.out)
        for times in (1, 2):
            place.boxes.restart(name)
            watch.wait_for(lambda times=times: watch.out.count('recreated am\n') + watch.out.count('wired am\n')
                           >= times)
            assert place.states() == {'am': 'whole'}
            assert text in ip(place.boxes.pid(name), '-d', 'link', 'show', 'dev', 'A')
        assert 'lost am: docker://%s ended\n' % name in watch.out
        assert 'host' not in anchor or pings(None, '10.1.1.1')
        assert watch.end() == 0 and 'Traceback' not in watch.err
        place.netnsctl('unwire', 'am')
    finally:
        must(['ip', 'link', 'del', 'dev', nic])


def test_a_vxlan_is_made_again_however_often_its_container_restarts(place):
    """Also where a descriptor keeps the namespace that has ended, and with it the VXLAN's ID."""
    name = place.boxes.run('a')
    number = os.getpid()  # of the host's network, which other runs may share
    place.netnsctl('wire', 'docker://%s:A=10.1.1.1/24' % name, 'vxlan://%d=remote=192.0.2.2' % number, '--name', 'av',
                   '--save')
    watch = place.watch()
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    held = []
    try:
        for times in range(1, 7):
            if times > 3:
                held.append(os.open('/proc/%d/ns/net' % place.boxes.pid(name), os.O_RDONLY))
            place.boxes.restart(name)
            watch.wait_for(lambda times=times: watch.out.count('recreated av\n') + watch.out.count('wired av\n')
                           >= times)
            assert place.states() == {'av': 'whole'}
            assert 'vxlan id %d ' % number in ip(place.boxes.pid(name), '-d', 'link', 'show', 'dev', 'A')
    finally:
        for descriptor in held:
            os.close(descriptor)
    assert watch.end() == 0 and 'Traceback' not in watch.err
    assert 'already has' not in watch.err
    place.netnsctl('unwire', 'av')


def test_what_is_in_the_way_of_a_wire_is_waited_for(place):
    """Whose VXLAN that is nobody can say: nothing is deleted, and the wire is tried again."""
    name, number = place.boxes.run('a'), os.getpid()
    place.netnsctl('wire', 'docker://%s:A=10.1.1.1/24' % name, 'vxlan://%d=remote=192.0.2.2' % number, '--name', 'av',
                   '--save')
    place.netnsctl('unwire', 'av')
    other = 'nwv%d' % os.getpid()
    must(['ip', 'link', 'add', 'name', other, 'type', 'vxlan', 'id', str(number), 'remote', '192.0.2.3', 'dstport',
          '4789'])
    try:
        watch = place.watch()
        watch.wait_for(lambda: 'already has the VXLAN %d' % number in watch.err)
        assert other in ip(None, 'link', 'show', 'dev', other)
    finally:
        must(['ip', 'link', 'del', 'dev', other])
    watch.wait_for(lambda: 'wired av\n' in watch.out)
    assert watch.end() == 0 and 'Traceback' not in watch.err
    place.netnsctl('unwire', 'av')


def test_it_is_back_after_each_restart(place):
    a, _ = saved_pair(place)
    watch = place.watch()
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    for times in (1, 2, 3):
        place.boxes.restart(a)
        watch.wait_for(lambda times=times: watch.out.count('ab') >= 2 * times)


def test_a_start_is_not_lost_where_another_netnsctl_has_the_lock(place):
    a, _ = saved_pair(place)
    watch = place.watch(first='from netnsctl.execution.state import State\n'
                        'State.__dict__["locked"].__defaults__ = 2.0,')
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    watch.wait_for(lambda: children_of(watch.pid) == [])
    other = Watched(place.aside.prefix + ['sh', '-c', 'exec 9>%s/lock; flock 9; echo locked; read -r _' % STATE])
    try:
        other.wait_for(lambda: other.out == 'locked\n')
        place.boxes.restart(a)
        watch.wait_for(lambda: 'another netnsctl has held it for more than 2 s' in watch.err)
        watch.wait_for(lambda: children_of(watch.pid) == [])
    finally:
        other.end()
    watch.wait_for(lambda: 'recreated ab\n' in watch.out or 'wired ab\n' in watch.out)
    assert place.states() == {'ab': 'whole'}
    assert watch.end() == 0 and 'Traceback' not in watch.err


def test_a_stopped_container_is_told_and_listed_as_lost(place):
    a, b = saved_pair(place)
    watch = place.watch()
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    place.boxes.stop(a)
    watch.wait_for(lambda: 'lost ab: docker://%s ended\n' % a in watch.out)
    assert place.states() == {'ab': 'lost'}
    # The other one starts anew without its peer: that is an error, and none that ends anything.
    place.boxes.restart(b)
    watch.wait_for(lambda: 'docker container %s is not running' % a in watch.err)
    must(place.boxes.command + ['start', a])
    watch.wait_for(lambda: place.states() == {'ab': 'whole'})
    assert place.pings(a, '10.1.1.2')
    assert watch.end() == 0


def test_what_happened_while_nobody_watched_is_made_up_for(place):
    a, b = saved_pair(place, options=['--restart=always', '--stop-signal=KILL'])
    place.boxes.restart(a)
    assert place.states() == {'ab': 'lost'}
    watch = place.watch()
    watch.wait_for(lambda: place.states() == {'ab': 'whole'})
    place.dockerd.stop()
    watch.wait_for(lambda: 'trying again' in watch.err)
    place.dockerd.start()
    watch.wait_for(lambda: place.states() == {'ab': 'whole'}, 60)
    assert place.pings(a, '10.1.1.2') and place.pings(b, '10.1.1.1')
    assert watch.end() == 0


def test_once_brings_up_what_runs_and_ends(place):
    a, b = saved_pair(place)
    stopped = place.boxes.run('c')
    place.netnsctl('wire', 'docker://' + stopped, 'host', '--name', 'cs', '--save')
    place.boxes.stop(stopped)
    place.boxes.restart(a)
    result = place.netnsctl('watch', '--once')
    assert 'ab' in result.out and result.err == ''
    assert place.states() == {'ab': 'whole', 'cs': 'lost'}
    assert place.netnsctl('watch', '--once').out == ''
    place.netnsctl('unwire', 'ab')
    assert place.netnsctl('watch', '--once').out == 'wired ab\n'


def test_once_ends_as_up_does_where_docker_does_not_answer(run_netnsctl):
    aside = Aside(run_netnsctl, OWN_TREE)
    try:
        aside.sh('cd %s; mkdir docker:web; printf "BRIDGE=br0\\nIPADDR=10.0.0.2\\n" >docker:web/ifcfg-eth0' % TREE)
        environ = {'DOCKER_HOST': 'unix:///nonexistent/docker.sock'}
        up, once = aside('up', environ=environ), aside('watch', '--once', environ=environ)
        assert up.status == once.status == 3, (up, once)
        assert '/nonexistent/docker.sock' in once.err and once.out == '', once
    finally:
        aside.close()


def test_a_tree_that_is_refused_is_told_once(run_netnsctl):
    aside = Aside(run_netnsctl, OWN_TREE)
    try:
        aside.sh('mkdir %s/docker:web; chmod g+w %s' % (TREE, TREE))
        up, once = aside('up'), aside('watch', '--once')
        assert up.status == once.status == 2, (up, once)
        text = '%s: users other than its owner can write to it\n  chmod go-w %s\n' % (TREE, TREE)
        assert text in up.err and once.err == 'netnsctl: ' + text, (up, once)
        watch = Watched(aside.argv('watch'), aside.environ())
        try:
            watch.wait_for(lambda: text in watch.err)
            aside.sh('mkdir %s/docker:db; chmod go-w %s' % (TREE, TREE))
            watch.send(signal.SIGHUP)
            watch.wait_for(lambda: 'reading the tree again' in watch.out)
        finally:
            assert watch.end() == 0
        assert watch.err.count(text) == 1, watch.err
    finally:
        aside.close()


def test_a_folder_with_nothing_in_it_or_nonsense_costs_only_itself(place):
    a, b = saved_pair(place)
    empty, odd = place.boxes.run('e'), place.boxes.run('o')
    place.aside.sh('mkdir %s/docker:%s %s/docker:%s; echo NONSENSE >%s/docker:%s/ifcfg-X'
                   % (TREE, empty, TREE, odd, TREE, odd))
    place.netnsctl('unwire', 'ab')
    watch = place.watch()
    watch.wait_for(lambda: 'wired ab\n' in watch.out)
    watch.wait_for(lambda: 'docker:%s/ifcfg-X' % odd in watch.err)
    assert watch.end() == 0 and 'Traceback' not in watch.err


@pytest.mark.parametrize('signum,status', [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_ends_with_a_signal_and_leaves_no_process(place, signum, status):
    saved_pair(place)
    watch = place.watch()
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    watch.wait_for(lambda: children_of(watch.pid) == [])
    assert watch.end(signum) == status
    assert 'Traceback' not in watch.err


def test_idle_it_is_small_and_sleeps(place):
    saved_pair(place)
    watch = place.watch()
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    watch.wait_for(lambda: children_of(watch.pid) == [])
    with open('/proc/%d/status' % watch.pid) as source:
        assert [int(line.split()[1]) for line in source if line.startswith('VmRSS:')][0] < 30 * 1024
    before = switches(watch.pid)
    time.sleep(3)
    assert switches(watch.pid) - before < 3  # the kernel's own reasons; a poll each second would be more


def switches(pid):
    """How often a process was woken: one that sleeps is not."""
    with open('/proc/%d/status' % pid) as source:
        return [int(line.split()[1]) for line in source if line.startswith('voluntary_ctxt_switches')][0]


def test_a_port_of_an_open_vswitch_is_made_again_and_none_is_left(place, ovs):
    name = place.boxes.run('a')
    place.netnsctl('wire', 'docker://%s:A=10.1.1.1/24' % name, 'ovs://%s=tag=9' % ovs.bridge, '--name', 'am', '--save')
    watch = place.watch()
    watch.wait_for(lambda: 'following docker\n' in watch.out)
    place.boxes.restart(name)
    watch.wait_for(lambda: watch.out.count('recreated am\n') + watch.out.count('wired am\n') >= 1)
    assert place.states() == {'am': 'whole'}
    port, = ovs.ports(ovs.bridge)
    assert ovs.port(port, 'tag') == '9'
    assert watch.end() == 0 and 'Traceback' not in watch.err
    place.netnsctl('unwire', 'am')
    assert not ovs.ports(ovs.bridge)
