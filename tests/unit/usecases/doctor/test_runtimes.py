"""The doctor's checks of container runtimes, on stand-ins."""
from __future__ import absolute_import, division, print_function

import os
import shutil

import pytest

from netnsctl.edge.host import Host
from netnsctl.edge.runtimes.finding import by_scheme
from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.software import runtimes
from support.doctor import NOBODY_STATUS, STANDINS, USUAL_PATH


def test_a_runtime_that_is_not_installed_is_quiet(tree):
    finding = runtimes.examine(tree(), by_scheme('podman'))
    assert (finding.status, finding.text) == ('ok', 'not installed')


@pytest.mark.parametrize('scheme,folder,version', [
    ('docker', 'docker-1.7.1', '1.7.1'), ('podman', 'podman-4.3.1', '4.3.1'), ('lxc', 'lxc-0.7.5', '0.7.5'),
    ('libvirt-lxc', 'libvirt-0.10.2', '0.10.2'), ('nspawn', 'systemd-219', '219'),
])
def test_a_runtime_that_answers_is_quiet_with_its_version(tmpdir, scheme, folder, version):
    place = str(tmpdir.join('bin'))
    shutil.copytree(os.path.join(STANDINS, 'runtimes', folder), place)
    open(os.path.join(place, 'containers'), 'w').close()
    # An engine that runs on this machine must not be asked.
    host = Host(path='%s:%s' % (place, USUAL_PATH), environ={'DOCKER_HOST': 'unix:///nowhere/docker.sock'})
    finding = runtimes.examine(host, by_scheme(scheme))
    assert (finding.status, finding.text) == ('ok', '%s answers' % version)
    assert ('version', version) in finding.evidence


@pytest.mark.parametrize('where,hint', [('tcp://127.0.0.1:1', 'docker -H tcp://127.0.0.1:1 version'),
                                        ('unix:///nowhere/x.sock', 'docker -H unix:///nowhere/x.sock version')])
def test_a_docker_that_is_asked_elsewhere_is_named_with_its_address_and_what_helps_there(tree, program, where, hint):
    program('docker', 'echo Cannot connect to the Docker daemon >&2; exit 1', 'usr/bin')
    host = tree()
    host.environ['DOCKER_HOST'] = where
    finding = runtimes.examine(host, by_scheme('docker'))
    assert finding.status == 'warn' and where in dict(finding.evidence)['asked where its containers are']
    assert hint in finding.remediation.prose and not finding.remediation.commands


@pytest.mark.parametrize('systemd,command', [(True, 'systemctl start docker'), (False, 'service docker start')])
def test_a_runtime_that_does_not_answer_is_an_advice(tree, program, tmpdir, systemd, command):
    program('docker', 'echo Cannot connect to the Docker daemon >&2; exit 1', 'usr/bin')
    host = tree({'run/systemd/system/x': ''} if systemd else {})
    finding = runtimes.examine(host, by_scheme('docker'))
    assert (finding.status, finding.text) == ('warn', 'installed, but does not answer')
    assert finding.remediation.commands == [command]


ELF = '\x7fELF and more'


@pytest.mark.parametrize('content,files,environ,asked', [
    (ELF, {}, {}, False),
    ('#!/bin/sh\nexec podman "$@"\n', {}, {}, True),
    (ELF, {'var/run/docker.sock': ''}, {}, True),
    (ELF, {'root/.docker/config.json': '{"currentContext": "far"}'}, {}, True),
    (ELF, {'root/.docker/config.json': '{"auths": {}}'}, {}, False),
    (ELF, {'srv/d/config.json': '{"currentContext": "far"}'}, {'DOCKER_CONFIG': '/srv/d'}, True),
    (ELF, {}, {'DOCKER_CONTEXT': 'far'}, True),
    (ELF, {}, {'DOCKER_HOST': 'unix:///nowhere/x.sock'}, True),
])
def test_the_docker_command_is_not_started_where_it_could_only_look_in_the_same_empty_place(
        tree, monkeypatch, content, files, environ, asked):
    host = tree(dict(files, **{'usr/bin/docker': content}))
    os.chmod(host.path('/usr/bin/docker'), 0o755)
    host.environ.update(environ)
    started, as_it_is = [], host.run
    monkeypatch.setattr(host, 'run', lambda argv, **options: started.append(argv) or as_it_is(argv, **options))
    assert by_scheme('docker').version(host) is None and bool(started) == asked


