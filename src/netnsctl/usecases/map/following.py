"""A map again and again, whenever something on the host has changed."""
from __future__ import absolute_import, division, print_function

import time

from netnsctl.compat import monotonic, uninterrupted
from netnsctl.edge.netns_dir import NETNS_DIR
from netnsctl.edge.survey.changes import Changes
from netnsctl.usecases.map import looking
from netnsctl.usecases.wires.session import Session

SECONDS = 5.0  # between two looks where no change is reported: a namespace without a name may have come
SETTLE_SECONDS = 0.1  # changes come in swarms
SHARE = 4  # so many times as long as a look takes there is none, so that a host that changes all the time is drawn too


def documents():
    """Yields each document that differs from the one before by more than its time; ends only by a signal.
    KernelError."""
    before, changes = None, None
    try:
        while True:
            session = Session()
            try:
                if changes is None:  # before the first look, so that nothing is missed
                    changes = Changes([NETNS_DIR, session.state.path('wires')])
                start = monotonic()
                document = looking.look(session, changes.listen_to)
            finally:
                session.close()
            took = monotonic() - start
            now = dict(document, time=None)
            if now != before:
                before = now
                yield document
            changes.wait(max(SECONDS, SHARE * took))
            uninterrupted(time.sleep, max(SETTLE_SECONDS, SHARE * took - (monotonic() - start)))
    finally:
        if changes is not None:
            changes.close()
