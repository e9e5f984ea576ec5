"""`import netnsctl` on real namespaces: each function does what its command does; nothing leaks; many descriptors."""
from __future__ import absolute_import, division, print_function

import os
import re
import resource
import sys
import time

import pytest

import netnsctl
from netnsctl.errors import CheckFailedError, ConflictError, NotFoundError
from support.inside import add_link, ip, links
from support.process import run
from support.program import SOURCE
from support.untouched import assert_untouched, own_state


@pytest.fixture
def ends(netns):
    """(a, b, 'a:A=...', 'b:B=...')"""
    a, b = netns('a'), netns('b')
    return a, b, a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32'


def test_wire_wires_check_and_unwire(ends):
    a, b, one, two = ends
    before = own_state()
    wire = netnsctl.wire(one, two, name=a + '.w', mtu=1400)
    assert (wire.name, wire.state) == (a + '.w', 'whole') and wire.ends[0]['mtu'] == 1400
    assert [item.state for item in netnsctl.wires() if item.name == wire.name] == ['whole']
    for pattern, is_meant in ((wire.name, True), (a + '*', True), (a, False), ('no-such-*', False)):
        assert [item.name for item in netnsctl.wires(matching=pattern)] == [wire.name] * is_meant
    report = netnsctl.check(wire)
    assert report.ok and report.causes == () and netnsctl.check(wire.name).ok
    assert a in netnsctl.namespaces() and netnsctl.namespaces() == sorted(netnsctl.namespaces())
    assert netnsctl.unwire(wire) is True and netnsctl.unwire(wire) is False and netnsctl.unwire(a, b) is False
    with pytest.raises(NotFoundError):
        netnsctl.check(wire)
    assert_untouched(before)


def test_a_wire_is_confirmed_or_undone(ends):
    a, _, one, two = ends
    wire = netnsctl.wire(one, two, name=a + '.c', check=False, confirm=600)
    assert 590 < wire.seconds_left <= 600
    assert netnsctl.confirm(wire) is True and netnsctl.confirm(wire.name) is False
    assert netnsctl.unwire(wire) is True
    netnsctl.wire(one, two, name=a + '.c', check=False, confirm='1')
    deadline = time.time() + 60
    while a + '.c' in [item.name for item in netnsctl.wires()]:
        assert time.time() < deadline
        time.sleep(0.05)
    with pytest.raises(NotFoundError) as late:
        netnsctl.confirm(a + '.c')
    assert 'too late' in str(late.value)


def test_what_should_stay_on_the_host_is_lent_with_force(netns):
    a, nic = netns('a'), 'nwq%d' % os.getpid()
    add_link(None, nic)  # a veth, which does not outlive a namespace
    before = own_state()
    try:
        with pytest.raises(ConflictError) as refused:
            netnsctl.wire(a + ':eth0=10.1.1.1/32', 'phys://' + nic)
        assert 'is a veth' in str(refused.value)
        assert_untouched(before)
        wire = netnsctl.wire(a + ':eth0=10.1.1.1/32', 'phys://' + nic, force=True)
        assert wire.state == 'whole' and nic not in links(None) and 'eth0' in links(a)
        assert netnsctl.unwire(wire) is True
        assert_untouched(before)
    finally:
        run(['ip', 'link', 'del', 'dev', nic])


def test_an_end_is_shaped(ends):
    a, _, one, two = ends
    wire = netnsctl.wire(one + ',rate=2mbit', two, name='nwshaped')
    assert [end.get('shaping') for end in wire.ends] == [{'rate': '2mbit'}, None]
    wire = netnsctl.shape(wire, a, rate='1000kbit', burst='16kb')
    assert (wire.state, wire.ends[0]['shaping']) == ('whole', {'rate': '1mbit', 'burst': '16kb'})
    wire = netnsctl.shape('nwshaped', a, burst=None)
    assert wire.ends[0]['shaping'] == {'rate': '1mbit'}
    with pytest.raises(NotFoundError):
        netnsctl.shape('nwshaped', 'nosuch', rate='1mbit')
    assert 'shaping' not in netnsctl.shape('nwshaped', a, rate=None).ends[0]
    assert netnsctl.unwire(wire)


