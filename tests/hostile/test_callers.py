"""What whoever starts netnsctl can hand it: ignored signals, a Python environment, endless files."""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import sys
import threading

import pytest

from netnsctl.edge import child
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError
from support.aside import own_host
from support.process import run
from support.program import SOURCE

IGNORING = [sys.executable, '-c', 'import os, signal, sys\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n'
            'os.execv(sys.argv[1], sys.argv[1:])']


@pytest.fixture
def host(run_netnsctl):
    """A host of its own (support.aside.own_host), where namespaces a, b and c are."""
    found = own_host(run_netnsctl)
    found.sh('ip netns add a; ip netns add b; ip netns add c')
    yield found
    found.close()


def ignoring(host, *words):
    return run(host.prefix + IGNORING + host.program.argv(*words), environ=host.environ(), timeout=120)


def test_a_caller_that_ignores_its_children_changes_no_finding(host):
    found = []
    for result in (host('doctor', '--json', timeout=120), ignoring(host, 'doctor', '--json')):
        found.append(dict((item['check'], item['status']) for item in json.loads(result.out)['findings']))
    assert found[0] == found[1]


def test_a_caller_that_ignores_its_children_has_every_namespace_entered(host):
    result = ignoring(host, 'netns', '-all', 'exec', 'sh', '-c', 'exit 3')
    assert result.status == 0 and sorted(result.out.split()[1::2]) == ['a', 'b', 'c']
    for words in (['exec', 'a'], ['-all', 'exec']):
        result = ignoring(host, *['netns'] + words + ['grep', 'SigIgn', '/proc/self/status'])
        mask = int(result.out.partition('SigIgn:')[2].split()[0], 16)
        assert mask & 1 << signal.SIGCHLD - 1, 'handed on, as iproute2 does'


@pytest.mark.parametrize('backend', ['iproute', 'netlink'])
def test_a_caller_that_ignores_its_children_hears_what_went_wrong(host, backend):
    assert ignoring(host, 'wire', '--backend', backend, '--name', 'w', 'a:e=10.1.1.1/24', 'b:e=10.1.1.2/24').status == 0
    result = ignoring(host, 'wire', '--backend', backend, '--name', 'v', 'a:e=10.1.2.1/24', 'c:e=10.1.2.2/24')
    assert result.status == 4
    assert ignoring(host, 'unwire', 'w').status == 0


def test_the_library_under_a_caller_that_ignores_its_children_knows_how_helpers_ended():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert Host().run(['/bin/sh', '-c', 'exit 7']).status == 7
        assert child.run(lambda tell: tell('x'), 10, 'try') == 'x'
        assert signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN
        errors = []

        def elsewhere():
            try:
                Host().run(['/bin/sh', '-c', 'exit 7'])
            except NetnsctlError as error:
                errors.append(error)
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert 'SIGCHLD' in errors[0].message
    finally:
        signal.signal(signal.SIGCHLD, before)


# batches

@pytest.mark.parametrize('script', ['/dev/zero', '<(yes "x\\\\" | head -c 100000000)', '<(head -c 50000000 /dev/zero)'])
def test_a_batch_that_has_no_line_ends_soon(host, script):
    result = run(host.prefix + ['bash', '-c', 'ulimit -v 1000000; exec "$@" -batch ' + script, 'bash'] +
                 host.program.argv('netns'), environ=host.environ(), timeout=120)
    assert result.status == 1
    assert 'longer than' in result.err


def test_a_long_line_that_is_within_bounds_is_run(host):
    script = 'netns add x%s\n' % (' ' * 900000)
    assert host('netns', '-batch', '-', feed=script.encode('ascii')).status == 0
    host.sh('ip netns del x')


# the program as pip installs it

@pytest.fixture
def installed(tmpdir):
    """The words that run the program as pip leaves it: src/bin/netnsctl with the first line of this Python."""
    prefix = tmpdir / 'prefix'
    folder = prefix.join('lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')
    folder.ensure(dir=True)
    os.symlink(os.path.join(SOURCE, 'netnsctl'), str(folder / 'netnsctl'))
    script = prefix.join('bin', 'netnsctl')
    with open(os.path.join(SOURCE, 'bin', 'netnsctl')) as source:
        script.write('#!%s\n%s' % (sys.executable, source.read().partition('\n')[2]), ensure=True)
    os.chmod(str(script), 0o755)
    return str(script)


def put_evil(folder):
    for name in ('netnsctl', 'click', 'subprocess', 'json'):
        folder.join(name + '.py').write('raise SystemExit("evil")\n', ensure=True)


@pytest.mark.parametrize('variable', ['PYTHONPATH', 'PYTHONUSERBASE', 'HOME'])
def test_the_program_runs_nothing_that_the_environment_offers(installed, tmpdir, variable):
    folder = evil = tmpdir / 'evil'
    if variable != 'PYTHONPATH':
        evil = folder.join(*(['.local'] if variable == 'HOME' else []) + [
            'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages'])
    put_evil(evil)
    environ = {'PATH': os.environ['PATH'], variable: str(folder)}
    result = run([installed, 'netns', 'help'], environ=environ)
    assert 'ip netns list' in result.err and 'evil' not in result.err, result


def test_the_site_of_the_environment_is_run_by_python_itself_alone(installed, tmpdir):
    """pip leaves no -E in the first line: Python runs it before the program can say no. docs/install.md says so."""
    tmpdir.join('evil', 'sitecustomize.py').write('import os; os.write(2, b"run;")\n', ensure=True)
    result = run([installed, 'netns', 'help'], environ={'PATH': os.environ['PATH'], 'PYTHONPATH': str(tmpdir / 'evil')})
    assert result.err.count('run;') == 1 and 'ip netns list' in result.err, result


def test_a_symlink_to_the_program_adds_no_folder_to_its_modules(installed, tmpdir):
    link = tmpdir.join('sbin', 'netnsctl')
    link.dirpath().ensure(dir=True)
    link.mksymlinkto(installed)
    for folder in (link.dirpath(), tmpdir.join('prefix', 'bin')):
        put_evil(folder)
    result = run([str(link), 'netns', 'help'], environ={'PATH': os.environ['PATH']})
    assert 'ip netns list' in result.err and 'evil' not in result.err, result


def test_words_and_the_command_s_environment_are_passed_on(installed, host):
    result = run(host.prefix + [installed, 'netns', 'exec', 'a', 'printenv', 'PYTHONPATH'],
                 environ={'PATH': os.environ['PATH'], 'PYTHONPATH': '/nowhere'})
    assert (result.status, result.out) == (0, '/nowhere\n')
