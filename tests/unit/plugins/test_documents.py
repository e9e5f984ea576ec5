"""What errors say to who starts a container by a runtime."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.errors import ConflictError
from netnsctl.plugins import documents
from netnsctl.plugins.cni.problems import as_cni


@pytest.mark.parametrize('hint,left', [
    ('Choose another address; --force uses this one anyway.', 'Choose another address.'),
    ('`ss -lnp` shows which it is. --force publishes the port anyway.', '`ss -lnp` shows which it is.'),
    ('Choose another address.', 'Choose another address.'), (None, None)])
def test_nobody_is_told_to_give_an_option_that_there_is_not(hint, left):
    assert documents.without_force(hint) == left


def test_the_force_of_cni_is_a_key():
    error = as_cni(ConflictError('in use', hint='Choose another address; --force uses this one anyway.'))
    assert error.details == 'Choose another address; "force": true uses this one anyway.'
