"""A package as rpm names it: name, epoch, version, release, architecture."""
from __future__ import absolute_import, division, print_function

import re

# What rpm and dnf are asked to print of a package, one per line; `(none)` is rpm's word for no epoch, dnf's is 0.
FIELDS = ('name', 'epoch', 'version', 'release', 'arch')
# Before them, so that no message ("package iproute is not installed") passes for a package.
MARK = 'nevra'


class Nevra(object):
    """name, version, release, arch: text. epoch: text of digits ('0' where it has none)."""
    __slots__ = FIELDS

    def __init__(self, name, epoch, version, release, arch):
        self.name = name
        self.epoch = epoch if epoch.isdigit() else '0'
        self.version = version
        self.release = release
        self.arch = arch

    def __str__(self):
        """NAME-VERSION-RELEASE.ARCH with EPOCH: before the version where it is not 0, as rpm and yum take it."""
        return '%s-%s.%s' % (self.name, self.evr, self.arch)

    def __eq__(self, other):
        return isinstance(other, Nevra) and self._key() == other._key()

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash(self._key())

    def _key(self):
        return self.name, self.epoch, self.version, self.release, self.arch

    @property
    def evr(self):
        """[EPOCH:]VERSION-RELEASE."""
        return '%s%s-%s' % ('' if self.epoch == '0' else self.epoch + ':', self.version, self.release)

    def has_netns(self):
        """Does an iproute of this version have `ip netns`, as far as a name can tell?

        iproute2 has it from 3.0.0 on; RDO's builds for EL6 say it in the release (2.6.32-130.el6ost.netns.2).
        """
        numbers = [int(part) for part in re.findall(r'\d+', self.version)[:1]]
        return numbers >= [3] or 'netns' in self.release.split('.')


def parse_fields(text):
    """Lines 'nevra NAME EPOCH VERSION RELEASE ARCH' -> list of Nevra; other lines are left out."""
    rows = [line.split() for line in text.splitlines()]
    return [Nevra(*row[1:]) for row in rows if row[:1] == [MARK] and len(row) == 1 + len(FIELDS)]


def parse_yum_list(text):
    """What `yum list` of yum 3 prints -> list of Nevra.

    Columns NAME.ARCH [EPOCH:]VERSION-RELEASE REPO; one that is too long for 80 columns goes on on the next line, so
    words are counted and not lines.
    """
    words, listing = [], False
    for line in text.splitlines():
        if re.match(r'(Installed|Available|Updated) Packages\s*$', line):
            listing = True
        elif listing:
            words += line.split()
    found = []
    for place in range(0, len(words) - 2, 3):
        name, _, arch = words[place].rpartition('.')
        epoch, _, evr = words[place + 1].rpartition(':')
        version, _, release = evr.rpartition('-')
        if name and version:
            found.append(Nevra(name, epoch or '0', version, release, arch))
    return found
