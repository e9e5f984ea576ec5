"""Routes of the tree in all the words of `ip route add`: made, seen by check, kept by save, and taken back."""
from __future__ import absolute_import, division, print_function

import pytest

from support.tree import TREE, net, tree_of, wires, write

ENDS = {'a/ifcfg-eth0': 'PEER=p\nPEER_NETNS=b\nIPADDR=10.4.0.2\nPREFIX=24\nGATEWAY=10.4.0.1\nWINDOW=4096\n',
        'b/ifcfg-p': 'IPADDR=10.4.0.1\nPREFIX=24\n'}
ROUTES = (
    '# ours\nblackhole 10.9.0.0/16\nunreachable 10.10.0.0/16 metric 7\nprohibit default table vpn\n'
    '10.11.0.0/16 reject\n10.12.0.0/16 via 10.4.0.1 dev eth0 tos 0x10 proto static\n'
    '10.13.0.0/16 via 10.4.0.1 initcwnd 20 mtu lock 1300\n10.14.0.0/16 via 10.4.0.1 table vpn\n')


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_every_kind_of_route_is_made_checked_saved_and_taken_back(host, backend):
    host.sh('mkdir -p /etc/iproute2/rt_tables.d; echo "123 vpn" >/etc/iproute2/rt_tables.d/x.conf;'
            'echo "backend = %s" >/etc/netnsctl.conf' % backend)
    host.sh('ip netns add a; ip -n a link set lo up; ip -n a route add blackhole 192.0.2.0/24')
    write(host, dict(ENDS, **{'a/route-eth0': ROUTES,
    'a/rule-eth0': 'from 10.4.0.2 lookup vpn priority 700\nfrom 10.4.0.9 prohibit priority 701\n',
                              'a/route6-eth0': 'blackhole fd09::/16\n'}))
    before = host.sh('ip -n a route show table all; ip -n a -6 route show table all; ip -n a rule')
    assert host('up').status == 0
    shown = host.sh('ip -n a route show table all; ip -n a -6 route; ip -n a rule')
    for words in ('blackhole 10.9.0.0/16', 'unreachable 10.10.0.0/16 metric 7', 'prohibit default table vpn',
                  'unreachable 10.11.0.0/16', '10.12.0.0/16 tos ', 'proto static', 'initcwnd 20', 'mtu lock 1300',
                  '10.14.0.0/16 via 10.4.0.1 dev eth0 table vpn', 'blackhole fd09::/16', 'window 4096',
                  'from 10.4.0.2 lookup vpn', 'from 10.4.0.9 lookup main prohibit'):
        assert words in shown, (words, shown)
    assert host('config', 'check').status == 0 and host('up').out.count('wired') == 0
    host.sh('ip -n a route del blackhole 10.9.0.0/16')
    check = host('config', 'check')
    assert check.status == 1 and 'lacks the blackhole route to 10.9.0.0/16' in check.out, check
    assert host('up').out == 'recreated a:eth0-b:p\n' and host('config', 'check').status == 0
    saved = tree_of(host)
    assert host('config', 'save', '--all').status == 0
    assert tree_of(host)['a/route-eth0'] == saved['a/route-eth0'] and host('config', 'check').status == 0
    assert host('down').status == 0 and wires(host) == []
    assert host.sh('ip -n a route show table all; ip -n a -6 route show table all; ip -n a rule') == before


def test_a_route_in_the_way_that_leads_nowhere_gives_way_and_comes_back(host):
    host.sh('ip netns add a; ip -n a link set lo up; ip -n a route add blackhole 10.9.0.0/16')
    write(host, dict(ENDS, **{'a/route-eth0': '10.9.0.0/16 via 10.4.0.1\n'}))
    result = host('up')
    assert result.status == 0 and 'was displaced' in result.err, result
    assert '10.9.0.0/16 via 10.4.0.1' in net(host, 'a')
    assert host('down').status == 0
    assert 'blackhole 10.9.0.0/16' in net(host, 'a')


@pytest.mark.parametrize('line, words', [
    ('broadcast 10.9.0.0/16', 'the kernel makes such routes itself'), ('10.9.0.0/16 via 10.4.0.1 table vpm',
    'table vpm'),
    ('10.9.0.0/16 encap ip id 5 dst 10.4.0.1', 'encap: a tunnel on the route itself is not supported'),
    ('blackhole 10.9.0.0/16 via 10.4.0.1', 'cannot have a gateway')])
def test_what_cannot_be_is_refused_with_its_line(host, line, words):
    write(host, dict(ENDS, **{'a/route-eth0': '# x\n%s\n' % line}))
    for result in (host('up'), host('config', 'check')):
        assert result.status == 2 and '%s/a/route-eth0:2: ' % TREE in result.err + result.out, result
        assert words in result.err + result.out
