"""make faults: every fault at every point, each in a world of its own, and a table of what was left.

usage: run.py [--jobs N] [--only TEXT]... [--every | --sample N] [--json FILE] [--no-tests]
  --every       errors and signals at each point; without it, of scenarios that both backends have, every other point is
                tried with the one backend and those in between with the other. (Kills are always tried at each point.)
  --only TEXT   the scenarios, tests and cases whose name holds the text; given several times, any of the texts
  --sample N    of each scenario and kind of fault only N points, spread over the whole
  --no-tests    the scenarios alone
It runs under the Python that the program is to run under.
"""

from __future__ import absolute_import, division, print_function

import atexit
import json
import optparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:1] = [TESTS]

from faults import cases, points  # noqa: E402
from faults.report import Report  # noqa: E402
from faults.scenarios import SCENARIOS  # noqa: E402

WORLD = os.path.join(TESTS, 'tools', 'world')
WORKER = os.path.join(TESTS, 'faults', 'worker.py')
CHUNK = 60
BACKENDS = (' netlink', ' iproute')
SHARED = ('error', 'signal')
# What a whole task may take, in seconds: sixty faults, some of which wait for helpers that never answer.
TASK_SECONDS = 900
_workers = []  # those that run


def end_workers():
    """At the end, also at one by a signal: none outlives the harness."""
    for popen in list(_workers):
        popen.kill()


