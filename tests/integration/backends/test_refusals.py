"""What the kernel or an `ip` refuses, or answers wrongly, and which backend `auto` means."""
from __future__ import absolute_import, division, print_function

import errno
import os
import time

import pytest

from netnsctl.edge.host import PATH, Host
from netnsctl.edge.ip_program import probe
from netnsctl.errors import ConflictError, KernelError, NetnsctlError, NoAnswerError, UsageError
from netnsctl.execution import backends
from netnsctl.execution.backends import iproute
from netnsctl.execution.state import State
from netnsctl.model import operations as op
from netnsctl.model import plan as planning
from support.new_links import add_bridge, add_veth
from support.backend_world import KINDS, M3, M4, VETH, ends, script


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('where,dev', [('a', 'A'), ('b', 'B')])
def test_a_taken_interface_name_is_a_conflict_that_names_it(world, kind, where, dev):
    each = world(kind)
    each.apply(add_veth(where, dev, M3, None, where, 'other', M4, None))
    before = each.content()
    with pytest.raises(ConflictError) as caught:
        each.apply(VETH, op.SetUp('a', 'A'))
    label = 'netns://' + each.names[where]
    assert caught.value.message.endswith(': %s has a link named %s already' % (label, dev))
    each.take_back(VETH.undo())
    assert each.content() == before


@pytest.mark.parametrize('kind', KINDS)
def test_what_is_there_already_is_a_conflict_that_names_it(world, kind):
    each = world(kind)
    each.apply(*planning.build(*ends()))
    label = 'netns://' + each.names['a']
    for step, start, words in (
            (op.AddAddress('a', 'A', '10.1.1.1/32', None), 'add the address 10.1.1.1/32 to A in %s: ' % label, ''),
            (op.AddAddress('a', 'A', 'fd00::1/64', True), 'add the address fd00::1/64 to A in %s: ' % label, ''),
            (op.AddRoute('a', 'A', '10.1.1.2/32'), 'add the route 10.1.1.2/32 to %s dev A: ' % label,
             'it has one already, dev A'),
            (op.AddRoute('a', 'A', '::/0', 'fd00::2'), 'add the route ::/0 to %s dev A: ' % label,
             'it has one already, via fd00::2 dev A'),
            (add_bridge('a', 'A', M3), 'make the bridge A in %s: ' % label, '%s has a link named A already' % label)):
        with pytest.raises(ConflictError) as caught:
            each.apply(step)
        assert caught.value.message.startswith(start) and words in caught.value.message


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('step,words', [
    (op.SetUp('a', 'none'), 'set none in %s up: '),
    (op.AddAddress('a', 'none', '10.0.0.1/32', None), 'add the address 10.0.0.1/32 to none in %s: '),
    (op.AddRoute('a', 'A', '10.5.0.0/16', '10.77.0.1'), 'add the route 10.5.0.0/16 to %s dev A: '),
    (op.DeleteRoute('a', 'A', '10.5.0.0/16'), 'delete the route 10.5.0.0/16 from %s dev A: '),
    (op.MoveLink('a', 'none', 'b', 'x'), 'move none from %s to ')])
def test_a_refusal_says_what_was_attempted_and_the_steps_behind_it_in_the_batch(world, kind, step, words):
    each = world(kind)
    each.apply(VETH)
    before = each.content()
    with pytest.raises(NetnsctlError) as caught:
        each.apply(op.SetAlias('a', 'A', 'x'), step)
    message = caught.value.message
    assert message.startswith(words % 'netns://' + each.names['a']
                              if words.endswith('%s') else words.replace('%s', 'netns://' + each.names['a']))
    assert '\n' not in message and not isinstance(caught.value, ConflictError) and caught.value.exit_code == 1
    if kind.startswith('netlink') and step.__dict__.get('dev') == 'none':
        assert isinstance(caught.value, KernelError) and caught.value.errno == errno.ENODEV
    each.apply(op.SetAlias('a', 'A', ''))
    assert each.content() == before


@pytest.mark.parametrize('kind', ['netlink', 'iproute', 'iproute rdo'])
def test_a_bridge_that_is_not_there_is_not_blamed_on_an_earlier_step(world, kind):
    each = world(kind)
    each.apply(VETH)
    with pytest.raises(NetnsctlError) as caught:
        each.apply(op.SetUp('a', 'A'), op.SetMaster('a', 'A', 'none'))
    assert caught.value.message.startswith('plug A into the bridge none: ')


@pytest.mark.parametrize('kind', ['netlink', 'netlink moving', 'iproute', 'iproute moving', 'iproute rdo'])
def test_an_alias_is_cleared_also_in_a_batch(world, kind):
    each = world(kind)
    each.apply(VETH)
    before = each.content()
    each.apply(op.SetAlias('a', 'A', 'x'))
    each.apply(op.SetAlias('a', 'A', ''), op.SetDown('a', 'A'))
    assert each.content() == before


