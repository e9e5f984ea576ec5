"""What is wired, saved into the config tree on throwaway hosts, by `config save`, `wire --save` and `config render`."""

from __future__ import absolute_import, division, print_function

import signal

import pytest

from support import process
from support.tree import TREE, net, tree_of, write


def test_wire_with_save_is_there_again_after_its_state_is_gone(host):
    # Where `up` makes a namespace, lo is up.
    host.sh('for each in a b; do ip netns add $each; ip -n $each link set lo up; done')
    result = host('wire', '--save', 'a', 'b')
    assert result.status == 0, result
    seen = net(host, 'a', 'b')
    assert host('up').out.startswith('nothing to do'), host('up')
    # As after a reboot: no state, no names, no links.
    host.sh('ip netns del a; ip netns del b; rm -r /run/netnsctl')
    assert host('up').status == 0 and net(host, 'a', 'b') == seen


def test_config_save_writes_what_is_wired_and_only_what_differs(host):
    host.sh('ip netns add a; ip netns add b')
    assert host('config', 'save', '--all').out == 'nothing to do: nothing is wired\n'
    host('wire', '--name', 'w', 'a:A=10.1.1.1/32,mtu=1400,route=10.9.0.0/16', 'b:B=10.1.1.2/32')
    result = host('config', 'save', 'w')
    assert result.status == 0 and len(result.out.splitlines()) == 3, result
    files = tree_of(host)
    assert sorted(files) == ['a/ifcfg-A', 'a/route-A', 'b/ifcfg-B'], files
    assert files['a/route-A'] == '10.9.0.0/16 dev A\n'
    assert host('config', 'save', '--all').out.startswith('nothing to do')
    assert host('config', 'check').status == 0, host('config', 'check')
    edited = '# mine\n' + files['a/ifcfg-A'] + 'UUID=1234 # keep\nNM_CONTROLLED=no\n'
    write(host, {'a/ifcfg-A': edited})
    host('wire', '--replace', '--name', 'w', 'a:A=10.1.1.1/32,mtu=1300', 'b:B=10.1.1.2/32')
    assert host('config', 'save', 'w').status == 0
    after = tree_of(host)
    assert after['a/ifcfg-A'].startswith('# mine\n') and 'UUID=1234 # keep\nNM_CONTROLLED=no\n' in after['a/ifcfg-A']
    assert 'MTU=1300\n' in after['a/ifcfg-A'] and 'a/route-A' not in after, after
    check = host('config', 'check')
    assert check.status == 0 and 'UUID has no effect here' in check.out and 'ifcfg-A:' in check.out, check


def test_a_container_on_a_bridge_is_saved_with_the_bridge(host):
    host.sh('ip netns add web')
    assert host('wire', '--save', 'web=10.0.0.2/24,gw=10.0.0.1', 'bridge://br0=10.0.0.1/24').status == 0
    files = tree_of(host)
    assert sorted(files) == ['host/ifcfg-br0', 'web/ifcfg-eth0'], files
    assert 'BRIDGE=br0\n' in files['web/ifcfg-eth0'] and 'TYPE=Bridge\n' in files['host/ifcfg-br0']
    assert host('config', 'check').status == 0 and host('up').out.startswith('nothing to do')
    assert host('down').status == 0 and host('up').status == 0
    assert host('check', '--all').status == 0


def test_a_process_cannot_be_saved_and_nothing_is_wired_then(host):
    host.sh('ip netns add b; unshare -n sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >/run/pid; sleep 0.3')
    pid = host.sh('cat /run/pid').strip()
    result = host('wire', '--save', 'pid://' + pid, 'b')
    assert result.status == 2 and 'PID' in result.err, result
    assert host('ls').out.count('b') == 0 and tree_of(host) == {}
    host('wire', '--name', 'w', 'pid://' + pid, 'b')
    result = host('config', 'save', 'w')
    assert result.status == 2 and 'PID' in result.err and tree_of(host) == {}, result
    host.sh('kill $(cat /run/pid)')


def test_render_prints_the_files_or_writes_them_below_a_folder(host):
    words = ['netns://a:A=10.1.1.1/32,gw=10.1.1.2', 'docker://b:B=10.1.1.2/32', '--name', 'w']
    result = host('config', 'render', *words)
    assert result.status == 0 and '# %s/docker:b/ifcfg-B' % TREE in result.out, result
    assert 'GATEWAY=10.1.1.2' in result.out
    host.sh('mkdir /mnt/root')
    assert host('config', 'render', '--root', '/mnt/root', *words).status == 0
    shown = host.sh('cd /mnt/root; for f in $(find . -type f | sort); do echo "# ${f#.}"; cat "$f"; echo; done')
    assert shown == result.out
    result = host('config', 'render', 'nobody', 'netns://b')
    assert result.status == 2 and 'docker://nobody' in result.err, result


