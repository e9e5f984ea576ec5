"""How the shaping of a recorded wire is not what the kernel has."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.netlink.queues import ROOT, number_of
from netnsctl.model import shaping

# What the kernel's ticks, of 64 ns, cannot tell apart.
_CLOSE = {'burst': 0.001, 'delay': 0.001, 'jitter': 0.001, 'loss': 0.0001}
_CALLED = {'limit': 'limit of its queue'}


def steps_of(record, end):
    """The operations that shape the link of an end: list of AddQueue."""
    return [step for step in record.planned('add-queue') if (step.ns, step.dev) == (end.ns, end.dev)]


def remarks(record, end, found):
    """How the Queues found at the link of an end differ from its record: list of text, without the end's name."""
    parent, texts = ROOT, []
    for step in steps_of(record, end):
        there = [queue for queue in found if queue.parent == parent and queue.kind == step.kind]
        if not there:
            return texts + ['is not shaped as asked for: its queue (%s) is gone' % step.kind]
        texts += _differences(shaping.values_of(step.words), there[0].values)
        # Somebody may have given it another handle.
        parent = there[0].handle | number_of('0:1')
    return texts


def _differences(wanted, values):
    for key in sorted(set(wanted) | set(values)):
        mine, theirs = wanted.get(key), values.get(key)
        if mine is None or theirs is None or abs(mine - theirs) > mine * _CLOSE.get(key, 0) + (key in _CLOSE):
            yield 'has the %s %s, not %s' % (_CALLED.get(key, key), _shown(key, theirs), _shown(key, mine))


def _shown(key, value):
    if value is None:
        return shaping.NONE
    return '%d' % value if key == 'limit' else shaping.text_of(key, value)
