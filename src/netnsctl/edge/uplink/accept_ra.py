"""The names of the sysctls by which a host hears router advertisements."""
from __future__ import absolute_import, division, print_function

FORWARDING = 'ipv6/conf/all/forwarding'


def accept_ra(link):
    """That of a link: 0 hears none, 1 those that come while the host forwards nothing, 2 all."""
    return 'ipv6/conf/%s/accept_ra' % link
