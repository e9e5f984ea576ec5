"""The JSON that comes in and goes out, and that whatever comes in, an answer goes out."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.errors import ConflictError, NetnsctlError, NoAnswerError, UndoError, UsageError
from netnsctl.plugins import cni
from netnsctl.plugins.cni import documents, problems, results

ENVIRON = {'CNI_COMMAND': 'ADD', 'CNI_CONTAINERID': 'c1', 'CNI_NETNS': '/run/netns/a', 'CNI_IFNAME': 'eth0'}


@pytest.mark.parametrize('data,words', [
    (b'', 'not JSON'), (b'{', 'not JSON'), (b'[]', 'not a JSON object'), (b'null', 'not a JSON object'),
    (b'"\xff"', 'not UTF-8'), (b'{"a": NaN}', 'out of range'), (b'{"a": 1e999}', 'out of range'),
    (b'[' * 5000, 'nested too deeply'), (b'{"a":' + b'[' * 40 + b']' * 40 + b'}', 'nested too deeply'),
    (b'{"a": -Infinity}', 'out of range')])
def test_what_is_no_document_is_refused(data, words):
    with pytest.raises(problems.CniError) as caught:
        documents.read(data, 'it')
    assert caught.value.code == 6 and words in caught.value.message


@pytest.mark.parametrize('error,code', [
    (UsageError('x'), 7), (NoAnswerError('x'), 11), (NetnsctlError('x'), 101), (ConflictError('x'), 104),
    (UndoError('x'), 106), (OSError(5, 'x'), 5), (ImportError('x'), 101), (ValueError('x'), 199),
    (problems.CniError(50, 'x'), 50)])
def test_an_error_has_its_number(error, code):
    shown = documents.of_error(problems.as_cni(error), '0.4.0')
    assert shown['code'] == code and 'x' in shown['msg'] and shown['cniVersion'] == '0.4.0'


def test_nothing_that_a_terminal_would_act_upon_gets_out():
    shown = documents.of_error(problems.CniError(7, 'a\x1b[31m\n', 'b\x07\nc'), 'nonsense')
    assert shown == {'cniVersion': '1.1.0', 'code': 7, 'msg': 'a\\x1b[31m\\x0a', 'details': 'b\\x07\nc'}


def answer(data, **variables):
    found = []
    status = cni.respond(dict(ENVIRON, **variables), lambda: data, found.append)
    return status, found and json.loads(documents.written(found[0]).decode('ascii'))


@pytest.mark.parametrize('data,version', [(b'', '1.1.0'), (b'{"cniVersion": "0.4.0"}', '0.4.0'), (b' {} ', '1.1.0'),
                                          (b'{"cniVersion": "9.9.9"}', '9.9.9'), (b'{"cniVersion": 7}', '1.1.0')])
def test_version_lists_what_is_supported(data, version):
    assert answer(data, CNI_COMMAND='VERSION') == (0, {
        'cniVersion': version, 'supportedVersions': ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0']})


class Link(object):
    def __init__(self, name, mac):
        self.name, self.mac, self.mtu = name, mac, 1500


def result_of(version, previous=None):
    config = type('Config', (), {'version': version})
    request = type('Request', (), {'netns': '/run/netns/a'})
    own = {'addresses': ['10.1.0.5/16', 'fd00::5/64'], 'gateways': ['10.1.0.1'], 'routes': [['10.9.0.0/16', None]]}
    links = [(Link('br0', '02:00:00:00:00:01'), False), (Link('eth0', '02:00:00:00:00:02'), True)]
    made = results.of_wire(config, request, [own, {}], links, {}, {'nameservers': ['10.1.0.1']})
    return results.after(previous, made)


def test_a_result_is_in_the_shape_of_the_version_that_was_asked_for():
    new, old = result_of('1.1.0'), result_of('0.4.0')
    assert new == {
        'cniVersion': '1.1.0',
        'interfaces': [{'name': 'br0', 'mac': '02:00:00:00:00:01', 'sandbox': '', 'mtu': 1500},
                       {'name': 'eth0', 'mac': '02:00:00:00:00:02', 'sandbox': '/run/netns/a', 'mtu': 1500}],
        'ips': [{'address': '10.1.0.5/16', 'gateway': '10.1.0.1', 'interface': 1},
                {'address': 'fd00::5/64', 'interface': 1}],
        'routes': [{'dst': '0.0.0.0/0', 'gw': '10.1.0.1'}, {'dst': '10.9.0.0/16'}],
        'dns': {'nameservers': ['10.1.0.1']}}
    assert [one['version'] for one in old['ips']] == ['4', '6']
    assert not [one for one in old['interfaces'] + result_of('1.0.0')['interfaces'] if 'mtu' in one]
    assert not [one for one in result_of('1.0.0')['ips'] if 'version' in one]


def test_in_a_chain_what_was_made_before_comes_first_and_keeps_all_that_it_says():
    first = {'cniVersion': '1.1.0', 'interfaces': [{'name': 'lo', 'sandbox': '/run/netns/a', 'more': {}}],
             'ips': [{'address': '127.0.0.1/8', 'interface': 0}], 'dns': {'domain': 'x'}, 'extra': [1]}
    found = result_of('1.1.0', first)
    assert found['interfaces'][0] == first['interfaces'][0] and found['ips'][0] == first['ips'][0]
    assert [one['interface'] for one in found['ips']] == [0, 2, 2] and found['extra'] == [1]
    assert found['dns'] == {'domain': 'x', 'nameservers': ['10.1.0.1']}
    shown, addresses, routes = results.own_of(found, '/run/netns/a', 'eth0')
    assert shown['mac'] == '02:00:00:00:00:02' and addresses == ['10.1.0.5/16', 'fd00::5/64']
    assert routes == [('0.0.0.0/0', '10.1.0.1'), ('10.9.0.0/16', None)]
    assert results.own_of(found, '/run/netns/b', 'eth0') == (None, [], [])


def test_more_than_a_document_may_have_is_not_read():
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reader)
            while True:
                os.write(writer, b' ' * 65536)
        except OSError:
            os._exit(0)
    os.close(writer)
    try:
        with pytest.raises(problems.CniError) as caught:
            documents.read_all(reader, 'it')
    finally:
        os.close(reader)
        os.waitpid(child, 0)
    assert caught.value.code == 6 and 'longer than' in caught.value.message
    with pytest.raises(problems.CniError) as caught:
        documents.read_all(reader, 'it')
    assert caught.value.code == 5
