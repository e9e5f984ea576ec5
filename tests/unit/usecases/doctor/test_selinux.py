"""The doctor's check of SELinux, on hosts made of files."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases.doctor.kernel.selinux import check_selinux

CONFIG = '# a comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n'


def host_with(tmpdir, **files):
    places = {'enforce': 'sys/fs/selinux/enforce', 'old': 'selinux/enforce', 'config': 'etc/selinux/config',
              'context': 'proc/self/attr/current'}
    for name, text in files.items():
        tmpdir.join(places[name]).write(text, ensure=True)
    return Host(root=str(tmpdir), environ={})


def test_no_selinux_is_off(tmpdir):
    finding = check_selinux(host_with(tmpdir))
    assert (finding.status, finding.text) == ('ok', 'off')


@pytest.mark.parametrize('mount', ['enforce', 'old'])
@pytest.mark.parametrize('value,context,text', [
    ('1', 'unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023\0', 'enforcing, this process is not confined '
                                                                     '(unconfined_t)'),
    ('1', 'system_u:system_r:initrc_t:s0\n', 'enforcing, this process is not confined (initrc_t)'),
    ('1', '', 'enforcing'),
    ('0', 'user_u:user_r:user_t:s0\0', 'permissive'),
])
def test_the_mode_is_told_and_is_no_finding(tmpdir, mount, value, context, text):
    finding = check_selinux(host_with(tmpdir, config=CONFIG, context=context, **{mount: value}))
    assert (finding.status, finding.text) == ('ok', text)
    assert dict(finding.evidence)['policy'] == 'targeted'


def test_a_confined_process_under_enforcing_is_an_advice(tmpdir):
    finding = check_selinux(host_with(tmpdir, enforce='1', context='system_u:system_r:container_t:s0:c1,c2\0'))
    assert finding.status == 'warn' and 'confined to the domain container_t' in finding.text
    assert finding.remediation.commands == ['ausearch -m avc -ts recent']
