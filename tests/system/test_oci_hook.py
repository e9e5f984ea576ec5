"""Containers of podman that are wired before their first process runs, by netnsctl's OCI hook."""
from __future__ import absolute_import, division, print_function

import json
import os
import re
import shutil
import tempfile
import time

import pytest

from support import process
from support.oci_hook import HOOK, with_hook, write_hook
from support.oci_image import make_image, make_twin
from support.process import must, run
from support.untouched import assert_untouched, own_state

ADDRESS = ('ip', 'addr', 'show', 'eth0')
TREE = '/etc/sysconfig/netns'


@pytest.fixture
def hooked(podman, tmpdir):
    """podman with the hook; hooked.bridge is the name of a bridge that is the test's."""
    write_hook(str(tmpdir.mkdir('hooks')))
    podman.command = with_hook(podman.command, str(tmpdir.join('hooks')))
    podman.bridge = 'oh%d' % os.getpid()
    podman.annotation = 'netnsctl.wire=bridge://%s=10.244.0.1/24 self:eth0=10.244.0.2/24' % podman.bridge
    podman.wired = ['--annotation', podman.annotation]
    return podman


@pytest.fixture
def tree():
    """tree(container, text): writes the ifcfg-eth0 of a container of podman's."""
    made = []

    def write(container, text):
        made.append('%s/podman:%s' % (TREE, container))
        os.makedirs(made[-1])
        with open(made[-1] + '/ifcfg-eth0', 'w') as sink:
            sink.write(text)
    yield write
    for folder in made:
        shutil.rmtree(folder)


def wires(run_netnsctl):
    return dict((wire['name'], wire['state']) for wire in json.loads(run_netnsctl('ls', '--json').out)['wires'])


def words_of(podman, name, options, argv):
    return podman.command + ['run', '--rm', '--net=none', '--name', name] + podman.options + list(options) \
        + list(podman.source()) + list(argv)


def start(podman, name, options=(), argv=ADDRESS):
    """`podman run --rm`: Result."""
    return run(words_of(podman, '%s-%s' % (podman.prefix, name), options, argv))


def until(condition):
    deadline = time.time() + 60
    while not condition():
        assert time.time() < deadline
        time.sleep(0.02)


def has_address(podman, name, address='10.244.0.2/24'):
    return 'inet %s ' % address in podman.execute(name, *ADDRESS).out


@pytest.mark.parametrize('item', ['gw=10.244.0.1', 'rate=5mbit', 'route=198.51.100.0/24@10.244.0.1'])
def test_an_annotation_with_a_comma_is_taken_whole_or_refused(hooked, item):
    # podman 4 takes `--annotation A,B` for two.
    whole = hooked.annotation + ',' + item
    plain, quoted = start(hooked, 'a', ['--annotation', whole]), start(hooked, 'b', ['--annotation', '"%s"' % whole])
    good, bad = (plain, quoted) if plain.status == 0 else (quoted, plain)
    assert (good.status, 'inet 10.244.0.2/24 ' in good.out) == (0, True), (plain, quoted)
    if bad is plain:
        assert 'annotation netnsctl.wire was split at a comma: %s has' % item in bad.err, bad
        assert 'double quotes' in bad.err, bad


def test_the_first_process_has_the_address_and_nothing_is_left_after_it(run_netnsctl, hooked):
    before = own_state()
    ended = start(hooked, 'a', hooked.wired)
    assert ended.status == 0 and re.match(r'[0-9]+: eth0@', ended.out) and 'inet 10.244.0.2/24' in ended.out, ended
    until(lambda: not wires(run_netnsctl))
    assert_untouched(before)


def test_the_wire_comes_back_with_the_container_and_goes_with_it(run_netnsctl, hooked):
    before = own_state()
    name = hooked.run('a', hooked.wired)
    wire = list(wires(run_netnsctl))
    assert len(wire) == 1 and wires(run_netnsctl) == {wire[0]: 'whole'} and has_address(hooked, name)
    hooked.restart(name)
    assert wires(run_netnsctl) == {wire[0]: 'whole'} and has_address(hooked, name)
    must(hooked.command + ['kill', name])
    until(lambda: not wires(run_netnsctl))
    must(hooked.command + ['start', name])
    assert wires(run_netnsctl) == {wire[0]: 'whole'} and has_address(hooked, name)
    hooked.stop(name)
    until(lambda: not wires(run_netnsctl))
    assert_untouched(before)
    must(hooked.command + ['start', name])
    must(hooked.command + ['rm', '-f', '-t', '0', name])
    until(lambda: not wires(run_netnsctl))
    assert_untouched(before)


