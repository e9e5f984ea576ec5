"""The stand-in for CentOS 6.5's kernel answers as 2.6.32-431.el6 does: what was read in its source, and seen on it."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import process
from support.el6_probe import script, told

OFF = ['EOPNOTSUPP']


@pytest.fixture
def probe(kernel_el6, netns):
    """probe(code) -> what it told, in a namespace of its own that is the kernel's first one. .name: of that."""
    name = netns()

    def run(argv):
        return kernel_el6.run(['nsenter', '--net=/run/netns/' + name] + argv, first='/run/netns/' + name)

    def call(code):
        return told(run, code)
    call.name, call.run = name, run
    return call


@pytest.fixture
def ip(probe):
    """ip(*words): the tests' own, in the probe's namespace, on today's kernel."""
    return lambda *words: process.must(['ip', '-n', probe.name] + list(words))


def test_a_netlink_socket_takes_no_ioctl(probe):
    assert probe('''
request = struct.pack('16si20x', b'lo', 0)
tell(refused(fcntl.ioctl, route.socket, 0x8933, request))
tell(index_of('lo'))
fcntl.ioctl(route.socket, 0x5451)  # FIOCLEX never comes to the socket
''') == ['EOPNOTSUPP', 1]


def test_no_bridge_is_made_or_deleted_through_rtnetlink(probe, ip):
    ip('link', 'add', 'br0', 'type', 'bridge')
    assert probe('''
tell(route.one(NEW, ACK | CREATE | EXCL, link() + name('b1') + info('bridge')))
tell(route.one(NEW, ACK | CREATE | EXCL, link() + name('br0') + info('bridge')))
tell(route.one(DEL, ACK, link(index_of('br0'))))
tell(route.one(DEL, ACK, link() + name('br0')))
tell(route.one(DEL, ACK, link(9999)))
''') == ['EOPNOTSUPP', 'EEXIST', 'EOPNOTSUPP', 'EOPNOTSUPP', 'ENODEV']
    assert 'br0' in ip('link')


def test_a_master_is_acknowledged_and_ignored_with_all_else_done(probe, ip):
    ip('link', 'add', 'br0', 'type', 'bridge')
    assert probe('''
tell(route.one(NEW, ACK | CREATE | EXCL, veth('p0', 'p1')))
tell(route.one(NEW, ACK, link(index_of('p0')) + attribute(10, index_of('br0')) + attribute(20, b'mine\\0')))
tell(route.one(NEW, ACK | CREATE | EXCL, link() + name('p2') + attribute(10, index_of('br0')) + info('dummy')))
''') == [None, None, 'EOPNOTSUPP']
    assert 'master' not in ip('link', 'show', 'p0') and 'alias mine' in ip('link', 'show', 'p0')


def test_a_link_is_told_by_index_alone(probe):
    assert probe('''
tell(route.one(GET, 0, link() + name('lo')))
tell(route.one(GET, 0, link(9999)))
answer = route.one(GET, 0, link(1) + attribute(29, 8))
tell([kind for kind, body in answer])
tell(attributes(answer[0][1])[3].decode())
tell(7 in attributes(answer[0][1]))  # IFLA_STATS: there is no RTEXT_FILTER_SKIP_STATS
''') == ['EINVAL', 'ENODEV', [16], 'lo\0', True]


def test_what_a_link_tells(probe, ip):
    """Not: the kind and the ports of a bridge, the peer of a veth, and what came later."""
    ip('link', 'add', 'br0', 'type', 'bridge')
    ip('link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p1')
    ip('link', 'add', 'm0', 'link', 'p1', 'type', 'macvlan')
    ip('link', 'set', 'p0', 'master', 'br0')
    one, dumped, kinds = probe('''
links = dict((attributes(body)[3], body) for _, body in route.one(GET, DUMP, struct.pack('=Bxxx', 0)))
of = dict((text, numbers(links[text.encode() + b'\\0'])) for text in ('lo', 'br0', 'p0', 'm0'))
tell(sorted(set(numbers(route.one(GET, 0, link(index_of('p0')))[0][1]))))
tell(of)
tell([attributes(attributes(links[text])[18], 0)[1].decode() for text in (b'p0\\0', b'm0\\0')])
''')
    common = [1, 2, 3, 4, 6, 7, 13, 14, 16, 17, 23, 26]
    assert one == dumped['p0'] == sorted(common + [18])
    assert dumped['br0'] == dumped['lo'] == common and dumped['m0'] == sorted(common + [5, 18])
    assert kinds == ['veth', 'macvlan'] or kinds == ['veth\0', 'macvlan\0']


