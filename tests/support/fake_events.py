"""What tests of events share."""
from __future__ import absolute_import, division, print_function

import json


ID = 'ab' * 32
PODMAN = {'ID': ID, 'Name': 'web', 'Status': 'died', 'Time': '2026-11-24T17:00:40Z', 'Type': 'container',
          'Attributes': {}}


def dumped(document):
    return json.dumps(document).encode('utf-8')


class Clock(object):
    """Stands for monotonic()."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now
