"""`netnsctl wire` where a wire stands: the same, one that differs, one to replace; bridges; ends by PID."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support.inside import add_link, addresses, ip, links, pings, routes
from support.untouched import assert_untouched, own_state
from support.backends import BACKENDS


@pytest.mark.parametrize('other_backend', BACKENDS)
def test_the_same_wire_again_changes_nothing_and_says_so(run_netnsctl, netns, backend, other_backend):
    a, b = netns('a'), netns('b')
    words = a + ':A=10.1.1.1/24,gw=10.1.1.2', b + ':B=10.1.1.2/24'
    assert run_netnsctl('wire', backend, *words).status == 0
    before = own_state()
    for order in (words, words[::-1]):
        again = run_netnsctl('wire', '--backend', other_backend, *order)
        assert again.status == 0 and again.out.startswith('already wired: '), again
        assert own_state() == before


def test_the_same_wire_with_the_option_mtu_again_is_the_same_wire(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', '--mtu', '1400', a, b).status == 0
    again = run_netnsctl('wire', '--mtu', '1400', a, b)
    assert again.status == 0 and again.out.startswith('already wired: '), again


def test_a_wire_that_differs_is_refused_with_the_difference(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32').status == 0
    before = own_state()
    result = run_netnsctl('wire', a + ':A=10.1.1.1/32', b + ':B=10.1.1.3/32,mtu=1400')
    assert result.status == 4, result
    assert '10.1.1.2/32' in result.err and '10.1.1.3/32' in result.err and '--replace' in result.err
    assert '1400' in result.err and '10.1.1.1' not in result.err
    assert own_state() == before


def test_another_name_for_the_same_ends_is_refused(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32').status == 0
    before = own_state()
    result = run_netnsctl('wire', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32', '--name', a + '-other')
    assert result.status == 4 and '%s:A-%s:B' % (a, b) in result.err, result
    assert own_state() == before


def test_one_name_for_other_ends_is_refused(run_netnsctl, netns):
    a, b, c = netns('a'), netns('b'), netns('c')
    assert run_netnsctl('wire', a, b, '--name', a).status == 0
    before = own_state()
    result = run_netnsctl('wire', a, c, '--name', a)
    assert result.status == 4 and 'other ends' in result.err, result
    assert own_state() == before


def test_a_named_wire_is_known_by_its_ends_too(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', a + ':A', b + ':B', '--name', a + '.w').status == 0
    again = run_netnsctl('wire', a + ':A', b + ':B')
    assert again.status == 0 and again.out.startswith('already wired: %s.w: ' % a), again


def test_replace_makes_a_differing_wire_anew(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    before = own_state()
    assert run_netnsctl('wire', backend, a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32').status == 0
    result = run_netnsctl('wire', backend, '--replace', a + ':A=10.1.1.1/32', b + ':B=10.1.1.3/32')
    assert result.status == 0 and result.out.startswith('wired '), result
    assert addresses(b, 'B') == ['10.1.1.3/32'] and routes(a) == ['10.1.1.3 dev A']
    assert pings(a, '10.1.1.3')
    assert run_netnsctl('unwire', a, b).status == 0
    assert_untouched(before)


def test_replace_displaces_a_default_route_that_unwire_brings_back(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    add_link(a, 'old')
    ip(a, 'addr', 'add', '10.77.0.2/24', 'dev', 'old')
    ip(a, 'route', 'add', 'default', 'via', '10.77.0.1', 'proto', 'static')
    before = own_state()
    words = backend, a + ':A=10.1.1.1/24,gw=10.1.1.2', b + ':B=10.1.1.2/24'
    refused = run_netnsctl('wire', *words)
    assert refused.status == 4 and 'via 10.77.0.1 dev old' in refused.err and '--replace' in refused.err, refused
    assert_untouched(before)
    assert run_netnsctl('wire', '--replace', *words).status == 0
    assert 'default via 10.1.1.2 dev A' in routes(a) and 'default via 10.77.0.1 dev old' not in routes(a)
    assert run_netnsctl('unwire', a, b).status == 0
    assert_untouched(before)


def test_a_replacement_that_fails_puts_the_old_wire_back(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', backend, a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24').status == 0
    add_link(b, 'other')
    ip(b, 'route', 'add', '10.9.0.0/16', 'dev', 'other', 'metric', '0')
    kept = (
        [links(a)['A'][key] for key in ('address', 'mtu')],
        addresses(a, 'A'),
        addresses(b, 'B'),
        routes(a),
        routes(b),
    )
    # The end's own address as its gateway, known before anything is touched; and a name that is taken only in the end.
    for words, status in (
        ((a + ':A=10.1.1.1/24,gw=10.1.1.1', b + ':B=10.1.1.2/24'), 2),
        ((a + ':A=10.1.1.1/24', b + ':other=10.1.1.2/24', '--name', '%s:A-%s:B' % (a, b)), 4),
    ):
        result = run_netnsctl('wire', backend, '--replace', *words)
        assert result.status == status, result
        assert kept == (
            [links(a)['A'][key] for key in ('address', 'mtu')],
            addresses(a, 'A'),
            addresses(b, 'B'),
            routes(a),
            routes(b),
        )
        assert ' whole ' in [line for line in run_netnsctl('ls').out.splitlines() if a in line][0]
    assert pings(a, '10.1.1.2')


@pytest.mark.parametrize('words', [['--backend', 'nonsense'], ['--backend', 'iproute']])
def test_a_replacement_by_a_backend_that_is_not_there_touches_nothing(run_netnsctl, netns, old_ip, words):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24').status == 0
    before = own_state()
    result = run_netnsctl(*['wire', '--replace', a + ':A=10.1.1.1/24', b + ':B=10.1.1.3/24'] + words, path=old_ip)
    assert result.status in (1, 2), result
    assert_untouched(before, 0.5)


def test_json_of_a_wire_and_of_the_same_again(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    words = '--json', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32'
    made = run_netnsctl('wire', *words)
    assert (made.status, made.err) == (0, '')
    document = json.loads(made.out)
    assert document['version'] == 1 and len(document['wires']) == 1
    wire = document['wires'][0]
    assert (wire['name'], wire['state'], wire['changed']) == ('%s:A-%s:B' % (a, b), 'whole', True)
    assert wire['check']['ok'] and [end['target'] for end in wire['ends']] == ['netns://' + a, 'netns://' + b]
    again = json.loads(run_netnsctl('wire', *words).out)['wires'][0]
    assert (again['changed'], again['check'], again['name']) == (False, None, wire['name'])


def test_no_check_sends_nothing(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    result = run_netnsctl('wire', '--no-check', a, b)
    assert result.status == 0 and 'checked' not in result.out, result


def test_a_failed_check_is_status_5_with_the_cause_and_the_wire_stands(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    # A route of b's own sends the answers elsewhere.
    add_link(b, 'astray')
    ip(b, 'route', 'add', '10.1.1.1/32', 'dev', 'astray')
    result = run_netnsctl('wire', a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24')
    assert result.status == 5 and 'wired, but the check failed' in result.err and 'astray' in result.err, result
    assert result.out.startswith('wired ') and 'checked' not in result.out
    assert 'A' in links(a)
    check = run_netnsctl('check', '%s:A-%s:B' % (a, b))
    assert check.status == 5 and 'astray' in check.out + check.err, check
    assert run_netnsctl('unwire', a, b).status == 0


@pytest.mark.parametrize('how', ['alone', 'file', 'atomic'])
def test_the_same_wire_is_checked_again_while_its_check_fails(run_netnsctl, netns, how):
    a, b = netns('a'), netns('b')
    add_link(b, 'astray')
    ip(b, 'route', 'add', '10.1.1.1/32', 'dev', 'astray')
    ends = [a + ':A=10.1.1.1/24', b + ':B=10.1.1.2/24']
    line = ' '.join(ends[::-1] if how == 'file' else ends)
    words = {'alone': ends, 'file': ['-f', '-'], 'atomic': ['--atomic', '-f', '-']}[how]
    made = run_netnsctl('wire', '--no-check', *ends) if how == 'file' else run_netnsctl('wire', *words, feed=line)
    assert made.status == (0 if how == 'file' else 5), made
    if how == 'file':  # who wanted no check gets none, and is not asked again
        assert run_netnsctl('wire', *words, feed=line).status == 0
        assert run_netnsctl('unwire', a, b).status == 0
        made = run_netnsctl('wire', *words, feed=line)
    before = links(a)['A']['ifindex']
    again = run_netnsctl('wire', *words, feed=line)
    assert (again.status, again.err) == (5, made.err) and again.out.startswith('already wired: '), again
    assert json.loads(run_netnsctl('wire', '--json', *words, feed=line).out)['wires'][0]['check']['ok'] is False
    unasked = run_netnsctl('wire', '--no-check', *words, feed=line)
    assert (unasked.status, unasked.err) == (0, ''), unasked
    assert run_netnsctl('ls', '--json').status == 0
    ip(b, 'route', 'del', '10.1.1.1/32', 'dev', 'astray')
    well = run_netnsctl('wire', *words, feed=line)
    assert well.status == 0 and well.out.startswith('already wired: ') and well.out.endswith(' (checked)\n'), well
    last = run_netnsctl('wire', *words, feed=line)
    assert last.status == 0 and 'checked' not in last.out, last  # one that is well is left in peace
    assert links(a)['A']['ifindex'] == before
    assert run_netnsctl('unwire', a, b).status == 0


def test_a_target_that_is_not_there_is_status_3(run_netnsctl, netns):
    a = netns('a')
    before = own_state()
    for target in ('%s-nobody' % a, 'netns://%s-nobody' % a, 'pid://4194303', '/run/netns/%s-nobody' % a):
        for order in ((a, target), (target, a)):
            result = run_netnsctl('wire', *order)
            assert result.status == 3 and a + '-nobody' in result.err + a + '-nobody', result
            assert len(result.err.splitlines()) <= 2 and result.out == '', result
    assert_untouched(before)


def test_a_bare_name_that_means_two_namespaces_is_status_4_with_both_listed(run_netnsctl, netns):
    a = netns('a')
    number = '%d' % os.getpid()
    path = '/run/netns/' + number
    if os.path.lexists(path):
        pytest.skip('there is a namespace of that name')
    ip(None, 'netns', 'add', number)
    try:
        before = own_state()
        result = run_netnsctl('wire', number, a)
        assert result.status == 4 and 'netns://' + number in result.err and 'pid://' + number in result.err, result
        assert_untouched(before)
        assert run_netnsctl('wire', 'netns://' + number, a, '--name', a).status == 0
        assert run_netnsctl('unwire', a).status == 0
    finally:
        ip(None, 'netns', 'delete', number)


def test_one_namespace_by_name_and_by_path_is_one(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert (
        run_netnsctl('wire', '/run/netns/%s:A=10.1.1.1' % a, 'path:///run/netns/%s:B=10.1.1.2' % b, '--name', a).status
        == 0
    )
    assert pings(a, '10.1.1.2')
    result = run_netnsctl('wire', '/run/netns/' + a, 'netns://' + a)
    assert result.status == 4 and 'the same network namespace' in result.err, result


def test_bridge_is_made_shared_and_removed_with_its_last_wire(run_netnsctl, netns, backend):
    a, b = netns('a'), netns('b')
    before = own_state()
    bridge = 'br%d' % os.getpid()
    first = run_netnsctl('wire', backend, '%s:A=10.234.0.2/24,gw=10.234.0.1' % a, 'bridge://%s=10.234.0.1/24' % bridge)
    second = run_netnsctl('wire', backend, '%s:B=10.234.0.3/24' % b, 'bridge://' + bridge)
    assert (first.status, second.status) == (0, 0), (first, second)
    assert addresses(None, bridge) == ['10.234.0.1/24']
    # Not from a to b: a firewall of the host's may well drop what a bridge forwards (Docker's does).
    assert pings(a, '10.234.0.1') and pings(None, '10.234.0.3')
    assert run_netnsctl('unwire', a, 'bridge://' + bridge).status == 0
    assert bridge in links(None)
    assert run_netnsctl('unwire', b, 'bridge://' + bridge).status == 0
    assert_untouched(before)


def test_a_foreign_bridge_stays_with_what_it_had(run_netnsctl, netns, backend):
    a = netns('a')
    bridge = 'br%d' % os.getpid()
    ip(None, 'link', 'add', bridge, 'type', 'bridge')
    try:
        ip(None, 'link', 'set', bridge, 'up')
        ip(None, 'addr', 'add', '10.234.1.1/24', 'dev', bridge)
        before = own_state()
        words = a + ':A=10.234.1.2/24', 'bridge://%s=10.234.1.1/24,10.234.2.1/24' % bridge
        assert run_netnsctl('wire', backend, *words).status == 0
        assert addresses(None, bridge) == ['10.234.1.1/24', '10.234.2.1/24']
        assert run_netnsctl('wire', backend, *words).out.startswith('already wired')
        assert run_netnsctl('unwire', '%s:A' % a, 'bridge://' + bridge).status == 0
        assert addresses(None, bridge) == ['10.234.1.1/24']
        # Without a port its carrier and, with the ports' addresses, its own MAC address go: only those may differ.
        after = own_state()
        assert [
            key for key in after if after[key] != before[key] and key not in ('links ', 'routes 4 ', 'routes 6 ')
        ] == []
    finally:
        ip(None, 'link', 'delete', bridge)


def test_a_bridge_that_is_another_kind_of_link_is_refused(run_netnsctl, netns):
    a = netns('a')
    link = 'dm%d' % os.getpid()
    add_link(None, link)
    try:
        before = own_state()
        result = run_netnsctl('wire', a, 'bridge://' + link)
        assert result.status == 4 and 'veth' in result.err, result
        assert_untouched(before)
    finally:
        ip(None, 'link', 'delete', link)


def test_ends_by_pid(run_netnsctl, netns, backend):
    from support import process

    a, b = netns('a'), netns('b')
    before = own_state()
    holders = [process.start(['ip', 'netns', 'exec', ns, 'cat']) for ns in (a, b)]
    try:
        one, two = [wait_until_inside(holder.pid, ns) for holder, ns in zip(holders, (a, b))]
        result = run_netnsctl('wire', backend, 'pid://%d:A=10.1.1.1' % one, '%d:B=10.1.1.2' % two, '--name', a)
        assert result.status == 0, result
        assert pings(a, '10.1.1.2')
        assert not [name for name in os.listdir('/run/netns') if name.startswith('netnsctl-')]
        assert run_netnsctl('ls').out.count(a) == 1
        assert run_netnsctl('unwire', a).status == 0
    finally:
        for holder in holders:
            process.finish(holder)
    assert_untouched(before)


def wait_until_inside(pid, ns):
    """The PID, once its process has entered the namespace (`ip netns exec` execs: it stays the same process)."""
    import time

    for _ in range(500):
        if os.stat('/proc/%d/ns/net' % pid).st_ino == os.stat('/run/netns/' + ns).st_ino:
            return pid
        time.sleep(0.01)
    raise AssertionError('process %d did not enter %s' % (pid, ns))
