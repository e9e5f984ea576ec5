"""A throwaway host of rpm packages with an `ip` like EL6's: a root of its own over this machine's, and own links."""

from __future__ import absolute_import, division, print_function

import os
import sys

from support import process
from support.aside import AsideWithRoot
from support.program import TOP

KINDS = ['-m', '-n']
# What the new root must reach though it may lie on another filesystem: an overlay shows only the one that it is over.
_ELSEWHERE = (TOP, sys.prefix, getattr(sys, 'base_prefix', sys.prefix))

_ROOT = r'''
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work none /mnt/root
for place in /proc /dev @ELSEWHERE@; do mkdir -p /mnt/root$place; mount --rbind $place /mnt/root$place; done
mount -t sysfs none /mnt/root/sys
mount -t tmpfs none /mnt/root/run
mkdir -p /mnt/root/scratch
mount -t tmpfs none /mnt/root/scratch
mkdir -p /mnt/root@PACKAGES@
mount --bind @PACKAGES@ /mnt/root@PACKAGES@
exec chroot /mnt/root sh -euc '@INSIDE@'
'''
# This machine's own ip is put out of sight: what supports netns must come from the package.
_INSIDE = r'''
mkdir -p /usr/lib/real-ip
cp -L "$(command -v ip)" /usr/lib/real-ip/ip
rm -f /sbin/ip /bin/ip /usr/sbin/ip /usr/bin/ip /usr/local/sbin/ip /usr/local/bin/ip
rm -rf /root/.rpmdb /var/lib/rpm /etc/yum.repos.d /var/cache/dnf /var/lib/dnf /etc/pki /etc/netnsctl.conf
mkdir -p /etc/rpm /etc/yum.repos.d /var/lib/rpm
echo "%_dbpath /var/lib/rpm" >/etc/rpm/macros
printf "[main]\ngpgcheck=1\nplugins=0\n" >/etc/dnf/dnf.conf
[ -e /usr/bin/yum ] || ln -s dnf-3 /usr/bin/yum
/usr/lib/real-ip/ip link set lo up
rpm --initdb
rpm -i --nodeps --force-debian @OLD@ 2>/dev/null || rpm -i --nodeps @OLD@
echo ready
read -r _
'''


class RpmHost(AsideWithRoot):
    """Call it as support.program.Program; sh(script) runs a shell in it; close() ends it. packages: Packages.

    /scratch is a test's own; /tmp is this machine's (the checkout may lie there), though what is written there goes
    with the host.
    """

    def __init__(self, program, packages):
        self.program = program
        self.has_own_links = '-n' in KINDS
        self.packages = packages
        elsewhere = [place for place in _ELSEWHERE if os.stat(place).st_dev != os.stat('/').st_dev]
        inside = _INSIDE.replace('@OLD@', packages.path('old'))
        setup = (_ROOT.replace('@ELSEWHERE@', ' '.join(elsewhere)).replace('@PACKAGES@', packages.folder)
                 .replace('@INSIDE@', inside.replace("'", "'\\''")))
        self.shell = process.start(['unshare'] + KINDS + ['--propagation', 'private', 'sh', '-euc', setup])
        line = process.native(self.shell.stdout.readline())
        if line != 'ready\n':
            raise AssertionError('no host of its own: %r' % process.finish(self.shell))
        # unshare(1), sh and chroot each take the place of the one before, so the PID is the last shell's.
        self.prefix = ['nsenter', '-t', '%d' % self.shell.pid] + KINDS + ['-r', '-w', '--']

    def sh(self, script):
        # dnf is a Python program, and what the tests' own Python is given is not for it.
        return process.must(self.prefix + ['sh', '-euc', script], environ=self.program.environ())

    def has_yum_3(self):
        """Gives it EL6's yum (tests/standins/yum-3.2.29-host) in place of dnf."""
        self.sh('rm -rf /usr/bin/dnf /usr/bin/dnf-3 /usr/bin/dnf5 /usr/bin/yum /etc/dnf; '
                'cp %s/tests/standins/yum-3.2.29-host/yum /usr/bin/' % TOP)
        self.write('/etc/yum.conf', '[main]\ngpgcheck=1\nplugins=1\n')

    def installed(self):
        """What the rpm database has of iproute: list of VERSION-RELEASE."""
        return sorted(self.sh('rpm -q --qf "%{VERSION}-%{RELEASE}\\n" iproute || true').split())

    def write(self, path, text):
        """Writes a file of this host."""
        process.must(self.prefix + ['sh', '-euc', 'mkdir -p "$(dirname "$1")"; cat >"$1"', 'sh', path], text)
