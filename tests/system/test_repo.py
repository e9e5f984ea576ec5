"""`netnsctl repo enable|disable|status` on throwaway hosts of rpm packages, through the real dnf, rpm and gpg."""

from __future__ import absolute_import, division, print_function

import json

import pytest

from support import inject

PLACE = '/etc/yum.repos.d/netnsctl-rdo-havana.repo'
KEY = '/etc/pki/rpm-gpg/RPM-GPG-KEY-RDO-Havana'
LIST = 'ls -l --time-style=+ /etc/yum.repos.d /etc/pki/rpm-gpg 2>/dev/null || true; cat /etc/yum.repos.d/* || true'


@pytest.fixture
def host(rpm_host):
    return rpm_host


def key_words(host):
    """The words that name the key of the tests."""
    return ['--gpgkey', host.packages.key, '--fingerprint', host.packages.fingerprint]


def enable(host, *more, **options):
    url = options.pop('baseurl', None) or 'file://' + host.packages.repo('good')
    return host('repo', 'enable', '--baseurl', url, *(key_words(host) + list(more)), **options)


def test_a_repository_is_set_up_disabled_checked_and_for_iproute_alone(host):
    result = enable(host)
    assert result.status == 0 and PLACE in result.out and KEY in result.out, result
    text = host.sh('cat ' + PLACE)
    for line in ('[netnsctl-rdo-havana]', 'enabled=0', 'includepkgs=iproute', 'gpgcheck=1', 'gpgkey=file://' + KEY,
                 'baseurl=file://' + host.packages.repo('good')):
        assert '\n%s\n' % line in text, text
    assert host.sh('stat -c "%a %U" {0} {1}'.format(PLACE, KEY)) == '644 root\n644 root\n'
    # dnf reads it: disabled as it is, and with its key, when it is asked for.
    assert 'iproute' not in host.sh('dnf -q list --available iproute 2>&1 || true')
    assert '130.el6ost.netns.2' in host.sh('dnf -q --enablerepo=netnsctl-rdo-havana list --available iproute')


def test_no_agent_of_gpgs_outlives_it(host):
    assert enable(host).status == 0
    assert host.sh('for place in /proc/[0-9]*; do tr "\\0" " " <$place/cmdline 2>/dev/null || true; echo; done | '
                   'grep -c "[g]pg-agent.*/run/netnsctl" || true') == '0\n'


def test_a_key_is_netnsctls_also_where_enable_was_killed_before_it_wrote_it(host):
    inject.available()
    words = ['repo', 'enable', '--baseurl', 'file://' + host.packages.repo('good')] + key_words(host)
    for _ in range(2):  # what is remembered of the host is written by the first run alone
        total = inject.count(host, 'rename', words)
        assert host('repo', 'disable').status == 0
    assert inject.inject(host, 'rename', 'signal=KILL', total, words, only_netnsctl=True).status == -9
    files = 'find /etc/pki/rpm-gpg /etc/yum.repos.d -type f | sort'
    assert [path for path in host.sh(files).split() if not path.endswith('.tmp')] == [PLACE]
    assert host(*words).status == 0 and host.sh(files).split() == [KEY, PLACE]
    assert host('repo', 'disable').status == 0 and host.sh(files) == ''


def test_disable_that_cannot_look_at_the_key_says_so_and_changes_nothing(host):
    assert enable(host).status == 0
    before = host.sh(LIST)
    result = host('repo', 'disable', only_path='/sbin')
    assert result.status == 1 and 'there is no gpg' in result.err and host.sh(LIST) == before, result
    assert host('repo', 'disable', '--force', only_path='/sbin').status == 0
    assert host.sh('ls %s' % KEY) and host.sh('ls /etc/yum.repos.d') == ''


def test_the_preset_is_rdos_address_below_eol_and_its_fingerprint(host):
    host.sh('mkdir -p /etc/pki/rpm-gpg; cp %s %s' % (host.packages.key, KEY))
    result = host('repo', 'enable')
    assert result.status == 1 and result.out == '', result
    assert '343D 4B2D D7AE 9D2D 30B4 287A FA16 7B7C 2BC7 C801' in result.err
    assert host('repo', 'enable', '--fingerprint', host.packages.fingerprint.lower()).status == 0
    assert '\nbaseurl=http://repos.fedorapeople.org/repos/openstack/EOL/openstack-havana/epel-6/\n' in \
        host.sh('cat ' + PLACE)