def test_a_save_that_fails_leaves_the_old_files_byte_for_byte(host):
    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--save', '--name', 'w', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32').status == 0
    before = tree_of(host)
    host.sh('mount --bind %s/b %s/b; mount -o remount,ro,bind %s/b' % (TREE, TREE, TREE))
    result = host('wire', '--save', '--replace', '--name', 'w', 'a:A=10.1.1.1/32,mtu=1300', 'b:B=10.1.1.2/32,mtu=1300')
    assert result.status == 1 and 'Read-only' in result.err, result
    host.sh('umount %s/b' % TREE)
    assert tree_of(host) == before


def test_a_save_leaves_what_the_wire_does_not_know(host):
    """ONBOOT, servers, a gateway that is no default route, and other spellings of the same addresses."""
    text = ('# mine\nWIRE=w\nPEER=B\nPEER_NETNS=b\nONBOOT=no\nIPADDR0=10.1.1.1 # first\nNETMASK0=255.255.255.0\n'
            'GATEWAY=10.1.1.2\nDEFROUTE=no\nMETRIC=0\nDNS1=10.1.1.2\nDOMAIN="a.example b"\nIPV6INIT=no\n')
    write(host, {'a/ifcfg-A': text, 'b/ifcfg-B': 'IPADDR=10.1.1.2\nNETMASK=255.255.255.0\n'})
    assert host('up', 'a').status == 0
    result = host('config', 'save', 'w')
    assert result.status == 0, result
    after = tree_of(host)
    assert after['a/ifcfg-A'].startswith(text) and after['a/ifcfg-A'][len(text):].startswith('MACADDR='), after
    assert after['b/ifcfg-B'].startswith('IPADDR=10.1.1.2\nNETMASK=255.255.255.0\n'), after
    assert host('wire', '--save', '--replace', '--name', 'w', 'a:A=10.1.1.9/24,mtu=1400',
                'b:B=10.1.1.2/24,mtu=1400').status == 0
    after = tree_of(host)['a/ifcfg-A']
    for line in ('ONBOOT=no', 'DNS1=10.1.1.2', 'DOMAIN="a.example b"', 'GATEWAY=10.1.1.2', 'DEFROUTE=no', 'MTU=1400',
                 'IPADDR=10.1.1.9', '# mine'):
        assert line + '\n' in after, after
    assert '10.1.1.1' not in after, after
    assert host('config', 'check').status == 0, host('config', 'check')


def test_rules_and_routes_are_saved_and_comments_beside_them_stay(host):
    files = {'a/ifcfg-eth0': 'WIRE=w\nPEER=pa\nIPADDR=10.0.0.2\nPREFIX=24\nSCOPE="scope link"\n',
             'a/route-eth0': '# why\n10.9.0.0/16 via 10.0.0.1 table 100\n10.8.0.0/16   metric 7\n',
             'a/rule-eth0': 'from 10.0.0.2 table 100 priority 50\n# one more\nfwmark 5 table 100\n',
             'host/ifcfg-pa': 'PEER=eth0\nPEER_NETNS=a\nIPADDR=10.0.0.1\nPREFIX=24\n',
             'host/route-pa': 'ADDRESS0=10.5.0.0 # five\nNETMASK0=255.255.0.0\n'
                              'ADDRESS1=10.6.0.0\nNETMASK1=255.255.0.0\n'}
    write(host, files)
    assert host('up').status == 0
    result = host('config', 'save', 'w')
    assert result.status == 0, result
    after = tree_of(host)
    for name in ('a/route-eth0', 'a/rule-eth0', 'host/route-pa'):
        assert after[name] == files[name]
    assert host('config', 'check').status == 0, host('config', 'check')
    # Without files the same comes out of it.
    host.sh('rm -r %s/*' % TREE)
    assert host('config', 'save', '--all').status == 0
    assert 'from 10.0.0.2/32 table 100 priority 50\n' in tree_of(host)['a/rule-eth0'], tree_of(host)
    assert host('config', 'check').status == 0, host('config', 'check')
    # What is no longer wired goes from the files, and nothing else.
    write(host, files)
    assert host('wire', '--replace', '--save', '--name', 'w', 'a:eth0=10.0.0.2/24,route=10.7.0.0/16',
                'host:pa=10.0.0.1/24,route=10.6.0.0/16').status == 0
    after = tree_of(host)
    assert after['a/route-eth0'] == '# why\n10.7.0.0/16 dev eth0\n' and after['a/rule-eth0'] == '# one more\n', after
    assert after['host/route-pa'] == 'ADDRESS0=10.6.0.0\nNETMASK0=255.255.0.0\n', after
    assert host('config', 'check').status == 0, host('config', 'check')


