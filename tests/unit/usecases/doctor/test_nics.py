"""The finding for NICs that are lent, and which NICs are refused."""
from __future__ import absolute_import, division, print_function

import errno

import pytest

from netnsctl.edge.nics import managers
from netnsctl.usecases.doctor.finding import OK, WARN
from netnsctl.usecases.doctor.kernel import nics
from netnsctl.usecases.doctor.kernel.throwaway import Seen
from netnsctl.usecases.lending import refusals

DONE = Seen(0, '')


@pytest.mark.parametrize('release,status', [('2.6.32-431.el6.x86_64', WARN), ('2.6.34.7', WARN), ('2.6.35', OK),
                                            ('3.10.0-1160.el7.x86_64', OK), ('6.1.0', OK)])
def test_a_kernel_before_2_6_35_moves_no_nic(tree, release, status):
    finding = nics.judge(release, tree({}), {'lower': DONE, 'link': DONE, 'there': DONE})
    assert finding.status == status
    if status == WARN:
        assert 'macvlan://' in finding.remediation.prose and 'vlan://' in finding.remediation.prose


@pytest.mark.parametrize('seen', [{'lower': DONE, 'link': Seen(errno.EINVAL, '')},
                                  {'lower': DONE, 'link': DONE, 'there': Seen(errno.ENODEV, '')}])
def test_a_link_that_is_not_moved_is_a_warning(tree, seen):
    assert nics.judge('6.1.0', tree({}), seen).status == WARN


@pytest.mark.parametrize('environ,files,found', [
    ({'SSH_CONNECTION': '192.0.2.7 5123 192.0.2.1 22'}, {}, ('192.0.2.7', '192.0.2.1')),
    ({'SSH_CONNECTION': 'fe80::7%eth0 5123 fe80::1%eth0 22'}, {}, ('fe80::7', 'fe80::1')),
    ({'SSH_CONNECTION': 'odd'}, {}, None), ({}, {}, None),
    ({}, {'proc/self/stat': '9 (sh) S 8 9\n', 'proc/8/stat': '8 (a) b) S 7 8\n', 'proc/8/environ': 'A=1\0',
          'proc/7/environ': 'B=2\0SSH_CONNECTION=192.0.2.7 1 192.0.2.1 22\0', 'proc/7/stat': '7 (sshd) S 1 7\n'},
     ('192.0.2.7', '192.0.2.1'))])
def test_the_ssh_session_is_found_behind_sudo_too(tree, environ, files, found):
    assert refusals.session_of(tree(files), environ) == found


class Nic(object):
    index, name = 3, 'eth1'


@pytest.mark.parametrize('files,who', [
    ({}, []),
    ({'run/NetworkManager/devices/3': '[device]\nmanaged=true\n', 'proc/9/stat': '9 (NetworkManager) S 1 9'},
     ['NetworkManager']),
    ({'run/NetworkManager/devices/3': '[device]\nmanaged=false\n', 'proc/9/stat': '9 (NetworkManager) S 1 9'}, []),
    ({'run/NetworkManager/devices/4': '[device]\nmanaged=true\n', 'proc/9/stat': '9 (NetworkManager) S 1 9'}, []),
    ({'run/NetworkManager/devices/3': '[device]\nmanaged=true\n'}, []),  # what a NetworkManager left that ended
    ({'run/systemd/netif/links/3': 'ADMIN_STATE=configured\n', 'proc/9/stat': '9 (systemd-network) S 1 9'},
     ['systemd-networkd']),
    ({'run/systemd/netif/links/3': 'ADMIN_STATE=unmanaged\n', 'proc/9/stat': '9 (systemd-network) S 1 9'}, [])])
def test_who_manages_a_nic_is_read_from_what_the_managers_write(tree, files, who):
    assert [name for name, _ in managers.managers(tree(files), Nic())] == who
