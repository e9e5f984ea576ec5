"""The file of a bridge without what no wire says of it any more."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.usecases.tree import merging

TEXT = ('# mine\nTYPE=Bridge\nBRIDGE_VLANS="7 pvid untagged"\nNAT=yes # out\nFORWARD_OPEN=yes\n'
        'IPADDR=10.2.0.1\nNETMASK=255.255.255.0\nIPV6INIT=yes\nIPV6ADDR=fd00::1/64\n')
ALL = [('', 'nat'), ('', 'open'), ('7', '10.2.0.1/24'), ('7', 'fd00::1/64')]


@pytest.mark.parametrize('gone, keeps_ipv6, lost', [
    ([], False, []),
    ([('', 'nat')], False, ['NAT=yes # out']),
    ([('9', '10.2.0.1/24'), ('', '10.2.0.1/24'), ('', 'ipv6')], False, []),
    ([('7', '10.2.0.1/24')], False, ['IPADDR=10.2.0.1', 'NETMASK=255.255.255.0']),
    ([('7', 'fd00::1/64')], False, ['IPV6INIT=yes', 'IPV6ADDR=fd00::1/64']),
    ([('7', 'fd00::1/64')], True, ['IPV6ADDR=fd00::1/64']),
    (ALL, False, TEXT.splitlines()[2:]),
    (ALL, True, [line for line in TEXT.splitlines()[2:] if line != 'IPV6INIT=yes'])])
def test_what_no_wire_says_goes_and_every_other_line_stays_to_the_letter(gone, keeps_ipv6, lost):
    found = merging.update_bridge('br0', set(gone), keeps_ipv6, TEXT, 'ifcfg-br0')
    assert found.splitlines() == [line for line in TEXT.splitlines() if line not in lost]