@pytest.mark.parametrize('value,text', [
    ('self:eth0=10.244.0.2/24', 'two endpoints'), ('self:eth0 phys://eth0', 'phys'),
    ('self:eth0 podman://nt-none:eth0', 'no such container'), ('self:eth0 macvlan://nt-none', 'nt-none'),
])
def test_a_wire_that_cannot_be_made_fails_the_start_and_says_why(run_netnsctl, hooked, value, text):
    before = own_state()
    options = hooked.wired + ['--annotation', 'netnsctl.wire.b=' + value.replace('eth0', 'eth9', 1)]
    ended = start(hooked, 'a', options, ['echo', 'it runs'])
    assert ended.status == 126 and text in ended.err and ended.out == '', ended
    assert 'netnsctl: ' in ended.err and 'Traceback' not in ended.err
    until(lambda: not wires(run_netnsctl))
    assert_untouched(before)


def test_the_hosts_own_namespace_is_refused(run_netnsctl, hooked):
    name = '%s-h' % hooked.prefix
    words = [word.replace('--net=none', '--net=host') for word in words_of(hooked, name, hooked.wired, ['true'])]
    ended = run(words)
    assert ended.status == 126 and "host's own network namespace" in ended.err, ended
    assert not wires(run_netnsctl)


def test_an_image_cannot_ask_for_a_wire_of_its_own(run_netnsctl, hooked):
    folder = tempfile.mkdtemp()
    try:
        os.chmod(folder, 0o755)
        make_image(folder + '/image', {'netnsctl.wire': hooked.annotation.partition('=')[2]})
        image = must(hooked.command + ['pull', '-q', 'oci:%s/image' % folder]).strip()
    finally:
        shutil.rmtree(folder)
    hooked.source = lambda: [image]
    try:
        before = own_state()
        ended = start(hooked, 'a')
        assert ended.status == 126 and 'is of its image' in ended.err, ended
        assert_untouched(before)
        assert start(hooked, 'b', ['--annotation', 'netnsctl.wire=none'], ['true']).status == 0
        asked = start(hooked, 'c', ['--annotation', hooked.annotation.replace('10.244.0.2', '10.244.0.3')])
        assert asked.status == 0 and 'inet 10.244.0.3/24' in asked.out, asked
    finally:
        hooked.close()
        must(hooked.command + ['rmi', '-f', image])
    until(lambda: not wires(run_netnsctl))


def test_a_container_with_a_directory_of_the_tree_is_wired_by_it(run_netnsctl, hooked, tree):
    tree('%s-a' % hooked.prefix, 'DEVICE=eth0\nIPADDR=10.244.1.2\nPREFIX=24\nBRIDGE=%s\n' % hooked.bridge)
    before = own_state()
    ended = start(hooked, 'a')
    assert ended.status == 0 and 'inet 10.244.1.2/24' in ended.out, ended
    until(lambda: not wires(run_netnsctl))
    assert_untouched(before)


def test_watch_finds_the_wires_of_the_hook_as_they_should_be(run_netnsctl, hooked, tree):
    tree('%s-w0' % hooked.prefix, 'DEVICE=eth0\nIPADDR=10.244.4.2\nPREFIX=24\nBRIDGE=%s\n' % hooked.bridge)
    name = hooked.run('w', ['--annotation', 'netnsctl.wire.b=self:eth1 bridge://%sb' % hooked.bridge])
    before = run_netnsctl('ls', '--json').out
    assert before.count('"whole"') == 2 and has_address(hooked, name, '10.244.4.2/24')
    watched = run_netnsctl('watch', '--once')
    assert (watched.status, watched.err) == (0, '') and 'wired' not in watched.out, watched
    assert run_netnsctl('ls', '--json').out == before


