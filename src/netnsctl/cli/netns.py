"""netnsctl netns, where it does not come first on the command line (netnsctl.start hands it over before all this)."""
from __future__ import absolute_import, division, print_function

from netnsctl import ipnetns
from netnsctl.cli.syntax import Syntax, Words
from netnsctl.compat import native


def _run(words):
    """Run `ip netns` commands without iproute. Global options come right after `netns`."""
    ipnetns.main([native(word) for word in words])


command = Syntax(_run, Words('words', '[WORDS]...'), needs_root=False, is_raw=True)
