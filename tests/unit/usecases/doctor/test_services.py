"""The doctor's check of the netnsctl service, on hosts made of files: systemd's and SysV's."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases.doctor.software.services import check_service, saved_links

UNIT = 'usr/lib/systemd/system/netnsctl.service'
WANTS = 'etc/systemd/system/multi-user.target.wants/netnsctl.service'


@pytest.fixture
def tree(tmpdir):
    """tree(FILE, ..., link={FILE: TARGET}) -> a Host whose files are these."""
    def make(*files, **options):
        for path in files:
            tmpdir.join(path).write('', ensure=True)
            if path.startswith(('usr/sbin/', 'sbin/')):
                tmpdir.join(path).chmod(0o755)
        for path, target in options.get('link', {}).items():
            tmpdir.join(path).dirpath().ensure(dir=True)
            os.symlink(target, str(tmpdir.join(path)))
        return Host(root=str(tmpdir), environ={})
    return make


SAVED = 'etc/sysconfig/netns/web/ifcfg-eth0'
SYSTEMD = 'run/systemd/system/x'


def test_no_service_and_nothing_saved_is_quiet(tree):
    finding = check_service(tree())
    assert (finding.status, finding.text) == ('ok', 'not installed; nothing is saved')


def test_a_disabled_service_is_quiet_where_nothing_is_saved(tree):
    finding = check_service(tree(SYSTEMD, UNIT))
    assert (finding.status, finding.text) == ('ok', 'disabled; nothing is saved')


def test_what_is_saved_with_no_service_is_an_advice(tree):
    finding = check_service(tree(SAVED))
    assert finding.status == 'warn' and 'no netnsctl service' in finding.text and finding.remediation.prose


def test_what_is_saved_with_a_disabled_unit_is_an_advice_with_the_command(tree):
    finding = check_service(tree(SYSTEMD, UNIT, SAVED))
    assert (finding.status, finding.remediation.commands) == ('warn', ['systemctl enable netnsctl'])
    assert 'disabled' in finding.text and '1 saved link ' in finding.text


def test_an_enabled_unit_is_quiet(tree):
    finding = check_service(tree(SYSTEMD, UNIT, SAVED, link={WANTS: '/' + UNIT}))
    assert (finding.status, finding.text) == ('ok', 'enabled')


def test_a_masked_unit_is_unmasked_first(tree):
    masked = {'etc/systemd/system/netnsctl.service': '/dev/null'}
    finding = check_service(tree(SYSTEMD, UNIT, SAVED, link=masked))
    assert finding.status == 'warn' and 'masked' in finding.text
    assert finding.remediation.commands == ['systemctl unmask netnsctl', 'systemctl enable netnsctl']


@pytest.mark.parametrize('tool,command', [('sbin/chkconfig', 'chkconfig netnsctl on'),
                                          ('usr/sbin/update-rc.d', 'update-rc.d netnsctl enable')])
def test_what_is_saved_with_a_disabled_script_is_an_advice_with_the_command(tree, tool, command):
    finding = check_service(tree('etc/init.d/netnsctl', SAVED, tool))
    assert (finding.status, finding.remediation.commands) == ('warn', [command])


@pytest.mark.parametrize('level,folder,state', [('3', 'etc/rc.d/rc3.d', 'enabled'), ('5', 'etc/rc.d/rc3.d', 'disabled'),
                                                (None, 'etc/rc2.d', 'enabled')])
def test_a_script_is_enabled_by_its_link_in_the_runlevel_that_is_booted(tree, tmpdir, level, folder, state):
    host = tree('etc/init.d/netnsctl', SAVED, link={folder + '/S11netnsctl': '../init.d/netnsctl'})
    if level:
        tmpdir.join('etc/inittab').write('# a comment\nid:%s:initdefault:\n' % level)
    assert dict(check_service(host).evidence)['state'] == state


def test_a_kill_link_does_not_enable_a_script(tree):
    host = tree('etc/init.d/netnsctl', SAVED, link={'etc/rc.d/rc3.d/K88netnsctl': '../init.d/netnsctl'})
    assert check_service(host).status == 'warn'


def test_only_files_of_links_count_as_saved(tree):
    host = tree('etc/sysconfig/netns/a/ifcfg-eth0', 'etc/sysconfig/netns/a/ifcfg-eth0.bak',
                'etc/sysconfig/netns/a/route-eth0', 'etc/sysconfig/netns/README',
                'etc/sysconfig/netns/a/ifcfg-eth0.100', 'etc/sysconfig/netns/a/ifcfg-eth0:1',
                'etc/sysconfig/netns/a.bak/ifcfg-eth0', 'etc/sysconfig/netns/b.bak/ifcfg-eth0')
    assert saved_links(host) == ['a/ifcfg-eth0', 'a/ifcfg-eth0.100', 'b.bak/ifcfg-eth0']


@pytest.mark.parametrize('name', ['ifcfg-eth0.old', 'ifcfg-eth0.save', 'ifcfg-eth0.swp', 'ifcfg-eth0.20150101',
                                  'ifcfg-lo', 'ifcfg-lo:1', 'ifcfg-eth0~', 'ifcfg-eth0.rpmsave'])
def test_what_up_leaves_alone_needs_no_service(tree, name):
    finding = check_service(tree('etc/sysconfig/netns/web/' + name))
    assert (finding.status, finding.text) == ('ok', 'not installed; nothing is saved'), finding.as_data()
