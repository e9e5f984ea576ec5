"""What tells one host from others, for the MAC addresses of ends by DHCP; and a client from what is none."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError
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


@pytest.mark.parametrize('name', ['cmdline', 'status', 'environ'])
def test_a_client_that_cannot_be_looked_at_is_not_taken_for_one_that_has_ended(tmpdir, monkeypatch, name):
    """A process without descriptors left cannot."""
    path, read = tmpdir.join('w.0.pid'), Host.read
    path.write('%d\n' % os.getpid())
    assert dhcp.pid_of(str(path), index=3) is None  # this process is none
    monkeypatch.setattr(Host, 'read', lambda self, file_name, *more: None if file_name.endswith('/' + name)
                        else read(self, file_name, *more))
    with pytest.raises(NetnsctlError) as caught:
        dhcp.pid_of(str(path), index=3)
    assert 'cannot be found out' in str(caught.value)
