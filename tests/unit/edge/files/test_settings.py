"""/etc/netnsctl.conf: read, refused with its line, and written without losing what else is in it."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from netnsctl.edge.files import settings
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.execution import backends


@pytest.fixture
def host(tmpdir):
    tmpdir.mkdir('etc')
    return Host(root=str(tmpdir), environ={})


@pytest.fixture
def write(host):
    """write(text, mode=0644) -> the path of the file."""
    def put(text, mode=0o644):
        path = host.path(settings.PLACE)
        with open(path, 'wb') as target:
            target.write(text.encode('utf-8'))
        os.chmod(path, mode)
        return path
    return put


def text_of(host):
    with open(host.path(settings.PLACE)) as source:
        return source.read()


def test_no_file_decides_nothing(host):
    assert settings.read(host).backend == 'auto'


@pytest.mark.parametrize('text, backend', [
    ('', 'auto'), ('# backend = netlink\n\n', 'auto'), ('backend = netlink\n', 'netlink'),
    ('  backend=iproute   # because\r\n', 'iproute'), ('backend = netlink', 'netlink')])
def test_what_a_file_says_holds(host, write, text, backend):
    write(text)
    assert settings.read(host).backend == backend


@pytest.mark.parametrize('text, line, reason', [
    ('\nbackend\n', 2, 'key = value'), ('backend = fast\n', 1, 'one of auto, iproute, netlink'),
    ('PATH = /x\n', 1, 'no key'), ('backend = auto\nbackend = netlink\n', 2, 'in line 1'),
    ('Backend = auto\n', 1, 'no key'), ('\x1b[2J = 1\n', 1, 'no key')])
def test_what_is_not_known_is_refused_with_its_line(host, write, text, line, reason):
    write(text)
    with pytest.raises(UsageError) as caught:
        settings.read(host)
    assert caught.value.message.startswith('/etc/netnsctl.conf:%d: ' % line) and reason in caught.value.message
    assert caught.value.exit_code == 2 and '\x1b' not in caught.value.message


def test_a_file_that_others_can_write_to_is_refused(host, write):
    write('backend = netlink\n', 0o664)
    with pytest.raises(UsageError) as caught:
        settings.read(host)
    assert 'users other than root can write' in caught.value.message and 'chmod 0644' in caught.value.hint


def test_a_folder_or_a_fifo_in_its_place_is_refused(host):
    path = host.path(settings.PLACE)
    for make, remove in ((os.mkdir, os.rmdir), (os.mkfifo, os.unlink)):
        make(path)
        with pytest.raises(UsageError):
            settings.read(host)
        remove(path)


def test_a_file_without_end_is_refused(host, write):
    write('#' * 70000)
    with pytest.raises(UsageError):
        settings.read(host)


def test_a_decision_is_written_into_a_new_file_that_all_can_read(host):
    before = os.umask(0o077)
    try:
        settings.record(host, 'backend', 'netlink')
    finally:
        os.umask(before)
    assert settings.read(host).backend == 'netlink'
    assert os.stat(host.path(settings.PLACE)).st_mode & 0o777 == 0o644


@pytest.mark.parametrize('before, after', [
    (u'# mine\n\nbackend = auto  # for now\n# end\n', u'# mine\n\nbackend = netlink  # for now\n# end\n'),
    (u'# only \xe9\n', u'# only \xe9\nbackend = netlink\n'),
    (u'# no line feed', u'# no line feed\nbackend = netlink\n'),
    (u'backend = auto\n\n\n', u'backend = netlink\n\n\n')])
def test_a_decision_leaves_all_else_in_the_file(host, write, before, after):
    path = write(before, 0o600)
    settings.record(host, 'backend', 'netlink')
    with open(path, 'rb') as source:
        assert source.read().decode('utf-8') == after
    assert os.stat(path).st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason='root alone gives files to groups')
def test_a_decision_leaves_the_file_to_the_group_that_may_read_it(host, write):
    path = write('# ours\n', 0o640)
    os.chown(path, 0, 4)
    settings.record(host, 'backend', 'netlink')
    found = os.stat(path)
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (0, 4, 0o640)


def test_a_decision_is_not_written_into_a_file_that_cannot_be_read_back(host, write):
    write('backend\n')
    with pytest.raises(UsageError):
        settings.record(host, 'backend', 'netlink')
    assert text_of(host) == 'backend\n'


def test_a_file_reached_by_a_symlink_is_written_where_it_is(host, tmpdir):
    real = tmpdir.join('real.conf')
    real.write('backend = auto\n')
    os.symlink(str(real), host.path(settings.PLACE))
    settings.record(host, 'backend', 'netlink')
    assert os.path.islink(host.path(settings.PLACE)) and real.read() == 'backend = netlink\n'


def test_no_folder_to_write_into_is_one_clear_error(tmpdir):
    with pytest.raises(NetnsctlError) as caught:
        settings.record(Host(root=str(tmpdir.join('none')), environ={}), 'backend', 'netlink')
    assert caught.value.message.startswith('write /etc/netnsctl.conf: No such file')


def test_auto_means_what_the_file_says_and_an_asked_for_backend_does_not(host, write):
    write('# decided\nbackend = netlink\n')
    choice = backends.choose(host)
    assert (choice.name, choice.reason) == ('netlink', '/etc/netnsctl.conf:2 says so')
    assert backends.choose(host, 'auto', many=True).reason == choice.reason
    write('backend = iproute\n')
    with pytest.raises(NetnsctlError) as caught:
        backends.choose(host)  # an empty root has no ip
    assert 'there is no ip' in caught.value.message and '/etc/netnsctl.conf:1 says so' in caught.value.hint
    assert backends.choose(host, 'netlink').reason == 'asked for'
