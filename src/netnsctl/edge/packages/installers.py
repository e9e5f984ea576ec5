"""The program that installs packages on a host: that of the database which knows the host's own packages.

Others may be there too: Debian has dnf and yum, and Fedora apt and dpkg, for making other systems' images.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.packages import owners

_DPKG = '/var/lib/dpkg/status'
_OTHERS = (('apk', '/lib/apk/db/installed'), ('pacman', '/var/lib/pacman/local'))
_RPMS = ('dnf', 'yum', 'zypper')
_EVERY = ('dnf', 'yum', 'apt-get', 'zypper', 'apk', 'pacman')


def installer_of(host):
    """'dnf', 'yum', 'apt-get', 'zypper', 'apk' or 'pacman', which is on the host's PATH; None where there is none."""
    names = []
    if '\nPackage: base-files\n' in '\n' + (host.read(_DPKG) or ''):  # dpkg by itself makes an empty one
        names.append('apt-get')
    if owners.has_rpm_database(host):
        names += _RPMS
    names += [name for name, place in _OTHERS if host.exists(place)]
    for name in names + list(_EVERY):
        if host.find(name):
            return name
    return None
