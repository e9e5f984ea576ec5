"""What is configured, reachable, offered and installed of a preset's repository."""
from __future__ import absolute_import, division, print_function

import shutil
import tempfile

from netnsctl.edge.packages import rpm, yum
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.repository import PACKAGE, held_back, keys, own_ip, repo_file


class Status(object):
    """preset: presets.Preset. file: repo_file.RepoFile. key_trouble: why its key cannot be used, or None.
    offered, installed: list of Nevra. unreachable: why it did not answer, or was not asked, or None. is_asked: was it?
    held_back: list of (Nevra, why this host's yum or dnf does not take it: text).
    trouble: why the rpm database could not be asked, or None. ip: the host's own (IpProgram), or None."""
    __slots__ = ('preset', 'file', 'key_trouble', 'offered', 'held_back', 'unreachable', 'is_asked',
                 'installed', 'trouble', 'ip')

    @property
    def has_netns(self):
        """Is there nothing to do?"""
        return self.ip is not None and self.ip.netns

    def as_data(self):
        """As a tree of dicts, lists and text."""
        values = self.file.repo.values if self.file.repo is not None else {}
        return {
            'version': 1, 'preset': self.preset.name,
            'configured': {'file': self.preset.place, 'state': self.file.state, 'repository': self.preset.repo_id,
                           'baseurl': values.get('baseurl'), 'enabled': values.get('enabled'),
                           'gpgcheck': values.get('gpgcheck'), 'key': self.file.key_path,
                           'fingerprint': self.file.fingerprint, 'key_trouble': self.key_trouble},
            'reachable': self.unreachable is None if self.is_asked else None,
            'unreachable_because': self.unreachable,
            'offered': [str(item) for item in self.offered],
            'installed': [str(item) for item in self.installed], 'installed_unknown_because': self.trouble,
            'ip': self.ip and self.ip.path, 'ip_knows_netns': self.has_netns,
        }


def look(host, preset):
    """Its state: Status. Asks the server itself, for two minutes at most. Changes nothing."""
    found = Status()
    found.preset = preset
    found.file = repo_file.read(host, preset)
    found.ip = own_ip(host)
    found.key_trouble = _look_at_key(host, preset, found.file)
    found.installed, found.trouble = [], None
    try:
        found.installed = rpm.installed(host, PACKAGE)
    except NetnsctlError as error:
        found.trouble = error.message
    found.offered, found.held_back, found.unreachable, found.is_asked = [], [], None, False
    if found.file.repo is None:
        found.unreachable = 'it is not configured'
        return found
    try:
        manager = yum.found(host)
        found.offered = manager.offered(preset.repo_id, PACKAGE)
        found.is_asked = True
        if not found.offered:
            found.held_back = held_back(host, manager, preset.repo_id, found.file.repo)
    except yum.CannotAsk as error:
        found.unreachable = error.message
    except NetnsctlError as error:
        found.unreachable, found.is_asked = error.message, True
    return found


def _look_at_key(host, preset, now):
    """Why the key of the repo file cannot be used, or None."""
    if now.repo is None:
        return None
    if now.key_path is None:
        return 'gpgkey= is not one file on this host'
    folder = tempfile.mkdtemp()
    try:
        keys.read(host, now.key_path, now.fingerprint or preset.fingerprint, folder)
    except NetnsctlError as error:
        return error.message
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return None
