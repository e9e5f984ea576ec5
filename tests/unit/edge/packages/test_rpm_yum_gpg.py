"""What is read of rpm, yum 3 and gpg: names of packages, lists, key files, repository files."""

from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.compat import parse_ini
from netnsctl.edge.packages import gpg, held_back, nevra, repo_files, rpm, yum
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.usecases.repository import keys, presets, repo_file, upgrading
from support.program import TOP

STANDIN = os.path.join(TOP, 'tests', 'standins', 'yum-3.2.29')


@pytest.fixture
def manager(tmpdir, monkeypatch):
    """manager(fails=''): EL6's yum, as the PackageManager that is found; manager.log: what was put to it."""
    log, package = tmpdir.join('log'), tmpdir.join('iproute-2.6.32-130.el6ost.netns.2.x86_64.rpm')
    package.write('a package')
    monkeypatch.setattr(Host, 'helper_environ', lambda self, extra=(): self.environ)

    def find(fails=''):
        host = Host(environ={'PATH': '/usr/bin:/bin', 'YUM_LOG': str(log), 'YUM_PACKAGE': str(package),
                             'YUM_FAILS': fails}, path=STANDIN)
        return yum.found(host)
    find.log = lambda: log.read().splitlines()
    return find


# Names of packages

def test_fields_make_a_name_and_messages_do_not():
    text = ('package iproute is not installed\nwarning: a b c d\nnevra iproute (none) 2.6.32 31.el6 x86_64\n'
            'nevra bind 32 9.8.2 0.17.rc1.el6 x86_64\n')
    assert [str(item) for item in nevra.parse_fields(text)] == [
        'iproute-2.6.32-31.el6.x86_64', 'bind-32:9.8.2-0.17.rc1.el6.x86_64']


@pytest.mark.parametrize('version, release, has', [
    ('2.6.32', '31.el6', False), ('2.6.32', '57.el6', False), ('2.6.32', '130.el6ost.netns.2', True),
    ('3.0.0', '1', True), ('3.10.0', '54.el7', True), ('6.2.0', '5.el9', True), ('2.6.32', 'netnsx.1', False),
    ('', '', False)])
def test_whether_it_has_netns_shows_in_its_version_or_release(version, release, has):
    assert nevra.Nevra('iproute', '0', version, release, 'x86_64').has_netns() is has


def test_packages_are_equal_by_all_that_names_them():
    one = nevra.Nevra('a', '(none)', '1', '2', 'noarch')
    assert one == nevra.Nevra('a', '0', '1', '2', 'noarch') and one != nevra.Nevra('a', '1', '1', '2', 'noarch')
    assert len(set([one, nevra.Nevra('a', '0', '1', '2', 'noarch')])) == 1


# yum 3

def test_yum_3_is_told_from_dnf_by_its_version(manager):
    found = manager()
    assert (found.name, found.generation) == ('yum', 3)


def test_what_yum_3_offers_is_read_across_broken_lines(manager):
    assert [str(item) for item in manager().offered('netnsctl-rdo-havana', 'iproute')] == [
        'iproute-2.6.32-23.el6.x86_64', 'iproute-2.6.32-130.el6ost.netns.2.x86_64']
    assert '--disablerepo=* --enablerepo=netnsctl-rdo-havana' in manager.log()[-1]
    assert '--setopt=exit_on_lock=1' in manager.log()[-1]


def test_the_cache_of_yum_3_is_asked_without_a_server_or_a_log(manager):
    assert manager().known_offers('iproute', 5)[-1].has_netns()
    assert ' -C --setopt=logfile=/dev/null ' in manager.log()[-1]


def test_yum_3_downloads_by_a_test_transaction_that_installs_nothing(manager, tmpdir):
    folder = str(tmpdir.mkdir('package'))
    path = manager().download('netnsctl-rdo-havana', 'iproute', folder)
    assert path.startswith(folder + '/') and path.endswith('.netns.2.x86_64.rpm')
    assert '--setopt=tsflags=test' in manager.log()[-1] and manager.log()[-1].endswith(' update iproute')


