"""podman, lxc, libvirt-lxc and nspawn: their commands, files and processes."""
from __future__ import absolute_import, division, print_function

import os
import shutil

import pytest

from netnsctl.edge.runtimes import finding
from netnsctl.errors import NoAnswerError, NotFoundError
from support.fake_runtimes import ID_A, ID_B, failure_of, put, put_liar, put_process, put_standin, stat_line


def test_podman_finds_names_and_full_ids_only(tree):
    host = put_standin(tree, 'podman-4.3.1', 'p 77 %s\nstopped 0 %s\n' % (ID_A, ID_B))
    put_process(tree, 77, cgroup='/machine.slice/libpod-%s.scope' % ID_A)
    podman = finding.by_scheme('podman')
    found = podman.lookup(host, 'p')
    assert (found.scheme, found.pid, found.identity) == ('podman', 77, ID_A)
    assert podman.lookup(host, ID_A).pid == 77
    assert podman.lookup(host, 'aaa') is None and podman.lookup(host, 'nosuch') is None
    assert failure_of(podman.lookup, host, 'stopped').hint == 'podman start stopped'
    assert podman.version(host) == '4.3.1'
    assert finding.still_same(host, found)


@pytest.mark.parametrize('path, config, expected', [
    ('/var/lib/containers/storage/overlay-containers/containers.json', '', True),
    ('/var/lib/containers/storage/vfs-containers/volatile-containers.json', '', True),
    ('/run/containers/storage/overlay-containers/volatile-containers.json', '', True),
    ('/srv/pods/overlay-containers/containers.json', '[storage]\n graphroot = "/srv/pods"\n', True),
    ('/srv/run/overlay-containers/containers.json', "[storage]\nrunroot='/srv/run'\n", True),
    ('/srv/pods/overlay-containers/containers.json', '[storage]\n# graphroot = "/srv/pods"\n', False),
    ('/var/lib/containers/storage/overlay-layers/layers.json', '', False),
])
def test_podman_is_present_if_its_store_lists_a_container(tree, path, config, expected):
    host, podman = put_standin(tree, 'podman-4.3.1'), finding.by_scheme('podman')
    assert not podman.present(host)
    put(tree, '/etc/containers/storage.conf', config)
    put(tree, path, '[{"id":"%s","names":["p"]}]' % ID_A)
    assert podman.present(host) is expected
    put(tree, path, '[]')
    assert not podman.present(host)


def test_an_ambiguous_beginning_of_an_id_is_no_podman_container(tree):
    words = b'Error: more than one result for container name or ID "a": ambiguous\n'
    host = put_liar(tree, 'podman', b'[]\n', words, 125)
    assert finding.by_scheme('podman').lookup(host, 'a') is None


@pytest.mark.parametrize('version, number', [('lxc-0.7.5', '0.7.5'), ('lxc-1.0.11', '1.0.11')])
def test_lxc_info_old_and_new_is_understood(tree, version, number):
    host, lxc = put_standin(tree, version, 'l 77\nstopped 0\n'), finding.by_scheme('lxc')
    put(tree, '/var/lib/lxc/stopped/config', '')
    put_process(tree, 77, 70)
    put_process(tree, 70, 1, ['[lxc monitor] /var/lib/lxc l'])
    found = lxc.lookup(host, 'l')
    assert (found.scheme, found.pid, found.identity) == ('lxc', 77, 'l')
    error = failure_of(lxc.lookup, host, 'stopped')
    assert isinstance(error, NotFoundError) and error.hint == 'lxc-start -d -n stopped'
    assert lxc.lookup(host, 'nosuch') is None
    assert lxc.version(host) == number


def test_lxc_is_present_if_a_container_is_defined_where_the_configuration_says_or_if_one_listens(tree):
    host, lxc = put_standin(tree, 'lxc-1.0.11'), finding.by_scheme('lxc')
    assert not lxc.present(host)
    put(tree, '/etc/lxc/lxc.conf', 'lxc.lxcpath = /srv/lxc\n')
    put(tree, '/var/lib/lxc/l/config', '')
    assert not lxc.present(host)
    put(tree, '/srv/lxc/l/config', '')
    assert lxc.present(host)
    shutil.rmtree(tree + '/srv')
    put(tree, '/proc/net/unix', 'Num RefCount ...\n0: 2 0 10000 0001 01 10248 @/srv/lxc/x/command\n')
    assert lxc.present(host)


def test_the_hint_quotes_a_name_that_a_shell_would_act_on(tree):
    host = put_liar(tree, 'lxc-info')
    assert failure_of(finding.by_scheme('lxc').lookup, host, "$(id)'x").hint == "lxc-start -d -n '$(id)'\\''x'"


def put_controller(tree, **options):
    put_process(tree, 50, 1, ['/usr/libexec/libvirt_lxc', '--name', 'v', '--console', '21'],
                program=options.pop('program', '/usr/libexec/libvirt_lxc'), **options)


