"""The role install: on a host like CentOS 6.5 from the signed repository, and on Debian from the package."""
from __future__ import absolute_import, division, print_function

import os

import pytest

import bed as beds
import fitting
from support.lacking import lacking


@pytest.fixture
def bare(packages):
    """bed.Bed of two machines without netnsctl: six and one."""
    try:
        made = beds.Bed(('six', 'one'))
    except beds.Unavailable as reason:
        lacking('bed', str(reason))
    for machine in made.machines.values():
        fitting.give_packages(machine, packages)
    yield made
    made.close()


@pytest.fixture
def install(core, bare, packages):
    """install(*words, six={...}) -> Play of the role on both."""
    with open(os.path.join(packages.repository(), 'el6', 'RPM-GPG-KEY-netnsctl')) as source:
        key = source.read()

    def run(*words, **more):
        extra = {'six': {'install_baseurl': 'file://%s/' % fitting.SERVED, 'install_key': key,
                         'install_services': ['netnsctl', 'netnsctl-watch']},
                 'one': {'install_deb': '/srv/netnsctl.deb'}}
        for name in more:
            extra[name] = dict(extra[name], **more[name])
        return core.play([{'hosts': 'machines', 'gather_facts': False, 'roles': ['netnsctl.netnsctl.install']}], *words,
                         inventory=bare.inventory(extra=extra))
    return run


def test_it_is_installed_from_the_signed_repository_and_from_the_package_and_again_changes_nothing(install, bare):
    planned = install('--check')
    assert planned.status == 0 and sorted(task.host for task in planned.changed()) == ['one', 'six'], planned
    assert bare['six'].run('/bin/sh', '-c', 'command -v netnsctl').status != 0
    played = install()
    assert played.status == 0 and sorted(task.host for task in played.changed()) == ['one', 'six'], played
    six = bare['six']
    assert six.sh('rpm -q netnsctl').startswith('netnsctl-1.0.0-1.el6') and '3:on' in six.sh(
        'chkconfig --list netnsctl')
    assert six.sh('netnsctl --version').startswith('netnsctl ') and bare['one'].netnsctl('--version').status == 0
    assert [task.get('fit') for task in played.tasks if 'fit' in task.result] == [True, True], played
    again = install()
    assert again.status == 0 and again.changed() == [], again


def test_a_repository_that_another_key_signed_is_refused(install, bare):
    bare['six'].sh('echo more >>%s/el6/repodata/repomd.xml' % fitting.SERVED)
    played = install()
    failed = [task for task in played.tasks if task.how == 'failed']
    assert [task.host for task in failed] == ['six'], played
    assert bare['six'].run('rpm', '-q', 'netnsctl').status != 0
    assert bare['one'].netnsctl('--version').status == 0


@pytest.mark.parametrize('name, variables, text', [
    ('six', {'install_baseurl': ''}, 'install_baseurl is not set'),
    ('six', {'install_key': ''}, 'install_key is not set'),
    ('one', {'install_deb': ''}, 'install_deb is not set'), ('one', {'install_deb': '/etc/passwd'}, 'is not a package'),
    ('one', {'install_services': ['no-such']}, 'no-such: no systemd runs here'),
    ('six', {'install_baseurl': "file:///x'; touch /tmp/hostile; '"}, 'failed')])
def test_what_it_lacks_is_named_and_the_other_host_has_it(install, bare, name, variables, text):
    played = install(**{name: variables})
    failed = [task for task in played.tasks if task.how == 'failed']
    assert [task.host for task in failed] == [name] and text in failed[0]['stderr'] + failed[0]['stdout'], played
    assert bare[name].run('test', '-e', '/tmp/hostile').status != 0
    assert bare[{'one': 'six', 'six': 'one'}[name]].netnsctl('--version').status == 0
