"""Why a module of the kernel's is not there, and what mends it: each branch, on trees of files."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.usecases.doctor.kernel import modules

RELEASE = '6.1.0-1'
DEP = 'lib/modules/%s/modules.dep' % RELEASE
BUILTIN = 'lib/modules/%s/modules.builtin' % RELEASE
LISTED = 'kernel/fs/fat/fat.ko:\nkernel/drivers/net/veth.ko: kernel/a.ko\n'


def mend(host, module='veth'):
    return modules.mend(host, RELEASE, module)


@pytest.mark.parametrize('line', ['kernel/drivers/net/veth.ko:', 'kernel/drivers/net/veth.ko.xz: kernel/a.ko.xz',
                                  'kernel/drivers/net/veth.ko.zst:', '/lib/modules/6.1.0-1/kernel/veth.ko:'])
def test_a_module_on_disk_is_loaded_by_name(tree, line):
    host = tree({DEP: 'kernel/a.ko:\n%s\nkernel/b.ko:\n' % line})
    assert modules.where_is(host, RELEASE, 'veth') == modules.ON_DISK
    assert mend(host).commands == ['modprobe veth']


@pytest.mark.parametrize('line', ['kernel/drivers/net/xveth.ko:', 'kernel/drivers/net/veth_x.ko:',
                                  'kernel/a.ko: kernel/drivers/net/veth.ko'])
def test_a_module_whose_name_only_looks_alike_is_not_listed(tree, line):
    assert modules.where_is(tree({DEP: line + '\n'}), RELEASE, 'veth') == modules.NOT_LISTED


def test_a_module_is_found_whether_it_is_written_with_a_dash_or_not(tree):
    host = tree({DEP: 'kernel/net/br-netfilter.ko:\n'})
    assert modules.where_is(host, RELEASE, 'br_netfilter') == modules.ON_DISK


def test_a_module_that_is_built_in_is_not_to_be_loaded(tree):
    host = tree({DEP: '', BUILTIN: LISTED.replace(': kernel/a.ko', '')})
    assert modules.where_is(host, RELEASE, 'veth') == modules.BUILT_IN
    assert 'built into' in mend(host).prose and not mend(host).commands


def test_a_kernel_whose_modules_are_gone_from_disk_takes_a_reboot(tree):
    host = tree({'lib/modules/6.2.0/modules.dep': LISTED})
    assert modules.where_is(host, RELEASE, 'veth') == modules.OTHER_KERNELS
    assert mend(host).commands == ['reboot']


def test_where_no_modules_are_on_disk_the_host_loads_it(tree):
    host = tree()
    assert modules.where_is(host, RELEASE, 'veth') == modules.NONE
    assert '`modprobe veth`' in mend(host).prose and not mend(host).commands


def test_a_module_that_is_in_no_list_may_be_in_a_package_of_its_own(tree):
    host = tree({DEP: 'kernel/fs/fat/fat.ko:\n'})
    assert 'kernel-modules-extra' in mend(host).prose and 'linux-modules-extra-' + RELEASE in mend(host).prose
    assert not mend(host).commands


def test_a_folder_without_a_list_is_listed_first(tree):
    host = tree({'lib/modules/%s/kernel/x' % RELEASE: ''})
    assert modules.where_is(host, RELEASE, 'veth') == modules.NO_LIST
    assert mend(host).commands == ['depmod -a', 'modprobe veth']


def test_a_kernel_that_loads_no_more_has_it_loaded_at_the_next_boot(tree):
    files = {DEP: LISTED, 'proc/sys/kernel/modules_disabled': '1\n'}
    # EL6 has no modules-load.d: its rc.sysinit runs these.
    host = tree(files)
    assert mend(host).commands == ["printf '#!/bin/sh\\nmodprobe veth\\n' >/etc/sysconfig/modules/veth.modules",
                                   'chmod 755 /etc/sysconfig/modules/veth.modules', 'reboot']
    assert ('kernel.modules_disabled', '1') in modules.look(host, RELEASE, 'veth')
    host = tree(dict(files, **{'etc/modules-load.d/x.conf': ''}))
    assert mend(host).commands == ['echo veth >/etc/modules-load.d/veth.conf', 'reboot']


@pytest.mark.parametrize('line', ['install veth /bin/true', 'install  veth  /usr/bin/false',
                                  '\tinstall veth /bin/false'])
def test_a_module_that_may_not_be_loaded_is_told_by_which_line(tree, line):
    host = tree({DEP: LISTED, 'etc/modprobe.d/hardening.conf': '# x\n%s\n' % line})
    assert '/etc/modprobe.d/hardening.conf:2' in mend(host).prose and ' '.join(line.split()) in mend(host).prose
    assert mend(host).commands == ['modprobe --ignore-install veth']


def test_a_blacklisted_module_is_loaded_by_its_name_all_the_same(tree):
    host = tree({DEP: LISTED, 'usr/lib/modprobe.d/x.conf': 'blacklist veth\n'})
    assert mend(host).commands == ['modprobe veth']
    assert ('/usr/lib/modprobe.d/x.conf:1', 'blacklist veth') in modules.look(host, RELEASE, 'veth')


@pytest.mark.parametrize('text', [
    '# blacklist veth\n', 'blacklist vethx\n', 'options veth a=b\n', 'alias rtnl-link-veth veth\n', '',
    'install veth /sbin/modprobe --ignore-install veth\n', 'install veth\n', 'install\n'])
def test_other_lines_keep_no_module_out(tree, text):
    assert modules.find_rules(tree({'etc/modprobe.d/x.conf': text}), 'veth') == []


def test_the_first_folders_file_of_a_name_hides_the_others(tree):
    host = tree({'etc/modprobe.d/a.conf': '', 'lib/modprobe.d/a.conf': 'blacklist veth\n',
                 'run/modprobe.d/b.conf': 'blacklist veth\n', 'usr/lib/modprobe.d/b.conf': 'install veth /bin/true\n',
                 'etc/modprobe.d/readme': 'blacklist veth\n'})
    assert modules.find_rules(host, 'veth') == [('/run/modprobe.d/b.conf:1', 'blacklist veth', 'blacklist')]
