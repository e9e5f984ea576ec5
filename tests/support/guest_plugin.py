"""pytest -p support.guest_plugin: inside a guest, writes each test's reports for the process that booted it."""
from __future__ import absolute_import, division, print_function

from support.guest_results import write_report


def pytest_runtest_logreport(report):
    write_report(report)
