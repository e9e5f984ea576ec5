"""A DHCP server that offers what no host can use: the script that the clients run takes none of it, and keeps what is
there."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from netnsctl.edge.runtimes import processes
from netnsctl.edge.host import Host
from netnsctl.usecases.ends import dhcp
from support.process import finish, must, run, start
from support.program import SOURCE

SCRIPT = os.path.join(SOURCE, 'netnsctl', 'libexec', 'dhcp-script')


@pytest.fixture
def link(netns):
    """A namespace whose link eth0 is up and has a neighbour."""
    name = netns('d')
    must(['ip', '-n', name, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1'])
    for device in ('eth0', 'eth1'):
        must(['ip', '-n', name, 'link', 'set', device, 'up'])
    return name


def offer(link, event='bound', **said):
    """What the script makes of a lease, by either client: Result."""
    return run(['ip', 'netns', 'exec', link, 'env'] + ['%s=%s' % item for item in said.items()] +
               ['interface=eth0', 'sh', SCRIPT, event])


def state(link):
    """([address/length], [default route]) of the link."""
    words = must(['ip', '-n', link, '-4', '-o', 'address', 'show', 'dev', 'eth0']).split()
    routes = must(['ip', '-n', link, 'route', 'show', 'default']).splitlines()
    return ([words[at + 1] for at, word in enumerate(words) if word == 'inet'],
            [' '.join(line.split()) for line in routes])


BAD = [dict(ip=ip, subnet='255.255.255.0') for ip in (
    '127.0.0.1', '127.255.0.9', '224.0.0.1', '239.1.2.3', '240.0.0.1', '255.255.255.255', '0.0.0.0', '0.1.2.3',
    '10.0.0', '10.0.0.0.1', '10.0.0.256', '10..0.1', '.10.0.1', '10.0.0.010',
    '10.0.0.99999999999999999999', 'a.b.c.d', '', '-4', '::1', '10.0.0.1/8', '10.0.0.1 10.0.0.2')]
BAD += [dict(ip='10.0.0.9', subnet=mask) for mask in (
    '1.2.3.4', '0.0.0.0', '255.0.255.0', '255.255.255', '255.255.255.255.255', '255.255.255.1', '255.255.255.253', '24',
    '255.255.255.256', '0.255.255.255', '...', 'x')]


@pytest.mark.parametrize('said', BAD, ids=['%(ip)s-%(subnet)s' % said for said in BAD])
def test_what_no_host_can_use_is_refused_and_what_is_there_stays(link, said):
    assert offer(link, ip='10.0.0.5', subnet='255.255.255.0', router='10.0.0.1').status == 0
    before = state(link)
    assert before == (['10.0.0.5/24'], ['default via 10.0.0.1 dev eth0'])
    assert offer(link, 'renew', router='10.0.0.2', **said).status == 1
    assert state(link) == before
    of_dhclient = dict(new_ip_address=said['ip'], new_subnet_mask=said['subnet'], new_routers='10.0.0.2',
                       reason='RENEW')
    assert offer(link, **of_dhclient).status == 1
    assert state(link) == before


@pytest.mark.parametrize('mask, length', [('255.255.255.255', 32), ('255.255.255.128', 25), ('255.255.255.0', 24),
                                          ('255.255.240.0', 20), ('255.0.0.0', 8), ('128.0.0.0', 1)])
def test_masks_are_read(link, mask, length):
    assert offer(link, ip='10.0.0.5', subnet=mask).status == 0
    assert state(link)[0] == ['10.0.0.5/%d' % length]


@pytest.mark.parametrize('router', ['127.0.0.1', '224.0.0.1', '0.0.0.0', '10.0.0.5', '10.0.0.300',
                                    'dev lo', '', '255.255.255.255'])
def test_a_default_route_goes_only_when_the_new_one_stands(link, router):
    assert offer(link, ip='10.0.0.5', subnet='255.255.255.0', router='10.0.0.1').status == 0
    before = state(link)
    offer(link, 'renew', ip='10.0.0.5', subnet='255.255.255.0', router=router)
    assert state(link) == before


def test_a_new_router_takes_the_place_of_the_old_one(link):
    for router in ('10.0.0.1', '10.0.0.2', '10.0.0.3'):
        assert offer(link, ip='10.0.0.5', subnet='255.255.255.0', router=router).status == 0
        assert state(link) == (['10.0.0.5/24'], ['default via %s dev eth0' % router])


def test_of_several_routers_one_that_can_be_one_is_taken(link):
    assert offer(link, ip='10.0.0.5', subnet='255.255.255.0', router='127.0.0.1 10.0.0.7').status == 0
    assert state(link)[1] == ['default via 10.0.0.7 dev eth0']


@pytest.mark.parametrize('mask, routers, taken', [
    ('255.255.255.255', '10.0.0.1', '10.0.0.1'), ('255.255.255.255', '10.0.0.1 10.0.0.2', '10.0.0.1'),
    ('255.255.255.0', '192.0.2.1', '192.0.2.1'), ('255.255.255.0', '192.0.2.1 10.0.0.7', '10.0.0.7'),
    ('255.255.255.0', '127.0.0.1 192.0.2.1', '192.0.2.1')])
def test_a_router_outside_the_network_is_one_on_the_link_if_there_is_no_other(link, mask, routers, taken):
    route = 'default via %s dev eth0' % taken + (' onlink' if taken in ('10.0.0.1', '192.0.2.1') else '')
    for event in ('bound', 'renew'):
        assert offer(link, event, ip='10.0.0.5', subnet=mask, router=routers).status == 0
        assert state(link)[1] == [route]
    assert offer(link, 'renew', ip='10.0.0.5', subnet='255.255.255.0', router='10.0.0.9').status == 0
    assert state(link)[1] == ['default via 10.0.0.9 dev eth0']
    assert offer(link, 'renew', ip='10.0.0.5', subnet=mask, router=routers, NETNSCTL_METRIC='9').status == 0
    assert state(link)[1] == [route.replace('eth0', 'eth0 metric 9').replace(' onlink metric 9', ' metric 9 onlink')]


@pytest.mark.parametrize('address, mask, length', [('10.0.0.6', '255.255.255.0', 24), ('10.9.0.6', '255.255.0.0', 16),
                                                   ('10.0.0.5', '255.255.0.0', 16)])
def test_a_new_address_takes_the_place_of_the_old_one(link, address, mask, length):
    assert offer(link, ip='10.0.0.5', subnet='255.255.255.0').status == 0
    assert offer(link, 'renew', ip=address, subnet=mask).status == 0
    assert state(link)[0] == ['%s/%d' % (address, length)]


def test_servers_that_are_no_addresses_are_left_out(link, tmpdir):
    resolv = str(tmpdir / 'resolv.conf')
    assert offer(link, ip='10.0.0.5', subnet='255.255.255.0', dns='224.0.0.1 10.0.0.1 x 1.2.3', NETNSCTL_RESOLV=resolv,
                 search='a.example\noptions rotate').status == 0
    with open(resolv) as stream:
        rows = stream.read().splitlines()
    assert rows[1:] == ['search a.exampleoptions rotate', 'nameserver 10.0.0.1']


@pytest.mark.parametrize('words, is_believed', [([], True), (['setpriv', '--reuid', '65534', '--clear-groups'], False),
                                                (['unshare', '--pid', '--fork'], False)],
                         ids=['root', 'a user', 'a container'])
def test_a_process_of_somebody_else_is_not_taken_for_the_client(tmpdir, words, is_believed):
    """Whoever waits for the PID of a client that ended, and calls theirs like it."""
    pid_file = str(tmpdir / 'w.0.pid')
    child = start(words + ['sh', '-c', 'echo $$; sleep 1000; true', 'sh', pid_file])
    try:
        told = int(child.stdout.readline())
        pid = child.pid if told != 1 else processes.children_of(Host(), child.pid)[0]
        (tmpdir / 'w.0.pid').write('%d\n' % pid)
        assert dhcp.pid_of(pid_file) == (pid if is_believed else None)
    finally:
        os.killpg(child.pid, 9)
        finish(child)


def valid_for(link):
    """Seconds for which the kernel keeps the address, or None where it does for ever."""
    words = must(['ip', '-n', link, '-4', '-o', 'address', 'show', 'dev', 'eth0']).split()
    told = words[words.index('valid_lft') + 1]
    return None if told == 'forever' else int(told.replace('sec', ''))


@pytest.mark.parametrize('seconds, kept', [('600', 600), ('999999999', 999999999), ('4294967295', None), ('', None),
                                           ('0', None), ('-1', None), ('010', None), ('1 scope link', None),
                                           ('99999999999999999999', None)])
def test_an_address_holds_as_long_as_its_lease(link, seconds, kept):
    if not has_lifetimes(link):
        pytest.skip('this kernel keeps IPv4 addresses for ever')
    for word, event in (('lease', 'bound'), ('lease', 'renew'), ('new_dhcp_lease_time', 'x')):
        said = {'new_ip_address': '10.0.0.5', 'new_subnet_mask': '255.255.255.0', 'reason': 'RENEW'} \
            if event == 'x' else {'ip': '10.0.0.5', 'subnet': '255.255.255.0'}
        must(['ip', '-n', link, 'address', 'flush', 'dev', 'eth0'] if event == 'bound' else ['true'])
        said[word] = seconds
        assert offer(link, event, **said).status == 0
        told = valid_for(link)
        assert told == kept or kept is not None and told is not None and kept - 5 <= told <= kept, (event, told)


def has_lifetimes(link):
    """Has this kernel lifetimes of IPv4 addresses (3.9 and later)?"""
    must(['ip', '-n', link, 'address', 'add', '10.9.9.9/32', 'dev', 'eth0', 'valid_lft', '600', 'preferred_lft', '600'])
    told = valid_for(link)
    must(['ip', '-n', link, 'address', 'del', '10.9.9.9/32', 'dev', 'eth0'])
    return told is not None


def test_an_address_goes_with_its_lease_whatever_became_of_the_client(link):
    if not has_lifetimes(link):
        pytest.skip('this kernel keeps IPv4 addresses for ever')
    assert offer(link, ip='10.0.0.5', subnet='255.255.255.0', router='10.0.0.1', lease='1').status == 0
    deadline = time.time() + 60
    while state(link) != ([], []):
        assert time.time() < deadline, state(link)
        time.sleep(0.1)
