"""`up` and `down`: what is wired is made what the tree says, and taken away again."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import NetnsctlError, NotFoundError, UsageError
from netnsctl.model.endpoint import RUNTIME_SCHEMES
from netnsctl.model.ifcfg import spaces as names
from netnsctl.usecases import created_names, dhcp, inventory, records, resolvers, unwiring
from netnsctl.usecases.config_tree import PLACE, reading
from netnsctl.usecases.wiring import Options, Wiring, wire as make_wire


class Summary(object):
    """What became of the tree's wires. made, changed, same, gone: names. failed: [(what, NetnsctlError)]."""

    def __init__(self):
        self.made, self.changed, self.same, self.gone, self.failed = [], [], [], [], []

    @property
    def exit_code(self):
        """0, or what the worst of the failures ends with: 6 before all others, 3 (a container that does not run) after
        all others, else the first one's."""
        codes = sorted((error.exit_code for _, error in self.failed), key=lambda code: (code != 6, code == 3))
        return codes[0] if codes else 0


def select(tree, spaces, at_boot=False):
    """(wires, problems) of these folders, or of all where spaces is None. at_boot: not what says ONBOOT=no."""
    wanted = None if spaces is None else set(spaces)
    return ([wire for wire in tree.wires if (wanted is None or wanted.intersection(wire.spaces))
             and (wire.onboot or not at_boot)],
            [problem for problem in tree.problems if wanted is None or wanted.intersection(problem.spaces)])


def require_known(tree, spaces):
    """UsageError for a folder that the tree does not have."""
    known = set(item.space for item in tree.interfaces)
    known.update(space for problem in tree.problems for space in problem.spaces)
    known.update(space for wire in tree.wires for space in wire.spaces)
    for space in spaces or ():
        if space not in known:
            raise UsageError('%s/%s: there is no such folder, or no link in it' % (PLACE, space))


def up_at_boot(session, spaces=None):
    """up(), without what says ONBOOT=no, whether it is named or not."""
    return up(session, spaces, at_boot=True)


def up(session, spaces=None, at_boot=None):
    """Makes what the tree describes and is missing, makes anew what differs, leaves what is right: Summary.

    spaces: names of folders, or None for all but what says ONBOOT=no; at_boot: not that either. A bad file, or a
    container that is not there, costs only its own wires. UsageError for a folder that is none.
    """
    tree = reading.read(session.host)
    require_known(tree, spaces)
    wires, problems = select(tree, spaces, spaces is None if at_boot is None else at_boot)
    summary = Summary()
    summary.failed += [(problem.message.partition(': ')[0], UsageError(problem.message)) for problem in problems]
    session.presence.many = len(wires) > 1
    with session.state.locked():
        session.recover()
        for wire in wires:
            try:
                _bring_up(session, wire, summary)
            except NetnsctlError as error:
                summary.failed.append((wire.where('WIRE', 'PEER', 'BRIDGE'), error))
    return summary


def _bring_up(session, wire, summary):
    options = Options(wire.name, replace=True, check=False)
    _make_names(session, wire)
    for at, end in enumerate(wire.ends):
        if wire.dhcp[at] and end.mac is None:
            end.mac = dhcp.stable_mac(end)
    wiring = Wiring(session, wire.ends[0], wire.ends[1], options, many=True)
    try:
        _resolve(wiring)
        record, ends = wiring.existing()
        if record is not None and ends is not None and stands_as(record, ends, wire.ends):
            done = summary.same
        else:
            done = summary.made if record is None else summary.changed
            record = make_wire(session, wiring).record
        done.append(record['name'])
        _finish(session, wire, record, wiring)
    finally:
        wiring.close()


def _resolve(wiring):
    """As Wiring.resolve(); a runtime that does not answer has no container running, which at boot is how it is."""
    try:
        wiring.resolve()
    except NetnsctlError as error:
        if error.exit_code == 1 and any(end.target.scheme in RUNTIME_SCHEMES for end in wiring.endpoints):
            raise NotFoundError(error.message, hint=error.hint)
        raise


def _finish(session, wire, record, wiring):
    """What is not of the kernel's: names of servers, and addresses by DHCP. The wire stands if that fails."""
    for at, item in enumerate(wire.interfaces):
        if item is None:
            continue
        resolvers.write(session, item)
        if wire.dhcp[at]:
            end = records.matches(record, *wire.ends)[at]
            dhcp.Client(session, record['name'], at).start(wiring.opened[at], end['dev'], item)


def stands_as(record, ends, asked):
    """Is a recorded wire whole, and what these Endpoints ask for?"""
    return not differences(ends, asked) and inventory.look(record)[0] == inventory.WHOLE


def differences(ends, asked):
    """How recorded ends differ from Endpoints of the tree: list of (index of the end, attribute, text).

    What the tree leaves open (a MAC address, a name) may be anything.
    """
    found = []
    for at, (end, wanted) in enumerate(zip(ends, asked)):
        now = records.asked_of(wanted)
        made = records.effective(end)
        for key in sorted(now):
            if now[key] != made[key] and not (now[key] is None and key in ('mac', 'ifname')):
                found.append((at, key, '%s: %s, and the tree says %s' % (
                    key, records.shown(key, made[key]), records.shown(key, now[key]))))
    return found


def _make_names(session, wire):
    """Makes the named namespaces that the wire needs and that are not there."""
    for end in wire.ends:
        if end.target.scheme == 'netns':
            created_names.make(session, end.target.name)


def down(session, spaces=None):
    """Takes away what the tree describes and is wired, and namespaces that up() made and nothing uses: Summary.

    spaces as for up(); None also takes what says ONBOOT=no. Wires that the tree does not know stay.
    """
    tree = reading.read(session.host)
    require_known(tree, spaces)
    wires, problems = select(tree, spaces)
    summary = Summary()
    summary.failed += [(problem.message.partition(': ')[0], UsageError(problem.message)) for problem in problems]
    with session.state.locked():
        session.recover()
        for wire in wires:
            try:
                name = find(session, wire)
                if name is not None and unwiring.unwire(session, name):
                    summary.gone.append(name)
                for item in wire.interfaces:
                    resolvers.remove(session, item)
            except NetnsctlError as error:
                summary.failed.append((wire.where('WIRE', 'PEER', 'BRIDGE'), error))
        created_names.remove_unused(session, None if spaces is None else set(
            names.target_of(space).name for space in spaces if names.target_of(space).scheme == 'netns'))
    return summary


def find(session, wire):
    """The name of the recorded wire that a SavedWire is, or None."""
    if wire.name is not None:
        record = session.journal.load(wire.name)
        return wire.name if record is not None and records.matches(record, *wire.ends) else None
    return unwiring.find(session, *wire.ends)
