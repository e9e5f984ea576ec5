"""The doctor's check of what translates addresses."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.host import Host
from netnsctl.edge.uplink import choosing
from netnsctl.usecases import doctor
from support import untouched


def test_a_program_that_works_is_named_and_nothing_is_left(one):
    before = untouched.own_state()
    finding = one('nat')
    assert finding['status'] == 'ok' and finding['text'].startswith(('nft does it', 'nft-ip does', 'iptables does'))
    untouched.assert_untouched(before)


def test_programs_whose_answer_nobody_sees_are_not_tried(monkeypatch):
    tried, as_it_is = [], choosing.refusal
    monkeypatch.setattr(choosing, 'refusal', lambda host, *of: tried.append(of) or as_it_is(host, *of))
    finding, = doctor.run(Host(), ['nat'])
    assert finding.status == 'ok' and len(tried) == len(set(tried)) < 6
    assert len(finding.evidence) == len(tried) == 6  # each once
