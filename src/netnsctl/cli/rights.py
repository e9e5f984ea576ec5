"""Which rights a command takes."""
from __future__ import absolute_import, division, print_function

import os


def require_root(attempt, argv):
    """NetnsctlError unless this is root: what every command that needs root asks before all else."""
    if os.geteuid() != 0:
        from netnsctl.edge import privileges
        privileges.require_root(attempt, argv)
