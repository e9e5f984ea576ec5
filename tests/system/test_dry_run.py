"""`netnsctl wire --dry-run`: commands that, pasted into a shell, give the network that wiring gives; and no change."""

from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import process
from support.inside import addresses, enter, ip, links, pings, routes
from support.untouched import assert_untouched, own_state


def network(*spaces):
    """What a person sees of these namespaces' links, addresses and routes, without indexes and random MAC addresses."""
    found = []
    for ns in spaces:
        for name, link in sorted(links(ns).items()):
            if ns is None and not name.endswith('%d' % os.getpid()):
                continue
            found.append(
                (
                    name,
                    link['mtu'],
                    addresses(ns, name),
                    link.get('master'),
                    link.get('ifalias'),
                    link['linkinfo']['info_kind'],
                    'UP' in link['flags'],
                )
            )
        found.append([line for line in routes(ns) if ns is not None or line.endswith('%d' % os.getpid())])
    return found


def paste(text):
    """Runs text in a shell as a person would paste it."""
    result = process.run(['sh', '-e', '-c', text])
    assert result.status == 0 and result.err == '', (text, result)


def same_by_hand_and_by_wire(run_netnsctl, words, spaces, **options):
    before = own_state()
    dry = run_netnsctl('wire', '--dry-run', *words, **options)
    assert dry.status == 0 and dry.err == '', dry
    assert_untouched(before, 0.3)
    paste(dry.out)
    by_hand = network(*spaces)
    assert by_hand != network()
    return dry.out, by_hand


def take_away(spaces):
    """What a person would do to take a pasted wire away."""
    for ns in spaces:
        if ns is not None:
            for name in links(ns):
                process.run(enter(ns) + ['ip', 'link', 'delete', 'dev', name])


CASES = {
    'names': '{0}:A=10.1.1.1/32 {1}:B=10.1.1.2/32',
    'both families': '{0}:A=10.1.1.1/24,fd00::1/64,gw=10.1.1.2,gw=fd00::2,mtu=1400 '
    '{1}:B=10.1.1.2/24,fd00::2/64,route=10.8.0.0/16@10.1.1.1,mtu=1400',
    'hosts of ipv6': '{0}:A=fd00::1 {1}:B=fd00::2',
    'the pool': '{0} {1} --pool 10.240.0.0/24',
    'host': 'host:h{2}=10.241.0.1 {1}:B=10.241.0.2',
    'host second': '{1}:B=10.241.0.2 host:h{2}=10.241.0.1',
    'bridge': '{0}:A=10.242.0.2/24,gw=10.242.0.1 bridge://b{2}=10.242.0.1/24',
}


@pytest.mark.parametrize('case', sorted(CASES))
@pytest.mark.parametrize('which_ip', ['host', 'rdo'])
def test_pasted_text_gives_the_same_network_as_wiring(run_netnsctl, netns, rdo_ip, case, which_ip):
    a, b = netns('a'), netns('b')
    options = {'path': rdo_ip} if which_ip == 'rdo' else {}
    words = CASES[case].format(a, b, os.getpid()).split()
    before = own_state()
    text, by_hand = same_by_hand_and_by_wire(run_netnsctl, words, (a, b, None), **options)
    assert ('ip -n ' in text) == (which_ip == 'host')
    take_away((a, b))
    process.run(['ip', 'link', 'delete', 'dev', 'b%d' % os.getpid()])
    assert_untouched(before)
    assert run_netnsctl('wire', '--no-check', *words, **options).status == 0
    assert network(a, b, None) == by_hand


