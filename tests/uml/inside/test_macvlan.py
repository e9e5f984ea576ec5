"""macvlan:// on a NIC that has a device and a cable, where other tests have a veth."""
from __future__ import absolute_import, division, print_function

from support.inside import ip, pings
from support.untouched import assert_untouched, own_state


def test_containers_reach_each_other_over_the_cable_and_the_nics_stay_as_they_were(run_netnsctl, netns, up):
    a, b, before = netns(), netns(), own_state()
    wires = '%s:m=10.1.1.2/24 macvlan://%s\n%s:m=10.1.1.3/24 macvlan://%s=mode=passthru\n' % (a, up[0], b, up[1])
    result = run_netnsctl('wire', '-f', '-', feed=wires)
    assert result.status == 0, result
    assert 'macvlan mode bridge' in ip(a, '-d', 'link', 'show', 'dev', 'm')
    assert 'macvlan mode passthru' in ip(b, '-d', 'link', 'show', 'dev', 'm')
    assert pings(a, '10.1.1.3')
    assert run_netnsctl('check', '--all').status == 0
    assert run_netnsctl('unwire', '--all').status == 0
    assert_untouched(before)
