"""After a command with --save, --forget or --purge the tree says what is wired: `config check` finds no difference,
`up` does nothing, and the same command succeeds again."""
from __future__ import absolute_import, division, print_function

import pytest

from support.tree import tree_of


def saved(name, a, b, *words):
    return ('wire', '--no-check', '--save') + words + ('--name', name, a, b)


def replaced(name, a, b):
    return saved(name, a, b, '--replace')


def is_there_to_stay(command):
    """Does a command leave a tree that says what is wired?"""
    return bool(set(command) & set(['--save', 'save', '--forget']))


def settled(host, *commands):
    """Runs commands, and requires that the tree and what is wired agree after each that writes the tree."""
    host.sh('for each in a b; do [ -e /run/netns/$each ] || ip netns add $each; done')
    for command in commands:
        result = host(*command)
        assert result.status == 0, (command, result)
        if is_there_to_stay(command):
            check = host('config', 'check')
            assert check.status == 0 and 'in no file' not in check.out, (command, check, tree_of(host))
            up = host('up')
            assert up.out.startswith('nothing to do'), (command, up, tree_of(host))
            again = host(*(command + ('--if-exists',) if command[0] == 'unwire' else command))
            assert again.status == 0, (command, again)


def comes_back(host):
    """Requires that what is saved is wired again where no wire is known."""
    names = host('ls').out
    assert host('down').status == 0 and host('up').status == 0 and host('ls').out == names and names


@pytest.mark.parametrize('first', [
    saved('v', 'bridge://br0', 'vxlan://42=remote=192.0.2.1'),
    ('config', 'render', '--root', '/', '--name', 'v', 'bridge://br0', 'vxlan://42=remote=192.0.2.1')])
def test_a_vxlan_without_a_name_at_a_bridge_is_saved_where_no_route_leads_to_its_remote(host, first):
    settled(host, first, saved('v', 'bridge://br0', 'vxlan://42=remote=192.0.2.1'))
    comes_back(host)


@pytest.mark.parametrize('words', [
    ('bridge://br0=10.1.1.1/24', 'bridge://br1=10.1.1.2/24'), ('bridge://br0', 'bridge://br1:p1')])
def test_a_wire_between_two_bridges_is_saved_by_its_ports(host, words):
    settled(host, saved('w', *words))
    assert len(tree_of(host)) == (4 if '=' in words[0] else 2)
    comes_back(host)
    result = host('unwire', '--forget', 'w')
    assert result.status == 0 and tree_of(host) == {}, result


def test_a_wire_between_two_bridges_is_rendered_with_its_ports(host):
    words = ('--name', 'w', 'bridge://br0', 'bridge://br1=rate=10mbit')
    assert host('config', 'render', '--root', '/', *words).status == 0 and len(tree_of(host)) == 2
    assert host('up').out == 'wired w\n'
    settled(host, saved(*words[1:]))


def test_a_default_route_by_a_gateway_is_saved_as_a_route(host):
    settled(host, saved('w', 'a:A=10.1.1.2/24,route=default@10.1.1.1', 'host:h=10.1.1.1/24'))
    files = tree_of(host)
    assert files['a/route-A'] == '0.0.0.0/0 via 10.1.1.1 dev A\n' and 'GATEWAY' not in files['a/ifcfg-A'], files
    settled(host, replaced('w', 'a:A=10.1.1.2/24,gw=10.1.1.1', 'host:h=10.1.1.1/24'))
    assert 'GATEWAY=10.1.1.1\n' in tree_of(host)['a/ifcfg-A'] and 'a/route-A' not in tree_of(host), tree_of(host)
    settled(host, replaced('w', 'a:A=10.1.1.2/24,route=default@10.1.1.1', 'host:h=10.1.1.1/24'))


@pytest.mark.parametrize('ends', [('a:A', 'bridge://br0'), ('a:A', 'netns://b:B'), ('a:A=10.1.1.2/24', 'bridge://br0')])
def test_a_wire_without_dhcp_is_saved_as_one_without(host, ends):
    settled(host, ('config', 'render', '--root', '/', '--name', 'w', 'netns://a:A=dhcp', ends[1]), saved('w', *ends))
    assert 'BOOTPROTO=none\n' in tree_of(host)['a/ifcfg-A'], tree_of(host)
