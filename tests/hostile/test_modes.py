"""Files and folders under any umask, and state that somebody else could have written."""
from __future__ import absolute_import, division, print_function

import os
import stat

import pytest

from netnsctl.edge.files import own_files
from netnsctl.edge.host import Host
from netnsctl.edge.packages.nevra import Nevra
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.repository import saved
from support.aside import own_host
from support.process import run

NOBODY = 65534


@pytest.fixture
def host(run_netnsctl):
    """A host of its own (support.aside.own_host), where namespaces a and b are."""
    found = own_host(run_netnsctl)
    found.sh('ip netns add a; ip netns add b')
    yield found
    found.close()


@pytest.fixture
def no_umask():
    """umask 000, as a careless service or container leaves it."""
    before = os.umask(0)
    yield
    os.umask(before)


def call(host, umask, *words):
    return run(host.prefix + ['sh', '-c', 'umask %s; exec "$@"' % umask, 'sh'] + host.program.argv(*words),
               environ=host.environ())


def modes(host):
    """{path: mode} of all that netnsctl keeps."""
    rows = host.sh('for folder in /run/netnsctl /var/lib/netnsctl /etc/sysconfig/netns /etc/netnsctl.conf /etc/netns '
                   '/run/netns; do [ ! -e $folder ] || find $folder ! -type l -printf "%m %p\\n"; done')
    return dict((line.split(None, 1)[1], int(line.split()[0], 8)) for line in rows.splitlines())


@pytest.mark.parametrize('umask', ['000', '077', '022'])
def test_all_that_is_made_has_its_mode_whatever_the_umask(host, umask):
    host.sh('ip netns del a; ip netns del b; umount /run/netns; rmdir /run/netns')
    for words in (['netns', 'add', 'a'], ['netns', 'add', 'b'],
                  ['wire', '--save', '--name', 'w', 'a:eth0=10.1.1.1/24', 'b:eth0=10.1.1.2/24'], ['ls'], ['down'],
                  ['up'], ['check', 'w']):
        result = call(host, umask, *words)
        assert result.status == 0, (words, result.err)
    found = modes(host)
    assert not [path for path, mode in found.items() if mode & 0o022]
    for path in ('/run/netns', '/etc/sysconfig/netns', '/etc/sysconfig/netns/a'):
        assert found[path] == 0o755, path
    assert found['/etc/sysconfig/netns/a/ifcfg-eth0'] == 0o644
    for path in ('/run/netnsctl', '/run/netnsctl/wires'):
        assert found[path] == 0o700, path
    assert found['/run/netnsctl/wires/w.json'] == 0o600


def test_the_folder_of_a_kept_iproute_and_those_above_it_are_roots_alone(no_umask, tmpdir):
    package = Nevra('iproute', '0', '2.6.32', '31.el6', 'x86_64')
    found = saved.make(Host(root=str(tmpdir)), package, package)
    for path in (found.folder, os.path.dirname(found.folder)):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
    for path in ('var/lib', 'var'):
        assert stat.S_IMODE(os.stat(str(tmpdir / path)).st_mode) == 0o755


def test_a_kept_iproute_that_others_could_have_put_there_is_not_put_back(tmpdir):
    package = Nevra('iproute', '0', '2.6.32', '31.el6', 'x86_64')
    host = Host(root=str(tmpdir))
    found = saved.make(host, package, package)
    with open(os.path.join(found.folder, 'note.json'), 'w') as stream:
        stream.write('{"before": ["a", "0", "1", "1", "x"], "package": ["a", "0", "2", "1", "x"]}')
    os.chmod(os.path.join(found.folder, 'note.json'), 0o600)
    assert saved.find(host) is not None
    for path in (os.path.dirname(found.folder), found.folder, os.path.join(found.folder, 'note.json')):
        mode = stat.S_IMODE(os.stat(path).st_mode)
        os.chmod(path, mode | 0o002)
        with pytest.raises(NetnsctlError):
            saved.find(host)
        os.chmod(path, mode)
        os.chown(path, NOBODY, NOBODY)
        with pytest.raises(NetnsctlError):
            saved.find(host)
        os.chown(path, 0, 0)
    assert saved.find(host) is not None


