"""What a helper that runs among a container's links can still do: nothing but look at them, or ask for an address."""
from __future__ import absolute_import, division, print_function

import json
import os
import sys

import pytest

from netnsctl.edge import confined
from netnsctl.edge.host import Host
from support.aside import own_host
from support.process import must, run
from support.units import limits

ALLOWED = 1 << confined.NET_ADMIN | 1 << confined.NET_RAW
SHOW = '#!/bin/sh\ncat /proc/self/status >%s\nls -l /proc/self/fd >>%s\nenv >>%s\n'
# As the child of a process of its own, so that limits can be put before that.
RUN_CONFINED = ('import sys; sys.path[:0] = %r; from netnsctl.edge import confined, host; '
                'print(host.Host().run(sys.argv[1:], prepare=confined.setup((12, 13), %%s)).out)' % sys.path)
RULES = ('nft add table inet t; nft add chain inet t c "{ type filter hook input priority 0; policy drop; }"; '
         'nft add rule inet t c meta mark 7 meta l4proto vrrp meta skuid 65534 tcp dport 22 counter accept; '
         'for version in iptables iptables-legacy ip6tables; do $version -A INPUT -p vrrp -j DROP; '
         '$version -A INPUT -p tcp --dport 22 -m owner --uid-owner 65534 -m comment --comment "a b" -j ACCEPT; done')


def status_of(text):
    return dict(line.split(':', 1) for line in text.splitlines() if line.startswith(('Cap', 'Uid', 'Gid', 'NoNew')))


def capabilities(text, which):
    return int(status_of(text)[which].strip(), 16)


def has_ambient():
    with open('/proc/self/status') as stream:
        return 'CapAmb' in stream.read()


def run_confined(script, **options):
    prepare = confined.setup((confined.NET_ADMIN, confined.NET_RAW), **options)
    return Host().run(['/bin/sh', '-c', script], prepare=prepare)


def test_a_confined_helper_has_these_capabilities_alone():
    shown = run_confined('cat /proc/self/status').out
    for which in ('CapEff', 'CapPrm', 'CapBnd'):
        assert capabilities(shown, which) == ALLOWED
    assert run_confined('mount -t tmpfs none /mnt').status != 0
    assert run_confined('ip link add x%d type veth && ip link del x%d' % ((os.getpid() % 10000,) * 2)).status == 0


def test_as_nobody_it_owns_no_file_and_gains_nothing():
    if not has_ambient():
        pytest.skip('the kernel has no ambient capabilities')
    shown = run_confined('cat /proc/self/status', reader='/bin/sh').out
    assert status_of(shown)['Uid'].split() == ['65534'] * 4
    assert capabilities(shown, 'CapEff') == capabilities(shown, 'CapBnd') == ALLOWED
    assert status_of(shown)['NoNewPrivs'].strip() == '1'
    assert run_confined('echo x >>/etc/passwd', reader='/bin/sh').status != 0
    assert run_confined('ip link add x%d type veth && ip link del x%d' % ((os.getpid() % 10000,) * 2),
                        reader='/bin/sh').status == 0


def test_without_the_right_to_drop_capabilities_no_program_gets_more_either():
    """As in the services, whose bounding set lacks CAP_SETPCAP, with more than a helper needs."""
    service = ['setpriv', '--bounding-set', '-all,+sys_admin,+net_admin,+net_raw,+sys_ptrace,+dac_override',
               '--inh-caps', '-all']
    shown = must(service + [sys.executable, '-c', RUN_CONFINED % '', '/bin/sh', '-c',
                            'cat /proc/self/status; mount -t tmpfs none /mnt || echo no'])
    for which in ('CapEff', 'CapPrm'):
        assert capabilities(shown, which) == ALLOWED
    assert capabilities(shown, 'CapBnd') != ALLOWED and status_of(shown)['NoNewPrivs'].strip() == '1'
    assert shown.strip().endswith('no')


