"""Which work events make for watch, where labels or compose files are obeyed."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.events import GONE, MISSED, RENAMED, STARTED, Event
from netnsctl.usecases.watch.asked import Asked, is_asked


@pytest.mark.parametrize('kind, name, identity, pieces', [
    (STARTED, 'web', 'ff', ['labels of docker:web', 'compose file /a/b']),
    (GONE, None, 'ff', ['labels of docker:ff', 'compose file /a/b']),
    (RENAMED, 'web', 'ff', ['labels of /', 'compose file /a/b']),
    (MISSED, None, None, ['labels of /', 'compose file /a/b']),
])
def test_an_event_is_work_for_its_container_and_for_every_file(kind, name, identity, pieces):
    event = Event('docker', kind, name, identity)
    assert Asked(True, ['/a/b']).after(event) == pieces and all(is_asked(piece) for piece in pieces)
    assert Asked(False, ['/a/b']).after(event) == pieces[1:]
    assert Asked().after(event) == [] and not Asked()


@pytest.mark.parametrize('space', ['web', 'docker:web', 'host', 'labels', 'podman:labels of x'])
def test_a_directory_of_the_tree_is_none_of_these(space):
    assert not is_asked(space)