def test_libvirt_lxc_gives_the_controllers_child_where_the_kernel_lists_children(tree):
    host, libvirt = put_standin(tree, 'libvirt-0.10.2', 'v 50\nstopped 0\n'), finding.by_scheme('libvirt-lxc')
    put_controller(tree)
    put(tree, '/proc/50/task/50/children', '51 ')
    found = libvirt.lookup(host, 'v')
    assert (found.scheme, found.pid, found.identity) == ('libvirt-lxc', 51, 'v')
    assert libvirt.lookup(host, 'nosuch') is None
    assert failure_of(libvirt.lookup, host, 'stopped').hint == 'virsh -c lxc:/// start stopped'
    assert libvirt.version(host) == '0.10.2'


def test_libvirt_lxc_finds_the_child_on_kernels_that_list_no_children(tree):
    host = put_standin(tree, 'libvirt-0.10.2', 'v 50\n')
    put(tree, '/proc/1/stat', stat_line(1, 0, 'init'))
    put_controller(tree)
    put(tree, '/proc/77/stat', stat_line(77, 50, 'a) S 1 (b'))
    put(tree, '/proc/78/stat', stat_line(78, 77, 'sh'))
    assert finding.by_scheme('libvirt-lxc').lookup(host, 'v').pid == 77


def test_libvirt_lxc_tells_the_init_from_the_controllers_helpers(tree):
    host = put_standin(tree, 'libvirt-0.10.2', 'v 50\n')
    put_controller(tree)
    put(tree, '/proc/50/task/50/children', '51 52 ')
    for pid, namespace in (('self', 1), (50, 1), (51, 1), (52, 2)):
        os.makedirs(tree + '/proc/%s/ns' % pid)
        os.symlink('pid:[%d]' % namespace, tree + '/proc/%s/ns/pid' % pid)
    libvirt = finding.by_scheme('libvirt-lxc')
    assert libvirt.lookup(host, 'v').pid == 52
    put(tree, '/proc/50/task/50/children', '51 ')
    os.unlink(tree + '/proc/52/ns/pid')
    put(tree, '/proc/50/task/50/children', '51 52 ')
    assert 'no process of its controller 50' in failure_of(libvirt.lookup, host, 'v').message


def test_libvirt_lxc_without_any_child_is_a_declared_error(tree):
    host = put_standin(tree, 'libvirt-0.10.2', 'v 50\n')
    put_controller(tree)
    assert 'no process of its controller 50' in failure_of(finding.by_scheme('libvirt-lxc').lookup, host, 'v').message


def test_libvirt_lxc_is_present_if_a_controller_left_its_pid(tree):
    host, libvirt = put_standin(tree, 'libvirt-0.10.2'), finding.by_scheme('libvirt-lxc')
    assert not libvirt.present(host)
    put(tree, '/var/run/libvirt/lxc/v.pid', '50')
    assert libvirt.present(host)


def test_a_libvirt_that_cannot_be_reached_is_no_answer(tree):
    words = (b'error: failed to connect to the hypervisor\n'
             b"error: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory\n")
    host = put_liar(tree, 'virsh', b'', words, 1)
    assert isinstance(failure_of(finding.by_scheme('libvirt-lxc').lookup, host, 'v'), NoAnswerError)
    assert finding.by_scheme('libvirt-lxc').version(host) is None


def test_nspawn_gives_the_leader_of_a_container_and_of_nothing_else(tree):
    host = put_standin(tree, 'systemd-219', 'n 77\nqemu-1 78 vm\n.host 1 host\n')
    nspawn = finding.by_scheme('nspawn')
    put_process(tree, 77, 70)
    put_process(tree, 70, 1, ['/usr/bin/systemd-nspawn', '--boot', '--machine=n'], program='/usr/bin/systemd-nspawn')
    found = nspawn.lookup(host, 'n')
    assert (found.scheme, found.pid, found.identity) == ('nspawn', 77, 'n')
    assert nspawn.lookup(host, 'qemu-1') is None and nspawn.lookup(host, '.host') is None
    assert nspawn.lookup(host, 'nosuch') is None
    assert nspawn.version(host) == '219'
    put(tree, '/var/lib/machines/nosuch.raw', '')
    assert failure_of(nspawn.lookup, host, 'nosuch').hint == 'machinectl start nosuch'


def test_nspawn_is_present_if_a_machine_is_registered(tree):
    host, nspawn = put_standin(tree, 'systemd-219'), finding.by_scheme('nspawn')
    assert not nspawn.present(host)
    put(tree, '/run/systemd/machines/n', '')
    assert nspawn.present(host)


def test_a_machinectl_without_a_bus_is_no_answer_and_no_version(tree):
    host = put_liar(tree, 'machinectl', b'systemd 252\n', b'Failed to connect to bus: No such file or directory\n', 1)
    assert isinstance(failure_of(finding.by_scheme('nspawn').lookup, host, 'n'), NoAnswerError)
    assert finding.by_scheme('nspawn').version(host) is None
