"""Fixtures of the tests of netnsctl's own packages."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.built_packages import Checkout, Package, missing_tools
from support.lacking import lacking


@pytest.fixture(scope='session')
def checkout():
    """support.built_packages.Checkout, to build from and not to change."""
    tools = missing_tools()
    if tools:
        lacking('rpm', '%s missing' % ', '.join(tools))
    made = Checkout()
    yield made
    made.close()


@pytest.fixture(scope='session')
def built(checkout):
    """built(dist, release=1) -> support.built_packages.Package, built once."""
    made = {}

    def get(dist, release=1):
        if (dist, release) not in made:
            made[dist, release] = Package(checkout.package(dist, release))
        return made[dist, release]
    return get


def pytest_generate_tests(metafunc):
    """A test that takes `dist` runs for EL6 and EL9; for all of them with NETNSCTL_TEST_EVERY."""
    own = [mark.args[0] for mark in getattr(metafunc.function, 'pytestmark', []) if mark.name == 'parametrize']
    if 'dist' in metafunc.fixturenames and 'dist' not in own:
        every = os.environ.get('NETNSCTL_TEST_EVERY')
        metafunc.parametrize('dist', ['el6', 'el7', 'el8', 'el9', 'el10', 'fedora'] if every else ['el6', 'el9'])
