"""`config render --root DIR` where DIR is somebody else's, who changes it meanwhile."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

import pytest

from netnsctl.edge.files import config_files
from netnsctl.edge.host import write_file
from netnsctl.errors import NetnsctlError, UsageError

PLACE = '/etc/sysconfig/netns/a/ifcfg-eth0'
# Swaps a folder for a symlink and back, as fast as it can.
SWAPPER = '''
import os, sys
here, aside, target = sys.argv[1:]
print('swapping')
sys.stdout.flush()
while True:
    try:
        os.rename(here, aside)
        os.symlink(target, here)
        os.unlink(here)
        os.rename(aside, here)
    except OSError:
        pass
'''


@pytest.mark.parametrize('level', ['etc', 'etc/sysconfig', 'etc/sysconfig/netns', 'etc/sysconfig/netns/a'])
def test_a_folder_swapped_for_a_symlink_leads_nowhere(tmpdir, level):
    root, victim = tmpdir.mkdir('root'), tmpdir.mkdir('victim')
    root.join('etc', 'sysconfig', 'netns', 'a').ensure(dir=True)
    here = str(root / level)
    swapper = subprocess.Popen([sys.executable, '-c', SWAPPER, here, str(tmpdir / 'aside'), str(victim)],
                               stdout=subprocess.PIPE)
    try:
        assert swapper.stdout.readline() == b'swapping\n'
        for _ in range(1500):
            with config_files.Below(str(root)) as below:
                try:
                    below.write(PLACE, 'DEVICE=eth0\n')
                except NetnsctlError:
                    pass
            assert os.listdir(str(victim)) == []
    finally:
        swapper.kill()
        swapper.wait()
        swapper.stdout.close()


def test_the_root_itself_may_be_swapped_once_it_is_open(tmpdir):
    root, victim = tmpdir.mkdir('root'), tmpdir.mkdir('victim')
    with config_files.Below(str(root)) as below:
        os.rename(str(root), str(tmpdir / 'moved'))
        os.symlink(str(victim), str(root))
        below.write(PLACE, 'DEVICE=eth0\n')
    assert os.listdir(str(victim)) == []
    assert (tmpdir / 'moved' / PLACE[1:]).read() == 'DEVICE=eth0\n'


def test_the_temp_file_of_a_killed_run_goes_with_the_next(tmpdir):
    folder = tmpdir.join(PLACE[1:]).dirpath().ensure(dir=True)
    name = os.path.basename(PLACE)
    for ending in ('.99999999.tmp', '.1.tmp'):
        folder.join(name + ending).write('')
    with config_files.Below(str(tmpdir)) as below:
        below.write(PLACE, 'x')
    assert sorted(os.listdir(str(folder))) == [name, name + '.1.tmp']


@pytest.mark.parametrize('kind', ['symlink', 'folder', 'fifo'])
def test_what_is_no_file_in_a_file_s_place_is_refused(tmpdir, kind):
    path = tmpdir.join(PLACE[1:])
    path.dirpath().ensure(dir=True)
    other = tmpdir.join('other')
    other.write('kept')
    {'symlink': lambda: os.symlink(str(other), str(path)), 'folder': lambda: os.mkdir(str(path)),
     'fifo': lambda: os.mkfifo(str(path))}[kind]()
    with config_files.Below(str(tmpdir)) as below:
        with pytest.raises(UsageError):
            below.write(PLACE, 'x')
    assert other.read() == 'kept'


def test_a_link_that_lies_under_a_temp_name_is_not_written_through(tmpdir):
    other, path = tmpdir.join('other'), tmpdir.join('file')
    other.write('kept')
    temp = '%s.%d.tmp' % (path, os.getpid())
    for make in (os.link, os.symlink):
        make(str(other), temp)
        write_file(str(path), 'new')
        assert other.read() == 'kept' and path.read() == 'new'
        assert not os.path.lexists(temp)