@pytest.mark.parametrize('text,error,words', [
    ('exec sleep 600', NoAnswerError, 'no answer within 0.3 s'),
    ('trap "" TERM; sleep 600', NoAnswerError, 'no answer within 0.3 s'),
    ('exit 1', NetnsctlError, 'ip exited with status 1 and no message'),
    ('kill -9 $$', NetnsctlError, 'ip exited with status -9'),
    ('echo "x: nonsense" >&2; exit 255', NetnsctlError, 'x: nonsense'),
    ('echo "Command failed -:999" >&2; exit 1', NetnsctlError, 'no message'),
    ("printf '\\377\\033[1m' >&2; exit 2", NetnsctlError, ''),
], ids=['hangs', 'hangs on', 'silent', 'killed', 'garbage', 'a line that is none', 'bytes'])
def test_an_ip_that_misbehaves_is_a_declared_error(world, tmpdir, monkeypatch, text, error, words):
    monkeypatch.setattr(iproute, 'BATCH_SECONDS', 0.3)
    each = world('iproute')
    each.backend.ip.path = script(tmpdir.join('bad'), '#!/bin/sh\n%s\n' % text)
    before, began = each.content(), time.time()
    with pytest.raises(error) as caught:
        each.apply(VETH, op.SetUp('a', 'A'))
    assert words in caught.value.message and time.time() - began < 300
    assert each.content() == before


def test_the_lock_is_inherited_by_ip_and_nothing_else_is(world, tmpdir):
    each = world('iproute')
    note = tmpdir.join('fds')
    each.backend.ip.path = script(tmpdir.join('looking'), '#!/bin/sh\nls -l /proc/self/fd >%s\n' % note)
    descriptor = os.open(str(tmpdir.join('lock')), os.O_CREAT | os.O_RDWR)
    each.backend.lock_fd = descriptor
    each.apply(op.SetUp('a', 'lo'))
    os.close(descriptor)
    assert note.read().count(str(tmpdir.join('lock'))) == 1 and 'net:[' not in note.read()


def test_what_auto_means(old_ip, rdo_ip, tmpdir):
    """By asking the ip that is there: today's, RDO's, EL6's, none, one that hangs."""
    rdo = Host(environ={}, path='%s:%s' % (rdo_ip, PATH))
    choice = backends.choose(Host(environ={}))
    assert (choice.name, choice.ip.netns, choice.ip.dash_n) == ('iproute', True, True)
    choice = backends.choose(rdo)
    assert (choice.name, choice.ip.netns, choice.ip.dash_n) == ('iproute', True, False)
    el6 = Host(environ={}, path='%s:%s' % (old_ip, PATH))
    none = Host(environ={}, path=str(tmpdir))
    assert backends.choose(el6).name == backends.choose(none).name == backends.choose(Host(environ={}),
                                                                                      many=True).name == 'netlink'
    assert probe(el6, os.path.join(old_ip, 'ip')).version == 'ip utility, iproute2-ss091226'
    for host, words in ((el6, 'has no netns'), (none, 'there is no ip')):
        with pytest.raises(NetnsctlError) as caught:
            backends.choose(host, 'iproute')
        assert words in caught.value.message and 'netlink' in caught.value.hint
    with pytest.raises(UsageError):
        backends.choose(none, 'nftables')


# Of an `ip` that is the host's but for one answer.
LIAR = """#!/bin/sh
case "$*" in 'netns list') %s ;; esac
exec %s "$@"
"""


def state_in(tmpdir):
    tmpdir.mkdir('root').mkdir('run')
    made = State(Host(root=str(tmpdir.join('root'))))
    made.make()
    return made


@pytest.mark.parametrize('answer,is_sure', [
    ('echo \'Object "netns" is unknown, try "ip help".\' >&2; exit 255', True),
    ('echo \'Cannot open network namespace: Too many open files\' >&2; exit 255', False),
    ('exit 1', False),
])
def test_what_kept_ip_from_an_answer_is_not_remembered(tmpdir, answer, is_sure):
    folder = tmpdir.mkdir('path')
    script(folder.join('ip'), LIAR % (answer, Host().find('ip')))
    host = Host(path=str(folder))
    state = state_in(tmpdir)
    assert backends.choose(host, 'auto', state=state).name == 'netlink'
    assert (state.read_json('ip.json') is not None) == is_sure


def test_an_ip_that_is_killed_at_the_question_is_no_ip_without_netns(tmpdir):
    folder = tmpdir.mkdir('path')
    script(folder.join('ip'), LIAR % ('kill -KILL $$', Host().find('ip')))
    host = Host(path=str(folder))
    state = state_in(tmpdir)
    choice = backends.choose(host, 'auto', state=state)
    assert choice.name == 'netlink' and 'signal 9' in choice.reason
    with pytest.raises(NetnsctlError) as caught:
        backends.choose(host, 'iproute', state=state)
    assert 'netns list: ended by signal 9' in caught.value.message
    assert state.read_json('ip.json') is None
