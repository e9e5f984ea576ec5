"""More of what the OCI hook does with podman as it is here: commas, trees that join containers, watch beside it."""
from __future__ import absolute_import, division, print_function

import re
import shutil

import pytest

from support import doc_pages, process
from support.hooked import has_address, start, wires, words_of
from support.manpages import Page
from support.oci_image import make_image, make_twin, new_folder
from support.process import must, run
from support.untouched import assert_untouched, own_state
from support.waiting import until


@pytest.mark.parametrize('text', [' '.join(Page('netnsctl-podman.7').blocks()[0][1]),
                                  doc_pages.source('docs/recipes/podman.md')], ids=['manual', 'recipe'])
def test_the_first_example_has_its_address_in_the_first_line_printed(hooked, text):
    annotation = re.search("--annotation '(netnsctl[^']*)'", text).group(1).replace('br0', hooked.bridge)
    ended = start(hooked, 'x', ['--annotation', annotation])
    assert (ended.status, 'inet 10.0.0.2/24 ' in ended.out) == (0, True), ended


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


def test_the_hosts_own_namespace_is_refused(run_netnsctl, hooked):
    name = '%s-h' % hooked.prefix
    words = [word.replace('--net=none', '--net=host') for word in words_of(hooked, name, hooked.wired, ['true'])]
    ended = run(words)
    assert ended.status == 126 and "host's own network namespace" in ended.err, ended
    assert not wires(run_netnsctl)


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


def test_an_image_that_comes_again_without_its_annotation_has_had_it(run_netnsctl, hooked):
    folder, name = new_folder(), hooked.prefix + '-twin'
    pull = hooked.command + ['pull', '-q']
    try:
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
