"""iproute upgraded from a repository: the good way, and packages that are not right."""
from __future__ import absolute_import, division, print_function

import hashlib

import pytest

from support import process, terminal
from support.upgrades import NEW, OLD, is_as_it_was, key_words, knows_netns, offer

FIX = ('doctor', '--fix', 'rdo')


def test_enable_with_upgrade_leads_to_an_ip_with_netns_and_a_wire_through_it(host):
    result = host('repo', 'enable', '--upgrade', '--baseurl', 'file://' + host.packages.repo('old', 'good'),
                  *key_words(host))
    assert result.status == 0 and 'upgraded iproute-%s' % OLD in result.out and 'supports netns' in result.out, result
    assert host.installed() == [NEW] and knows_netns(host)
    host.sh('ip netns add a; ip netns add b')
    wired = host('wire', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32')
    assert wired.status == 0 and '(iproute, checked)' in wired.out, wired
    assert host('repo', 'enable', '--upgrade').out.startswith('nothing to do: ')
    assert host.sh('ls -A /run/netnsctl/repo') == ''


def test_nothing_else_is_taken_from_the_repository(host):
    offer(host, 'good')
    before = host.sh('rpm -qa | sort')
    assert host('repo', 'enable', '--upgrade').status == 0
    after = host.sh('rpm -qa | sort')
    assert after == before.replace(OLD, NEW)
    # No key was given to rpm's own database: what the host trusts is as it was.
    assert 'gpg-pubkey' not in after


def test_a_package_file_is_enough(host):
    before = host.sh('ls -A /etc/yum.repos.d')
    result = host('repo', 'enable', '--rpm', host.packages.path('good'), *key_words(host))
    assert result.status == 0 and host.installed() == [NEW] and knows_netns(host), result
    assert host.sh('ls -A /etc/yum.repos.d; ls -d /etc/pki 2>/dev/null || true') == before


def test_an_unsigned_package_is_taken_by_its_sha256_alone(host):
    path = host.packages.path('unsigned')
    with open(path, 'rb') as source:
        digest = hashlib.sha256(source.read()).hexdigest()
    result = host('repo', 'enable', '--rpm', path, '--insecure', '--sha256', '0' * 64)
    assert result.status == 1 and digest in result.err, result
    assert is_as_it_was(host)
    result = host('repo', 'enable', '--rpm', path, '--insecure', '--sha256', digest.upper())
    assert result.status == 0 and host.installed() == [NEW], result


def test_fix_rdo_with_the_key_in_its_place_leads_to_a_green_doctor_and_a_wire(host):
    found = host('doctor', 'ip', 'repositories')
    assert 'netnsctl shim enable' in found.out, found
    offer(host, 'good')
    host.sh('ip netns 2>/dev/null || true')
    result = host(*FIX + ('--yes',))
    assert result.status == 0, result
    told = [line for line in result.out.splitlines() if line.startswith('- ')]
    assert told and all('iproute' in line for line in told), result
    after = host('doctor', 'ip', 'repositories', 'backend', 'netns', 'veth', '--json')
    assert after.status == 0 and '"warn"' not in after.out and '"fail"' not in after.out, after
    host.sh('ip netns add a; ip netns add b')
    assert '(iproute, checked)' in host('wire', 'a', 'b').out
    again = host(*FIX + ('--yes',))
    assert again.out.startswith('Nothing to fix'), again


def test_fix_native_on_the_same_host_leads_to_a_green_doctor_and_a_wire(host):
    result = host('doctor', '--fix', 'native', '--yes')
    assert result.status == 0, result
    after = host('doctor', 'ip', 'repositories', 'backend', 'shim', 'netns-dir', '--json',
                 environ={'PATH': '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'})
    assert after.status == 0 and '"warn"' not in after.out and '"fail"' not in after.out, after
    for name in 'ab':
        host.sh('PATH=/usr/local/sbin:$PATH; ip netns add ' + name)
    assert '(netlink, checked)' in host('wire', 'a', 'b').out


def test_fix_rdo_asks_first_and_no_changes_nothing(host):
    offer(host, 'good')
    result = terminal.run(host.argv(*FIX), 'n\n', host.environ())
    assert result.status == 1 and 'Do this? [y/N]' in result.out and 'upgrade iproute-' + OLD in result.out, result
    assert is_as_it_was(host)
    result = host(*FIX)
    assert result.status == 2 and '--yes' in result.err, result


def test_fix_rdo_with_another_key_in_its_place_is_refused(host):
    host.sh('mkdir -p /etc/pki/rpm-gpg; cp {0} /etc/pki/rpm-gpg/RPM-GPG-KEY-RDO-Havana'.format(host.packages.key))
    result = host(*FIX + ('--yes',))
    assert result.status == 1 and 'is not the expected key' in result.err, result
    assert host.sh('ls /etc/yum.repos.d') == '' and is_as_it_was(host)


def test_fix_rdo_sets_the_repository_up_where_it_is_not(host):
    # The same program, told another fingerprint and address for its preset: RDO's key is nobody's to sign with here.
    host.sh('mkdir -p /etc/pki/rpm-gpg; cp {0} /etc/pki/rpm-gpg/RPM-GPG-KEY-RDO-Havana'.format(host.packages.key))
    argv = host.argv(*FIX + ('--yes',))
    at = argv.index('-c') + 1
    argv[at] = argv[at].replace('from netnsctl.start import main', (
        'from netnsctl.usecases.repository import presets\n'
        'presets.HAVANA.fingerprint, presets.HAVANA.baseurl = %r, %r\nfrom netnsctl.start import main'
        % (host.packages.fingerprint, 'file://' + host.packages.repo('good'))))
    result = process.run(argv, environ=host.environ())
    assert result.status == 0 and '- set up the repository netnsctl-rdo-havana' in result.out, result
    assert host.installed() == [NEW] and 'netnsctl-rdo-havana.repo' in host.sh('ls /etc/yum.repos.d')


def test_fix_rdo_without_a_key_says_how_to_have_it(host):
    result = host(*FIX + ('--yes',))
    assert result.status == 1 and result.out == '' and '--gpgkey FILE' in result.err, result
    assert is_as_it_was(host)


@pytest.mark.parametrize('kind, words',
                         [('unsigned', 'it is not signed'),
                          ('foreign', 'it is signed by another key'),
                          ('tampered', 'damaged or was tampered'),
                          ('useless', 'does not support netns'),
                          ('needy', 'nothing provides libmissing')])
@pytest.mark.parametrize('way', ['repository', 'file'])
def test_a_package_that_is_not_right_is_refused_before_it_is_installed(host, kind, words, way):
    offer(host, kind)
    more = ['--rpm', host.packages.path(kind)] if way == 'file' else ['--upgrade']
    result = host('repo', 'enable', *more)
    assert result.status == 1 and words in result.err, result
    assert is_as_it_was(host)


@pytest.mark.parametrize('make', ['true', 'echo text >/scratch/x.rpm', ': >/scratch/x.rpm', 'mkdir /scratch/x.rpm',
                                  'mkfifo /scratch/x.rpm', 'head -c 2000 {good} >/scratch/x.rpm',
                                  'cp {old} /scratch/x.rpm'])
def test_a_file_that_is_no_such_package_is_refused(host, make):
    offer(host, 'good')
    host.sh(make.format(good=host.packages.path('good'), old=host.packages.path('old')))
    result = host('repo', 'enable', '--rpm', '/scratch/x.rpm')
    assert result.status == 1 and 'Traceback' not in result.err and '/scratch/x.rpm' in result.err, result
    assert is_as_it_was(host)


def test_an_ip_that_does_not_work_once_installed_is_gone_back_from_by_a_repository(host):
    offer(host, 'broken')
    # The distribution's own: rpm has its key.
    host.sh('rpm --import ' + host.packages.other_key)
    host.write('/etc/yum.repos.d/base.repo', '[base]\nname=base\nenabled=1\ngpgcheck=1\nbaseurl=file://%s\n'
               % host.packages.repo('base'))
    before = host.sh('rpm -qa | sort')
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 1 and 'Went back to iproute-' + OLD in result.err, result
    assert is_as_it_was(host) and host.sh('rpm -qa | sort') == before


def test_it_is_not_gone_back_to_a_package_whose_key_rpm_does_not_have(host):
    offer(host, 'broken')
    host.write('/etc/yum.repos.d/base.repo', '[base]\nname=base\nenabled=1\ngpgcheck=1\nbaseurl=file://%s\n'
               'gpgkey=file://%s\n' % (host.packages.repo('base'), host.packages.other_key))
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 6 and 'gpg-pubkey' not in host.sh('rpm -qa'), result
    assert host.sh('ip -V') == 'ip utility, iproute2-ss091226\n'


def test_without_one_the_old_files_are_put_back_and_what_is_left_is_named(host):
    offer(host, 'broken')
    result = host('repo', 'enable', '--upgrade')
    assert result.status == 6 and 'the files of iproute-%s' % OLD in result.err and NEW in result.err, result
    assert host.sh('ip -V') == 'ip utility, iproute2-ss091226\n'
