"""Modules that make links of their own on the host as the kernel loads them: loaded before, so that they make none."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError

LOAD_SECONDS = 10.0


def load(kind, host=None):
    """Loads the module of a Kind with its options, by the program and the name by which the kernel itself would.

    Nothing is done where it is loaded, or built in, and no failure is told: the kernel then tries by itself, and says
    what it thinks of it.
    """
    host = host or Host()
    program = (host.read('/proc/sys/kernel/modprobe') or '').strip()
    if not program or host.exists('/sys/module/%s' % kind.module):
        return
    try:
        host.run([host.path(program), '-q', '--', 'rtnl-link-' + kind.link_type] + list(kind.module_options),
                 seconds=LOAD_SECONDS)
    except NetnsctlError:
        pass
