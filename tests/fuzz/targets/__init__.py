"""What is fuzzed: for each place where text or bytes come in from outside a function that reads them.

A target takes bytes, and raises only what is a finding: whatever netnsctl declares, an error with a message, it takes
for an answer. Where the other way round exists, it goes there and back. Under any Python, with or without atheris.
"""
from __future__ import absolute_import, division, print_function

import sys

from netnsctl.errors import NetnsctlError
from netnsctl.plugins.cni.problems import DEFECT, CniError

# Of functions, Python's own among them, while one input is read. What needs more does not end, or grows too fast.
CALLS = 60000
CALLS_A_BYTE = 300


class Target(object):
    """name; run(data): reads bytes, and returns nothing; tokens: words that mean something there, for a dictionary;
    is_json: is most of what comes in a JSON document?"""

    def __init__(self, name, run, tokens=(), is_json=False):
        self.name, self._run, self.tokens, self.is_json = name, run, tokens, is_json

    def read(self, data):
        """Raises what is a finding."""
        try:
            self._run(data)
        except (NetnsctlError, CniError) as error:
            assert error.message and isinstance(error.message, str), 'an error without a message'
            assert getattr(error, 'code', None) != DEFECT, error.message

    def read_counted(self, data):
        """The same with a bound on its work, which is the same on every machine."""
        left = [CALLS + CALLS_A_BYTE * len(data)]

        def count(_, event, __):
            if event in ('call', 'c_call'):
                left[0] -= 1
                if left[0] < 0:
                    sys.setprofile(None)
                    raise AssertionError('more than %d calls for %d bytes' % (
                        CALLS + CALLS_A_BYTE * len(data), len(data)))
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            self.read(data)
        finally:
            sys.setprofile(before)


def all_targets():
    """{name: Target}"""
    from fuzz.targets import documents, listings, netlink, plugins, runtimes, texts
    found = [target for module in (texts, netlink, runtimes, plugins, documents, listings) for target in module.TARGETS]
    return dict((target.name, target) for target in found)