def test_a_bridges_ports_are_told_with_their_state(probe, ip):
    ip('link', 'add', 'br0', 'type', 'bridge')
    ip('link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p1')
    ip('link', 'set', 'p0', 'master', 'br0')
    assert probe('''
found = route.one(GET, DUMP, struct.pack('=Bxxx', 7))
tell([numbers(body) for _, body in found])
tell([len(attributes(body)[12]) for _, body in found])
tell([struct.unpack('=I', attributes(body)[10])[0] == index_of('br0') for _, body in found])
''') == [[[1, 3, 4, 10, 12, 16]], [1], [True]]


def test_creation_takes_neither_index_nor_flags(probe):
    assert probe('''
for head in (link(77), link(0, 1), link(0, 0, 1)):
    tell(route.one(NEW, ACK | CREATE | EXCL, head + name('p0') + info('dummy')))
tell(route.one(NEW, ACK, link() + name('p0') + info('dummy')))
tell(route.one(NEW, ACK | CREATE | 0x100, link() + name('lo') + info('dummy')))
''') == OFF * 3 + ['ENODEV', 'EOPNOTSUPP']


@pytest.mark.parametrize('kind', ['ipvlan', 'geneve', 'vrf', 'team', 'nosuch'])
def test_kinds_that_came_later_are_not_there(probe, kind):
    assert probe("tell(route.one(NEW, ACK | CREATE | EXCL, link() + name('p0') + info(%r)))" % kind) == OFF


def test_attributes_above_the_highest_are_invalid(probe):
    """A rule's oif, an address's flags of 32 bits, a route's preference, a nested flag: EINVAL, not passed over."""
    assert probe('''
rule = struct.pack('=BBBBBBBBI', 2, 0, 0, 0, 100, 0, 0, 1, 0)
tell(route.one(32, ACK | CREATE | EXCL, rule + attribute(6, 4711) + attribute(17, b'lo\\0')))
address = struct.pack('=BBBBI', 2, 32, 0, 0, 1) + attribute(2, b'\\x0a\\1\\1\\1')
tell(route.one(20, ACK | CREATE | EXCL, address + attribute(8, 0x200)))
tell(route.one(20, ACK | CREATE | EXCL, address))
path = struct.pack('=BBBBBBBBI', 2, 32, 0, 0, 254, 3, 253, 1, 0) + attribute(1, b'\\x0a\\2\\2\\2') + attribute(4, 1)
tell(route.one(24, ACK | CREATE | EXCL, path + attribute(20, b'\\1')))
tell(route.one(24, ACK | CREATE | EXCL, path + attribute(0x8008, attribute(2, 1400))))
tell(route.one(NEW, ACK, link(1) + attribute(33, b'\\1')))
''') == ['EINVAL', 'EINVAL', None, 'EINVAL', 'EINVAL', 'EINVAL']


def test_requests_that_came_later_are_not_supported(probe):
    """nsid, netconf, statistics, next hops, further names of links; and a single neighbour, rule or IPv4 address."""
    assert probe('''
for kind in (88, 90, 82, 94, 106, 110, 66, 34):
    tell(route.one(kind, ACK, struct.pack('=12x')))
for kind in (90, 82, 94, 106):
    tell(route.one(kind, DUMP, struct.pack('=12x')))
tell(route.one(30, ACK, struct.pack('=BxxxiHBB', 2, 1, 0, 0, 0) + attribute(1, b'\\x0a\\1\\1\\1')))
tell(route.one(22, ACK, struct.pack('=BBBBI', 2, 0, 0, 0, 1)))
''') == OFF * 14


def test_refusals_keep_their_place_among_what_is_done(probe, ip):
    assert probe('''
tell(route.ask((NEW, ACK | CREATE | EXCL, link() + name('b0') + info('bridge')),
               (NEW, ACK | CREATE | EXCL, veth('p0', 'p1')),
               (GET, 0, link() + name('p0')),
               (NEW, ACK, link(9999)),
               (90, ACK, struct.pack('=4x'))))
''') == [['EOPNOTSUPP', None, 'EINVAL', 'ENODEV', 'EOPNOTSUPP']]
    assert 'p0@p1' in ip('link')


def test_options_that_came_later_are_not_there(probe):
    assert probe('''
for option in (8, 9, 10, 11, 12):
    tell(refused(route.socket.setsockopt, 270, option, 1))
tell(refused(route.socket.setsockopt, 270, 5, 1))
tell(refused(route.socket.getsockopt, 1, 71, 8))
tell(refused(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).getsockopt, 1, 57, 8))
''') == ['ENOPROTOOPT'] * 5 + [None] + ['ENOPROTOOPT'] * 2


