"""What nft is told, and what it lists."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.uplink import nft
from netnsctl.model.features.uplink_steps import AddNat

LISTED = """table inet netnsctl { # handle 1
\tchain prerouting { # handle 1
\t\ttype nat hook prerouting priority dstnat; policy accept;
\t\ttcp dport 8080 dnat ip to 10.0.0.2:80 comment "netnsctl:w~0a.b:publish" # handle 4
\t\ttcp dport 1 accept # handle 5
\t\ttcp dport 2 accept comment "netnsctl:w:nat by somebody else" # handle 6
\t}
}
"""


def test_rules_are_known_by_their_comment_alone():
    rules = nft.Listing(LISTED).rules
    assert [rule[:3] for rule in rules] == [('prerouting', 'w~0a.b', '4'), ('prerouting', None, '5'),
                                            ('prerouting', None, '6')]
    assert rules[0][3] == 'tcp dport 8080 dnat ip to 10.0.0.2:80 comment "netnsctl:w~0a.b:publish"'


def test_a_table_is_ours_if_it_holds_nothing_else():
    ours = ''.join(line + '\n' for line in LISTED.splitlines() if 'tcp dport 1' not in line and 'somebody' not in line)
    assert nft.Listing(ours).is_ours and not nft.Listing(LISTED).is_ours
    assert not nft.Listing('table inet netnsctl {\n}\n').is_ours
    for other in ('\tset s {\n\t\ttype ipv4_addr\n\t}\n', '\tchain mine {\n\t}\n', '\tcomment "x"\n'):
        assert not nft.Listing(ours.replace('\tchain pre', other + '\tchain pre')).is_ours, other
    assert not nft.Listing(ours.replace('hook prerouting', 'hook input')).is_ours


def test_a_range_that_keeps_its_numbers_is_one_rule_and_another_one_for_each_port():
    assert nft.port_pairs(80, 80, 8080) == [('80', 8080)]
    assert nft.port_pairs(8000, 8010, 8000) == [('8000-8010', None)]
    assert nft.port_pairs(1, 3, 5) == [('1', 5), ('2', 6), ('3', 7)]


def test_before_nat_in_inet_there_is_a_table_of_each_version():
    step = AddNat('host', 'w', 'nft-ip', 'br0', ['10.0.0.0/24', 'fd00::/64'], [], [], False, [])
    made = [line for line in nft.commands_to_add(step) if line.startswith('add table')]
    assert made == ['add table ip netnsctl', 'add table ip6 netnsctl']
    assert all(' ip to' not in line for line in nft.commands_to_add(step))
