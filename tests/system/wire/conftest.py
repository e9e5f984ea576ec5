"""Each backend in turn."""
from __future__ import absolute_import, division, print_function


import pytest

from support.backends import BACKENDS


@pytest.fixture(params=BACKENDS)
def backend(request):
    return '--backend=' + request.param
