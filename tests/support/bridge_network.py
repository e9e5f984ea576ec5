"""Bridges with wires, and what is seen from their ports."""
from __future__ import absolute_import, division, print_function

import json
import os


from support.process import run


BRIDGE = 'br%d' % os.getpid()
BACKENDS = ['--backend=iproute', '--backend=netlink']


def link(ns, dev):
    """What `ip -d -j link show` says of a link: dict, or None where there is none."""
    result = run(['ip'] + (['-n', ns] if ns else []) + ['-d', '-j', 'link', 'show', 'dev', dev])
    return json.loads(result.out)[0] if result.status == 0 else None


def wire_on(run_netnsctl, bridge, ns, address, *words):
    return run_netnsctl('wire', '%s:A=%s' % (ns, address), 'bridge://' + bridge, *words)
