"""A throwaway Debian on which netnsctl's package is installed by dpkg.

It is a layer over the root that tests/tools/debian-root makes, with own links, and a systemctl that writes down what
it was told.
"""
from __future__ import absolute_import, division, print_function

import os
import shutil

from support import process
from support.aside import PackagedHost

KINDS = ['-m', '-n']
_SETUP = r'''
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=@ROOT@,upperdir=/mnt/upper,workdir=/mnt/work none /mnt/root
for place in /proc /dev; do mount --rbind $place /mnt/root$place; done
mount -t sysfs none /mnt/root/sys
mount -t tmpfs -o mode=0755 none /mnt/root/run
ip link set lo up
exec chroot /mnt/root sh -c 'echo ready; read -r _'
'''
# Nothing is ever active.
_SYSTEMCTL = r'''#!/bin/sh
while :; do
    case $1 in -*) shift ;; *) break ;; esac
done
for unit; do :; done
wanted=/etc/systemd/system/multi-user.target.wants
case $1 in
    preset) mkdir -p $wanted; ln -sf "/lib/systemd/system/$unit" "$wanted/$unit" ;;
    is-enabled) [ -e "$wanted/$unit" ] || { echo disabled; exit 1; }; echo enabled ;;
    is-active) exit 3 ;;
    *)
        echo "$*" >>/run/calls
        over=/run/systemd/system/netnsctl.service.d/removal.conf
        [ "$*" != 'stop netnsctl.service' ] || [ ! -e $over ] || tr '\n' ' ' <$over >>/run/calls ;;
esac
'''
# dpkg's and Debian's own records, which no package leaves as they were.
_RECORDS = ('/var/lib/dpkg/', '/var/log/', '/var/cache/', '/var/lib/systemd/deb-systemd-helper', '/tmp/', '/run/netns/')


class DebianHost(PackagedHost):
    """sh(script) runs a shell in it; install(path), remove(), purge(); close() ends it.

    root: the folder that it is a layer over. with_systemd: scripts of packages take it to have been booted by systemd.
    """

    def __init__(self, root, with_systemd=False):
        self.root = root
        self.shell = process.start(['unshare'] + KINDS + ['--propagation', 'private', 'sh', '-euc',
                                                          _SETUP.replace('@ROOT@', root)])
        line = process.native(self.shell.stdout.readline())
        if line != 'ready\n':
            raise AssertionError('no Debian of its own: %r' % process.finish(self.shell))
        # It would install on this machine.
        if os.path.samefile('/proc/%d/root' % self.shell.pid, '/'):
            raise AssertionError('its root is this machine\'s')
        self.prefix = ['nsenter', '-t', '%d' % self.shell.pid] + KINDS + ['-r', '-w', '--']
        if with_systemd:
            self.sh("mkdir -p /run/systemd/system; cat >/usr/bin/systemctl <<'END'\n%sEND\n"
                    'chmod 0755 /usr/bin/systemctl' % _SYSTEMCTL)

    def variables(self):
        return {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'HOME': '/root', 'LC_ALL': 'C.UTF-8',
                'DEBIAN_FRONTEND': 'noninteractive'}

    def install(self, path):
        """Installs a package file, or upgrades to it, keeping changed config files: what dpkg says."""
        name = os.path.basename(path)
        shutil.copy(path, '/proc/%d/root/run/%s' % (self.shell.pid, name))
        return self.sh('dpkg --force-confold --install /run/%s 2>&1; rm /run/%s' % (name, name))

    def remove(self):
        return self.sh('dpkg --remove netnsctl 2>&1')

    def purge(self):
        return self.sh('dpkg --purge netnsctl 2>&1')

    def calls(self):
        """What systemctl was told since this was asked last: list of lines."""
        return self.sh('cat /run/calls 2>/dev/null || :; rm -f /run/calls').strip().split('\n')

    def added(self):
        """What is not in the root, without dpkg's own records, and what is in /run: list of paths, folders too."""
        upper = process.must(['nsenter', '-t', '%d' % self.shell.pid, '-m', '--', 'find', '/mnt/upper', '-mindepth',
                              '1', '-printf', '%P %y\n'])
        found = []
        for name, kind in [line.rsplit(' ', 1) for line in upper.split('\n') if line]:
            # A folder of the layer's may be the root's, with something else in it; a device marks what was deleted.
            if kind == 'd' and os.path.isdir(os.path.join(self.root, name)) or kind == 'c':
                continue
            found.append('/' + name)
        found += [name for name in self.sh('find /run -mindepth 1').split('\n') if name]
        return sorted(name for name in found if not (name + '/').startswith(_RECORDS))
