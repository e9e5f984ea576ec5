"""The config tree on throwaway hosts: rendered, saved, checked, brought up and taken down, in real namespaces."""

from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support.aside import own_host

TREE = '/etc/sysconfig/netns'


@pytest.fixture
def host(run_netnsctl):
    """A throwaway host of the test's own: host(*words), host.sh(script)."""
    made = own_host(run_netnsctl)
    yield made
    made.close()


def write(host, files):
    """Writes files of the tree: {'a/ifcfg-eth0': text}."""
    for name, text in files.items():
        path = '%s/%s' % (TREE, name)
        host.sh("mkdir -p '%s'; cat >'%s' <<'end-of-file'\n%send-of-file\n" % (os.path.dirname(path), path, text))


def tree_of(host):
    """{file of the tree: text}"""
    found = {}
    for path in host.sh('find %s -type f 2>/dev/null | sort || true' % TREE).splitlines():
        found[path[len(TREE) + 1:]] = host.sh("cat '%s'" % path)
    return found


def net(host, *names):
    """What the namespaces hold: addresses, routes and rules, as text without numbers that differ from run to run."""
    return host.sh(
        '; '.join(
            'ip -n {0} -br address | sed "s/@if[0-9]*//; s/fe80[^ ]* *//"; ip -n {0} route; '
            'ip -n {0} -6 route | grep -v fe80 || true; ip -n {0} rule'.format(name) for name in names))


HAND_MADE = {
    'a/ifcfg-A': '# by hand\nDEVICE=A\nIPADDR=10.1.1.1\nPREFIX=32\nPEER=B\nPEER_NETNS=b\n',
    'b/ifcfg-B': 'DEVICE=B\nIPADDR=10.1.1.2\nPREFIX=32\n'}


def test_a_tree_written_by_hand_comes_up_and_pings_and_a_second_up_changes_nothing(host):
    write(host, HAND_MADE)
    result = host('up')
    assert result.status == 0 and result.out == 'wired a:A-b:B\n', result
    host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.2')
    before = host.sh('ip -n a -d link show A; ip -n b -d link show B; cat /run/netnsctl/wires/*')
    again = host('up')
    assert again.status == 0 and again.out.startswith('nothing to do'), again
    assert host.sh('ip -n a -d link show A; ip -n b -d link show B; cat /run/netnsctl/wires/*') == before
    assert host('config', 'check').out == 'what is wired is what the tree says\n'


def test_down_is_the_inverse_of_up_and_takes_the_namespaces_it_made(host):
    before = host.sh('ls /run/netns 2>/dev/null || true; ip -o link | wc -l')
    write(host, HAND_MADE)
    assert host('up').status == 0
    result = host('down')
    assert result.status == 0 and result.out == 'unwired a:A-b:B\n', result
    assert host.sh('ls /run/netns 2>/dev/null || true; ip -o link | wc -l') == before
    again = host('down')
    assert again.status == 0 and again.out.startswith('nothing to do'), again


def test_down_leaves_what_netnsctl_did_not_make(host):
    host.sh('ip netns add a; ip netns add c')
    write(host, HAND_MADE)
    assert host('wire', 'c:x=10.5.0.1/32', 'host:y=10.5.0.2/32').status == 0
    assert host('up').status == 0
    host.sh('ip netns exec b sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >/run/pid')
    assert host('down').status == 0
    assert host.sh('ls /run/netns').split() == ['a', 'b', 'c']
    assert 'y' in host('ls').out
    host.sh('kill $(cat /run/pid); while [ -e /proc/$(cat /run/pid)/ns ]; do sleep 0.05; done')
    assert host('down').status == 0
    assert host.sh('ls /run/netns').split() == ['a', 'c']


def test_what_differs_is_made_anew_and_what_is_missing_made(host):
    write(host, HAND_MADE)
    host('up')
    host.sh('ip -n a address del 10.1.1.1/32 dev A')
    check = host('config', 'check')
    assert check.status == 1 and '%s/a/ifcfg-A' % TREE in check.out and 'altered' in check.out, check
    result = host('up')
    assert result.status == 0 and result.out == 'made a:A-b:B anew\n', result
    host.sh("sed -i s/10.1.1.2/10.1.1.9/ %s/b/ifcfg-B" % TREE)
    check = host('config', 'check')
    assert check.status == 1 and '%s/b/ifcfg-B:2' % TREE in check.out and '10.1.1.9' in check.out, check
    assert host('up').out == 'made a:A-b:B anew\n'
    host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.9; ip -n a link del A')
    assert 'half' in host('config', 'check').out or 'altered' in host('config', 'check').out
    assert host('up').status == 0
    host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.9')


