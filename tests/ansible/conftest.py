"""Fixtures of the tests that drive machines by Ansible.

  machines   bed.Bed of three, with netnsctl installed: machines['one'].sh(...), machines.inventory(...)
  packages   fitting.Packages, which netnsctl is installed from
  core       an Ansible (support/ansible_runs.py) of each version: core.play([...]) -> Play
  newest     that of the newest version alone
  act        act('wire', {...arguments}, '--check') -> Task: one action of the collection on this host;
             act.many([('wire', {...}), ...]) -> [Task]: several, in one play
"""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import bed as beds  # noqa: E402
import fitting  # noqa: E402
from support import ansible_runs  # noqa: E402
from support.built_packages import missing_tools  # noqa: E402
from support.lacking import lacking  # noqa: E402


def made_bed():
    """bed.Bed, or the test is skipped."""
    try:
        return beds.Bed()
    except beds.Unavailable as reason:
        lacking('bed', str(reason))


@pytest.fixture(scope='session')
def packages():
    """What netnsctl is installed from, built of this checkout."""
    missing = missing_tools(('git', 'dpkg-buildpackage', 'dh', 'dh_python3', 'rpmbuild', 'rpmsign', 'createrepo_c'))
    if missing:
        lacking('bed', '%s missing' % ', '.join(missing))
    made = fitting.Packages()
    yield made
    made.close()


@pytest.fixture(scope='session')
def machines(packages):
    """Three machines with netnsctl: one, two (Debian) and six (like CentOS 6.5)."""
    made = made_bed()
    try:
        for machine in made.machines.values():
            fitting.install(machine, packages)
        yield made
    finally:
        made.close()


def ansible_of(version, folder):
    """ansible_runs.Ansible, or the test is skipped."""
    if version not in ansible_runs.installed():
        pytest.skip('ansible-core %s is not set up: tests/tools/ansible --set-up' % version)
    return ansible_runs.Ansible(version, folder)


@pytest.fixture(params=ansible_runs.VERSIONS)
def core(request, tmp_path):
    return ansible_of(request.param, tmp_path)


@pytest.fixture
def newest(tmp_path):
    return ansible_of('newest', tmp_path)


@pytest.fixture
def act(core, tmp_path):
    executable = ansible_runs.program(tmp_path)

    def many(tasks, *words, **options):
        keywords = options.pop('keywords', {})
        listed = [dict({'netnsctl.netnsctl.' + action: dict({'executable': executable}, **arguments),
                        'ignore_errors': True}, **keywords) for action, arguments in tasks]
        played = core.play([{'hosts': 'all', 'gather_facts': False, 'tasks': listed}], *words, **options)
        assert len(played.tasks) == len(tasks), played
        return played.tasks

    def run(action, arguments, *words, **options):
        return many([(action, arguments)], *words, **options)[0]
    run.many = many
    return run
