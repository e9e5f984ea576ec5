"""One namespace has many spellings: whichever is used, it is the same end, and the wire that has it is found."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import process
from support.aside import Aside
from support.own_docker import OwnDocker
from support.tree import tree_of, write


@pytest.fixture
def own_docker(tmpdir):
    """A support.own_docker.OwnDocker with the containers web and db."""
    made = OwnDocker(str(tmpdir.join('docker.sock')))
    made.run('web')
    made.run('db')
    yield made
    made.close()


@pytest.fixture
def spellings(netns):
    """([spellings of one new namespace that has a process in it], [spellings of another])"""
    found, holders = [], []
    for name in (netns('a'), netns('b')):
        holders.append(process.start(['ip', 'netns', 'exec', name, 'sleep', '1000000']))
        pid = holders[-1].pid
        while os.stat('/proc/%d/ns/net' % pid).st_ino != os.stat('/run/netns/' + name).st_ino:
            pass
        found.append([name, 'netns://' + name, '/run/netns/' + name, 'path:///var/run/../run/netns/' + name,
                      'pid://%d' % pid, 'pid:%d' % pid, '%d' % pid, '/proc/%d/ns/net' % pid])
    yield found
    for holder in holders:
        holder.kill()
        process.finish(holder)


@pytest.fixture
def containers(own_docker):
    """The same of the containers web and db."""
    return [[name, 'docker://' + name, 'docker:' + name, own_docker.ids[name], 'docker://' + own_docker.ids[name],
             'docker:' + own_docker.ids[name][:12], own_docker.ids[name][:20], '%d' % own_docker.pids[name],
             '/proc/%d/ns/net' % own_docker.pids[name]] for name in ('web', 'db')]


@pytest.fixture(params=['namespaces', 'containers'])
def ends(request, run_netnsctl):
    """(a function that runs netnsctl with a state of its own, spellings of one end, spellings of the other)"""
    if request.param == 'namespaces':
        one, other = request.getfixturevalue('spellings')
        environ = {}
    else:
        environ = request.getfixturevalue('own_docker').environ
        one, other = request.getfixturevalue('containers')
    aside = Aside(run_netnsctl)
    yield (lambda *words: aside(*words, environ=environ)), one, other
    aside('unwire', '--all', environ=environ)
    aside.close()


def names(run):
    return [wire['name'] for wire in json.loads(run('ls', '--json').out)['wires']]


@pytest.mark.parametrize('made_by', [0, pytest.param(3, marks=pytest.mark.thorough),
                                     pytest.param(4, marks=pytest.mark.thorough), -1])
@pytest.mark.parametrize('links', [(':A', ':B'), ('', '')], ids=['links named', 'links not named'])
def test_a_wire_asked_for_again_in_any_spelling_is_the_same_wire(ends, made_by, links):
    run, ones, others = ends
    a, b = [':'.join(part for part in (end[made_by], link[1:]) if part) for end, link in zip((ones, others), links)]
    made = run('wire', a + '=10.1.1.1/24', b + '=10.1.1.2/24')
    assert made.status == 0 and made.out.startswith('wired '), made
    name, = names(run)
    for at, one in enumerate(ones):
        words = [one + links[0] + '=10.1.1.1/24', others[-at] + links[1] + '=10.1.1.2/24']
        again = run('wire', *words)
        assert again.status == 0 and again.out.startswith('already wired: %s: ' % name), again
        assert 'already wired: ' + name in run('wire', '--dry-run', *words[::-1]).err
    assert names(run) == [name]
    differs = run('wire', ones[-2] + links[0] + '=10.1.1.3/24', others[1] + links[1] + '=10.1.1.2/24')
    assert differs.status == 4 and 'asked for 10.1.1.3/24' in differs.err, differs
    gone = run('unwire', others[2], ones[-2])
    assert (gone.status, gone.out) == (0, 'unwired %s\n' % name), gone
    assert names(run) == []


def test_a_wire_with_a_name_is_the_same_in_any_spelling(ends):
    run, ones, others = ends
    assert run('wire', '--name', 'w', ones[0], others[0]).status == 0
    for one, other in zip(ones, reversed(others)):
        again = run('wire', '--name', 'w', other, one)
        assert again.status == 0 and again.out.startswith('already wired: w: '), again


@pytest.mark.parametrize('made_by', [0, 4, -1])
@pytest.mark.parametrize('words', [('unwire',), ('show',), ('check',), ('ls',), ('config', 'save')],
                         ids=' '.join)
def test_an_end_in_any_spelling_where_a_name_is_wanted_is_answered_with_the_name(ends, words, made_by):
    run, ones, others = ends
    assert run('wire', '--name', 'w', ones[made_by] + ':eth0=10.1.1.1/24', others[0] + ':eth0=10.1.1.2/24').status == 0
    for word in ones + [others[-1] + ':eth0']:
        result = run(*words + (word,))
        assert result.status == 3 and result.out == '', result
        assert result.err == ('netnsctl: %s %s: no wire has this name; it is an end of w\n  netnsctl %s w\n'
                              % (' '.join(words), word, ' '.join(words))), result
    assert run('wire', '--name', 'w2', ones[0] + ':eth1', 'bridge://nt-spell').status == 0
    result = run(*words + (ones[1],))
    assert result.status == 4 and 'it is an end of 2: w, w2\n' in result.err, result
    assert 'no such wire' in run(*words + ('nobody',)).err
    assert names(run) == ['w', 'w2']


@pytest.fixture
def engine_host(run_netnsctl, own_docker):
    """A throwaway host that asks the OwnDocker."""
    made = Aside(run_netnsctl)
    yield lambda *words: made(*words, environ=own_docker.environ)
    made('unwire', '--all', environ=own_docker.environ)
    made.close()


def test_a_container_that_was_restarted_is_found_by_its_other_names(engine_host, own_docker):
    run, identity = engine_host, own_docker.ids['web']
    words = ['web:eth0=10.1.1.1/24', 'db:eth0=10.1.1.2/24']
    assert run('wire', '--name', 'w', *words).status == 0
    own_docker.restart('web')
    assert 'lost' in run('ls').out
    again = run('wire', '--name', 'w', 'docker://' + identity + ':eth0=10.1.1.1/24', words[1])
    assert again.status == 0 and again.out.startswith('wired w: '), again
    own_docker.restart('web')
    assert run('unwire', 'web', 'docker:' + own_docker.ids['db'][:12]).out == 'unwired w\n'
    assert run('wire', '--name', 'w', *words).status == 0
    own_docker.restart('db')
    assert run('unwire', 'docker:' + own_docker.ids['db'][:12], 'web').out == 'unwired w\n'


@pytest.mark.parametrize('before', ['name', 'ID'])
def test_a_lost_wire_without_a_name_is_made_again_under_its_own_in_other_words(engine_host, own_docker, before):
    run, words = engine_host, ['web', own_docker.ids['web'], own_docker.ids['web'][:12]]
    words = words if before == 'name' else words[::-1]
    own_docker.run('other')
    for far in ('db:eth0=10.1.1.2/24', 'bridge://nt-spell=10.1.1.2/24', 'other=10.1.1.2/24'):
        near = ['%s%s=10.1.1.1/24' % (word, '' if 'other' in far else ':eth0') for word in words]
        assert run('wire', near[0], far).status == 0
        name, = names(run)
        for word in near[1:]:
            own_docker.restart('web')
            assert 'netnsctl unwire' in run('wire', '--dry-run', word, far).out
            again = run('wire', far, word)
            assert again.status == 0 and again.out.startswith('wired %s: ' % name), again
            assert names(run) == [name]
        assert run('unwire', name).status == 0


def test_a_container_that_took_over_a_name_is_not_the_end_of_the_wire(engine_host, own_docker):
    run = engine_host
    assert run('wire', '--name', 'w', 'web:eth0=10.1.1.1/24', 'db:eth0=10.1.1.2/24').status == 0
    own_docker.rename('web', 'old')
    own_docker.run('web')
    for words in (('unwire', 'web', 'db'), ('unwire', 'docker://web:eth0', 'db:eth0')):
        result = run(*words)
        assert result.status == 3 and result.out == '', result
    result = run('wire', '--name', 'w', 'web:eth0=10.1.1.1/24', 'db:eth0=10.1.1.2/24')
    assert result.status == 4 and 'docker://web is now another network namespace' in result.err, result
    again = run('wire', '--name', 'w', 'old:eth0=10.1.1.1/24', 'db:eth0=10.1.1.2/24')
    assert again.status == 0 and again.out.startswith('already wired: w: '), again
    assert run('unwire', 'old', 'db').out == 'unwired w\n'


def test_the_tree_knows_a_wire_that_was_made_in_another_spelling(host, own_docker):
    run = lambda *words: host(*words, environ=own_docker.environ)  # noqa: E731
    write(host, {'docker:web/ifcfg-eth0': 'PEER=eth0\nPEER_NETNS=docker://db\nIPADDR=10.1.1.1\nPREFIX=24\n',
                 'docker:db/ifcfg-eth0': 'PEER=eth0\nPEER_NETNS=docker://web\nIPADDR=10.1.1.2\nPREFIX=24\n'})
    identity, pid = own_docker.ids['web'], own_docker.pids['db']
    assert run('wire', '--no-check', '--name', 'w', 'docker://%s:eth0=10.1.1.1/24' % identity,
               '%d:eth0=10.1.1.2/24' % pid).status == 0
    for words in ((), ('web',), ('docker:' + identity[:12],), (identity,), ('pid:%d' % pid,),
                  ('/proc/%d/ns/net' % pid, 'web')):
        result = run('up', *words)
        assert (result.status, result.out) == (0, 'nothing to do: the wire matches the tree\n'), result
    assert run('config', 'check', '%d' % pid).status == 0
    assert run('config', 'forget', '--stale').out.startswith('nothing to do')
    result = run('config', 'forget', '%d' % pid)
    assert result.status == 3 and 'it is an end of w\n  netnsctl config forget w\n' in result.err, result
    assert run('down', '/proc/%d/ns/net' % own_docker.pids['web']).out == 'unwired w\n'
    assert run('up', 'docker:' + identity[:12]).out.startswith('wired ')


def test_a_path_of_a_named_namespace_is_its_name(host):
    host.sh('ip netns add a; ip netns add b; ln -s /run /tmp/run-$$; echo $$ >/run/number')
    path = '/tmp/run-%s' % host.sh('cat /run/number').strip()
    try:
        result = host('wire', '--save', '--no-check', path + '/netns/a:A', '/var/run/netns/b:B')
    finally:
        host.sh('rm ' + path)
    assert result.status == 0 and result.out.startswith('wired a:A-b:B: netns://a:A '), result
    assert host('up', '/run/netns/a').out.startswith('nothing to do: the wire matches ')


def test_what_stays_of_stopped_containers_is_removed_by_name(host, own_docker):
    run = lambda *words: host(*words, environ=own_docker.environ)  # noqa: E731
    host.sh('ip netns add a; ip netns add b')
    for name, end in (('w1', 'a:eth1'), ('w2', 'docker://web:eth2'), ('w3', 'b:eth3')):
        assert run('wire', '--save', '--no-check', '--name', name, end, 'host:h' + name).status == 0
    own_docker.stop('web')
    result = run('unwire', '--all')
    assert 'of 3 wires stay' in result.err and result.err.endswith(
        'to remove them: netnsctl config forget --stale; netnsctl config forget w2\n'), result
    assert run('config', 'forget', '--stale').status == 0
    assert sorted(tree_of(host)) == ['docker:web/ifcfg-eth2', 'host/ifcfg-hw2']
    assert run('config', 'forget', 'w2').status == 0 and tree_of(host) == {}


def test_a_wire_that_is_replaced_in_another_spelling_keeps_its_files(host, own_docker):
    run = lambda *words: host(*words, environ=own_docker.environ)  # noqa: E731
    words = ('wire', '--save', '--no-check', '--name', 'w')
    assert run(*words + ('web:eth0=10.1.1.1/24', 'db:eth0=10.1.1.2/24')).status == 0
    files = sorted(tree_of(host))
    pid = '%d' % own_docker.pids['db']
    result = run(*words + ('--replace', 'docker://%s:eth0=10.1.1.1/24,mtu=1400' % own_docker.ids['web'],
                           pid + ':eth0=10.1.1.2/24,mtu=1400'))
    assert result.out.startswith('wired w: docker://web:eth0 10.1.1.1/24 <-> docker://db:eth0 10.1.1.2/24 '), result
    assert 'in place of' not in result.out and sorted(tree_of(host)) == files, result
    # One that was made by a PID is called by its name as soon as there is one.
    assert run('unwire', '--forget', 'w').status == 0
    assert run('wire', '--no-check', '--name', 'w', pid + ':eth0=10.1.1.1/24', 'web:eth0=10.1.1.2/24').status == 0
    result = run('wire', '--no-check', '--replace', '--name', 'w', 'db:eth0=10.1.1.5/24', 'web:eth0=10.1.1.2/24')
    assert result.out.startswith('wired w: docker://db:eth0 10.1.1.5/24 '), result


@pytest.mark.parametrize('options', [(), ('--atomic',)], ids=' '.join)
def test_two_spellings_of_one_wire_in_a_file_are_one_wire(spellings, run_netnsctl, options):
    ones, others = spellings
    aside = Aside(run_netnsctl)
    try:
        feed = '%s %s\n%s %s\n' % (ones[0], others[0], ones[4], others[-1])
        result = aside('wire', '-f', '-', *options, feed=feed)
        assert result.status == 0 and [line.split(':')[0] for line in result.out.splitlines()] == [
            'wired %s-%s' % (ones[0], others[0]), 'already wired'], result
        assert aside('unwire', '--all').status == 0
        result = aside('wire', '-f', '-', *options, feed='%s %s\n%s %s\n' % (ones[0], others[0], ones[2], others[3]))
        if options:
            assert result.status == 2 and '-:2: it is the same wire as line 1: ' in result.err, result
            result = aside('wire', '-f', '-', *options, feed='%s:x %s --name w\n%s:y %s --name w\n' % (
                ones[0], others[0], ones[0], others[0]))
            assert result.status == 2 and '-:2: it has the same name as line 1: w' in result.err, result
        else:
            assert result.status == 0 and result.out.count('already wired') == 1, result
    finally:
        aside('unwire', '--all')
        aside.close()


def test_containers_that_swapped_their_names_have_the_same_wire(engine_host, own_docker):
    run = engine_host
    assert run('wire', '--no-check', '--name', 'w', 'web', 'db').status == 0
    for old, new in (('web', 'x'), ('db', 'web'), ('x', 'db')):
        own_docker.rename(old, new)
    again = run('wire', '--name', 'w', 'web', 'db')
    assert again.status == 0 and again.out.startswith('already wired: w: '), again


def test_lines_whose_ends_make_one_name_are_two_wires_and_told_to_be_named(host):
    host.sh('for name in a-b c a b-c; do ip netns add $name; done')
    for second in ('a=10.2.0.1/24 b-c=10.2.0.2/24', 'b-c a'):
        result = host('wire', '-f', '-', '--atomic', feed='a-b=10.1.0.1/24 c=10.1.0.2/24\n%s\n' % second)
        assert (result.status, result.out) == (2, ''), result
        assert result.err == ('netnsctl: -:2: it has the same name as line 1: a-b-c\n'
                              '  Give this one another name with --name.\n'), result
    named = host('wire', '-f', '-', '--atomic', '--no-check', feed='a-b c\na b-c --name other\n')
    assert named.status == 0 and named.out.count('wired ') == 2, named