def test_a_real_device_and_a_vxlan_stay_where_they_are(probe, netns):
    away = netns()
    assert probe('''
away = os.open('/run/netns/%s', os.O_RDONLY)
tell(route.one(NEW, ACK | CREATE | EXCL, link() + name('x0') + info('vxlan', attribute(2, attribute(1, 42)))))
tell(route.one(NEW, ACK | CREATE | EXCL, veth('p0', 'p1')))
tell(route.one(NEW, ACK, link(index_of('x0')) + attribute(28, away)))
tell(route.one(NEW, ACK, link(index_of('p0')) + attribute(28, away)))
tell(route.one(NEW, ACK, link(1) + attribute(28, away)))
''' % away) == [None, None, 'EINVAL', None, 'EINVAL']


@pytest.mark.parametrize('body', ['link()', "link() + attribute(29, 8)", 'link(0, 0, 0, 7)', 'link(0, 0, 0, 10)'])
def test_a_list_of_links_asked_for_with_a_longer_body_is_noted(probe, kernel_el6, body):
    probe('route.one(GET, DUMP, %s)' % body)
    with pytest.raises(AssertionError) as caught:
        kernel_el6.judge()
    assert 'bytes after parsing attributes' in str(caught.value)
    probe("route.one(GET, DUMP, struct.pack('=Bxxx', 0)); route.one(GET, 0, link(1))")
    kernel_el6.judge()


def test_a_filter_of_the_list_is_not_heard(probe, kernel_el6, ip):
    ip('link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p1')
    assert probe("tell(len(route.one(GET, DUMP, link() + info('bridge'))))") == [3]
    assert [line[0].partition(':')[0] for line in kernel_el6.lines()] == ['leftover']


BRIDGE = '''
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tell(refused(fcntl.ioctl, control, 0x89a1, b'nosuch'.ljust(16, b'\\0')))
tell(refused(fcntl.ioctl, control, 0x89a0, b'br0'.ljust(16, b'\\0')))
tell(refused(fcntl.ioctl, control, 0x89a1, b'br0'.ljust(16, b'\\0')))
'''


def test_bridges_are_made_by_ioctl_in_the_first_namespace(probe):
    assert probe(BRIDGE) == ['ENXIO', None, None]


def test_a_bridge_in_another_namespace_panics(kernel_el6, netns):
    result = kernel_el6.run(['nsenter', '--net=/run/netns/' + netns()] + script(BRIDGE), first='/run/netns/' + netns())
    assert result.status == -9 and result.out == ''
    with pytest.raises(AssertionError) as caught:
        kernel_el6.judge()
    assert 'panic: SIOCBRADDBR' in str(caught.value)


def test_a_socket_that_was_made_elsewhere_is_where_the_bridge_would_be(probe, kernel_el6, netns):
    away = netns()
    result = probe.run(script('''
import ctypes
libc = ctypes.CDLL(None)
libc.setns(os.open('/run/netns/%s', os.O_RDONLY), 0)
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
libc.setns(os.open('/run/netns/%s', os.O_RDONLY), 0)
fcntl.ioctl(control, 0x89a0, b'br0'.ljust(16, b'\\0'))
''' % (away, probe.name)))
    assert result.status == -9
    assert [line[0].partition(':')[0] for line in kernel_el6.lines()] == ['panic']


def test_what_is_asked_in_another_namespace_than_the_threads_is_looked_up_there(probe, netns):
    """A socket stays in the namespace that it was made in."""
    away = netns()
    process.must(['ip', '-n', away, 'link', 'add', 'br0', 'type', 'bridge'])
    assert probe('''
import ctypes
libc = ctypes.CDLL(None)
home = os.open('/proc/self/ns/net', os.O_RDONLY)
libc.setns(os.open('/run/netns/%s', os.O_RDONLY), 0)
there, index = Route(), index_of('br0')
libc.setns(home, 0)
tell(there.one(DEL, ACK, link(index)))
tell(os.stat('/proc/self/ns/net').st_ino == os.fstat(home).st_ino)
''' % away) == ['EOPNOTSUPP', True]


def test_files_of_later_kernels_are_not_there(probe):
    assert probe('''
for path in ('/proc/thread-self/ns/net', '/proc/self/ns/user', '/proc/self/uid_map', '/proc/sys/user',
             '/proc/self/task/%d/children' % os.getpid(), '/sys/module/br_netfilter'):
    tell([refused(os.open, path, os.O_RDONLY), refused(os.stat, path), refused(os.lstat, path),
          os.access(path, os.R_OK), os.path.exists(path)])
tell(os.path.exists('/proc/self/ns/net') and os.path.exists('/proc/self/ns/mnt'))
''') == [['ENOENT', 'ENOENT', 'ENOENT', False, False]] * 6 + [True]


