# -*- coding: utf-8 -*-
"""One suite over both backends, in every way they have to do a thing: the namespaces come out the same.

  netlink          rtnetlink, both ends of a veth made in place
  netlink moving   the same where the kernel refuses that: made beside each other, then one is moved
  iproute          the machine's ip
  iproute moving   the same before a kernel that refuses ends in place (an `ip` that answers as today's does then)
  iproute rdo      an ip that has netns, but no option -n
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import subprocess
import time

import pytest

from netnsctl.compat import native
from netnsctl.edge import netns as edge_netns
from netnsctl.edge.host import PATH, Host
from netnsctl.edge.netlink.reading import ALL_KINDS
from netnsctl.edge.ip_program import IpProgram, probe
from netnsctl.errors import ConflictError, KernelError, NetnsctlError, NoAnswerError, UsageError
from netnsctl.execution import backends
from netnsctl.execution.backends import iproute
from netnsctl.execution.backends.iproute import Iproute
from netnsctl.execution.backends.netlink import Netlink
from netnsctl.execution.state import State
from netnsctl.execution.undoing import take_back
from netnsctl.model import operations as op
from netnsctl.model import plan as planning
from support.core import content
from support.new_links import add_bridge, add_veth

KINDS = ('netlink', 'netlink moving', 'iproute', 'iproute moving', 'iproute rdo')
# No bridge of the host's has this name.
BR = 'b%d' % os.getpid()
M1, M2, M3, M4, M5, M6 = ['02:00:00:00:02:0%d' % number for number in (1, 2, 3, 4, 5, 6)]

# Writes down how it was called; answers as a kernel that makes no veth across namespaces in place would have it.
MOVING = """#!/bin/sh
echo "$*" >>%(log)s
refuse() { echo 'RTNETLINK answers: Operation not supported' >&2; }
case "$*" in
    *'-batch -')
        number=0 head=
        while IFS= read -r line; do
            number=$((number + 1))
            case $line in 'link add '*' netns nt'*|'link add '*' netns netnsctl'*)
                printf %%s "$head" | %(ip)s "$@" || exit $?
                refuse
                echo "Command failed -:$number" >&2
                exit 1 ;;
            esac
            head="$head$line
"
        done
        printf %%s "$head" | %(ip)s "$@" ;;
    *'link add '*' netns nt'*|*'link add '*' netns netnsctl'*) refuse; exit 2 ;;
    *) exec %(ip)s "$@" ;;