class Harness(object):
    """Tasks, done by some threads, each of which waits for one world at a time.

    sample: of each way and kind of fault only so many points. every: none is left to the other backend. kinds: these
    alone; None for all.
    """

    def __init__(self, jobs, sample=None, kinds=None, every=False):
        self.jobs, self.sample, self.kinds, self.every = jobs, sample, kinds, every
        self.report = Report()
        self.tasks, self.busy = [], 0  # [(method, arguments, the first of which is the name)]
        self.condition = threading.Condition()

    def add(self, task, *arguments):
        with self.condition:
            self.tasks.append((task, arguments))
            self.condition.notify()

    def add_first(self, tasks):
        """Adds [(method, name, ...)] before all others: what is begun is done before the next is."""
        with self.condition:
            self.tasks[:0] = [(task[0], task[1:]) for task in tasks]
            self.condition.notify_all()

    def run(self):
        """Does all tasks, and those that they add."""
        threads = [threading.Thread(target=self._work) for _ in range(self.jobs)]
        for thread in threads:
            thread.daemon = True  # an interrupt ends the program
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(1)

    def _work(self):
        while True:
            with self.condition:
                while not self.tasks and self.busy:
                    self.condition.wait()
                if not self.tasks:
                    self.condition.notify_all()
                    return
                task, arguments = self.tasks.pop(0)
                self.busy += 1
            try:
                task(*arguments)
            except Exception as error:
                self.note('harness', 'left', '%s%r: %r' % (task.__name__, arguments[:1], error))
            with self.condition:
                sys.stderr.write('%s: done; %d to do\n' % (arguments[0], len(self.tasks) + self.busy - 1))
                self.busy -= 1
                self.condition.notify_all()

    def note(self, case, verdict, text=''):
        """As Report.note(); what was left is told at once, too."""
        with self.condition:
            self.report.note(case, verdict, text)
            if verdict == 'left':
                sys.stderr.write('== %s\n%s\n' % (case, text))

    def discover(self, name):
        """Finds the faults of a scenario and adds the tasks that try them."""
        result = ask({'scenario': name, 'discover': True})
        if 'error' in result:
            self.note(name, 'left', result['error'])
            return
        faults = self._sampled(name, result['faults'])
        self.add_first([(self.try_faults, name, faults[start:start + CHUNK])
                        for start in range(0, len(faults), CHUNK)])

    def _sampled(self, name, faults):
        """All, or some of each way and kind: [[direction, fault], ...]."""
        if self.kinds:
            faults = [row for row in faults if row[1]['kind'] in self.kinds]
        if self.every:
            return faults
        groups = {}
        for number, (direction, fault) in enumerate(faults):
            groups.setdefault((direction, fault['kind']), []).append(number)
        kept = set()
        for (_, kind), numbers in groups.items():
            if not self.sample:
                kept.update(_share(name, numbers) if kind in SHARED else numbers)
                continue
            # From the middle of each of so many equal parts: the ends of a run say least.
            parts = min(self.sample, len(numbers))
            kept.update(numbers[(2 * at + 1) * len(numbers) // (2 * parts)] for at in range(parts))
        return [faults[number] for number in sorted(kept)]

    def try_faults(self, name, faults):
        result = ask({'scenario': name, 'faults': faults})
        if 'error' in result:
            self.note(name, 'left', result['error'])
            return
        for direction, fault, verdict, text in result['rows']:
            case = '%s: %s' % (name, fault['kind'])
            self.note(case, verdict, '%s, %s\n%s' % (direction, points.name_of(fault), text) if text else '')
        if result['rest']:
            self.add_first([(self.try_faults, name, result['rest'])])

    def run_tests(self, case, words, environ):
        """Runs tests in a world of their own and counts them under the name of a case."""
        handle, path = tempfile.mkstemp(suffix='.xml')
        os.close(handle)
        try:
            popen = subprocess.Popen([WORLD, sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider',
                                      '--junitxml', path] + words, cwd=os.path.dirname(TESTS), close_fds=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, **environ))
            out = popen.communicate()[0].decode('utf-8', 'replace')
            counted = self._count(case, path)
            if popen.returncode != 0 and not counted:
                self.note(case, 'left', out[-4000:])
        finally:
            os.unlink(path)

    def _count(self, case, path):
        """Notes each test of a report of pytest's: how many failed."""
        failed = 0
        for test in ElementTree.parse(path).getroot().iter('testcase'):
            bad = [item for item in test if item.tag in ('failure', 'error')]
            if bad:
                failed += 1
                self.note(case, 'left', '%s\n%s' % (test.get('name'), (bad[0].text or '')[-3000:]))
            else:
                self.note(case, 'passed' if any(item.tag == 'skipped' for item in test) else 'survived')
        return failed


def _share(name, numbers):
    """What of the points of a scenario that both backends have is tried with this one."""
    if name.endswith(BACKENDS):
        return numbers[BACKENDS.index(' ' + name.split()[-1])::len(BACKENDS)]
    return numbers


def ask(task):
    """What a worker in a world of its own makes of a task."""
    popen = subprocess.Popen([WORLD, sys.executable, WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, close_fds=True)
    # The worker's world goes with it, and all that runs there. (unshare heeds no other signal.)
    timer = threading.Timer(TASK_SECONDS, popen.kill)
    timer.start()
    _workers.append(popen)
    try:
        out, err = popen.communicate(json.dumps(task).encode())
    finally:
        timer.cancel()
        _workers.remove(popen)
    try:
        return json.loads(out.decode())
    except ValueError:
        return {'error': 'no result, status %d: %s' % (popen.returncode, err.decode('utf-8', 'replace')[-3000:])}


def add_all(harness, options):
    """Adds the tasks that the options ask for."""
    def is_meant(name):
        return not options.only or any(text in name for text in options.only)

    for name in sorted(SCENARIOS):
        if is_meant(name):
            harness.add(harness.discover, name)
    if options.no_tests:
        return
    every = {'NETNSCTL_TEST_EVERY': '1'}
    for number, title, tests in cases.CASES:
        name = 'case %d: %s' % (number, title)
        if is_meant(name):
            harness.add(harness.run_tests, name, tests, every)
    for name, path in (('any order of commands', 'test_stateful.py'), ('many wires made and removed', 'test_soak.py')):
        if is_meant(name):
            harness.add(harness.run_tests, name, ['tests/faults/' + path], every)
    if is_meant('fuzz of the parsers'):
        harness.add(harness.run_tests, 'fuzz of the parsers', ['tests/unit/test_fuzz.py'], every)


def main():
    parser = optparse.OptionParser(usage=__doc__.strip())
    # One more than there are processors: many a task waits for what never answers.
    parser.add_option('--jobs', type='int', default=os.sysconf('SC_NPROCESSORS_ONLN') + 1)
    parser.add_option('--only', action='append')
    parser.add_option('--every', action='store_true')
    parser.add_option('--sample', type='int')
    parser.add_option('--json')
    parser.add_option('--no-tests', action='store_true')
    options = parser.parse_args()[0]
    if os.geteuid() != 0:
        parser.error('it makes network namespaces and links: run it as root')
    atexit.register(end_workers)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda number, _frame: sys.exit(128 + number))
    started = time.time()
    harness = Harness(options.jobs, options.sample, every=options.every)
    add_all(harness, options)
    try:
        harness.run()
    finally:  # also of what was done before a signal
        seconds = time.time() - started
        sys.stdout.write('\n%s\n\nin %d s\n' % (harness.report.table(), seconds))
        if options.json:
            with open(options.json, 'w') as sink:
                json.dump(harness.report.data(seconds), sink, indent=1, sort_keys=True)
    sys.exit(1 if harness.report.left else 0)


if __name__ == '__main__':
    main()
