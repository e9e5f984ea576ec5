"""What a wire was before it was replaced does not stay in the tree, nor its servers in a resolv.conf; its ends keep
their order."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import inject, process
from support.tree import TREE, tree_of, write

ONE = ('wire', '--no-check', '--name', 'one')
A, B = 'a:eth0=10.0.0.1/24', 'b:eth0=10.0.0.2/24'


@pytest.fixture
def saved(host):
    """A host with the wire one, saved, with a route of b's, and a namespace c."""
    host.sh('for name in a b c; do ip netns add $name; done')
    assert host(*ONE + ('--save', A, B + ',route=10.9.0.0/16@10.0.0.1')).status == 0
    assert sorted(tree_of(host)) == ['a/ifcfg-eth0', 'b/ifcfg-eth0', 'b/route-eth0']
    return host


def servers(host, name):
    """The resolv.conf of a namespace, or ''."""
    return host.sh('cat /etc/netns/%s/resolv.conf 2>/dev/null || true' % name)


def is_what_the_tree_says(host):
    result = host('up')
    return (result.status, result.out) == (0, 'nothing to do: the wire matches the tree\n') and \
        host('config', 'check').status == 0


@pytest.mark.parametrize('a,b,files', [
    ('a:eth7=10.0.0.1/24', B, ['a/ifcfg-eth7', 'b/ifcfg-eth0']),
    ('c:eth0=10.0.0.1/24', B, ['b/ifcfg-eth0', 'c/ifcfg-eth0']),
    (A, 'bridge://br0=10.0.0.2/24', ['a/ifcfg-eth0', 'host/ifcfg-br0']),
    (A, 'host:h0=10.0.0.2/24', ['a/ifcfg-eth0', 'host/ifcfg-h0']),
    ('c:x=10.0.0.1/24', 'bridge://br0=10.0.0.2/24', ['c/ifcfg-x', 'host/ifcfg-br0']),
], ids=['another link', 'another namespace', 'a bridge', 'the host', 'both ends'])
@pytest.mark.parametrize('how', ['wire --save', 'config save'])
def test_the_files_of_the_ends_that_went_go(saved, a, b, files, how):
    if how == 'wire --save':
        result = saved(*ONE + ('--save', '--replace', a, b))
    else:
        assert saved(*ONE + ('--replace', a, b)).status == 0
        result = saved('config', 'save', 'one')
    assert result.status == 0 and sorted(tree_of(saved)) == files, result
    for place in set(['a/ifcfg-eth0', 'b/ifcfg-eth0', 'b/route-eth0']) - set(files):
        assert 'removed %s/%s\n' % (TREE, place) in result.out, result
    assert is_what_the_tree_says(saved)
    # And back, from a bridge too.
    assert saved(*ONE + ('--save', '--replace', A, B)).status == 0
    assert sorted(tree_of(saved)) == ['a/ifcfg-eth0', 'b/ifcfg-eth0']
    assert is_what_the_tree_says(saved)


def test_what_no_wire_knows_goes_along_to_the_file_of_a_link_with_another_name(saved):
    saved.sh("cd %s/a; sed -i 's/ONBOOT=yes/ONBOOT=no/' ifcfg-eth0; printf '# mine\\nDNS1=10.0.0.53\\n' >>ifcfg-eth0"
             % TREE)
    assert saved(*ONE + ('--save', '--replace', 'a:eth7=10.0.0.9/24', B)).status == 0
    files = tree_of(saved)
    assert sorted(files) == ['a/ifcfg-eth7', 'b/ifcfg-eth0']
    for line in ('# mine', 'DNS1=10.0.0.53', 'DEVICE=eth7', 'IPADDR=10.0.0.9', 'ONBOOT=no'):
        assert line + '\n' in files['a/ifcfg-eth7'], files
    assert 'eth0' not in files['a/ifcfg-eth7'].replace('PEER=eth0', '')
    assert saved('up', 'a').status == 0 and saved('config', 'check').status == 0


def test_what_no_wire_knows_goes_along_to_no_other_wires_file(host):
    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--no-check', '--name', 'one', 'a:A=10.1.1.1/24', 'b:B=10.1.1.2/24').status == 0
    assert host('wire', '--no-check', '--name', 'two', 'a:eth0=10.2.0.2/24', 'bridge://br0=10.2.0.1/24').status == 0
    write(host, {'a/ifcfg-A': '# of one\nWIRE=one\nPEER=B\nPEER_NETNS=b\nIPADDR=10.3.3.3\nDNS1=10.0.0.53\n'})
    assert host('config', 'save', '--all').status == 0
    tree = tree_of(host)
    assert tree['a/ifcfg-A'].startswith('# of one\n') and 'DNS1=10.0.0.53' in tree['a/ifcfg-A']
    assert '# of one' not in tree['a/ifcfg-eth0'] and 'DNS1' not in tree['a/ifcfg-eth0']


