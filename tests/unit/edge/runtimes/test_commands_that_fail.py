"""What every command of a runtime may do wrong."""
from __future__ import absolute_import, division, print_function

import time

import pytest

from netnsctl.edge.runtimes import container, engines, finding
from netnsctl.edge.host import Host
from netnsctl.errors import NoAnswerError, NotFoundError
from support.fake_runtimes import failure_of, put, put_liar

COMMANDS = [(runtime.scheme, runtime.program) for runtime in finding.RUNTIMES]
NONSENSE = [b'garbage\n', b'\xff\xfe\x00\x1b[2J', b'PID: -7\nLeader=-7\nClass=container\n', b'[{"State":{"Pid":-7}}]',
            b'PID: 99999999999999999999\n', b'9' * 30, b'Leader=0\nClass=container\n', b'[null]', b'[' * 100000]


@pytest.mark.parametrize('out', NONSENSE, ids=[str(each) for each in range(len(NONSENSE))])
@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_prints_nonsense_is_a_declared_error(tree, scheme, program, out):
    for status in (0, 3):
        host = put_liar(tree, program, out, status=status)
        error = failure_of(finding.by_scheme(scheme).lookup, host, 'a')
        assert scheme in error.message and not isinstance(error, NotFoundError)


@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_prints_ten_megabytes_is_a_declared_error(tree, scheme, program):
    host = put_liar(tree, program, b'x' * (10 << 20))
    assert 'more than' in failure_of(finding.by_scheme(scheme).lookup, host, 'a').message


@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_fails_without_a_word_is_a_declared_error(tree, scheme, program):
    error = failure_of(finding.by_scheme(scheme).lookup, put_liar(tree, program, status=9), 'a')
    assert 'it printed nothing (status 9)' in error.message and scheme in error.message


@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_never_ends_is_no_answer(tree, scheme, program, monkeypatch):
    monkeypatch.setattr(engines, 'PODMAN_SECONDS', 0.2)
    monkeypatch.setattr(container, 'SECONDS', 0.2)
    start = time.time()
    error = failure_of(finding.by_scheme(scheme).lookup, put_liar(tree, program, before='exec /bin/sleep 600'), 'a')
    assert isinstance(error, NoAnswerError) and '%s gave no answer within 0.2 s' % program in error.message
    assert time.time() - start < 300


@pytest.mark.parametrize('scheme, program', COMMANDS)
def test_a_program_that_cannot_be_run_is_a_declared_error(tree, scheme, program):
    put(tree, '/stand/' + program, '#!/nonexistent\n', 0o755)
    host = Host(root=tree, environ={}, path='/stand')
    assert scheme in failure_of(finding.by_scheme(scheme).lookup, host, 'a').message
    assert finding.by_scheme(scheme).version(host) is None
