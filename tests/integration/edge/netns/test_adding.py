"""Named namespaces that are made: by threads, and in the face of signals and refusals."""
from __future__ import absolute_import, division, print_function

import errno
import os
import threading

import pytest

from netnsctl.compat import to_bytes
from netnsctl.edge import netns_dir, syscalls
from netnsctl.errors import Interrupted
from support.netns_entries import here


@pytest.fixture
def name():
    name = to_bytes('nt%d-added' % os.getpid())
    netns_dir.make_folder()
    yield name
    if name in netns_dir.names():
        netns_dir.unmount_and_unlink(name)


def descriptors():
    return len(os.listdir('/proc/self/fd'))


@pytest.mark.parametrize('has_thread_self', [True, False])
@pytest.mark.parametrize('looks', [True, False])
def test_a_name_made_by_another_thread_than_the_first_leads_to_a_new_namespace(name, monkeypatch, looks,
                                                                                has_thread_self):
    if not has_thread_self:
        monkeypatch.setattr(netns_dir, '_THREAD_SELF', '/proc/no-thread-self/ns/net')
    home, seen = here(), []

    def work():
        netns_dir.add(name, before=(lambda fd: seen.append(os.fstat(fd).st_ino)) if looks else None)
        seen.append(here())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    made = os.stat(netns_dir.path_of(name)).st_ino
    assert made != home and seen == ([made] if looks else []) + [home] and here() == home


def test_a_namespace_that_is_not_new_gets_no_name(name, monkeypatch):
    home = here()
    monkeypatch.setattr(syscalls, 'unshare', lambda flags: None)
    with pytest.raises(netns_dir.AddError) as caught:
        netns_dir.add(name)
    assert caught.value.step == 'unshare' and name not in netns_dir.names() and here() == home


@pytest.mark.parametrize('call', ['unshare', 'mount', 'setns'])
def test_a_signal_while_a_namespace_is_made_leaves_no_name_and_the_thread_at_home(name, monkeypatch, call):
    netns_dir.add(name)  # so that the directory is shared already
    netns_dir.unmount_and_unlink(name)
    real, home, fds, calls = getattr(syscalls, call), here(), descriptors(), []

    def interrupted(*arguments):
        real(*arguments)
        if call != 'mount' or to_bytes(arguments[1]) == netns_dir.path_of(name):
            calls.append(arguments)
            if len(calls) == 1:
                raise Interrupted(15)

    monkeypatch.setattr(syscalls, call, interrupted)
    with pytest.raises(Interrupted):
        netns_dir.add(name, before=lambda fd: None)
    assert here() == home and name not in netns_dir.names() and descriptors() == fds


def test_a_thread_that_cannot_come_back_keeps_only_the_descriptor_of_its_home(name, monkeypatch):
    home, fds, real = here(), descriptors(), syscalls.setns

    def refuse(_):
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    def before(_):
        monkeypatch.setattr(syscalls, 'setns', refuse)

    try:
        with pytest.raises(netns_dir.AddError):
            netns_dir.add(name, before=before)
        assert descriptors() == fds + 1
    finally:
        monkeypatch.setattr(syscalls, 'setns', real)
        netns_dir.come_home()
    assert here() == home and descriptors() == fds
