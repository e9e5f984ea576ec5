"""Processes timed from outside, and what is made of the figures. Nothing here knows what is measured."""
from __future__ import absolute_import, division, print_function

import json
import os
import platform
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
# Python 2 has only the clock.
clock = getattr(time, 'perf_counter', time.time)


class Skipped(Exception):
    """A part, or a contender, that this machine cannot have; its text says why."""


class Spent(object):
    """What one process took: seconds (wall clock), cpu (seconds, user and system, with its children's), peak (resident
    memory in kilobytes; the kernel counts from the fork on, so nothing is less than the bench itself)."""
    __slots__ = ('seconds', 'cpu', 'peak')

    def __init__(self, seconds, cpu, peak):
        self.seconds, self.cpu, self.peak = seconds, cpu, peak


def run(argv, environ=None, feed=None):
    """Runs a command to its end: Spent. What it prints goes nowhere; a failure ends the bench with its words."""
    with open(os.devnull, 'r+') as null:
        start = clock()
        process = subprocess.Popen(argv, stdin=feed or null, stdout=null, stderr=subprocess.PIPE, env=environ)
        words = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = clock() - start
    process.returncode = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
    process.stderr.close()
    if process.returncode:
        raise SystemExit('bench: %s: ended with %d: %s' % (' '.join(argv)[-200:], process.returncode,
                                                          words.decode('utf-8', 'replace')[-2000:]))
    return Spent(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def ask(argv):
    """What a command prints on standard output. OSError, CalledProcessError."""
    with open(os.devnull, 'r+') as null:
        process = subprocess.Popen(argv, stdin=null, stdout=subprocess.PIPE, stderr=null, universal_newlines=True)
        out = process.communicate()[0]
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, argv)
    return out


def median(values):
    """The middle one; of an even number the mean of the middle two."""
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def summary(spents, bases=None, count=1):
    """Figures of one contender over its rounds: plain data. bases: the Spents of the same rounds that it is held
    against; count: how many things each process made. The ratio is the median of the rounds' ratios."""
    found = {'rounds': len(spents), 'seconds': median([item.seconds for item in spents]),
             'cpu_seconds': median([item.cpu for item in spents]),
             'peak_kilobytes': max(item.peak for item in spents),
             'all_seconds': [round(item.seconds, 6) for item in spents]}
    found['milliseconds_each'] = found['seconds'] / count * 1e3
    if bases:
        found['ratio'] = median([mine.seconds / base.seconds for mine, base in zip(spents, bases)])
        found['cpu_ratio'] = median([mine.cpu / base.cpu for mine, base in zip(spents, bases) if base.cpu] or [0])
    return found


def side_by_side(calls, rounds, warm=1):
    """Runs {name: function that returns Spent} in turn, round by round, so that what else the machine does meets all of
    them alike: {name: [Spent]}. warm: rounds before those that count."""
    spent = dict((name, []) for name in calls)
    for number in range(rounds + warm):
        for name, call in calls.items():
            item = call()
            if number >= warm:
                spent[name].append(item)
    return spent


def machine():
    """The machine and its programs, as plain data."""
    with open('/proc/cpuinfo') as source:
        models = [line.partition(':')[2].strip() for line in source if line.startswith('model name')]
    with open('/proc/meminfo') as source:
        memory = int(source.readline().split()[1])
    return {'processor': models[0] if models else platform.machine(), 'cores': os.sysconf('SC_NPROCESSORS_ONLN'),
            'memory_megabytes': memory // 1024, 'kernel': platform.release(), 'python': platform.python_version(),
            'ip': ask(['ip', '-V']).split(',')[1].strip(),
            'commit': _commit(), 'load_average': list(os.getloadavg())}


def _commit():
    try:
        return ask(['git', '-C', TOP, '-c', 'safe.directory=*', 'describe', '--always', '--dirty']).strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def say(text=''):
    """Prints a line at once: a bench takes minutes."""
    print(text)
    sys.stdout.flush()


def show(title, columns, rows):
    """Prints a table: columns are their heads, rows are lists of text; all but the first column right-aligned."""
    say()
    say(title)
    widths = [max(len(row[at]) for row in [columns] + rows) for at in range(len(columns))]
    for row in [columns] + rows:
        say('  ' + '  '.join(cell.ljust(width) if at == 0 else cell.rjust(width)
                             for at, (cell, width) in enumerate(zip(row, widths))).rstrip())


def write_json(path, document):
    with open(path, 'w') as target:
        json.dump(document, target, indent=2, sort_keys=True)
        target.write('\n')
