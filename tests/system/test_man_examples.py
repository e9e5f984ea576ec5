"""Every example of every manual page, run as it stands on a throwaway host."""
from __future__ import absolute_import, division, print_function

import pytest

from support import manpages, process
from support.aside import own_host
from support.containers import IDLE
from support.examples import Example, quoted
from support.lacking import lacking
from support.manpages import Page

pytestmark = pytest.mark.one_python  # the pages are the same under every Python

# Those of podman's are run in tests/runtimes, with podman.
PAGES = [name for name in manpages.names() if name not in ('netnsctl-repo.8', 'netnsctl-podman.7')]
NAMESPACES = ('a', 'b', 'c')
CONTAINERS = ('web', 'db')


class PageExample(Example):
    """An Example that runs manual pages."""

    def run_page(self, name, edit=lambda command: command):
        """All blocks of a page: commands are run, what stands below one is what it prints; a block below the name of a
        file is written to it. The number of commands."""
        count = 0
        for said, block in Page(name).blocks():
            if said.startswith('/'):
                self.write(said, '\n'.join(block))
                continue
            while block:
                command, printed = block.pop(0), []
                assert command.startswith('# '), command
                while block and not block[0].startswith('# '):
                    printed.append(block.pop(0))
                out = self.run(edit(command[2:]))
                assert not printed or out.splitlines() == printed, (command, out)
                count += 1
        return count


@pytest.fixture
def containers(own_engine):
    """The variables that lead to a Docker Engine on which web and db run, with no network."""
    if isinstance(own_engine, str):
        lacking('docker', own_engine)
    try:
        for name in CONTAINERS:
            process.must(own_engine.command + ['run', '-d', '--net=none', '--name', name, own_engine.image]
                         + list(IDLE))
        yield own_engine.environ
    finally:
        for name in CONTAINERS:
            process.run(own_engine.command + ['rm', '-f', name])


@pytest.fixture
def example(run_netnsctl):
    """An Example on a host of its own."""
    host = own_host(run_netnsctl)
    try:
        for name in NAMESPACES:
            host.sh('ip netns add ' + name)
        yield PageExample(host)
    finally:
        host.close()


def takes_containers(name):
    return any('docker:' in text for said, block in Page(name).blocks() for text in [said] + block)


WITH_CONTAINERS = [name for name in PAGES if takes_containers(name)]


@pytest.mark.parametrize('name', [name for name in PAGES if name not in WITH_CONTAINERS])
def test_the_examples_of_a_page_work_as_they_stand(example, name):
    assert example.run_page(name) == len(Page(name).examples()) > 0


@pytest.mark.parametrize('name', WITH_CONTAINERS)
def test_the_examples_of_a_page_with_containers_work_as_they_stand(example, containers, name):
    example.environ.update(containers)
    assert example.run_page(name) == len(Page(name).examples()) > 0


def test_the_examples_of_the_tree_make_what_its_page_says(example, containers):
    example.environ.update(containers)
    example.run_page('ifcfg-netns.5', lambda command: 'true' if command == 'netnsctl down' else command)
    assert example.run('netnsctl netns exec b cat /etc/resolv.conf').splitlines()[1:] == [
        'search example.org', 'nameserver 10.1.1.1']
    assert 'lookup 100' in example.run('ip -n c rule show priority 1000')
    assert 'via 10.2.0.1' in example.run('ip -n c route show table 100')
    assert example.run('ip -n c -4 -o address show dev out').count('10.2.0.') >= 2
    assert 'nothing to do' in example.run('netnsctl up')
    example.run('netnsctl check --all')
    assert 'unwired' in example.run('netnsctl down')


def test_the_examples_of_repo_work_with_a_repository_that_is_there(rpm_host):
    """The one of the page is on a server; key and packages are the tests' own."""
    example = PageExample(rpm_host)
    rpm_host.sh('cp %s /mnt/RPM-GPG-KEY-RDO-Havana' % quoted(rpm_host.packages.key))

    def edit(command):
        if '--gpgkey' not in command:
            return command
        return '%s --fingerprint %s --baseurl file://%s' % (command, rpm_host.packages.fingerprint,
                                                            rpm_host.packages.repo('good'))
    assert example.run_page('netnsctl-repo.8', edit) == 4
    assert '130.el6ost.netns.2' in rpm_host.sh('rpm -q iproute')
