"""firewalld, which replaces its own table or chains whenever it is reloaded: a link passes it in a zone that accepts.

Only what it does now is changed, and nothing in its files: a reload forgets it, and `up` or `watch` does it again. The
zone `trusted` is in every version, and is what docker and netavark use or copy.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import KernelError, NetnsctlError

NAME, ZONE = 'firewalld', 'trusted'
NOT_RUNNING = 252
NO_ZONE = 2
# What FORWARD leads to with iptables: of every version, of those before 0.7.
_DIRECT = ('FORWARD_direct', 'FORWARD_IN_ZONES')
SECONDS = 30.0  # it answers nobody while it is reloaded


def is_of(chain):
    """Is a forward_chain.Chain one of firewalld's? Its backend may be nft or iptables."""
    return chain.table.split(' ')[-1] == NAME or any(
        rule.target in _DIRECT for rule in chain.chains.get(chain.name, ()))


def command(link, zone=ZONE):
    """The words that put a link into a zone, or take it out of `trusted` if that is none: list."""
    if not zone:
        return ['firewall-cmd', '--zone=' + ZONE, '--remove-interface=' + link]
    return ['firewall-cmd', '--zone=' + zone, '--change-interface=' + link]


class Firewalld(object):
    """Asks firewall-cmd. host: edge.Host; keep: a descriptor that it inherits (the lock)."""

    def __init__(self, host, keep=None):
        self.host, self.keep = host, keep

    def zone_of(self, link):
        """The zone that a link is in, '' if in none but the default one; None if firewalld does not run.
        NetnsctlError."""
        if self.host.find('firewall-cmd') is None:
            return None
        result = self._run(['firewall-cmd', '--get-zone-of-interface=' + link], (0, NO_ZONE, NOT_RUNNING))
        if result.status == NOT_RUNNING:
            return None
        return result.out.strip() if result.status == 0 else ''

    def wait(self):
        """Returns when a reload that is under way is over: what is restored before would go with it."""
        try:
            self.zone_of('lo')
        except NetnsctlError:
            pass  # it is not there, or hangs: nothing to wait for

    def put(self, link, zone=ZONE):
        """Puts a link into a zone, or takes it out of `trusted` if that is ''. NetnsctlError."""
        self._run(command(link, zone), (0,))

    def _run(self, argv, statuses):
        result = self.host.run([self.host.require(argv[0])] + argv[1:], seconds=SECONDS, keep=self.keep)
        if result.status not in statuses:
            said = [line.strip() for line in (result.err + result.out).splitlines() if line.strip()]
            raise KernelError('%s: %s' % (argv[0], said[0] if said else
                                          'it exited with status %d' % result.status), None)
        return result
