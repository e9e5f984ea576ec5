"""netnsctl shim enable, disable, status, on throwaway hosts."""

from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.edge import shim_file
from support import process
from support.aside import own_host
from support.program import SOURCE

PLACE = '/usr/local/sbin/ip'
PROGRAM = os.path.join(SOURCE, 'netnsctl', 'libexec', 'ip')


@pytest.fixture(autouse=True)
def of_root():
    """Skips where the source is a checkout that others than root can write to: its shim is not enabled."""
    theirs = shim_file.open_to_others(PROGRAM)
    if theirs is not None:
        pytest.skip('users other than root can write to ' + theirs)


@pytest.fixture
def old_host(host, old_ip):
    """call(words) runs netnsctl there, on a host whose own `ip` is EL6's; root's PATH leads to the shim first."""
    def call(*words, **options):
        return host(*words, **dict({'path': old_ip, 'environ': {'PATH': path_of(old_ip)}}, **options))
    return call


def path_of(*folders):
    return ':'.join(('/usr/local/sbin',) + folders + ('/usr/sbin', '/usr/bin', '/sbin', '/bin'))


def files(host):
    """What is in the folder of the place."""
    return host.sh('ls -lA /usr/local/sbin')


def test_enable_puts_a_symlink_there_and_status_tells(host, old_host, old_ip):
    result = old_host('shim', 'enable')
    assert (result.status, result.out) == (0, 'enabled: %s is a symlink to %s\n' % (PLACE, PROGRAM)), result
    assert host.sh('readlink ' + PLACE) == PROGRAM + '\n'
    assert 'hash -r' in result.err
    result = old_host('shim', 'status')
    assert result.status == 0 and result.out.split('\n')[:2] == [
        'enabled: %s points to %s' % (PLACE, PROGRAM), 'the host\'s own ip: %s/ip, which has no netns' % old_ip], result


def test_what_is_enabled_is_an_ip_that_knows_netns(host, old_host, old_ip):
    before = host.sh('PATH=%s; ip netns list 2>&1 || true' % path_of(old_ip))
    assert before == 'Object "netns" is unknown, try "ip help".\n'
    assert old_host('shim', 'enable').status == 0
    assert host.sh('PATH=%s; ip netns add a; ip netns list; ip -n a link show lo >/dev/null' % path_of(old_ip)) == 'a\n'
    assert old_host('shim', 'disable').status == 0
    assert host.sh('PATH=%s; ip netns list 2>&1 || true' % path_of(old_ip)) == before


def test_enable_twice_changes_nothing_the_second_time(host, old_host):
    old_host('shim', 'enable')
    before = host.sh('stat -c "%i %z" ' + PLACE)
    result = old_host('shim', 'enable')
    assert (result.status, result.out) == (0, 'nothing to do: %s is the shim\n' % PLACE)
    assert host.sh('stat -c "%i %z" ' + PLACE) == before


def test_disable_takes_it_away_and_a_second_time_has_nothing_to_do(host, old_host, old_ip):
    before = files(host)
    old_host('shim', 'enable')
    result = old_host('shim', 'disable')
    assert (result.status, result.out) == (0, 'disabled: %s is gone; `ip` is %s/ip again\n' % (PLACE, old_ip)), result
    assert files(host) == before
    result = old_host('shim', 'disable')
    assert (result.status, result.out) == (0, 'nothing to do: the shim is not enabled\n'), result


def test_where_the_hosts_own_ip_knows_netns_it_is_put_only_by_force(host):
    result = host('shim', 'enable')
    assert result.status == 0 and result.out.startswith('nothing to do: ') and 'supports netns' in result.out, result
    assert host('shim', 'status').out.startswith('disabled\n')
    assert host('shim', 'enable', '--force').out.startswith('enabled: ')
    assert host.sh('ip netns add a; ip netns list; ip -n a -o link show lo >/dev/null') == 'a\n'
    assert host('shim', 'disable').status == 0


def test_over_rdos_ip_it_is_put_for_what_that_lacks(host, rdo_ip):
    environ = {'PATH': path_of(rdo_ip)}
    assert host('shim', 'enable', path=rdo_ip, environ=environ).out.startswith('enabled: ')
    script = 'PATH=%s; ip netns add a; ip -n a link set lo up; ip netns set a 5; ip -j netns list; ip netns identify'
    assert host.sh(script % path_of(rdo_ip)).startswith('[{"name":"a","id":5}]')


