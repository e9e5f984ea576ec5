"""What tells one host from others, for the MAC addresses of ends by DHCP."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases.ends import dhcp

MACHINE, DBUS, FIRMWARE = dhcp.IDENTITIES


def mac(root):
    return dhcp.stable_mac(Host(str(root)), 'netns://a:eth0')


@pytest.mark.parametrize('files, is_known', [
    ({}, False), ({MACHINE: ''}, False), ({MACHINE: 'uninitialized\n'}, False), ({MACHINE: 'x\n'}, True),
    ({DBUS: 'x\n'}, True), ({FIRMWARE: 'x\n'}, True), ({MACHINE: '\n', DBUS: 'x', FIRMWARE: 'y\n'}, True)])
def test_hosts_are_told_apart_by_the_first_file_that_says_something(tmpdir, files, is_known):
    for path, text in files.items():
        tmpdir.join(path).write(text, ensure=True)
    found, of_none = mac(tmpdir), mac(tmpdir / 'none')
    tmpdir.join(MACHINE).write('x', ensure=True)
    assert found == (mac(tmpdir) if is_known else of_none)
    assert mac(tmpdir) != of_none
