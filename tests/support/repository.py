"""netnsctl's yum repository as repo/build makes it, keys to sign it with, and a client that has nothing but it."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import tempfile

from support.process import must, run

TOOLS = ('rpm', 'rpmbuild', 'rpmsign', 'gpg', 'createrepo_c', 'dnf')
# What stands in the client's database for all that netnsctl needs of its host.
_HOST = """
%define _build_id_links none
Name: host
Version: 1
Release: 1
Summary: What netnsctl needs of a host
License: MIT
BuildArch: noarch
AutoReqProv: no
Provides: /bin/sh /usr/bin/python python = 2.6.6 findutils chkconfig initscripts /sbin/chkconfig /sbin/service
%description
For tests.
%files
"""


class Keys(object):
    """A GNUPGHOME of a test's own. make(name, ...) makes a key; close() ends gpg's agent and removes it."""

    def __init__(self):
        # Short: the path of the agent's socket has 107 bytes at most.
        self.home = tempfile.mkdtemp(prefix='ng', dir='/tmp')

    def gpg(self, *words, **options):
        return must(['gpg', '--homedir', self.home, '--batch', '--no-tty', '--quiet', '--yes'] + list(words),
                    timeout=120, **options)

    def make(self, name, algorithm='rsa2048', usage='sign', expire='never'):
        self.gpg('--passphrase', '', '--quick-generate-key', name, algorithm, usage, expire)
        return name

    def add_subkey(self, name, algorithm, usage):
        fingerprint = [line.split(':')[9] for line in self.gpg('--with-colons', '--list-keys', name).split('\n')
                       if line.startswith('fpr:')][0]
        self.gpg('--passphrase', '', '--quick-add-key', fingerprint, algorithm, usage, 'never')

    def export(self, name, path):
        self.gpg('--armor', '--output', path, '--export', name)

    def sign_package(self, name, path):
        must(['rpmsign', '--define', '_gpg_name ' + name, '--define', '_gpg_path ' + self.home,
              '--define', '__gpg /usr/bin/gpg', '--addsign', path], timeout=60)

    def close(self):
        run(['gpgconf', '--homedir', self.home, '--kill', 'all'])
        shutil.rmtree(self.home)


class Repository(object):
    """A folder like dist/repo/el6, to be spoilt. package: the path of netnsctl's package in it."""

    def __init__(self, folder, keys, key):
        self.folder = folder
        self.keys = keys
        self.key = key
        self.repomd = os.path.join(folder, 'repodata', 'repomd.xml')

    def named(self, beginning, suffix='.rpm'):
        """The path of its one file that begins so."""
        found = [name for name in os.listdir(self.folder) if name.startswith(beginning) and name.endswith(suffix)]
        assert len(found) == 1, os.listdir(self.folder)
        return os.path.join(self.folder, found[0])

    @property
    def package(self):
        return self.named('netnsctl-1')

    def list_anew(self, key=None):
        """Metadata for what lies there now, signed: a thief who has the server, and the key that is given."""
        must(['createrepo_c', '--quiet', '--general-compress-type=gz', self.folder], timeout=60)
        self.keys.gpg('--armor', '--detach-sign', '-u', key or self.key, '--output', self.repomd + '.asc', self.repomd)

    def alter(self, path, offset=-2000):
        """Changes one byte of a file."""
        with open(path, 'r+b') as target:
            target.seek(offset, os.SEEK_END if offset < 0 else os.SEEK_SET)
            byte = bytearray(target.read(1))
            target.seek(-1, os.SEEK_CUR)
            target.write(bytearray([byte[0] ^ 0xff]))


class Client(object):
    """dnf with a root of its own, whose rpm database has a package `host` alone, and with this repository alone.

    It knows the repository by the file that repo/build wrote, which names the place that baseurl was given as.
    """

    def __init__(self, folder, repo_file):
        self.root = os.path.join(folder, 'root')
        self.folder = folder
        repos = os.path.join(folder, 'repos')
        for path in (self.root, repos):
            os.makedirs(path)
        shutil.copy(repo_file, repos)
        with open(os.path.join(folder, 'dnf.conf'), 'w') as target:
            target.write('[main]\ngpgcheck=1\nplugins=0\ncachedir=%s/cache\nreposdir=%s\npersistdir=%s/persist\n'
                         'logdir=%s/log\nmodule_platform_id=platform:el6\nsslverify=1\ntsflags=noscripts\n'
                         % (folder, repos, folder, folder))
        self.database = ['--root', self.root]  # its place there is the same for rpm and dnf
        self._install_host()

    def _install_host(self):
        spec = os.path.join(self.folder, 'host.spec')
        with open(spec, 'w') as target:
            target.write(_HOST)
        must(['rpmbuild', '-bb', '--quiet', '--define', '_topdir ' + self.folder, '--define',
              '_rpmdir ' + self.folder, spec], timeout=60)
        package = os.path.join(self.folder, 'noarch', 'host-1-1.noarch.rpm')
        # Debian's rpm installs nothing without an option that others do not know.
        result = run(['rpm'] + self.database + ['-i', '--force-debian', package])
        if result.status != 0:
            must(['rpm'] + self.database + ['-i', package])

    def dnf(self, *words):
        return run(['dnf', '--config', os.path.join(self.folder, 'dnf.conf'), '--installroot', self.root,
                    '--releasever', '6', '--setopt', 'varsdir=/nonexistent', '-y'] + list(words), timeout=120,
                   environ=dict(os.environ, LC_ALL='C'))

    def installed(self):
        """Names in its database, without keys and `host`: sorted list."""
        names = must(['rpm'] + self.database + ['-qa', '--qf', '%{NAME}\\n']).split()
        return sorted(name for name in names if name not in ('gpg-pubkey', 'host'))
