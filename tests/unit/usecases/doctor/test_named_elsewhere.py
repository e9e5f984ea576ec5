"""Messages name the doctor's checks: those that there are."""
from __future__ import absolute_import, division, print_function

import io
import os
import re

from netnsctl.usecases import doctor
from support.program import SOURCE

_NAMED = re.compile(r'`?netnsctl doctor((?: [a-z][a-z-]*)+)')
_PROSE = ('says', 'looks', 'shows', 'names', 'tells')


def test_every_check_that_a_message_names_is_there():
    known, named = set(check.name for check in doctor.checks()), set()
    for folder, _, files in os.walk(os.path.join(SOURCE, 'netnsctl')):
        for name in files:
            if name.endswith('.py'):
                with io.open(os.path.join(folder, name), encoding='utf-8') as source:
                    for words in _NAMED.findall(source.read()):
                        named.update(word for word in words.split() if word not in _PROSE and word != 'more')
    assert named and not named - known
