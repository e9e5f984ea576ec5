"""The bash completion offers containers that run, as `docker ps` and `podman ps` list them."""
from __future__ import absolute_import, division, print_function

import os
import socket

import pytest

from support.completing import Complete

PS = ('CONTAINER ID   IMAGE            COMMAND        CREATED       STATUS       PORTS   NAMES\n'
      '0123456789ab   busybox:latest   "sleep 1000"   2 hours ago   Up 2 hours           %s\n')


@pytest.fixture
def with_runtimes(tmpdir):
    """with_runtimes(docker=text, podman=text) -> Complete for a host whose runtimes print this for `ps`."""
    def make(**printed):
        tmpdir.ensure('bin', dir=True)
        for name, text in printed.items():
            program = tmpdir.join('bin', name)
            tmpdir.join(name + '.out').write(text.encode('utf-8') if isinstance(text, type(u'')) else text, 'wb')
            program.write('#!/bin/sh\n[ "$*" = ps ] || exit 1\necho asked >>%s\nexec /bin/cat %s\n' % (
                tmpdir.join(name + '.asked'), tmpdir.join(name + '.out')))
            program.chmod(0o755)
        tmpdir.ensure('var/lib/containers/storage', dir=True)
        place = tmpdir.ensure('var/run', dir=True).join('docker.sock')
        if 'docker' in printed and not place.check():
            listener = socket.socket(socket.AF_UNIX)
            old = os.getcwd()
            os.chdir(str(place.dirpath()))  # the path of a socket is short
            try:
                listener.bind('docker.sock')
            finally:
                os.chdir(old)
            listener.close()
        return Complete(tmpdir, str(tmpdir.join('bin')))
    return make


def test_containers_that_run_are_targets(with_runtimes):
    complete = with_runtimes(docker=PS % 'web,db/alias', podman=PS % 'worker')
    assert complete('netnsctl wire docker://') == ['//web']
    assert complete('netnsctl wire podman://w') == ['//worker']
    assert complete('netnsctl wire w') == ['web', 'worker']
    assert complete('netnsctl unwire docker://w') == ['//web']
    assert complete('netnsctl wire lxc://') == []


def test_a_container_that_has_files_and_runs_is_offered_once(with_runtimes, tmpdir):
    tmpdir.ensure('etc/sysconfig/netns/docker:web/x')
    complete = with_runtimes(docker=PS % 'web' + '1 x 1 other   \n')
    assert complete('netnsctl wire docker://') == ['//other', '//web']


@pytest.mark.parametrize('name', [
    '$(>made)', '`>made`', ';>made', '*', "it's", '"', '\\', '-x', '~root', '\x1b[31m', '!!', '{a,b}', '>made', '&',
    '#x',
    '--all', '../x', u'caf\xe9', ',,,', ',', '<(>made)', '$x', '${x[$(>made)]}'])
def test_hostile_names_of_containers_are_not_offered_and_run_nothing(with_runtimes, tmpdir, name):
    complete = with_runtimes(docker=PS % name + '1 x well\n')
    for setting in ('', 'shopt -s extglob nullglob', 'set -u', 'shopt -s failglob'):
        assert complete('netnsctl wire docker://', setting) == ['//well']
    assert not tmpdir.join('made').check()


def test_what_docker_prints_without_end_is_not_waited_for(with_runtimes, tmpdir):
    complete = with_runtimes(docker='')
    complete.path += ':/usr/bin:/bin'
    tmpdir.join('bin', 'docker').write('#!/bin/sh\nexec sleep 1000\n')
    assert complete('netnsctl wire docker://') == []


def test_no_runtime_is_asked_where_there_is_no_trace_of_it_and_for_other_words(with_runtimes, tmpdir):
    complete = with_runtimes(docker=PS % 'web', podman=PS % 'worker')
    for words in ('un', 'wire --', 'show w', 'up ', 'wire a=', 'wire x/'):
        complete('netnsctl ' + words)
    assert not tmpdir.join('docker.asked').check() and not tmpdir.join('podman.asked').check()
    tmpdir.join('var/run/docker.sock').remove()
    tmpdir.join('var/lib/containers/storage').remove()
    assert complete('netnsctl wire w') == []
