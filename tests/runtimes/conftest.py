"""Fixtures of tests with runtimes of their own."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.built_packages import VENV_DOCS, Checkout, missing_tools
from support.cni_plugins import lan, leases  # noqa: F401
from support.composed import shop  # noqa: F401
from support.hooked import hooked, tree  # noqa: F401
from support.lacking import lacking
from support.podman_host import PodmanHost, root_of_podman
from support.process import run
from support.program import TOP
from support.watch_place import place  # noqa: F401


@pytest.fixture(scope='session')
def debian_package():
    """The path of the package of what the checkout holds."""
    missing = missing_tools(('git', 'dpkg-buildpackage', 'dh', 'dh_python3'))
    if missing:
        lacking('deb', '%s missing' % ', '.join(missing))
    checkout = Checkout()
    built = run([checkout.path('debian', 'build'), '--without', 'doc'], timeout=300,
                environ=dict(os.environ, NETNSCTL_VENV_DOCS=VENV_DOCS))
    assert built.status == 0, built
    yield checkout.path(built.out.strip().split('\n')[-1])
    checkout.close()


@pytest.fixture(scope='session')
def podman_root():
    """The root of a Debian with podman and netavark: path."""
    made = root_of_podman(TOP)
    if made.status != 0:
        lacking('debian', made.err)
    return made.out.strip()


@pytest.fixture(scope='module')
def podman_host(podman_root, debian_package):
    """support.podman_host.PodmanHost."""
    made = PodmanHost(podman_root, debian_package)
    yield made
    made.close()
