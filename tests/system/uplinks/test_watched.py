"""`watch` gives wires back what they need of the host's firewall when somebody changes that."""
from __future__ import absolute_import, division, print_function

import json
import time

import pytest

from support.watched import Watched, hurried

WEB, BRIDGE = 'web:eth0=10.0.0.2/24,publish=8080:80', 'bridge://br0=10.0.0.1/24,nat'


# Looks that are a minute apart are three seconds apart.
OFTEN = 'import netnsctl.usecases.watch.rules as watched_rules\nwatched_rules.LOOK_SECONDS = 3.0'


def watching(world, first='', **options):
    """A `watch` that runs these statements first."""
    return Watched(hurried(world.host.argv('watch'), first), world.host.environ(**options))


def is_whole(world):
    return [wire['state'] for wire in json.loads(world('ls', '--json').out)['wires']] == ['whole'] * 2


def test_rules_that_somebody_removes_come_back_and_a_chain_that_comes_to_drop_is_passed(world):
    before = world.rules()
    assert world('wire', '--open', '--name', 'w', WEB, BRIDGE).status == 0
    assert world('wire', '--open', '--name', 'x', 'db:eth0=10.0.0.3/24', BRIDGE).status == 0
    watch = watching(world)
    try:
        watch.wait_for(lambda: 'watching' in watch.out)
        world.sh('nft flush ruleset')
        watch.wait_for(lambda: 'w: restored what it needs of the host' in watch.out)
        watch.wait_for(lambda: is_whole(world))
        # As docker does, which starts after the wire was made.
        world.sh('iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A FORWARD -j DOCKER-USER')
        watch.wait_for(lambda: 'netnsctl:w:open' in world.sh('iptables-save'))
        watch.wait_for(lambda: is_whole(world))
        assert world('unwire', 'x').status == 0
        assert world('check', 'w').status == 0
        world.serve('web', 80)
        assert world.ask('out', '192.0.2.1', 8080) == 'web 192.0.2.9'
    finally:
        watch.end()
    assert world('unwire', 'w').status == 0
    world.sh('iptables -P FORWARD ACCEPT; iptables -F FORWARD; iptables -X DOCKER-USER; nft delete table ip filter')
    assert world.rules() == before


@pytest.mark.parametrize('world', ['iptables'], indirect=True)
def test_tables_that_report_no_change_are_looked_at_also_where_they_come_into_use_later(world):
    world.sh('mkdir /run/legacy; for p in iptables ip6tables; do for s in "" -save -restore; do '
             'ln -s "$(command -v $p-legacy$s)" /run/legacy/$p$s; done; done')
    legacy = {'path': '/run/legacy'}
    watch = watching(world, OFTEN, **legacy)
    try:
        watch.wait_for(lambda: 'watching' in watch.out)
        assert world('wire', '--name', 'w', WEB, BRIDGE, **legacy).status == 0
        for times in 1, 2:
            world.sh('iptables-legacy -t nat -F; iptables-legacy -t nat -X')
            watch.wait_for(lambda times=times: watch.out.count('w: restored what it needs of the host') == times, 30)
            assert 'netnsctl:w:publish' in world.sh('iptables-legacy-save')
    finally:
        watch.end()
    assert watch.err == ''


@pytest.mark.parametrize('world', ['nft'], indirect=True)
def test_rules_that_cannot_be_restored_are_told_once_and_tried_again(world):
    assert world('wire', '--name', 'w', WEB, BRIDGE).status == 0
    world.sh('cp "$(command -v nft)" /run/real-nft; printf \'#!/bin/sh\\ncase "$*" in *list*) exec /run/real-nft "$@"; '
             'esac\\necho "Error: no change today" >&2; exit 1\\n\' >/run/sick-nft; chmod 755 /run/*-nft')
    watch = watching(world)
    try:
        watch.wait_for(lambda: 'watching' in watch.out)
        world.sh('mount --bind /run/sick-nft "$(command -v nft)"; /run/real-nft flush ruleset')
        watch.wait_for(lambda: 'no change today' in watch.err)
        assert 'netnsctl: w: ' in watch.err
        time.sleep(4)  # it is tried again after two seconds
        world.sh('umount "$(command -v nft)"')
        watch.wait_for(lambda: 'w: restored what it needs of the host' in watch.out)
        assert watch.err.count('no change today') == 1
    finally:
        watch.end()