def test_its_release_is_told_by_every_way(probe, old_ip):
    assert probe('''
tell(os.uname()[2])
with open('/proc/sys/kernel/osrelease') as source:
    tell(source.read())
''') == ['2.6.32-431.el6.x86_64', '2.6.32-431.el6.x86_64\n']
    assert probe.run(['uname', '-r']).out == '2.6.32-431.el6.x86_64\n'


def test_what_is_started_with_another_environment_is_on_it_too(probe, old_ip):
    """As netnsctl starts its helpers; the stand-in for the `ip` of 2009 is a script that starts today's."""
    code = '''
import subprocess
environ = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'}
for argv in (['uname', '-r'], [%r, 'link', 'add', 'b0', 'type', 'bridge'], ['sh', '-c', 'exec env -i uname -r']):
    started = subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tell(started.communicate()[0].decode())
''' % os.path.join(old_ip, 'ip')
    assert probe(code) == ['2.6.32-431.el6.x86_64\n', 'RTNETLINK answers: Operation not supported\n',
                           '2.6.32-431.el6.x86_64\n']
    assert probe.run(['env', 'KERNEL_EL6=off', 'uname', '-r']).out == process.must(['uname', '-r'])


def test_sysfs_shows_the_first_namespaces_links_wherever_it_is_mounted(kernel_el6, netns):
    first, second = netns(), netns()
    for name, link in ((first, 'one'), (second, 'two')):
        process.must(['ip', '-n', name, 'link', 'add', link, 'type', 'veth', 'peer', 'name', link + '-x'])
    result = kernel_el6.run(['ip', 'netns', 'exec', second, 'ls', '/sys/class/net'], first='/run/netns/' + first)
    assert result.out.split() == ['lo', 'one', 'one-x'], result
    result = process.run(['ip', 'netns', 'exec', second, 'ls', '/sys/class/net'])
    assert result.out.split() == ['lo', 'two', 'two-x'], result


def test_namespaces_and_calls_of_later_kernels(probe):
    assert probe('''
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    return None if function(*arguments) == 0 else errno.errorcode[ctypes.get_errno()]
for flag in (0x10000000, 0x02000000, 0x80, 0x08000000, 0x40000000):  # user, cgroup, time, ipc, net
    tell(call(libc.unshare, flag))
home = os.open('/proc/self/ns/net', os.O_RDONLY)
tell(call(libc.syscall, 308, home, 0x40000000))
tell(call(libc.syscall, 308, home, 0x08000000))
tell(call(libc.syscall, 308, os.open('/dev/null', os.O_RDONLY), 0))
# renameat2, getrandom, memfd_create, pidfd_send_signal, pidfd_open, close_range
for number in (316, 318, 319, 424, 434, 436):
    tell(call(libc.syscall, number, 0, 0, 0, 0, 0))
''') == ['EINVAL'] * 3 + [None] * 3 + ['EINVAL'] * 2 + ['ENOSYS'] * 6


def test_todays_ip_is_answered_as_on_that_kernel(probe, ip):
    """iproute2 is no part of the stand-in: what it makes of the answers is what it would there."""
    ip('link', 'add', 'br0', 'type', 'bridge')
    ip('link', 'add', 'p0', 'type', 'veth', 'peer', 'name', 'p1')
    ip('link', 'set', 'p0', 'master', 'br0')
    told_of = probe.run(['ip', '-d', 'link']).out
    assert 'veth' in told_of and 'bridge' not in told_of and 'master' not in told_of and 'p0@' not in told_of
    assert 'Invalid argument' in probe.run(['ip', 'link', 'show', 'p0']).err  # it asks by name
    refused = probe.run(['ip', 'link', 'add', 'b1', 'type', 'bridge'])
    assert (refused.status, refused.err) == (2, 'RTNETLINK answers: Operation not supported\n')
    assert probe.run(['ip', 'link', 'set', 'p1', 'master', 'br0']).status == 0
    assert 'master' not in ip('link', 'show', 'p1')
    assert probe.run(['ip', 'netns', 'list-id']).status != 0