def test_pasted_text_for_pids_and_a_path(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    before = own_state()
    holder = process.start(['ip', 'netns', 'exec', a, 'sh', '-c', 'echo in; cat'])
    try:
        holder.stdout.readline()
        words = ['%d:A=10.1.1.1/32' % holder.pid, '/run/netns/%s:B=10.1.1.2/32' % b]
        text, by_hand = same_by_hand_and_by_wire(run_netnsctl, words, (a, b))
        assert 'ln -s /proc/%d/ns/net /var/run/netns/' % holder.pid in text
        assert pings(a, '10.1.1.2')
        take_away((a, b))
        assert_untouched(before)
        assert run_netnsctl('wire', '--no-check', *words).status == 0
        assert network(a, b) == by_hand
        assert run_netnsctl('unwire', *words).status == 0
    finally:
        process.finish(holder)
    assert_untouched(before)


def test_of_a_wire_that_stands_nothing_is_printed(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', a, b).status == 0
    before = own_state()
    result = run_netnsctl('wire', '--dry-run', a, b)
    assert (result.status, result.out) == (0, '') and 'already wired' in result.err, result
    differs = run_netnsctl('wire', '--dry-run', a + '=10.9.9.9', b)
    assert differs.status == 4 and differs.out == '', differs
    assert_untouched(before)


def test_of_a_file_and_as_json(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    before = own_state()
    feed = '%s:A=10.1.1.1 %s:A=10.1.1.2\n%s:B %s:B\n' % (a, b, a, b)
    text = run_netnsctl('wire', '-f', '-', '--dry-run', feed=feed)
    document = json.loads(run_netnsctl('wire', '-f', '-', '--dry-run', '--json', feed=feed).out)
    assert document['version'] == 1 and len(document['commands']) == len(text.out.splitlines()) == 14
    assert_untouched(before)
    paste(text.out)
    assert sorted(links(a)) == sorted(links(b)) == ['A', 'B'] and pings(a, '10.1.1.2')
    take_away((a,))


def test_of_a_file_whose_lines_name_no_interface_gives_each_its_own(run_netnsctl, netns):
    a, b, c = netns('a'), netns('b'), netns('c')
    text = run_netnsctl('wire', '-f', '-', '--dry-run', feed='%s %s\n%s %s\n' % (a, b, a, c))
    assert text.status == 0, text
    paste(text.out)
    assert sorted(links(a)) == ['eth0', 'eth1']
    take_away((a,))


def test_of_a_file_a_line_that_an_earlier_one_is_in_the_way_of_fails_as_it_will(run_netnsctl, netns):
    a, b, c = netns('a'), netns('b'), netns('c')
    names = {'a': a, 'b': b, 'c': c}
    lines = [line.format(**names) for line in (
        '{a} {b}', '{b} {a}', '{a}=10.1.1.1 {b}=10.1.1.2', '{a}:x=10.2.1.1 {c}:x=10.2.1.2 --name ac',
        '{a}:y=10.3.1.1 {c}:y=10.3.1.2 --name ac', '{a}:x=10.4.1.1 {b}:x=10.4.1.2', 'netns://{a} {b}')]
    feed = '\n'.join(lines) + '\n'
    before = own_state()
    dry = run_netnsctl('wire', '-f', '-', '--dry-run', '--json', feed=feed)
    assert_untouched(before)
    made = run_netnsctl('wire', '-f', '-', '--json', feed=feed)
    try:
        failed = [[(item['line'], item['exit_code']) for item in json.loads(result.out)['failed']]
                  for result in (dry, made)]
        assert failed[0] == failed[1] == [(3, 4), (5, 4), (6, 4)], (dry, made)
        assert dry.status == made.status == 4 and dry.err.count('already wired: %s-%s' % (a, b)) == 2, dry
    finally:
        for name in ('%s-%s' % (a, b), 'ac'):
            run_netnsctl('unwire', name)


def test_a_link_that_is_there_already_is_reported(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    ip(a, 'link', 'add', 'name', 'x', 'type', 'bridge')
    results = [run_netnsctl('wire', a + ':x', b + ':x', *option) for option in (('--dry-run',), ())]
    assert [result.status for result in results] == [4, 4] and results[0].out == '', results
    assert all('%s has a link named x already' % a in result.err for result in results), results


def test_one_that_replaces_names_its_links_as_it_will(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', a, b).status == 0
    shown = run_netnsctl('wire', '--dry-run', '--replace', a + '=10.1.1.1', b + '=10.1.1.2')
    assert shown.status == 0 and 'eth0' in shown.out and 'eth1' not in shown.out, shown
    assert run_netnsctl('unwire', a, b).status == 0


def test_of_a_file_that_replaces_what_one_line_removes_is_free_for_the_next(run_netnsctl, netns):
    a, b, c = netns('a'), netns('b'), netns('c')
    assert run_netnsctl('wire', a + ':A', b + ':B', '--name', 'w').status == 0
    feed = '%s:C %s:B --name w\n%s:A %s:x --name z\n' % (a, b, a, c)
    dry = run_netnsctl('wire', '-f', '-', '--dry-run', '--replace', feed=feed)
    assert dry.status == 0 and dry.out.count('netnsctl unwire') == 1, dry
    made = run_netnsctl('wire', '-f', '-', '--replace', feed=feed)
    assert made.status == 0 and sorted(links(a)) == ['A', 'C'], made
    assert run_netnsctl('unwire', 'w', 'z').status == 0


def test_of_a_file_what_a_line_that_fails_would_have_removed_is_still_there(run_netnsctl, netns):
    a, b, c = netns('a'), netns('b'), netns('c')
    ip(a, 'link', 'add', 'name', 'C', 'type', 'bridge')
    assert run_netnsctl('wire', a + ':A', b + ':B', '--name', 'w').status == 0
    feed = '%s:C %s:B --name w\n%s:A %s:x --name z\n' % (a, b, a, c)
    results = [run_netnsctl('wire', '-f', '-', '--replace', '--json', *option, **{'feed': feed})
               for option in (['--dry-run'], [])]
    assert [[item['line'] for item in json.loads(result.out)['failed']] for result in results] == [[1, 2]] * 2, results
    assert run_netnsctl('unwire', 'w').status == 0


def test_of_two_wires_on_one_new_bridge_makes_it_once(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    bridge = 'b%d' % os.getpid()
    text = run_netnsctl(
        'wire', '-f', '-', '--dry-run', feed='%s bridge://%s\n%s bridge://%s\n' % (a, bridge, b, bridge)
    )
    assert text.status == 0, text
    try:
        paste(text.out)
        assert len([link for link in links(None).values() if link.get('master') == bridge]) == 2
    finally:
        process.run(['ip', 'link', 'delete', 'dev', bridge])
        take_away((a, b))


def test_with_the_ip_of_el6_the_commands_are_for_a_newer_one_and_that_is_said(run_netnsctl, netns, old_ip):
    a, b = netns('a'), netns('b')
    result = run_netnsctl('wire', '--dry-run', a, b, path=old_ip)
    assert result.status == 0 and 'netns' in result.err and result.out.count('ip -n') == 7, result


def test_names_are_quoted_for_the_shell(run_netnsctl):
    name = 'nt%d-x $(id);' % os.getpid()
    ip(None, 'netns', 'add', name)
    ip(None, 'netns', 'add', 'nt%d-y' % os.getpid())
    try:
        result = run_netnsctl('wire', '--dry-run', 'netns://' + name, 'nt%d-y' % os.getpid())
        assert result.status == 0, result
        paste(result.out)
        assert sorted(links(name)) == ['eth0']
    finally:
        ip(None, 'netns', 'delete', name)
        ip(None, 'netns', 'delete', 'nt%d-y' % os.getpid())
