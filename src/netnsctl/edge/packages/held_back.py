"""The configuration of this host that keeps yum or dnf from a package: exclude=, includepkgs= and version locks."""
from __future__ import absolute_import, division, print_function

import fnmatch
import re

from netnsctl.edge.packages import repo_files

# Of yum-plugin-versionlock, of dnf 4's plugin, and dnf 5's own.
_LOCKS = ('/etc/yum/pluginconf.d/versionlock.list', '/etc/dnf/plugins/versionlock.list', '/etc/dnf/versionlock.toml')
_EXCLUDES = ('exclude', 'excludepkgs')


def excludes(host, package):
    """The exclude= that hold for every package, from repositories and files, and match this one (Nevra): list of text
    like 'exclude=iproute* in /etc/yum.conf'."""
    return [text for place, values in repo_files.mains(host) for text in _matching(values, place, package)]


def reasons(host, package, repo):
    """Everything that may keep yum or dnf from a package (Nevra) of a repository (repo_files.Repo or None): list of
    text."""
    found = excludes(host, package)
    if repo is not None:
        found += _matching(repo.values, repo.place, package)
        included = _words(repo.values.get('includepkgs'))
        if included and not _is_one_of(package, included):
            found.append('includepkgs=%s in %s' % (' '.join(included), repo.place))
    for place in _LOCKS:
        if package.name in [_locked(line.strip()) for line in (host.read(place) or '').splitlines()]:
            found.append('a version lock in %s' % place)
    return found


def _locked(line):
    """The name of the package that a line locks, or None: [!][EPOCH:]NAME-[EPOCH:]VERSION-RELEASE.ARCH, dnf 5's is
    name = "NAME"."""
    match = re.match(r'name\s*=\s*["\'](.+)["\']', line) or re.match(r'!?(?:\d+:)?([^#:]+)-(?:\d+:)?[^-]+-[^-]+$', line)
    return match.group(1) if match else None


def _matching(values, place, package):
    return ['%s=%s in %s' % (key, word, place) for key in _EXCLUDES for word in _words(values.get(key))
            if _is_one_of(package, [word])]


def _words(text):
    return [word for word in re.split(r'[\s,]+', text or '') if word]


def _is_one_of(package, patterns):
    """Does one of the patterns match a package, in one of the forms that yum.conf(5) and dnf.conf(5) take?"""
    name, version, arch = package.name, package.version, package.arch
    full = '%s-%s' % (version, package.release)
    forms = [name, '%s.%s' % (name, arch), '%s-%s' % (name, version), '%s-%s' % (name, full),
             '%s-%s.%s' % (name, full, arch), '%s:%s-%s.%s' % (package.epoch, name, full, arch),
             '%s-%s:%s.%s' % (name, package.epoch, full, arch)]
    return any(fnmatch.fnmatchcase(form, pattern) for form in forms for pattern in patterns)