esac
"""


class Moving(Netlink):
    """Before a kernel that refuses to make the ends of a veth in their namespaces."""

    def _one(self, operation):
        if operation.verb == 'add-link' and operation.peer and operation.ns != operation.peer.ns:
            return errno.EOPNOTSUPP, None
        return Netlink._one(self, operation)


def script(path, text):
    """Writes a program: its path as str."""
    path.write(text)
    os.chmod(str(path), 0o755)
    return str(path)


class World(object):
    """Two namespaces, a and b, and a backend for them. names: {reference: name}."""

    def __init__(self, kind, names, opened, make):
        self.kind, self.names, self.namespaces = kind, names, opened
        self.backend = make(self.namespaces)

    def apply(self, *steps):
        self.backend.apply(self.backend.plan(steps))

    def take_back(self, *inverses):
        assert take_back(inverses, self.namespaces, self.backend) == []

    def content(self):
        return content(*self.names.values())

    def view(self):
        """Everything but indexes, and what the kernel adds by itself a moment later (link-local addresses, carrier)."""
        found = {}
        for reference in ('a', 'b'):
            rtnl = self.namespaces[reference].rtnl()
            links = dict((link.index, link) for link in rtnl.links())
            name = dict((index, link.name) for index, link in links.items())
            found[reference] = {
                'links': sorted((link.name, link.kind or '', link.mac, link.mtu, link.up, name.get(link.master, ''),
                                 link.alias or '')
                                for link in links.values()),
                # Not: IFA_F_TENTATIVE.
                'addresses': sorted((name[item.index], item.address, item.prefixlen, item.flags & ~0x40, item.scope)
                                    for item in rtnl.addresses() if not item.address.startswith('fe80')),
                'routes': sorted((route.dst, route.via or '', name.get(route.index, ''), route.metric, route.src or '',
                                  route.protocol, route.scope, route.table, route.onlink, route.type, route.tos,
                                  route.realms, sorted(route.metrics.items()))
                                 for route in rtnl.routes(table=None, kinds=ALL_KINDS)
                                 if not route.dst.startswith('fe80')),
                'rules': sorted(repr([getattr(rule, field) for field in rule.__slots__]) for rule in rtnl.rules())}
        return found


@pytest.fixture
def world(netns, tmpdir, rdo_ip):
    """world(kind) -> a World of its own; options: opened (how to open a name), moving_log."""
    made = []
    real = Host().find('ip')
    path = '%s:%s' % (rdo_ip, PATH)
    programs = {
        'netlink': Netlink, 'netlink moving': Moving,
        'iproute': lambda spaces: Iproute(Host(), IpProgram(real, '', True, True), spaces, tmpdir.strpath),
        'iproute moving': lambda spaces: Iproute(
            Host(), IpProgram(script(tmpdir.join('ip'), MOVING % {'ip': real, 'log': tmpdir.join('log')}), '', True,
                              True), spaces, tmpdir.strpath),
        'iproute rdo': lambda spaces: Iproute(Host(path=path), IpProgram(os.path.join(rdo_ip, 'ip'), '', True, False,
                                                                            numbers=False), spaces, tmpdir.strpath)}

    def add(kind, opener=edge_netns.open_named, **more):
        names = dict((reference, netns(reference)) for reference in 'ab')
        opened = dict((reference, opener(name)) for reference, name in names.items())
        made.extend(opened.values())
        opened.update(more)
        return World(kind, names, opened, programs[kind])
    yield add
    for opened in made:
        opened.close()


@pytest.fixture
def in_pid():
    """in_pid(name) -> Netns of a process in that namespace, known by nothing but its PID; ended after the test."""
    made = []

    def add(name):
        made.append(subprocess.Popen(['nsenter', '--net=/run/netns/' + name, 'sleep', '600'], close_fds=True))
        deadline = time.time() + 10
        while os.stat('/proc/%d/ns/net' % made[-1].pid).st_ino != os.stat('/run/netns/' + name).st_ino:
            assert time.time() < deadline
            time.sleep(0.005)
        return edge_netns.open_pid(made[-1].pid)
    yield add
    for process in made:
        process.kill()
        process.wait()


VETH = add_veth('a', 'A', M1, 1400, 'b', 'B', M2, 1300)
STEPS = (
    add_bridge('a', BR, M3), op.SetAlias('a', BR, 'netnsctl'), VETH, op.SetMaster('a', 'A', BR),
    op.SetUp('a', 'A'), op.SetUp('a', BR), op.SetUp('b', 'B'),
    op.AddAddress('a', BR, '10.9.1.1/24', None), op.AddAddress('b', 'B', '10.9.1.2/24', None),
    op.AddAddress('b', 'B', '10.6.0.1/32', None),
    op.AddAddress('a', BR, 'fd09::1/64', True), op.AddAddress('b', 'B', 'fd09::2/64', True),
    op.AddAddress('b', 'B', 'fd06::1/128', False),
    op.AddRoute('b', 'B', '10.8.0.0/16'), op.AddRoute('b', 'B', '0.0.0.0/0', '10.9.1.1'),
    op.AddRoute('b', 'B', '10.7.0.0/16', '10.9.1.1', 5, '10.9.1.2', 4),
    op.AddRoute('b', 'B', 'fd08::/16'), op.AddRoute('b', 'B', '::/0', 'fd09::1'),
    op.AddRoute('b', 'B', 'fd07::/16', 'fd09::1', 77, 'fd09::2', 4),
    op.DeleteRoute('b', 'B', '10.8.0.0/16'), op.DeleteRoute('b', 'B', '::/0', 'fd09::1'),
    op.DeleteRoute('b', 'B', '10.7.0.0/16', '10.9.1.1', 5, '10.9.1.2', 4),
    op.AddAddress('b', 'B', '10.4.0.1/24', None, 'link'), op.AddAddress('b', 'B', '10.5.0.1/32', None, '17'),
    op.AddRoute('b', 'B', '10.31.0.0/16', scope='host'), op.AddRoute('b', 'B', '10.32.0.0/16', scope='global'),
    op.AddRoute('b', 'B', '10.33.0.0/16', '10.9.1.1', scope='site', table=100),
    op.AddRoute('b', 'B', '10.34.0.0/16', '10.77.0.1', 9, None, None, None, 70000, True, 1200),
    op.AddRoute('b', 'B', '0.0.0.0/0', '10.9.1.1', 50, '10.9.1.2'),
    op.AddRoute('b', 'B', 'fd34::/16', 'fd09::1', 9, None, None, None, 70000, None, 1280),
    op.AddRoute('b', 'B', 'fd35::/16', None, None, None, None, None, 255),
    op.AddRoute('b', None, '10.40.0.0/16', type='blackhole'),
    op.AddRoute('b', None, '10.41.0.0/16', metric=7, type='prohibit'),
    op.AddRoute('b', None, '0.0.0.0/0', table=100, type='throw'), op.AddRoute('b', None, '::/0', metric=7,
    type='unreachable'),
    op.AddRoute('b', None, 'fd40::/16', type='blackhole', table=100),
    op.AddRoute('b', None, '10.40.0.0/16', tos=16, type='unreachable'),
    op.AddRoute('b', 'B', '10.42.0.0/16', '10.9.1.1', tos=8, protocol=4, mtu=1300,
                options='window 4096 rtt 100ms rttvar lock 50ms ssthresh 9 cwnd lock 8 advmss 1200 reordering 4 '
                        'hoplimit 9 initcwnd 10 rto_min 200ms initrwnd 12 quickack 1'),
    op.AddRoute('b', 'B', '10.43.0.0/16', options='mtu lock 1300'),
    op.AddRoute('b', 'B', 'fd43::/16', 'fd09::1', options='initcwnd 10 mtu lock 1300'),
    op.AddRoute('b', 'B', '10.44.0.0/16', realms=(2 << 16) + 3),
    op.AddRule('b', 4, '10.0.0.0/8', '10.9.0.0/16', 'B', 'none', 1, 255, 100, 1000),
    op.AddRule('b', 4, None, None, None, None, 0, 1, 70000, 4294967295),
    op.AddRule('b', 4, None, None, 'lo', None, 4294967295, None, 255, 1001),
    op.AddRule('b', 6, 'fd00::/16', 'fd09::1/128', None, 'B', None, None, 100, 1000),
    op.AddRule('b', 6, None, None, 'B', None, None, None, 70000, 999),
    op.AddRule('b', 4, '10.55.0.0/16', None, None, None, None, None, 254, 1100, 'prohibit'),
    op.AddRule('b', 6, 'fd55::/16', None, None, None, None, None, 254, 1101, 'unreachable'),
    op.AddRule('b', 4, None, '10.56.0.0/16', None, None, None, None, 100, 1102, None, 16),
    op.AddRule('b', 4, None, None, None, None, 7, None, 254, 1103, 'blackhole', 8),
    op.DeleteRule('b', 4, None, None, None, None, 0, 1, 70000, 4294967295),
    op.DeleteRule('b', 6, None, None, 'B', None, None, None, 70000, 999),
    op.DeleteRoute('b', 'B', '10.33.0.0/16', '10.9.1.1', scope='site', table=100),
    op.DeleteRoute('b', 'B', '10.34.0.0/16', '10.77.0.1', 9, None, None, None, 70000, True, 1200),
    op.DeleteAddress('b', 'B', '10.4.0.1/24', None, 'link'),
    op.DeleteAddress('b', 'B', '10.6.0.1/32', None), op.DeleteAddress('b', 'B', 'fd06::1/128', False),
    add_veth('b', 'x', M4, None, 'b', 'y', M5, None), op.SetUp('b', 'x'), op.SetDown('b', 'x'),
    op.MoveLink('b', 'y', 'a', 'z'),
    op.SetNoMaster('a', 'A', BR),
)


def test_every_operation_comes_to_the_same_through_every_backend_and_can_be_taken_back(world):
    worlds = [world(kind) for kind in KINDS]
    for step in STEPS:
        for each in worlds:
            before = each.view()
            each.apply(step)
            assert each.view() != before, (each.kind, step)
            each.take_back(step.undo())
            assert each.view() == before, (each.kind, step)
            each.apply(step)
        first = worlds[0].view()
        for each in worlds[1:]:
            assert each.view() == first, (each.kind, step)
    for each in worlds:
        before = each.view()
        each.apply(op.SetMac('b', 'x', M6))  # nothing takes it back
        assert each.view() != before
        each.apply(op.DeleteLink('b', 'x', each.namespaces['b'].rtnl().index_of('x')))
        each.apply(op.DeleteLink('b', 'x', 99999) if each.kind.startswith('netlink') else op.DeleteLink('b', 'x', None))
    assert [name for name, _, _, _, _, _, _ in worlds[0].view()['b']['links']] == ['B', 'lo']
    for each in worlds[1:]:
        assert each.view() == worlds[0].view()
    covered = set(step.verb for step in STEPS) | set(['delete-link', 'set-mac'])
    assert covered == set(iproute._ARGV)


def ends(**more):
    a = planning.End('a', 'netns://a', more.get('dev', 'A'), M1, 1400, ('10.1.1.1/32', 'fd00::1/64'), ('fd00::2',),
                     (('10.9.0.0/16', '10.1.1.2'),))
    b = planning.End('b', 'netns://b', more.get('peer', 'B'), M2, 1400, ('10.1.1.2/32', 'fd00::2/64'), ('10.1.1.1',),
                     (('fd99::/16', None),))
    return a, b


@pytest.mark.parametrize('kind', KINDS)
def test_a_plan_taken_back_after_any_number_of_its_steps_leaves_all_as_before(world, kind):
    each = world(kind)
    plan, undo = planning.build(*ends()), planning.undo(ends()[0], ends()[1], planning.build(*ends()))
    before = each.content()
    for count in range(len(plan) + 1):
        each.apply(*plan[:count])
        each.take_back(*undo)
        assert each.content() == before, count
        each.take_back(*undo)
    each.apply(*plan)
    for reference, other in (('a', '10.1.1.2'), ('b', '10.1.1.1')):
        found = each.view()[reference]
        assert other + '/32' in [route[0] for route in found['routes']]
        assert [link[3:5] for link in found['links'] if link[1] == 'veth'] == [(1400, True)]
    each.take_back(*undo)


def test_a_wire_takes_one_process_a_namespace(world, tmpdir):
    each = world('iproute')
    each.backend.ip.path = script(tmpdir.join('counting'), '#!/bin/sh\necho "$*" >>%s\nexec %s "$@"\n' % (
        tmpdir.join('calls'), Host().find('ip')))
    each.apply(*planning.build(*ends()))
    calls = tmpdir.join('calls').read().splitlines()
    # The first end's IPv6 route waits for the second end.
    assert calls == ['-n %s -batch -' % each.names[ns]
                     for ns in 'ab'] + ['-n %s route add ::/0 via fd00::2 dev A' % each.names['a']]


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('dev', ['A#1', '#', 'q"x', "q'x", 'b\\x', '$(id)', 'a;b', native(u'caf\xe9'), 'netns', 'dev',
                                 '1', 'i' * 15])
def test_odd_interface_names_come_through(world, kind, dev):
    each = world(kind)
    before = each.content()
    a, b = ends(dev=dev, peer='peer')
    plan = planning.build(a, b)
    each.apply(*plan)
    view = each.view()
    assert [link[0] for link in view['a']['links']] == sorted([dev, 'lo'])
    assert [link[0] for link in view['b']['links']] == ['lo', 'peer']
    assert set(address[0] for address in view['a']['addresses']) == set([dev])
    each.take_back(*planning.undo(a, b, plan))
    assert each.content() == before


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('reverse', [False, True])
def test_an_end_on_the_host_is_made_there(world, netns, kind, reverse):
    """A namespace of the test's stands in for the host's own: this thread, and what it starts, is inside."""
    home = edge_netns.open_named(netns('h'))
    try:
        with home.entered():
            host = edge_netns.open_host()
            each = world(kind, host=host)
            step = add_veth('host', 'B', M2, None, 'a', 'A', M1,
                              1400) if reverse else add_veth('a', 'A', M1, 1400, 'host', 'B', M2, None)
            each.apply(step, op.AddAddress('host', 'B', '10.1.1.2/24', None), op.SetUp('host', 'B'))
            ours, theirs = host.rtnl().link(name='B'), each.namespaces['a'].rtnl().link(name='A')
            assert (ours.mac, ours.mtu, ours.up, theirs.mac, theirs.mtu) == (M2, 1500, True, M1, 1400)
            assert (ours.peer, theirs.peer) == (theirs.index, ours.index)
            each.take_back(step.undo())
            for opened in (host, each.namespaces['a']):
                assert [link.name for link in opened.rtnl().links()] == ['lo']
            host.close()
    finally:
        home.close()


@pytest.mark.parametrize('kind', ['iproute', 'iproute moving', 'iproute rdo'])
def test_namespaces_without_a_name_have_one_only_while_it_runs(world, in_pid, kind):
    each = world(kind, opener=in_pid)
    before = each.content()
    plan, undo = planning.build(*ends()), planning.undo(ends()[0], ends()[1], planning.build(*ends()))
    steps = each.backend.plan(plan)
    given = [step for step in steps if step.verb == 'add-netns-name']
    assert len(given) == 2 and steps[2:-2] == plan and steps[-1] == given[0].undo()
    assert [step.path for step in given] == ['/proc/%d/fd/%d' % (os.getpid(), each.namespaces[ns].fd) for ns in 'ab']
    paths = ['/run/netns/' + step.name for step in given]
    each.backend.apply(steps)
    assert not any(os.path.lexists(path) for path in paths)
    assert [link[0] for link in each.view()['b']['links']] == ['B', 'lo']
    each.take_back(*undo)
    assert each.content() == before and not any(os.path.lexists(path) for path in paths)
    # For a person's eye it is the process's own path.
    printed = each.backend.plan(plan, live=False)
    assert [step.path for step in printed[:2]] == ['/proc/%d/ns/net' % each.namespaces[ns].pid for ns in 'ab']


def test_a_name_left_by_a_killed_run_is_taken_over_and_away(world, in_pid):
    each = world('iproute', opener=in_pid)
    name = each.backend._name('a')
    os.symlink('/proc/999999/fd/9', '/run/netns/' + name)
    each.apply(VETH)
    assert not os.path.lexists('/run/netns/' + name)
    os.symlink('/proc/999999/fd/9', '/run/netns/' + name)
    each.take_back(op.DeleteNetnsName('a', name, '/proc/999999/fd/9'), VETH.undo())
    assert not os.path.lexists('/run/netns/' + name)


def pasted(each, plan):
    """What a person gets who pastes the printed commands into a shell."""
    subprocess.check_call(['sh', '-e', '-c', '\n'.join(each.backend.lines(each.backend.plan(plan, live=False)))],
                          cwd='/')


def test_the_printed_commands_make_the_same_network(world, in_pid):
    run, printed, nameless = world('iproute'), world('iproute'), world('iproute', opener=in_pid)
    plan = planning.build(*ends(dev='A#"$(id)'))
    run.apply(*plan)
    for each in (printed, nameless):
        pasted(each, plan)
        assert each.view() == run.view()


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
    ('exit 1', NetnsctlError, 'ip ended with status 1 and said nothing'),
    ('kill -9 $$', NetnsctlError, 'ip ended with status -9'),
    ('echo "x: nonsense" >&2; exit 255', NetnsctlError, 'x: nonsense'),
    ('echo "Command failed -:999" >&2; exit 1', NetnsctlError, 'said nothing'),
    ("printf '\\377\\033[1m' >&2; exit 2", NetnsctlError, ''),
], ids=['hangs', 'hangs on', 'silent', 'killed', 'garbage', 'a line that is none', 'bytes'])
def test_an_ip_that_misbehaves_is_a_declared_error(world, tmpdir, monkeypatch, text, error, words):
    monkeypatch.setattr(iproute, 'BATCH_SECONDS', 0.3)
    each = world('iproute')
    each.backend.ip.path = script(tmpdir.join('bad'), '#!/bin/sh\n%s\n' % text)
    before, began = each.content(), time.time()
    with pytest.raises(error) as caught:
        each.apply(VETH, op.SetUp('a', 'A'))
    assert words in caught.value.message and time.time() - began < 5
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
