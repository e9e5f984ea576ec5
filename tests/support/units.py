"""The units of systemd, as they are in the source."""
from __future__ import absolute_import, division, print_function

import os

from support.program import TOP

RPM = os.path.join(TOP, 'rpm')
UNITS = ('netnsctl.service', 'netnsctl-watch.service')


def settings(unit):
    """{name: value} of a unit's file."""
    with open(os.path.join(RPM, unit)) as source:
        rows = [line.strip().partition('=') for line in source if '=' in line and not line.startswith('#')]
    return dict((name, value) for name, _, value in rows)


def limits(*more):
    """The words before a command that give it the capabilities that the units leave, and more ('dac_override')."""
    kept = ['+' + name[len('CAP_'):].lower() for name in settings(UNITS[0])['CapabilityBoundingSet'].split()]
    kept += ['+' + name for name in more]
    return ['setpriv', '--no-new-privs', '--bounding-set', ','.join(['-all'] + kept), '--inh-caps', '-all']
