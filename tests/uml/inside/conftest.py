"""Fixtures of the tests that run inside a guest, and how they come to run there.

  nics  the names of the guest's two NICs, which are down, have no address, and are joined by a cable
  up    the same two, up, and with the link-local addresses that they get by that

The tests of this folder run inside a guest, booted once for all of them; its kernel has the kinds of links that this
machine's may lack. Outside, pytest collects and selects them as any others, and has their results from the guest.

Under Python 2 they are left out unless NETNSCTL_TEST_EVERY is set: Python 3's run has them all.
NETNSCTL_TEST_REQUIRE=uml makes a guest that cannot be booted a failure.
"""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from support import guest, guest_results
from support.lacking import lacking
from support.process import must, run
from support.waiting import until

HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
NICS = ('vec0', 'vec1')
# The guest_results.Inside of this session, or the text that says why there is none.
_session = []


def are_here(items):
    return [item for item in items if str(item.fspath).startswith(HERE)]


def pytest_collection_modifyitems(config, items):
    if sys.version_info[0] < 3 and not os.environ.get('NETNSCTL_TEST_EVERY') and not guest_results.is_inside():
        left = are_here(items)
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def booted(session):
    """The guest of this session, booted by the first test that asks."""
    if not _session:
        try:
            _session.append(guest_results.Inside(are_here(session.items), str(session.config.rootdir)))
        except guest.Unavailable as reason:
            _session.append(str(reason))
    return _session[0]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    # Called for the tests of other directories too.
    if guest_results.is_inside() or not are_here([item]):
        return None
    there = booted(item.session)
    reports = [] if isinstance(there, str) else there.reports(item.nodeid)
    if not any(report.when == 'teardown' for report in reports):
        return None  # pytest_runtest_setup says why
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in reports:
        report.keywords = dict((name, 1) for name in item.keywords)
        item.ihook.pytest_runtest_logreport(report=report)
    if hasattr(item.ihook, 'pytest_runtest_logfinish'):  # pytest 3.4
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if not guest_results.is_inside():
        there = booted(item.session)
        why = there if isinstance(there, str) else there.not_booted()
        if why:
            lacking('uml', why)
        guest_results.fail(there.explain())


def pytest_runtest_logreport(report):
    if guest_results.is_inside():
        guest_results.write_report(report)


def pytest_sessionfinish():
    if _session and not isinstance(_session[0], str):
        _session[0].close()


@pytest.fixture
def nics(netns):  # whose namespaces are there still when this ends
    """See above. Whatever named namespace the test leaves one in, it is brought back."""
    yield NICS
    for name in os.listdir('/run/netns') if os.path.isdir('/run/netns') else ():
        for nic in NICS:
            run(['ip', '-n', name, 'link', 'set', 'dev', nic, 'netns', '1'])
    for nic in NICS:
        must(['ip', 'link', 'set', 'dev', nic, 'down'])
        must(['ip', 'address', 'flush', 'dev', nic])


@pytest.fixture
def up(nics):
    """See above."""
    for nic in nics:
        must(['ip', 'link', 'set', 'dev', nic, 'up'])
    for nic in nics:
        # With the carrier, of which a kernel may take notice a while later, and once nobody has answered.
        until(lambda nic=nic: 'fe80:' in must(['ip', '-6', 'address', 'show', 'dev', nic, '-tentative']))
    return nics
