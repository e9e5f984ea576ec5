"""`doctor --fix native` on throwaway hosts with an `ip` like EL6's: asked, told, done, and safe to do again."""

from __future__ import absolute_import, division, print_function

import os

import pytest

from support import inject, terminal

FIX = ('doctor', '--fix', 'native')
CONF = '/etc/netnsctl.conf'


def state_of(host):
    """What a fix could change."""
    return host.sh('ls -ld %s /usr/local/sbin/* /run/netns /run/netns/* /run/netnsctl 2>&1 || true; '
                   'cat %s 2>&1 || true; cat /proc/self/mountinfo' % (CONF, CONF))


def test_a_host_with_an_old_ip_is_mended_and_a_wire_works(host, old_ip):
    host.sh('ip netns add a; ip netns add b')
    found = host('doctor', path=old_ip)
    assert 'does not support netns' in found.out, found
    assert 'netnsctl shim enable' in found.out and '--fix rdo' not in found.out, found
    fixed = host(*FIX + ('--yes',), path=old_ip)
    assert fixed.status == 0, fixed
    told = [line for line in fixed.out.splitlines() if line.startswith('- ')]
    assert any('netlink' in line for line in told) and any('shim' in line for line in told), fixed
    assert host.sh('cat ' + CONF).endswith('\nbackend = netlink\n')
    after = host('doctor', 'privileges', 'netns', 'veth', 'ip', 'backend', 'netns-dir', 'netns-names', 'wires', 'shim',
                 '--json', path=old_ip)
    assert after.status == 0 and '"warn"' not in after.out and '"fail"' not in after.out, after
    wired = host('wire', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32', path=old_ip)
    assert wired.status == 0 and '(netlink, checked)' in wired.out, wired
    assert ' 0% packet loss' in host.sh('ip netns exec a busybox ping -c1 -W2 10.1.1.2')


def test_a_second_run_finds_nothing_to_mend(host, old_ip):
    assert host(*FIX + ('--yes',), path=old_ip).status == 0
    before = state_of(host)
    again = host(*FIX + ('--yes',), path=old_ip)
    assert again.status == 0 and again.out.startswith('Nothing to fix'), again
    assert state_of(host) == before


def test_without_a_terminal_and_without_yes_nothing_is_done(host, old_ip):
    before = state_of(host)
    result = host(*FIX, path=old_ip)
    assert (result.status, result.out) == (2, '') and '--yes' in result.err, result
    assert state_of(host) == before


@pytest.mark.parametrize('typed', ['n\n', '\n', 'nyes\n', '\x04'])
def test_what_is_not_wanted_is_not_done(host, old_ip, typed):
    before = state_of(host)
    result = terminal.run(host.argv(*FIX), typed, host.environ(path=old_ip))
    assert result.status == 1 and 'Do this? [y/N]' in result.out and 'nothing was changed' in result.out, result
    assert state_of(host) == before


def test_the_shim_is_asked_for_by_itself(host, old_ip):
    result = terminal.run(host.argv(*FIX), 'y\nn\n', host.environ(path=old_ip))
    assert result.status == 0 and 'backend = netlink' in result.out and 'Also give root' in result.out, result
    assert host.sh('ls /usr/local/sbin') == ''
    result = terminal.run(host.argv(*FIX), 'y\n', host.environ(path=old_ip))
    assert result.status == 0 and 'Do this?' not in result.out, result
    assert host.sh('ls /usr/local/sbin') == 'ip\n'


def test_an_ip_that_cannot_be_asked_keeps_nothing_else_from_being_mended(host, old_ip):
    host.sh("mkdir /mnt/bin; printf '#!/bin/sh\\nkill -9 $$\\n' >/mnt/bin/ip; chmod 755 /mnt/bin/ip")
    result = host(*FIX + ('--yes',), path='/mnt/bin')
    assert result.status == 1 and 'ip -V: ended by signal 9' in result.err, result
    assert '- ask again whether the host\'s `ip` supports netns' in result.out and \
        host.sh('cat ' + CONF).endswith('\nbackend = netlink\n'), result
    host.sh('cp -R %s/. /mnt/bin; cp %s.sh /mnt' % (old_ip, os.path.join(os.path.dirname(old_ip), 'old-ip')))
    again = host(*FIX + ('--yes',), path='/mnt/bin')
    assert again.status == 0 and os.path.basename(host.sh('readlink /usr/local/sbin/ip').strip()) == 'ip', again


def test_names_that_lead_nowhere_go_and_nothing_they_lead_to_is_touched(host):
    host.sh('''mount --make-shared /run; ip netns add good
        ln -s /run/nothing/net /run/netns/gone
        ln -s /run/netns/good /run/netns/also
        touch /run/netns/empty; mkdir /run/netns/folder; echo mine >/run/netns/full
        mkdir /run/victim; mount -t tmpfs none /run/victim; ln -s /run/victim /run/netns/mounted''')
    result = host(*FIX + ('--yes',))
    assert result.status == 0, result
    assert host.sh('ls /run/netns').split() == ['also', 'full', 'good'], result
    assert 'full' in result.out and host.sh('cat /run/netns/full') == 'mine\n'
    host.sh('mountpoint -q /run/victim; ip netns exec good true; ip netns exec also true')


def test_the_names_become_shared_and_stay_usable(host):
    host.sh('mkdir /run/netns; touch /run/netns/x; unshare -n mount --bind /proc/self/ns/net /run/netns/x')
    assert 'not shared' in host('doctor', 'netns-dir').out
    before = host.sh('ip netns exec x readlink /proc/self/ns/net')
    assert host(*FIX + ('--yes',)).status == 0
    assert host('doctor', 'netns-dir').out.count('on a shared mount') >= 1
    assert host.sh('ip netns exec x readlink /proc/self/ns/net') == before
    host.sh('ip netns delete x; test ! -e /run/netns/x; ! grep -q -e netns/x -e netnsctl/names /proc/self/mountinfo')


def test_a_half_done_wire_is_rolled_back(host):
    inject.available()
    host.sh('ip netns add a; ip netns add b')
    words = ['wire', '--backend', 'netlink', '--no-check', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32']
    total = inject.count(host, 'sendto', words)
    assert host('unwire', '--all').status == 0
    killed = inject.inject(host, 'sendto', 'signal=KILL', total - 1, words, only_netnsctl=True)
    assert killed.status in (-9, 137), killed
    assert 'half done' in host('doctor', 'wires').out
    result = host(*FIX + ('--yes',))
    assert result.status == 0 and 'rolled back the unfinished wire' in result.out, result
    assert host.sh('ip -n a -br link; ip -n b -br link').count('@') == 0
    assert 'half done' not in host('doctor', 'wires').out


def test_the_temp_file_of_a_fix_that_was_killed_as_it_wrote_the_settings_goes_with_the_next(host):
    inject.available()
    assert host(*FIX + ('--yes',)).status == 0  # Python writes down what it compiled
    host.sh('rm ' + CONF)
    killed = inject.inject(host, 'rename', 'signal=KILL', 1, FIX + ('--yes',), only_netnsctl=True)
    left, = host.sh('ls -d %s*' % CONF).split()
    assert killed.status in (-9, 137) and left.endswith('.tmp'), killed
    assert host(*FIX + ('--yes',)).status == 0
    assert host.sh('ls -d %s*' % CONF).split() == [CONF]


def test_a_settings_file_that_is_not_understood_is_left_alone(host):
    host.sh('echo "backend = quick" >%s' % CONF)
    before = state_of(host)
    result = host(*FIX + ('--yes',))
    assert result.status == 2 and '%s:1: ' % CONF in result.err, result
    assert state_of(host) == before
    host.sh('ip netns add a; ip netns add b')
    result = host('wire', 'a', 'b')
    assert result.status == 2 and '%s:1: ' % CONF in result.err, result


@pytest.mark.parametrize('text, undo', [
    ('', 'remove the line "backend = netlink" from ' + CONF),
    ('firewall = nft\n', 'remove the line "backend = netlink" from ' + CONF),
    ('backend = iproute  # ours\n', 'put the line "backend = iproute" back into ' + CONF)])
def test_what_undoes_the_backend_is_what_the_file_said(host, text, undo):
    host.sh('printf "%s" >%s' % (text, CONF))
    result = host(*FIX + ('--yes',))
    assert result.status == 0 and 'undone by: ' + undo in result.out, result
    assert 'backend = netlink' in host.sh('cat ' + CONF)


def test_a_read_only_etc_is_one_clear_line(host):
    host.sh('mount -o remount,ro /etc')
    result = host(*FIX + ('--yes',))
    assert result.status == 1 and 'netnsctl: write %s: Read-only file system' % CONF in result.err, result
    assert 'Traceback' not in result.err


def test_a_full_etc_keeps_the_file_it_had(host):
    host.sh('mount -t tmpfs -o size=8k,nr_inodes=3 none /etc; echo "# mine" >%s; echo x >/etc/y' % CONF)
    result = host(*FIX + ('--yes',))
    assert result.status == 1 and 'netnsctl: write %s: No space left' % CONF in result.err, result
    assert host.sh('cat %s; ls /etc' % CONF) == '# mine\nnetnsctl.conf\ny\n'


def test_not_root_nothing_is_planned(as_nobody):
    result = as_nobody(*FIX + ('--yes',))
    assert result.status == 1 and 'must be run as root' in result.err and 'sudo' in result.err, result
    assert not os.path.exists(CONF)


STALE = ('doctor', '--fix', 'netns-names', '--fix', 'native')


def test_several_fixes_are_done_in_the_order_given(host, old_ip):
    host.sh('ip netns add a; mkdir /run/netns/gone')
    result = host(*STALE + ('--fix', 'netns-names', '--yes'), path=old_ip)
    assert result.status == 0, result
    assert result.out.count('`--fix netns-names`') == 1
    assert result.out.index('To fix this host, `--fix netns-names` will') < result.out.index(
        'To fix this host, `--fix native` will')
    assert host.sh('ls /run/netns; cat ' + CONF).split('\n')[0] == 'a' and 'backend = netlink' in host.sh('cat ' + CONF)


@pytest.mark.parametrize('typed,gone,conf,said', [
    ('y\nn\n', True, False, 'already done and kept: --fix netns-names'),
    ('n\n', False, False, 'not begun: --fix native'),
    ('y\ny\nn\n', True, True, 'checks: ')])
def test_each_of_several_fixes_is_asked_for_and_one_that_is_not_wanted_ends_it(host, old_ip, typed, gone, conf, said):
    host.sh('ip netns add a; mkdir /run/netns/gone')
    result = terminal.run(host.argv(*STALE), typed, host.environ(path=old_ip))
    assert said in result.out and (result.status == 0) == conf, result
    assert ('gone' not in host.sh('ls /run/netns').split()) == gone
    assert host.sh('test -e %s && echo there || echo none' % CONF) == ('there\n' if conf else 'none\n')


def test_a_fix_that_fails_ends_those_after_it(host, old_ip):
    host.sh('ip netns add a; mkdir /run/netns/gone; mount -o remount,ro /etc')
    result = host('doctor', '--fix', 'native', '--fix', 'netns-names', '--yes', path=old_ip)
    assert result.status == 1 and 'not begun: --fix netns-names' in result.out, result
    assert 'gone' in host.sh('ls /run/netns').split()


@pytest.mark.parametrize('words', [('--fix', 'bogus'), ('--fix', 'native', '--fix', 'bogus'),
                                   ('--fix', 'bogus', '--yes')])
def test_an_unknown_fix_is_named_before_all_else(host, words):
    before = state_of(host)
    result = host('doctor', *words)
    assert result.status == 2 and 'there is no such fix' in result.err and 'terminal' not in result.err, result
    assert (words[-2] if words[-1] == '--yes' else words[-1]) in result.err and 'Fixes are: native, ' in result.err
    assert state_of(host) == before


@pytest.mark.parametrize('words', [
    ('doctor', '--fix', 'magic', '--yes'), ('doctor', '--fix', 'native', 'veth', '--yes'), ('doctor', '--yes'),
    ('doctor', '--fix', 'native', '--list-checks', '--yes')])
def test_words_that_do_not_go_together_are_refused(run_netnsctl, words):
    result = run_netnsctl(*words)
    assert result.status == 2 and result.out == '' and result.err.startswith('netnsctl: doctor'), result


def test_json_has_the_findings_alone_on_standard_output(host, old_ip):
    import json
    result = host(*FIX + ('--yes', '--json'), path=old_ip)
    assert result.status == 0 and json.loads(result.out)['fit'] is True, result
    assert '- record in' in result.err
