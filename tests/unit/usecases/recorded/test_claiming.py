"""Who has an address, by the records."""
from __future__ import absolute_import, division, print_function

import glob
import os
import shutil

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases.recorded import claiming
from netnsctl.usecases.wires.session import Session
from support.program import TOP


@pytest.fixture
def session(tmpdir):
    """A session on a host that has some records."""
    tmpdir.mkdir('run')
    made = Session(Host(root=str(tmpdir)))
    made.state.make('wires')
    for path in glob.glob(os.path.join(TOP, 'tests', 'records', 'today', '*.json')):
        shutil.copy(path, made.state.path('wires', os.path.basename(path)))
    yield made
    made.close()


def test_one_question_is_answered_as_all_records_answer_it(session):
    known = claiming.claimed(session)
    assert len(known) >= 3
    for (network, address), claim in known.items():
        session.claimed, session.sought = None, 0
        bridge = network.partition('/')[0] if network and claim.is_bridge else None
        found = claiming.holder(session, network, address, bridge)
        assert (found.wire, found.place, found.is_bridge) == (claim.wire, claim.place, claim.is_bridge)
        assert session.claimed is None and claiming.holder(session, network, '192.0.2.99', bridge) is None


def test_only_records_that_mention_it_are_made_out_until_there_are_many_questions(session, monkeypatch):
    (network, address), claim = sorted((key, claim) for key, claim in claiming.claimed(session).items()
                                       if claim.is_bridge)[0]
    session.claimed, noted, note = None, [], claiming.Claims.note
    monkeypatch.setattr(claiming.Claims, 'note', lambda claims, record: noted.append(record.name) or
                        note(claims, record))
    assert claiming.holder(session, network, address, network.partition('/')[0]).wire == claim.wire
    assert claim.wire in noted and len(noted) < len(session.journal.names()[0])
    claiming.holder(session, network, address, 'no "plain" name\\')
    assert session.claimed is None
    del noted[:]
    claiming.holder(session, network, '192.0.2.99', None)
    assert session.claimed is not None and len(noted) >= len(session.journal.names()[0])


def test_a_wire_that_is_forgotten_claims_nothing_and_one_that_is_noted_again_the_same(session):
    known = claiming.claims(session)
    before = sorted(known.addresses, key=str), sorted((key, sorted(wires)) for key, wires in known.anchors.items())
    records = list(session.recorded())
    for record in records:
        known.forget(record)
    assert known.addresses == {} and not any(known.anchors.values())
    for record in records:
        known.note(record)
    assert before == (sorted(known.addresses, key=str),
                      sorted((key, sorted(wires)) for key, wires in known.anchors.items()))
