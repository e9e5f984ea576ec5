"""The process that undoes what nobody confirms."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import NetnsctlError
from netnsctl.usecases.confirming import waiter


class Session(object):
    notices = ()


def test_what_cannot_be_read_once_does_not_end_it(monkeypatch):
    answers, logged, session = [NetnsctlError('read: ENFILE'), MemoryError(), []], [], Session()
    session.notices = []
    session.host = None

    def marks(_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer
    monkeypatch.setattr(waiter.unconfirmed, 'marks', marks)
    monkeypatch.setattr(waiter.unconfirmed, 'uptime', lambda _: 1.0)
    monkeypatch.setattr(waiter, 'log', logged.append)
    waiter._wait(session, 'run', None, None)
    assert answers == [] and logged[0] == 'read: ENFILE' and len(logged) == 2