def test_a_whole_network_comes_back_as_it_was(host):
    write(host, {
        'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.0.0.1\nPREFIX=24\nIPV6INIT=yes\nIPV6ADDR=fd00::1/64\n',
        'a/ifcfg-eth0': 'BRIDGE=br0\nIPADDR=10.0.0.2\nPREFIX=24\nGATEWAY=10.0.0.1\nMETRIC=5\nSRCADDR=10.0.0.2\n'
                        'MTU=1400\nMACADDR=02:00:00:00:00:0a\nIPV6INIT=yes\nIPV6ADDR=fd00::2\nIPV6_DEFAULTGW=fd00::1\n',
        'a/route-eth0': '10.9.0.0/16 via 10.0.0.1 table 100\n10.8.0.0/16 via 10.0.0.1\n',
        'a/route6-eth0': 'fd01::/64 via fd00::1\n', 'a/rule-eth0': 'from 10.0.0.2 table 100 priority 50\n',
        'b/ifcfg-eth0': 'BRIDGE=br0\nIPADDR0=10.0.0.3\nPREFIX0=24\nIPADDR1=10.7.0.3\nNETMASK1=255.255.0.0\n',
        'b/route-eth0': 'ADDRESS0=10.8.0.0\nNETMASK0=255.255.0.0\nGATEWAY0=10.0.0.1\n'})
    result = host('up')
    assert result.status == 0, result
    host.sh('ip netns exec a busybox ping -c1 -W2 10.0.0.3')
    seen = net(host, 'a', 'b')
    for words in ('10.9.0.0/16', ):
        assert words not in seen
    assert 'default via 10.0.0.1 dev eth0 src 10.0.0.2 metric 5' in seen.replace('  ', ' '), seen
    assert '50:\tfrom 10.0.0.2 lookup 100' in seen and 'fd01::/64 via fd00::1' in seen and '10.7.0.3/16' in seen, seen
    assert '10.9.0.0/16 via 10.0.0.1' in host.sh('ip -n a route show table 100')
    assert 'mtu 1400' in host.sh('ip -n a link show eth0') and '02:00:00:00:00:0a' in host.sh('ip -n a link show eth0')
    assert host('up').out.startswith('nothing to do')
    assert host('config', 'check').status == 0, host('config', 'check')
    assert host('down').status == 0 and host.sh('ls /run/netns; ip -o link show br0 2>/dev/null || true') == ''
    assert host('up').status == 0 and net(host, 'a', 'b') == seen


def test_ten_files_one_bad_one_container_missing_eight_come_up(host):
    files = dict(('n%d/ifcfg-eth0' % number, 'IPADDR=10.2.%d.1\nPREFIX=24\nPEER=p%d\n' % (number, number))
                 for number in range(8))
    files['bad/ifcfg-eth0'] = 'IPADDR=$(reboot)\n'
    files['docker:gone/ifcfg-eth0'] = 'IPADDR=10.3.0.1\nPREFIX=24\nPEER=pg\n'
    write(host, files)
    result = host('up')
    assert result.status == 2 and len(result.out.splitlines()) == 8, result
    assert '%s/bad/ifcfg-eth0:1: ' % TREE in result.err and '%s/docker:gone/ifcfg-eth0' % TREE in result.err, result
    assert '8 done' in result.err and '2 failed' in result.err, result
    again = host('up')
    assert again.status == 2 and again.out == '' and '0 done, 8 as they were, 2 failed' in again.err, again


def test_names_choose_folders_and_onboot_no_waits_for_its_name(host):
    write(host, {'a/ifcfg-e': 'PEER=pa\nIPADDR=10.2.0.1\nPREFIX=24\n',
                 'b/ifcfg-e': 'PEER=pb\nIPADDR=10.3.0.1\nPREFIX=24\nONBOOT=no\n'})
    assert host('up').out == 'wired a:e-host:pa\n'
    assert host('up', 'b').out == 'wired b:e-host:pb\n'
    assert host('down', 'a').out == 'unwired a:e-host:pa\n'
    result = host('up', 'nosuch')
    assert result.status == 2 and '%s/nosuch' % TREE in result.err, result
    data = json.loads(host('up', '--json').out)
    assert data['made'] == ['a:e-host:pa'] and data['failed'] == [], data


def test_wire_with_save_is_there_again_after_its_state_is_gone(host):
    host.sh('ip netns add a; ip netns add b')
    result = host('wire', '--save', 'a', 'b')
    assert result.status == 0, result
    seen = net(host, 'a', 'b')
    assert host('up').out.startswith('nothing to do'), host('up')
    # As after a reboot: no state, no names, no links.
    host.sh('ip netns del a; ip netns del b; rm -r /run/netnsctl')
    assert host('up').status == 0 and net(host, 'a', 'b') == seen


def test_config_save_writes_what_is_wired_and_only_what_differs(host):
    host.sh('ip netns add a; ip netns add b')
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


@pytest.mark.parametrize('damage',
                         ['chown 65534 {0}', 'chmod o+w {0}', 'chmod g+w {0}', 'mv {0} {0}.x; ln -s {0}.x {0}',
                          'rm {0}; mkfifo {0}', 'rm {0}; mkdir {0}', 'chmod o+w $(dirname {0})',
                          'chown 65534 $(dirname {0})', 'head -c 10000000 /dev/zero | tr "\\\\0" x >{0}',
                          'printf "DEVICE=A\\\\r\\\\n" >{0}', 'echo "IPADDR=\\"10.1.1.1" >{0}'])
