"""The CNI plugin between a runtime and an IPAM plugin that misbehave, and cut short: what it began is taken back."""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import time

import pytest

from netnsctl.compat import native
from support import cni, process
from support.inside import addresses, links

BRIDGE = 'nwy%d' % os.getpid()
GOOD = '{"cniVersion": "1.0.0", "ips": [{"address": "10.87.0.2/24", "gateway": "10.87.0.1"}], "routes": []}'


@pytest.fixture
def ipam(tmpdir):
    """ipam(script): CNI_PATH with a plugin `odd` that runs it for ADD, and notes each command in ipam.log."""
    log = tmpdir.join('log')

    def make(script):
        log.write('')
        program = tmpdir.ensure('bin', 'odd')
        program.write('#!/bin/sh\necho $CNI_COMMAND >>%s\n[ $CNI_COMMAND = ADD ] || exit 0\n%s\n' % (log, script))
        program.chmod(0o755)
        return str(program.dirpath())
    make.log = lambda: log.read().split()
    return make


def lan(path):
    return cni.network(anchor='bridge://' + BRIDGE, path=path, ipam={'type': 'odd'})


@pytest.mark.parametrize('script,code,words', [
    ('exit 3', 120, 'it ended with status 3 and printed no error that CNI knows'),
    ('echo oops; exit 1', 120, 'printed no error that CNI knows'),
    ('kill -9 $$', 120, 'it ended with status -9'),
    ('echo \'{"code": 11, "msg": "no lease \\u001b[31m yet"}\'; exit 1', 11, 'ipam odd: no lease \\x1b[31m yet'),
    ('exec >&-; sleep 1000', 11, 'ipam odd: it closed its output and did not end'),
    ('echo \'{"code": "x", "msg": 7}\'; exit 1', 120, 'no error that CNI knows'),
    ('exit 0', 120, 'not JSON'),
    ('echo "[]"', 120, 'not a JSON object'),
    ('echo \'{"ips": {"a": 1}}\'', 120, 'ips: not a list'),
    ('echo \'{"ips": [7]}\'', 120, 'ips: must be an object'),
    ('echo \'{"ips": [{"address": "10.87.0.2/24,nat"}]}\'', 120, 'ips.address: must be text without'),
    ('echo \'{"code": true, "msg": "x"}\'; exit 1', 120, 'no error that CNI knows'),
    ('echo \'{"ips": [{"address": "10.87.0.300/24"}]}\'', 120, '10.87.0.300/24'),
    ('echo \'{"ips": [{"address": "10.87.0.2/33"}]}\'', 120, '10.87.0.2/33'),
    ('echo \'{"ips": [{"address": "10.87.0.0/24"}]}\'', 120, '10.87.0.0/24'),
    ('echo \'{"ips": [{"address": "10.87.0.2/24"}, {"address": "10.87.0.2/24"}]}\'', 120, 'is given twice'),
    ('echo \'{"ips": [{"address": "10.87.0.2/24", "gateway": "10.87.0.x"}]}\'', 120, '10.87.0.x'),
    ('echo \'{"ips": [{"address": "10.87.0.2/24", "gateway": "10.87.0.0"}]}\'', 120, '10.87.0.0'),
    ('echo \'{"ips": [], "routes": [{"dst": "10.5.0.1/16"}]}\'', 120, '10.5.0.1/16'),
    ('echo \'{"ips": [], "routes": [{"dst": "10.5.0.0/16", "gw": "x"}]}\'', 120, 'gateway x'),
    ('echo \'{"ips": [], "routes": [{"dst": "fd00::/64", "gw": "10.87.0.1"}]}\'', 120, 'fd00::/64'),
    ('echo \'{"ips": [], "routes": [{"dst": "0.0.0.0/0", "table": 7}]}\'', 120, 'table=7 is not supported here'),
    ('yes | head -c 100000000', 120, 'printed more than'),
])
def test_an_ipam_plugin_that_misbehaves_is_told_to_take_it_back(ipam, netns, run_netnsctl, script, code, words):
    a = netns('a')
    answer = lan(ipam(script))('ADD', a, isGateway=True)
    assert answer.code == code and words in answer.document['msg'], answer
    assert ipam.log() == ['ADD', 'DEL'] and links(a) == {} and run_netnsctl('ls').out == ''


