"""The doctor's check of recorded wires, on real ones in a throwaway host, changed behind netnsctl's back."""
from __future__ import absolute_import, division, print_function

import pytest

from support import process


@pytest.fixture
def wired(world):
    """A throwaway host with a wire `w` between the named namespaces a and b."""
    world.sh('ip netns add a; ip netns add b')
    world.netnsctl('wire', '--name', 'w', 'a:A=10.1.1.1/32', 'b:B=10.1.1.2/32')
    return world


def assert_mends(world, finding):
    world.paste(finding)
    assert world.doctor('wires')['status'] == 'ok'


def test_a_wire_that_stands_is_quiet(wired):
    finding = wired.doctor('wires')
    assert (finding['status'], finding['text']) == ('ok', '1 recorded, it is as it was made')
    assert finding['remediation'] is None


def test_a_lost_wire_whose_namespace_is_back_is_wired_again(wired):
    wired.sh('ip netns del b; ip netns add b')
    finding = wired.doctor('wires')
    assert (finding['status'], finding['text']) == ('warn', 'lost: w')
    assert {'what': 'w, lost', 'seen': 'netns://b: its network namespace is gone'} in finding['evidence']
    assert finding['remediation']['commands'] == ['netnsctl wire --name w netns://a:A=10.1.1.1/32 netns://b:B=10.1.1.2/32']
    assert_mends(wired, finding)
    assert '10.1.1.2/32' in wired.sh('ip netns exec b ip address show dev B')


def test_a_lost_wire_whose_namespace_stays_away_is_taken_away(wired):
    wired.sh('ip netns del b')
    finding = wired.doctor('wires')
    assert finding['text'] == 'lost: w' and finding['remediation']['commands'] == ['netnsctl unwire w']
    assert_mends(wired, finding)


@pytest.mark.parametrize('change,remark', [
    ('ip netns exec a ip address flush dev A', 'lacks the address 10.1.1.1/32'),
    ('ip netns exec a ip route flush dev A', 'lacks the route'), ('ip netns exec b ip link set B down', 'is down'),
    ('ip netns exec b ip link set B down; ip netns exec b ip link set B name C', 'was renamed to C'),
    ('ip netns exec a ip link set A address 02:00:00:00:00:99', 'has the MAC address'),
    ('ip netns exec a ip link del A', 'the link is gone'),
])
def test_an_altered_wire_is_told_with_what_was_changed_and_made_anew(wired, change, remark):
    wired.sh(change)
    finding = wired.doctor('wires')
    assert (finding['status'], finding['text']) == ('warn', 'altered: w')
    assert [item for item in finding['evidence'] if item['what'] == 'w, altered' and remark in item['seen']], finding
    assert finding['remediation']['commands'][0].endswith(' --replace')
    assert_mends(wired, finding)


def test_a_wire_with_one_end_left_is_told_and_made_anew(wired):
    wired.sh('ip netns add away; ip netns exec b ip link set B netns away')
    finding = wired.doctor('wires')
    assert (finding['status'], finding['text']) == ('warn', 'only one end left: w')
    assert_mends(wired, finding)
    assert 'B' in wired.sh('ip netns exec b ip -o link show dev B')


def test_each_state_is_told_at_once_and_all_are_mended(wired):
    wired.sh('for name in c d e f; do ip netns add $name; done')
    wired.netnsctl('wire', '--name', 'x', 'c', 'd')
    wired.netnsctl('wire', '--name', 'v@1', 'e', 'f=10.2.2.2/24,mtu=1400')
    wired.netnsctl('wire', '--name', 'well', 'a', 'c')
    wired.sh('ip netns del d; ip netns exec f ip address flush dev eth0; printf nonsense >/run/netnsctl/wires/y.json')
    wired.sh('ip netns exec b ip link set B down')
    finding = wired.doctor('wires')
    assert finding['text'] == 'lost: x; altered: v@1, w; the record cannot be read: y'
    assert_mends(wired, finding)


def test_a_wire_to_a_bridge_and_to_the_host_is_held_against_the_kernel_too(world):
    world.sh('ip netns add a')
    world.netnsctl('wire', '--name', 'b', 'a=10.3.3.2/24', 'bridge://br0=10.3.3.1/24')
    world.netnsctl('wire', '--name', 'h', 'a=10.4.4.2/24', 'host:to-a=10.4.4.1/24')
    assert world.doctor('wires')['status'] == 'ok'
    world.sh('ip address flush dev br0; ip address flush dev to-a')
    finding = world.doctor('wires')
    assert finding['text'] == 'altered: b, h'
    assert_mends(world, finding)


def test_a_half_done_wire_is_rolled_back_by_the_pasted_command(wired):
    wired.sh('cp /run/netnsctl/wires/w.json /run/netnsctl/wires/w.pending.json; rm /run/netnsctl/wires/w.json')
    finding = wired.doctor('wires')
    assert (finding['status'], finding['text']) == (
        'warn', 'half done, by a run that was killed or could not undo it: w')
    assert finding['remediation']['commands'] == ['netnsctl unwire w']
    assert_mends(wired, finding)
    assert ' A' not in wired.sh('ip netns exec a ip -o link')


def test_a_half_done_wire_whose_lock_another_process_has_is_no_reason_to_say_that_all_is_in_place(wired):
    wired.sh('cp /run/netnsctl/wires/w.json /run/netnsctl/wires/w.pending.json; rm /run/netnsctl/wires/w.json')
    planned = process.must(
        wired.aside.prefix + ['sh', '-euc', 'exec 9>>/run/netnsctl/lock; flock 9; exec "$@"', 'sh']
        + wired.aside.program.argv('doctor', '--fix', 'wires', '--dry-run'), environ=wired.aside.environ())
    assert 'roll back the half-done wire w, unless another netnsctl finishes it' in planned, planned
    wired.netnsctl('doctor', '--fix', 'wires', '--yes')
    assert ' A' not in wired.sh('ip netns exec a ip -o link')
