"""What `map --follow` waits for: that something changes on the host, in a namespace that it was told of, or in a
directory."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from netnsctl.edge import netns as namespaces
from netnsctl.edge.survey.changes import Changes
from support.inside import ip
from support.process import must

SECONDS = 60  # that a change may take to be told of on a busy machine


@pytest.fixture
def waiting(tmpdir):
    """Changes, once all that was under way before is read."""
    made = Changes([str(tmpdir)])
    while made.wait(0):
        pass
    yield made
    made.close()


def test_a_new_link_and_what_changes_in_the_namespace_it_leads_into(netns, waiting):
    a, name = netns('a'), 'nwc%d' % (os.getpid() % 100000)
    ip(None, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'e', 'netns', a)
    try:
        assert waiting.wait(SECONDS)
        opened = namespaces.open_named(a)
        waiting.listen_to(opened)
        opened.close()
        while waiting.wait(0):
            pass
        ip(a, 'address', 'add', '10.1.1.1/24', 'dev', 'e')
        assert waiting.wait(SECONDS)
    finally:
        ip(None, 'link', 'delete', name)


def test_what_changes_in_a_namespace_that_nothing_leads_to(netns, waiting):
    a, before = netns('a'), must(['ip', 'netns', 'list-id']).splitlines()
    opened = namespaces.open_named(a)
    waiting.listen_to(opened)
    waiting.listen_to(opened)
    opened.close()
    while waiting.wait(0):
        pass
    ip(a, 'link', 'add', 'x', 'type', 'bridge')
    assert waiting.wait(SECONDS)
    # The host has no number for it; those of namespaces that are going may go.
    assert set(must(['ip', 'netns', 'list-id']).splitlines()) <= set(before)


def test_no_namespace_is_kept_alive(netns, waiting):
    """Where a NIC comes back from it, say."""
    a, name = netns('a'), 'nwk%d' % (os.getpid() % 100000)
    ip(None, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'e', 'netns', a)
    opened = namespaces.open_named(a)
    waiting.listen_to(opened)
    opened.close()
    must(['ip', 'netns', 'delete', a])
    deadline = time.time() + SECONDS
    while os.path.exists('/sys/class/net/' + name):
        assert time.time() < deadline
        time.sleep(0.02)


def test_an_entry_of_a_directory(tmpdir, waiting):
    tmpdir.join('x').write('')
    assert waiting.wait(SECONDS)


def test_more_changes_than_the_socket_holds_are_a_change(waiting):
    name = 'nwc%d' % (os.getpid() % 100000)
    ip(None, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name + 'p')
    try:
        must(['ip', '-batch', '-'], feed='link set %s up\nlink set %s down\n' % (name, name) * 2000)
        assert waiting.wait(SECONDS)
    finally:
        ip(None, 'link', 'delete', name)
    while waiting.wait(0):
        pass
