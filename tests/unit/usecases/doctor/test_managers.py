"""The doctor's checks of NetworkManager and systemd-networkd, on trees of their files.

integration/doctor/test_networkd.py holds the reading of .network files against networkd itself.
"""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.usecases.doctor.network import managers, network_manager, networkd
from netnsctl.usecases.doctor.network.managers import SAMPLE, check_networkd, check_networkmanager
from support import process
from support.recorded import recorded, recorded_end

NM_RULE = ('ACTION!="add|change|move", GOTO="nm_unmanaged_end"\nLABEL="nm_unmanaged_end"\n'
           'ENV{ID_NET_DRIVER}=="veth", ENV{INTERFACE}!="eth[0-9]*", ENV{NM_UNMANAGED}="1"\n')


def a_process(pid, name, namespace='net:[1]'):
    """({file: text}, {symlink: target}) of a process in a tree whose own namespace is net:[1]."""
    return ({'proc/%d/stat' % pid: '%d (%s) S 1 1' % (pid, name)},
            {'proc/self/ns/net': 'net:[1]', 'proc/%d/ns/net' % pid: namespace})


@pytest.fixture
def running(tree):
    """running(folder of /run, process name, {path: text}, namespace=...) -> Host on which it runs."""
    def make(folder, name, files=(), namespace='net:[1]'):
        made, links = a_process(4711, name, namespace)
        made[folder + '/x'] = ''
        made.update(files)
        return tree(made, links)
    return make


@pytest.fixture
def with_networkmanager(running):
    def make(files=(), namespace='net:[1]'):
        return running('run/NetworkManager', 'NetworkManager', files, namespace)
    return make


@pytest.fixture
def with_networkd(running):
    def make(files=(), namespace='net:[1]'):
        return running('run/systemd/netif', 'systemd-network', files, namespace)
    return make


def paste(tmpdir, finding):
    """Runs the commands that write a file of the host's, in the tree."""
    for command in finding.remediation.commands:
        if 'etc/' in command:
            process.must(['sh', '-euc', command.replace('/etc/', '%s/etc/' % tmpdir)])


# NetworkManager: does it run

def test_no_networkmanager_is_quiet(tree):
    assert check_networkmanager(tree()).text == 'not running'


def test_a_networkmanager_that_has_ended_is_quiet(tree):
    assert check_networkmanager(tree({'run/NetworkManager/x': ''})).text == 'not running here'


def test_a_networkmanager_of_another_network_namespace_is_quiet(with_networkmanager):
    assert check_networkmanager(with_networkmanager(namespace='net:[2]')).status == 'ok'


def test_a_networkmanager_that_nothing_tells_to_leave_veths_alone_is_an_advice(with_networkmanager):
    finding = check_networkmanager(with_networkmanager())
    assert finding.status == 'warn' and SAMPLE in finding.text and 'nothing tells it' in finding.text
    assert ('process', '4711') in finding.evidence
    assert finding.remediation.commands[-1] == 'kill -HUP 4711'


def test_under_systemd_it_is_reloaded_by_systemctl(with_networkmanager):
    finding = check_networkmanager(with_networkmanager({'run/systemd/system/x': ''}))
    assert finding.remediation.commands[-1] == 'systemctl reload NetworkManager'


@pytest.mark.parametrize('files', [{}, {'etc/NetworkManager/conf.d/10-x.conf': '[device-all]\nmanaged=1\n'},
                                   {'etc/NetworkManager/conf.d/10-x.conf': '[keyfile]\nunmanaged-devices=none\n'}])
def test_the_pasted_commands_have_networkmanager_leave_veths_alone(with_networkmanager, tmpdir, files):
    host = with_networkmanager(files)
    paste(tmpdir, check_networkmanager(host))
    finding = check_networkmanager(host)
    assert finding.status == 'ok' and '99-netnsctl.conf:3' in dict(finding.evidence)['link ' + SAMPLE]
    assert network_manager.ask(host, 'eth0').managed


@pytest.mark.parametrize('version,status', [('0.8.1', 'ok'), ('0.9.8.10', 'ok'), ('0.9.10.0', 'warn'),
                                            ('1.42.4', 'warn'), ('', 'warn')])
def test_a_networkmanager_of_before_veths_is_quiet(with_networkmanager, tmpdir, version, status):
    host = with_networkmanager()
    path = tmpdir.join('usr/sbin/NetworkManager')
    path.write('#!/bin/sh\necho %s\n' % version, ensure=True)
    path.chmod(0o755)
    assert check_networkmanager(host).status == status


