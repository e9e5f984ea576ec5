"""Packages of iproute for the tests, built by rpmbuild and signed by keys made for them, and repositories of them."""

from __future__ import absolute_import, division, print_function

import os
import re
import shutil
import tempfile
import time

from support.process import must, run
from support.program import TOP

OLD = ('2.6.32', '31.el6')
NETNS = ('2.6.32', '130.el6ost.netns.2')
TOOLS = ('rpm', 'rpmbuild', 'rpmsign', 'gpg', 'createrepo_c', 'dnf', 'cpio', 'rpm2cpio')

_SPEC = """
%define _build_id_links none
%define debug_package %{nil}
Name: @NAME@
Version: @VERSION@
Release: @RELEASE@
Summary: A stand-in for iproute
License: MIT
AutoReqProv: no
@NEEDS@
%description
A stand-in for iproute, for tests.
%install
mkdir -p %{buildroot}/sbin %{buildroot}/usr/share/doc/iproute-@VERSION@
cp @PROGRAM@ %{buildroot}/sbin/ip
chmod 0755 %{buildroot}/sbin/ip
echo '@RELEASE@' >%{buildroot}/usr/share/doc/iproute-@VERSION@/README
@SCRIPTS@
%files
/sbin/ip
/usr/share/doc/iproute-@VERSION@
"""


class Missing(Exception):
    """What this machine lacks for it."""


def program_text(knows_netns):
    """An `ip` of one file: like EL6's (tests/standins), or like RDO's."""
    with open(os.path.join(TOP, 'tests', 'standins', 'old-ip.sh')) as source:
        text = source.read()
    return '#!/bin/sh\nPATH=/usr/lib/real-ip:$PATH\nnetns=%s\n%s' % ('yes' if knows_netns else 'no', text)


