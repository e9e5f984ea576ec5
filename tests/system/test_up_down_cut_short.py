"""up and down: servers of names, and what signals, kills and damage leave."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import inject
from support.tree import everything, wires, write
from support.trees import HOST_SIDE, PAIR, SHARED, nothing_to_do


def test_servers_are_in_the_resolv_conf_of_a_named_namespace_as_long_as_it_is_up(host):
    write(host, {'a/ifcfg-e': 'PEER=pa\nIPADDR=10.2.0.1\nPREFIX=24\n'
                              'DNS1=10.2.0.2\nDNS2=fd00::1\nDOMAIN="a.example b"\n'})
    assert host('up').status == 0
    assert host.sh('ip netns exec a cat /etc/resolv.conf').split('\n', 1)[1] == \
        'search a.example b\nnameserver 10.2.0.2\nnameserver fd00::1\n'
    assert host('down').status == 0
    assert host.sh('ls /etc/netns 2>/dev/null || true') == ''
    host.sh('mkdir -p /etc/netns/a; echo mine >/etc/netns/a/resolv.conf')
    result = host('up')
    assert result.status == 0 and '/etc/netns/a/resolv.conf' in result.err, result
    host('down')
    assert host.sh('cat /etc/netns/a/resolv.conf') == 'mine\n'


def test_servers_of_all_links_that_are_up_are_in_one_file(host):
    write(host, {'a/ifcfg-e': HOST_SIDE['a/ifcfg-e'] + 'DNS1=10.2.0.2\nDOMAIN=one.example\n',
                 'a/ifcfg-f': 'PEER=pf\nPEER_NETNS=b\nIPADDR=10.3.0.1\nPREFIX=24\nDNS1=10.3.0.2\nDNS2=10.2.0.2\n'})
    assert host('up').status == 0
    place = '/etc/netns/a/resolv.conf'
    both = 'search one.example\nnameserver 10.2.0.2\nnameserver 10.3.0.2\n'
    assert host.sh('cat %s' % place).split('\n', 1)[1] == both
    inode = host.sh('stat -c %%i %s' % place)
    nothing_to_do(host)
    assert host.sh('stat -c %%i %s' % place) == inode
    assert host('down', 'b').status == 0
    assert host.sh('cat %s' % place).split('\n', 1)[1] == 'search one.example\nnameserver 10.2.0.2\n'
    write(host, HOST_SIDE)
    assert host('up', 'a').status == 0
    write(host, {'a/ifcfg-f': 'PEER=pf\nPEER_NETNS=b\nIPADDR=10.3.0.1\nPREFIX=24\n'})
    assert host('up').status == 0 and host.sh('ls /etc/netns 2>/dev/null || true') == ''


def test_servers_that_could_not_go_with_their_wire_go_later_though_others_go_meanwhile(host):
    ends = 'PEER=p%s\nIPADDR=10.2.%d.1\nPREFIX=24\nDNS1=10.2.0.2\n'
    write(host, dict(('%s/ifcfg-e' % name, ends % (name, at)) for at, name in enumerate('ab')))
    assert host('up').status == 0
    host.sh('mount --bind /etc/netns/a/resolv.conf /etc/netns/a/resolv.conf')  # unlink(2): EBUSY
    refused = host('unwire', 'a:e', 'host:pa')
    assert refused.status == 6 and '/etc/netns/a/resolv.conf' in refused.err, refused
    other = host('unwire', 'b:e', 'host:pb')
    assert other.status == 0 and host.sh('ls /etc/netns') == 'a\n', other
    host.sh('umount /etc/netns/a/resolv.conf')
    host('unwire', '--if-exists', 'none')
    assert host.sh('ls /etc/netns 2>/dev/null || true') == ''


@pytest.mark.parametrize('verb', ['up', 'down'])
def test_what_a_kill_left_is_finished_by_the_next(host, verb):
    inject.available()
    empty = everything(host)
    write(host, dict(PAIR, **SHARED))
    assert host('up').status == 0
    full = everything(host)
    if verb == 'up':
        assert host('down').status == 0
    for syscall in ('rename', 'mount', 'sendto', 'unlink', 'umount2'):
        for when in inject.sample(12, 2):
            inject.inject(host, syscall, 'signal=KILL', when, [verb], only_netnsctl=True)
            result = host('up')
            assert result.status == 0 and everything(host) == full, (syscall, when, result)
            if verb == 'up':
                assert host('down').status == 0
                assert everything(host) == empty, (syscall, when)
                inject.inject(host, syscall, 'signal=KILL', when, [verb], only_netnsctl=True)
                assert host('down').status == 0
                assert everything(host) == empty, (syscall, when)


@pytest.mark.parametrize('what', ['signal=KILL', 'error=EIO'])
def test_a_down_cut_short_between_unmount_and_unlink_of_a_name_is_finished_by_the_next(host, what):
    inject.available()
    empty = everything(host)
    write(host, {'a/ifcfg-e': 'PEER=pe\nIPADDR=10.2.0.1\nPREFIX=24\n'})
    assert host('up').status == 0
    total = inject.count(host, 'umount2', ['down'])
    assert total == 1 and host('up').status == 0
    unlinks = inject.count(host, 'unlink', ['down'])
    assert host('up').status == 0
    # The last two: the name, and the note that it is ours.
    inject.inject(host, 'unlink', what, unlinks - 1, ['down'], only_netnsctl=True)
    assert host.sh('stat -c %s%F /run/netns/a') == '0regular empty file\n'
    assert host('down').status == 0 and everything(host) == empty


def test_a_name_made_anew_by_another_is_not_removed_for_an_old_note(host):
    write(host, {'a/ifcfg-e': 'PEER=pe\nIPADDR=10.2.0.1\nPREFIX=24\n'})
    assert host('up').status == 0
    host.sh('ip netns delete a; ip netns add a')
    assert host('down').status == 0
    host.sh('ip netns exec a true')


@pytest.mark.parametrize('syscall', ['unshare', 'setns', 'mount'])
def test_a_name_made_by_another_after_a_killed_up_was_about_to_make_it_is_not_removed(host, syscall):
    inject.available()
    write(host, {'a/ifcfg-e': 'PEER=pe\nIPADDR=10.2.0.1\nPREFIX=24\n'})
    total = inject.count(host, syscall, ['up'])
    assert total and host('down').status == 0
    for when in inject.sample(total, 5):
        inject.inject(host, syscall, 'signal=KILL', when, ['up'], only_netnsctl=True)
        host.sh('if test -e /run/netns/a; then ip netns delete a; fi; ip netns add a')
        result = host('down')
        assert result.status == 0, (when, result)
        host.sh('ip netns exec a true; ip netns delete a')


@pytest.mark.parametrize('when', [1, 2, 3, 4, 5, 6, 7])
def test_a_kill_while_an_edited_wire_is_made_anew_leaves_one_of_the_two(host, when):
    inject.available()
    write(host, PAIR)
    assert host('up').status == 0
    write(host, {'a/ifcfg-A': 'WIRE=w\n' + PAIR['a/ifcfg-A']})
    inject.inject(host, 'rename,unlink', 'signal=KILL', when, ['up'], only_netnsctl=True)
    host('ls')
    result = host('up')
    assert result.status == 0 and wires(host) == ['w'], result
    host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.2')
    assert host('down').status == 0 and host.sh('ls /run/netns') == ''


def test_a_signal_ends_up_with_what_is_whole(host):
    inject.available()
    write(host, dict(('n%d/ifcfg-e' % number, 'IPADDR=10.2.%d.1\nPREFIX=24\nPEER=p%d\n' % (number, number))
                     for number in range(4)))
    result = inject.inject(host, 'rename', 'signal=TERM', 8, ['up'], only_netnsctl=True)
    assert result.status == 143 and 'wired n0:e-host:p0\n' in result.out, result
    made = [line.split()[1] for line in result.out.splitlines()]
    assert 0 < len(made) < 4 and wires(host) == sorted(made) and 'done and kept' in result.err, result
    assert host.sh('ls /run/netns').split() == [name.partition(':')[0] for name in made]
    assert host('up').status == 0 and len(wires(host)) == 4


def test_a_record_that_cannot_be_read_is_not_taken_for_none(host):
    write(host, PAIR)
    assert host('up').status == 0
    name, = wires(host)
    host.sh("chmod 0666 '/run/netnsctl/wires/{0}.json'".format(name))
    for words in (['down'], ['up']):
        result = host(*words)
        assert result.status == 1 and name in result.err and 'Traceback' not in result.err, result
    host.sh("chmod 0600 '/run/netnsctl/wires/{0}.json'".format(name))
    assert host('up').out.startswith('nothing to do')
    assert host('down').status == 0 and wires(host) == []


def test_a_resolv_conf_whose_writer_was_killed_leaves_no_temp_file_for_long(host):
    inject.available()
    write(host, {'a/ifcfg-e': 'PEER=pe\nIPADDR=10.2.0.1\nPREFIX=24\nDNS1=10.2.0.2\n'})
    for _ in range(2):
        total = inject.count(host, 'rename', ['up'])
        assert host('down').status == 0
    inject.inject(host, 'rename', 'signal=KILL', total, ['up'], only_netnsctl=True)
    assert host.sh('ls /etc/netns/a').strip().endswith('.tmp')
    assert host('up').status == 0 and host.sh('ls /etc/netns/a') == 'resolv.conf\n'


@pytest.mark.parametrize('name', [None, 'named'])
@pytest.mark.parametrize('ends', [('b:B=10.1.1.1', 'a:A=10.1.1.2'), ('host:x=10.1.1.1', 'a:A=10.1.1.2'),
                                  ('a:A=10.1.1.1', 'b:B=10.1.1.2'), ('bridge://br7=10.1.1.1/24', 'a:A=10.1.1.2/24')])
def test_the_ends_keep_their_order(host, ends, name):
    def order():
        return [end['target'] for end in json.loads(host('ls', '--json').out)['wires'][0]['ends']]

    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--save', *(('--name', name) if name else ()) + ends).status == 0
    before = order()
    host.sh('ip netns del a; ip netns add a')
    result = host('up')
    assert result.status == 0 and 'recreated ' in result.out and order() == before, result
    if name is None:
        assert host('unwire', '--all').status == 0
        assert host('up').status == 0 and order() == before
    assert host('up').out.startswith('nothing to do')


@pytest.mark.parametrize('syscall', ['unshare', 'setns', 'mount', 'rename'])
def test_a_signal_while_up_makes_a_namespace_leaves_no_name_that_down_does_not_know(host, syscall):
    inject.available()
    empty = everything(host)
    write(host, {'a/ifcfg-e': 'PEER=pe\nIPADDR=10.2.0.1\nPREFIX=24\n'})
    for _ in range(2):  # the first makes /run/netns a shared mount
        total = inject.count(host, syscall, ['up'])
        assert total and host('down').status == 0
    for when in inject.sample(total, 4):
        result = inject.inject(host, syscall, 'signal=TERM', when, ['up'], only_netnsctl=True)
        # -15: before anything is begun.
        assert result.status in (143, -15) and 'Traceback' not in result.err, (when, result)
        assert host.sh('ls /run/netns').split() == (['a'] if wires(host) else []), (when, result)
        assert host('down').status == 0 and everything(host) == empty, when