def test_links_of_recorded_wires_on_the_host_are_asked_for_too(with_networkmanager):
    ends = [recorded_end('host', 'to-a'), recorded_end('netns://a', 'eth7')]
    host = with_networkmanager({
        'run/netnsctl/wires/w.json': json.dumps(recorded('w', ends)),
        'etc/NetworkManager/conf.d/x.conf': '[keyfile]\nunmanaged-devices=interface-name:nw*\n'})
    finding = check_networkmanager(host)
    assert finding.status == 'warn' and 'like to-a' in finding.text and 'link eth7' not in dict(finding.evidence)


# NetworkManager: what it is told

def conf(text, place='etc/NetworkManager/conf.d/50-x.conf'):
    return {place: text}


# What is foreseen here was seen of NetworkManager 1.42.4.
@pytest.mark.parametrize('spec,managed', [
    ('interface-name:nw*', False), ('interface-name:eth*', True), ('nw0123456789', False), ('*', False),
    ('interface-name:=nw*', True), ('interface-name:=nw0123456789', False), ('interface-name:~nw*', False),
    ('driver:veth', False), ('driver:veth/1.0', False), ('driver:e1000', True),
    ('type:ethernet', False), ('type:veth', True), ('type:wifi', True),
    ('mac:00:22:68:1c:59:b1;interface-name:nw?123456789', False), ('mac:00:22:68:1c:59:b1', True),
    ('except:interface-name:nw*', True), ('except:interface-name:eth*', False), ('*,except:interface-name:nw*', True),
    ('interface-name:[n]w*', True), ('', True),
])
def test_lists_of_devices_are_read_as_networkmanager_does(tree, spec, managed):
    answer = network_manager.ask(tree(conf('[keyfile]\nunmanaged-devices=%s\n' % spec)), SAMPLE)
    assert answer.managed == managed
    assert answer.place == (None if managed else '/etc/NetworkManager/conf.d/50-x.conf:2')


@pytest.mark.parametrize('later', ['run', 'etc'])
def test_a_file_of_the_same_name_hides_that_of_a_package(tree, later):
    files = conf('[keyfile]\nunmanaged-devices=*\n', 'usr/lib/NetworkManager/conf.d/a.conf')
    files.update(conf('', later + '/NetworkManager/conf.d/a.conf'))
    assert network_manager.ask(tree(files), SAMPLE).managed


def test_the_administrators_folder_counts_over_the_main_file_and_that_over_packages(tree):
    order = ['usr/lib/NetworkManager/conf.d/99.conf', 'run/NetworkManager/conf.d/50.conf',
             'etc/NetworkManager/NetworkManager.conf', 'etc/NetworkManager/conf.d/00.conf',
             'etc/NetworkManager/conf.d/01.conf']
    files = dict((place, '') for place in order)
    assert network_manager.config_files(tree(files)) == ['/' + place for place in order]


@pytest.mark.parametrize('first,second,managed', [
    ('unmanaged-devices=*', 'unmanaged-devices=mac:00:00:00:00:00:01', True),
    ('unmanaged-devices=mac:00:00:00:00:00:01', 'unmanaged-devices+=driver:veth', False),
    ('unmanaged-devices=driver:veth,type:wifi', 'unmanaged-devices-=driver:veth', True),
    ('unmanaged-devices=driver:veth', 'unmanaged-devices=', True),
])
def test_later_files_replace_add_and_take_away(tree, first, second, managed):
    host = tree({'etc/NetworkManager/conf.d/1.conf': '[keyfile]\n%s\n' % first,
                 'etc/NetworkManager/conf.d/2.conf': '[keyfile]\n%s\n' % second})
    assert network_manager.ask(host, SAMPLE).managed == managed


@pytest.mark.parametrize('text,managed', [
    ('[device]\nmanaged=0\n', False),
    ('[device-x]\nmatch-device=driver:veth\nmanaged=false\n', False),
    ('[device-x]\nmatch-device=driver:e1000\nmanaged=0\n', True),
    ('[device-x]\nmatch-device=interface-name:nw*\nmanaged=1\n[device-y]\nmanaged=0\n', True),
    ('[device]\nmanaged=0\n[device-x]\nmatch-device=driver:veth\nmanaged=1\n', True),
    ('[device-x]\nmatch-device=driver:veth\nstop-match=yes\n[device-y]\nmanaged=0\n', True),
    ('[device-x]\nwifi.scan-rand-mac-address=no\n[device-y]\nmanaged=0\n', False),
    ('# [device]\n;managed=0\n[connection]\nmanaged=0\n', True),
])
def test_the_first_device_section_that_matches_and_says_so_counts(tree, text, managed):
    assert network_manager.ask(tree(conf(text)), SAMPLE).managed == managed


def test_a_plain_device_section_counts_last_whatever_its_file(tree):
    host = tree({'etc/NetworkManager/conf.d/1.conf': '[device-x]\nmanaged=1\n',
                 'etc/NetworkManager/conf.d/2.conf': '[device]\nmanaged=0\n'})
    assert network_manager.ask(host, SAMPLE).managed


