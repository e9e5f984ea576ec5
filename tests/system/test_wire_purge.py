"""`wire -f FILE --purge PATTERN`: what is wired is what the file says, and nothing else is touched."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support.tree import LINES, net, save_lines, tree_of


@pytest.fixture
def wired(host):
    """A throwaway host with the namespaces a, b and c, and two wires that are saved."""
    save_lines(host)
    return host


def wires(host):
    """{name: when it was made}"""
    return dict((wire['name'], wire['made']) for wire in json.loads(host('ls', '--json').out)['wires'])


def state(host):
    return wires(host), tree_of(host), net(host, 'a', 'b', 'c')


def test_what_the_file_lacks_goes_with_its_files_and_the_rest_stays(wired):
    assert wired('wire', '--name', 'other', 'a:o=10.9.0.1/32', 'b:o=10.9.0.2/32').status == 0
    before = wires(wired)
    done = wired('wire', '-f', '-', '--purge', 'ov-*', '--save', '--json', feed=LINES[0])
    assert done.status == 0, done
    document = json.loads(done.out)
    assert document['purged'] == ['ov-2'] and document['not_purged'] == []
    assert document['removed_files'] == ['/etc/sysconfig/netns/a/ifcfg-x2', '/etc/sysconfig/netns/c/ifcfg-x']
    assert [wire['changed'] for wire in document['wires']] == [False]
    del before['ov-2']
    assert wires(wired) == before and sorted(tree_of(wired)) == ['a/ifcfg-x1', 'b/ifcfg-x']
    again = json.loads(wired('wire', '-f', '-', '--purge', 'ov-*', '--save', '--json', feed=LINES[0]).out)
    assert again['purged'] == again['removed_files'] == []


def test_a_dry_run_says_so_and_changes_nothing(wired):
    before = state(wired)
    dry = wired('wire', '-f', '-', '--purge', 'ov-*', '--dry-run', '--json', feed=LINES[1])
    assert dry.status == 0, dry
    document = json.loads(dry.out)
    assert document['purged'] == ['ov-1'] and document['commands'] == ['netnsctl unwire ov-1']
    assert [(wire['name'], wire['changed'], wire['commands']) for wire in document['wires']] == [('ov-2', False, [])]
    assert state(wired) == before


def test_a_wire_takes_the_links_of_one_that_goes(wired):
    renamed = LINES[0].replace('ov-1', 'ov-3')
    dry = json.loads(wired('wire', '-f', '-', '--purge', '*', '--dry-run', '--json', feed=renamed).out)
    assert dry['purged'] == ['ov-1', 'ov-2'] and dry['failed'] == [] and dry['wires'][0]['changed']
    assert wired('wire', '-f', '-', '--purge', '*', feed=renamed).status == 0
    assert list(wires(wired)) == ['ov-3']


def test_with_a_malformed_line_nothing_is_removed_or_made(wired):
    before = state(wired)
    for more in ([], ['--dry-run']):
        done = wired('wire', '-f', '-', '--purge', '*', '--json', *more, feed='nonsense\na:n b:n')
        assert done.status == 2 and json.loads(done.out)['failed'][0]['line'] == 1, done
    assert state(wired) == before


def test_a_listed_wire_whose_end_is_gone_is_not_purged(wired):
    wired.sh('ip netns del c')
    done = wired('wire', '-f', '-', '--purge', '*', '--json', feed='\n'.join(LINES))
    document = json.loads(done.out)
    assert done.status == 3 and document['purged'] == [] and len(document['failed']) == 1, done


def test_spellings_of_the_same_ends_are_the_same_wire(wired):
    assert wired('wire', 'a:s=10.2.1.1/32', 'b:s=10.2.1.2/32').status == 0
    line = 'b:s=10.2.1.2/32 /run/netns/a:s=10.2.1.1/32'
    document = json.loads(wired('wire', '-f', '-', '--purge', 'a*', '--json', feed=line).out)
    assert document['purged'] == [] and not document['wires'][0]['changed'], document


@pytest.mark.parametrize('words', [['a', 'b'], ['-f', '-', '--atomic'], ['-f', '-', '--confirm', '9']])
def test_what_does_not_go_together_is_refused(run_netnsctl, words):
    done = run_netnsctl('wire', '--purge', '*', *words)
    assert done.status == 2 and '--purge' in done.err, done
