"""`make demo`: docs/demo.sh, from a checkout on which nothing is installed."""
from __future__ import absolute_import, division, print_function

import os
import sys

from support import process
from support.program import TOP

DEMO = os.path.join(TOP, 'docs', 'demo.sh')


def test_the_demo_shows_a_wire_first_and_leaves_nothing(host):
    links = host.sh('ip -o link')
    result = process.run(host.prefix + [DEMO], environ=dict(os.environ, PYTHON=sys.executable), timeout=30)
    assert result.status == 0, result
    shown = [line for line in result.out.splitlines() if line.startswith('# ')]
    assert shown[0].startswith('# netnsctl wire ') and shown[1].startswith('# ip netns exec '), result
    assert '1 received' in result.out and 'already wired' in result.out and 'Nothing is left' in result.out, result
    assert host.sh('ip -o link') == links
    assert host.sh('find /run/netns /run/netnsctl/wires -mindepth 1') == ''
