"""The repo file of a preset: made, told from one that a person changed, and read back."""
from __future__ import absolute_import, division, print_function

import hashlib
import os
import re

from netnsctl.compat import to_bytes
from netnsctl.edge.packages import repo_files
from netnsctl.edge.files import templates
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.usecases.repository import PACKAGE

ABSENT, OURS, CHANGED = 'absent', 'ours', 'changed'
_HEADER = '# Written by `netnsctl repo enable`; `netnsctl repo disable` removes it.\n# sha256 of what follows: %s\n'
_HEADED = re.compile(_HEADER.replace('%s', '([0-9a-f]{64})'))
_KEY = re.compile(r'(?m)^# key: ([0-9A-F]{32,64})( \(put there by netnsctl\))?$')
_SCHEMES = ('http://', 'https://', 'ftp://', 'file:///')
# What a URL is made of (RFC 3986, 2), with the $ of yum's own variables. No blank: a second URL would begin there.
_URL = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z")


class RepoFile(object):
    """The repo file of a preset as it is. state: ABSENT, OURS (just as netnsctl wrote it) or CHANGED (a person's).
    repo: its section (edge.repo_files.Repo), or None. fingerprint: of the key that it was made for, or None.
    key_is_ours: did netnsctl put the key file there?"""
    __slots__ = ('state', 'text', 'repo', 'fingerprint', 'key_is_ours')

    @property
    def baseurl(self):
        """Its baseurl, or None."""
        return self.repo.values.get('baseurl') if self.repo is not None else None

    @property
    def key_path(self):
        """The path of its key file; None if that is not a file of the host."""
        urls = self.repo.key_urls if self.repo is not None else []
        return urls[0][len('file://'):] if len(urls) == 1 and urls[0].startswith('file:///') else None


def check_url(url):
    """UsageError unless it is a URL that yum can fetch from, with nothing in it that would end its line."""
    if not url.startswith(_SCHEMES) or not _URL.match(url):
        raise UsageError('repo enable: --baseurl %s: not a URL of http, https, ftp or file' % url,
                         hint='Write a directory as file:///DIRECTORY, and a space as %20.')


def render(preset, baseurl, fingerprint, key_is_ours):
    """The text of a repo file. NetnsctlError if it cannot be rendered."""
    body = templates.render('yum.repo.j2', {
        'repo_id': preset.repo_id, 'title': preset.title, 'baseurl': baseurl, 'package': PACKAGE,
        'key_path': preset.key_path, 'fingerprint': fingerprint, 'key_is_ours': key_is_ours})
    return _HEADER % hashlib.sha256(to_bytes(body)).hexdigest() + body


def read(host, preset):
    """The repo file of a preset: RepoFile. NetnsctlError if it is there and cannot be read."""
    found = RepoFile()
    found.state, found.text, found.repo, found.fingerprint, found.key_is_ours = ABSENT, None, None, None, False
    path = host.path(preset.place)
    if not os.path.lexists(path):
        return found
    found.state = CHANGED
    found.text = host.read(preset.place)
    if found.text is None:
        if os.path.islink(path) and not os.path.exists(path):
            return found
        raise NetnsctlError('read %s: it cannot be read' % preset.place)
    headed = _HEADED.match(found.text)
    if headed and not os.path.islink(path) and \
            hashlib.sha256(to_bytes(found.text[headed.end():])).hexdigest() == headed.group(1):
        found.state = OURS
    key = _KEY.search(found.text)
    if key:
        found.fingerprint, found.key_is_ours = key.group(1), bool(key.group(2))
    try:
        sections = repo_files.parse(found.text, preset.place, repo_files.read_main(host))
    except ValueError:
        return found
    mine = [repo for repo in sections if repo.repo_id == preset.repo_id]
    found.repo = mine[-1] if mine else None
    return found
