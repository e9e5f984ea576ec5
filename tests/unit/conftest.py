"""Fixtures that several unit tests share: hosts made of files, and signals."""
from __future__ import absolute_import, division, print_function

import os
import signal

import pytest

from netnsctl.edge.host import Host
from netnsctl.execution import signals
from support.doctor import ROOT_STATUS


@pytest.fixture
def tree(tmpdir):
    """tree({path: text}, links={path: target}) -> a Host whose files are these, as root unless they say otherwise."""
    def make(files=(), links=()):
        files = dict(files)
        files.setdefault('proc/self/status', ROOT_STATUS)
        for path, text in files.items():
            tmpdir.join(path).write(text, ensure=True)
        for path, target in dict(links).items():
            tmpdir.join(path).dirpath().ensure(dir=True)
            os.symlink(target, str(tmpdir.join(path)))
        return Host(root=str(tmpdir), environ={})
    return make


@pytest.fixture
def program(tmpdir):
    """program(name, script) -> the folder that it is in, for Host(path=...)."""
    def make(name, script, folder='bin'):
        path = tmpdir.join(folder, name)
        path.write('#!/bin/sh\n' + script + '\n', ensure=True)
        path.chmod(0o755)
        return str(tmpdir.join(folder))
    return make


@pytest.fixture
def handlers():
    """Whatever the test makes of the signals, they are as before afterwards."""
    before = [(signum, signal.getsignal(signum)) for signum in signals.HANDLED]
    yield
    for signum, handler in before:
        signal.signal(signum, handler)


@pytest.fixture
def handled(handlers):
    """The signals as the program has them."""
    signals.install()
