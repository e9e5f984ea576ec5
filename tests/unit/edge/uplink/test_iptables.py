"""What iptables-restore is told, of what iptables-save of any version prints."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.uplink import iptables
from netnsctl.model.features.uplink_steps import AddNat

STEP = AddNat('host', 'w', 'iptables', 'br0', ['10.0.0.0/24'], [['tcp', None, 8080, 8080, '10.0.0.2', 80]],
              ['10.0.0.0/24'], False, [])
THERE = """*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:NETNSCTL-POST - [0:0]
:OTHER - [0:0]
-A POSTROUTING -j OTHER%(end)s
-A POSTROUTING -j NETNSCTL-POST%(end)s
-A NETNSCTL-POST -s 10.1.0.0/24 -m comment --comment %(quote)snetnsctl:other:nat%(quote)s -j MASQUERADE%(end)s
-A OTHER -s 10.9.0.0/24 -m comment --comment "netnsctl:w:nat in a foreign chain" -j MASQUERADE%(end)s
COMMIT
"""


@pytest.mark.parametrize('version', [{'end': ' ', 'quote': '"'}, {'end': '', 'quote': ''}, {'end': '', 'quote': '"'}])
def test_rules_of_other_wires_stay_and_no_other_chain_is_named(version):
    text = iptables.restore_text(iptables.Saved(THERE % version), 'w', iptables.rules_of(STEP, 4))
    assert '-A NETNSCTL-POST -s 10.1.0.0/24 -m comment --comment netnsctl:other:nat -j MASQUERADE\n' in text
    assert 'OTHER' not in text and 'POSTROUTING -j NETNSCTL-POST' not in text
    assert text.count('-j NETNSCTL-') == 2  # the jumps that were not there


@pytest.mark.parametrize('version', [{'end': ' ', 'quote': '"'}, {'end': '', 'quote': ''}])
def test_the_last_rule_takes_chains_and_jumps_along(version):
    assert iptables.restore_text(iptables.Saved(THERE % version), 'other', []) == (
        '*nat\n-F NETNSCTL-POST\n-D POSTROUTING -j NETNSCTL-POST\n-X NETNSCTL-POST\nCOMMIT\n')


def test_nothing_is_written_where_everything_is_there():
    saved = iptables.Saved(iptables.restore_text(iptables.Saved(''), 'w', iptables.rules_of(STEP, 4)))
    assert iptables.restore_text(saved, 'w', iptables.rules_of(STEP, 4)) == ''
    assert saved.by_wire(4) == {'w': iptables.Iptables.wanted(STEP)}


def test_a_jump_that_was_changed_is_replaced_and_removed_as_it_is():
    text = iptables.restore_text(iptables.Saved(''), 'w', iptables.rules_of(STEP, 4))
    saved = iptables.Saved(text.replace('-A PREROUTING -m addrtype --dst-type LOCAL -j', '-A PREROUTING -j'))
    assert saved.by_wire(4) != {'w': iptables.Iptables.wanted(STEP)}
    mended = iptables.restore_text(saved, 'w', iptables.rules_of(STEP, 4))
    assert '-D PREROUTING -j NETNSCTL-PRE\n-A PREROUTING -m addrtype --dst-type LOCAL -j NETNSCTL-PRE\n' in mended
    assert 'POSTROUTING' not in mended
    assert '-D PREROUTING -j NETNSCTL-PRE\n-X NETNSCTL-PRE' in iptables.restore_text(saved, 'w', [])


def test_a_rule_of_somebody_else_in_a_chain_of_ours_keeps_the_chain():
    text = iptables.restore_text(iptables.Saved(''), 'w', iptables.rules_of(STEP, 4))
    saved = iptables.Saved(text.replace('COMMIT', '-A NETNSCTL-POST -s 10.9.0.0/24 -j MASQUERADE\nCOMMIT'))
    left = iptables.restore_text(saved, 'w', [])
    assert ':NETNSCTL-POST - [0:0]\n' in left and '-A NETNSCTL-POST -s 10.9.0.0/24 -j MASQUERADE\n' in left
    assert '-X NETNSCTL-POST' not in left and '-D POSTROUTING' not in left and '-X NETNSCTL-PRE' in left
    assert saved.foreign() == 'NETNSCTL-POST' and iptables.Saved(text).foreign() is None
    assert iptables.Saved('*nat\n:NETNSCTL-OUT - [0:0]\nCOMMIT').foreign() == 'NETNSCTL-OUT'


def test_a_chain_that_others_lead_to_is_emptied_alone():
    text = iptables.restore_text(iptables.Saved(''), 'w', iptables.rules_of(STEP, 4))
    saved = iptables.Saved(text.replace('COMMIT', '-A MINE -g NETNSCTL-POST\nCOMMIT'))
    assert '-F NETNSCTL-POST\n-D POSTROUTING -j NETNSCTL-POST\n' in iptables.restore_text(saved, 'w', [])
    assert '-X NETNSCTL-POST' not in iptables.restore_text(saved, 'w', [])


def test_a_rule_whose_comment_looks_like_ours_is_of_no_wire():
    for rule in ('-m comment --comment "netnsctl:w:nat x" -j DROP', '-s 1.1.1.1 -j netnsctl:w:nat'):
        assert iptables.wire_of(rule) is None