def test_a_later_files_device_section_counts_over_an_earlier_ones(tree):
    host = tree({'etc/NetworkManager/conf.d/1.conf': '[device-x]\nmanaged=1\n',
                 'etc/NetworkManager/conf.d/2.conf': '[device-x]\nmatch-device=driver:veth\nmanaged=0\n'})
    assert not network_manager.ask(host, SAMPLE).managed


@pytest.mark.parametrize('rules,name,managed', [
    (NM_RULE, SAMPLE, False), (NM_RULE, 'eth0', True), (NM_RULE, 'ethernet', False),
    (NM_RULE.replace('"1"', '"0"'), SAMPLE, True),
    ('ENV{ID_NET_DRIVER}=="veth|tun", ENV{NM_UNMANAGED}="1"\n', SAMPLE, False),
    ('SUBSYSTEM=="net", ACTION=="add", KERNEL=="nw*", ENV{NM_UNMANAGED}="1"\n', SAMPLE, False),
    ('SUBSYSTEM=="block", ENV{NM_UNMANAGED}="1"\n', SAMPLE, True),
    ('ATTR{address}=="02:*", ENV{NM_UNMANAGED}="1"\n', SAMPLE, True),
    ('# ENV{NM_UNMANAGED}="1"\n', SAMPLE, True),
    ('ENV{ID_NET_DRIVER}=="veth", \\\n  ENV{NM_UNMANAGED}="1"\n', SAMPLE, False),
])
def test_rules_of_udev_are_followed_for_a_veth(tree, rules, name, managed):
    assert network_manager.ask(tree({'usr/lib/udev/rules.d/85-nm-unmanaged.rules': rules}), name).managed == managed


def test_a_rule_of_the_administrators_hides_that_of_its_name_and_the_last_one_counts(tree):
    host = tree({'usr/lib/udev/rules.d/85-nm-unmanaged.rules': NM_RULE, 'etc/udev/rules.d/85-nm-unmanaged.rules': ''})
    assert network_manager.ask(host, SAMPLE).managed
    host = tree({'etc/udev/rules.d/85-nm-unmanaged.rules': NM_RULE,
                 'lib/udev/rules.d/90-mine.rules': 'ENV{INTERFACE}=="nw*", ENV{NM_UNMANAGED}="0"\n'})
    assert network_manager.ask(host, SAMPLE).managed


def test_a_device_section_counts_over_a_rule_of_udevs(tree):
    files = conf('[device-x]\nmatch-device=driver:veth\nmanaged=1\n')
    files['usr/lib/udev/rules.d/85-nm-unmanaged.rules'] = NM_RULE
    assert network_manager.ask(tree(files), SAMPLE).managed


# systemd-networkd: does it run

def test_no_networkd_is_quiet(tree):
    assert check_networkd(tree()).text == 'not running'


def test_a_networkd_that_has_ended_or_runs_elsewhere_is_quiet(tree, with_networkd):
    assert check_networkd(tree({'run/systemd/netif/x': ''})).text == 'not running here'
    files = {'etc/systemd/network/x.network': '[Match]\nName=*\n'}
    assert check_networkd(with_networkd(files, 'net:[2]')).status == 'ok'


def test_a_networkd_with_no_file_for_veths_is_quiet(with_networkd):
    finding = check_networkd(with_networkd({'etc/systemd/network/x.network': '[Match]\nName=en*\n'}))
    assert (finding.status, dict(finding.evidence)['link ' + SAMPLE]) == ('ok', 'no .network file matches')


@pytest.mark.parametrize('match', ['Name=*', 'Name=e* nw*', 'Type=ether', 'Driver=veth', 'Kind=veth', 'Name=!en*'])
def test_a_file_that_matches_new_veths_is_an_advice_and_the_pasted_commands_mend_it(with_networkd, tmpdir, match):
    host = with_networkd({'usr/lib/systemd/network/00-all.network': '# x\n[Match]\n%s\n[Network]\nDHCP=yes\n' % match})
    finding = check_networkd(host)
    assert finding.status == 'warn' and '/usr/lib/systemd/network/00-all.network:2 matches' in finding.text
    assert finding.remediation.commands[0] == 'mkdir -p /etc/systemd/network'
    assert finding.remediation.commands[-1] == 'networkctl reload'
    paste(tmpdir, finding)
    finding = check_networkd(host)
    told = dict(finding.evidence)['link ' + SAMPLE]
    assert finding.status == 'ok' and told.endswith('Unmanaged=yes (/etc/systemd/network/0-netnsctl.network:6)')
    for own in ('eth0', 'host0'):
        # As before: a container's own uplink is a veth too.
        item = networkd.find_file(host, own)
        assert item is None or item.place == '/usr/lib/systemd/network/00-all.network'


