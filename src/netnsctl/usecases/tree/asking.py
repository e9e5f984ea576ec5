"""Completes wires as typed for the tree: each target gets its scheme, each end a name."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import sha256_hex
from netnsctl.errors import NetnsctlError, NotFoundError, UsageError
from netnsctl.model.endpoint import Target
from netnsctl.model.names import default_name
from netnsctl.usecases.ends.resolving import Presence, resolve


def complete(host, home, wanted):
    """[(name or None, Endpoint, Endpoint)] -> the same with names, schemes and interface names.

    A bare name is looked up; if nothing has it, the scheme must be given. Ends without an interface name get the first
    ethN that neither another wire of these has nor, as `wire` chooses it, the namespace if it is there; a bridge's port
    has a name if it needs a file (rendering._describe_port). What nat and published ports imply is asked for, as `wire`
    does it. UsageError, ConflictError.
    """
    presence, taken, found = Presence(host), {}, []
    for _, a, b in wanted:
        for end in (a, b):
            names = _links_of(host, home, end, presence, str(end.target) not in taken)
            taken.setdefault(str(end.target), set()).update(names)
            if end.ifname:
                taken[str(end.target)].add(end.ifname)
    for name, a, b in wanted:
        if a.has_uplink or b.has_uplink:
            from netnsctl.model.features import uplink  # few wires have nat or publish
            uplink.check(a, b)
            uplink.imply(a, b)
        name, ends = name or default_name(a, b), (a, b)
        for at, end in enumerate(ends):
            if not end.ifname and not end.target.has_no_link and (
                    end.target.scheme != 'bridge' or end.mtu or end.mac or end.shaping
                    or ends[1 - at].target.is_anchor):
                end.ifname = _free_name(name, at, end.target, taken.setdefault(str(end.target), set()))
        found.append((name, a, b))
    return found


def _links_of(host, home, end, presence, is_new):
    """Gives the target of an Endpoint its scheme. The names of the links that its namespace has: set, empty if it is
    not there, or where they are not asked for (is_new False)."""
    target = end.target
    if target.is_on_host or target.scheme is not None and not is_new:
        return set()
    try:
        opened, canonical = resolve(host, target, home, presence)
    except NetnsctlError as error:
        if target.scheme is not None:
            return set()  # it need not be there yet
        if not isinstance(error, NotFoundError):
            raise
        raise UsageError('%s: nothing here has this name: say what it will be' % target,
                         hint='netns://%s, docker://%s, ...' % (target.name, target.name))
    try:
        end.target = Target(canonical.scheme, canonical.name)
        return set(link.name for link in opened.rtnl().links())
    finally:
        opened.close()


def _free_name(name, at, target, taken):
    if target.is_on_host:
        # As wiring names the host's end.
        chosen = 'nw' + sha256_hex('%s %d' % (name, at))[:10]
    else:
        chosen = [item for item in ('eth%d' % number for number in range(len(taken) + 1)) if item not in taken][0]
    taken.add(chosen)
    return chosen
