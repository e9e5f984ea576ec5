"""The operations that set a sysctl of one link. It is removed with the link, so nothing has to undo them."""
from __future__ import absolute_import, division, print_function

from netnsctl.model.operation import Operation


class EnableIPv6(Operation):
    """Enables IPv6 on one link of a namespace where it is disabled for new ones: a sysctl, which is removed with the
    link."""
    verb = 'enable-ipv6'
    fields = ('ns', 'dev')

    def sysctl(self):
        """Its name, below /proc/sys/net."""
        return 'ipv6/conf/%s/disable_ipv6' % self.dev

    def undo(self):
        return None


class IgnoreAdvertisements(Operation):
    """Keeps a link of the host that leads to containers from taking addresses and routes from whoever calls themselves
    a router there: a sysctl, which is removed with the link."""
    verb = 'ignore-advertisements'
    fields = ('ns', 'dev')

    def sysctl(self):
        """Its name, below /proc/sys/net."""
        return 'ipv6/conf/%s/accept_ra' % self.dev

    def undo(self):
        return None
