"""yum 3 (EL6, EL7), dnf 4 and dnf 5: what a repository offers, its packages, and installing one. Whichever is there.

Every call is held to one repository, asks nothing, waits for no lock, and has a time limit. Calls that ask a server use
an empty cache: from their own, yum and dnf would answer without asking, yum 3 even where the server is gone.
"""
from __future__ import absolute_import, division, print_function

import os
import re
import shutil
import tempfile

from netnsctl.edge.packages import nevra, repo_files
from netnsctl.edge.packages.rpm import cause_of
from netnsctl.errors import NetnsctlError, NoAnswerError

ASK_SECONDS = 60.0
DOWNLOAD_SECONDS = 600.0
INSTALL_SECONDS = 600.0
# Do not wait for another yum or for a server that does not answer; yum 3.2.29 has all of these.
_IMPATIENT = ['--setopt=exit_on_lock=1', '--setopt=timeout=20', '--setopt=retries=2']
_NOTHING = re.compile(r'No match(ing Packages| for argument)|No Match for argument|Nothing to do|no packages marked',
                      re.IGNORECASE)
# What yum and dnf print if the problem is on this host and not with the repository.
_OWN_TROUBLE = re.compile(r'\block\b|Waiting for process|rpmdb open failed|rpm ?db|Packages (index|database)|'
                          r'(Config|Options) Error|Traceback|problem importing|No space left|Read-only file system',
                          re.IGNORECASE)
# curl's, which both download with.
_PROXIES = tuple(name for kind in ('http', 'https', 'ftp', 'all', 'no')
                 for name in (kind + '_proxy', kind.upper() + '_PROXY'))


class CannotAsk(NetnsctlError):
    """yum or dnf itself does not work, so that nothing is known of a repository."""


