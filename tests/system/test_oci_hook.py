"""Containers of podman that are wired before their first process runs, by netnsctl's OCI hook.

More of it: tests/runtimes."""
from __future__ import absolute_import, division, print_function

import json
import os
import re
import shutil

import pytest

from support import process
from support.hooked import has_address, start, wires
from support.oci_hook import HOOK
from support.oci_image import make_image, new_folder
from support.process import must, run
from support.untouched import assert_untouched, own_state
from support.waiting import until


def test_the_first_process_has_the_address_and_nothing_is_left_after_it(run_netnsctl, hooked):
    before = own_state()
    ended = start(hooked, 'a', hooked.wired)
    assert ended.status == 0 and re.match(r'[0-9]+: eth0@', ended.out) and 'inet 10.244.0.2/24' in ended.out, ended
    until(lambda: not wires(run_netnsctl))
    assert_untouched(before)


def test_what_a_killed_hook_was_writing_goes_with_the_next(run_netnsctl, hooked):
    folder = '/run/netnsctl/oci'
    assert start(hooked, 'a', hooked.wired).status == 0
    until(lambda: not wires(run_netnsctl))
    with open('%s/c1.%d.tmp' % (folder, 1 << 22), 'w'):
        pass
    with open('%s/c2.%d.tmp' % (folder, os.getpid()), 'w'):
        pass
    try:
        assert start(hooked, 'b', hooked.wired).status == 0
        until(lambda: not wires(run_netnsctl))
        assert os.listdir(folder) == ['c2.%d.tmp' % os.getpid()]
    finally:
        os.unlink('%s/c2.%d.tmp' % (folder, os.getpid()))


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
    ('self:eth0=10.244.0.2/24', 'two endpoints'),
    pytest.param('self:eth0 phys://eth0', 'phys', marks=pytest.mark.thorough),
    pytest.param('self:eth0 podman://nt-none:eth0', 'no such container', marks=pytest.mark.thorough),
    ('self:eth0 macvlan://nt-none', 'nt-none'),
])
def test_a_wire_that_cannot_be_made_fails_the_start_and_says_why(run_netnsctl, hooked, value, text):
    before = own_state()
    options = hooked.wired + ['--annotation', 'netnsctl.wire.b=' + value.replace('eth0', 'eth9', 1)]
    ended = start(hooked, 'a', options, ['echo', 'it runs'])
    assert ended.status == 126 and text in ended.err and ended.out == '', ended
    assert 'netnsctl: ' in ended.err and 'Traceback' not in ended.err
    until(lambda: not wires(run_netnsctl))
    assert_untouched(before)


def test_an_image_cannot_ask_for_a_wire_of_its_own(run_netnsctl, hooked):
    folder = new_folder()
    try:
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


def test_the_hook_of_a_rootless_container_has_no_power_and_says_so():
    state = {'id': 'abc', 'status': 'creating', 'pid': os.getpid(), 'bundle': '/b',
             'annotations': {'netnsctl.wire': 'self:eth0 bridge://b'}}
    ended = run(['unshare', '--user', '--map-root-user', HOOK], feed=json.dumps(state))
    assert ended.status == 1 and 'rootless' in ended.err and 'Traceback' not in ended.err, ended
    del state['annotations']['netnsctl.wire']
    assert repr(run(['unshare', '--user', '--map-root-user', HOOK], feed=json.dumps(state))) == repr(
        process.Result(0, '', ''))


def test_annotations_of_what_podman_did_not_start_are_refused_unless_the_settings_say_otherwise(run_netnsctl, netns):
    place = netns('c')
    child = process.start(['ip', 'netns', 'exec', place, 'sleep', '1000'])
    state = {'id': 'crio-%d' % os.getpid(), 'status': 'created', 'pid': child.pid, 'bundle': '/b', 'annotations': {
        'io.container.manager': 'libpod', 'netnsctl.wire': 'self:eth0=10.244.3.2/24 host=10.244.3.1/24'}}
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