@pytest.mark.parametrize('program', ['nft', 'iptables-save', 'iptables-legacy-save'])
def test_it_can_still_read_a_namespace_s_firewall(netns, program):
    name = netns('f')
    if program == 'nft':
        rules = 'nft add table ip t; nft add chain ip t c "{ type filter hook input priority 0; policy drop; }"'
    else:
        rules = '%s -P INPUT DROP' % program.replace('-save', '')
    result = run(['ip', 'netns', 'exec', name, 'sh', '-c', rules])
    if result.status:
        pytest.skip('%s makes no rule here: %s' % (program, result.err.strip()))
    words = [program] + (['list', 'ruleset'] if program == 'nft' else ['-c'])
    plain = run(['ip', 'netns', 'exec', name] + words)
    shown = run(['ip', 'netns', 'exec', name, 'setpriv', '--reuid', '65534', '--clear-groups', '--bounding-set',
                 '-all,+net_admin,+net_raw', '--inh-caps', '-all,+net_admin,+net_raw', '--ambient-caps',
                 '-all,+net_admin,+net_raw', '--no-new-privs'] + words)
    assert shown.status == 0 and 'drop' in shown.out.lower()
    assert plain.out.count('\n') == shown.out.count('\n')


TAMPER = ('echo x >>%s/roots && echo WRITTEN; chmod 666 %s/roots && echo WRITTEN; mkdir /etc/x && echo WRITTEN; '
          'echo x >/proc/sys/kernel/domainname && echo WRITTEN; umount /usr && echo UNMOUNTED; '
          'echo AT: /run/* /dev/* /var/* /root/* /etc/shadow*; echo END')


@pytest.fixture
def show_of_nft(run_netnsctl, netns, tmpdir):
    """show_of_nft(*before, script=SHOW, mode=0o755): what a stand-in for nft shows of itself when `check`, under the
    words before, asks it about a wire's namespaces."""
    fifo = str(tmpdir / 'log')
    os.mkfifo(fifo)
    os.chmod(fifo, 0o666)  # a file could not be written to where all is read-only
    for folder in (str(tmpdir), str(tmpdir.dirpath()), str(tmpdir.dirpath().dirpath())):
        os.chmod(folder, 0o755)
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', '--name', 'w' + a, a + ':e=10.7.0.1/24', b + ':e=10.7.0.2/24').status == 0
    run(['ip', 'netns', 'exec', b, 'sh', '-c', 'iptables -P INPUT DROP'])

    def show(*before, **options):
        (tmpdir / 'nft').write(SHOW % ((fifo,) * 3) + '{ %s; } >%s 2>/dev/null' % (options.get('more', ':'), fifo))
        os.chmod(str(tmpdir / 'nft'), options.get('mode', 0o755))
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        try:
            environ = run_netnsctl.environ(path=str(tmpdir), environ={'SECRET': 'x'})
            checked = run(list(before) + run_netnsctl.argv('check', 'w' + a), environ=environ)
            assert checked.status == 5, checked
            return os.read(reader, 1 << 16).decode()
        finally:
            os.close(reader)
    return show


def test_what_is_asked_about_a_namespace_s_firewall_runs_confined(show_of_nft):
    if not has_ambient():
        pytest.skip('the kernel has no ambient capabilities')
    shown = show_of_nft()
    assert status_of(shown)['Uid'].split() == ['65534'] * 4
    assert capabilities(shown, 'CapEff') == ALLOWED
    assert 'SECRET' not in shown and 'netnsctl/lock' not in shown and 'socket:' not in shown


@pytest.mark.parametrize('before, mode', [(limits(), 0o755), ([], 0o700)],
                         ids=["under the units' limits", "a program that is root's alone"])
def test_where_a_firewall_s_program_cannot_run_as_nobody_it_writes_no_file_of_root_s(show_of_nft, tmpdir, before, mode):
    (tmpdir / 'roots').write('')
    os.chmod(str(tmpdir / 'roots'), 0o600)
    shown = show_of_nft(*before, mode=mode, more=TAMPER % (tmpdir, tmpdir))
    assert shown.rstrip().endswith('END') and 'WRITTEN' not in shown and 'UNMOUNTED' not in shown, shown
    assert 'AT: /run/* /dev/null /var/* /root/* /etc/shadow*\n' in shown
    assert (tmpdir / 'roots').read() == '' and os.stat(str(tmpdir / 'roots')).st_mode & 0o777 == 0o600
    assert capabilities(shown, 'CapEff') == ALLOWED and status_of(shown).get('NoNewPrivs', '1').strip() == '1'
    assert 'SECRET' not in shown and 'netnsctl/lock' not in shown and 'socket:' not in shown


@pytest.mark.parametrize('words', [['nft', 'list', 'ruleset'], ['iptables-save', '-c'], ['iptables-legacy-save', '-c'],
                                   ['ip6tables-save', '-c']], ids=lambda words: words[0])
