"""The action wire on this host, in namespaces of its own."""
from __future__ import absolute_import, division, print_function


def test_a_wire_is_made_once(act, pair):
    a, b = pair
    ends = ['%s:A=10.1.1.1/32' % a, '%s:B=10.1.1.2/32' % b]
    made, again = [act('wire', {'ends': ends}) for _ in range(2)]
    assert made.how == again.how == 'ok', made
    assert made['changed'] and not again['changed']
    assert made['wires'][0]['name'] == again['wires'][0]['name'] == '%s:A-%s:B' % (a, b)
