"""Fixtures that several system tests share."""
from __future__ import absolute_import, division, print_function

import functools

import pytest

from support import own_ip
from support.cni_plugins import lan, leases  # noqa: F401
from support.composed import shop  # noqa: F401
from support.far import far  # noqa: F401
from support.hooked import hooked, tree  # noqa: F401
from support.installed import Installed
from support.lacking import lacking
from support.rpm_host import RpmHost
from support.rpm_packages import Missing, Packages
from support.watch_place import place  # noqa: F401


@pytest.fixture
def installed(tmpdir):
    """A netnsctl that is installed below a folder of the test's: support.installed.Installed."""
    return Installed(str(tmpdir.join('installed')))


@pytest.fixture
def put(tmpdir):
    """put(folder, text): support.own_ip.put()."""
    return functools.partial(own_ip.put, tmpdir)


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
