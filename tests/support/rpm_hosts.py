"""Fixtures: throwaway hosts of rpm packages."""
from __future__ import absolute_import, division, print_function

import pytest

from support.lacking import lacking
from support.rpm_host import RpmHost
from support.rpm_packages import Missing, Packages


@pytest.fixture(scope='session')
def rpm_packages():
    """support.rpm_packages.Packages, made once, or the reason why they cannot be made here."""
    try:
        made = Packages()
    except Missing as reason:
        yield str(reason)
        return
    yield made
    made.close()


@pytest.fixture
def rpm_host(run_netnsctl, rpm_packages):
    """A throwaway host of rpm packages, with EL6's iproute: support.rpm_host.RpmHost."""
    if isinstance(rpm_packages, str):
        lacking('rpm', rpm_packages)
    made = RpmHost(run_netnsctl, rpm_packages)
    yield made
    made.close()