class PackageManager(object):
    """A host's yum or dnf. name: 'yum' or 'dnf', as a person would call it. generation: 3 (yum), 4 or 5 (dnf)."""

    def __init__(self, host, path, generation):
        self.host = host
        self.path = path
        self.name = 'yum' if generation < 4 else 'dnf'
        self.generation = generation

    def offered(self, repo_id, package, with_held_back=False):
        """What a repository, enabled or not, offers of a package: list of Nevra. The repository is asked, no cache.

        with_held_back: also what this host's exclude= or its plugins (versionlock) keep back. CannotAsk if yum or dnf
        does not work; NetnsctlError with the cause where the repository cannot be reached.
        """
        folder = tempfile.mkdtemp()
        try:
            words = self._only(repo_id) + self._cache(folder)
            words += self._holding_nothing_back(repo_id, package) if with_held_back else []
            # Users other than root get a cache of yum 3's own choice (YumBase.setCacheDir), which may be filled: it
            # asks no server that it asked within metadata_expire.
            words += ['--setopt=%s.metadata_expire=0' % repo_id] if self.generation < 4 else []
            return self._list(words, package, 'ask repository %s' % repo_id, ASK_SECONDS)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def known_offers(self, package, seconds):
        """What the enabled repositories offer of a package, as far as this host has heard: list of Nevra.

        No server is asked. NetnsctlError if nothing was heard yet.
        """
        # Leave no line in a log when only looking.
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
        # And if no server answers it goes on with what it has (YumRepository._getFileRepoXML).
        is_old = self.generation < 4 and os.geteuid() and 'Trying other mirror' in result.err
        if is_old or result.status and not _NOTHING.search(result.err + result.out):
            raise self._failure(attempt, result)
        return (nevra.parse_yum_list if self.generation < 4 else nevra.parse_fields)(result.out)

    def download(self, repo_id, package, folder):
        """Fetches the upgrade that a repository offers for an installed package into an empty folder: its path.

        Nothing is installed, and no signature is looked at, nor any key imported: that is the caller's. None if the
        repository offers nothing newer. NetnsctlError with the cause where the download fails.
        """
        words = self._only(repo_id) + self._into(folder, [repo_id])
        # --best: what it needs and is not to be had is an error, and not passed over.
        words += ['update', package] if self.generation < 4 else ['--best', 'upgrade', package]
        result = self._run(words, DOWNLOAD_SECONDS)
        # By what is there: yum ends a test transaction with an error, dnf a download of nothing without one.
        path = self._downloaded(folder, package)
        if path is None and result.status and not _NOTHING.search(result.err + result.out):
            raise self._failure('download %s from repository %s' % (package, repo_id), result)
        return path

    def download_older(self, package, folder):
        """Fetches an older package (Nevra) from the repositories that the host has enabled: its path, or None."""
        enabled = [repo.repo_id for repo in repo_files.read_all(self.host)[0] if repo.enabled]
        words = ['-y'] + _IMPATIENT + self._into(folder, enabled)
        try:
            self._run(words + ['downgrade', '%s-%s' % (package.name, package.evr)], DOWNLOAD_SECONDS)
        except NoAnswerError:
            return None
        return self._downloaded(folder, package.name)

    def _into(self, folder, repo_ids):
        """The words that put what is downloaded from these repositories into a directory, and install nothing."""
        words = ['--nogpgcheck'] + self._cache(folder)
        if self.generation > 3:
            return words + ['--downloadonly', '--destdir=' + folder]
        # --downloadonly is a plugin that EL6 does not install: a test transaction leaves the package in its cache. But
        # what a file:// URL names is used where it lies: copy_local, an attribute of yum's repositories that --setopt
        # reaches though yum.conf(5) does not have it, is what has it copied (YumRepository._getFile, 3.2.29 to 3.4.3).
        return words + ['--setopt=tsflags=test', '--setopt=keepcache=1'] + [
            '--setopt=%s.copy_local=1' % repo_id for repo_id in repo_ids]

    def _holding_nothing_back(self, repo_id, package):
        """The words that lift exclude=, includepkgs= and plugins."""
        if self.generation < 4:
            # --disableexcludes leaves includepkgs= in force.
            return ['--disableexcludes=all', '--noplugins', '--setopt=%s.includepkgs=%s' % (repo_id, package)]
        # dnf 5 has `*` for what is `all` to dnf 4.
        return ['--setopt=disable_excludes=' + ('*' if self.generation > 4 else 'all'), '--setopt=plugins=0']

    def _cache(self, folder):
        """The words that give it an empty cache."""
        # root's is called system_cachedir in dnf 5.
        return ['--setopt=%s=%s' % (key, folder)
                for key in (('cachedir', 'system_cachedir') if self.generation > 4 else ('cachedir',))]

    @staticmethod
    def _failure(attempt, result):
        cause = cause_of(result)
        # A signal ended it, or it said so itself.
        is_own = result.status < 0 or _OWN_TROUBLE.search(cause)
        return (CannotAsk if is_own else NetnsctlError)('%s: %s' % (attempt, cause))

    @staticmethod
    def _downloaded(folder, name):
        """The package file of that name below a directory (what it needs may have come along), or None.

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

    def install(self, path, cache=None, keep=None):
        """Installs a package file. cache: an empty directory for its cache, or None: the host's, which may be full.

        keep: a descriptor that the package manager inherits (a lock: it is held for as long as that runs, whatever
        becomes of us).

        NetnsctlError with the cause; NoAnswerError past the time limit, with the package manager ended where it was.
        """
        command = self.install_command(path) + (self._cache(cache) if cache else [])
        result = self.host.run(command, seconds=INSTALL_SECONDS, keep=keep)
        # Both do nothing with status 0: for an older package, one of another architecture.
        if result.status or _NOTHING.search(result.out + result.err):
            raise NetnsctlError('install %s: %s' % (os.path.basename(path), cause_of(result)))

    def _only(self, repo_id):
        return ['-y', '--disablerepo=*', '--enablerepo=' + repo_id,
                '--setopt=%s.skip_if_unavailable=0' % repo_id] + _IMPATIENT

    def _run(self, words, seconds):
        return self.host.run([self.path] + words, seconds=seconds, environ=_PROXIES)


def found(host):
    """The host's package manager: PackageManager. CannotAsk if it does not run, or there is none."""
    broken = []
    for path in [host.find(name) for name in ('dnf', 'yum', 'dnf5')]:
        if path is None:
            continue
        try:
            result = host.run([path, '--version'], seconds=20)
        except NetnsctlError as error:
            broken.append((path, error.message))
            continue
        # Asked, not judged by the name: on EL8 and later yum is dnf.
        numbers = re.search(r'(\d+)\.\d+', result.out)
        if numbers:
            return PackageManager(host, path, max(3, min(int(numbers.group(1)), 5)))
        broken.append((path, 'run %s: %s' % (path, cause_of(result))))
    if broken:
        raise CannotAsk(broken[0][1], hint='It is installed but does not work. To see all its output: %s --version' %
                        broken[0][0])
    raise CannotAsk('look for yum or dnf: this host has neither', hint=NO_MANAGER)


NO_MANAGER = ('The repository is for hosts with rpm packages. Elsewhere install iproute2 from the distribution,\n'
              'or do without: `--backend netlink` needs no `ip netns`.')
