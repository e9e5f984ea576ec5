"""Many wires saved, compared or brought up at once: the tree and the records are read once for all of them, and what
each of them writes is known to the next."""
from __future__ import absolute_import, division, print_function

import pytest

from support import inject
from support.tree import TREE, tree_of

WIRE = ('wire', '--no-check', '-f', '/run/lines')
REPLACE = WIRE + ('--replace', '--save')


def write_lines(host, lines):
    host.sh("cat >/run/lines <<'end'\n%s\nend" % '\n'.join(lines))


def pairs(count, mtu=1500, link='eth0'):
    return ['--name w%d a%d:%s=10.9.%d.1/24,mtu=%d b%d:eth0=10.9.%d.2/24,mtu=%d' % (at, at, link, at, mtu, at, at, mtu)
            for at in range(count)]


def plugged(count, address=1, words=''):
    return ['--name w%d a%d:eth0=10.9.0.%d/24 bridge://br0=10.9.0.%d/24%s' % (at, at, at + 10, address, words)
            for at in range(count)]


def opened(host, words, what):
    """How many files whose path has that in it a command opens."""
    inject.available()
    result = inject.traced(host, words, '-f', '-e', 'trace=open,openat', log='/run/told')
    assert result.status == 0, result
    return int(host.sh("grep -c '%s' /run/told || true" % what))


def make_names(host, count):
    host.sh('for n in $(seq 0 %d); do ip netns add a$n; ip netns add b$n; done' % (count - 1))


def is_what_the_tree_says(host):
    return host('config', 'check').status == 0 and host('up').out.startswith('nothing to do')


@pytest.mark.parametrize('after', [
    lambda count: pairs(count, mtu=1400), lambda count: pairs(count, link='eth7'),
    lambda count: plugged(count), lambda count: [line.replace('10.9.', '10.8.') for line in pairs(count)],
], ids=['another MTU', 'another link', 'a bridge', 'other addresses'])
@pytest.mark.parametrize('is_wired', [True, False], ids=['replaced', 'not wired'])
def test_the_files_that_one_more_wire_has_opened_are_its_own(host, after, is_wired):
    make_names(host, 12)
    found = []
    for count in (4, 8, 12):
        write_lines(host, pairs(count))
        assert host(*WIRE + ('--save', '--replace')).status == 0
        if not is_wired:
            assert host('unwire', '--all').status == 0
        write_lines(host, after(count))
        found.append(opened(host, REPLACE, '%s/.*/ifcfg-' % TREE))
        assert is_what_the_tree_says(host)
        assert host('unwire', '--all', '--forget').status == 0
    assert found[2] - found[1] <= found[1] - found[0] + 2, found


@pytest.mark.parametrize('words', ['', ',nat'])
def test_one_more_wire_to_a_bridge_has_its_own_record_read_and_no_others(host, words):
    make_names(host, 12)
    found = []
    for count in (4, 8, 12):
        lines = plugged(count)
        write_lines(host, lines[:-1] + [lines[-1] + words])
        assert host(*WIRE + ('--save',)).status == 0
        found.append(opened(host, ('config', 'check'), 'wires/w.*json'))
        assert host('unwire', '--all', '--forget').status == 0
    assert found[2] - found[1] == found[1] - found[0], found


def test_a_bridges_file_has_what_the_wires_say_after_each_was_replaced(host):
    make_names(host, 3)
    write_lines(host, plugged(3, words=',nat'))
    assert host(*WIRE + ('--save',)).status == 0
    write_lines(host, plugged(3, address=2)[:2])
    assert host(*REPLACE).status == 0
    text = tree_of(host)['host/ifcfg-br0']
    assert '10.9.0.1\n' in text and '10.9.0.2\n' in text and 'NAT=yes\n' in text, text
    write_lines(host, plugged(3, address=2))
    assert host(*REPLACE).status == 0
    text = tree_of(host)['host/ifcfg-br0']
    assert '10.9.0.1\n' not in text and '10.9.0.2\n' in text and 'NAT' not in text, text
    assert is_what_the_tree_says(host)


def test_a_bridges_file_goes_with_the_last_of_many_wires_and_comes_with_the_first(host):
    make_names(host, 3)
    write_lines(host, plugged(3))
    assert host(*WIRE + ('--save',)).status == 0
    write_lines(host, pairs(3))
    result = host(*REPLACE)
    assert result.status == 0 and result.out.count('removed %s/host/ifcfg-br0\n' % TREE) == 1, result
    assert result.out.rindex('wired w2') < result.out.index('ifcfg-br0')
    # One of them comes, and goes, while it is known what the tree was before both.
    write_lines(host, plugged(1) + pairs(3, mtu=1400)[1:2] + pairs(1) + pairs(3, mtu=1400)[2:])
    result = host(*REPLACE)
    assert result.status == 0 and 'wrote %s/host/ifcfg-br0\n' % TREE in result.out, result
    assert result.out.count('removed %s/host/ifcfg-br0\n' % TREE) == 1 and 'host/ifcfg-br0' not in tree_of(host)
    assert is_what_the_tree_says(host)


def test_a_wire_takes_the_link_that_another_of_the_file_had(host):
    make_names(host, 2)
    first = ['--name w0 a0:eth0 b0:eth0', '--name w1 a1:eth0 b1:eth0']
    write_lines(host, first)
    assert host(*WIRE + ('--save',)).status == 0
    host.sh('sed -i s/ONBOOT=yes/ONBOOT=no/ %s/a0/ifcfg-eth0' % TREE)
    write_lines(host, ['--name w0 a0:eth5 b0:eth0', '--name w1 a0:eth0 b1:eth0', '--name w0 a1:eth0 b0:eth0'])
    assert host(*REPLACE).status == 0
    files = tree_of(host)
    assert sorted(files) == ['a0/ifcfg-eth0', 'a1/ifcfg-eth0', 'b0/ifcfg-eth0', 'b1/ifcfg-eth0'], files
    assert 'WIRE=w1\n' in files['a0/ifcfg-eth0'] + files['b1/ifcfg-eth0']
    assert is_what_the_tree_says(host)


def test_one_that_cannot_be_saved_leaves_the_others_as_they_are_saved(host):
    make_names(host, 3)
    write_lines(host, pairs(3))
    assert host(*WIRE + ('--save',)).status == 0
    host.sh('echo ADDR=1 >%s/a1/ifcfg-eth0' % TREE)
    write_lines(host, pairs(3, mtu=1400))
    result = host(*REPLACE)
    assert result.status == 2 and 'ADDR' in result.err, result
    files = tree_of(host)
    assert [name for name in sorted(files) if 'MTU=1400\n' in files[name]] == [
        'a0/ifcfg-eth0', 'a2/ifcfg-eth0', 'b0/ifcfg-eth0', 'b2/ifcfg-eth0'], files
