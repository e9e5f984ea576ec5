"""The host's yum repositories, read from its files: yum.conf(5), dnf.conf(5). Nothing here asks yum or a server."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import parse_ini

# The first that is there has what holds for every repository.
_MAIN = ('/etc/dnf/dnf.conf', '/etc/yum.conf', '/etc/yum/yum.conf')
_FOLDERS = ('/etc/yum.repos.d', '/etc/yum/repos.d', '/etc/distro.repos.d')
_TRUE = ('1', 'yes', 'true', 'on')


class Repo(object):
    """One section. repo_id, place (its file), line (of its header), values ({key: text}, with what the main section
    says of the keys that it lacks)."""
    __slots__ = ('repo_id', 'place', 'line', 'values')

    def __init__(self, repo_id, place, line, values):
        self.repo_id, self.place, self.line, self.values = repo_id, place, line, values

    @property
    def where(self):
        """FILE:LINE."""
        return '%s:%d' % (self.place, self.line)

    @property
    def urls(self):
        """What packages come from: list of baseurls, and of mirrorlist and metalink."""
        return [url for key in ('baseurl', 'mirrorlist', 'metalink')
                for url in re.split(r'[\s,]+', self.values.get(key, '')) if url]

    @property
    def key_urls(self):
        """Where the keys are that sign it: list of URLs."""
        return [url for url in re.split(r'[\s,]+', self.values.get('gpgkey', '')) if url]

    def says(self, key, default=False):
        """Is a switch (enabled, gpgcheck, repo_gpgcheck) on?"""
        value = self.values.get(key)
        return default if value is None else value.strip().lower() in _TRUE

    @property
    def enabled(self):
        return self.says('enabled', True)


def mains(host):
    """The section main of each yum.conf and dnf.conf that the host has: list of (file, {key: text})."""
    found = []
    for place in _MAIN:
        text = host.read(place)
        if text is not None:
            try:
                found.append((place, dict(parse_ini(text)).get('main', {})))
            except ValueError:
                found.append((place, {}))
    return found


def read_main(host):
    """The section main of the host's yum.conf or dnf.conf: {key: text}; empty if there is none."""
    found = mains(host)
    return found[0][1] if found else {}


def parse(text, place, main=()):
    """The repositories of one file: list of Repo. ValueError with the reason."""
    lines = text.split('\n')
    found = []
    for repo_id, values in parse_ini(text):
        header = [number for number, line in enumerate(lines, 1) if line.strip().startswith('[%s]' % repo_id)]
        shared = dict((key, value) for key, value in dict(main).items() if key in ('gpgcheck', 'repo_gpgcheck'))
        if repo_id != 'main':
            found.append(Repo(repo_id, place, header[0] if header else 1, dict(shared, **values)))
    return found


def read_all(host):
    """Every repository, by file: (list of Repo, list of (file, why it could not be read))."""
    found, troubles = [], []
    main = read_main(host)
    for folder in re.split(r'[\s,]+', main.get('reposdir', '')) if main.get('reposdir') else _FOLDERS:
        for name in host.listdir(folder):
            place = '%s/%s' % (folder.rstrip('/'), name)
            if not name.endswith('.repo'):
                continue
            text = host.read(place)
            try:
                if text is None:
                    raise ValueError('it cannot be read')
                found += parse(text, place, main)
            except ValueError as error:
                troubles.append((place, str(error)))
    return found, troubles
