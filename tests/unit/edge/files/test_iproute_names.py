"""Names of tables and the like, read as iproute2 reads them."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge.host import Host
from netnsctl.edge.files.iproute_names import Names


def put(tmpdir, place, text):
    path = str(tmpdir) + place
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
    with open(path, 'w') as target:
        target.write(text)


def test_the_files_of_a_host_are_read_with_those_of_folders(tmpdir):
    put(tmpdir, '/usr/share/iproute2/rt_tables', '255 local\n254 main\n1 old\n')
    put(tmpdir, '/usr/share/iproute2/rt_tables.d/a.conf', '7 packaged\n')
    put(tmpdir, '/etc/iproute2/rt_tables', '#\n# reserved\n254\tmain\n 100  vpn # ours\n0x65 hex\nnot a line\n5\n')
    put(tmpdir, '/etc/iproute2/rt_tables.d/a.conf', '8 ours\n')
    put(tmpdir, '/etc/iproute2/rt_tables.d/notes.txt', '9 ignored\n')
    os.mkdir(str(tmpdir) + '/etc/iproute2/rt_protos')
    names = Names(Host(root=str(tmpdir)))
    assert names('rt_tables') == {'local': 255, 'main': 254, 'old': 1, 'vpn': 100, 'hex': 101, 'ours': 8}
    assert names('rt_protos') == {} and names('rt_realms') == {}


def test_each_file_is_read_once(tmpdir):
    put(tmpdir, '/etc/iproute2/rt_tables', '100 vpn\n')
    names = Names(Host(root=str(tmpdir)))
    assert names('rt_tables') == {'vpn': 100}
    put(tmpdir, '/etc/iproute2/rt_tables', '101 vpn\n')
    assert names('rt_tables') == {'vpn': 100}
