"""Names in /run/netns that are symlinks to a process's namespace, as people make them by hand."""
from __future__ import absolute_import, division, print_function

import os

import pytest


@pytest.fixture
def symlink():
    """symlink(name, pid): /run/netns/NAME leads to the network namespace of the process."""
    made = []

    def make(name, pid):
        path = '/run/netns/' + name
        if os.path.islink(path):
            os.unlink(path)
        os.symlink('/proc/%d/ns/net' % pid, path)
        made.append(path)
    yield make
    for path in set(made):
        os.unlink(path)


def test_a_container_with_a_symlink_of_its_name_is_recorded_as_the_container(run_netnsctl, docker, netns, symlink):
    web, db = docker.run('web'), netns('db')
    symlink(web, docker.pid(web))
    words = ['wire', '--name', 'w' + web, web + ':eth0=10.67.0.1/24', db + ':eth0=10.67.0.2/24']
    first = run_netnsctl(*words)
    assert first.status == 0 and 'docker://%s:eth0' % web in first.out, first.err
    docker.restart(web)
    again = run_netnsctl(*words)
    assert again.status == 0 and again.out.startswith('wired'), again.err
    symlink(web, docker.pid(web))
    assert run_netnsctl(*words).out.startswith('already wired')
    assert run_netnsctl('unwire', web, db).status == 0


def test_a_symlink_alone_is_recorded_as_the_name_and_follows_it_to_the_next_process(run_netnsctl, docker, netns,
                                                                                    symlink):
    container, db = docker.run('c'), netns('db')
    symlink(db + 'l', docker.pid(container))
    words = ['wire', '--name', 'w' + db, db + 'l:eth0=10.67.0.1/24', db + ':eth0=10.67.0.2/24']
    assert run_netnsctl(*words).status == 0
    assert run_netnsctl(*words).out.startswith('already wired')
    docker.restart(container)
    gone = run_netnsctl(*words)
    assert gone.status == 3 and 'netns' in gone.err
    symlink(db + 'l', docker.pid(container))
    again = run_netnsctl(*words)
    assert again.status == 0 and again.out.startswith('wired'), again.err
