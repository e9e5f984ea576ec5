"""Many wires made and removed by one process, and by many: nothing grows.

NETNSCTL_SOAK says how many (default: 600; `make soak`: 10,000).
"""

from __future__ import absolute_import, division, print_function

import json
import os
import subprocess
import sys

import pytest

from faults import oracle
from support import process
from support.program import SOURCE, Program

COUNT = int(os.environ.get('NETNSCTL_SOAK') or 600)
FILE_WIRES = 100
# What an allocator may keep after the first rounds, in KB.
GROWTH = 2048


@pytest.fixture
def pair():
    names = ('so-a', 'so-b')
    for name in names:
        process.must(['ip', 'netns', 'add', name])
    yield names
    for name in names:
        process.must(['ip', 'netns', 'delete', name])


# Run in a process of its own, so that what pytest keeps is not in the figures: prints [resources after the first tenth,
# resources at the end].
DRIVER = """
import gc, json, os, sys
sys.path[:1] = %r
import netnsctl
def used():
    status = dict(line.split(':', 1) for line in open('/proc/self/status'))
    return {'descriptors': len(os.listdir('/proc/self/fd')), 'threads': int(status['Threads']),
            'memory': int(status['VmRSS'].split()[0]), 'objects': len(gc.get_objects())}
a, b, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
first = None
for number in range(count):
    backend = 'iproute' if number %% 20 == 7 else 'netlink'
    wire = netnsctl.wire(a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32', backend=backend, check=number %% 10 == 3)
    if number %% 10 == 5:
        assert [one.state for one in netnsctl.wires()] == ['whole']
    assert netnsctl.unwire(wire.name)
    if number == max(count // 10, 45):
        first = used()
print(json.dumps([first, used()]))
"""


def test_many_wires_by_one_process_leave_nothing_and_do_not_grow(pair):
    program = Program()
    program('unwire', '--if-exists', 'none')
    before = oracle.look()
    folders = [SOURCE] + [folder for folder in os.environ.get('PYTHONPATH', '').split(':') if folder]
    popen = subprocess.Popen([sys.executable, '-E', '-s', '-c', DRIVER % (folders,)] + list(pair) + ['%d' % COUNT],
                             stdout=subprocess.PIPE, close_fds=True)
    out = popen.communicate()[0]
    assert popen.returncode == 0
    first, last = json.loads(out.decode())
    assert last['descriptors'] == first['descriptors'] and last['threads'] == first['threads'], (first, last)
    assert last['memory'] - first['memory'] < GROWTH, (first, last)
    assert last['objects'] - first['objects'] < 1000, (first, last)
    index, now = oracle.wait_for([before])
    assert index is not None, oracle.difference(before, now)


def test_files_of_wires_and_unwire_all_leave_nothing(pair):
    program = Program()
    feed = ''.join('{0}:x{2}=10.{3}.{4}.1/30 {1}:x{2}=10.{3}.{4}.2/30 --name so{2}\n'.format(
        pair[0], pair[1], number, 100 + number // 250, number % 250) for number in range(FILE_WIRES))
    program('unwire', '--if-exists', 'none')
    before = oracle.look()
    for turn in range(max(COUNT // FILE_WIRES, 2)):
        made = program('wire', '--no-check', '--backend', 'netlink', '-f', '-', feed=feed, timeout=300)
        assert made.status == 0 and len(made.out.splitlines()) == FILE_WIRES, (turn, made)
        gone = program('unwire', '--all', timeout=300)
        assert gone.status == 0, (turn, gone)
        index, now = oracle.wait_for([before], seconds=20)
        assert index is not None, (turn, oracle.difference(before, now))