def test_the_file_of_a_bridge_stays_as_long_as_a_wire_is_plugged_into_it(host):
    host.sh('for name in a b c; do ip netns add $name; done')
    for name in 'ab':
        assert host('wire', '--save', '--no-check', '--name', name, name + ':eth0',
                    'bridge://br0=10.0.0.4/24').status == 0
    for name, there in (('a', True), ('b', False)):
        assert host('wire', '--save', '--no-check', '--replace', '--name', name, name + ':eth0', 'c').status == 0
        assert ('host/ifcfg-br0' in tree_of(host)) == there


def test_a_wire_that_left_files_of_its_name_behind_is_saved_over_them(saved):
    assert saved('unwire', 'one').status == 0
    result = saved(*ONE + ('--save', 'c:eth3=10.0.0.1/24', B))
    assert result.status == 0 and sorted(tree_of(saved)) == ['b/ifcfg-eth0', 'c/ifcfg-eth3'], result
    assert is_what_the_tree_says(saved)


def test_a_save_that_fails_leaves_the_files_and_the_wire(saved):
    saved.sh('mkdir %s/c; echo ADDR=1 >%s/c/ifcfg-eth0' % (TREE, TREE))
    before, wires = tree_of(saved), saved('ls').out
    result = saved(*ONE + ('--save', '--replace', 'c:eth0=10.0.0.1/24', B))
    assert result.status == 2 and 'ADDR' in result.err, result
    assert tree_of(saved) == before and saved('ls').out == wires


def test_replace_names_the_wire_that_went(saved):
    result = saved(*ONE + ('--replace', 'c:eth0=10.0.0.1/24', B))
    assert '; in place of one: netns://a:eth0 <-> netns://b:eth0\n' in result.out, result
    assert 'in place' not in saved(*ONE + ('--replace', 'c:eth0=10.0.0.5/24', B)).out
    document = json.loads(saved(*ONE + ('--json', '--replace', A, B)).out)
    assert document['wires'][0]['replaced'] == [{'name': 'one', 'ends': ['netns://c:eth0', 'netns://b:eth0']}]
    assert json.loads(saved(*ONE + ('--json', A, B)).out)['wires'][0]['replaced'] == []


@pytest.fixture
def with_servers(saved):
    """The same, with DNS1 in the file of a's link, and up."""
    saved.sh('echo DNS1=10.0.0.53 >>%s/a/ifcfg-eth0' % TREE)
    assert saved('up').status == 0
    assert '10.0.0.53' in servers(saved, 'a')
    return saved


@pytest.mark.parametrize('words', [
    ('unwire', 'one'), ('unwire', 'a', 'b'), ('unwire', '--all'), ('unwire', '--forget', 'one'), ('down',),
    ('config', 'forget', 'one'), ONE + ('--replace', 'c:eth0=10.0.0.1/24', B),
    ONE + ('--replace', '--save', 'c:eth0=10.0.0.1/24', B),
], ids=' '.join)
def test_a_resolv_conf_goes_with_the_wire_or_the_file_that_asked_for_it(with_servers, words):
    assert with_servers(*words).status == 0
    assert servers(with_servers, 'a') == ''


def test_one_whose_file_a_person_removed_goes_with_the_next_up_and_no_other(with_servers):
    with_servers.sh('rm -r %s/a %s/b; mkdir -p /etc/netns/c; echo mine >/etc/netns/c/resolv.conf' % (TREE, TREE))
    assert with_servers('up').status == 0
    assert (servers(with_servers, 'a'), servers(with_servers, 'c')) == ('', 'mine\n')


def test_one_whose_file_cannot_be_read_stays(with_servers):
    with_servers.sh('echo NOKEY=1 >>%s/a/ifcfg-eth0' % TREE)
    assert with_servers('up').status == 2
    assert '10.0.0.53' in servers(with_servers, 'a')


def test_the_ends_of_a_wire_keep_their_order(host):
    host.sh('for name in a b c; do ip netns add $name; done')
    for words in (('one', B, A), ('two', 'bridge://br0:p', 'a:eth1'), ('three', 'host:h0', 'c:eth1'),
                  ('four', 'a:eth5', 'b:eth5'), ('c:eth7-b:eth7', 'c:eth7', 'b:eth7')):
        assert host('wire', '--save', '--no-check', '--name', *words).status == 0
    places = [[(end['target'], end['ifname']) for end in wire['ends']]
              for wire in json.loads(host('ls', '--json').out)['wires']]
    assert host('down').status == 0 and host('up').status == 0
    assert [[(end['target'], end['ifname']) for end in wire['ends']]
            for wire in json.loads(host('ls', '--json').out)['wires']] == places
    assert host('config', 'save', '--all').out == 'nothing to do: the tree is already up to date\n'
    assert sorted(place for place, text in tree_of(host).items() if 'WIRE_END=2\n' in text) == [
        'a/ifcfg-eth0', 'a/ifcfg-eth1', 'c/ifcfg-eth1']


