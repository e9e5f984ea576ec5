"""The modules that netnsctl has loaded itself: those that would make links of their own on the host."""
from __future__ import absolute_import, division, print_function

import pytest

from netnsctl.edge.host import Host
from netnsctl.execution.backends import preloading
from netnsctl.model.links import KINDS, kind_named

DUMMY = kind_named('dummy')


@pytest.fixture
def host(tmpdir):
    """A host whose kernel loads modules by a program that writes down what it is asked for."""
    tmpdir.join('proc', 'sys', 'kernel', 'modprobe').write('/opt/modprobe\n', ensure=True)
    program = tmpdir.join('opt', 'modprobe')
    program.write('#!/bin/sh\necho "$@" >>%s\nexit 1\n' % tmpdir.join('asked'), ensure=True)
    program.chmod(0o755)
    return Host(str(tmpdir))


def asked(tmpdir):
    place = tmpdir.join('asked')
    return place.read().splitlines() if place.check() else []


def test_dummy_is_loaded_without_a_link_of_its_own_by_the_kernels_name_for_it(host, tmpdir):
    preloading.load(DUMMY, host)
    # By the alias, as the kernel does, so that what modprobe.d forbids stays forbidden.
    assert asked(tmpdir) == ['-q -- rtnl-link-dummy numdummies=0']


def test_a_module_that_is_there_is_left_alone(host, tmpdir):
    tmpdir.join('sys', 'module', 'dummy').ensure(dir=True)
    preloading.load(DUMMY, host)
    assert asked(tmpdir) == []


@pytest.mark.parametrize('program', ['', '\n', '/nosuch\n'])
def test_a_kernel_that_loads_nothing_is_no_failure(host, tmpdir, program):
    tmpdir.join('proc', 'sys', 'kernel', 'modprobe').write(program)
    preloading.load(DUMMY, host)
    assert asked(tmpdir) == []


def test_only_dummy_has_such_a_module():
    assert [name for name in KINDS if kind_named(name).module_options] == ['dummy']
