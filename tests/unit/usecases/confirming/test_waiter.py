"""The process that undoes what nobody confirms."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

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


def test_it_has_loaded_whatever_undoes_a_wire():
    text = ("import sys; from netnsctl.usecases.confirming import waiter; waiter._load(); "
            "print(' '.join(name for name in sys.modules if name.startswith('netnsctl.')))")
    loaded = subprocess.Popen([sys.executable, '-c', text], stdout=subprocess.PIPE, env=dict(os.environ))
    names = loaded.communicate()[0].decode('ascii').split()
    for name in ('usecases.overdue', 'usecases.recorded.whole', 'usecases.lending.returned', 'edge.ip_program',
                 'edge.uplink.conntrack', 'execution.bridge_users', 'model.links.vlan'):
        assert 'netnsctl.' + name in names
