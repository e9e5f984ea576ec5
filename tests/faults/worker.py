"""One task in one world: reads {'scenario', 'discover' or 'faults'} as JSON, prints what came of it as JSON.

usage: tests/tools/world PYTHON tests/faults/worker.py <TASK >RESULT
"""

from __future__ import absolute_import, division, print_function

import json
import os
import sys
import traceback

sys.path[:1] = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from faults import judging, points  # noqa: E402
from faults.scenarios import SCENARIOS  # noqa: E402


def discover(runner):
    """The faults of a scenario: [[direction, fault], ...], both ways in turn."""
    scenario, found = runner.scenario, {}
    for direction in ('there', 'back'):
        found[direction] = []
        if direction == 'back' and scenario.back_sh:
            continue
        words = scenario.words(direction, runner.ground)
        runner.go(judging.other(direction))
        found[direction] = points.discover(runner.ground, words, runner.feed(direction))
        runner.arrive(judging.other(direction))
        if scenario.helpers:
            runner.go(judging.other(direction))
            two_ways = TwoWays(runner, direction)
            found[direction] += points.discover_helpers(two_ways, words, runner.feed(direction))
            found[direction] += points.helpers(two_ways, words, runner.feed(direction))
        if scenario.limits:
            found[direction] += points.limits(scenario.limits == 'files')
        if scenario.races:
            found[direction] += points.RACES
    return _in_turn([['there', fault] for fault in found['there']], [['back', fault] for fault in found['back']])


class TwoWays(object):
    """A ground on which one way can be traced again and again: it goes back each time."""

    def __init__(self, runner, direction):
        self.runner, self.direction, self.scratch = runner, direction, runner.ground.scratch
        self.helper_folder = runner.ground.helper_folder

    def run(self, prefix, words, feed=b''):
        self.runner.go(judging.other(self.direction))
        result = self.runner.ground.run(prefix, words, feed)
        self.runner.arrive(judging.other(self.direction))
        return result


def _in_turn(one, two):
    """Two lists as one, spread evenly, so that a way there is followed by one back."""
    rows = [(number / max(len(rows), 1), row) for rows in (one, two) for number, row in enumerate(rows)]
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def try_all(runner, faults):
    """(rows of [direction, fault, verdict, text], what was not tried because the ground broke)."""
    rows = []
    for number, (direction, fault) in enumerate(faults):
        try:
            verdict, text = runner.hit(direction, fault)
        except (judging.Broken, AssertionError) as error:
            verdict, text = 'left', str(error)
        rows.append([direction, fault, verdict, text])
        if verdict == 'left':
            try:
                runner.mend()
            except judging.Broken:
                return rows, faults[number + 1:]
    return rows, []


def work(task):
    scenario = SCENARIOS[task['scenario']]
    ground = scenario.ground()
    try:
        runner = judging.Runner(scenario, ground)
        if task.get('discover'):
            return {'faults': discover(runner)}
        rows, rest = try_all(runner, task['faults'])
        return {'rows': rows, 'rest': rest}
    finally:
        ground.close()


def main():
    task = json.load(sys.stdin)
    try:
        result = work(task)
    except Exception:
        result = {'error': traceback.format_exc()}
    sys.stdout.write(json.dumps(result))


if __name__ == '__main__':
    main()
