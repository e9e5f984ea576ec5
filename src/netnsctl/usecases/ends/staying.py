"""For a command that enters many namespaces: see Staying."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import get_ident
from netnsctl.edge import netns


class Staying(object):
    """Context: the calling thread, which is in no other namespace than its own, comes back from each that it enters to
    where it is now, without looking for that again."""

    def __enter__(self):
        self._before, self._home = netns.stay, netns.open_host()
        netns.stay = get_ident(), self._home.fd

    def __exit__(self, *_):
        netns.stay = self._before
        self._home.close()