def test_what_is_removed_is_told_as_removed(host):
    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--save', '--name', 'w', 'a:A=10.1.1.1/32,route=10.9.0.0/16', 'b:B=10.1.1.2/32').status == 0
    host('wire', '--replace', '--name', 'w', 'a:A=10.1.1.1/32,mtu=1400', 'b:B=10.1.1.2/32')
    result = host('config', 'save', 'w')
    assert 'removed %s/a/route-A\n' % TREE in result.out and 'wrote %s/a/ifcfg-A\n' % TREE in result.out, result
    assert 'a/route-A' not in tree_of(host)


def test_a_wire_with_an_odd_name_is_saved_and_comes_up_again(host):
    odd = "a very long name of a namespace " + 'x' * 60
    host.sh('ip netns add "%s"; ip netns add b' % odd)
    result = host('wire', '--save', 'netns://%s:A=10.1.1.1/32' % odd, 'b:B=10.1.1.2/32')
    assert result.status == 0 and '~' in result.out, result
    assert not any('WIRE=' in text for text in tree_of(host).values()), tree_of(host)
    assert host('config', 'check').status == 0, host('config', 'check')
    for words in (('up',), ('down',), ('up',), ('up',)):
        result = host(*words)
        assert result.status == 0 and 'Traceback' not in result.err, result
    assert result.out.startswith('nothing to do'), result


def test_wires_of_one_bridge_add_to_its_file(host):
    host.sh('ip netns add a; ip netns add b')
    write(host, {'host/ifcfg-br0': '# the bridge\nTYPE=Bridge\nIPADDR=10.9.9.1\nNETMASK=255.255.255.0\n',
                 'host/route-br0': '# mine\n'})
    assert host('wire', '--save', 'a:e=10.0.0.2/24', 'bridge://br0=10.0.0.1/24').status == 0
    assert host('wire', '--save', 'b:e=10.0.0.3/24', 'bridge://br0').status == 0
    text = tree_of(host)['host/ifcfg-br0']
    assert '10.9.9.1' in text and '10.0.0.1' in text and text.startswith('# the bridge\n'), text
    assert host('config', 'save', '--all').out.startswith('nothing to do')
    assert tree_of(host)['host/route-br0'] == '# mine\n'
    # One saved alone has the bridge as all wires of it want it.
    host.sh('rm -r %s/*' % TREE)
    assert host('config', 'save', 'b:e-br0').status == 0
    assert sorted(tree_of(host)) == ['b/ifcfg-e', 'host/ifcfg-br0'] and '10.0.0.1' in tree_of(host)['host/ifcfg-br0']


def test_a_save_goes_into_the_folder_that_is_there(host):
    write(host, {'netns:a/ifcfg-A': 'PEER=pa\nIPADDR=10.1.1.1\nPREFIX=24\n'})
    assert host('up', 'netns:a').status == 0
    assert host('config', 'save', '--all').status == 0
    assert sorted(tree_of(host)) == ['host/ifcfg-pa', 'netns:a/ifcfg-A'], tree_of(host)
    assert host('config', 'check').status == 0, host('config', 'check')


@pytest.mark.parametrize('device', ['x.bak', 'x.orig', 'x~'])
def test_a_device_whose_file_would_be_left_alone_is_not_saved(host, device):
    host.sh('ip netns add a')
    assert host('wire', '--name', 'w', 'a:%s=10.1.1.1/24' % device, 'host:p').status == 0
    result = host('config', 'save', 'w')
    assert result.status == 2 and device in result.err and tree_of(host) == {}, result


@pytest.mark.parametrize('words', [('wire', '--save', '--name', 'two', 'a=10.3.0.1/24', 'c=10.3.0.2/24'),
                                   ('wire', '--save', 'a=10.3.0.1/24', 'bridge://br0')])
def test_a_file_of_another_wire_is_not_overwritten_and_nothing_is_wired(host, words):
    host.sh('for each in a b c; do ip netns add $each; done')
    assert host('wire', '--save', '--name', 'one', 'a=10.0.0.1/24', 'b=10.0.0.2/24').status == 0
    assert host('unwire', 'one').status == 0
    before = tree_of(host)
    result = host(*words)
    assert result.status == 4 and '/a/ifcfg-eth0' in result.err and 'it describes another wire' in result.err, result
    assert tree_of(host) == before and host('ls').out == '' and '@' not in host.sh('ip -n a -br link')
    assert host('up').status == 0
    # The same wire with another end is no other wire.
    assert host('wire', '--save', '--replace', '--name', 'one', 'a:eth0=10.0.0.1/24', 'c=10.0.0.2/24').status == 0


