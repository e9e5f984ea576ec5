"""Kernel modules that create links on the host when they are loaded: loaded beforehand, so that they create none."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError

LOAD_SECONDS = 10.0


def load(kind, host=None):
    """Loads the module of a Kind with its options, by the program and the name by which the kernel itself would.

    Does nothing if it is loaded or built in, and reports no failure: the kernel then tries itself and reports its own.
    The services may load none. There the kernel loads it, with the same option from systemd's own modprobe.d, which
    EL7's lacks.
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
