"""The yum repositories of an rpm host: does one have an iproute with netns, is RDO's set up, and is it safe?

No server is asked, so that the doctor needs no network: it uses what yum or dnf last downloaded.
"""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.edge.packages import owners, repo_files, rpm, yum
from netnsctl.edge.files import settings
from netnsctl.edge import shim_file
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn
from netnsctl.usecases.repository import PACKAGE, own_ip, presets, repo_file, saved, upgrading

_ASK_SECONDS = 8.0
SHOWN = 5
_OPENSTACK = re.compile(r'/openstack/(EOL/)?openstack-(\w+)/|/openstack-(\w+)(?:/|$)')
# RDO's releases for EL6 ended with Icehouse; these were made for EL7 only.
_WITHOUT_EL6 = ('juno', 'kilo', 'liberty', 'mitaka', 'newton', 'ocata', 'pike', 'queens', 'rocky', 'stein', 'train')


def _is_own(repo):
    """Is it the section of a preset, which netnsctl writes?"""
    return repo.repo_id in [preset.repo_id for preset in presets.every()]


def is_rdo(repo):
    """Is a repository one of RDO's, by its name or where it comes from?"""
    return (_is_own(repo) or repo.repo_id.startswith('openstack-')
            or any(_OPENSTACK.search(url) for url in repo.urls))


def faults_of(host, repo, netns):
    """What is unsafe or broken about a repository of RDO's: list of text. netns: does the host's ip support it?"""
    found = []
    checked = repo.says('gpgcheck') or repo.says('repo_gpgcheck')
    plain = [url for url in repo.urls if url.startswith(('http://', 'ftp://'))]
    if not repo.says('gpgcheck'):
        found.append('gpgcheck=0: the signatures of packages are not checked%s' % (
            '' if checked or not plain else ', and they come over plain %s' % plain[0].partition(':')[0]))
    elif not repo.key_urls:
        found.append('gpgcheck=1, but no gpgkey= to check with')
    found += ['its key %s does not exist' % url for url in repo.key_urls
              if url.startswith('file:///') and not host.exists(url[len('file://'):])]
    for url in repo.urls:
        found += _faults_of_url(host, url)
    # A host whose ip supports netns has it for OpenStack, and wants all of its packages.
    if repo.enabled and not repo.values.get('includepkgs') and (_is_own(repo) or not netns):
        found.append('enabled=1 without includepkgs: an upgrade takes any newer package from it')
    return found


def _faults_of_url(host, url):
    match = _OPENSTACK.search(url)
    if not match:
        return []
    ended, name = match.group(1), (match.group(2) or match.group(3)).lower()
    if name in _WITHOUT_EL6 and ('epel-6' in url or 'epel-$releasever' in url and owners.is_el6_host(host)):
        return ['openstack-%s has no epel-6' % name]
    if 'fedorapeople.org/' in url and not ended:
        return ['%s is gone: it moved below /openstack/EOL/' % url]
    return []


@check('repositories', 'packages', seconds=20.0)
def check_repositories(host):
    """On rpm hosts: iproute has netns or can be upgraded to one that has, and RDO's repository is safe."""
    if not _is_rpm_host(host):
        return ok('not an rpm host')
    repos, troubles = repo_files.read_all(host)
    enabled = [repo for repo in repos if repo.enabled]
    evidence = [('repositories', '%d, %d of them enabled' % (len(repos), len(enabled)))]
    evidence += [(place, 'cannot be read: %s' % why) for place, why in troubles]
    program, faults = own_ip(host), []
    netns = program is not None and program.netns
    for repo in [item for item in repos if is_rdo(item)]:
        bad = faults_of(host, repo, netns)
        evidence.append((repo.where, '%s, %s%s' % (repo.repo_id, 'enabled' if repo.enabled else 'disabled',
                                                   ''.join('; ' + text for text in bad))))
        faults += [(repo, text) for text in bad]
    installed = _installed(host, evidence)
    if (len(installed) > 1 or saved.find(host) is not None) and not rpm.is_locked(host):
        return _warn_of_cut_short(host, installed, evidence)
    if faults:
        return _warn_of_faults(host, faults, netns, evidence)
    if netns:
        return ok('%s supports netns: no repository is needed' % program.path, evidence)
    return _judge_offers(host, repos, evidence)