# systemd-networkd: which file

@pytest.mark.parametrize('text,found', [
    ('[Match]\nName=nw*\n', True), ('[Match]\nName=en*\n', False), ('[Match]\nName=en* nw*\n', True),
    ('[Match]\nName=!nw* en*\n', False), ('[Match]\nName=!en* wl*\n', True), ('[Match]\nName=en*\nName=nw*\n', True),
    ('[Match]\nName=nw*\nName=\nName=en*\n', False), ('[Match]\nName=nw*\nDriver=e1000\n', False),
    ('[Match]\nName=nw*\nType=ether\nKind=veth\n', True), ('[Match]\nType=!ether\n', False),
    ('[Match]\nKind=!bridge\n', True),
    ('[Match]\nType=wlan\n', False), ('[Match]\nMACAddress=02:00:00:00:00:01\n', False),
    ('[Match]\nName=nw*\nMACAddress=02:00:00:00:00:01\n', False), ('[Match]\nPath=!pci-*\nName=nw*\n', True),
    ('[Match]\nHost=me\nName=nw*\n', True), ('[Match]\n', False), ('', False), ('[Network]\nDHCP=yes\n', False),
    ('#[Match]\n;Name=nw*\n', False), ('[Match]\nName=\\\nnw*\n', True), ('[Match]\nName = nw?123456789 \n', True),
])
def test_a_match_section_is_read_as_networkd_does(tree, text, found):
    assert (networkd.find_file(tree({'etc/systemd/network/x.network': text}), SAMPLE) is not None) == found


def test_the_first_file_by_name_counts_whatever_its_folder(tree):
    host = tree({'etc/systemd/network/20.network': '[Match]\nName=*\n',
                 'usr/lib/systemd/network/10.network': '[Match]\nName=nw*\n',
                 'run/systemd/network/05.network': '[Match]\nName=en*\n',
                 'lib/systemd/network/00.link': '[Match]\nName=*\n'})
    assert networkd.find_file(host, SAMPLE).place == '/usr/lib/systemd/network/10.network'


@pytest.mark.parametrize('hide', ['file', 'null'])
def test_an_administrators_file_hides_that_of_its_name(tree, hide):
    files = {'usr/lib/systemd/network/10.network': '[Match]\nName=*\n'}
    links = {}
    if hide == 'file':
        files['etc/systemd/network/10.network'] = ''
    else:
        links['etc/systemd/network/10.network'] = os.devnull
    assert networkd.find_file(tree(files, links), SAMPLE) is None


def test_drop_ins_add_to_their_file_in_the_order_of_their_names(tree):
    host = tree({'usr/lib/systemd/network/10.network': '[Match]\nName=*\n[Link]\nUnmanaged=no\n',
                 'usr/lib/systemd/network/10.network.d/b.conf': '[Link]\nUnmanaged=no\n',
                 'run/systemd/network/10.network.d/a.conf': '[Link]\nUnmanaged=no\n',
                 'etc/systemd/network/10.network.d/b.conf': '[Link]\nUnmanaged=yes\n'})
    assert networkd.find_file(host, SAMPLE).unmanaged == (True, '/etc/systemd/network/10.network.d/b.conf:2')


def test_a_drop_in_can_take_the_match_away(tree):
    host = tree({'etc/systemd/network/10.network': '[Match]\nName=*\n',
                 'etc/systemd/network/10.network.d/a.conf': '[Match]\nName=\nName=en*\n'})
    assert networkd.find_file(host, SAMPLE) is None and networkd.find_file(host, 'enp1s0') is not None


@pytest.mark.parametrize('value,told', [('yes', True), ('1', True), ('True', True), ('on', True), ('no', False),
                                        ('', False)])
def test_a_file_may_tell_networkd_to_leave_a_link_alone(with_networkd, value, told):
    files = {'etc/systemd/network/x.network': '[Match]\nDriver=veth\n[Link]\nUnmanaged=%s\n' % value}
    assert check_networkd(with_networkd(files)).status == ('ok' if told else 'warn')


# Which process

@pytest.mark.parametrize('name,found', [('NetworkManager', 7), ('NetworkManage', None), ('a) (NetworkManager', None)])
def test_a_process_is_found_by_its_whole_name(tree, name, found):
    files, links = a_process(7, name)
    assert managers.find_process(tree(files, links), 'NetworkManager') == found


def test_a_name_is_cut_as_the_kernel_cuts_it(tree):
    files, links = a_process(7, 'systemd-network')
    assert managers.find_process(tree(files, links), 'systemd-networkd') == 7
