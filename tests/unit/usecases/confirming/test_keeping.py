"""What `confirm` does about a wire whose record cannot be read."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import NetnsctlError
from netnsctl.execution.journal import DamagedError
from netnsctl.usecases.confirming import keeping


class Session(object):
    """Its journal reads nothing."""

    def __init__(self, error):
        self.journal, self.error = self, error

    def load(self, name):
        raise self.error


class Mark(object):
    wires, save, key = [('w', 'its-id', None)], False, 'one'


@pytest.mark.parametrize('error, waits', [(NetnsctlError('read w.json: Too many open files'), True),
                                          (DamagedError('read w.json: not a record of a wire'), False)])
def test_a_wire_that_cannot_be_read_now_waits_on_and_a_damaged_one_keeps_no_other_waiting(monkeypatch, error, waits):
    forgotten = []
    monkeypatch.setattr(keeping.unconfirmed, 'is_any', lambda session: False)
    monkeypatch.setattr(keeping.unconfirmed, 'forget', lambda session, key: forgotten.append(key))
    confirmation = keeping._Confirmation(Session(error))
    confirmation._confirm(Mark)
    assert (confirmation.kept.errors, confirmation.kept.confirmed) == ([error], [])
    assert forgotten == ([] if waits else ['one'])
