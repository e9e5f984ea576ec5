"""Helpers that are reaped already: a signal's handler raised between waitpid(2) and the note that Popen makes of it."""
from __future__ import absolute_import, division, print_function

import os
import re
import subprocess

import pytest

from netnsctl.compat import reap
from netnsctl.edge import host as hosts
from netnsctl.edge.events import sources
from netnsctl.errors import Interrupted
from netnsctl.usecases.ends import dhcp
from support.program import SOURCE


def start(*argv):
    return subprocess.Popen(argv or ['/bin/true'], close_fds=True)


def reap_behind(process):
    """What the kernel did, and Popen never heard of."""
    os.waitpid(process.pid, 0)


@pytest.mark.parametrize('options', [0, os.WNOHANG])
def test_a_process_that_nobody_can_wait_for_again_has_ended(options):
    process = start()
    reap_behind(process)
    assert reap(process, options) == 0
    assert process.returncode == 0


def test_the_status_is_that_of_popen():
    for argv, status in ((['/bin/true'], 0), (['/bin/sh', '-c', 'exit 7'], 7), (['/bin/sh', '-c', 'kill -9 $$'], -9)):
        process = start(*argv)
        assert reap(process) == status
        assert reap(process, os.WNOHANG) == reap(process) == process.wait() == status


def test_one_that_runs_is_not_waited_for():
    process = start('/bin/sleep', '60')
    assert reap(process, os.WNOHANG) is None
    process.kill()
    assert reap(process) == -9


def test_the_end_of_a_helper_passes_the_signal_on(monkeypatch):
    """Under Python 2.6 it was "No child processes"."""
    real = os.waitpid

    def wait_and_interrupt(pid, options):
        found = real(pid, options)
        if found[0]:
            monkeypatch.undo()
            raise Interrupted(15)
        return found

    monkeypatch.setattr(os, 'waitpid', wait_and_interrupt)
    with pytest.raises(Interrupted):
        hosts.Host().run(['/bin/true'])
    with pytest.raises(OSError):
        real(-1, os.WNOHANG)


def test_a_helper_that_is_read_from_is_closed():
    helper = sources._Helper(['/bin/true'], os.environ)
    reap_behind(helper.process)
    helper.close()
    assert helper.process.returncode == 0


def test_a_dhcp_client_is_closed():
    class Session(object):
        """As far as a client asks before it starts."""
        class state(object):
            @staticmethod
            def path(*words):
                return '/nonexistent/' + '/'.join(words)
        host = state

    client = dhcp.Client(Session, 'w', 0)
    client._process = start()
    reap_behind(client._process)
    client.close()
    assert not client.is_asking()


def test_nothing_waits_by_what_python_2_6_may_raise_at():
    found = []
    for folder, _, names in os.walk(os.path.join(SOURCE, 'netnsctl')):
        for path in [os.path.join(folder, name) for name in names if name.endswith('.py')]:
            with open(path, 'rb') as source:
                text = source.read().decode('utf-8')
            found += ['%s: %s' % (path, call) for call in re.findall(r'process\.(?:wait|poll|communicate)\(', text)]
    assert found == []
