"""yum 3 (EL6, EL7), dnf 4 and dnf 5: what a repository offers, its packages, and installing one. Whichever is there.

Every call is held to one repository, asks nothing, waits for no lock, and has a time limit.
"""
from __future__ import absolute_import, division, print_function

import os
import re
import shutil
import tempfile

from netnsctl.edge import nevra
from netnsctl.edge.rpm import cause_of
from netnsctl.errors import NetnsctlError, NoAnswerError

ASK_SECONDS = 60.0
DOWNLOAD_SECONDS = 600.0
INSTALL_SECONDS = 600.0
# Nothing here shall wait for another yum or for a server that does not answer; yum 3.2.29 has all of these.
_IMPATIENT = ['--setopt=exit_on_lock=1', '--setopt=timeout=20', '--setopt=retries=2']
_NOTHING = re.compile(r'No match(ing Packages| for argument)|No Match for argument|Nothing to do|no packages marked',
                      re.IGNORECASE)


class PackageManager(object):
    """A host's yum or dnf. name: 'yum' or 'dnf', as a person would call it. generation: 3 (yum), 4 or 5 (dnf)."""

    def __init__(self, host, path, generation):
        self.host = host
        self.path = path
        self.name = 'yum' if generation < 4 else 'dnf'
        self.generation = generation

    def offered(self, repo_id, package):
        """What a repository, enabled or not, offers of a package: list of Nevra.

        NetnsctlError with the cause where the repository cannot be reached.
        """
        return self._list(self._only(repo_id), package, 'ask repository %s' % repo_id, ASK_SECONDS)

    def known_offers(self, package, seconds):
        """What the enabled repositories offer of a package, as far as this host has heard: list of Nevra.

        No server is asked. NetnsctlError where nothing was heard yet.
        """
        # Whoever only looks leaves no line in a log.
        folder = tempfile.mkdtemp()
        try:
            logs = '--setopt=logfile=/dev/null' if self.generation < 4 else '--setopt=logdir=' + folder
            return self._list(['-y', '-C', logs] + _IMPATIENT, package, 'look into the cache of %s' % self.name,
                              seconds)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _list(self, words, package, attempt, seconds):
        if self.generation < 4:
            # repoquery is not part of yum 3.
            words = words + ['--showduplicates', 'list', 'available', package]
        else:
            words = words + ['repoquery', '--qf',
                             '%s %%{%s}\\n' % (nevra.MARK, '} %{'.join(nevra.FIELDS)), package]
        result = self._run(words, seconds)
        if result.status and not _NOTHING.search(result.err + result.out):
            raise NetnsctlError('%s: %s' % (attempt, cause_of(result)))
        return (nevra.parse_yum_list if self.generation < 4 else nevra.parse_fields)(result.out)

    def download(self, repo_id, package, folder):
        """Fetches the upgrade that a repository offers for an installed package into an empty folder: its path.

        Nothing is installed, and no signature is looked at, nor any key imported: that is the caller's. None where
        the repository offers nothing newer. NetnsctlError with the cause where the download fails.
        """
        words = self._only(repo_id) + ['--nogpgcheck']
        if self.generation < 4:
            # --downloadonly is a plugin that EL6 does not install: a test transaction leaves the package in its cache.
            words += ['--setopt=tsflags=test', '--setopt=keepcache=1', '--setopt=cachedir=' + folder, 'update', package]
        else:
            # --best: what it needs and is not to be had is an error, and not passed over.
            words += ['--best', '--downloadonly', '--destdir=' + folder, 'upgrade', package]
        result = self._run(words, DOWNLOAD_SECONDS)
        # By what is there: yum ends a test transaction with an error, dnf a download of nothing without one.
        path = self._downloaded(folder, package)
        if path is None and result.status and not _NOTHING.search(result.err + result.out):
            raise NetnsctlError('download %s from repository %s: %s' % (package, repo_id, cause_of(result)))
        return path

    def download_older(self, package, folder):
        """Fetches an older package (Nevra) from the repositories that the host has enabled: its path, or None."""
        words = ['-y', '--nogpgcheck'] + _IMPATIENT
        if self.generation < 4:
            words += ['--setopt=tsflags=test', '--setopt=keepcache=1', '--setopt=cachedir=' + folder]
        else:
            words += ['--downloadonly', '--destdir=' + folder]
        try:
            self._run(words + ['downgrade', '%s-%s' % (package.name, package.evr)], DOWNLOAD_SECONDS)
        except NoAnswerError:
            return None
        return self._downloaded(folder, package.name)

    @staticmethod
    def _downloaded(folder, name):
        """The package file of that name below a folder (what it needs may have come along), or None.

        By the files' names, NAME-VERSION-RELEASE.ARCH.rpm: nothing reads a package before its signature was checked.
        """
        paths = [os.path.join(place, item) for place, _, items in sorted(os.walk(folder)) for item in sorted(items)
                 if item.endswith('.rpm')]
        named = [path for path in paths if os.path.basename(path).rsplit('-', 2)[0] == name]
        return (named or (paths if len(paths) == 1 else None) or [None])[0]

    def install_command(self, path):
        """The words that install, or upgrade to, a package file with what the host already has.

        Without what checks the host asks for of local packages (localpkg_gpgcheck): the caller has made its own.
        """
        return ([self.path, '-y', '--disablerepo=*', '--nogpgcheck'] + _IMPATIENT +
                ['localinstall' if self.generation < 4 else 'install', path])

    def install(self, path, keep=None):
        """Installs a package file. keep: a descriptor that the package manager inherits (a lock: it is held for as long
        as that runs, whatever becomes of us).

        NetnsctlError with the cause; NoAnswerError past the time limit, with the package manager ended where it was.
        """
        result = self.host.run(self.install_command(path), seconds=INSTALL_SECONDS, keep=keep)
        if result.status:
            raise NetnsctlError('install %s: %s' % (os.path.basename(path), cause_of(result)))

    def _only(self, repo_id):
        return ['-y', '--disablerepo=*', '--enablerepo=' + repo_id,
                '--setopt=%s.skip_if_unavailable=0' % repo_id] + _IMPATIENT

    def _run(self, words, seconds):
        return self.host.run([self.path] + words, seconds=seconds)


def found(host):
    """The host's package manager: PackageManager. NetnsctlError where it has none."""
    for name in ('dnf', 'yum', 'dnf5'):
        path = host.find(name)
        if path is None:
            continue
        # Asked, not judged by the name: on EL8 and later yum is dnf.
        numbers = re.search(r'(\d+)\.\d+', host.run([path, '--version'], seconds=20).out)
        if numbers:
            return PackageManager(host, path, max(3, min(int(numbers.group(1)), 5)))
    raise NetnsctlError('look for yum or dnf: this host has neither', hint=NO_MANAGER)


NO_MANAGER = ('The repository is for hosts with rpm packages. Elsewhere install iproute2 from the distribution,\n'
              'or do without: `--backend netlink` needs no `ip netns`.')