def test_yum_3_copies_what_a_folder_offers(manager, tmpdir):
    folder = str(tmpdir.mkdir('package'))
    path = manager('in-place').download('netnsctl-rdo-havana', 'iproute', folder)
    assert path is not None and path.startswith(folder + '/'), path


def test_yum_3_is_asked_with_an_empty_cache(manager):
    found = manager()
    found.offered('netnsctl-rdo-havana', 'iproute')
    found.offered('netnsctl-rdo-havana', 'iproute')
    caches = [word for line in manager.log() for word in line.split() if word.startswith('--setopt=cachedir=')]
    assert len(set(caches)) == 2 and not [word for word in caches if os.path.exists(word.split('=')[2])], caches
    assert '--disableexcludes' not in manager.log()[-1]
    found.offered('netnsctl-rdo-havana', 'iproute', with_held_back=True)
    assert '--disableexcludes=all --noplugins' in manager.log()[-1]


def test_an_install_of_nothing_with_status_0_is_an_error(manager):
    with pytest.raises(NetnsctlError) as caught:
        manager('older').install('/x/iproute.rpm')
    assert 'does not update installed package' in caught.value.message


def test_a_yum_that_does_not_run_is_not_a_host_without(manager):
    with pytest.raises(yum.CannotAsk) as caught:
        manager('no-module')
    assert 'No module named rpm' in caught.value.message and 'neither' not in caught.value.message
    assert STANDIN + '/yum --version' in caught.value.hint


@pytest.mark.parametrize('fails, is_own', [('404', False), ('mirror', False), ('lock', True), ('config', True)])
def test_a_repository_that_does_not_answer_is_told_from_a_yum_that_does_not_work(manager, fails, is_own):
    with pytest.raises(NetnsctlError) as caught:
        manager(fails).offered('netnsctl-rdo-havana', 'iproute')
    assert isinstance(caught.value, yum.CannotAsk) is is_own, caught.value
    assert fails != 'mirror' or 'Could not open/read file:///srv/el6' in caught.value.message


@pytest.mark.parametrize('files, chosen', [
    (['iproute-2.6.32-130.x86_64.rpm', 'iproute-doc-2.6.32-130.x86_64.rpm', 'libx-1-1.noarch.rpm'], 0),
    (['aaa-1-1.noarch.rpm', 'r/packages/iproute-2.6.32-130.el6ost.netns.2.x86_64.rpm'], 1),
    (['odd.rpm'], 0), (['odd.rpm', 'other.rpm'], None), (['iproute-1-1.x86_64.txt'], None), ([], None)])
def test_what_was_downloaded_is_found_without_a_look_into_it(tmpdir, files, chosen):
    # None of these is a package: to read one before its signature was checked would fail.
    for name in files:
        tmpdir.join(name).write('not a package', ensure=True)
    found = yum.PackageManager._downloaded(str(tmpdir), 'iproute')
    assert found == (None if chosen is None else str(tmpdir / files[chosen]))


def test_yum_3_installs_a_file_with_no_repository(manager):
    manager().install('/x/iproute.rpm')
    assert manager.log()[-1].endswith(' localinstall /x/iproute.rpm')
    assert '--enablerepo' not in manager.log()[-1] and '--disablerepo=*' in manager.log()[-1]


def test_a_heading_comes_with_the_cause_below_it(manager):
    with pytest.raises(NetnsctlError) as caught:
        manager('full').install('/x/iproute.rpm')
    assert 'Transaction Check Error: installing package' in caught.value.message
    assert 'needs 2MB' in caught.value.message and '\n' not in caught.value.message


@pytest.mark.parametrize('fails, words', [('404', '404 Not Found'), ('lock', 'lock')])
def test_what_goes_wrong_in_yum_3_is_one_line(manager, tmpdir, fails, words):
    for call in (lambda: manager(fails).offered('r', 'iproute'),
                 lambda: manager(fails).download('r', 'iproute', str(tmpdir.mkdir('d')))):
        with pytest.raises(NetnsctlError) as caught:
            call()
        assert words in caught.value.message and '\n' not in caught.value.message


def test_nothing_newer_is_no_error_of_yum_3(manager, tmpdir):
    assert manager('nothing').offered('r', 'iproute') == []
    assert manager('nothing').download('r', 'iproute', str(tmpdir.mkdir('d'))) is None


