"""Every `ip` on the helpers' PATH and what it can do."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge import ip_program
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn

_INSTALLERS = (('dnf', 'dnf install iproute'), ('yum', 'yum install iproute'), ('apt-get', 'apt-get install iproute2'),
               ('zypper', 'zypper install iproute2'), ('apk', 'apk add iproute2'), ('pacman', 'pacman -S iproute2'))
_NETLINK = 'netnsctl itself needs nothing of it: its netlink backend, which `auto` then takes, does everything without.'
_RDO = ('To have `ip netns` as well, install a newer iproute: for EL6 RDO\'s repository (openstack-havana, '
        'http://repos.fedorapeople.org/repos/openstack/EOL/openstack-havana/epel-6/) has '
        'iproute-2.6.32-130.el6ost.netns.2.')


def _programs(host):
    """The different programs called ip on the PATH, in its order: list of [path, other paths of the same file ...]."""
    found, places = [], {}
    for path in host.find_all('ip'):
        status = os.stat(path)
        key = (status.st_dev, status.st_ino)
        if key not in places:
            places[key] = [path]
            found.append(places[key])
        elif path not in places[key]:
            places[key].append(path)
    return found


def short_version(text):
    """What `ip -V` says without the words that every one says: 'iproute2-6.1.0'."""
    first = (text.splitlines() or [''])[0]
    return (first.split('ip utility, ')[-1].split(',')[0].strip() or 'unknown version')[:80]


def _describe(program):
    if not program.netns:
        return '%s, does not know netns' % short_version(program.version)
    return '%s, knows netns, %s -n' % (short_version(program.version), 'knows' if program.dash_n else 'does not know')


@check('ip', 'iproute', seconds=20.0)
def check_ip(host):
    """The first `ip` on the PATH knows netns."""
    programs, evidence = [], []
    for paths in _programs(host):
        try:
            program = ip_program.probe(host, paths[0])
            seen = _describe(program)
        except NetnsctlError as error:
            program, seen = None, error.message
        programs.append(program)
        evidence.append((paths[0], seen + (' (also %s)' % ', '.join(paths[1:]) if paths[1:] else '')))
    if not programs:
        commands = [command for name, command in _INSTALLERS if host.find(name)][:1]
        return warn('there is no ip on the PATH (%s)' % host.search_path, [],
                    Remediation('%s Install iproute2 to have it.' % _NETLINK, commands))
    first = programs[0]
    if first is None:
        return warn('%s does not work' % evidence[0][0], evidence, Remediation(_NETLINK))
    if first.netns:
        return ok('%s: %s' % (first.path, _describe(first)), evidence)
    prose = '%s %s' % (_NETLINK, _RDO)
    better = [program.path for program in programs if program is not None and program.netns]
    if better:
        prose += ' %s, further down the PATH, knows netns.' % better[0]
    return warn('%s: %s' % (first.path, _describe(first)), evidence, Remediation(prose))
