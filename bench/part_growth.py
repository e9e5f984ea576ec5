"""What one more wire costs while 10 to 10,000 are there."""
from __future__ import absolute_import, division, print_function

import contenders
import world
from measuring import run, show, side_by_side, summary

BARE = 'a bare start'
SHARING = 10  # wires between each two namespaces: twice 10,000 of these take minutes to make


def measure(floor, pythons, present, rounds):
    """{interpreter: {how many are there: {'wire': figures, 'unwire': figures, 'a bare start': figures}}}

    Each figure is the whole process. The bare start of the same rounds tells a slower machine from a slower wire.
    """
    present = sorted(present)
    names = 1 + contenders.pairs_of(present[-1], SHARING)
    world.make_names('g', names)
    found = dict((name, {}) for name in pythons)
    first = next(iter(pythons.values()))
    try:
        there = 0
        for size in present:
            # The one more is between the first two; those that stay are between the others.
            lines = contenders.lines_of('g', size, SHARING, 1)[there:]
            run(first.argv + ['wire', '--no-check', '-f', world.write('more', ''.join(lines))])
            there = size
            for name, python in pythons.items():
                found[name][size] = _one_more(python, rounds)
    finally:
        run(first.argv + ['unwire', '--all'])
        world.remove_names('g', names)
    for name, figures in found.items():
        show('one more wire, %s' % name, ['wires there', 'wire ms', 'unwire ms', 'bare ms', 'wire to bare', 'peak MB'],
             [['%d' % size] + ['%.1f' % figure[command]['milliseconds_each'] for command in ('wire', 'unwire', BARE)]
              + ['%.2f' % figure['wire']['ratio'], '%.1f' % (figure['wire']['peak_kilobytes'] / 1024)]
              for size, figure in figures.items()])
    return found


def _one_more(python, rounds):
    ends = ['netns://ga0:A=10.1.1.1/32', 'netns://gb0:B=10.1.1.2/32']
    wire, unwire = ['wire', '--backend', 'netlink'] + ends, ['unwire'] + ends
    spent = side_by_side({'wire': lambda: run(python.argv + wire), 'unwire': lambda: run(python.argv + unwire),
                          BARE: lambda: run(python.bare)}, rounds)
    return dict((name, summary(items, spent[BARE])) for name, items in spent.items())
