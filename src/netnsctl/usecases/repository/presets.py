"""The repositories that are known: a row each."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError


class Preset(object):
    """A repository with an iproute that has netns.

    name: what it is called on the command line. repo_id: its section; netnsctl's own, so that one which the release
    package of RDO brought is not met. title, baseurl: as in the file. key_path: where its key is kept. fingerprint: of
    that key, upper-case hexadecimal digits.
    """
    __slots__ = ('name', 'repo_id', 'title', 'baseurl', 'key_path', 'fingerprint')

    def __init__(self, name, repo_id, title, baseurl, key_path, fingerprint):
        self.name, self.repo_id, self.title = name, repo_id, title
        self.baseurl, self.key_path, self.fingerprint = baseurl, key_path, fingerprint

    @property
    def place(self):
        """The path of its repo file."""
        return '/etc/yum.repos.d/%s.repo' % self.repo_id


# Havana's packages moved below EOL/ when it ended; iproute-2.6.32-130.el6ost.netns.2 is among them. The fingerprint is
# that of "rdo-havana-sign <rdo-info@redhat.com>", RSA 4096, as the project published it.
HAVANA = Preset('havana', 'netnsctl-rdo-havana', 'RDO OpenStack Havana, for its iproute with network namespaces',
                'http://repos.fedorapeople.org/repos/openstack/EOL/openstack-havana/epel-6/',
                '/etc/pki/rpm-gpg/RPM-GPG-KEY-RDO-Havana', '343D4B2DD7AE9D2D30B4287AFA167B7C2BC7C801')
DEFAULT = HAVANA
_PRESETS = (HAVANA,)


def find(name):
    """The preset of that name. UsageError if there is none."""
    for preset in _PRESETS:
        if preset.name == name:
            return preset
    raise UsageError('repo: there is no preset %s' % name,
                     hint='Presets are: %s.' % ', '.join(preset.name for preset in _PRESETS))


def every():
    """All presets: tuple of Preset."""
    return _PRESETS