def test_two_second_ends_are_refused(host):
    write(host, {'a/ifcfg-x': 'PEER=y\nPEER_NETNS=b\nWIRE_END=2\n', 'b/ifcfg-y': 'PEER=x\nPEER_NETNS=a\nWIRE_END=2\n'})
    result = host('config', 'check')
    assert result.status == 2 and '%s/a/ifcfg-x:3: WIRE_END is 2 here and at %s/b/ifcfg-y:3' % (TREE, TREE) \
        in result.out, result


def test_what_is_in_the_way_names_the_wire_that_has_it_and_a_way_out_that_helps(host):
    host.sh('for name in a b c; do ip netns add $name; done')
    assert host(*ONE + ('a:A=10.1.1.1/32', 'b:B=10.1.1.2/32')).status == 0
    link = host('wire', 'a:A=10.2.2.1/32', 'c:C=10.2.2.2/32')
    assert link.status == 4 and link.err.endswith(
        '\n  netns://a:A is an end of the wire one.\n  netnsctl unwire one\n'), link
    words = ('wire', 'a:C=10.1.1.3/32', 'c:C=10.1.1.2/32')
    route = host(*words)
    assert route.status == 4 and '--replace' not in route.err, route
    assert '  It belongs to the wire one (netns://a:A)' in route.err and route.err.endswith('netnsctl unwire one\n')
    assert host('unwire', 'one').status == 0
    host.sh('ip -n a link add d1 type veth peer name e1; ip -n a link set d1 up; ip -n a link set e1 up;'
            'ip -n a route add 10.1.1.2/32 dev d1')
    assert '\n  --replace displaces it until unwire.\n' in host(*words).err
    host.sh('ip -n a route replace 10.1.1.2/32 nexthop dev d1 nexthop dev e1')
    result = host(*words)
    assert result.status == 4 and 'by several next hops' in result.err and '--replace' not in result.err, result


@pytest.mark.parametrize('place,call', [('b/ifcfg-eth0', 'openat'), ('b', 'getdents64')], ids=['a file', 'a directory'])
def test_where_the_disk_does_not_let_the_old_files_be_read_nothing_is_changed(saved, place, call):
    inject.available()
    before, path = tree_of(saved), saved.sh('readlink -f %s/%s' % (TREE, place)).strip()
    words = ONE + ('--save', '--replace', A, 'c:eth0=10.0.0.2/24')
    argv = ['strace', '-qq', '-o', '/dev/null', '-P', path, '-e', 'trace=' + call,
            '-e', 'inject=%s:error=EIO:when=1+' % call] + saved.argv(*words)
    refused = process.run(argv, environ=saved.environ())
    assert refused.status == 1 and 'read %s: Input/output error' % path in refused.err, refused
    assert tree_of(saved) == before and is_what_the_tree_says(saved)
    done = saved(*words)
    assert done.status == 0 and sorted(tree_of(saved)) == ['a/ifcfg-eth0', 'c/ifcfg-eth0'], done


@pytest.mark.parametrize('signum', ['TERM', 'INT'])
def test_a_signal_as_the_last_of_the_old_files_goes_puts_all_back(saved, signum):
    inject.available()
    before = tree_of(saved)
    words = ONE + ('--save', '--replace', A, 'c:eth0=10.0.0.2/24')
    result = inject.inject(saved, 'rmdir', 'signal=' + signum, 1, words, only_netnsctl=True)
    assert result.status == {'TERM': 143, 'INT': 130}[signum], result
    assert tree_of(saved) == before and is_what_the_tree_says(saved), result


@pytest.mark.parametrize('number', range(1, 6))
def test_a_signal_as_the_new_files_are_written_brings_back_the_old_wire_and_its_files(saved, number):
    inject.available()
    before = tree_of(saved)
    words = ONE + ('--backend', 'netlink', '--save', '--replace', 'c:eth0=10.0.0.1/24', B)
    result = inject.inject(saved, 'fsync', 'signal=INT', number, words, only_netnsctl=True)
    if result.status == 0:
        pytest.skip('there are not so many calls')
    assert result.status == 130 and tree_of(saved) == before, result
    assert 'netns://a:eth0' in saved('ls').out and is_what_the_tree_says(saved)
