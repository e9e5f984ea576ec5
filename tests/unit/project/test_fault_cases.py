"""Each case of the list of faults names tests that there are."""
from __future__ import absolute_import, division, print_function

import os
import re

from faults import cases
from support.program import TOP


def test_every_test_that_a_case_names_is_there():
    named = [test for _, _, tests in cases.CASES for test in tests]
    missing = []
    for test in named:
        path, _, name = test.partition('::')
        try:
            with open(os.path.join(TOP, path)) as source:
                if name and not re.search(r'(?m)^def %s\(' % name, source.read()):
                    missing.append(test)
        except IOError:
            missing.append(test)
    assert named and missing == []