def _warn_of_cut_short(host, installed, evidence):
    if upgrading.needs_settling(host):
        return warn('an upgrade of %s was interrupted' % PACKAGE, evidence,
                    Remediation('This command finishes it if its ip works, and undoes it otherwise.',
                                ['netnsctl repo enable --upgrade']))
    return warn('the rpm database has %d entries of %s' % (len(installed), PACKAGE), evidence,
                Remediation('An upgrade was interrupted, and it was not one of netnsctl. Remove the older entry from '
                            'the database.',
                            ['package-cleanup --cleandupes' if host.find('package-cleanup')
                             else 'rpm -e --noscripts --nodeps %s' % installed[0]]))


def _is_rpm_host(host):
    """Does rpm keep this host's packages? yum and dnf can be installed elsewhere, and would make a database."""
    return host.find('rpm') is not None and owners.has_rpm_database(host)


def _installed(host, evidence):
    try:
        installed = rpm.installed(host, PACKAGE)
    except NetnsctlError as error:
        evidence.append(('installed', error.message))
        return []
    evidence.append(('installed', ', '.join(str(item) for item in installed) or 'no %s' % PACKAGE))
    return installed


def _disabling(host):
    """The command that disables a repository, with %s for its ID: dnf 5 has another one than dnf 4."""
    dnf = host.find('dnf')
    if not dnf:
        return 'yum-config-manager --disable %s'
    is_five = os.path.basename(os.path.realpath(dnf)) == 'dnf5'
    return 'dnf config-manager ' + ('setopt %s.enabled=0' if is_five else '--set-disabled %s')


def _warn_of_faults(host, faults, netns, evidence):
    repo, text = faults[0]
    commands = [_disabling(host) % repo_id for repo_id in sorted(set(
        item.repo_id for item, _ in faults if not _is_own(item) and item.enabled))]
    prose = 'Correct it, or disable it (enabled=0).'
    if any(_is_own(item) for item, _ in faults):
        commands += ['netnsctl repo enable --force']
        prose += ' netnsctl rewrites its own file, and keeps a copy.'
    elif commands and not netns:
        prose += (' For %s alone, `netnsctl repo enable` sets up another one, disabled and with signatures checked.'
                  % PACKAGE)
    return warn('%s (%s): %s%s' % (repo.repo_id, repo.where, text,
                                   '' if len(faults) == 1 else '; and %d more' % (len(faults) - 1)),
                evidence, Remediation(prose, commands[:SHOWN]))


def _judge_offers(host, repos, evidence):
    """The finding if nothing is wrong with RDO's and the host's ip has no netns: could it?"""
    rdo = [repo for repo in repos if is_rdo(repo)]
    tool, offers = 'yum', []
    try:
        manager = yum.found(host)
        tool = manager.name
        offers = [item for item in manager.known_offers(PACKAGE, _ASK_SECONDS) if item.has_netns()]
        evidence.append(('offered by enabled repositories', ', '.join(str(item) for item in offers[-SHOWN:])
                         or 'no %s with netns' % PACKAGE))
    except NetnsctlError as error:
        evidence.append(('offered by enabled repositories', 'unknown: %s' % error.message))
    if offers:
        return warn('an enabled repository offers %s, which has netns' % offers[-1], evidence,
                    Remediation('It has what this one lacks.', ['%s upgrade %s' % (tool, PACKAGE)]))
    text = 'no enabled repository is known to offer an %s with netns; %s' % (
        PACKAGE, 'RDO\'s is set up (%s)' % rdo[0].repo_id if rdo else 'RDO\'s is not set up')
    if settings.is_netlink_meant(host) or any(shim_file.is_shim(path) for path in host.find_all('ip')[:1]):
        return ok(text + '; netnsctl does not need it', evidence)
    if not owners.is_el6_host(host):
        return ok(text + '; RDO\'s is for EL6', evidence)
    prose = 'netnsctl itself does not need one. For an `ip netns` from a package, use RDO\'s iproute.'
    if _has_key(host):
        return warn(text, evidence, Remediation(prose, ['netnsctl doctor --fix rdo']))
    return warn(text, evidence, Remediation(
        prose + ' Its packages are signed, and netnsctl ships no key: get RDO\'s key from a source that you trust, and '
                'set up the repository with it first.',
        ['netnsctl repo enable --gpgkey RPM-GPG-KEY-RDO-Havana', 'netnsctl doctor --fix rdo']))


def _has_key(host):
    """Is there a file where the key of RDO's packages belongs? (--fix rdo checks whether it is the right one.)"""
    preset = presets.DEFAULT
    now = repo_file.read(host, preset)
    return host.exists(now.key_path or preset.key_path)