def test_a_save_through_a_symlink_is_refused(host):
    host.sh('ip netns add a; mkdir -p /mnt/elsewhere /etc/sysconfig; ln -s /mnt/elsewhere %s' % TREE)
    result = host('wire', '--save', 'a:A=10.1.1.1/24', 'host:p')
    assert result.status == 2 and TREE in result.err and host.sh('ls /mnt/elsewhere') == '', result
    host.sh('mkdir /mnt/root; ln -s /mnt/elsewhere /mnt/root/etc')
    result = host('config', 'render', '--root', '/mnt/root', 'netns://a:A', 'netns://b:B')
    assert result.status == 2 and host.sh('ls /mnt/elsewhere') == '', result


def test_render_of_a_file_of_wires_has_the_mtu_of_its_lines(host):
    host.sh('echo "--mtu 1400 netns://a:A=10.1.1.1/32 netns://b:B=10.1.1.2/32,mtu=1300" >/run/wires;'
            'echo "--mtu 1200 netns://c:C=10.0.0.2/24 bridge://br0=10.0.0.1/24" >>/run/wires')
    result = host('config', 'render', '-f', '/run/wires')
    assert 'MTU=1400' in result.out and 'MTU=1300' in result.out and result.out.count('MTU=1200') == 2, result


@pytest.mark.parametrize('words', [('--mtu', '1400', 'a:e=10.0.0.2/24', 'bridge://br0=10.0.0.1/24'),
                                   ('a:e=10.0.0.2/24,mtu=1400', 'bridge://br0:p1=10.0.0.1/24')])
def test_the_mtu_of_a_bridges_port_is_saved(host, words):
    host.sh('ip netns add a')
    assert host('wire', '--no-check', '--save', *words).status == 0
    assert host('config', 'check').status == 0, host('config', 'check')
    assert host('up').out.startswith('nothing to do')
    assert host('config', 'save', '--all').out.startswith('nothing to do')


# What a save that does not come to its end leaves

def save_stopped_at(host, stop):
    """Saves a wire of a and b anew, ended by a patched call: the result. The tree held an earlier state of it."""
    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--save', '--name', 'w', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32').status == 0
    before = tree_of(host)
    assert host('wire', '--replace', '--name', 'w', 'a:A=10.2.1.1/32,mtu=1300', 'b:B=10.2.1.2/32,mtu=1300').status == 0
    argv = host.argv('config', 'save', 'w')
    at = argv.index('-c') + 1
    argv[at] = argv[at].replace('from netnsctl.start import main', STOP % stop + 'from netnsctl.start import main')
    return before, process.run(argv, b'', 60, host.environ())


# The rename of the N-th file of the tree sends a signal to its own process.
STOP = """
import os
from netnsctl.edge.files import config_batch
count, put = [0], config_batch._put
def stopping(*arguments):
    count[0] += 1
    if count[0] == %d:
        os.kill(os.getpid(), %d)
    return put(*arguments)
config_batch._put = stopping
"""


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize('at', [1, 2])
def test_an_interrupted_save_leaves_the_files_as_they_were(host, number, at):
    before, result = save_stopped_at(host, (at, number))
    assert result.status == 128 + number, result
    assert tree_of(host) == before


@pytest.mark.parametrize('at', [1, 2])
def test_a_killed_save_is_finished_by_whoever_reads_the_tree_next(host, at):
    before, result = save_stopped_at(host, (at, signal.SIGKILL))
    assert result.status == -signal.SIGKILL, result
    check = host('config', 'check')
    assert check.status == 0, check
    files = tree_of(host)
    assert 'IPADDR=10.2.1.1\n' in files['a/ifcfg-A'] and 'IPADDR=10.2.1.2\n' in files['b/ifcfg-B'], files
    assert host('up').out.startswith('nothing to do')
    # Its temp files go with the next save.
    assert host('config', 'save', '--all').status == 0
    assert sorted(tree_of(host)) == ['a/ifcfg-A', 'b/ifcfg-B'], tree_of(host)


def test_a_note_of_a_save_that_is_not_netnsctls_is_a_problem_and_moves_nothing(host):
    write(host, {'a/ifcfg-A': 'PEER=pa\n', '.saving': '[["../../passwd", null]]\n'})
    result = host('config', 'check')
    assert result.status == 2 and '.saving' in result.out + result.err and host.sh('ls /etc/passwd'), result
