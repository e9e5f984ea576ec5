"""The netavark plugin, started as netavark starts it, without podman."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import netavark
from support.inside import ip


def test_a_route_has_its_metric_and_no_other(netns, run_netnsctl):
    a, via = netns('a'), '10.82.0.9'
    feed = netavark.attached(routes=[{'destination': '10.99.0.0/16', 'gateway': via, 'metric': 5},
                                     {'destination': '10.98.0.0/16', 'gateway': via, 'metric': None},
                                     {'destination': '10.97.0.0/16', 'gateway': via}])
    assert netavark.call('setup', a, feed).status == 0
    shown = [line.split() for line in ip(a, 'route').splitlines()]
    assert sorted(words[:1] + words[5:] for words in shown if via in words) == [
        ['10.97.0.0/16'], ['10.98.0.0/16'], ['10.99.0.0/16', 'metric', '5']]
    assert netavark.call('teardown', a, feed).status == 0
    answer = netavark.call('setup', a, netavark.attached(
        routes=[{'destination': '10.99.0.0/16', 'gateway': via, 'metric': 'fast'}]))
    assert answer.status == 1 and 'a route: metric: ' in answer.out, answer


@pytest.mark.parametrize('address', ['127.0.0.1', '127.0.1.1', '::1'])
def test_a_port_published_at_an_address_of_this_host_alone_is_refused_with_the_way_that_there_is(
        netns, run_netnsctl, address):
    a, ports = netns('a'), [dict(netavark.CONTAINER['port_mappings'][0], host_ip=address)]
    answer = netavark.call('setup', a, netavark.attached({'port_mappings': ports}))
    assert answer.status == 1 and json.loads(answer.out)['error'] == (
        'netnsctl: publish=%s:18081:80: %s is reached from this host alone (Publish the port on all addresses, and '
        'give the option localhost=yes: podman run --network NETWORK:localhost=yes.)' % (
            '[%s]' % address if ':' in address else address, address))
    feed = netavark.attached(options={'localhost': 'yes'})
    assert netavark.call('setup', a, feed).status == 0 and 'localhost' in run_netnsctl(
        'show', run_netnsctl('ls').out.split()[0]).out
    assert netavark.call('teardown', a, feed).status == 0
