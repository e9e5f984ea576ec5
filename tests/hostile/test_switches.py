"""Open vSwitch: names that look like something else, an ovs-vsctl that hangs, lies or answers garbage, and containers
that do with their end what they like."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from support import process
from support.inside import links
from support.program import HELPER_PATH
from support.untouched import assert_untouched, own_state


def vsctl(*words):
    return process.must(['ovs-vsctl', '--timeout=20'] + list(words))


@pytest.fixture
def instead(tmpdir):
    """instead(script): a PATH on which ovs-vsctl is that shell script; $REAL in it is the real one."""
    def put(script):
        place = tmpdir.join('ovs-vsctl')
        place.write('#!/bin/sh\nREAL=/usr/bin/ovs-vsctl\n%s\n' % script)
        place.chmod(0o755)
        return '%s:%s' % (tmpdir, HELPER_PATH)
    return put


@pytest.mark.parametrize('near', ['"p', "p'$(id)", 'p;#\\', '@p', '`p`', '+p=,x'])
def test_names_of_bridges_and_ports_are_no_more_than_names(run_netnsctl, netns, ovs, near):
    a, other, before = netns(), '"b\'$x=;&%d' % (os.getpid() % 1000), own_state()
    if ',' in near or '=' in near:
        result = run_netnsctl('wire', '--name', 'w', a, 'ovs://%s:%s' % (ovs.bridge, near))
        assert result.status == 2 and not ovs.ports(ovs.bridge), result
        return
    result = run_netnsctl('wire', '--name', 'w.:@+-x', a, 'ovs://%s:%s' % (ovs.bridge, near))
    assert result.status == 0, result
    assert vsctl('--format=json', '--columns=external_ids', 'find', 'Port', 'external_ids:netnsctl-wire="w.:@+-x"'
                 ).count('w.:@+-x') == 1
    assert run_netnsctl('ls').out.split()[:2] == ['w.:@+-x', 'whole']
    assert run_netnsctl('unwire', 'w.:@+-x').status == 0 and not ovs.ports(ovs.bridge)
    assert run_netnsctl('wire', a, 'ovs://' + other).status in (2, 3)
    pasted = run_netnsctl('wire', '--dry-run', '--name', 'w', a + ':e=10.1.1.1/24', 'ovs://%s:%s' % (ovs.bridge, near))
    process.must(['sh', '-euc', pasted.out])
    assert len(ovs.ports(ovs.bridge)) == 1
    vsctl('del-port', ovs.bridge, near)
    process.must(['ip', 'link', 'delete', 'dev', near])
    assert_untouched(before)


@pytest.mark.parametrize('script,words', [
    ('exec sleep 1000', 'did not finish within 5 s'),
    ('trap "" TERM ALRM; while :; do sleep 1; done', 'did not finish within 5 s'),
    ('echo hello', 'printed what cannot be read: hello'),
    ('printf "\\033[31m{\\"data\\": [[[[[\\n"', 'printed what cannot be read'),
    ('exec head -c 100000000 /dev/zero', 'printed more than'),
    ('printf "a\\nb\\n" >&2; exit 9', 'a b'), ('kill -SEGV $$', 'exited with status -11'),
    ('exit 0', 'printed what cannot be read: nothing')])
def test_a_program_that_hangs_or_answers_garbage_is_refused_in_one_line(run_netnsctl, netns, ovs, instead, script,
                                                                        words):
    a, before, start = netns(), own_state(), time.time()
    result = run_netnsctl('wire', '--name', 'w', a, 'ovs://' + ovs.bridge, path=instead(script))
    assert result.status == 1 and words in result.err and 'Traceback' not in result.err, result
    assert '\x1b' not in result.err and len(result.err.splitlines()) <= 2
    assert time.time() - start < 45
    assert not ovs.ports(ovs.bridge)
    assert_untouched(before)


def test_one_that_hangs_when_it_is_to_add_the_port_leaves_nothing(run_netnsctl, netns, ovs, instead):
    """Its change is made, and it does not say so."""
    a, before = netns(), own_state()
    path = instead('case "$*" in *add-port*) $REAL --no-wait "$@"; exec sleep 1000 ;; esac\nexec $REAL "$@"')
    result = run_netnsctl('wire', '--name', 'w', a, 'ovs://' + ovs.bridge, path=path)
    assert result.status == 1 and 'did not finish within 5 s' in result.err, result
    assert not ovs.ports(ovs.bridge)
    assert_untouched(before)


def test_one_that_says_that_it_did_what_it_did_not_is_found_out(run_netnsctl, netns, ovs, instead):
    a = netns()
    path = instead('case "$*" in *add-port*) exit 0 ;; esac\nexec $REAL "$@"')
    result = run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.1/24', 'ovs://' + ovs.bridge, path=path)
    assert result.status == 5 and 'is not a port of the bridge' in result.err, result
    assert run_netnsctl('unwire', 'w').status == 0


def test_a_wire_whose_port_cannot_be_removed_is_not_called_removed(run_netnsctl, netns, ovs, instead):
    a, before = netns(), own_state()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.1/24', 'ovs://' + ovs.bridge).status == 0
    path = instead('case "$*" in *del-port*) echo "ovs-vsctl: no" >&2; exit 1 ;; esac\nexec $REAL "$@"')
    result = run_netnsctl('unwire', 'w', path=path)
    assert result.status == 6 and 'unplug ' in result.err, result
    assert len(ovs.ports(ovs.bridge)) == 1
    assert run_netnsctl('unwire', '--if-exists', 'w').status == 0  # the next command removes the rest
    assert not ovs.ports(ovs.bridge)
    assert_untouched(before)


def test_a_row_with_the_name_of_its_port_that_is_not_its_own_stays(run_netnsctl, netns, ovs):
    a = netns()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.1/24', 'ovs://' + ovs.bridge).status == 0
    port, = ovs.ports(ovs.bridge)
    vsctl('set', 'Port', port, 'external_ids:netnsctl-wire="another"')
    assert run_netnsctl('unwire', 'w').status == 0
    assert ovs.ports(ovs.bridge) == [port]
    vsctl('del-port', ovs.bridge, port)


def test_whatever_a_container_does_to_its_end_the_port_goes(run_netnsctl, netns, ovs):
    a, deep, before = netns(), netns(), own_state()
    assert run_netnsctl('wire', '--name', 'w', a + ':e=10.1.1.1/24', 'ovs://' + ovs.bridge).status == 0
    for words in ('set dev e down', 'set dev e name x', 'set dev x address 02:00:00:00:00:77',
                  'set dev x netns ' + deep):
        process.must(['ip', '-n', a, 'link'] + words.split())
    result = run_netnsctl('unwire', 'w')
    assert (result.status, result.out) == (0, 'unwired w\n'), result
    assert not links(deep) and not ovs.ports(ovs.bridge)
    assert_untouched(before)
