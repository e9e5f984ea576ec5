"""The doctor's check of yum repositories, on trees under a root prefix. What asks rpm and dnf for real is in
tests/installing/repo_upgrade."""

from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.packages import repo_files
from netnsctl.edge.host import Host
from netnsctl.usecases.doctor.software import repositories
from netnsctl.usecases.doctor.software.repositories import check_repositories, faults_of, is_rdo

EOL = 'http://repos.fedorapeople.org/repos/openstack/EOL/openstack-havana/epel-6/'
OLD = 'http://repos.fedorapeople.org/repos/openstack/openstack-havana/epel-6/'
EL7 = 'CentOS Linux release 7.9.2009 (Core)\n'
SAFE = 'enabled=0\nincludepkgs=iproute\ngpgcheck=1\ngpgkey=file:///k\n'


@pytest.fixture
def tree(tmpdir):
    """tree({path: text}): a Host with these files; a text that begins with #! is a program."""
    def make(files):
        for path, text in files.items():
            tmpdir.join(path).write(text, ensure=True)
            if text.startswith('#!'):
                tmpdir.join(path).chmod(0o755)
        return Host(root=str(tmpdir), environ={})
    return make


def faults(tree, text, repo_id='openstack-havana', release='CentOS release 6.5 (Final)\n'):
    return faults_of(tree({'k': '', 'etc/redhat-release': release, 'var/lib/rpm/Packages': ''}),
                     repo_files.parse('[%s]\n%s' % (repo_id, text), '/x.repo')[0], netns=False)


def test_a_safe_one_has_no_faults(tree):
    assert faults(tree, SAFE + 'baseurl=' + EOL) == []


@pytest.mark.parametrize('text, words', [
    (SAFE.replace('gpgcheck=1', 'gpgcheck=0') + 'baseurl=' + EOL, 'plain http'),
    (SAFE.replace('gpgcheck=1', 'gpgcheck=0') + 'baseurl=https://x/openstack-havana/', 'gpgcheck=0'),
    (SAFE.replace('gpgcheck=1\n', '') + 'baseurl=' + EOL, 'gpgcheck=0'),
    (SAFE.replace('gpgkey=file:///k\n', '') + 'baseurl=' + EOL, 'no gpgkey='),
    (SAFE.replace('file:///k', 'file:///gone') + 'baseurl=' + EOL, 'file:///gone does not exist'),
    (SAFE + 'baseurl=' + OLD, 'is gone'),
    (SAFE + 'baseurl=http://x/openstack/EOL/openstack-juno/epel-6/', 'openstack-juno has no epel-6'),
    (SAFE + 'baseurl=http://x/openstack/openstack-kilo/epel-$releasever/', 'openstack-kilo has no epel-6'),
    (SAFE.replace('enabled=0\nincludepkgs=iproute\n', '') + 'baseurl=' + EOL, 'without includepkgs')])
def test_each_fault_is_named(tree, text, words):
    found = faults(tree, text)
    assert len(found) == 1 and words in found[0], found


def test_a_release_for_el7_is_looked_for_there_on_el7(tree):
    assert faults(tree, SAFE + 'baseurl=http://x/openstack/EOL/openstack-icehouse/epel-$releasever/', release=EL7) == []
    assert faults(tree, SAFE + 'baseurl=http://x/openstack/openstack-kilo/epel-$releasever/', release=EL7) == []


def test_a_signed_index_over_plain_http_is_not_said_to_be_unsigned(tree):
    found = faults(tree, SAFE.replace('gpgcheck=1', 'gpgcheck=0\nrepo_gpgcheck=1') + 'baseurl=' + EOL)
    assert found == ['gpgcheck=0: the signatures of packages are not checked']


@pytest.mark.parametrize('repo_id, url, is_it', [
    ('netnsctl-rdo-havana', 'file:///srv/', True), ('openstack-havana', 'http://x/', True), ('mine', OLD, True),
    ('mine', 'http://x/rdo/openstack-icehouse', True), ('base', 'http://x/6.5/os/x86_64/', False)])
def test_rdos_is_known_by_its_name_or_address(repo_id, url, is_it):
    assert is_rdo(repo_files.parse('[%s]\nbaseurl=%s\n' % (repo_id, url), '/x.repo')[0]) is is_it


def test_a_host_without_rpm_packages_is_quiet(tree):
    finding = check_repositories(tree({'usr/bin/rpm': '#!/bin/sh\n'}))
    assert finding.status == 'ok' and 'not an rpm host' in finding.text


IP = '#!/bin/sh\n%s\n'
KNOWS, LACKS = IP % 'exit 0', IP % 'case "$*" in *netns*) echo \'Object "netns" is unknown\' >&2; exit 255 ;; esac'
RPM = '#!/bin/sh\necho nevra iproute "(none)" 2.6.32 31.el6 x86_64\n'
YUM = ('#!/bin/sh\ncase "$*" in *--version*) echo 3.2.29 ;; '
       '*) printf "Available Packages\\niproute.x86_64 %s repo\\n" ;; esac\n')


def rpm_host(tree, ip=LACKS, offered='2.6.32-23.el6', **files):
    base = {'usr/bin/rpm': RPM, 'usr/bin/yum': YUM % offered,
        'sbin/ip': ip, 'etc/yum.repos.d/x.repo': '[base]\n', 'k': '',
            'var/lib/rpm/Packages': '', 'etc/redhat-release': 'CentOS release 6.5 (Final)\n'}
    base.update((name.replace('__', '/').replace('_dot_', '.'), text) for name, text in files.items())
    return tree(base)


def test_a_host_whose_ip_knows_netns_is_quiet(tree):
    finding = check_repositories(rpm_host(tree, KNOWS))
    assert finding.status == 'ok' and 'no repository is needed' in finding.text, finding.as_data()