def test_a_file_that_cannot_be_trusted_or_read_is_refused_and_costs_only_its_wire(host, damage):
    write(host, dict(HAND_MADE, **{'c/ifcfg-e': 'PEER=pc\nIPADDR=10.2.0.1\nPREFIX=24\n'}))
    host.sh(damage.format(TREE + '/a/ifcfg-A'))
    result = host('up')
    assert result.status == 2 and TREE + '/a' in result.err and 'Traceback' not in result.err, result
    assert 'wired c:e-host:pc' in result.out, result


def test_a_value_runs_nothing(host):
    write(host, {'a/ifcfg-e': 'PEER=pa\nIPADDR="$(touch /run/ran)"\n', 'b/ifcfg-e': 'PEER=pb\nMTU=`touch /run/ran`\n',
                 'c/ifcfg-e': "PEER=pc\nDOMAIN='{{7*7}}'\n", 'd/ifcfg-e': '; touch /run/ran\n'})
    assert host('up').status == 2
    host('config', 'check')
    assert host.sh('ls -d /run/ran 2>/dev/null || true') == ''


def test_a_save_that_fails_leaves_the_old_files_byte_for_byte(host):
    host.sh('ip netns add a; ip netns add b')
    assert host('wire', '--save', '--name', 'w', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32').status == 0
    before = tree_of(host)
    host.sh('mount --bind %s/b %s/b; mount -o remount,ro,bind %s/b' % (TREE, TREE, TREE))
    result = host('wire', '--save', '--replace', '--name', 'w', 'a:A=10.1.1.1/32,mtu=1300', 'b:B=10.1.1.2/32,mtu=1300')
    assert result.status == 1 and 'Read-only' in result.err, result
    host.sh('umount %s/b' % TREE)
    assert tree_of(host) == before


def test_without_a_tree_up_and_down_have_nothing_to_do(host):
    for verb in ('up', 'down'):
        result = host(verb)
        assert result.status == 0 and result.out.startswith('nothing to do'), result
    assert host('config', 'check').status == 0


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


@pytest.mark.parametrize('client', ['dhclient', 'udhcpc', 'busybox'])
def test_dhcp_gives_an_address_until_down_ends_its_client(host, client):
    found = host.sh('command -v %s || true' % client).strip()
    if not found:
        pytest.skip('%s is not installed' % client)
    host.sh('mkdir -p /mnt/bin; ln -s %s /mnt/bin/; '
            'for p in env ip sh sed grep tr; do ln -s "$(command -v $p)" /mnt/bin/; done' % found)
    write(host, {'host/ifcfg-br0': 'TYPE=Bridge\nIPADDR=10.0.0.1\nPREFIX=24\n',
                 'a/ifcfg-eth0': 'BRIDGE=br0\nBOOTPROTO=dhcp\n',
                 'b/ifcfg-eth0': 'BRIDGE=br0\nIPADDR=10.0.0.3\nPREFIX=24\n'})
    assert host('up', 'b').status == 0
    host.sh("""cat >/run/udhcpd.conf <<'end-of-file'
interface br0
start 10.0.0.50
end 10.0.0.60
option router 10.0.0.1
option subnet 255.255.255.0
option dns 10.0.0.1
option domain a.example
lease_file /run/leases
pidfile /run/udhcpd.pid
end-of-file
        : >/run/leases; busybox udhcpd -f /run/udhcpd.conf >/dev/null 2>&1 </dev/null & echo $! >/run/server""")
    try:
        result = host('up', only_path='/mnt/bin')
        assert result.status == 0, result
        first = host.sh('ip -n a -4 -br address show eth0').split()[2]
        assert first.startswith('10.0.0.5') and first.endswith('/24')
        assert 'default via 10.0.0.1' in host.sh('ip -n a route')
        assert host.sh('ip netns exec a cat /etc/resolv.conf').endswith('nameserver 10.0.0.1\n')
        assert host.sh('ls /run/netnsctl/dhcp/*.pid').count('\n') == 1
        pid = host.sh('cat /run/netnsctl/dhcp/*.pid').strip()
        assert host('up', only_path='/mnt/bin').out.startswith('nothing to do')
        assert host.sh('cat /run/netnsctl/dhcp/*.pid').strip() == pid
        assert host('down', 'a').status == 0
        assert host.sh('tr -d "\\\\0" </proc/%s/cmdline || true' % pid) == ''
        assert host('up', only_path='/mnt/bin').status == 0
        # Its lease was kept.
        assert host.sh('ip -n a -4 -br address show eth0').split()[2] == first
    finally:
        host.sh('kill $(cat /run/server)')
        host('down')


def test_dhcp_without_a_client_or_a_server_costs_only_its_wire(host):
    write(host, {'a/ifcfg-eth0': 'PEER=pa\nBOOTPROTO=dhcp\n', 'b/ifcfg-eth0': 'PEER=pb\nIPADDR=10.0.0.3\nPREFIX=24\n'})
    host.sh('mkdir -p /mnt/bin; for p in env ip sh; do ln -s "$(command -v $p)" /mnt/bin/; done')
    result = host('up', only_path='/mnt/bin')
    assert result.status == 3 and 'neither dhclient nor udhcpc' in result.err and 'wired b:' in result.out, result
