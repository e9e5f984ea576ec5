"""Names on which another mount namespace has a namespace: real ones are in system/test_names_elsewhere.py."""
from __future__ import absolute_import, division, print_function

import errno
import os

import pytest

from netnsctl import errors
from netnsctl.edge.host import Host
from netnsctl.edge.survey import elsewhere
from netnsctl.usecases.doctor.kernel import netnsdir

ROOT = b'20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw'
RUN = b'21 20 0:25 / /run rw shared:2 - tmpfs tmpfs rw,mode=755'
PLACE = (b'0:25', b'/netns')


def lines(*more):
    return b'\n'.join((ROOT, RUN) + more) + b'\n'


@pytest.mark.parametrize('more,names', [
    ((), []),
    ((b'30 21 0:4 net:[4026532100] /run/netns/a rw shared:3 - nsfs nsfs rw',), [b'a']),
    # Linux 3.8 to 3.18, and 2.6.32-431.el6.
    ((b'30 21 0:3 net:[4026532100] /run/netns/a rw shared:3 - proc proc rw',
      b'31 21 0:3 /1234/ns/net /run/netns/b rw - proc proc rw'), [b'a', b'b']),
    # The folder bound on itself, and the same folder at another place.
    ((b'30 21 0:25 /netns /run/netns rw shared:2 - tmpfs tmpfs rw',
      b'31 30 0:4 net:[4026532100] /run/netns/a\\040b rw - nsfs nsfs rw'), [b'a b']),
    ((b'30 20 0:25 /netns /mnt rw - tmpfs tmpfs rw', b'31 30 0:4 net:[4026532100] /mnt/a rw - nsfs nsfs rw'), [b'a']),
    # Another folder, another file system, and something else than a namespace.
    ((b'30 21 0:4 net:[4026532100] /run/docker/netns/a rw - nsfs nsfs rw',
      b'31 20 0:26 / /mnt rw - tmpfs tmpfs rw', b'32 31 0:4 net:[4026532100] /mnt/netns/a rw - nsfs nsfs rw',
      b'33 21 8:1 /etc/passwd /run/netns/b rw - ext4 /dev/sda1 rw'), []),
    # What a process with another root directory sees; and no lines at all.
    ((b'31 99 0:4 net:[4026532100] /netns/a rw - nsfs nsfs rw', b'x', b'1 2 3 4 5 6 -', b'-'), [])])
def test_the_names_are_found_by_the_file_that_is_mounted_on(more, names):
    found = [place for place, _ in elsewhere.namespaces_in(elsewhere.parse(lines(*more)))]
    assert sorted(path[len('/netns/'):] for device, path in found
                  if device == PLACE[0] and path.startswith(PLACE[1] + b'/')) == names


@pytest.mark.parametrize('more,seen', [
    ((b'21 20 0:25 / /run rw shared:2 - tmpfs tmpfs rw',), True),
    ((b'21 20 0:25 /netns /names rw - tmpfs tmpfs rw',), True),
    ((b'21 20 0:25 /docker.sock /run/docker.sock rw - tmpfs tmpfs rw',), False),
    ((b'21 20 0:25 /net /run/netns rw - tmpfs tmpfs rw',), False)])
def test_what_a_symlink_leads_to_is_asked_only_where_the_symlink_is_seen(more, seen):
    """A container may have a namespace of its own at that path."""
    text = b'\n'.join((ROOT,) + more + (b'30 20 0:4 net:[4026532100] /srv/a rw - nsfs nsfs rw',))
    found = elsewhere.Mounts({}, None)
    found.add(7, text, PLACE)
    assert found.points == ({b'/srv/a': 7} if seen else {}) and found.places == {(b'8:1', b'/srv/a'): 7}