SPOILT = ['chmod 0777 /run/netnsctl', 'chown nobody /run/netnsctl', 'chmod 0770 /run/netnsctl/wires',
          'chown nobody /run/netnsctl/wires', 'mv /run/netnsctl /run/other; ln -s /run/other /run/netnsctl']


@pytest.mark.parametrize('script', SPOILT)
def test_state_that_is_not_roots_alone_is_refused_by_every_reader(host, script):
    assert host('wire', '--name', 'w', 'a', 'b').status == 0
    host.sh(script)
    for words in (['ls'], ['ls', '--json'], ['show', 'w'], ['check', 'w'], ['unwire', 'w'], ['unwire', '--all'],
                  ['down'], ['config', 'save', 'w']):
        result = host(*words)
        assert result.status != 0, words
        assert 'Traceback' not in result.err
        said = result.err + result.out
        assert 'only its owner can write to' in said or 'other than its owner can write to it' in said, (words, said)
    host.sh('ip -n a link show eth0')
    finding = host('doctor', 'wires').out
    assert 'only its owner can write to' in finding and 'ls -lanR /run/netnsctl' in finding, finding


@pytest.mark.parametrize('script', ['chmod 0666 /run/netnsctl/wires/w.json', 'chown nobody /run/netnsctl/wires/w.json'])
def test_a_record_that_others_could_have_written_is_not_acted_upon(host, script):
    assert host('wire', '--name', 'w', 'a', 'b').status == 0
    host.sh(script)
    assert 'users other than its owner can write to it' in host('ls').err
    assert host('ls').out == ''
    for words in (['show', 'w'], ['check', 'w'], ['unwire', 'w'], ['config', 'save', 'w']):
        result = host(*words)
        assert result.status == 1 and 'users other than its owner can write to it' in result.err, words
    host.sh('ip -n a link show eth0')


def test_a_folder_in_the_way_of_the_state_is_refused_with_how_to_look(host):
    host.sh('mkdir -m 0777 /run/netnsctl')
    result = host('wire', 'a', 'b')
    assert result.status == 1
    assert 'ls -lan /run/netnsctl' in result.err


def test_a_file_is_created_with_its_mode_or_not_at_all(no_umask, tmpdir):
    path = str(tmpdir / 'x')
    os.close(own_files.create(path))
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with pytest.raises(OSError):
        own_files.create(path)
    os.symlink(path, str(tmpdir / 'l'))
    with pytest.raises(OSError):
        own_files.create(str(tmpdir / 'l'))


def test_folders_above_one_that_is_made_are_not_open_to_others(no_umask, tmpdir):
    path = str(tmpdir / 'a' / 'b' / 'c')
    own_files.make_folder(path, parents=True)
    assert [stat.S_IMODE(os.stat(each).st_mode) for each in (path, os.path.dirname(path), str(tmpdir / 'a'))] == [
        0o700, 0o755, 0o755]
    with pytest.raises(NetnsctlError):
        own_files.make_folder(str(tmpdir / 'x' / 'y'))


@pytest.mark.parametrize('target', ['a', 'netns://a', '/run/netns/a'])
@pytest.mark.parametrize('mode', ['777', '1777', '775'])
def test_a_name_is_no_namespace_where_others_can_give_names(host, mode, target):
    host.sh('chgrp 65534 /run/netns; chmod %s /run/netns' % mode)
    result = call(host, '022', 'wire', '--name', 'w', target + ':eth0=10.1.1.1/24', 'netns://b:eth0=10.1.1.2/24')
    assert result.status == 1 and 'users other than root can write to /var/run/netns' in result.err
    found = call(host, '022', 'doctor', 'netns-dir')
    assert found.status == 1 and 'chmod go-w /var/run/netns' in found.out
    host.sh('chmod go-w /run/netns')
    assert call(host, '022', 'doctor', 'netns-dir').status == 0
    assert call(host, '022', 'wire', target + ':eth0=10.1.1.1/24', 'netns://b:eth0=10.1.1.2/24').status == 0
