"""`netnsctl repo`: the yum repository that has an iproute with `ip netns` for hosts whose own has none.

Nothing is trusted but one key: packages are fetched without being installed, checked against that key alone, tried, and
only then handed to the host's package manager as files.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.packages import held_back as configured, rpm
from netnsctl.edge import ip_program
from netnsctl.errors import NetnsctlError

PACKAGE = 'iproute'


def own_ip(host):
    """The host's own `ip` (IpProgram), or None if it has none that works."""
    try:
        return ip_program.found(host)
    except NetnsctlError:
        return None


def nothing_to_do(host):
    """'nothing to do: ...' where the host's own ip supports netns already, else None."""
    program = own_ip(host)
    if program is None or not program.netns:
        return None
    return 'nothing to do: %s%s supports netns' % (program.path, _package_of(host, program.path))


def _package_of(host, path):
    try:
        owner = rpm.owner_of(host, path)
        return ' (%s)' % ', '.join(str(item) for item in rpm.installed(host, owner)) if owner else ''
    except NetnsctlError:
        return ''


def held_back(host, manager, repo_id, repo):
    """What a repository offers of iproute and this host's yum or dnf does not take: list of (Nevra, why: text).

    repo: its section (edge.repo_files.Repo), or None. NetnsctlError if it cannot be asked.
    """
    return [(package, ' and '.join(configured.reasons(host, package, repo)) or
             'the configuration of %s (a plugin?)' % manager.name)
            for package in manager.offered(repo_id, PACKAGE, with_held_back=True)]