def test_without_a_key_nothing_is_set_up_and_it_is_asked_for(host):
    before = host.sh(LIST)
    result = host('repo', 'enable')
    assert result.status == 1 and KEY in result.err and '--gpgkey FILE' in result.err, result
    assert host.sh(LIST) == before


def test_a_second_enable_changes_nothing_and_says_so(host):
    enable(host)
    before = host.sh(LIST)
    for again in (enable(host), host('repo', 'enable')):
        assert again.status == 0 and again.out.startswith('nothing to do: '), again
    assert host.sh(LIST) == before


def test_another_address_replaces_what_netnsctl_wrote_itself(host):
    enable(host)
    result = enable(host, baseurl='http://mirror.example/havana/')
    assert result.status == 0, result
    assert '\nbaseurl=http://mirror.example/havana/\n' in host.sh('cat ' + PLACE)
    assert host.sh('ls /etc/yum.repos.d').split() == ['netnsctl-rdo-havana.repo']


@pytest.mark.parametrize('change', ['sed -i s/enabled=0/enabled=1/ %s', 'echo "# mine" >>%s', 'echo mine >%s',
                                    'mv {0} {0}.x; ln -s {0}.x {0}'.format(PLACE)])
def test_a_file_that_a_person_changed_is_not_replaced_without_force_and_then_kept(host, change):
    enable(host)
    host.sh(change % PLACE if '%s' in change else change)
    before = host.sh(LIST)
    result = enable(host, baseurl='http://mirror.example/')
    assert result.status == 4 and PLACE in result.err and '--force' in result.err, result
    result = host('repo', 'disable')
    assert result.status == 4 and '--force' in result.err, result
    assert host.sh(LIST) == before
    changed = host.sh('cat ' + PLACE)
    result = enable(host, '--force', baseurl='http://mirror.example/')
    assert result.status == 0 and PLACE + '.bak' in result.out, result
    assert host.sh('cat %s.bak' % PLACE) == changed
    assert '\nbaseurl=http://mirror.example/\n' in host.sh('cat ' + PLACE)
    host.sh('echo "# mine again" >>' + PLACE)
    assert PLACE + '.bak2' in enable(host, '--force').out


def test_another_key_in_the_keys_place_is_not_replaced_without_force(host):
    host.sh('mkdir -p /etc/pki/rpm-gpg; cp %s %s' % (host.packages.other_key, KEY))
    before = host.sh(LIST)
    result = enable(host)
    assert result.status == 4 and KEY in result.err, result
    assert host.sh(LIST) == before
    assert enable(host, '--force').status == 0
    host.sh('cmp {0} {1}; cmp {2} {1}.bak'.format(host.packages.key, KEY, host.packages.other_key))


@pytest.mark.parametrize('make',
                         ['cat {other} >/scratch/k', 'cat {key} {other} >/scratch/k', 'echo nothing >/scratch/k',
                          ': >/scratch/k',
                          'head -c 300 {key} >/scratch/k', 'true', 'mkdir /scratch/k', 'mkfifo /scratch/k',
                          'head -c 3000000 /dev/zero >/scratch/k',
                          'gpg --homedir {home} --batch --armor --export-secret-keys rdo-havana-sign >/scratch/k'])
def test_what_is_not_the_one_right_public_key_is_refused(host, make):
    host.sh(make.format(key=host.packages.key, other=host.packages.other_key, home=host.packages.home))
    before = host.sh(LIST)
    result = host('repo', 'enable', '--gpgkey', '/scratch/k', '--fingerprint', host.packages.fingerprint)
    assert result.status == 1 and result.err.startswith('netnsctl: read the key file /scratch/k: '), result
    assert host.sh(LIST) == before


@pytest.mark.parametrize('words', [
    ['--baseurl', 'http://x/\nenabled=1'], ['--baseurl', 'http://x/ http://y/'], ['--baseurl', '/srv/repo'],
    ['--baseurl', 'javascript:x'], ['--baseurl', ''], ['--baseurl', 'http://{{7*7}}\x1b/'], ['--fingerprint', '1234'],
    ['--fingerprint', 'x' * 40], ['icehouse'], ['--insecure'], ['--insecure', '--sha256', '0' * 64],
    ['--sha256', '0' * 64], ['--upgrade', '--sha256', 'abc'], ['--rpm', '/x.rpm', '--baseurl', 'http://x/'],
    ['--nonsense']])
