"""Plugins whose answer cannot be written: for the runtime the container has no network then, so nothing stays."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import netavark, process
from support.cni import argv, environ_of
from support.cni_plugins import leased, needs_plugins

GONE = [('full', ['sh', '-c', 'exec "$@" >/dev/full', 'sh'], 'No space left on device'),
        ('read by nobody', ['bash', '-c', '"$@" > >(exec true)', 'bash', 'sh', '-c', 'sleep 0.5; exec "$@"', 'sh'],
         'Broken pipe')]


@pytest.fixture(params=GONE, ids=[row[0] for row in GONE])
def lost(request):
    """(words before a program, whose standard output then takes nothing; why)"""
    return request.param[1:]


def assert_said(result, why):
    assert result.status == 1 and result.out == '', result
    assert result.err == 'netnsctl: write the answer to standard output: %s\n' % why


@needs_plugins
def test_an_add_whose_answer_is_lost_leaves_nothing(lan, leases, netns, snapshot, nothing_left, lost):
    a, before = netns('a'), snapshot()
    environ = environ_of('ADD', netns=a, path=lan.path, container='c1', ifname='eth0')
    result = process.run(lost[0] + argv(), json.dumps(lan.config).encode('utf-8'), environ=environ)
    assert_said(result, lost[1])
    assert leased(leases) == []
    nothing_left(before)
    lan.add(a)
    assert lan('DEL', a).status == 0


def test_a_setup_of_netavark_whose_answer_is_lost_leaves_nothing(netns, snapshot, nothing_left, run_netnsctl, lost):
    a, before = netns('a'), snapshot()
    assert_said(netavark.call('setup', a, netavark.attached(), before=lost[0]), lost[1])
    nothing_left(before)
    result = netavark.call('setup', a, netavark.attached())
    assert result.status == 0 and '10.82.0.2/24' in result.out, result
    assert netavark.call('teardown', a, netavark.attached()).status == 0
    nothing_left(before)


def test_an_error_that_cannot_be_answered_is_said_on_standard_error():
    for plugin, environ in (('netavark', None), ('cni', environ_of('ADD'))):
        result = process.run(['sh', '-c', 'exec "$@" >/dev/full', 'sh'] + argv(plugin), b'{', environ=environ)
        assert result.status == 1 and result.err.startswith('netnsctl: ') and 'Traceback' not in result.err, result