class Packages(object):
    """folder: all of it. key, other_key: armoured public keys. fingerprint, other_fingerprint: of them.
    path(kind): a package file. repo(*kinds): the folder of a repository that offers these.

    kinds: old (EL6's own), good (RDO's, signed), unsigned, foreign (signed by the other key), tampered (signed, one
    byte changed), useless (signed, called like RDO's, its ip knows no netns), slow (good; a script of it waits for
    /run/go-on), broken (supports netns only until it is installed), needy (good; needs what nothing provides),
    slow_broken (both), base (old, signed by the other key), later (newer than good, without netns), other_arch and
    other_name (good but for these). expired(): what a key signed that has expired since.
    """

    def __init__(self):
        lacking = [tool for tool in TOOLS if not _has(tool)]
        if lacking:
            raise Missing('%s missing' % ', '.join(lacking))
        self.folder = tempfile.mkdtemp()
        try:
            self.home = os.path.join(self.folder, 'gpg')
            os.mkdir(self.home, 0o700)
            self.key, self.fingerprint = self._make_key('rdo-havana-sign')
            self.other_key, self.other_fingerprint = self._make_key('somebody-else')
            self.paths = {}
        except BaseException:
            self.close()
            raise

    def _gpg(self, *words):
        return must(['gpg', '--homedir', self.home, '--batch', '--no-tty', '--quiet'] + list(words), timeout=120)

    def _make_key(self, name, expires='never'):
        self._gpg('--passphrase', '', '--quick-generate-key', name, 'rsa2048', 'sign', expires)
        listing = self._gpg('--with-colons', '--fingerprint', name)
        path = os.path.join(self.folder, name + '.asc')
        self._gpg('--armor', '--output', path, '--export', name)
        return path, re.search(r'(?m)^fpr:+([0-9A-F]{40}):', listing).group(1)

    def path(self, kind):
        """The package file of that kind, built when it is first asked for."""
        if kind not in self.paths:
            self.paths[kind] = getattr(self, '_make_' + kind)()
        return self.paths[kind]

    def _make_old(self):
        return self._build('old', OLD, program_text(False))

    def _make_good(self):
        return self.sign(self._build('good', NETNS, program_text(True)), 'rdo-havana-sign')

    def _make_unsigned(self):
        return self._build('unsigned', NETNS, program_text(True))

    def _make_foreign(self):
        return self.sign(self._build('foreign', NETNS, program_text(True)), 'somebody-else')

    def _make_useless(self):
        return self.sign(self._build('useless', NETNS, program_text(False)), 'rdo-havana-sign')

    # In Lua, which rpm runs itself: a shell's would ask for a package that provides /bin/sh.
    WAIT = ('%post -p <lua>\nio.open("/run/in-the-middle", "w"):close()\n'
            'while not posix.access("/run/go-on") do os.execute("sleep 0.1") end')
    BROKEN = '\ncase $0 in /usr/sbin/ip|/sbin/ip) exit 1 ;; esac\n'

    def _make_broken(self):
        text = program_text(True).replace('\n', self.BROKEN, 1)
        return self.sign(self._build('broken', NETNS, text), 'rdo-havana-sign')

    def _make_slow(self):
        return self.sign(self._build('slow', NETNS, program_text(True), self.WAIT), 'rdo-havana-sign')

    def _make_slow_broken(self):
        text = program_text(True).replace('\n', self.BROKEN, 1)
        return self.sign(self._build('slow_broken', NETNS, text, self.WAIT), 'rdo-havana-sign')

    def _make_base(self):
        return self.sign(self._build('base', OLD, program_text(False)), 'somebody-else')

    def _make_needy(self):
        return self.sign(self._build('needy', NETNS, program_text(True), needs='Requires: libmissing'),
                          'rdo-havana-sign')

    def _make_later(self):
        return self._build('later', ('2.6.32', '200.el6'), program_text(False))

    def _make_other_arch(self):
        arch = 's390x' if os.uname()[4] != 's390x' else 'aarch64'
        return self.sign(self._build('other_arch', NETNS, program_text(True), arch=arch), 'rdo-havana-sign')

    def _make_other_name(self):
        return self.sign(self._build('other_name', NETNS, program_text(True), name='iproute-doc'), 'rdo-havana-sign')

    def expired(self):
        """(A package like good, the key that signed it and has expired since, that key's fingerprint)."""
        if 'expired' not in self.paths:
            key, fingerprint = self._make_key('was-good', 'seconds=3')
            self.paths['expired'] = self.sign(self._build('expired', NETNS, program_text(True)), 'was-good')
            self.is_expired = key, fingerprint
            time.sleep(4)
        return (self.paths['expired'],) + self.is_expired

    def _make_tampered(self):
        place = os.path.join(self.folder, 'tampered')
        os.mkdir(place)
        path = os.path.join(place, os.path.basename(self.path('good')))
        with open(self.path('good'), 'rb') as source:
            data = bytearray(source.read())
        data[-20] ^= 0xff  # in the payload
        with open(path, 'wb') as copy:
            copy.write(data)
        return path

    def _build(self, kind, version, program, scripts='', needs='', name='iproute', arch=None):
        top = os.path.join(self.folder, kind)
        os.mkdir(top)
        with open(os.path.join(top, 'ip'), 'w') as target:
            target.write(program)
        spec = os.path.join(top, 'iproute.spec')
        values = {'VERSION': version[0], 'RELEASE': version[1], 'PROGRAM': os.path.join(top, 'ip'), 'SCRIPTS': scripts,
                  'NEEDS': needs, 'NAME': name}
        with open(spec, 'w') as target:
            target.write(re.sub('@([A-Z]+)@', lambda match: values[match.group(1)], _SPEC))
        # The payload and digests that EL6's rpm knows.
        must(['rpmbuild', '-bb', '--quiet', '--define', '_topdir ' + top, '--define', '_binary_payload w9.gzdio',
              '--define', '_rpmdir ' + top, '--define', '_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm', spec]
             + (['--target', arch + '-linux'] if arch else []), timeout=120)
        return [os.path.join(top, name) for name in os.listdir(top) if name.endswith('.rpm')][0]

    def sign(self, path, name):
        """Signs a package file with the key of that name; returns its path."""
        must(['rpmsign', '--define', '_gpg_name ' + name, '--define', '_gpg_path ' + self.home,
              '--define', '__gpg /usr/bin/gpg', '--addsign', path],
             timeout=60)
        return path

    def sign_metadata(self, folder):
        """Signs what createrepo_c made in a folder, with RDO's key."""
        path = os.path.join(folder, 'repodata', 'repomd.xml')
        self._gpg('--local-user', 'rdo-havana-sign', '--armor', '--detach-sign', '--output', path + '.asc', path)

    def repo(self, *kinds):
        """The folder of a repository that offers packages of these kinds."""
        place = os.path.join(self.folder, 'repo-' + '-'.join(kinds))
        if not os.path.isdir(place):
            os.mkdir(place)
            for kind in kinds:
                shutil.copy(self.path(kind), place)
            must(['createrepo_c', '--quiet', '--general-compress-type=gz', place], timeout=60)
        return place

    def close(self):
        # gpg started an agent that holds the secret keys.
        run(['gpgconf', '--homedir', self.home, '--kill', 'all'])
        # It removes its sockets as it ends.
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def _has(tool):
    return any(os.access(os.path.join(folder, tool), os.X_OK) for folder in ('/usr/bin', '/bin', '/usr/sbin', '/sbin'))
