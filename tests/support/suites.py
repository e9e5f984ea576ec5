"""What tests/tools/run runs: which files of tests under which Python, in which runs of pytest."""
from __future__ import absolute_import, division, print_function

import collections
import os
import shutil
import subprocess
import sys
import tempfile
import time

from support import quick
from support.program import TOP

# (suite, into how many runs its files are dealt), the longest first, so that all end at about the same time.
SUITES = (('uml', 3), ('system', 6), ('packaging', 2), ('integration', 2), ('hostile', 1), ('unit', 1))
# Suites of which `make test-all` runs nothing: they take long, or need what has to be fetched first.
APART = (('installing', 2), ('runtimes', 1), ('ansible', 2), ('firewalls', 1))
NAMES = [name for name, _ in SUITES + APART]
# Suites that one Python is enough for.
PYTHON3_ALONE = ('packaging', 'runtimes', 'ansible', 'firewalls')
NO_TESTS = 5  # pytest's exit code


class Job(object):
    """One run of pytest. prefix: what it is run by; python: a Python; is_sample: tests/conftest.py says of what."""

    def __init__(self, prefix, python, title, words, is_sample=False):
        self.title = 'Python %s, %s' % (python.version, title)
        self.argv = prefix + [python.path, '-m', 'pytest'] + os.environ.get('PYTEST_ARGS', '').split() + words
        self.environ = dict(os.environ, PYTHONPATH=os.pathsep.join(python.libraries + [os.path.join(TOP, 'src')]))
        if is_sample:
            self.environ['NETNSCTL_TEST_SAMPLE'] = '1'
        self.output = self.process = self.begun = self.took = self.folder = None

    def start(self, live):
        # Of its own, since a pytest that starts takes the one of all away from others than root. Short, for sockets.
        self.folder = tempfile.mkdtemp(prefix='t', dir='/tmp')
        os.chmod(self.folder, 0o755)
        self.environ['PYTEST_DEBUG_TEMPROOT'] = self.folder
        self.output = None if live else tempfile.TemporaryFile()
        self.begun = time.time()
        print('== %s: started' % self.title)
        sys.stdout.flush()
        self.process = subprocess.Popen(self.argv, env=self.environ, stdout=self.output, stderr=self.output)

    def has_ended(self):
        if self.took is None and self.process.poll() is not None:
            self.took = time.time() - self.begun
            shutil.rmtree(self.folder, ignore_errors=True)
        return self.took is not None

    def end(self):
        if not self.has_ended():
            # unshare takes no other signal, and its world ends with it.
            self.process.kill()
            self.process.wait()
            self.has_ended()

    def show(self):
        """Prints the output that was kept."""
        if self.output is not None:
            self.output.seek(0)
            print('== %s:' % self.title)
            sys.stdout.flush()
            shutil.copyfileobj(self.output, getattr(sys.stdout, 'buffer', sys.stdout))
            self.output.close()
        print('== %s' % self)
        sys.stdout.flush()

    def failed(self):
        return self.process.returncode not in (0, NO_TESTS)

    def __str__(self):
        outcome = 'FAILED' if self.failed() else 'passed' if self.process.returncode == 0 else 'no tests'
        return '%s: %s, %d s' % (self.title, outcome, self.took)


Python = collections.namedtuple('Python', 'version path libraries')
PYTHON3 = Python('3', os.path.join('.venv', 'bin', 'python'), [])


def find_python(version):
    """[Python] of a Python 2.6 or 2.7, set up for the tests; [] where there is none, which it says."""
    finding = subprocess.Popen(['tests/tools/find-python' + version], stdout=subprocess.PIPE)
    path = finding.communicate()[0].decode().strip()
    if finding.returncode == 0:
        if version == '2.6' and subprocess.call(['tests/tools/python2.6', path]) != 0:
            sys.exit(1)
        return [Python(version, path, [os.path.join(TOP, '.venv' + version.replace('.', ''))])]
    if version == '2.6':
        print('== PYTHON26=PATH names one that is not on PATH as python2.6')
    print('== Python %s: none found, its tests are skipped' % version)
    if 'python' + version in os.environ.get('NETNSCTL_TEST_REQUIRE', '').split():
        sys.exit('== and NETNSCTL_TEST_REQUIRE asks for it: failed')
    return []


def files_of(suite):
    """The files with tests of a suite, from the top."""
    found = []
    for folder, _, names in os.walk(os.path.join('tests', suite)):
        found += [os.path.join(folder, name) for name in names if name.startswith('test_') and name.endswith('.py')]
    return sorted(found)


def deal(paths, count):
    """[(number, some of the files, or path::test)], in as many parts; what is of one file stays together."""
    files = sorted(set(path.partition('::')[0] for path in paths))
    hands = [[path for path in paths if files.index(path.partition('::')[0]) % count == hand] for hand in range(count)]
    return [(number + 1, hand) for number, hand in enumerate(hands) if hand]


def jobs_of(words, prefix):
    """[Job] of the words of a command line, in the order in which they start."""
    if words == ['quick']:
        return [Job(prefix, PYTHON3, 'unit', ['tests/unit'])] + [
            Job(prefix, PYTHON3, 'quick tests, part %d' % number, hand) for number, hand in deal(quick.paths(), 3)] + [
            Job(prefix, PYTHON3, 'quick tests in a guest', quick.GUEST)]
    rest = words == ['rest']
    # Names of tests begin at the folder of pytest.ini.
    left_out = sum([['--deselect', os.path.relpath(path, 'tests')] for path in quick.paths() + quick.GUEST if rest], [])
    pythons = find_python('2.6') if words[0] == '--python2.6' else [PYTHON3] + find_python('2.7')
    jobs = []
    for suite, count in SUITES if rest else [row for row in SUITES + APART if row[0] in words]:
        for python in pythons:
            if python is not PYTHON3 and suite in PYTHON3_ALONE or rest and suite == 'unit' and python is PYTHON3:
                continue
            # Under an old Python `make test-system` and `make test-integration` have all.
            is_sample = rest and python is not PYTHON3
            files = quick.paths(quick.PYTHON2) if is_sample and suite == 'system' else files_of(suite)
            jobs += [Job(prefix, python, '%s, part %d' % (suite, number) if count > 1 else suite,
                         (left_out if python is PYTHON3 else []) + hand, is_sample)
                     for number, hand in deal(files, count)]
    return jobs