def test_what_is_given_and_cannot_be_wired_is_given_back(ipam, netns, run_netnsctl):
    a = netns('a')
    answer = cni.network(anchor='macvlan://none-such', path=ipam("echo '%s'" % GOOD), ipam={'type': 'odd'})('ADD', a)
    assert answer.code == 103 and 'none-such' in answer.document['msg']
    assert ipam.log() == ['ADD', 'DEL'] and links(a) == {}


def test_a_signal_in_the_middle_of_an_add_leaves_nothing(ipam, netns, run_netnsctl):
    a = netns('a')
    path = ipam('exec sleep 600')
    environ = cni.environ_of('ADD', container='c1', netns=a, ifname='eth0', path=path)
    popen = process.start(cni.argv(), environ)
    popen.stdin.write(json.dumps(lan(path).config).encode('ascii'))
    popen.stdin.close()
    deadline = time.time() + 60
    while ipam.log() != ['ADD']:
        assert time.time() < deadline
        time.sleep(0.01)
    os.kill(popen.pid, signal.SIGTERM)
    document = json.loads(popen.stdout.read().decode('utf-8'))
    popen.stdout.close()
    popen.stderr.close()
    assert popen.wait() == 1 and document['code'] == 110 and 'signal 15' in document['msg']
    assert ipam.log() == ['ADD', 'DEL'] and links(a) == {} and run_netnsctl('ls').out == ''


@pytest.mark.parametrize('data,environ,code', [
    (b'\xff' * 100, {}, 6),
    (b'[' * 100000, {}, 6),
    (b'{' * (2 << 20), {}, 6),
    (b'{"cniVersion": "1.0.0", "name": "a/../b", "type": "netnsctl", "anchor": "bridge://x"}', {}, 7),
    (b'{"cniVersion": "1.0.0", "name": "lan", "type": "netnsctl", "anchor": "bridge://x", "\\u0000": 1}', {}, 2),
    (b'{}', {'CNI_CONTAINERID': '../../etc/passwd'}, 4),
    (b'{}', {'CNI_IFNAME': '$(reboot)=1'}, 4),
    (b'{}', {'CNI_NETNS': '/run/netns/a=10.0.0.1/8,nat'}, 4),
    (b'{}', {'CNI_COMMAND': 'ADD\nDEL'}, 4),
    (b'{}', {'CNI_ARGS': ';' * 100}, 4),
], ids=lambda value: repr(value)[:40])
def test_whatever_comes_in_a_document_goes_out(data, environ, code):
    variables = dict(cni.environ_of('ADD', container='c', netns='a', ifname='eth0', args='A=1'), **environ)
    answer = cni.Answer(process.run(cni.argv(), data, environ=variables))
    assert (answer.status, answer.code, answer.err) == (1, code, ''), answer


def test_what_is_no_text_in_the_environment_is_named(netns):
    environ = cni.environ_of('ADD', container='c', netns='a', ifname='eth0')
    words = ['env', '-i'] + ['%s=%s' % item for item in environ.items()] + [native(b'CNI_NETNS=/run/\xff')]
    answer = cni.Answer(process.run(words + cni.argv(), b'{}'))
    assert answer.code == 4 and 'CNI_NETNS' in answer.document['msg'], answer


def test_an_ipam_plugin_that_reads_nothing_or_starts_others_is_heard_and_not_waited_for(ipam, netns, run_netnsctl):
    a = netns('a')
    path = ipam("exec <&-; echo '%s'; echo 'a hint' >&2" % GOOD)
    answer = cni.network(anchor='bridge://' + BRIDGE, path=path, ipam={'type': 'odd', 'more': 'x' * 300000})('ADD', a)
    assert answer.status == 0 and answer.err == 'a hint\n' and addresses(a, 'eth0') == ['10.87.0.2/24'], answer
    assert lan(path)('DEL', a).status == 0 and links(a) == {}
    path = ipam("cat >/dev/null; kill -s USR1 $$")
    answer = cni.network(anchor='bridge://' + BRIDGE, path=path, ipam={'type': 'odd', 'more': 'x' * 300000})('ADD', a)
    assert answer.code == 120 and 'status -10' in answer.document['msg'], answer
