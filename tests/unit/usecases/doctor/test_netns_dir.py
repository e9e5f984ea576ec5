"""The doctor's checks of /var/run/netns, on folders made for the test."""
from __future__ import absolute_import, division, print_function

import os
import subprocess

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases.doctor.kernel import netnsdir


FIX = ['netnsctl doctor --fix netns-dir']


def mountinfo(*mounts):
    """The text for (mount point, is it shared) in the order of mounting, each on the one that its point was on."""
    lines = []
    for number, (point, shared) in enumerate(mounts):
        on = [index for index, mount in enumerate(mounts[:number])
              if (point + '/').startswith(mount[0].rstrip('/') + '/')]
        lines.append('%d %d 0:%d / %s rw,relatime %s- tmpfs tmpfs rw\n'
                     % (20 + number, 20 + on[-1] if on else 1, number, point, 'shared:1 ' if shared else ''))
    return ''.join(lines)


@pytest.mark.parametrize('mounts', [
    [('/', False), ('/var/run/netns', True)], [('/', True)], [('/', False), ('/var/run', True)],
    [('/var/run/netns', False), ('/var/run/netns', True)],
    [('/', True), ('/var/run/net', False)],
    # Hidden below a later one.
    [('/', False), ('/var/run/netns', False), ('/var/run', True)],
])
def test_names_on_a_shared_mount_are_quiet(tree, mounts):
    host = tree({'var/run/netns/a': '', 'proc/self/mountinfo': mountinfo(*mounts)})
    assert netnsdir.check_netns_dir(host).status == 'ok'


@pytest.mark.parametrize('mounts', [
    [('/', False)], [('/', True), ('/var/run/netns', False)], [('/', True), ('/var/run', False)],
    [('/', True), ('/var/run/netns', True), ('/var/run', False)],
])
def test_names_that_are_not_shared_are_an_advice(tree, mounts):
    finding = netnsdir.check_netns_dir(tree({'var/run/netns/a': '', 'proc/self/mountinfo': mountinfo(*mounts)}))
    assert (finding.status, finding.remediation.commands) == ('warn', FIX)


def test_names_below_the_mount_of_the_directory_are_counted(tree):
    lines = ['20 1 0:5 / / rw - tmpfs t rw', '21 20 0:4 net:[1] /var/run/netns/a rw - nsfs nsfs rw',
             '22 20 0:4 net:[2] /var/run/other/b rw - nsfs nsfs rw', '23 20 0:5 /c /var/run/netns/c rw - tmpfs t rw',
             '24 20 0:5 /var/run/netns /var/run/netns rw shared:1 - tmpfs t rw',
             '25 24 0:4 net:[1] /var/run/netns/a rw shared:2 - nsfs nsfs rw']
    finding = netnsdir.check_netns_dir(tree({'var/run/netns/a': '', 'proc/self/mountinfo': '\n'.join(lines)}))
    assert finding.status == 'warn' and finding.text.startswith('1 of 1 names in /var/run/netns cannot be removed')
    assert ('mounted below', 'a') in finding.evidence and finding.remediation.commands == FIX


def test_no_folder_of_names_or_an_empty_one_is_quiet(tree, tmpdir):
    host = tree({'proc/self/mountinfo': mountinfo(('/', False))})
    tmpdir.join('var/run').ensure(dir=True)
    assert 'does not exist yet' in netnsdir.check_netns_dir(host).text
    assert netnsdir.check_netns_names(host).text == 'no names'
    tmpdir.join('var/run/netns').ensure(dir=True)
    finding = netnsdir.check_netns_dir(host)
    assert finding.status == 'ok' and 'empty' in finding.text


def test_a_file_in_the_place_of_the_folder_is_in_the_way(tree):
    finding = netnsdir.check_netns_dir(tree({'var/run/netns': ''}))
    assert finding.status == 'fail' and 'not a directory' in finding.text
    assert finding.remediation.commands == ['netnsctl doctor --fix netns-dir']


def test_mounts_that_cannot_be_read_are_said_to_be_so(tree, tmpdir):
    tmpdir.join('var/run/netns').ensure(dir=True)
    finding = netnsdir.check_netns_dir(tree())
    assert finding.status == 'warn' and 'could not find out how' in finding.text


@pytest.fixture
def first_pid_namespace(monkeypatch):
    """All processes are seen, and none has mounts that matter."""
    monkeypatch.setattr(netnsdir.elsewhere, 'sees_all_processes', lambda: True)
    monkeypatch.setattr(netnsdir.elsewhere, '_texts', lambda: [])


def a_dead_pid():
    process = subprocess.Popen(['/bin/true'])
    process.wait()
    return process.pid


def test_stale_names_are_told_with_what_they_are(tree, tmpdir, first_pid_namespace):
    host = tree({'var/run/netns/file': 'x'})
    folder = tmpdir.join('var/run/netns')
    folder.join('folder').ensure(dir=True)
    pid = a_dead_pid()
    os.symlink('/proc/%d/ns/net' % pid, str(folder.join('dead')))
    os.symlink('/nowhere', str(folder.join('dangling')))
    os.symlink('/etc/passwd', str(folder.join('passwd')))
    os.mkfifo(str(folder.join('fifo')))
    os.symlink('/proc/self/ns/net', str(folder.join('well')))
    finding = netnsdir.check_netns_names(host)
    assert finding.status == 'warn' and finding.text.startswith('6 of 7 names lead to no namespace')
    seen = dict(finding.evidence)
    assert seen['dead'] == 'a symlink to process %d, which is gone' % pid
    assert seen['dangling'] == 'a symlink to /nowhere, which is gone'
    assert seen['passwd'] == 'a symlink to a file, which is not a namespace'
    assert seen['file'] == 'a file, not a namespace' and seen['folder'] == 'a directory, not a namespace'
    assert 'fifo' in seen and 'well' not in seen
    assert finding.remediation.commands == ['rm /var/run/netns/dangling', 'rm /var/run/netns/dead',
                                            'rmdir /var/run/netns/folder', 'rm /var/run/netns/passwd']
    assert 'Look at fifo, file yourself' in finding.remediation.prose