def test_the_loopback_links_index_is_one_in_the_first_namespace_alone(probe, kernel_el6, netns):
    """One number counts the links of all namespaces there."""
    code = '''
listed = dict((attributes(body)[3], struct.unpack_from('=BxHi', body)[2])
              for _, body in route.one(GET, DUMP, struct.pack('=Bxxx', 0)))
number = listed[b'lo\\0']
tell([number == 1, number == index_of('lo')])
tell(route.one(GET, 0, link(1)) == 'ENODEV')
tell([struct.unpack_from('=BxHi', body)[2] == number for _, body in route.one(GET, 0, link(number))])
tell(route.one(NEW, ACK, link(number, 1, 1)))
addresses = [struct.unpack_from('=BBBBI', body)[4] for _, body in route.one(22, DUMP, struct.pack('=Bxxx', 2))]
tell([index == number for index in addresses])
path = struct.pack('=BBBBBBBBI', 2, 32, 0, 0, 254, 3, 253, 1, 0) + attribute(1, b'\\x0a\\2\\2\\2')
tell(route.one(24, ACK | CREATE | EXCL, path + attribute(4, number)))
routes = [attributes(body, 12) for _, body in route.one(26, DUMP, struct.pack('=BBBBBBBBI', 2, 0, 0, 0, 0, 0, 0, 0, 0))]
tell([struct.unpack('=I', found[4])[0] == number for found in routes if found.get(1) == b'\\x0a\\2\\2\\2'])
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tell(fcntl.ioctl(control, 0x8910, struct.pack('16xi20x', number))[:3].decode())
'''
    away = netns()
    for name in (probe.name, away):
        process.must(['ip', '-n', name, 'link', 'set', 'lo', 'up'])
    assert probe(code) == [[True, True], False, [True], None, [True], None, [True], 'lo\0']
    assert told(lambda argv: kernel_el6.run(['nsenter', '--net=/run/netns/' + away] + argv,
                                            first='/run/netns/' + probe.name), code) == [
        [False, True], True, [True], None, [True], None, [True], 'lo\0']


def test_links_that_are_up_keep_name_and_address(probe):
    assert probe('''
tell(route.one(NEW, ACK | CREATE | EXCL, veth('p0', 'p1')))
at = index_of('p0')
tell(route.one(NEW, ACK, link(at) + name('q0') + attribute(1, b'\\2\\0\\0\\0\\0\\1')))
tell(route.one(NEW, ACK, link(at, 1, 1)))
tell(route.one(NEW, ACK, link(at) + name('p0')))
tell(route.one(NEW, ACK, link(at) + attribute(1, b'\\2\\0\\0\\0\\0\\2')))
tell(route.one(NEW, ACK, link(at) + attribute(4, 1400)))
''') == [None, None, None, 'EBUSY', 'EBUSY', None]


def test_addresses_routes_and_rules_as_it_tells_and_takes_them(probe):
    """Addresses of IPv4 have no lifetime, a rule can be there twice, no gateway of IPv6 is onlink, and where no route
    leads to an IPv4 gateway, that is ESRCH."""
    assert probe('''
tell(route.one(NEW, ACK | CREATE | EXCL, veth('p0', 'p1')))
for end in ('p0', 'p1'):
    tell(route.one(NEW, ACK, link(index_of(end), 1, 1)))
at = index_of('p0')
address = struct.pack('=BBBBI', 2, 24, 0, 0, at) + attribute(2, b'\\x0a\\1\\1\\1') + attribute(1, b'\\x0a\\1\\1\\1')
tell(route.one(20, ACK | CREATE | EXCL, address))
tell([numbers(body, 8) for _, body in route.one(22, DUMP, struct.pack('=Bxxx', 2)) if body[4:8] == address[4:8]])
rule = struct.pack('=BBBBBBBBI', 2, 0, 0, 0, 100, 0, 0, 1, 0) + attribute(6, 4711)
tell([route.one(kind, ACK | (CREATE | EXCL) * (kind == 32), rule) for kind in (32, 32, 33, 33, 33)])
def path(family, bits, flags, target, gateway):
    head = struct.pack('=BBBBBBBBI', family, bits, 0, 0, 254, 3, 0, 1, flags)
    return head + attribute(1, target) + attribute(5, gateway) + attribute(4, at)
tell(route.one(24, ACK | CREATE | EXCL, path(2, 32, 0, b'\\x0a\\2\\2\\2', b'\\x0a\\3\\3\\3')))
tell(route.one(24, ACK | CREATE | EXCL, path(2, 32, 4, b'\\x0a\\2\\2\\2', b'\\x0a\\3\\3\\3')))
tell(route.one(24, ACK | CREATE | EXCL, path(10, 128, 4, b'\\xfd' + b'\\2' * 15, b'\\xfd' + b'\\3' * 15)))
''') == [None, None, None, None, [[1, 2, 3]], [None, None, None, None, 'ENOENT'], 'ESRCH', None, 'EHOSTUNREACH']
