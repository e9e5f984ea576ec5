"""Files that are written are named, files that stay are named, and there is a way to remove them."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import inject
from support.tree import TREE, tree_of, wires, write

WIRE = ('wire', '--no-check', '--name', 'ab', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32')


@pytest.fixture
def saved(host):
    """A host with the wire ab, saved, and another one of the tree that is wired too."""
    write(host, {'c/ifcfg-e': 'PEER=q\nIPADDR=10.5.0.1\nPREFIX=24\n'})
    host.sh('ip netns add a; ip netns add b')
    assert host('up').status == 0
    result = host(*WIRE[:1] + ('--save',) + WIRE[1:])
    assert result.status == 0
    assert result.out.splitlines()[1:] == ['wrote %s/a/ifcfg-A' % TREE, 'wrote %s/b/ifcfg-B' % TREE]
    return host


def test_a_save_again_says_that_there_is_nothing_to_save(saved):
    assert saved(*WIRE[:1] + ('--save',) + WIRE[1:]).out.splitlines()[1:] == [
        'nothing to save: the tree is already up to date']
    document = json.loads(saved(*WIRE[:1] + ('--json', '--save') + WIRE[1:]).out)
    assert document['wires'][0]['saved'] == []


def test_unwire_says_that_files_stay_and_config_forget_removes_them(saved):
    result = saved('unwire', 'ab')
    assert result.status == 0 and 'netnsctl config forget ab' in result.err, result
    assert saved('unwire', 'c:e-host:q').err.count('netnsctl config forget c:e-host:q') == 1
    assert 'wired' in saved('up').out and wires(saved) == ['ab', 'c:e-host:q']
    result = saved('config', 'forget', 'ab')
    assert result.out.splitlines() == ['removed %s/a/ifcfg-A' % TREE, 'removed %s/b/ifcfg-B' % TREE], result
    assert sorted(tree_of(saved)) == ['c/ifcfg-e'] and wires(saved) == ['ab', 'c:e-host:q']  # what is wired stays
    assert saved('unwire', 'ab').err == '' and saved('up').out.count('wired') == 0


def test_unwire_forget_removes_the_files_of_its_wires_alone(saved):
    saved.sh('echo 10.9.0.0/16 >%s/a/route-A; echo from 10.1.1.1 table 7 priority 7 >%s/a/rule-A;'
             'echo IPADDR=10.1.1.9 >%s/a/ifcfg-A:0; cp %s/a/ifcfg-A %s/a/ifcfg-A.old' % ((TREE,) * 5))
    assert saved('up').status == 0
    result = saved('unwire', '--forget', 'ab')
    assert result.status == 0, result
    assert sorted(tree_of(saved)) == ['a/ifcfg-A.old', 'c/ifcfg-e'] and wires(saved) == ['c:e-host:q']
    document = json.loads(saved('unwire', '--forget', '--json', 'c:e-host:q').out)
    assert document['unwired'] == ['c:e-host:q'] and document['removed_files'] == ['%s/c/ifcfg-e' % TREE]
    assert 'wired' not in saved('up').out


def test_unwire_all_forget_says_which_files_stay_and_what_removes_them(saved):
    assert saved('down').status == 0
    before = tree_of(saved)
    for words in ((), ('--dry-run',), ('--json',)):
        result = saved('unwire', '--all', '--forget', *words)
        assert result.status == 0 and tree_of(saved) == before, result
        assert 'the files of 2 wires stay' in result.err and ': netnsctl config forget --stale\n' in result.err, result
    assert saved('wire', 'a:C', 'b:C').status == 0 and saved('up', 'c').status == 0
    result = saved('unwire', '--all', '--forget')
    assert result.err.count('to remove them: netnsctl config forget ab\n') == 1, result
    assert sorted(tree_of(saved)) == ['a/ifcfg-A', 'b/ifcfg-B']
    saved.sh('rm -r /run/netnsctl')  # as after a boot
    assert 'netnsctl config forget ab\n' in saved('unwire', '--all', '--forget').err
    assert saved('config', 'forget', 'ab').status == 0 and saved('unwire', '--all', '--forget').err.count('\n') == 1


def test_forget_of_a_name_that_nothing_has_is_3_and_removes_nothing(saved):
    before = tree_of(saved)
    result = saved('config', 'forget', 'ab', 'nosuch')
    assert result.status == 3 and 'nosuch' in result.err and tree_of(saved) == before, result
    assert saved('unwire', '--forget', 'nosuch').status == 3 and tree_of(saved) == before
    for words in ((), ('ab', '--stale')):
        assert saved('config', 'forget', *words).status == 2


def test_stale_files_are_those_of_wires_that_are_not_there(saved):
    write(saved, {'d/ifcfg-e': 'PEER=s\nIPADDR=10.6.0.1\nPREFIX=24\nONBOOT=no\n',
                  'x/ifcfg-bad': 'NOSUCH=1\n'})
    result = saved('config', 'forget', '--stale')
    assert result.status == 0 and 'nothing to do' in result.out, result
    assert saved('unwire', 'ab').status == 0
    result = saved('config', 'forget', '--stale')
    assert result.out.splitlines() == ['removed %s/a/ifcfg-A' % TREE, 'removed %s/b/ifcfg-B' % TREE], result
    assert sorted(tree_of(saved)) == ['c/ifcfg-e', 'd/ifcfg-e', 'x/ifcfg-bad']


def test_before_anything_was_wired_nothing_is_stale(host):
    write(host, {'c/ifcfg-e': 'PEER=q\nIPADDR=10.5.0.1\nPREFIX=24\n'})
    result = host('config', 'forget', '--stale')
    assert result.status == 1 and 'netnsctl up' in result.err and sorted(tree_of(host)) == ['c/ifcfg-e'], result


def test_a_bridges_file_goes_with_the_last_wire_of_the_tree_at_it(host):
    write(host, {'a/ifcfg-e': 'BRIDGE=br0\nIPADDR=10.7.0.2\nPREFIX=24\n',
                 'b/ifcfg-e': 'BRIDGE=br0\nIPADDR=10.7.0.3\nPREFIX=24\n',
                 'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.7.0.1\nPREFIX=24\n'})
    assert host('up').status == 0
    assert host('config', 'forget', 'a:e-br0').status == 0 and sorted(tree_of(host)) == ['b/ifcfg-e', 'host/ifcfg-br0']
    assert host('config', 'forget', 'b:e-br0').status == 0 and tree_of(host) == {}


def test_render_into_a_folder_adds_to_what_is_there_and_overwrites_no_other_wire(host):
    host.sh('ip netns add a; ip netns add b; ip -n a link add eth0 type veth peer name z')
    dry = host('wire', '--dry-run', 'a', 'b').out
    assert ' eth1 ' in dry, dry
    result = host('config', 'render', '--root', '/', 'a=10.1.1.1/32', 'b=10.1.1.2/32')
    assert result.status == 0 and sorted(tree_of(host)) == ['a/ifcfg-eth1', 'b/ifcfg-eth0'], result
    host.sh('printf "# mine\\nDNS1=127.0.0.1\\n" >>%s/a/ifcfg-eth1' % TREE)
    before = tree_of(host)
    # Another wire that would have the same end:
    result = host('config', 'render', '--root', '/', 'a:eth1=10.1.1.1/32', 'c:x=10.1.1.2/32')
    assert result.status == 2 or 'c' in result.err
    for ends in (('a:eth1=10.1.1.1/32', 'netns://c:x=10.1.1.2/32'), ('a:eth1=10.1.1.1/32', 'bridge://br0')):
        result = host('config', 'render', '--root', '/', *ends)
        assert result.status == 4 and '%s/a/ifcfg-eth1:' % TREE in result.err and 'another wire' in result.err, result
        assert tree_of(host) == before
    # The same wire with another address: comments and what no wire knows stay.
    result = host('config', 'render', '--root', '/', 'a:eth1=10.1.1.7/32', 'b:eth0=10.1.1.2/32')
    assert result.out.splitlines() == ['wrote %s/a/ifcfg-eth1' % TREE], result
    assert '# mine\nDNS1=127.0.0.1\n' in tree_of(host)['a/ifcfg-eth1']
    assert host('config', 'render', '--root', '/', 'a:eth1=10.1.1.7/32',
    'b:eth0=10.1.1.2/32').out.startswith('nothing to')


def test_a_file_that_cannot_be_used_stays_and_is_named(saved):
    """Nobody knows what wire it is of: perhaps another one that is plugged into the same bridge."""
    saved.sh('ip netns add e')
    assert saved('wire', '--save', '--name', 'eb', 'e:x=10.8.0.2/24', 'bridge://brf=10.8.0.1/24').status == 0
    write(saved, {'x/ifcfg-bad': 'NOSUCH=1\n'})
    assert saved('unwire', 'eb').status == 0
    result = saved('config', 'forget', '--stale')
    assert result.status == 0 and 'x/ifcfg-bad:1: ' in result.err and ': it stays' in result.err, result
    assert 'removed %s/e/ifcfg-x' % TREE in result.out, result
    assert 'host/ifcfg-brf' in tree_of(saved) and 'x/ifcfg-bad' in tree_of(saved)


def test_unwire_forget_names_the_files_that_it_cannot_use(saved):
    saved.sh('echo NOSUCH=1 >%s/a/ifcfg-A' % TREE)
    result = saved('unwire', '--forget', 'ab')
    assert result.status == 1 and 'unwired ab' in result.out, result
    assert 'unwire --forget ab: %s/a/ifcfg-A:1: ' % TREE in result.err and 'the file stays' in result.err, result
    assert 'a/ifcfg-A' in tree_of(saved)


@pytest.mark.parametrize('words, status, said', [
    (['unwire', '--forget'], 1, 'unwire --forget: '), (['config', 'forget'], 0, '')])
def test_the_file_of_a_bridge_that_another_one_may_need_stays_and_is_named(saved, words, status, said):
    assert saved('wire', '--save', '--name', 'cb', 'c:x=10.8.0.2/24', 'bridge://brf=10.8.0.1/24').status == 0
    write(saved, {'x/ifcfg-bad': 'NOSUCH=1\n'})
    result = saved(*words + ['cb'])
    assert result.status == status and 'netnsctl: %s%s/host/ifcfg-brf: others may need it: %s/x/ifcfg-bad:1: ' % (
        said, TREE, TREE) in result.err, result
    assert 'removed %s/c/ifcfg-x\n' % TREE in result.out and 'host/ifcfg-brf' in tree_of(saved), result


def test_unwire_forget_names_the_files_that_it_cannot_read(saved):
    inject.available()
    place = TREE + '/b/ifcfg-B'
    result = inject.traced(saved, ['unwire', '--forget', 'ab'], '-P', place, '-e', 'trace=openat,open', '-e',
                           'inject=openat,open:error=EIO')
    assert result.status == 1 and 'unwire --forget ab: read %s: ' % place in result.err, result
    assert saved('unwire', '--if-exists', '--forget', 'ab').status == 0 and sorted(tree_of(saved)) == ['c/ifcfg-e']


@pytest.mark.parametrize('words', [['unwire', '--forget'], ['config', 'forget']])
def test_nothing_is_forgotten_where_it_cannot_be_read_what_else_is_plugged_into_the_bridge(saved, words):
    inject.available()
    assert saved('wire', '--save', '--name', 'cb', 'c:x=10.8.0.2/24', 'bridge://brf=10.8.0.1/24').status == 0
    before = tree_of(saved), wires(saved)
    result = inject.traced(saved, words + ['cb'], '-P', TREE + '/b', '-e', 'trace=openat,open', '-e',
                           'inject=openat,open:error=EMFILE')
    assert result.status == 1, result
    assert 'netnsctl: %s: %s/b: read %s/b: ' % (' '.join(words), TREE, TREE) in result.err, result
    assert (tree_of(saved), wires(saved)) == before
    assert saved(*words + ['cb']).status == 0 and 'host/ifcfg-brf' not in tree_of(saved)


def test_what_killed_saves_left_goes_with_the_files(saved):
    saved.sh('cp %s/a/ifcfg-A %s/b/ifcfg-B.999999.old.tmp' % (TREE, TREE))
    assert saved('config', 'forget', 'ab').status == 0
    assert not [place for place in tree_of(saved) if place.startswith(('a/', 'b/'))]