def test_names_that_lead_to_namespaces_are_quiet(tree, tmpdir):
    host = tree()
    tmpdir.join('var/run/netns').ensure(dir=True)
    for name in 'ab':
        os.symlink('/proc/self/ns/net', str(tmpdir.join('var/run/netns', name)))
    finding = netnsdir.check_netns_names(host)
    assert (finding.status, finding.text) == ('ok', '2 names, each of a namespace')


@pytest.mark.skipif(os.geteuid() == 0, reason='root may look at everything')
def test_without_root_names_of_others_are_not_called_stale(tree, tmpdir):
    host = tree()
    tmpdir.join('var/run/netns').ensure(dir=True)
    os.symlink('/proc/1/ns/net', str(tmpdir.join('var/run/netns', 'init')))
    assert 'cannot be examined without root' in netnsdir.check_netns_names(host).text


def test_a_name_that_becomes_a_namespace_meanwhile_is_not_called_stale(tree, tmpdir, monkeypatch):
    host = tree({'var/run/netns/new': ''})
    path = str(tmpdir.join('var/run/netns/new'))

    def mount_it(_seconds):
        os.unlink(path)
        os.symlink('/proc/self/ns/net', path)
    monkeypatch.setattr(netnsdir.time, 'sleep', mount_it)
    assert netnsdir.check_netns_names(host).status == 'ok'


@pytest.mark.parametrize('name', ['plain', 'a b', "it's", '$(id)', '-rf', '*', '"`$x', 'new\nline', '\x1b[31m',
                                  'it\'s back\\slash\n'])
def test_a_quoted_name_comes_out_of_bash_as_it_was(name):
    word = netnsdir.quote(name)
    assert '\n' not in word and '\x1b' not in word
    process = subprocess.Popen(['bash', '-c', 'printf %s ' + word], stdout=subprocess.PIPE)
    assert process.communicate()[0] == name.encode()


def test_a_quoted_name_that_is_no_utf8_comes_out_of_bash_as_it_was(tmpdir):
    raw = b'b\xff\xc3\xa9'
    open(os.path.join(str(tmpdir).encode(), raw), 'w').close()
    word = netnsdir.quote(Host().listdir(str(tmpdir))[0])
    process = subprocess.Popen(['bash', '-c', 'printf %s ' + word], stdout=subprocess.PIPE)
    assert process.communicate()[0] == raw


# Names whose process is gone and its PID another's; integration/doctor/test_names.py has real ones.

@pytest.fixture
def named(tree, tmpdir, monkeypatch):
    """named(seconds) -> a Host with a name `x` of this process, which then started so long after the name was made."""
    def make(seconds, target=None):
        host = tree({'proc/%d/stat' % os.getpid(): '%d (a (b) c) S 1' % os.getpid()})
        tmpdir.join('var/run/netns').ensure(dir=True)
        os.symlink(target or '/proc/%d/ns/net' % os.getpid(), str(tmpdir.join('var/run/netns/x')))
        made = os.lstat(str(tmpdir.join('var/run/netns/x'))).st_ctime
        monkeypatch.setattr(netnsdir.netns, 'start_time', lambda pid: 0)
        monkeypatch.setattr(netnsdir, '_boot_time', lambda: made + seconds)
        return host
    return make


@pytest.mark.parametrize('seconds,words', [(1.5, '1 s'), (59, '59 s'), (180, '3 minutes'), (7300, '2 hours'),
                                           (86400 * 9, '9 days')])
def test_a_process_that_started_after_its_name_was_made_is_another_one(named, seconds, words, first_pid_namespace):
    finding = netnsdir.check_netns_names(named(seconds))
    assert finding.status == 'warn' and '1 of 1 names lead to a process that has the PID of the one' in finding.text
    assert ('x', 'a symlink to process %d (a (b) c), which started %s after the symlink was made'
            % (os.getpid(), words)) in finding.evidence
    assert finding.remediation.commands == ['rm /var/run/netns/x']


@pytest.mark.parametrize('seconds', [-1000, -0.01, 0, 0.9])
def test_a_process_that_started_before_or_in_the_same_moment_is_meant(named, seconds):
    assert netnsdir.check_netns_names(named(seconds)).status == 'ok'


@pytest.mark.parametrize('target', ['/proc/self/ns/net', '/proc/thread-self/ns/net',
                                    '/proc/self/task/%d/ns/net' % os.getpid()])
def test_a_name_that_is_no_processs_is_not_held_against_one(named, target):
    assert netnsdir.find_reused(named(1000, target)) == []


def test_the_kernels_count_began_before_this_process_started():
    assert netnsdir._boot_time() < os.stat('/proc/self').st_ctime + 1
