"""The environment of a call, and the names of wires."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.model import names
from netnsctl.plugins.cni import request as requests
from netnsctl.plugins.cni.problems import CniError

GOOD = {'CNI_COMMAND': 'ADD', 'CNI_CONTAINERID': 'c1', 'CNI_NETNS': '/run/netns/a', 'CNI_IFNAME': 'eth0',
        'CNI_PATH': '/opt/cni/bin:relative::/usr/lib/cni', 'CNI_ARGS': 'A=1;B=x=y'}


def test_an_environment_is_read():
    found = requests.read(GOOD)
    assert (found.command, found.container, found.netns, found.ifname) == ('ADD', 'c1', '/run/netns/a', 'eth0')
    assert found.args == {'A': '1', 'B': 'x=y'} and found.path == ['/opt/cni/bin', '/usr/lib/cni']


@pytest.mark.parametrize('key,value', [
    ('CNI_COMMAND', ''), ('CNI_COMMAND', 'add'), ('CNI_COMMAND', 'A' * 5000), ('CNI_CONTAINERID', ''),
    ('CNI_CONTAINERID', '../c1'), ('CNI_CONTAINERID', '-c'), ('CNI_CONTAINERID', 'c' * 2000),
    ('CNI_CONTAINERID', 'c\n'), ('CNI_NETNS', ''), ('CNI_NETNS', 'run/netns/a'), ('CNI_NETNS', '/run/netns/a=b'),
    ('CNI_NETNS', '/run/\x01'), ('CNI_NETNS', '/' + 'n' * 5000), ('CNI_IFNAME', ''), ('CNI_IFNAME', 'e' * 16),
    ('CNI_IFNAME', 'a/b'), ('CNI_IFNAME', 'a:b'), ('CNI_IFNAME', 'a b'), ('CNI_IFNAME', '..'), ('CNI_IFNAME', 'a=b'),
    ('CNI_IFNAME', 'a,b'), ('CNI_IFNAME', 'lo'), ('CNI_ARGS', 'A'), ('CNI_ARGS', 'A=1;'), ('CNI_ARGS', 'A=' * 50000)])
def test_a_variable_that_is_wrong_is_named(key, value):
    with pytest.raises(CniError) as caught:
        requests.read(dict(GOOD, **{key: value}))
    assert caught.value.code == 4 and key in caught.value.message and len(caught.value.message) < 1000


def test_a_command_needs_no_more_than_its_own_variables():
    for command in ('GC', 'STATUS', 'VERSION'):
        assert requests.read({'CNI_COMMAND': command}).command == command
    found = requests.read({'CNI_COMMAND': 'DEL', 'CNI_CONTAINERID': 'c', 'CNI_IFNAME': 'e', 'CNI_NETNS': 'gone'})
    assert found.container == 'c'
    with pytest.raises(CniError) as caught:
        requests.read({'CNI_COMMAND': 'DEL'})
    assert 'CNI_CONTAINERID, CNI_IFNAME' in caught.value.message


def test_the_name_of_a_wire_is_one_and_the_networks_are_apart():
    seen = set()
    for network in ('lan', 'lan2', 'a' * 100, 'a' * 100 + 'b', 'n.x'):
        for container in ('c1', 'c' * 64, 'c' * 64 + 'd'):
            for ifname, own in (('eth0', None), ('eth1', None), ('eth0', 'net1'), ('\xe9', None)):
                name = requests.wire_of(network, container, ifname, own)
                assert names.check_wire_name(name) == name and name == requests.wire_of(network, container, ifname, own)
                assert name.startswith(requests.prefix_of(network, own))
                seen.add(name)
    assert len(seen) == 5 * 3 * 4
    prefixes = [requests.prefix_of(*words) for words in (('lan',), ('lan2',), ('lan', 'net1'), ('a' * 30,),
                                                        ('a' * 31,))]
    assert not [(a, b) for a in prefixes for b in prefixes if a is not b and a.startswith(b)]
