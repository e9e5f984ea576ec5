"""The doctor's check of the OCI hook."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.usecases import doctor

HOOK = 'usr/share/containers/oci/hooks.d/netnsctl.json'
TEXT = '{"version": "1.0.0", "hook": {"path": "/usr/share/netnsctl/hook"}, "when": {"always": true}}'


@pytest.fixture
def examine(tree, program):
    """examine({path: text}): the finding on a host with podman and these files."""
    def found(files, runs=True):
        host = tree(files)
        program('podman', 'exit 0', 'usr/bin')
        if runs:
            path = host.path('/usr/share/netnsctl/hook')
            if not os.path.isdir(os.path.dirname(path)):
                os.makedirs(os.path.dirname(path))
            open(path, 'w').close()
            os.chmod(path, 0o755)
        finding, = doctor.run(host, ['oci-hook'])
        return finding
    return found


def test_without_podman_nothing_is_amiss(tree):
    finding, = doctor.run(tree({HOOK: 'nonsense'}), ['oci-hook'])
    assert (finding.status, finding.text) == ('ok', 'podman is not installed')


@pytest.mark.parametrize('files,text', [({HOOK: TEXT}, 'installed'), ({}, 'not installed')])
def test_a_hook_that_is_there_is_quiet_and_none_is_too(examine, files, text):
    finding = examine(files)
    assert (finding.status, finding.text) == ('ok', text)


@pytest.mark.parametrize('place', ['etc/containers/containers.conf', 'etc/containers/containers.conf.d/x.conf'])
def test_a_directory_that_podman_does_not_read_is_an_advice(examine, place):
    finding = examine({HOOK: TEXT, place: '[engine]\n hooks_dir = [\n  "/srv/hooks", # ours\n  ]\n'})
    assert finding.status == 'warn' and '/' + place in finding.remediation.prose
    assert dict(finding.evidence)['podman reads'] == '/srv/hooks'
    assert examine({HOOK: TEXT, place: '[engine]\n# hooks_dir = ["/srv/hooks"]\n'}).status == 'ok'


@pytest.mark.parametrize('text', ['', 'nonsense', '[]', '{"hook": 7}', '{"hook": {"path": "x"}}', '[' * 100000])
def test_a_file_that_is_no_hook_is_an_advice(examine, text):
    finding = examine({HOOK: text})
    assert finding.status == 'warn' and finding.remediation.commands == ['rm /' + HOOK]


def test_a_hook_without_its_program_is_an_advice(examine):
    finding = examine({HOOK: TEXT}, runs=False)
    assert finding.status == 'warn' and finding.remediation.commands == ['rm /' + HOOK]
    assert '/usr/share/netnsctl/hook' in finding.remediation.prose
