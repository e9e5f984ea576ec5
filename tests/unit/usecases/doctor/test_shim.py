"""The doctor's check of the shim: all states in which it can be."""
from __future__ import absolute_import, division, print_function

import os
import shutil

import pytest

from netnsctl.edge import shim_file
from netnsctl.edge.host import Host
from netnsctl.usecases.doctor.software.shim import check_shim

PLACE = 'usr/local/sbin/ip'
USUAL = '/usr/local/sbin:/usr/sbin:/usr/bin'


@pytest.fixture
def shim(tmpdir):
    """The path of a shim that is root's, wherever the source is."""
    path = tmpdir.join('netnsctl', 'libexec', 'ip').ensure()
    shutil.copy(shim_file.PROGRAM, str(path))
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def host_with(tmpdir):
    """host_with(target of the symlink in the shim's place or None, PATH) -> Host with its own ip in /usr/sbin."""
    def make(target, path=USUAL):
        program(tmpdir.join('usr/sbin/ip'))
        if target is not None:
            tmpdir.join(PLACE).dirpath().ensure(dir=True)
            os.symlink(target, str(tmpdir.join(PLACE)))
        return Host(root=str(tmpdir), environ={'PATH': path})
    return make


def program(path):
    path.write('#!/bin/sh\n', ensure=True)
    path.chmod(0o755)


def test_a_shim_that_is_not_enabled_is_quiet(host_with):
    finding = check_shim(host_with(None))
    assert (finding.status, finding.text) == ('ok', 'not enabled')
    assert ('it leads to', 'nothing') in finding.evidence


def test_an_enabled_shim_that_the_path_leads_to_is_quiet(host_with, shim):
    finding = check_shim(host_with(shim))
    assert (finding.status, finding.text) == ('ok', 'enabled, and first on this PATH')
    assert ('it leads to', shim) in finding.evidence


def test_an_enabled_shim_behind_another_ip_is_an_advice(host_with, shim, tmpdir):
    finding = check_shim(host_with(shim, '/usr/sbin:/usr/local/sbin'))
    assert finding.status == 'warn' and finding.text == 'enabled, but `ip` on this PATH is %s/usr/sbin/ip' % tmpdir
    assert finding.remediation.commands == ['export PATH=/usr/local/sbin:$PATH']


def test_a_shim_that_others_can_write_to_is_an_advice(host_with, shim):
    os.chown(os.path.dirname(shim), 65534, 65534)
    finding = check_shim(host_with(shim))
    assert (finding.status, finding.text) == (
        'warn', 'enabled, but users other than root can write to %s' % os.path.dirname(shim))
    assert 'netnsctl shim disable' in finding.remediation.commands


@pytest.mark.parametrize('path', ['/usr/bin', '', 'usr/local/sbin:.'])
def test_an_enabled_shim_that_no_path_leads_to_is_an_advice(host_with, shim, path):
    finding = check_shim(host_with(shim, path))
    assert (finding.status, finding.text) == ('warn', 'enabled, but `ip` on this PATH is none')


@pytest.mark.parametrize('target', ['/opt/gone/netnsctl/libexec/ip', '/usr/libexec/netnsctl/ip'])
def test_a_shim_whose_netnsctl_is_gone_is_an_advice(host_with, target):
    finding = check_shim(host_with(target))
    assert finding.status == 'warn' and 'points to a netnsctl that is gone' in finding.text
    assert finding.remediation.commands == ['netnsctl shim disable']


def test_a_program_of_somebody_elses_in_its_place_is_quiet(host_with, tmpdir):
    program(tmpdir.join(PLACE))
    finding = check_shim(host_with(None))
    assert (finding.status, finding.text) == ('ok', 'not enabled; /usr/local/sbin/ip is not netnsctl\'s')


def test_a_dangling_symlink_of_somebody_elses_is_quiet(host_with):
    assert check_shim(host_with('/opt/busybox')).status == 'ok'
