"""What is said of a directory that cannot be written to."""
from __future__ import absolute_import, division, print_function

import errno
import os

import pytest

from netnsctl.edge.files import own_files


class Statvfs(object):
    """A file system of which a part is kept for root, as ext4 has it."""
    f_flag, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail = 0, 4096, 200, 0, 1024, 50, 50


@pytest.mark.parametrize('uid, told', [(0, None), (1000, os.strerror(errno.ENOSPC))])
def test_what_is_kept_for_root_is_space_for_root(tmpdir, monkeypatch, uid, told):
    monkeypatch.setattr(os, 'statvfs', lambda path: Statvfs)
    monkeypatch.setattr(os, 'geteuid', lambda: uid)
    assert own_files.why_not_writable(str(tmpdir)) == told
    assert own_files.why_not_writable(str(tmpdir), needs_space=False) is None
