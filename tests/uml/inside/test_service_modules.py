"""iptables-legacy under the limits of the units, which forbid it to load ip_tables; the kernel loads the rest."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import process
from support.units import RPM, limits

LEGACY = ('iptables-save', 'iptables-restore', 'ip6tables-save', 'ip6tables-restore')


@pytest.fixture
def legacy(tmpdir):
    """A folder for NETNSCTL_PATH, whose iptables is the legacy one; there is no nft, and no module is loaded."""
    tools = tmpdir.mkdir('tools')
    for name in LEGACY:
        real = '/usr/sbin/' + name.replace('tables-', 'tables-legacy-')
        if not os.path.exists(real):
            pytest.skip('%s is not installed' % real)
        os.symlink(real, str(tools.join(name)))
    for name in ('ip', 'sh', 'cat'):
        os.symlink(process.must(['sh', '-c', 'command -v ' + name]).strip(), str(tools.join(name)))
    for name in ('ip6table_nat', 'iptable_nat', 'ip6_tables', 'ip_tables'):
        process.run(['modprobe', '-r', name])
    return str(tools)


@pytest.mark.thorough
def test_what_the_package_of_el7_has_loaded_at_boot_is_enough_for_nat(run_netnsctl, netns, legacy):
    a = netns()
    words = ['wire', a + ':e=10.9.0.2/24,gw=10.9.0.1', 'bridge://nwnat=10.9.0.1/24,nat']

    def call(*words):
        return process.run(limits() + run_netnsctl.argv(*words), environ=run_netnsctl.environ(
            environ={'NETNSCTL_PATH': legacy}))
    result = call(*words)
    assert result.status == 1 and 'Operation not permitted' in result.err, result
    with open(os.path.join(RPM, 'netnsctl.modules')) as source:
        modules = [line.strip() for line in source if not line.startswith('#')]
    process.must(['modprobe', '-a'] + modules)
    result = call(*words)
    assert result.status == 0, result
    assert 'MASQUERADE' in process.must(['iptables-legacy-save', '-t', 'nat'])
    assert call('unwire', words[1].partition(':')[0], 'bridge://nwnat').status == 0
