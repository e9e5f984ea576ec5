"""The doctor's check of what translates addresses."""
from __future__ import absolute_import, division, print_function

from support import untouched


def test_a_program_that_works_is_named_and_nothing_is_left(one):
    before = untouched.own_state()
    finding = one('nat')
    assert finding['status'] == 'ok' and finding['text'].startswith(('nft does it', 'nft-ip does', 'iptables does'))
    untouched.assert_untouched(before)
