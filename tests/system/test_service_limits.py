"""The limits of the units: the same for both, tight as systemd counts it, and enough for what the services do."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import own_ovs, process
from support.units import RPM, UNITS, limits, settings

OTHER = 996  # a user that is neither root nor nobody


def test_both_units_have_the_same_limits():
    limits = [dict((name, value) for name, value in settings(unit).items() if name.startswith((
        'Capab', 'SystemCall', 'Restrict', 'Device', 'UMask', 'Lock', 'NoNew', 'Protect'))) for unit in UNITS]
    for found in limits:
        found.pop('Restart', None)
        found.pop('RestartSec', None)
    assert limits[0] == limits[1] and len(limits[0]) == 13
    assert limits[0]['RestrictNamespaces'] == 'net mnt'
    # In both `systemd-analyze security` counts it; EL7's SELinux policy does not know it: netnsctl.spec.
    assert limits[0]['NoNewPrivileges'] == 'yes' and 'CAP_SETPCAP' not in limits[0]['CapabilityBoundingSet']


@pytest.mark.parametrize('unit', UNITS)
def test_the_exposure_of_a_unit_is_below_5_as_systemd_counts_it(host, unit):
    if process.run(['sh', '-c', 'systemd-analyze security --help | grep -q -e --offline']).status != 0:
        pytest.skip('systemd-analyze judges no unit that is not loaded (before 250)')
    result = process.run(host.prefix + ['systemd-analyze', 'security', '--no-pager', '--offline=true',
                                              '--threshold=49', os.path.join(RPM, unit)])
    assert result.status == 0, result.out[-200:]


@pytest.fixture
def limited(run_netnsctl):
    """limited(*words, more=()): netnsctl with the capabilities that the units leave, and more, as a Result."""
    def call(*words, **options):
        return process.run(limits(*options.get('more', ())) + run_netnsctl.argv(*words), environ=run_netnsctl.environ())
    return call


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_the_capabilities_that_the_units_leave_are_enough(limited, docker, netns, backend):
    web, a, b = docker.run('web'), netns('a'), netns('b')
    bridge = 'nt%d' % (os.getpid() % 1000000)
    for name, ends in (('w' + a, (web + ':eth0=10.68.0.1/24', a + ':eth0=10.68.0.2/24')),
                       ('v' + a, (b + ':eth0=10.68.1.1/24', 'bridge://%s=10.68.1.2/24' % bridge))):
        come_and_go(limited, name, '--backend', backend, *ends)
    assert limited('netns', 'list').status == 0


def come_and_go(limited, name, *words, **options):
    said = options.pop('said', 'checked')
    result = limited('wire', '--name', name, *words, **options)
    assert result.status == 0 and said in result.out, result
    assert limited('check', name, **options).status == 0
    result = limited('unwire', name, **options)
    assert result.status == 0, result


def test_an_open_vswitch_that_runs_as_its_own_user_is_reached_with_what_the_hint_says(limited, netns, ovs):
    """As Fedora's and Red Hat's packages have it."""
    a, b = netns('a'), netns('b')
    wire = limited('wire', '--name', 'o' + a, a + ':eth0=10.68.2.1/24', 'ovs://' + ovs.bridge)
    assert wire.status == 0, wire
    os.chmod(own_ovs.SOCKET, 0o750)
    for path in (own_ovs.RUNDIR, own_ovs.SOCKET):
        os.chown(path, OTHER, OTHER)
    try:
        refused = limited('wire', b + ':eth0', 'ovs://' + ovs.bridge)
        assert refused.status == 1 and 'CapabilityBoundingSet=CAP_DAC_OVERRIDE' in refused.err, refused
        let_in = {'more': ['dac_override']}
        come_and_go(limited, 'p' + a, b + ':eth0=10.68.2.2/24', 'ovs://' + ovs.bridge, said='links up', **let_in)
        assert limited('unwire', 'o' + a, **let_in).status == 0
    finally:
        for path in (own_ovs.RUNDIR, own_ovs.SOCKET):
            os.chown(path, 0, 0)
