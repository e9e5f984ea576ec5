"""What is done while faults happen."""

from __future__ import absolute_import, division, print_function

from faults import around_wires, kinds_of_wires, runtimes

SCENARIOS = dict((scenario.name, scenario) for room in (kinds_of_wires, around_wires, runtimes)
                 for scenario in room.scenarios())