# Signatures, as rpm 4.8.0 and 4.18 print them with -K -v

BOTH = ('x.rpm:\n    Header V3 RSA/SHA1 Signature, key ID 2bc7c801: OK\n    Header SHA1 digest: OK (0123)\n'
        '    V3 RSA/SHA1 Signature, key ID 2bc7c801: OK\n    MD5 digest: OK (0123)\n')
MODERN = ('x.rpm:\n    Header V4 RSA/SHA256 Signature, key ID 2bc7c801: OK\n    Header SHA256 digest: OK\n'
          '    Payload SHA256 digest: OK\n')
HEADER_ONLY = ('x.rpm:\n    Header V3 RSA/SHA1 Signature, key ID 2bc7c801: OK\n    Header SHA1 digest: OK (0123)\n'
               '    MD5 digest: OK (0123)\n')
UNSIGNED = 'x.rpm:\n    Header SHA1 digest: OK (0123)\n    MD5 digest: OK (0123)\n'


@pytest.mark.parametrize('printed, status, words', [
    (BOTH, 0, None), (MODERN, 0, None), (HEADER_ONLY, 0, 'covers only the header'), (UNSIGNED, 0, 'not signed'),
    (BOTH.replace('MD5 digest: OK (0123)', 'MD5 digest: BAD Expected(0123) != (4567)'), 1, 'damaged or was tampered'),
    (BOTH.replace('2bc7c801: OK', 'deadbeef: NOKEY'), 1, 'another key (deadbeef)'),
    ('error: not an rpm package\n', 1, 'not signed'),
    (MODERN.replace('Payload SHA256 digest: OK', 'Payload SHA256 digest: NOTFOUND'), 1, 'damaged')])
def test_what_a_signature_covers_counts(tmpdir, printed, status, words):
    tmpdir.join('printed').write(printed)
    program = tmpdir.join('rpm')
    program.write('#!/bin/sh\ncase "$*" in *-K*) cat %s; exit %d ;; esac\n' % (tmpdir.join('printed'), status))
    program.chmod(0o755)
    host = Host(path='%s:/bin:/usr/bin' % tmpdir)
    if words is None:
        assert rpm.check_signature(host, 'x.rpm', 'k', str(tmpdir)) is None
        return
    with pytest.raises(NetnsctlError) as caught:
        rpm.check_signature(host, 'x.rpm', 'k', str(tmpdir))
    assert words in caught.value.message


# Keys

# What gpg 2.0.14 (EL6) and 2.2 print with --with-colons --with-fingerprint of a key file.
GPG_2_0 = ('pub:-:4096:1:FA167B7C2BC7C801:2013-11-05:::-:rdo-havana-sign <rdo-info@redhat.com>:\n'
           'fpr:::::::::343D4B2DD7AE9D2D30B4287AFA167B7C2BC7C801:\n'
           'sub:-:4096:1:0123456789ABCDEF:2013-11-05::::\nfpr:::::::::00004B2DD7AE9D2D30B4287AFA167B7C2BC7C801:\n')
GPG_2_2 = ('pub:-:4096:1:FA167B7C2BC7C801:1383609600:::-:::scESC::::::23::0:\n'
           'fpr:::::::::343D4B2DD7AE9D2D30B4287AFA167B7C2BC7C801:\n'
           'uid:-::::1383609600::HASH::rdo-havana-sign <rdo-info@redhat.com>::::::::::0:\n'
           'sub:-:4096:1:0123456789ABCDEF:1383609600::::::e::::::23:\n'
           'fpr:::::::::00004B2DD7AE9D2D30B4287AFA167B7C2BC7C801:\n')


@pytest.mark.parametrize('listing', [GPG_2_0, GPG_2_2])
def test_the_fingerprint_is_the_primary_keys_whatever_gpg_it_is(tmpdir, listing):
    path = tmpdir.join('key')
    path.write('-----BEGIN PGP PUBLIC KEY BLOCK-----\n')
    program = tmpdir.mkdir('bin').join('gpg')
    tmpdir.join('listing').write(listing)
    program.write('#!/bin/sh\ncase "$*" in *--list-keys*) cat %s ;; '
                  '*--export*) echo "-----BEGIN PGP PUBLIC KEY BLOCK-----" ;; esac\n' % tmpdir.join('listing'))
    program.chmod(0o755)
    key, text = gpg.read_key(Host(path='%s:/bin:/usr/bin' % tmpdir.join('bin')), str(path), str(tmpdir))
    assert key.fingerprint == presets.HAVANA.fingerprint
    assert key.owner == 'rdo-havana-sign <rdo-info@redhat.com>' and text.startswith('-----BEGIN PGP')