def test_words_that_make_no_sense_end_with_2_and_change_nothing(host, words):
    before = host.sh(LIST)
    result = host('repo', 'enable', *words)
    assert result.status == 2 and result.out == '' and result.err.startswith('netnsctl: '), result
    assert '\x1b' not in result.err
    assert host.sh(LIST) == before


def test_disable_takes_away_just_what_enable_put_there(host):
    host.sh('echo "[mine]" >/etc/yum.repos.d/mine.repo')
    enable(host)
    result = host('repo', 'disable')
    assert result.status == 0 and PLACE in result.out and KEY in result.out, result
    assert host.sh('ls /etc/yum.repos.d') == 'mine.repo\n' and host.sh('ls /etc/pki/rpm-gpg') == ''
    again = host('repo', 'disable')
    assert again.status == 0 and again.out.startswith('nothing to do'), again


@pytest.mark.parametrize('gives_key', [False, True])
def test_the_key_stays_netnsctls_own_when_a_changed_file_is_replaced(host, gives_key):
    enable(host)
    host.sh('echo "# mine" >>' + PLACE)
    words = key_words(host) if gives_key else ['--baseurl', 'http://mirror.example/']
    assert host('repo', 'enable', '--force', *words).status == 0
    result = host('repo', 'disable')
    assert result.status == 0 and KEY in result.out and host.sh('ls /etc/pki/rpm-gpg') == '', result


def test_a_persons_key_is_not_netnsctls_own_for_being_taken_in_place_of_one_that_was(host):
    enable(host)
    host.sh('cp %s %s' % (host.packages.other_key, KEY))
    assert host('repo', 'enable', '--fingerprint', host.packages.other_fingerprint).status == 0
    result = host('repo', 'disable')
    assert result.status == 0 and KEY not in result.out, result
    host.sh('cmp %s %s' % (host.packages.other_key, KEY))


def test_disable_leaves_a_key_that_a_person_has_put_there_since(host):
    enable(host)
    host.sh('cp %s %s' % (host.packages.other_key, KEY))
    result = host('repo', 'disable')
    assert result.status == 0 and KEY not in result.out, result
    host.sh('cmp %s %s' % (host.packages.other_key, KEY))


def test_disable_that_cannot_be_finished_changes_nothing(host):
    enable(host)
    before = host.sh(LIST)
    host.sh('mount --bind /etc/pki /etc/pki; mount -o remount,ro,bind /etc/pki')
    result = host('repo', 'disable')
    assert result.status == 1 and 'Read-only' in result.err, result
    host.sh('umount /etc/pki')
    assert host.sh(LIST) == before


def test_the_doctors_remedy_for_an_unsafe_file_works_on_an_upgraded_host_too(host):
    enable(host, '--upgrade')
    host.sh('sed -i s/gpgcheck=1/gpgcheck=0/ ' + PLACE)
    found = host('doctor', 'repositories')
    assert 'gpgcheck=0' in found.out and 'netnsctl repo enable --force' in found.out, found
    assert host('repo', 'enable', '--force').status == 0
    assert 'gpgcheck=0' not in host('doctor', 'repositories').out


def test_a_host_without_an_rpm_database_gets_none_by_being_looked_at(host):
    host.sh('rm -rf /var/lib/rpm /root/.rpmdb; rm -f /etc/rpm/macros')
    host('repo', 'status')
    host('doctor', 'repositories')
    assert host.sh('ls -d /var/lib/rpm /root/.rpmdb 2>/dev/null || true') == ''


def test_a_working_folder_that_is_gone_is_no_traceback(host):
    argv = ' '.join("'%s'" % word.replace("'", "'\\''") for word in host.argv('repo', 'enable', '--gpgkey', 'x')
                    [len(host.prefix):])
    result = host.sh('mkdir /scratch/gone; cd /scratch/gone; rmdir /scratch/gone; %s 2>&1 || echo "status $?"' % argv)
    assert 'status 2' in result and 'Traceback' not in result, result


def test_disable_leaves_a_key_that_was_there_before(host):
    host.sh('mkdir -p /etc/pki/rpm-gpg; cp %s %s' % (host.packages.key, KEY))
    assert enable(host).status == 0
    assert host('repo', 'disable').status == 0
    host.sh('cmp %s %s' % (host.packages.key, KEY))