def test_it_prints_the_same_where_it_sees_the_system_s_programs_alone(netns, words):
    name, path = netns('f'), Host().find(words[0])
    if path is None:
        pytest.skip('%s is not installed' % words[0])
    run(['ip', 'netns', 'exec', name, 'sh', '-c', RULES])
    plain = must(['ip', 'netns', 'exec', name] + words)
    shown = must(['ip', 'netns', 'exec', name] + limits() + [
        sys.executable, '-c', RUN_CONFINED % 'reader=sys.argv[1]', path] + words[1:])
    assert len(rules_of(plain)) > 3 and rules_of(shown) == rules_of(plain)


def rules_of(text):
    """The lines of what a firewall's program prints, without its remarks, which have the time."""
    return [line for line in text.splitlines() if line and not line.startswith('#')]


def test_a_dhcp_client_has_no_more_than_its_trade_takes(run_netnsctl, tmpdir):
    host = own_host(run_netnsctl)
    try:
        host.sh('mkdir -p /etc/sysconfig/netns/a /etc/sysconfig/netns/host; '
                'printf "TYPE=Bridge\\nIPADDR=10.0.0.1\\nPREFIX=24\\n" >/etc/sysconfig/netns/host/ifcfg-br0; '
                'printf "BRIDGE=br0\\nBOOTPROTO=dhcp\\n" >/etc/sysconfig/netns/a/ifcfg-eth0')
        (tmpdir / 'dhclient').write(SHOW % (('/run/log',) * 3) + 'exit 2\n')
        os.chmod(str(tmpdir / 'dhclient'), 0o755)
        host('up', path=str(tmpdir), environ={'SECRET': 'x'})
        shown = host.sh('cat /run/log')
        assert capabilities(shown, 'CapEff') == capabilities(shown, 'CapBnd') == \
            ALLOWED | 1 << confined.NET_BIND_SERVICE
        assert 'SECRET' not in shown and 'netnsctl/lock' not in shown and 'socket:' not in shown
        host('down')
    finally:
        host.close()


@pytest.mark.parametrize('does', [pytest.param('exec sleep 60', marks=pytest.mark.thorough),
                                  '[ "$(ulimit -v)" = 1048576 ] && echo "nft: memory exhausted" >&2; exit 3'],
                         ids=['it never ends', 'it takes all memory'])
def test_a_firewall_that_cannot_be_read_is_said_to_be_unread(run_netnsctl, netns, tmpdir, does):
    """As one of 60,000 rules cannot be."""
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', '--name', 'w' + a, a + ':e=10.7.0.1/24', b + ':e=10.7.0.2/24').status == 0
    blocked = run(['ip', 'netns', 'exec', b, 'nft', '-f', '-'], feed='table inet t { chain in { type filter hook input '
                  'priority 0; policy accept; icmp type echo-request drop; }; }')
    if blocked.status:
        pytest.skip('nft makes no rule here: %s' % blocked.err.strip())
    (tmpdir / 'nft').write('#!/bin/sh\n%s\n' % does)
    os.chmod(str(tmpdir / 'nft'), 0o755)
    checked = run_netnsctl('check', 'w' + a, '--json', path=str(tmpdir))
    assert checked.status == 5, checked
    causes = json.loads(checked.out)['checks'][0]['causes']
    assert causes and set(cause['code'] for cause in causes) == set(['firewall-unread']), causes
    assert [cause for cause in causes if 'nft list ruleset' in cause['text'] and b in cause['text']], causes


def test_a_thousand_rules_that_drop_are_not_all_told(run_netnsctl, netns):
    a, b = netns('a'), netns('b')
    assert run_netnsctl('wire', '--name', 'w' + a, a + ':e=10.7.0.1/24', b + ':e=10.7.0.2/24').status == 0
    blocked = run(['ip', 'netns', 'exec', b, 'nft', '-f', '-'], feed='table inet t { chain in { type filter hook input '
                  'priority 0; policy accept; icmp type echo-request drop; %s }; }'
                  % ' '.join('udp dport %d drop;' % port for port in range(1, 1001)))
    if blocked.status:
        pytest.skip('nft makes no rule here: %s' % blocked.err.strip())
    checked = run_netnsctl('check', 'w' + a)
    assert checked.status == 5 and 0 < checked.out.count('may be dropped') <= 10, checked
