"""What was seen under which kernel: the results that tests/kernels/run keeps in build/kernels, and their tables."""
from __future__ import absolute_import, division, print_function

import json
import os
import re

from kernels import chosen
from support.program import TOP

FOLDER = os.path.join(TOP, 'build', 'kernels')
OUTCOMES = ('passed', 'skipped', 'failed')


def note(results, report):
    """Adds one report of one phase of a test (guest_results.write_report) to {test: [outcome, reason, seconds]}."""
    name, outcome = report['nodeid'], report['outcome']
    known = results.setdefault(name, ['passed', '', 0])
    if report['when'] == 'call':
        known[2] = round(report['duration'], 1)
    if outcome == 'passed' or known[0] == 'failed':
        return
    longrepr = report['longrepr']
    reason = longrepr[2] if isinstance(longrepr, list) else report['message'] or str(longrepr).splitlines()[-1]
    known[:2] = [outcome, reason.replace('Skipped: ', '', 1).splitlines()[0] if reason else '']


def path_of(release, python, part):
    return os.path.join(FOLDER, '%s-%s-%s.json' % (release, python, part))


def write(row):
    """Keeps one guest's row: release, python, part, kernel, complete, seconds, results."""
    if not os.path.isdir(FOLDER):
        os.makedirs(FOLDER)
    with open(path_of(row['release'], row['python'], row['part']), 'w') as out:
        json.dump(row, out, indent=1, sort_keys=True)


def read():
    """All rows that are kept, oldest kernel first."""
    rows = []
    for name in sorted(os.listdir(FOLDER)) if os.path.isdir(FOLDER) else ():
        if name.endswith('.json'):
            with open(os.path.join(FOLDER, name)) as source:
                rows.append(json.load(source))
    return sorted((row for row in rows if row['kernel']), key=lambda row: (
        numbers(row['kernel']), numbers(row['python']), chosen.PARTS.index(row['part'])))


def numbers(version):
    """6.12.117+deb13-amd64 -> [6, 12], to sort by."""
    return [int(word) for word in version.split('-')[0].split('+')[0].split('.')[:2]]


def is_complete(release, python, part):
    """Is there a result of a guest that came to its end?"""
    try:
        with open(path_of(release, python, part)) as source:
            return json.load(source)['complete']
    except (OSError, IOError, ValueError):
        return False


def count(results):
    """[passed, skipped, failed]"""
    return [len([1 for outcome, _, _ in results.values() if outcome == wanted]) for wanted in OUTCOMES]


def counted(row):
    text = ', '.join('%d %s' % pair for pair in zip(count(row['results']), OUTCOMES))
    return text if row['complete'] else text + ', and not all were run'


def failures(row):
    """[(test, its last line)]"""
    return sorted((name, reason) for name, (outcome, reason, _) in row['results'].items() if outcome == 'failed')


def table(rows):
    """The tables, as Markdown: tests by kernel and Python, what works under which kernel, why tests are skipped."""
    return '\n'.join(by_python(rows) + [''] + by_feature(rows) + [''] + by_reason(rows))


def by_python(rows):
    lines = ['| Debian | kernel | Python | tests | passed | skipped | failed |', '|---|---|---|---|---|---|---|']
    for row in rows:
        lines.append('| %s | %s | %s | %s | %s |' % (
            row['release'], row['kernel'], row['python'], row['part'] + ('' if row['complete'] else ' (in part)'),
            ' | '.join('%d' % number for number in count(row['results']))))
    return lines


def kernels_of(rows):
    """Each kernel once, in the rows' order."""
    return sorted(set(row['kernel'] for row in rows), key=numbers)


def by_feature(rows):
    kernels = kernels_of(rows)
    lines = ['| | since | %s |' % ' | '.join('.'.join(str(n) for n in numbers(kernel)) for kernel in kernels),
             '|---|---|%s' % ('---|' * len(kernels))]
    for feature in chosen.rows():
        cells = [verdict(feature, [row for row in rows if row['kernel'] == kernel]) for kernel in kernels]
        lines.append('| %s | %s | %s |' % (feature.label, feature.kernel, ' | '.join(cells)))
    return lines


def verdict(feature, rows):
    """What a kernel makes of a row, in all rows' guests: a few words."""
    found = [tuple(result) for row in rows for name, result in row['results'].items() if chosen.of_row(feature, name)]
    passed, skipped, failed = [len([1 for one in found if one[0] == outcome]) for outcome in OUTCOMES]
    if failed:
        return '%d of %d fail' % (failed, len(found))
    if passed:
        return 'works (%d%s)' % (passed, ', %d skipped' % skipped if skipped else '')
    return 'skipped' if skipped else 'not run'


def short(reason):
    """Without what differs from run to run: a path, or what a program said that was tried here."""
    return re.sub(r'((?<=here): |; /).*', '', reason)


def by_reason(rows):
    found = {}
    for row in rows:
        for outcome, reason, _ in row['results'].values():
            if outcome == 'skipped':
                found.setdefault(short(reason), {}).setdefault(row['kernel'], []).append(1)
    lines = ['| skipped since | tests, by kernel |', '|---|---|']
    for reason in sorted(found):
        lines.append('| %s | %s |' % (reason.replace('|', '\\|'), ', '.join(
            '%s: %d' % ('.'.join(str(n) for n in numbers(kernel)), len(found[reason][kernel]))
            for kernel in sorted(found[reason], key=numbers))))
    return lines
