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
from support.rpm_hosts import rpm_host, rpm_packages  # noqa: F401
from support.watch_place import place  # noqa: F401


@pytest.fixture
def installed(tmpdir):
    """A netnsctl that is installed below a folder of the test's: support.installed.Installed."""
    return Installed(str(tmpdir.join('installed')))


@pytest.fixture
def put(tmpdir):
    """put(folder, text): support.own_ip.put()."""
    return functools.partial(own_ip.put, tmpdir)