@pytest.mark.parametrize('folder,files,asked', [
    ('usr/bin', {}, False), ('usr/local/bin', {}, True), ('usr/bin', {'var/run/libvirt/libvirt-sock': ''}, True),
    ('usr/bin', {'var/run/libvirt/virtlxcd-sock': ''}, True)])
def test_virsh_is_not_started_where_no_daemon_of_libvirt_listens(tree, program, tmpdir, folder, files, asked):
    mark = tmpdir.join('asked')
    program('virsh', 'touch %s; exit 1' % mark, folder)
    assert by_scheme('libvirt-lxc').version(tree(files)) is None and mark.check() == asked


def test_without_root_a_runtime_may_just_not_answer_us(tree, program):
    program('podman', 'exit 125', 'usr/bin')
    finding = runtimes.examine(tree({'proc/self/status': NOBODY_STATUS}), by_scheme('podman'))
    assert (finding.status, finding.text) == ('warn', 'installed, but does not answer without root')


def test_machinectl_without_systemd_is_quiet(tree, program):
    program('machinectl', 'echo Failed to connect to bus >&2; exit 1', 'usr/bin')
    assert runtimes.examine(tree(), by_scheme('nspawn')).status == 'ok'
    assert runtimes.examine(tree({'run/systemd/system/x': ''}), by_scheme('nspawn')).status == 'warn'


SCHEMES = [('docker', 'docker'), ('podman', 'podman'), ('lxc', 'lxc-info'), ('libvirt-lxc', 'virsh'),
           ('nspawn', 'machinectl')]


@pytest.mark.parametrize('scheme,name', SCHEMES)
@pytest.mark.parametrize('script', ['exit 1', 'echo nonsense', 'kill -9 $$'])
def test_every_runtime_that_is_there_and_does_not_answer_is_an_advice(tree, program, scheme, name, script):
    program(name, script, 'usr/bin')
    files = {'run/systemd/system/x': '', 'usr/libexec/libvirt_lxc': ''}
    finding, = doctor.run(tree(files), [scheme])
    assert (finding.status, finding.text) == ('warn', 'installed, but does not answer')
    assert 'asked for its version' in dict(finding.evidence) and scheme in finding.remediation.prose


@pytest.mark.parametrize('scheme,name', SCHEMES)
def test_every_runtime_that_hangs_is_given_up(tree, program, monkeypatch, scheme, name):
    monkeypatch.setattr('netnsctl.edge.runtimes.container.SECONDS', 0.2)
    monkeypatch.setattr('netnsctl.edge.runtimes.engines.SECONDS', 0.2)
    monkeypatch.setattr('netnsctl.edge.runtimes.engines.PODMAN_SECONDS', 0.2)
    program(name, 'exec /bin/sleep 60', 'usr/bin')
    finding, = doctor.run(tree({'run/systemd/system/x': '', 'usr/libexec/libvirt_lxc': ''}), [scheme])
    assert finding.status == 'warn' and 'no answer' in dict(finding.evidence)['asked for its version']


@pytest.mark.parametrize('scheme', [scheme for scheme, _ in SCHEMES])
def test_every_runtime_that_is_not_installed_is_quiet(tree, scheme):
    assert doctor.run(tree(), [scheme])[0].text == 'not installed'


def test_a_libvirt_for_virtual_machines_alone_is_quiet(tree, program):
    program('virsh', 'exit 1', 'usr/bin')
    finding, = doctor.run(tree(), ['libvirt-lxc'])
    assert (finding.status, finding.text) == ('ok', 'not in use: libvirt has no LXC driver here')
