"""Fixtures of the tests that run the doctor on the real kernel."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import process
from support.aside import own_host


def findings_of(result):
    """What `doctor --json` printed: {check: finding}, after a look that it is whole."""
    document = json.loads(result.out)
    assert document['version'] == 1 and document['fit'] == (result.status == 0), result
    assert 'Traceback' not in result.err
    return dict((finding['check'], finding) for finding in document['findings'])


@pytest.fixture
def doctor(run_netnsctl):
    """doctor(*names, before=[...]) -> (exit code, {check: finding}). before: words before it (strace, setpriv)."""
    def call(*names, **options):
        before = options.pop('before', [])
        result = process.run(list(before) + run_netnsctl.argv('doctor', '--json', *names),
                             environ=run_netnsctl.environ(**options))
        return result.status, findings_of(result)
    return call


@pytest.fixture
def one(doctor):
    """one(check, before=[...]) -> its finding."""
    def call(name, **options):
        return doctor(name, **options)[1][name]
    return call


class World(object):
    """A throwaway host (support.aside.own_host): sh(script) runs a shell in it and netnsctl(*words) the program, which
    must not fail; doctor(check) -> its finding; paste(finding) runs the commands of a remedy."""

    def __init__(self, program):
        self.aside = own_host(program)
        self.sh = self.aside.sh

    def netnsctl(self, *words):
        return process.must(self.aside.argv(*words), environ=self.aside.environ())

    def doctor(self, name):
        return findings_of(self.aside('doctor', '--json', name))[name]

    def paste(self, finding):
        for command in finding['remediation']['commands']:
            words = self.aside.program.argv()
            # `netnsctl`, as on a host where it is installed.
            process.must(self.aside.prefix + ['bash', '-euc', 'netnsctl() { "${PROGRAM[@]}" "$@"; }; PROGRAM=("$@"); '
                                              + command, 'bash'] + words, environ=self.aside.environ())


@pytest.fixture
def world(run_netnsctl):
    made = World(run_netnsctl)
    yield made
    made.aside.close()


@pytest.fixture
def private_names():
    """Words that run a command where /run/netns is an empty private tmpfs that nobody else sees."""
    hold = 'mkdir -p /run/netns && mount -t tmpfs -o mode=755 none /run/netns && echo ready && exec cat'
    holder = process.start(['unshare', '-m', 'sh', '-c', hold])
    assert holder.stdout.readline() == b'ready\n'
    yield ['nsenter', '--target', '%d' % holder.pid, '--mount']
    process.finish(holder)
