"""What `watch` reports of compose files, of which it takes several."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.host import Host
from netnsctl.errors import ConflictError, NotFoundError
from netnsctl.usecases.asked import compose
from netnsctl.usecases.up_down.summary import Summary
from netnsctl.usecases.watch import asked, turns

FILES = ['/srv/a/compose.yaml', '/srv/b/compose.yaml']


def test_each_failure_names_the_file_of_its_wire(monkeypatch):
    def fail_both(session, project, check):
        summary = Summary()
        summary.failed = [('x-netnsctl.wires[0]', ConflictError('the wire w exists and differs')),
                          ('x-netnsctl.wires[1]', ConflictError('x-netnsctl.wires[1]: two addresses')),
                          ('x-netnsctl.wires[2]', NotFoundError('it does not run'))]
        return summary
    monkeypatch.setattr(compose, 'read', lambda host, path: None)
    monkeypatch.setattr(compose, 'up', fail_both)
    errors = []
    turn = turns.Turn(unsure=asked.Asked(files=FILES).everything())
    code = turns.take_turn(Host(), turn, errors.append, errors.append, None)[1]
    assert code == 4 and [error.message for error in errors] == [
        path + text for path in FILES for text in (': x-netnsctl.wires[0]: the wire w exists and differs',
                                                   ': x-netnsctl.wires[1]: two addresses')]
