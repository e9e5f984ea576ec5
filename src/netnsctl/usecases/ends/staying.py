"""For a command that enters many namespaces: see Staying."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import get_ident
from netnsctl.edge import link_nodes, netns


class Staying(object):
    """Context: the calling thread, which is in no other namespace than its own, comes back from each that it enters to
    where it is now, without looking for that again. What it mounts to look at links (edge.link_nodes) is piled up."""

    def __enter__(self):
        self._before, self._home = netns.stay, netns.open_host()
        self._pile = link_nodes.Pile()
        netns.stay = get_ident(), self._home.fd, self._pile

    def __exit__(self, *_):
        netns.stay = self._before
        self._pile.close()
        self._home.close()
