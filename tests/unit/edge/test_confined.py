"""A helper starts whatever of its confinement cannot be had."""
from __future__ import absolute_import, division, print_function

import resource

import pytest

from netnsctl.edge import confined


@pytest.mark.parametrize('error', [OSError(1, 'not permitted'), ValueError('above the limit'), resource.error(38, 'x')])
def test_a_limit_that_cannot_be_set_is_left_out(monkeypatch, error):
    asked = []

    def setrlimit(*arguments):
        asked.append(arguments)
        raise error

    monkeypatch.setattr(resource, 'setrlimit', setrlimit)
    assert confined._try(resource.setrlimit, resource.RLIMIT_AS, (1, 1)) is False and len(asked) == 1