@pytest.mark.parametrize('make', [
    'printf "#!/bin/sh\\nexec /usr/sbin/ip\\n" >ip && chmod +x ip', 'printf x >ip', 'touch ip', 'mkdir ip', 'mkfifo ip',
    'ln -s /usr/sbin/ip ip', 'ln -s /opt/nosuch ip', 'ln -s ip ip', 'cp %s ip' % PROGRAM])
def test_a_file_that_netnsctl_did_not_put_there_stays_as_it_is(host, old_host, make):
    host.sh('cd /usr/local/sbin && ' + make)
    show = 'cd /usr/local/sbin && stat -c "%F %a %i %z %n" ip && { [ ! -f ip ] || cat ip; }; true; ls -A .'
    before = host.sh(show)
    for words in (['enable'], ['enable', '--force'], ['disable']):
        result = old_host('shim', *words)
        assert result.status == 4 and PLACE in result.err and result.out == '', (words, result)
        assert 'Nothing was changed' in result.err
        assert host.sh(show) == before
    assert 'is not netnsctl\'s' in old_host('shim', 'status').out
    assert json.loads(old_host('shim', 'status', '--json').out)['state'] == 'foreign'


def test_a_symlink_to_a_netnsctl_that_is_gone_does_no_harm_and_both_commands_mend_it(host, old_host, old_ip):
    gone = '/opt/gone/netnsctl/libexec/ip'
    for words, state in ((['enable'], 'enabled'), (['disable'], 'disabled')):
        host.sh('ln -sfn %s %s' % (gone, PLACE))
        assert host.sh('PATH=%s; ip -V' % path_of(old_ip)) == 'ip utility, iproute2-ss091226\n'
        result = old_host('shim', 'status')
        assert result.status == 0 and result.out.startswith('dangling: %s points to %s' % (PLACE, gone)), result
        assert 'netnsctl shim disable' in result.out
        assert old_host('shim', *words).status == 0
        assert json.loads(old_host('shim', 'status', '--json').out)['state'] == state


@pytest.mark.parametrize('word', ['enable', 'disable'])
def test_the_temp_file_of_a_killed_enable_goes_with_the_next(host, old_host, word):
    host.sh('ln -s /gone/netnsctl/libexec/ip %s; ln -s %s %s.99999999.tmp; ln -s %s %s.1.tmp'
            % (PLACE, PROGRAM, PLACE, PROGRAM, PLACE))
    assert old_host('shim', word).status == 0
    assert host.sh('ls -A /usr/local/sbin').split() == ['ip'] * (word == 'enable') + ['ip.1.tmp']


def test_a_symlink_to_another_netnsctl_is_replaced_and_that_is_said(host, old_host):
    host.sh('mkdir -p /run/netnsctl-x/netnsctl/libexec; cp %s /run/netnsctl-x/netnsctl/libexec/ip; '
            'ln -s /run/netnsctl-x/netnsctl/libexec/ip %s' % (PROGRAM, PLACE))
    result = old_host('shim', 'enable')
    assert result.status == 0 and 'no longer to /run/netnsctl-x/netnsctl/libexec/ip' in result.out, result
    assert host.sh('readlink %s; ls -A /usr/local/sbin' % PLACE) == PROGRAM + '\nip\n'


def test_a_netnsctl_that_others_can_write_to_is_not_enabled(host, old_ip, installed):
    theirs = os.path.dirname(installed.package)
    words = host.prefix + installed.program.argv('shim', 'enable')
    environ = installed.program.environ(path=old_ip)
    os.chown(theirs, 65534, 65534)
    result = process.run(words, environ=environ)
    assert result.status == 1 and result.out == '' and (
        'enable the shim: users other than root can write to %s\n' % theirs) in result.err, result
    assert 'Nothing was changed' in result.err and host.sh('ls -A /usr/local/sbin') == ''
    os.chown(theirs, 0, 0)
    assert process.run(words, environ=environ).out.startswith('enabled: ')


