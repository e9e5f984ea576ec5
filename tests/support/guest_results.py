"""Tests that run inside a guest (support.guest), and their results as those of the pytest outside."""
from __future__ import absolute_import, division, print_function

import io
import json
import os
import sys
import time

import pytest

from support import guest

try:
    from _pytest.reports import TestReport
except ImportError:  # before pytest 3.6
    from _pytest.runner import TestReport

RESULTS = 'results'
SECONDS = float(os.environ.get('NETNSCTL_TEST_GUEST_SECONDS', '3600'))
# A boot takes three seconds where nothing else runs.
BOOT_SECONDS = 180
# Of this process's variables those that tests inside are to have.
_PASSED_ON = ('HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'PATH', 'PYTHONPATH', 'NETNSCTL_TEST_EVERY',
              'NETNSCTL_TEST_REQUIRE')
_FIELDS = ('nodeid', 'location', 'outcome', 'when', 'duration', 'sections')


def is_inside():
    """Does this process run in a guest?"""
    return guest.VARIABLE in os.environ


def write_report(report):
    """Inside: writes one report of one test's phase, a line of JSON, for the pytest outside."""
    row = dict((name, getattr(report, name)) for name in _FIELDS)
    # A skip's is (file, line, reason).
    as_it_is = report.longrepr is None or isinstance(report.longrepr, tuple)
    row['longrepr'] = report.longrepr if as_it_is else str(report.longrepr)
    row['message'] = getattr(getattr(report.longrepr, 'reprcrash', None), 'message', None)
    row['wasxfail'] = getattr(report, 'wasxfail', None)
    with io.open(os.path.join(os.environ[guest.VARIABLE], RESULTS), 'a', encoding='utf-8') as out:
        out.write(u'%s\n' % json.dumps(row))


def read_report(line):
    """Outside: the TestReport of such a line."""
    row = json.loads(line)
    words = dict((name, row[name]) for name in _FIELDS)
    words['location'] = tuple(row['location'])
    words['sections'] = [tuple(section) for section in row['sections']]
    words['longrepr'] = row['longrepr'] and shown(row['longrepr'], row['message'])
    report = TestReport(keywords={}, **words)
    if row['wasxfail'] is not None:
        report.wasxfail = row['wasxfail']
    return report


class Shown(object):
    """What pytest prints of a failure; reprcrash.message is what its summary has of that."""

    def __init__(self, text, message):
        self.text, self.message = text, message
        self.reprcrash = self

    def toterminal(self, out):
        out.line(self.text)

    def __str__(self):
        return self.text


def as_str(text):
    """Text as native str."""
    return text if isinstance(text, str) else text.encode('utf-8')


def shown(longrepr, message):
    """What a report has of a failure, or of a skip."""
    if isinstance(longrepr, list):
        return tuple(longrepr)
    return Shown(as_str(longrepr), as_str(message or longrepr.splitlines()[-1]))


class Inside(object):
    """The pytest that runs in a guest: items, in their order, reach their results one by one."""

    def __init__(self, items, rootdir):
        """Raises guest.Unavailable. rootdir: what the items' node ids begin at."""
        words = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--rootdir', rootdir]
        words += [os.path.join(rootdir, item.nodeid) for item in items]
        environ = dict((name, os.environ[name]) for name in _PASSED_ON if name in os.environ)
        # It has read the end of the file that is not yet a line, and the reports that no one asked for yet.
        self._held, self._reports = b'', {}
        self._begun = time.time()
        self.guest = guest.Guest(words, environ, rootdir)
        self._source = None

    def reports(self, nodeid):
        """The TestReports of a test once it has ended; what came of them where the guest did not reach its end."""
        while True:
            # In this order: what was written before the guest's end is read after that end was seen.
            limit = SECONDS if self.guest.has_booted() else BOOT_SECONDS
            runs = self.guest.runs() and time.time() < self._begun + limit
            self._read()
            found = self._reports.get(nodeid, [])
            if not runs or any(report.when == 'teardown' for report in found):
                return found
            time.sleep(0.05)

    def _read(self):
        if self._source is None:
            try:
                self._source = io.open(os.path.join(self.guest.shared, RESULTS), 'rb')
            except (OSError, IOError):
                return
        self._held += self._source.read()
        lines = self._held.split(b'\n')
        self._held = lines.pop()
        for line in lines:
            report = read_report(line.decode('utf-8'))
            self._reports.setdefault(report.nodeid, []).append(report)

    def not_booted(self):
        """Why there is no result of any test, one text, where the guest has not booted; else None."""
        if self.guest.has_booted():
            return None
        lines = self.guest.console(1000).splitlines()
        why = [line for line in lines if 'Kernel panic' in line] or lines[-3:] or ['it prints nothing']
        return 'the guest does not boot here: ' + ' / '.join(why)

    def explain(self):
        """Why a test has no result: one text."""
        late = 'it did not end within %g s (NETNSCTL_TEST_GUEST_SECONDS)' % SECONDS
        why = late if self.guest.runs() else 'it ended before'
        return 'the guest has no result of this test: %s. Its console:\n%s' % (why, self.guest.console())

    def close(self):
        """Ends the guest."""
        if self._source is not None:
            self._source.close()
        self.guest.close()


def fail(text):
    """Fails the test with a text, without the source of what raised it."""
    pytest.fail(text, pytrace=False)
