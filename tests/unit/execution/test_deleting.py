"""Deleting links side by side: what a thread meets is told by the ordinary way, not by a traceback."""
from __future__ import absolute_import, division, print_function

import errno

import pytest

from netnsctl.errors import NetnsctlError
from netnsctl.execution import deleting


class Answering(object):
    """An Rtnl that gives one answer: (errno, text) or None for each request, or an error to raise."""

    def __init__(self, answer):
        self.answer = answer

    def request(self, messages):
        if isinstance(self.answer, BaseException):
            raise self.answer
        return [self.answer for _ in messages]


@pytest.mark.parametrize('answer', [MemoryError(), NetnsctlError('no answer'), (errno.EBUSY, 'busy')])
def test_what_a_thread_could_not_delete_is_left_to_the_ordinary_way(capfd, answer):
    answers, gone = (None, answer, (errno.ENODEV, '')), set()
    deleting._run([(place, Answering(one), b'') for place, one in enumerate(answers)], gone)
    assert gone == set([0, 2]) and capfd.readouterr() == ('', '')