@pytest.mark.parametrize('more,number', [
    ((), b'21'),
    ((b'30 21 0:25 /netns /run/netns rw - tmpfs tmpfs rw', b'29 30 0:25 /netns /run/netns rw - tmpfs tmpfs rw'), b'29'),
    # Hidden below a later mount, whatever their numbers; and a mount beside it.
    ((b'30 21 0:25 /netns /run/netns rw - tmpfs tmpfs rw', b'23 21 0:26 / /run rw - tmpfs tmpfs rw'), b'23'),
    ((b'30 21 0:26 / /run/net rw - tmpfs tmpfs rw', b'31 21 0:26 / /run/netns/a rw - tmpfs tmpfs rw'), b'21')])
def test_the_mount_of_a_path_is_the_one_that_the_path_leads_to(more, number):
    assert elsewhere.mount_of(elsewhere.parse(lines(*more)), b'/run/netns').number == number


@pytest.mark.parametrize('text,number', [
    # The root directory of a process that is no mount point: its own mount is not listed.
    (b'30 99 0:25 / /run rw - tmpfs tmpfs rw\n31 99 0:25 / /mnt rw - tmpfs tmpfs rw\n', b'30'),
    (b'1 1 0:2 / / rw - rootfs rootfs rw\n30 1 0:25 / / rw - tmpfs tmpfs rw\n', b'30'),
    (b'30 99 0:25 / /mnt rw - tmpfs tmpfs rw\n', None), (b'', None)])
def test_the_mount_of_a_path_is_found_below_any_root(text, number):
    found = elsewhere.mount_of(elsewhere.parse(text), b'/run/netns')
    assert (found and found.number) == number


@pytest.mark.parametrize('path', ['/proc/self/mountinfo', '/proc/2/stat'])
@pytest.mark.parametrize('number', errors.FAILURES)
def test_a_disk_or_process_that_fails_is_not_taken_for_nothing_mounted(tmpdir, monkeypatch, path, number):
    opened = elsewhere.open_cloexec

    def fails(name, flags):
        if name == path:
            raise OSError(number, os.strerror(number))
        return opened(name, flags)

    monkeypatch.setattr(elsewhere, 'open_cloexec', fails)
    with pytest.raises(OSError) as caught:
        elsewhere.look(str(tmpdir))
    assert caught.value.errno == number


def test_a_folder_that_cannot_be_opened_is_not_taken_for_one_where_nothing_is_mounted(tmpdir, monkeypatch):
    found = elsewhere.Mounts(elsewhere.parse(lines()), None)
    tmpdir.join('a').write('')
    assert found.why_kept(str(tmpdir.join('a'))) is None

    def fails(name, flags):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(elsewhere, 'open_cloexec', fails)
    with pytest.raises(OSError):
        found.why_kept(str(tmpdir.join('a')))


def test_the_doctor_removes_no_name_of_which_it_cannot_tell_who_uses_it(tmpdir, monkeypatch):
    tmpdir.mkdir('s1')

    def fails(folder):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(netnsdir.netns, 'NETNS_DIR', str(tmpdir))
    assert netnsdir.find_removable(Host()) == ['s1']
    monkeypatch.setattr(elsewhere, 'look', fails)
    with pytest.raises(errors.NetnsctlError) as caught:
        netnsdir.find_removable(Host())
    assert caught.value.message == 'see who uses the name s1: Input/output error'


def test_a_directory_is_known_to_be_no_namespace_without_permission_to_enter_one(tmpdir, monkeypatch):
    tmpdir.mkdir('s1')
    tmpdir.join('s2').mksymlinkto('s1')

    def refuses(path, name):
        raise errors.KernelError('enter %s: not permitted' % name, errno.EPERM)

    monkeypatch.setattr(netnsdir.netns, 'NETNS_DIR', str(tmpdir))
    monkeypatch.setattr(netnsdir.netns, 'open_path', refuses)
    assert [netnsdir.look_at(Host(), name) for name in ('s1', 's2')] == [
        'a directory, not a namespace', 'a symlink to a directory, which is not a namespace']
