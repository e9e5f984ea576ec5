"""The wires of a tree of which none is up, made by several processes, as those of a file are."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import named_tuple
from netnsctl.usecases.tree import matching
from netnsctl.usecases.wires import side_by_side
from netnsctl.usecases.wires.wiring import Options

# What side_by_side looks at, and the SavedWire.
_Asked = named_tuple('_Asked', 'name a b wire')


def each(run, make):
    """make(wire) for each of a run's wires, which notes in the run what became of it: in its Summary, in the order of
    the tree, and in what is recorded. None of them is recorded yet.

    A client for DHCP is asked for all at the end, but knows things of the process that made its wire: with one in the
    tree, one process makes all.
    """
    summary, here = run.summary, set()
    known = list(summary.failed)

    def make_one(asked):
        made, failed = len(summary.made), len(summary.failed)
        make(asked.wire)
        here.add(asked.wire)
        return [run.recorded.named(name) for name in summary.made[made:]], summary.failed[failed:]

    def settle(asked):
        record = run.session.untold
        if not run.session.stands(record):
            return None
        known = matching.Known(record)
        run.recorded.add(known, asked.wire)
        here.add(asked.wire)
        return [known], []

    asked = [_Asked(wire.name, wire.ends[0], wire.ends[1], wire) for wire in run.wires]
    options = Options(check=False, replace=any(any(wire.dhcp) for wire in run.wires))  # replace: by one process
    found, summary.interrupted = side_by_side.each(run.session, asked, options, make_one, settle)
    summary.made, summary.failed = [], known
    for one, (made, failed) in found:
        summary.made += [known.name for known in made]
        summary.failed += failed
        for known in made if one.wire not in here else ():
            run.recorded.add(known, one.wire)
