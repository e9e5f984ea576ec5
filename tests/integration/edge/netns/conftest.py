"""A process in a namespace of its own, and an entry of /run/netns."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import time

import pytest


@pytest.fixture
def sleeper():
    """sleeper(name) -> Popen of a process in that namespace (in ours without a name); ended after the test."""
    made = []

    def start(name=None):
        argv = ['sleep', '600']
        if name:
            argv = ['nsenter', '--net=/run/netns/' + name] + argv
        made.append(subprocess.Popen(argv, close_fds=True))
        deadline = time.time() + 60
        wanted = os.stat('/run/netns/' + name if name else '/proc/self/ns/net').st_ino
        while os.stat('/proc/%d/ns/net' % made[-1].pid).st_ino != wanted:
            assert time.time() < deadline
            time.sleep(0.005)
        return made[-1]
    yield start
    for process in made:
        if process.returncode is None:
            process.kill()
            process.wait()


@pytest.fixture
def entry():
    """entry(make) -> the path of a new entry of /run/netns that make(path) makes; removed after the test."""
    made = []

    def add(hint, make):
        path = '/run/netns/nt%d-%s' % (os.getpid(), hint)
        make(path)
        made.append(path)
        return os.path.basename(path)
    yield add
    for path in made:
        os.rmdir(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
