"""What came of it: a table for a person, JSON for a program."""

from __future__ import absolute_import, division, print_function

import platform

HEADER = ('case', 'runs', 'survived', 'told', 'not reached', 'left')


class Report(object):
    """rows: {case: {'runs', 'survived', 'told', 'passed', 'left': [text]}} in the order of note()."""

    def __init__(self):
        self.rows, self.order = {}, []

    def note(self, case, verdict, text=''):
        """One run of a case: survived, told (said with exit code 6), passed (the point was not
        reached, or a test was skipped), left (text says what)."""
        if case not in self.rows:
            self.order.append(case)
            self.rows[case] = {'runs': 0, 'survived': 0, 'told': 0, 'passed': 0, 'left': []}
        row = self.rows[case]
        row['runs'] += 1
        if verdict == 'left':
            row['left'].append(text)
        else:
            row[verdict] += 1

    @property
    def left(self):
        """What was left, of all cases: list of (case, text)."""
        return [(case, text) for case in self.order for text in self.rows[case]['left']]

    def table(self):
        lines = [HEADER]
        for case in self.order:
            row = self.rows[case]
            lines.append((case, row['runs'], row['survived'], row['told'], row['passed'], len(row['left'])))
        totals = [sum(line[column] for line in lines[1:]) for column in range(1, 6)]
        lines.append(('all',) + tuple(totals))
        width = max(len(line[0]) for line in lines)
        return '\n'.join('%-*s' % (width, line[0]) + ''.join('%13s' % (cell,) for cell in line[1:]) for line in lines)

    def data(self, seconds):
        return {'python': platform.python_version(), 'kernel': platform.release(), 'seconds': round(seconds, 1),
                'cases': [dict(self.rows[case], case=case) for case in self.order]}
