"""Signals that come while they are held: they wait, and then nobody loses them."""

from __future__ import absolute_import, division, print_function

import os
import signal

import pytest

from netnsctl.errors import Interrupted
from netnsctl.execution import signals


pytestmark = pytest.mark.usefixtures('handlers')


def test_a_signal_within_held_contexts_is_raised_by_the_outermost():
    signals.install()
    reached = []
    with pytest.raises(Interrupted) as caught:
        with signals.held():
            with signals.held():
                os.kill(os.getpid(), signal.SIGTERM)
                reached.append('inner')
            reached.append('outer')
    assert caught.value.signum == signal.SIGTERM and reached == ['inner', 'outer']


def test_a_program_that_imports_us_gets_the_signal_by_its_own_handler():
    got = []
    signal.signal(signal.SIGTERM, lambda signum, frame: got.append(signum))
    with signals.held():
        os.kill(os.getpid(), signal.SIGTERM)
        assert got == []
    assert got == [signal.SIGTERM]


def test_a_program_that_has_no_handler_is_ended_by_the_signal():
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with signals.held():
            os.kill(os.getpid(), signal.SIGTERM)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM
