"""What tests of the doctor share: hosts that are made up, and what a probe of the kernel met on them."""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.kernel.throwaway import Seen
from support.program import TOP

STANDINS = os.path.join(TOP, 'tests', 'standins')
USUAL_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
ROOT_STATUS = 'Name:\tx\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n'
NOBODY_STATUS = 'Name:\tx\nUid:\t65534\t65534\t65534\t65534\nCapEff:\t0000000000000000\n'
WORKS, ABSENT, UNKNOWN_CALL, DENIED = Seen(0), Seen(errno.ENOENT), Seen(errno.ENOSYS), Seen(errno.EPERM)
NO_KIND = Seen(errno.EOPNOTSUPP, 'Unknown device type')


def a_check(function, required=True, seconds=5.0):
    """A registered check, made of a function."""
    tier = 'required' if required else 'advisory'
    return doctor.Check('probe', 'things', tier, seconds, function, 'It is well.')
