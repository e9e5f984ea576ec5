"""The stand-ins behave as the `ip` they stand for (el6: iproute2-ss091226; RDO's, with netns)."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.process import run


def ask(folder, *words, **options):
    """What the `ip` found first on that PATH answers."""
    path = '%s:/usr/sbin:/usr/bin:/sbin:/bin' % folder
    return run([os.path.join(folder, 'ip')] + list(words), environ={'PATH': path}, **options)


@pytest.mark.parametrize('word', ['net', 'netn', 'netns'])
def test_el6_knows_no_netns(old_ip, word):
    answer = ask(old_ip, word, 'list')
    assert (answer.status, answer.err) == (255, 'Object "%s" is unknown, try "ip help".\n' % word)


@pytest.mark.parametrize('option', ['-n', '-netns', '-json', '-j', '-all'])
def test_neither_knows_newer_options(old_ip, rdo_ip, option):
    for folder in (old_ip, rdo_ip):
        answer = ask(folder, option, 'x', 'link')
        assert (answer.status, answer.err) == (255, 'Option "%s" is unknown, try "ip -help".\n' % option)


def test_version_and_links_are_answered(old_ip):
    assert ask(old_ip, '-V').out == 'ip utility, iproute2-ss091226\n'
    assert 'lo:' in ask(old_ip, '-o', 'link', 'show', 'dev', 'lo').out


@pytest.mark.parametrize('words', [('link', 'set', 'lo', 'netns', 'x'), ('link', 'set', 'dev', 'lo', 'netns', 'x')])
def test_el6_takes_only_a_pid_after_netns(old_ip, words):
    answer = ask(old_ip, *words)
    assert answer.status == 255
    assert answer.err.startswith('Error: argument "x" is wrong: Invalid "netns" value\n')
    batch = ask(old_ip, '-batch', '-', feed=' '.join(words) + '\n')
    assert (batch.status, batch.err) == (255, answer.err)


def test_el6_moves_a_link_to_a_pid_even_in_a_batch(old_ip, netns):
    here, there = netns(), netns()
    enter = ['ip', 'netns', 'exec', here]
    holder = run(['ip', 'netns', 'exec', there, 'sh', '-c', 'sleep 30 >/dev/null 2>&1 & echo $!']).out.strip()
    try:
        assert run(enter + ['ip', 'link', 'add', 'sa', 'type', 'veth', 'peer', 'name', 'sb']).status == 0
        ip = os.path.join(old_ip, 'ip')
        assert run(enter + [ip, 'link', 'set', 'sa', 'netns', holder]).status == 0
        assert run(enter + [ip, '-batch', '-'], feed='# the other\nlink set sb netns %s\n' % holder).status == 0
        assert 'sb@sa' in run(['ip', '-n', there, '-o', 'link']).out
    finally:
        run(['kill', holder])


def test_a_batch_runs_up_to_the_word_it_does_not_know(old_ip):
    answer = ask(old_ip, '-batch', '-', feed='link show lo\n# a comment\nnetns list\nlink show nonsense\n')
    assert answer.status == 1
    assert answer.out.startswith('1: lo:')
    assert answer.err == 'Object "netns" is unknown, try "ip help".\nCommand failed -:0\n'


def test_rdo_has_netns_with_five_verbs(rdo_ip, netns):
    name = netns()
    assert name in ask(rdo_ip, 'netns', 'list').out.splitlines()
    assert ask(rdo_ip, 'netns', 'exec', name, 'ip', '-V').out == 'ip utility, iproute2-ss091226\n'
    for verb in ('identify', 'pids', 'set', 'list-id'):
        answer = ask(rdo_ip, 'netns', verb, name)
        assert (answer.status, answer.err) == (255, 'Command "%s" is unknown, try "ip netns help".\n' % verb)


def test_rdo_moves_a_link_to_a_name(rdo_ip, netns):
    here, there = netns(), netns()
    ip = os.path.join(rdo_ip, 'ip')
    enter = ['ip', 'netns', 'exec', here]
    assert run(enter + ['ip', 'link', 'add', 'sa', 'type', 'veth', 'peer', 'name', 'sb']).status == 0
    assert run(enter + [ip, 'link', 'set', 'sa', 'netns', there]).status == 0
    assert 'sa@' in run(['ip', '-n', there, '-o', 'link']).out


def test_what_the_kernel_refuses_ends_a_batch_at_once_but_for_rules(old_ip, rdo_ip):
    for folder in (old_ip, rdo_ip):
        answer = ask(folder, '-batch', '-', feed='link show lo\nlink add lo type veth peer name lo\nlink show lo\n')
        assert answer.status == 2 and answer.err == 'RTNETLINK answers: File exists\n', answer
        assert answer.out.count('lo:') == 1
        answer = ask(folder, '-batch', '-', feed='rule del priority 4711 table 4711\n')
        assert answer.status == 1 and answer.err.startswith('RTNETLINK answers: '), answer
        assert answer.err.endswith('Command failed -:0\n'), answer
