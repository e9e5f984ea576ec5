"""The service that brings the config tree up at boot: installed, enabled, and needed or not."""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.model.ifcfg import file_names
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn

SERVICE = 'netnsctl'
TREE = '/etc/sysconfig/netns'
UNIT_PLACES = ('/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system',
               '/usr/lib/systemd/system', '/lib/systemd/system')
SCRIPT = '/etc/init.d/' + SERVICE
_PREFIX = 'ifcfg-'
# Normal runlevels: chkconfig(8), update-rc.d(8).
_LEVELS = ('2', '3', '4', '5')


def saved_links(host):
    """Files of the config tree that describe a link: ['NS/ifcfg-DEV', ...], by name. Copies and lo are none to `up`
    either; an alias comes with its link."""
    listed = host.listdir(TREE)
    return ['%s/%s' % (space, name) for space in listed if file_names.original_of(space) not in listed
            for name in host.listdir('%s/%s' % (TREE, space))
            if name.startswith(_PREFIX) and _is_link(name[len(_PREFIX):])]


def _is_link(device):
    return not (device == 'lo' or file_names.is_copy(device) or file_names.parent_of(device))


def _target_of(host, path):
    try:
        return os.readlink(host.path(path))
    except OSError:
        return None


def look_at_unit(host):
    """(path or None, 'enabled', 'disabled' or 'masked') of the systemd unit, as `systemctl is-enabled` has it."""
    unit = SERVICE + '.service'
    path = ([item for item in ('%s/%s' % (place, unit) for place in UNIT_PLACES)
             if os.path.lexists(host.path(item))] or [None])[0]
    if path is not None and _target_of(host, path) == '/dev/null':
        return path, 'masked'
    for place in UNIT_PLACES:
        for folder in host.listdir(place):
            if folder.endswith(('.wants', '.requires')) and os.path.lexists(
                    host.path('%s/%s/%s' % (place, folder, unit))):
                return path, 'enabled'
    return path, 'disabled'


def look_at_script(host):
    """(path or None, 'enabled' or 'disabled') of the SysV script: is there an S link in the runlevel that is booted?"""
    path = SCRIPT if host.exists(SCRIPT) else None
    level = re.search(r'(?m)^[^#:\n]*:([2-5]):initdefault:', host.read('/etc/inittab') or '')
    for item in (level.group(1),) if level else _LEVELS:
        for folder in ('/etc/rc.d/rc%s.d' % item, '/etc/rc%s.d' % item):
            if any(re.match(r'S\d\d%s\Z' % SERVICE, name) for name in host.listdir(folder)):
                return path, 'enabled'
    return path, 'disabled'


@check('service', 'services')
def check_service(host):
    """The netnsctl service is enabled where there is a config tree to bring up."""
    systemd = host.exists('/run/systemd/system')
    unit, unit_state = look_at_unit(host)
    script, script_state = look_at_script(host)
    # Where systemd runs, a unit hides the script of its name.
    place, state = (unit, unit_state) if systemd and unit or not script else (script, script_state)
    saved = saved_links(host)
    evidence = [('installed', place or 'no'), ('state', state if place else 'none'),
                ('files in %s' % TREE, '%d%s' % (len(saved), ': ' + ', '.join(saved[:5]) if saved else ''))]
    if place is None:
        if not saved:
            return ok('not installed; nothing is saved', evidence)
        return warn('%s in %s, and no netnsctl service to bring %s up at boot' % (
            _files(saved), TREE, 'it' if len(saved) == 1 else 'them'), evidence,
            Remediation('The service comes with netnsctl\'s package; pip installs none.'))
    if state == 'enabled' or not saved:
        return ok('%s%s' % (state, '' if saved else '; nothing is saved'), evidence)
    return warn('%s in %s, and the netnsctl service is %s' % (_files(saved), TREE, state), evidence,
                Remediation('After a reboot none of it would come back. Enable the service to bring it up at boot.',
                            _enable(host, systemd and unit, state)))


def _files(saved):
    return '%d saved link%s' % (len(saved), '' if len(saved) == 1 else 's')


def _enable(host, by_systemd, state):
    if by_systemd:
        return (['systemctl unmask %s' % SERVICE] if state == 'masked' else []) + ['systemctl enable %s' % SERVICE]
    if host.find('chkconfig'):
        return ['chkconfig %s on' % SERVICE]
    return ['update-rc.d %s enable' % SERVICE]
