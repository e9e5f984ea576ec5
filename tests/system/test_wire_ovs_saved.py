"""Wires to a bridge of Open vSwitch in the config tree: saved, checked, brought up and down."""
from __future__ import absolute_import, division, print_function

import pytest

from support import own_ovs, process
from support.lacking import lacking
from support.tree import tree_of, write

SHOW = 'ovs-vsctl --timeout=20 --no-wait --columns=name,tag,trunks,vlan_mode list Port'


@pytest.fixture
def switched(host):
    """A throwaway host with the Open vSwitch bridge br-int and the namespace a."""
    if not own_ovs.is_installed():
        lacking('ovs', 'Open vSwitch is not installed')
    pids = own_ovs.start_in(host, 'br-int')
    host.sh('ip netns add a')
    yield host
    process.run(['kill'] + pids)


def ports(host):
    return host.sh('ovs-vsctl --timeout=20 --no-wait list-ports br-int').split()


def test_a_port_is_saved_in_the_words_of_open_vswitchs_scripts_and_comes_back(switched):
    host = switched
    result = host('wire', '--save', '--no-check', 'a:eth0=10.1.1.2/24,gw=10.1.1.1', 'ovs://br-int=tag=5,trunks=30,20')
    assert result.status == 0, result
    files = tree_of(host)
    assert list(files) == ['a/ifcfg-eth0'], files
    text = files['a/ifcfg-eth0']
    for line in ('TYPE=OVSPort', 'OVS_BRIDGE=br-int', 'OVS_OPTIONS="tag=5 trunks=20,30 vlan_mode=native-untagged"'):
        assert line + '\n' in text.replace("'", '"'), text
    assert 'ANCHOR' not in text and 'PEER' not in text
    assert host('config', 'check').status == 0, host('config', 'check')
    assert host('up').out.startswith('nothing to do'), host('up')
    near = ports(host)
    assert host('down').status == 0 and not ports(host)
    # As after a reboot: no state, no names, no links, but the row is there.
    assert host('up').status == 0 and ports(host) == near
    host.sh('ip netns del a; rm -r /run/netnsctl')
    assert host('up').status == 0 and ports(host) == near
    assert host('ls').out.split()[1] == 'whole', host('ls')
    assert host('down').status == 0 and not ports(host)


def test_a_file_that_says_another_vlan_is_a_difference_and_up_remakes_the_wire(switched):
    host = switched
    start = 'DEVICE=eth0\nTYPE=OVSPort\nDEVICETYPE=ovs\nOVS_BRIDGE=br-int\nIPADDR=10.1.1.2\nPREFIX=24\nPEER=p0\n'
    write(host, {'a/ifcfg-eth0': start + 'OVS_OPTIONS="tag=100"\n'})
    assert host('up').status == 0 and ports(host) == ['p0']
    write(host, {'a/ifcfg-eth0': start + 'OVS_OPTIONS="tag=200"\n'})
    told = host('config', 'check')
    assert told.status != 0 and 'tag=100, but the tree says tag=200' in told.out + told.err, told
    assert host('up').status == 0 and '200' in host.sh(SHOW)
    assert host('up').out.startswith('nothing to do')
    write(host, {'a/ifcfg-eth0': start.replace('br-int', 'br-nope')})
    refused = host('up')
    assert refused.status == 3 and 'Open vSwitch has no bridge br-nope' in refused.err, refused
    assert host('down').status == 0 and not ports(host)


def test_a_wire_is_saved_into_a_file_that_says_other_things_and_loses_what_it_no_longer_has(switched):
    host = switched
    assert host('wire', '--no-check', '--name', 'w', 'a:eth0', 'ovs://br-int:p0=tag=7').status == 0
    write(host, {'a/ifcfg-eth0': '# mine\nONBOOT=yes\nWIRE=w\n'})
    saved = host('config', 'save', 'w')
    assert saved.status == 0, saved
    text = tree_of(host)['a/ifcfg-eth0'].replace('"', '')
    assert text.startswith('# mine\n') and 'TYPE=OVSPort\n' in text and 'OVS_OPTIONS=tag=7\n' in text
    assert 'PEER=p0\n' in text
    assert host('up').out.startswith('nothing to do'), host('up')
    again = host('wire', '--no-check', '--name', 'w', '--replace', '--save', 'a:eth0', 'ovs://br-int')
    assert again.status == 0, again
    text = tree_of(host)['a/ifcfg-eth0']
    assert 'OVS_OPTIONS' not in text and 'PEER' not in text and 'TYPE=OVSPort\n' in text, text
    assert host('unwire', 'w').status == 0 and not ports(host)
