"""netnsctl as its users have it, on the machines of the bed: the package for Debian, the repository for EL6."""
from __future__ import absolute_import, division, print_function

import os

from support import process
from support.built_packages import Checkout

SERVED = '/srv/netnsctl'  # where a machine has the repository


class Packages(object):
    """What is built of this checkout, once: deb() and repository() -> path. close() removes it."""

    def __init__(self):
        self.checkout, self.made = Checkout(), {}

    def deb(self):
        """The path of the package for Debian."""
        if 'deb' not in self.made:
            out = process.must([self.checkout.path('debian', 'build'), '--without', 'doc'], timeout=300)
            self.made['deb'] = self.checkout.path(out.strip().split('\n')[-1])
        return self.made['deb']

    def repository(self):
        """The folder of a signed yum repository for EL6, whose address is file:///srv/netnsctl."""
        if 'repository' not in self.made:
            dest = self.checkout.path('dist', 'repo')
            process.must([self.checkout.path('repo', 'build')], timeout=300, environ=dict(
                os.environ, RPM_ARGS='--without doc', KEY='', BASEURL='file://' + SERVED, DISTS='el6', DEST=dest))
            self.made['repository'] = dest
        return self.made['repository']

    def close(self):
        self.checkout.close()


def give_packages(machine, packages):
    """Puts there what it installs netnsctl from: the repository, or the package at /srv/netnsctl.deb."""
    machine.sh('mkdir -p ' + SERVED)
    if machine.kind == 'el6':
        machine.put_folder(packages.repository(), SERVED)
    else:
        machine.put(packages.deb(), '/srv/netnsctl.deb')


def install(machine, packages):
    """Installs netnsctl there, as docs/install.md says."""
    give_packages(machine, packages)
    if machine.kind == 'el6':
        machine.sh('cd %s/el6; rpm --import RPM-GPG-KEY-netnsctl; rpm -i netnsctl-release-*.noarch.rpm; '
                   'yum -y install netnsctl' % SERVED, timeout=120)
    else:
        machine.sh('dpkg --install /srv/netnsctl.deb', timeout=120)