def test_status_says_what_is_configured_reachable_offered_and_installed(host):
    result = host('repo', 'status')
    assert result.status == 0 and 'configured  no' in result.out and '2.6.32-31.el6' in result.out, result
    enable(host)
    data = json.loads(host('repo', 'status', '--json').out)
    assert data['configured']['state'] == 'ours' and data['configured']['key_trouble'] is None, data
    assert data['configured']['fingerprint'] == host.packages.fingerprint
    assert data['reachable'] is True
    assert [item.rsplit('.', 1)[0] for item in data['offered']] == ['iproute-2.6.32-130.el6ost.netns.2']
    assert [item.rsplit('.', 1)[0] for item in data['installed']] == ['iproute-2.6.32-31.el6']
    assert data['ip_knows_netns'] is False
    text = host('repo', 'status').out
    assert 'reachable   yes' in text and 'offered     iproute-2.6.32-130.el6ost.netns.2' in text, text


def test_status_of_a_repository_that_is_not_there_says_why(host):
    enable(host, baseurl='file:///srv/nothing')
    data = json.loads(host('repo', 'status', '--json').out)
    assert data['reachable'] is False and 'Curl error (37)' in data['unreachable_because'], data
    host.sh('echo other >>' + KEY)
    host.sh('cp %s %s' % (host.packages.other_key, KEY))
    assert 'not the expected key' in json.loads(host('repo', 'status', '--json').out)['configured']['key_trouble']


def test_a_host_whose_ip_knows_netns_needs_nothing(run_netnsctl):
    for words in (['enable'], ['enable', '--upgrade'], ['enable', '--rpm', '/nothing.rpm']):
        result = run_netnsctl('repo', *words)
        assert result.status == 0 and result.out.startswith('nothing to do: ') and result.err == '', result
    assert 'nothing to do' in run_netnsctl('repo', 'status').out


def test_such_a_host_has_the_repository_only_if_the_words_ask_for_it(host):
    assert enable(host, '--upgrade').status == 0 and host('repo', 'disable').status == 0
    before = host.installed()
    for words in (['enable'], ['enable', '--upgrade']):
        result = host('repo', *words)
        assert result.status == 0 and result.out.startswith('nothing to do: '), result
    assert host.sh('ls /etc/yum.repos.d') == ''
    assert PLACE in enable(host, '--upgrade').out and host.sh('ls ' + PLACE) and host.installed() == before


def test_a_host_without_rpm_is_told_what_else_there_is(run_netnsctl, old_ip):
    result = run_netnsctl('repo', 'enable', only_path=old_ip)
    assert result.status == 1 and 'neither' in result.err and '--backend netlink' in result.err, result


def test_not_root_nothing_is_changed_and_status_works(host):
    # setpriv: the program of these hosts is run by nsenter.
    words = host.program.argv
    nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    if not host.program.nobody_can_run():
        pytest.skip('nobody cannot read this Python, or the source')
    before = host.sh(LIST)
    host.program = type('AsNobody', (), {'kernel': None, 'argv': staticmethod(lambda *args: nobody + words(*args)),
                                         'environ': staticmethod(host.program.environ)})
    for verb in ('enable', 'disable'):
        result = host('repo', verb)
        assert result.status == 1 and 'must be run as root' in result.err, result
    result = host('repo', 'status')
    assert result.status == 0 and 'configured  no' in result.out and 'Traceback' not in result.err, result
    assert host.sh(LIST) == before


def test_a_read_only_or_full_etc_is_one_line_and_leaves_nothing(host):
    host.sh('mkdir -p /etc/pki; mount -t tmpfs -o ro none /etc/pki')
    before = host.sh(LIST)
    result = enable(host)
    assert result.status == 1 and 'Read-only file system' in result.err and 'Traceback' not in result.err, result
    assert host.sh(LIST) == before
    host.sh('umount /etc/pki; mount -t tmpfs -o ro none /etc/yum.repos.d')
    result = enable(host)
    assert result.status == 1 and 'Read-only file system' in result.err, result
    assert host.sh(LIST) == before
    host.sh('umount /etc/yum.repos.d; mount -t tmpfs -o size=4k,nr_inodes=20 none /etc/yum.repos.d; '
            'head -c 4096 /dev/zero >/etc/yum.repos.d/full')
    before = host.sh('ls -R /etc/yum.repos.d /etc/pki')
    result = enable(host)
    assert result.status == 1 and 'No space left' in result.err, result
    assert host.sh('ls -R /etc/yum.repos.d /etc/pki') == before
