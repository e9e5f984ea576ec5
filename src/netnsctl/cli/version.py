"""netnsctl version"""
from __future__ import absolute_import, division, print_function

from netnsctl import __version__
from netnsctl.cli import output
from netnsctl.cli.syntax import Syntax


def _run():
    """Print the version of netnsctl."""
    output.say('netnsctl %s' % __version__)


command = Syntax(_run, needs_root=False)