def test_a_fingerprint_may_have_blanks_and_small_letters():
    assert keys.check_fingerprint(keys.shown(presets.HAVANA.fingerprint).lower()) == presets.HAVANA.fingerprint
    for text in ('', '2BC7C801', presets.HAVANA.fingerprint + '0', presets.HAVANA.fingerprint[:-1] + 'G'):
        with pytest.raises(UsageError):
            keys.check_fingerprint(text)


# Repository files

def test_a_repository_says_what_it_says_and_inherits_the_rest():
    found = repo_files.parse(
        '# comment\n[a]\nname=A\nbaseurl = http://one/\n  http://two/\nenabled=0\n\n[b]\ngpgcheck=No\n'
        'gpgkey=file:///k1 file:///k2\nmirrorlist=http://m/\n[main]\ngpgcheck=0\n', '/x.repo',
        {'gpgcheck': '1', 'cachedir': '/c'})
    assert [(repo.repo_id, repo.where, repo.enabled, repo.says('gpgcheck')) for repo in found] == [
        ('a', '/x.repo:2', False, True), ('b', '/x.repo:8', True, False)]
    assert found[0].urls == ['http://one/', 'http://two/'] and found[1].urls == ['http://m/']
    assert found[1].key_urls == ['file:///k1', 'file:///k2'] and 'cachedir' not in found[0].values


@pytest.mark.parametrize('text', ['baseurl=x\n', '[a\nb=c\n', '[a]\nnonsense\n', '\xff\xfe'])
def test_a_file_that_makes_no_sense_is_a_value_error_in_one_line(text):
    with pytest.raises(ValueError) as caught:
        repo_files.parse(text, '/x.repo')
    assert '\n' not in str(caught.value)


def test_bytes_of_any_kind_come_back_as_they_were():
    text = b'[r\xc3\xa9po]\nname=caf\xff 100% %(x)s\n'
    from netnsctl.compat import native
    assert parse_ini(native(text)) == [(native(b'r\xc3\xa9po'), {'name': native(b'caf\xff 100% %(x)s')})]


def test_files_are_read_in_order_and_those_that_cannot_be_are_named(tmpdir):
    tmpdir.join('etc', 'yum.conf').write('[main]\ngpgcheck=1\n', ensure=True)
    folder = tmpdir.mkdir('etc', 'yum.repos.d')
    folder.join('b.repo').write('[b]\nenabled=1\n')
    folder.join('a.repo').write('nonsense')
    folder.join('c.repo.bak').write('[c]\n')
    found, troubles = repo_files.read_all(Host(root=str(tmpdir)))
    assert [(repo.repo_id, repo.says('gpgcheck')) for repo in found] == [('b', True)]
    assert [place for place, _ in troubles] == ['/etc/yum.repos.d/a.repo']


def test_reposdir_of_the_main_section_counts(tmpdir):
    tmpdir.join('etc', 'yum.conf').write('[main]\nreposdir=/srv/repos\n', ensure=True)
    tmpdir.join('srv', 'repos', 'x.repo').write('[x]\n', ensure=True)
    assert [repo.repo_id for repo in repo_files.read_all(Host(root=str(tmpdir)))[0]] == ['x']


# What the host keeps back

@pytest.mark.parametrize('pattern, matches', [
    ('iproute', True), ('iproute*', True), ('iproute.x86_64', True), ('iproute-2.6.32', True), ('*', True),
    ('iproute-2.6.32-130.el6ost.netns.2', True), ('0:iproute-2.6.32-130.el6ost.netns.2.x86_64', True),
    ('iproute-0:2.6.32-130.*', True), ('iproute-doc', False), ('iproute.i686', False), ('iprout', False),
    ('IPROUTE', False), ('iproute-2.6.32-31*', False)])
