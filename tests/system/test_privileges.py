"""Without the privileges: one line that says what is missing, exit code 1, nothing changed."""

from __future__ import absolute_import, division, print_function

import pytest

from support import process
from support.untouched import assert_untouched, own_state


def assert_refused(result, before):
    assert result.status == 1 and result.out == '', result
    lines = result.err.splitlines()
    assert lines[0].startswith('netnsctl: ') and 'Traceback' not in result.err, result
    assert [line for line in lines[1:] if not line.startswith('  ')] == [] and len(lines) <= 3, result
    assert 'root' in result.err or 'CAP_' in result.err or 'ermi' in result.err, result
    assert_untouched(before, 1.0)


@pytest.mark.parametrize('backend', ['auto', 'iproute', 'netlink'])
def test_not_root(as_nobody, pair, backend):
    before = own_state()
    assert_refused(as_nobody('wire', '--backend', backend, *pair), before)


@pytest.mark.parametrize(
    'words',
    [
        'unwire {0} {1}',
        'unwire --all',
        'unwire {0}-{1}',
        'ls',
        'check --all',
        'wire {0} {1} --dry-run',
        'show {0}-{1}',
        'check {0}-{1}',
    ],
)
def test_not_root_for_the_other_commands(as_nobody, run_netnsctl, pair, words):
    assert run_netnsctl('wire', *pair).status == 0
    before = own_state()
    result = as_nobody(*words.format(*pair).split())
    assert result.status == 1 and 'Traceback' not in result.err and result.err, (words, result)
    assert_untouched(before, 1.0)


@pytest.mark.parametrize('backend', ['auto', 'iproute', 'netlink'])
@pytest.mark.parametrize('capability', ['net_admin', 'sys_admin'])
def test_root_without_a_capability(run_netnsctl, pair, capability, backend):
    before = own_state()
    words = run_netnsctl.argv('wire', '--backend', backend, *pair)
    result = process.run(['setpriv', '--bounding-set', '-' + capability] + words, environ=run_netnsctl.environ())
    assert_refused(result, before)
    assert run_netnsctl('wire', '--backend', backend, *pair).status == 0


@pytest.mark.parametrize('capability', ['net_admin', 'sys_admin'])
def test_unwiring_without_a_capability_leaves_the_wire_to_be_unwired(run_netnsctl, pair, capability):
    empty = own_state()
    assert run_netnsctl('wire', *pair).status == 0
    before = own_state()
    words = run_netnsctl.argv('unwire', *pair)
    result = process.run(['setpriv', '--bounding-set', '-' + capability] + words, environ=run_netnsctl.environ())
    if result.status == 1:
        assert_untouched(before, 1.0)
    assert run_netnsctl('unwire', '%s-%s' % pair).status == 0
    assert result.status in (1, 6) and 'Traceback' not in result.err, result
    assert_untouched(empty)


def test_root_of_a_user_namespace(run_netnsctl, pair):
    before = own_state()
    if process.run(['unshare', '--user', '--map-root-user', 'true']).status != 0:
        pytest.skip('no user namespaces here')
    words = run_netnsctl.argv('wire', *pair)
    result = process.run(['unshare', '--user', '--map-root-user'] + words, environ=run_netnsctl.environ())
    assert_refused(result, before)