def test_an_end_is_a_port_of_an_open_vswitch(ends, ovs):
    one = ends[2]
    wire = netnsctl.wire(one, 'ovs://%s=tag=7' % ovs.bridge, name='nwport')
    port, = ovs.ports(ovs.bridge)
    assert wire.state == 'whole' and wire.ends[1]['ifname'] == port and wire.ends[1]['items'] == ['tag=7']
    with pytest.raises(ConflictError):
        netnsctl.wire(ends[3], 'ovs://%s:%s' % (ovs.bridge, port))
    with pytest.raises(NotFoundError):
        netnsctl.wire(ends[3], 'ovs://nwnone')
    assert netnsctl.unwire(wire) and not ovs.ports(ovs.bridge)


def test_by_its_two_ends_and_of_two_wires_neither(ends):
    a, b, one, two = ends
    netnsctl.wire(one, two)
    netnsctl.wire(a + ':C', b + ':C')
    with pytest.raises(ConflictError):
        netnsctl.unwire(a, b)
    assert netnsctl.unwire(a + ':C', b) and netnsctl.unwire(a, b) and links(a) == {}


def test_a_check_that_fails_is_an_error_of_wire_and_a_report_of_check(ends):
    a, b, one, two = ends
    name = netnsctl.wire(one, two).name
    ip(b, 'link', 'set', 'B', 'down')
    report = netnsctl.check(name)
    assert not report.ok and 'down' in report.causes[0].text
    netnsctl.unwire(name)
    add_link(b, 'away')
    ip(b, 'route', 'add', '10.1.1.1/32', 'dev', 'away')
    with pytest.raises(CheckFailedError):
        netnsctl.wire(a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24')


SAVED = """
import netnsctl
assert netnsctl.save() == []
wire = netnsctl.wire('a:A=10.1.1.1', 'b:B=10.1.1.2', save=True)
assert netnsctl.save(wire) == [] == netnsctl.save([wire.name])
other = netnsctl.wire('a:C=10.1.2.1', 'b:C=10.1.2.2', name='w')
found = netnsctl.save('w')
assert len(found) == 2 and all('/ifcfg-C' in path and 'WIRE=w' in text for path, text in found), found
summary = netnsctl.down('a')
assert (sorted(summary.gone), summary.exit_code) == (sorted(['w', wire.name]), 0), vars(summary)
assert netnsctl.wires() == []
summary = netnsctl.up(['a', 'b'])
assert (sorted(summary.made), summary.exit_code) == (sorted(['w', wire.name]), 0), vars(summary)
assert sorted(netnsctl.up().same) == sorted(['w', wire.name])
try:
    netnsctl.up('nosuch')
except netnsctl.errors.NotFoundError:
    pass
else:
    raise AssertionError('no error')
"""
MANY = """
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (2048, max(2048, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
while os.open('/dev/null', os.O_RDONLY) < 1100:
    pass
import netnsctl
for backend in ('iproute', 'netlink'):
    wire = netnsctl.wire('a', 'b', backend=backend)
    assert netnsctl.check(wire).ok and [item.state for item in netnsctl.wires()] == ['whole']
    assert netnsctl.unwire(wire)
for call in (lambda: netnsctl.wire('a', 'nosuch'), lambda: netnsctl.wire('docker://x', 'a')):
    try:
        call()
    except netnsctl.errors.NetnsctlError:
        pass
    else:
        raise AssertionError('no error')
"""
FORKED = """
import os, signal, threading, time, warnings
import netnsctl
warnings.simplefilter('ignore')  # Python 3.12 warns of a fork beside a thread

def has_the_lock():
    fds = '/proc/self/fd/'
    for name in os.listdir(fds):
        try:
            if os.readlink(fds + name) == '/run/netnsctl/lock':
                return True
        except OSError:
            pass

def wire_often():
    while not children:
        netnsctl.unwire(netnsctl.wire('a', 'b', backend='netlink', check=False))

children = []
thread = threading.Thread(target=wire_often)
thread.start()
deadline = time.time() + 60
while not children and time.time() < deadline:
    while not has_the_lock():
        pass
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, b'+' if has_the_lock() else b'-')
        signal.pause()
    if os.read(reader, 1) == b'+':
        children.append(child)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os.close(reader)
    os.close(writer)
began = time.time()
late = threading.Timer(20, lambda: os.kill(children[0], signal.SIGKILL))
late.start()
thread.join()
netnsctl.wire('a', 'b')
late.cancel()
os.kill(children[0], signal.SIGKILL)
os.waitpid(children[0], 0)
assert time.time() - began < 15, time.time() - began
"""


@pytest.fixture
def own_host(run_netnsctl):
    from support.aside import own_host
    made = own_host(run_netnsctl)
    made.sh('rm -rf /etc/sysconfig/netns; ip netns add a; ip netns add b')  # its own /etc
    yield made
    made.close()


def python(host, text, *options):
    path = os.pathsep.join([SOURCE] + [entry for entry in sys.path if entry])
    return run(host.prefix + ['env', 'PYTHONPATH=' + path, sys.executable] + list(options) + ['-c', text])


@pytest.mark.parametrize('text', [SAVED, MANY])
@pytest.mark.parametrize('options', [(), ('-X', 'dev', '-W', 'error')])
def test_without_a_warning(own_host, text, options):
    if options and not hasattr(sys.flags, 'dev_mode'):
        pytest.skip('this Python has no -X dev')
    if text is MANY and resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 2048:
        pytest.skip('no 2,048 descriptors here')
    result = python(own_host, text, *options)
    assert (result.status, result.out, result.err) == (0, '', ''), result


def test_a_child_forked_while_another_thread_is_in_a_call_does_not_keep_the_lock(own_host):
    result = python(own_host, FORKED)
    assert (result.status, result.out, result.err) == (0, '', ''), result


def test_who_is_not_root_is_told_so(run_netnsctl):
    if not run_netnsctl.nobody_can_run():
        pytest.skip('nobody cannot read this Python, or the source')
    result = run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', sys.executable, '-c',
                  'import sys; sys.path[:] = %r\nimport netnsctl\n'
                  'try:\n    netnsctl.wires()\nexcept netnsctl.errors.NetnsctlError as error:\n    print(error)\n'
                  % ([SOURCE] + sys.path)])
    assert (result.status, result.out) == (0, 'wires: must be run as root\n'), result


def stub_attributes():
    """{class of the stub without its underscore: names of its attributes and methods}"""
    with open(os.path.join(SOURCE, 'netnsctl', '__init__.pyi')) as source:
        classes = re.findall(r'(?m)^class _(\w+):\n((?:    .*\n|\n)+)', source.read())
    return dict((name, set(re.findall(r'(?m)^    (?:def )?([a-z_]+)[:(]', body))) for name, body in classes)


def test_what_the_functions_return_has_all_that_the_stub_says(ends):
    a, b, one, two = ends
    wire = netnsctl.wire(one, two)
    probe = netnsctl.check(wire).probes[0]
    ip(b, 'link', 'set', 'B', 'down')
    report = netnsctl.check(wire)
    found = {'Wire': wire, 'Report': report, 'Probe': probe,
             'Cause': report.causes[0], 'Summary': netnsctl.up([])}
    said = stub_attributes()
    assert sorted(said) == sorted(found)
    for name, value in found.items():
        assert said[name] - set(dir(value)) == set(), name
