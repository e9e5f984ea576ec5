"""The operations of nat, publish and `open`: values that outlive the journal, with an inverse, words and commands."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.compat import native_tree
from netnsctl.execution.backends import iproute, netlink, refusals, uplinks
from netnsctl.model import operations as op
from netnsctl.model.features import uplink_steps as steps

PLACES = (('nft', 'inet theirs', 'fw'),
          ('ip6tables-legacy', 'filter', 'FORWARD'), ('iptables', 'filter', 'DOCKER-USER'))
PUBLISH = (('tcp', None, 8080, 8080, '10.0.0.2', 80), ('udp', '2001:db8::1', 53, 54, 'fd00::2', 53))
NAT = steps.AddNat('host', 'w', 'nft', 'br0', ('10.0.0.0/24', 'fd00::/64'), PUBLISH, ('10.0.0.0/24',), True, ())
IPTABLES = steps.AddNat('host', 'w', 'iptables', 'br0', NAT.nat, PUBLISH, NAT.inside, True,
                        ((4, 'nat'), (6, 'nat')))
SAMPLES = [
    steps.SetSysctl('host', 'ipv4/ip_forward', '1', '0'),
    steps.SetSysctl('host', 'ipv6/conf/eth0/accept_ra', '2', None),
    steps.SetHairpin('host', 'nw0'), NAT, IPTABLES, steps.ReleasePorts(**NAT.__dict__),
    steps.OpenForward('host', 'w', 'br0', PLACES), steps.OpenForward('host', 'a b', 'br0.7', PLACES[:1])]
INVERTIBLE = [sample for sample in SAMPLES if sample.verb not in ('set-hairpin', 'release-ports')]


def by_verb(operation):
    return operation.verb


def test_there_is_a_sample_of_all_that_are_carried_out_on_the_host():
    verbs = set(sample.verb for sample in SAMPLES) | set(sample.undo().verb for sample in INVERTIBLE)
    assert verbs == set(op.ON_HOST)
    assert verbs <= set(iproute._SINGLE) and verbs <= set(netlink._SINGLE) and verbs == set(uplinks._DO)


@pytest.mark.parametrize('sample', INVERTIBLE, ids=by_verb)
def test_the_inverse_of_the_inverse_is_the_operation(sample):
    inverse = sample.undo()
    assert inverse != sample and type(inverse) is not type(sample)
    assert inverse.undo() == sample


@pytest.mark.parametrize('sample', SAMPLES + [sample.undo() for sample in INVERTIBLE], ids=by_verb)
def test_the_record_of_an_operation_gives_it_back_through_json(sample):
    again = op.from_record(native_tree(json.loads(json.dumps(sample.record()))))
    assert again == sample and hash(again) == hash(sample) and repr(again) == repr(sample)


@pytest.mark.parametrize('sample', SAMPLES + [sample.undo() for sample in INVERTIBLE], ids=by_verb)
def test_there_are_words_to_speak_of_it(sample):
    said = refusals.attempt(sample, {})
    assert said and '{' not in said and 'None' not in said.replace(' back to None', ''), said


@pytest.mark.parametrize('sample', SAMPLES, ids=by_verb)
def test_a_dry_run_has_commands_for_it(sample):
    found = uplinks.lines(sample)
    said = 'netnsctl unwire %s' if sample.verb == 'release-ports' else 'netnsctl:%s:'
    assert found and all(not hasattr(sample, 'wire') or said % sample.wire in line for line in found), found


def test_open_lets_out_what_begins_and_in_what_answers_at_each_place():
    lines = uplinks.lines(SAMPLES[-2])
    assert [line.split(' ')[0] for line in lines] == ['nft'] * 3 + ['ip6tables-legacy'] * 2 + ['iptables'] * 2
    # Each is put at the head, so the last one said is the first that a packet meets.
    assert lines[2] == 'nft \'insert rule inet theirs fw iifname "br0" accept comment "netnsctl:w:open"\''
    assert lines[4] == ('ip6tables-legacy -t filter -I FORWARD -i br0 -m comment --comment netnsctl:w:open -j ACCEPT')
    assert lines[6].startswith('iptables -t filter -I DOCKER-USER -i br0 ')
