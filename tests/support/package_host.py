"""A throwaway host on which netnsctl's packages are installed: a root of its own over this machine's, with own links.

Its rpm database holds one package, which stands for the distribution: it provides what netnsctl's may ask for, and has
what EL6 has and this machine lacks (chkconfig and service), or a systemctl that writes down what it was told.
"""
from __future__ import absolute_import, division, print_function

import os
import tempfile

from support import process
from support.aside import PackagedHost
from support.program import TOP

KINDS = ['-m', '-n']
_ROOT = r'''
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work none /mnt/root
for place in /proc /dev @ELSEWHERE@; do mkdir -p /mnt/root$place; mount --rbind $place /mnt/root$place; done
mount -t sysfs none /mnt/root/sys
mount -t tmpfs none /mnt/root/run
exec chroot /mnt/root sh -euc '@INSIDE@'
'''
_INSIDE = r'''
rm -rf /root/.rpmdb /root/.rpmmacros /var/lib/rpm /etc/rpm /etc/netnsctl.conf /etc/sysconfig/netns \
    /etc/sysconfig/netnsctl /usr/sbin/netnsctl /usr/share/netnsctl /var/lib/netnsctl /usr/local/sbin/ip /etc/rc.d
mkdir -p /run/lock /etc/rpm /var/lib/rpm /etc/rc.d/init.d /etc/sysconfig /etc/logrotate.d /etc/bash_completion.d \
    /usr/share/bash-completion/completions /usr/share/licenses /usr/lib/tmpfiles.d /usr/share/man/man8 \
    /usr/share/man/man5
mkdir -p /var/lock/subsys
for level in 0 1 2 3 4 5 6; do mkdir -p /etc/rc.d/rc$level.d; done
echo "%_dbpath /var/lib/rpm" >/etc/rpm/macros
mkdir -p @BIN@
ln -sf @PYTHON@ @INTERPRETER@
ip link set lo up
rpm --initdb
# Debian's rpm installs nothing without it, others do not know it.
if rpm --help | grep -q force-debian; then echo --force-debian >/run/rpm-options; else : >/run/rpm-options; fi
rpm -i --nodeps $(cat /run/rpm-options) @DISTRIBUTION@ 2>/run/errors || { cat /run/errors >&2; exit 1; }
echo ready
read -r _
'''
_SPEC = r'''
%global __os_install_post %{nil}
Name: distribution
Version: 1
Release: 1
Summary: Stands for a distribution
License: MIT
BuildArch: noarch
AutoReqProv: no
@PROVIDES@
%description
Stands for a distribution, for tests.
%install
mkdir -p %{buildroot}/sbin
cp @TOOLS@/* %{buildroot}/sbin/
chmod 0755 %{buildroot}/sbin/*
%files
/sbin/*
'''
# What netnsctl's scriptlets need of it, no more.
_CHKCONFIG = r'''#!/bin/sh
# chkconfig: --add, --del, NAME on and NAME off
echo "chkconfig $*" >>/run/calls
links() { for level in $1; do ln -sf ../init.d/$name /etc/rc.d/rc$level.d/$2$name; done; }
case $1 in
    --add | --del) name=$2 ;;
    *) name=$1 ;;
esac
fail() { echo "chkconfig: $name: $1" >&2; exit 1; }
[ -f "/etc/rc.d/init.d/$name" ] || fail 'no such service'
line=$(grep '^# chkconfig:' "/etc/rc.d/init.d/$name") || fail 'no line for chkconfig'
set -- "$@" $line
if [ "$1" = --add ] && ls /etc/rc.d/rc*.d/[SK][0-9][0-9]$name >/dev/null 2>&1; then exit 0; fi
rm -f /etc/rc.d/rc*.d/[SK][0-9][0-9]$name
case "$1 $2" in
    --del*) exit 0 ;;
    --add*) levels=$5 start=$6 stop=$7 ;;
    *' on') levels=2345 start=$6 stop=$7 ;;
    *' off') levels=- start=$6 stop=$7 ;;
esac
for level in 0 1 2 3 4 5 6; do
    case $levels in *$level*) links $level S$start ;; *) links $level K$stop ;; esac
done
'''
_SERVICE = r'''#!/bin/sh
echo "service $*" >>/run/calls
[ -x "/etc/rc.d/init.d/$1" ] || { echo "$1: unrecognized service" >&2; exit 1; }
cd /
exec env -i PATH=/sbin:/usr/sbin:/bin:/usr/bin TERM=dumb "/etc/rc.d/init.d/$1" "$2"
'''
_SYSTEMCTL = r'''#!/bin/sh
echo "systemctl $*" >>/run/calls
over=/run/systemd/system/netnsctl.service.d/removal.conf
[ "$*" != 'stop netnsctl.service' ] || [ ! -e $over ] || tr '\n' ' ' <$over >>/run/calls
'''
_PROVIDES = {
    'el6': ('python = 2.6.6', '/usr/bin/python', 'chkconfig = 1.3.49.3', 'initscripts = 9.03.40'),
    'el7': ('python = 2.7.5', '/usr/bin/python'),
    'el8': ('platform-python = 3.6.8', '/usr/libexec/platform-python'),
    # What a package built here asks for.
    'el9': ('python3 = 3.9.18', '/usr/bin/python3', 'python(abi) = ' + process.run(
        ['/usr/bin/python3', '-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).out.strip()),
    'el10': ('python3 = 3.12.1', '/usr/bin/python3'),
    'fedora': ('python3 = 3.13.0', '/usr/bin/python3'),
}


def make_distribution(dist, folder):
    """Builds the package that stands for a distribution: its path."""
    top = tempfile.mkdtemp(dir=folder)
    tools = os.path.join(top, 'tools')
    os.mkdir(tools)
    texts = {'chkconfig': _CHKCONFIG, 'service': _SERVICE} if dist == 'el6' else {'systemctl': _SYSTEMCTL}
    for name, text in texts.items():
        with open(os.path.join(tools, name), 'w') as target:
            target.write(text)
    provides = '\n'.join('Provides: ' + word for word in _PROVIDES[dist] + ('/bin/sh', 'findutils = 4.4.2'))
    spec = os.path.join(top, 'distribution.spec')
    with open(spec, 'w') as target:
        target.write(_SPEC.replace('@TOOLS@', tools).replace('@PROVIDES@', provides))
    process.must(['rpmbuild', '-bb', '--quiet', '--define', '_topdir ' + top, '--define', '_rpmdir ' + top,
                  '--define', '_binary_payload w9.gzdio', spec], timeout=120)
    return os.path.join(top, 'noarch', 'distribution-1-1.noarch.rpm')


class PackageHost(PackagedHost):
    """sh(script) runs a shell in it; install(path), upgrade(path), remove(); close() ends it.

    interpreter: the path at which the distribution has its Python; python: that of this machine which stands for it.
    """

    def __init__(self, interpreter, python, distribution, folder):
        places = (TOP, folder, os.path.dirname(os.path.dirname(os.path.realpath(python))))
        elsewhere = sorted(set(place for place in places if os.stat(place).st_dev != os.stat('/').st_dev))
        inside = _INSIDE
        for name, value in (('BIN', os.path.dirname(interpreter)), ('PYTHON', os.path.realpath(python)),
                            ('INTERPRETER', interpreter), ('DISTRIBUTION', distribution)):
            inside = inside.replace('@%s@' % name, value)
        setup = _ROOT.replace('@ELSEWHERE@', ' '.join(elsewhere)).replace('@INSIDE@', inside.replace("'", "'\\''"))
        self.shell = process.start(['unshare'] + KINDS + ['--propagation', 'private', 'sh', '-euc', setup])
        line = process.native(self.shell.stdout.readline())
        if line != 'ready\n':
            raise AssertionError('no host of its own: %r' % process.finish(self.shell))
        self.prefix = ['nsenter', '-t', '%d' % self.shell.pid] + KINDS + ['-r', '-w', '--']

    def variables(self):
        return dict((name, value) for name, value in os.environ.items()
                    if not name.startswith(('PYTHON', 'NETNSCTL_', 'DOCKER_')))

    def rpm(self, words):
        """Runs rpm, which must not fail nor warn: what it says."""
        result = self.run('rpm $(cat /run/rpm-options) ' + words + ' 2>&1')
        assert result.status == 0 and 'warning: ' not in result.out, result
        return result.out

    def install(self, path):
        return self.rpm('-i --nosignature ' + path)

    def upgrade(self, path):
        return self.rpm('-U --nosignature ' + path)

    def remove(self):
        return self.rpm('-e netnsctl')

    def calls(self):
        """What chkconfig, service and systemctl were told since this was asked last: list of lines."""
        return self.sh('cat /run/calls 2>/dev/null || :; rm -f /run/calls').strip().split('\n')

    def added(self):
        """What is not on this machine, and what is in /run: list of paths, without rpm's database."""
        upper = process.must(['nsenter', '-t', '%d' % self.shell.pid, '-m', '--',
                              'find', '/mnt/upper', '-mindepth', '1', '-printf', '/%P\n'])
        names = upper.split('\n')
        names += self.sh('find /run -mindepth 1').split('\n')
        return sorted(name for name in names if name and not name.startswith('/var/lib/rpm')
                      and (name.startswith('/run/') or not os.path.isdir(name)))