def test_an_exclude_is_matched_as_yum_does(tmpdir, pattern, matches):
    package = nevra.Nevra('iproute', '0', '2.6.32', '130.el6ost.netns.2', 'x86_64')
    tmpdir.join('etc', 'yum.conf').write('[main]\nexclude=kernel,\n  %s\n' % pattern, ensure=True)
    expected = ['exclude=%s in /etc/yum.conf' % pattern] if matches else []
    assert held_back.excludes(Host(root=str(tmpdir)), package) == expected


def test_what_keeps_a_package_of_a_repository_back_is_named(tmpdir):
    package = nevra.Nevra('iproute', '0', '2.6.32', '130.el6ost.netns.2', 'x86_64')
    tmpdir.join('etc', 'dnf', 'dnf.conf').write('[main]\nexcludepkgs=ip*\n', ensure=True)
    tmpdir.join('etc', 'yum', 'pluginconf.d', 'versionlock.list').write(
        '# iproute\n0:iproute-doc-1-1.*\n0:iproute-2.6.32-31.el6.*\n', ensure=True)
    repo = repo_files.parse('[r]\nexclude=iproute\nincludepkgs=kernel\n', '/r.repo')[0]
    assert held_back.reasons(Host(root=str(tmpdir)), package, repo) == [
        'excludepkgs=ip* in /etc/dnf/dnf.conf', 'exclude=iproute in /r.repo', 'includepkgs=kernel in /r.repo',
        'a version lock in /etc/yum/pluginconf.d/versionlock.list']
    tmpdir.join('etc', 'dnf', 'dnf.conf').write('nonsense')
    tmpdir.join('etc', 'yum', 'pluginconf.d', 'versionlock.list').write('0:iproute-doc-1-1.*\n#0:iproute-1-1.*\n')
    repo = repo_files.parse('[r]\nincludepkgs=ip*\n', '/r.repo')[0]
    assert held_back.reasons(Host(root=str(tmpdir)), package, repo) == []


# The file that netnsctl writes

@pytest.mark.parametrize('ours', [True, False])
def test_what_is_written_is_read_back_and_known_as_ours(tmpdir, ours):
    preset = presets.HAVANA
    text = repo_file.render(preset, preset.baseurl, preset.fingerprint, ours)
    tmpdir.join(preset.place).write(text, ensure=True)
    found = repo_file.read(Host(root=str(tmpdir)), preset)
    assert (found.state, found.fingerprint, found.key_is_ours) == (repo_file.OURS, preset.fingerprint, ours)
    assert (found.baseurl, found.key_path) == (preset.baseurl, preset.key_path)
    assert not found.repo.enabled and found.repo.says('gpgcheck') and found.repo.values['includepkgs'] == 'iproute'
    tmpdir.join(preset.place).write(text.replace('enabled=0', 'enabled=1'))
    assert repo_file.read(Host(root=str(tmpdir)), preset).state == repo_file.CHANGED


def test_an_address_is_never_a_template():
    text = repo_file.render(presets.HAVANA, 'http://x/{{7*7}}{%x%}', presets.HAVANA.fingerprint, True)
    assert '\nbaseurl=http://x/{{7*7}}{%x%}\n' in text


@pytest.mark.parametrize('url',
                         ['http://x/{{7*7}}', 'http://x/\ny', 'http://x/ y', 'x', 'file://host/x', u'http://\xe9/'])
def test_an_address_of_other_letters_is_refused(url):
    with pytest.raises(UsageError) as caught:
        repo_file.check_url(url)
    assert 'file:///' in caught.value.hint and '%20' in caught.value.hint


def test_yums_own_variables_may_stand_in_an_address():
    repo_file.check_url('https://user:pw@[::1]:8080/el$releasever/$basearch/?x=1')


@pytest.mark.parametrize('insecure, sha256', [(True, None), (True, ''), (False, '12'), (True, 'g' * 64)])
def test_an_unsigned_package_takes_a_sha256(insecure, sha256):
    with pytest.raises(UsageError):
        upgrading.check_source(upgrading.Source(presets.HAVANA, sha256=sha256, insecure=insecure))
