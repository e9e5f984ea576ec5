"""A map again and again, whenever something on the host has changed."""
from __future__ import absolute_import, division, print_function

import time

from netnsctl.compat import monotonic, uninterrupted
from netnsctl.usecases.map import looking
from netnsctl.usecases.wires.session import Session

SECONDS = 1.0  # between two looks
SHARE = 4  # and so many times as long as one takes, so that a large host is not looked at all the time


def documents():
    """Yields each document that differs from the one before by more than its time; ends only by a signal."""
    before = None
    while True:
        start = monotonic()
        session = Session()
        try:
            document = looking.look(session)
        finally:
            session.close()
        now = dict(document, time=None)
        if now != before:
            before = now
            yield document
        uninterrupted(time.sleep, max(SECONDS, SHARE * (monotonic() - start)))
