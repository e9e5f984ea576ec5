"""A rate is held within a tenth, over UDP and over TCP, both ways: what arrives is measured."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from support import process, throughput
from support.inside import enter
from support.program import SOURCE

MEASURING = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(throughput.__file__)), 'throughput.py')]


@pytest.mark.one_python  # the kernel's work
@pytest.mark.parametrize('protocol,backend', [('udp', 'netlink'), ('tcp', 'iproute')])
def test_a_rate_is_held_both_ways(run_netnsctl, netns, protocol, backend):
    a, b = netns(), netns()
    ends = (a, '10.1.1.1', 2e6), (b, '10.1.1.2', 3e6)
    result = run_netnsctl('wire', '--backend', backend, a + ':A=10.1.1.1/32,rate=2mbit,burst=16kb',
                          b + ':B=10.1.1.2/32,rate=3mbit,burst=16kb')
    assert result.status == 0, result
    environ = dict(os.environ, PYTHONPATH=SOURCE)
    for (ns, _, rate), (far, address, _) in (ends, ends[::-1]):
        sender = process.start(enter(ns) + MEASURING + ['send', protocol, address], environ)
        try:
            measured = process.run(enter(far) + MEASURING + ['receive', protocol, address, '%d' % rate, '16384'],
                                   timeout=200, environ=environ)
        finally:
            sender.kill()
            sender.wait()
        assert measured.status == 0 and int(measured.out) >= 0.9 * rate, measured