def test_the_folder_is_made_where_it_is_missing(run_netnsctl, old_ip):
    host = own_host(run_netnsctl)
    try:
        host.sh('mount -t tmpfs none /usr/local')
        assert host('shim', 'enable', path=old_ip).status == 0
        assert host.sh('readlink %s; stat -c %%a /usr/local/sbin' % PLACE) == PROGRAM + '\n755\n'
    finally:
        host.close()


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_left(host, old_host):
    host.sh('mount -o remount,ro /usr/local/sbin')
    result = old_host('shim', 'enable')
    assert (result.status, result.err) == (1, 'netnsctl: enable the shim: %s: Read-only file system\n' % PLACE), result
    host.sh('mount -o remount,rw /usr/local/sbin')
    old_host('shim', 'enable')
    host.sh('mount -o remount,ro /usr/local/sbin')
    result = old_host('shim', 'disable')
    assert (result.status, result.err) == (1, 'netnsctl: disable the shim: %s: Read-only file system\n' % PLACE), result
    assert host.sh('ls -A /usr/local/sbin') == 'ip\n'


def test_a_user_who_is_not_root_is_told_so(host, old_ip, run_netnsctl):
    if not run_netnsctl.nobody_can_run():
        pytest.skip('nobody cannot read this Python, or the source')
    words = host.prefix + ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    environ = run_netnsctl.environ(path=old_ip)
    host.sh('chmod 755 /usr/local/sbin')
    result = process.run(words + run_netnsctl.argv('shim', 'enable'), environ=environ)
    assert result.status == 1 and 'must be run as root' in result.err and 'Traceback' not in result.err, result
    assert process.run(words + run_netnsctl.argv('shim', 'status'), environ=environ).out.startswith('disabled\n')
    host.sh('ln -s %s %s' % (PROGRAM, PLACE))
    result = process.run(words + run_netnsctl.argv('shim', 'disable'), environ=environ)
    assert result.status == 1 and 'must be run as root' in result.err, result
    assert host.sh('readlink ' + PLACE) == PROGRAM + '\n'


def test_status_as_json_is_one_document(host, old_host, old_ip):
    found = json.loads(old_host('shim', 'status', '--json').out)
    assert found == {'version': 1, 'state': 'disabled', 'place': PLACE, 'target': None, 'first': False,
                     'other': old_ip + '/ip', 'ip': old_ip + '/ip', 'ip_knows_netns': False}
    old_host('shim', 'enable')
    found = json.loads(old_host('shim', 'status', '--json').out)
    assert found == {'version': 1, 'state': 'enabled', 'place': PLACE, 'target': PROGRAM, 'first': True,
                     'other': PLACE, 'ip': old_ip + '/ip', 'ip_knows_netns': False}


def test_a_path_that_does_not_lead_to_it_is_told(host, old_host, old_ip):
    result = old_host('shim', 'enable', environ={'PATH': '%s:/usr/local/sbin:/usr/bin' % old_ip})
    assert result.status == 0 and '/usr/local/sbin must come before it' in result.err, result


def test_doctor_tells_of_the_shim(host, old_host):
    def finding():
        return json.loads(old_host('doctor', 'shim', '--json').out)['findings'][0]['text']
    assert finding() == 'not enabled'
    old_host('shim', 'enable')
    assert finding() == 'enabled, and first on this PATH'


def test_what_netnsctl_itself_does_goes_to_the_hosts_own_ip(host, old_host):
    old_host('shim', 'enable')
    host.sh('%s netns add a; %s netns add b' % (PROGRAM, PROGRAM))
    result = old_host('doctor', 'backend', '--json')
    assert 'has no netns' in result.out, result
    result = old_host('wire', 'netns://a', 'netns://b')
    assert result.status == 0 and '(netlink' in result.out, result
    assert old_host('unwire', '--all').status == 0


def test_the_program_is_found_and_told_from_others(tmpdir):
    assert shim_file.PROGRAM == PROGRAM and os.access(PROGRAM, os.X_OK) and shim_file.is_shim(PROGRAM)
    os.mkfifo(str(tmpdir.join('fifo')))
    for path in (str(tmpdir.join('fifo')), str(tmpdir), '/nosuch', '/bin/sh', '/dev/zero'):
        assert not shim_file.is_shim(path)


@pytest.mark.parametrize('words', [['shim'], ['shim', '--help'], ['shim', 'enable', '--help'], ['shim', 'status', 'x']])
def test_usage_is_told(run_netnsctl, words):
    result = run_netnsctl(*words)
    assert result.status in ((0,) if '--help' in words else (2,)) and 'Traceback' not in result.err, result
