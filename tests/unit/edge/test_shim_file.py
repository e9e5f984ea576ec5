"""Who could replace the shim that root runs as `ip`."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge import shim_file

NOBODY = 65534


@pytest.fixture
def program(tmpdir):
    """The path of a program of root's, two directories below tmpdir."""
    os.chmod(str(tmpdir), 0o755)
    made = tmpdir.join('netnsctl', 'libexec', 'ip').ensure()
    for path in (made, made.dirpath(), made.dirpath('..')):
        os.chmod(str(path), 0o755)
    return str(made)


def test_what_only_root_can_write_to_is_not_open(program):
    assert shim_file.open_to_others(program) is None


@pytest.mark.parametrize('part', ['netnsctl', 'netnsctl/libexec', 'netnsctl/libexec/ip'])
@pytest.mark.parametrize('owner,group,mode', [(NOBODY, 0, 0o755), (0, NOBODY, 0o775), (0, 0, 0o757)])
def test_a_part_of_its_path_that_others_can_write_to_is_named(program, tmpdir, part, owner, group, mode):
    path = str(tmpdir.join(part))
    os.chown(path, owner, group)
    os.chmod(path, mode)
    assert shim_file.open_to_others(program) == path


def test_a_group_that_may_write_does_no_harm(program):
    os.chown(os.path.dirname(program), 0, NOBODY)
    os.chmod(os.path.dirname(program), 0o2775)
    assert shim_file.open_to_others(program, [0, NOBODY]) is None


def test_a_directory_like_tmp_is_judged_by_whose_it_is_and_what_is_below(program, tmpdir):
    below = str(tmpdir.join('netnsctl'))
    os.chmod(str(tmpdir), 0o1777)
    assert shim_file.open_to_others(program) is None
    os.chown(below, NOBODY, 0)
    assert shim_file.open_to_others(program) == below


def test_the_way_to_a_symlink_and_to_what_it_leads_to_are_both_judged(program, tmpdir):
    for name, theirs in (('here', 'here'), ('there', 'netnsctl')):
        folder = tmpdir.join('here').ensure(dir=True)
        if not folder.join('link').check(link=1):
            folder.join('link').mksymlinkto(program)
        os.chown(str(folder), NOBODY if name == 'here' else 0, 0)
        os.chown(str(tmpdir.join('netnsctl')), NOBODY if name == 'there' else 0, 0)
        assert shim_file.open_to_others(str(folder.join('link'))) == str(tmpdir.join(theirs))