def test_two_that_the_tree_joins_may_start_in_any_order_and_at_once(run_netnsctl, hooked, tree):
    names = ['%s-%s' % (hooked.prefix, letter) for letter in 'ab']
    for name, peer, last in ((names[0], names[1], 1), (names[1], names[0], 2)):
        tree(name, 'PEER=eth0\nPEER_NETNS=podman://%s\nIPADDR=10.244.2.%d\nPREFIX=24\n' % (peer, last))
    wired = {}
    for at_once in (False, True):
        started = []
        for name in names:
            hooked.names.append(name)
            started.append(process.start(words_of(hooked, name, ['-d'], ['sleep', '1000'])))
            if not at_once:
                started[-1].wait()
        assert [one.wait() for one in started] == [0, 0], [one.stderr.read() for one in started]
        until(lambda: 'whole' in wires(run_netnsctl).values())
        wired = wires(run_netnsctl)
        assert len(wired) == 1 and all(has_address(hooked, name, '10.244.2.%d/24' % (1 + at))
                                       for at, name in enumerate(names)), wired
        for name in list(names):
            hooked.remove(name)
    until(lambda: not wires(run_netnsctl))


def test_the_hook_of_a_rootless_container_has_no_power_and_says_so():
    state = {'id': 'abc', 'status': 'creating', 'pid': os.getpid(), 'bundle': '/b',
             'annotations': {'netnsctl.wire': 'self:eth0 bridge://b'}}
    ended = run(['unshare', '--user', '--map-root-user', HOOK], feed=json.dumps(state))
    assert ended.status == 1 and 'rootless' in ended.err and 'Traceback' not in ended.err, ended
    del state['annotations']['netnsctl.wire']
    assert repr(run(['unshare', '--user', '--map-root-user', HOOK], feed=json.dumps(state))) == repr(
        process.Result(0, '', ''))


def test_an_image_that_comes_again_without_its_annotation_has_had_it(run_netnsctl, hooked):
    folder, name = tempfile.mkdtemp(), hooked.prefix + '-twin'
    pull = hooked.command + ['pull', '-q']
    try:
        os.chmod(folder, 0o755)
        make_image(folder + '/image', {'netnsctl.wire': hooked.annotation.partition('=')[2]})
        make_twin(folder + '/image', folder + '/twin', {})
        image = must(pull + ['oci:%s/image' % folder]).strip()
        try:
            must(hooked.command + ['create', '--net=none', '--name', name] + hooked.options + [image, 'true'])
            assert must(pull + ['oci:%s/twin' % folder]).strip() == image
            before = own_state()
            ended = run(hooked.command + ['start', '-a', name])
            assert ended.status != 0 and 'is of its image' in ended.err, ended
            assert_untouched(before)
        finally:
            run(hooked.command + ['rm', '-f', name])
            must(hooked.command + ['rmi', '-f', image])
    finally:
        shutil.rmtree(folder)


def test_annotations_of_what_podman_did_not_start_are_refused_unless_the_settings_say_otherwise(run_netnsctl, netns):
    place = netns('c')
    child = process.start(['ip', 'netns', 'exec', place, 'sleep', '1000'])
    state = {'id': 'crio-%d' % os.getpid(), 'status': 'created', 'pid': child.pid, 'bundle': '/b', 'annotations': {
        'io.container.manager': 'libpod', 'netnsctl.wire': 'self:eth0=10.244.3.2/24 dummy://'}}
    state['annotations']['netnsctl.wire'] = 'self:eth0=10.244.3.2/24 host=10.244.3.1/24'
    try:
        until(lambda: must(['ip', 'netns', 'pids', place]).strip() == '%d' % child.pid)
        refused = run([HOOK], feed=json.dumps(state))
        assert refused.status == 1 and 'not obeyed' in refused.err and 'pod_annotations' in refused.err, refused
        with open('/etc/netnsctl.conf', 'w') as sink:
            sink.write('pod_annotations = obey\n')
        assert run([HOOK], feed=json.dumps(state)).status == 0
        assert list(wires(run_netnsctl).values()) == ['whole']
        ended = dict(state, status='stopped', pid=0)
        # Reported late: the container runs, so it is an earlier run of it that ended.
        assert run([HOOK], feed=json.dumps(ended)).status == 0 and len(wires(run_netnsctl)) == 1
        child.kill()
        child.wait()
        for _ in range(2):
            assert run([HOOK], feed=json.dumps(ended)).status == 0 and wires(run_netnsctl) == {}
    finally:
        if os.path.exists('/etc/netnsctl.conf'):
            os.unlink('/etc/netnsctl.conf')
        if child.poll() is None:
            child.kill()
            child.wait()
