"""Wires as a person types them, made whole for the tree: each target with its scheme, each end with a name."""
from __future__ import absolute_import, division, print_function

import hashlib

from netnsctl.compat import to_bytes
from netnsctl.errors import NotFoundError, UsageError
from netnsctl.model.endpoint import Target
from netnsctl.usecases import records
from netnsctl.usecases.resolving import Presence, resolve


def complete(host, home, wanted):
    """[(name or None, Endpoint, Endpoint)] -> the same with names, schemes and interface names.

    A bare name is looked up; where nothing has it, it must be said what it is. Ends without an interface name get the
    first ethN that no other wire of these has; a bridge's port has a name if it has an MTU. UsageError, ConflictError.
    """
    presence, taken, found = Presence(host), {}, []
    for _, a, b in wanted:
        for end in (a, b):
            if end.target.scheme is None:
                end.target = _look_up(host, home, end.target, presence)
            if end.ifname:
                taken.setdefault(str(end.target), set()).add(end.ifname)
    for name, a, b in wanted:
        name = name or records.default_name(a, b)
        for at, end in enumerate((a, b)):
            if not end.ifname and (end.target.scheme != 'bridge' or end.mtu):
                end.ifname = _free_name(name, at, end.target, taken.setdefault(str(end.target), set()))
        found.append((name, a, b))
    return found


def _look_up(host, home, target, presence):
    try:
        opened, canonical = resolve(host, target, home, presence)
    except NotFoundError:
        raise UsageError('%s: nothing here has this name: say what it will be' % target,
                         hint='netns://%s, docker://%s, ...' % (target.name, target.name))
    opened.close()
    return Target(canonical.scheme, canonical.name)


def _free_name(name, at, target, taken):
    if target.scheme in ('host', 'bridge'):
        # As wiring names the host's end.
        chosen = 'nw' + hashlib.sha256(to_bytes('%s %d' % (name, at))).hexdigest()[:10]
    else:
        chosen = [item for item in ('eth%d' % number for number in range(len(taken) + 1)) if item not in taken][0]
    taken.add(chosen)
    return chosen