def test_no_repository_with_netns_is_an_advice_with_the_way_to_one(tree):
    finding = check_repositories(rpm_host(tree))
    assert finding.status == 'warn' and 'RDO\'s is not set up' in finding.text, finding.as_data()
    assert finding.remediation.commands == [
        'netnsctl repo enable --gpgkey RPM-GPG-KEY-RDO-Havana', 'netnsctl doctor --fix rdo']
    assert 'ships no key' in finding.remediation.prose


def test_with_a_key_the_fix_is_the_way(tree):
    finding = check_repositories(rpm_host(tree, **{'etc__pki__rpm-gpg__RPM-GPG-KEY-RDO-Havana': 'x'}))
    assert finding.remediation.commands == ['netnsctl doctor --fix rdo']


def test_rdos_is_proposed_on_el6_alone(tree):
    finding = check_repositories(rpm_host(tree, **{'etc__redhat-release': EL7}))
    assert finding.status == 'ok' and 'RDO\'s is for EL6' in finding.text, finding.as_data()


def test_an_enabled_one_that_has_netns_is_pointed_to(tree):
    finding = check_repositories(rpm_host(tree, offered='2.6.32-130.el6ost.netns.2'))
    assert finding.status == 'warn' and 'offers iproute-2.6.32-130.el6ost.netns.2' in finding.text, finding.as_data()
    assert finding.remediation.commands == ['yum upgrade iproute']


def test_where_netlink_is_meant_nothing_is_asked_for(tree):
    finding = check_repositories(rpm_host(tree, **{'etc__netnsctl_dot_conf': 'backend = netlink\n'}))
    assert finding.status == 'ok' and 'does not need it' in finding.text, finding.as_data()


def test_an_unsafe_one_is_an_advice_with_its_file_and_line_even_where_nothing_is_needed(tree):
    host = rpm_host(
        tree, KNOWS, **{'etc__yum_dot_repos_dot_d__rdo_dot_repo': '# x\n[openstack-havana]\nbaseurl=%s\n' % OLD})
    finding = check_repositories(host)
    assert finding.status == 'warn' and '/etc/yum.repos.d/rdo.repo:2' in finding.text, finding.as_data()
    assert finding.remediation.commands == ['yum-config-manager --disable openstack-havana']


@pytest.mark.parametrize('leads_to, command', [
    ('dnf-3', 'dnf config-manager --set-disabled rdo'), ('dnf5', 'dnf config-manager setopt rdo.enabled=0')])
def test_each_dnf_has_a_command_of_its_own_that_disables_one(tree, tmpdir, monkeypatch, leads_to, command):
    tmpdir.join('dnf').mksymlinkto(tmpdir.join(leads_to))
    host = rpm_host(tree)
    monkeypatch.setattr(host, 'find', lambda program: str(tmpdir.join(program)))
    assert repositories._disabling(host) % 'rdo' == command


# CentOS-OpenStack-queens.repo, of centos-release-openstack-queens.
QUEENS = ('[centos-openstack-queens]\nname=CentOS-7 - OpenStack queens\n'
          'baseurl=http://mirror.centos.org/$contentdir/$releasever/cloud/$basearch/openstack-queens/\n'
          'gpgcheck=1\nenabled=1\ngpgkey=file:///k\nexclude=sip,PyQt4\n')


def openstack_host(tree, ip, text):
    return rpm_host(tree, ip, **{'etc__redhat-release': EL7,
                                 'etc__yum_dot_repos_dot_d__CentOS-OpenStack-queens_dot_repo': text})


def test_openstacks_own_repository_is_left_alone_on_a_host_whose_ip_knows_netns(tree):
    finding = check_repositories(openstack_host(tree, KNOWS, QUEENS))
    assert finding.status == 'ok' and 'no repository is needed' in finding.text, finding.as_data()


def test_it_is_an_advice_where_an_upgrade_would_take_its_iproute(tree):
    finding = check_repositories(openstack_host(tree, LACKS, QUEENS))
    assert finding.status == 'warn' and 'without includepkgs' in finding.text, finding.as_data()
    assert '`netnsctl repo enable`' in finding.remediation.prose


@pytest.mark.parametrize('text, words', [
    (QUEENS.replace('gpgcheck=1', 'gpgcheck=0'), 'gpgcheck=0'),
    (QUEENS.replace('file:///k', 'file:///gone'), 'file:///gone does not exist')])
def test_what_is_unsafe_of_it_is_told_without_pointing_to_a_repository_that_nobody_needs(tree, text, words):
    finding = check_repositories(openstack_host(tree, KNOWS, text))
    assert finding.status == 'warn' and words in finding.text and 'more' not in finding.text, finding.as_data()
    assert 'repo enable' not in finding.remediation.prose


def test_netnsctls_own_one_is_for_iproute_alone_wherever_it_is(tree):
    own = '[netnsctl-rdo-havana]\nbaseurl=%s\nenabled=1\ngpgcheck=1\ngpgkey=file:///k\n' % EOL
    finding = check_repositories(rpm_host(tree, KNOWS, **{'etc__yum_dot_repos_dot_d__own_dot_repo': own}))
    assert finding.status == 'warn' and 'without includepkgs' in finding.text, finding.as_data()
    assert finding.remediation.commands == ['netnsctl repo enable --force']


def test_a_file_that_cannot_be_read_is_told_and_the_rest_looked_at(tree):
    finding = check_repositories(rpm_host(tree, KNOWS, **{'etc__yum_dot_repos_dot_d__bad_dot_repo': 'nonsense\n'}))
    assert ('/etc/yum.repos.d/bad.repo' in [what for what, _ in finding.evidence]), finding.as_data()
