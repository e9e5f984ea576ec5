"""Runs a scenario to and fro with a fault in each run, and judges what each of them left."""

from __future__ import absolute_import, division, print_function

import json
import os

from faults import oracle, points
from support import process

# What a program ends with that says so itself (design: 0 to 6, 128+N).
DONE = (0, 5)  # 5: it is wired, and the check of it failed
DECLARED = (0, 1, 2, 3, 4, 5, 6, 129, 130, 143)
TOLD = 6
ERROR_LINES = 4
SIGNALS = {'signal=TERM': 143, 'signal=INT': 130, 'signal=HUP': 129}


class Broken(Exception):
    """The ground is not what it was and cannot be mended: the rest needs a new one."""


class Hindered(object):
    """Context in which a fault that is no strace's is in place on a ground."""

    def __init__(self, ground, fault):
        self.ground, self.fault = ground, fault

    def __enter__(self):
        if 'helper' in self.fault:
            self.ground.helper_folder(self.fault['helper'])
        if 'before' in self.fault:
            self.ground.sh(self.fault['before'])

    def __exit__(self, *_):
        if 'helper' in self.fault:
            self.ground.helper_folder('')
            if os.path.exists(self.fault['log']):
                os.unlink(self.fault['log'])
        if 'after' in self.fault:
            self.ground.sh(self.fault['after'])


class Runner(object):
    """A scenario on its ground. sides: {'there': state before going there, 'back': state before going back}."""

    def __init__(self, scenario, ground):
        self.scenario, self.ground = scenario, ground
        ground.environ.update(scenario.environ)
        ground.hold(scenario.holders)
        ground.sh(scenario.setup or ':')
        # Folders that the first run makes stay, and so does what is remembered of ip.
        self.plainly('there')
        self.plainly('back')
        self.base = self.look()
        self.plainly('there')
        self.sides = {'there': self.base, 'back': self.look()}
        if oracle.same(*self.sides.values()):
            raise AssertionError('%s: nothing is done in it' % scenario.name)
        self.at = 'back'
        self.go('back')

    def look(self):
        return oracle.look(self.ground.pids, self.ground.root)

    def wait(self, states, seconds=4.0):
        """oracle.wait_for() on this ground; what it saw last is kept as now."""
        index, self.now = oracle.wait_for(states, self.ground.pids, self.ground.root, seconds)
        return index, self.now

    def plainly(self, direction):
        """Goes one way without a fault."""
        if direction == 'back' and self.scenario.back_sh:
            self.ground.sh(self.scenario.back_sh)
            return
        words = self.scenario.words(direction, self.ground)
        result = self.ground.run([], words, self.feed(direction))
        if result.status != 0:
            raise Broken('%s: without a fault: %r' % (' '.join(words), result))

    def go(self, direction):
        """Goes one way without a fault, if need be, and makes sure that it leads to the other side."""
        if self.at == direction:
            self.plainly(direction)
            self.arrive(other(direction))

    def arrive(self, side):
        """The ground is on that side now. Broken where it is not."""
        index, now = self.wait([self.sides[side]])
        if index is None:
            raise Broken('not as it was:\n' + oracle.difference(self.sides[side], now))
        self.at = side

    def feed(self, direction):
        return self.scenario.feed if direction == 'there' else self.scenario.feed_back

    def hit(self, direction, fault):
        """One run with one fault, and the next command after it: (verdict, text).

        Verdicts: survived; told (exit code 6: something is left, named, and the next command clears it away);
        passed (the run did not come to the point); left (what the oracle found, in text).
        """
        self.go(other(direction))
        words = self.scenario.words(direction, self.ground)
        if fault['kind'] == 'race':
            return self._race(direction, fault)
        with Hindered(self.ground, fault):
            result = self.ground.run(points.words_of(fault), words, self.feed(direction))
        if fault['kind'] == 'kill' or result.status in (-15, -2, -1):  # a signal before netnsctl listens to it
            verdict, text = self._after_kill(direction, words, result)
        else:
            verdict, text = self._after_error(direction, words, result, fault)
        lost = oracle.lost_identities(self.sides.values(), self.now)
        if lost:
            verdict, text = 'left', text + '\nnot what they were: ' + ', '.join(lost)
        return verdict, text

    def _race(self, direction, fault):
        """Many at once, of one way or both: each ends well, and then all is as after one of them."""
        started = []
        for number in range(fault['there'] + fault['back']):
            way = direction if number % 2 == 0 or not fault['back'] else other(direction)
            popen = self.ground.start(self.scenario.words(way, self.ground))
            popen.stdin.write(self.feed(way))
            popen.stdin.close()
            popen.stdin = None
            started.append(popen)
        results = [process.finish(popen) for popen in started]
        problems = [repr(result) for result in results if result.status != 0 or 'Traceback' in result.err]
        sides = [self.sides[other(direction)]] + ([self.sides[direction]] if fault['back'] else [])
        index, now = self.wait(sides)
        if index is None:
            problems.append('neither nothing nor all:\n' + oracle.difference(sides[0], now))
        else:
            self.at = other(direction) if index == 0 else direction
        return ('left', '\n'.join(problems)) if problems else ('survived', '')

    def _after_kill(self, direction, words, result):
        if result.status >= 0:
            problem = self._next(direction, words, False)
            return ('left', problem) if problem or result.status != 0 else ('passed', '')
        if self.scenario.settles:
            cleared = self.ground.run([], ['unwire', '--if-exists', 'no-such-wire'])
            if cleared.status != 0 or 'cannot' in cleared.err or 'damaged' in cleared.err:
                return 'left', 'the next command: %r' % cleared
            text = self._is_either(direction)
            if text:
                return 'left', 'the next command left neither nothing nor all:\n' + text
        problem = self._next(direction, words, True)
        return ('left', problem) if problem else ('survived', '')

    def _is_either(self, direction):
        """'' if the ground is on this side or the other; of a run of parts: if nothing in it is half done."""
        start, end = self.sides[direction], self.sides[other(direction)]
        index, now = self.wait([start, end], 0.3 if direction in self.scenario.parts else 4.0)
        if index is not None:
            return ''
        if direction not in self.scenario.parts:
            return oracle.difference(start, now) + '\n- or -\n' + oracle.difference(end, now)
        # A note of a save that counts is finished by whoever reads the tree next.
        left = oracle.temporary(now)
        listed = json.loads(self.ground.run([], ['ls', '--json']).out)['wires']
        return '\n'.join(left + ['%s is %s' % (wire['name'], wire['state'])
                                 for wire in listed if wire['state'] != 'whole'])

    def _after_error(self, direction, words, result, fault):
        problems = complaints(result, 4 * ERROR_LINES if direction in self.scenario.parts else ERROR_LINES)
        start, end = self.sides[direction], self.sides[other(direction)]
        # Too little even for Python itself.
        verdict = 'passed' if is_pythons_own(result.err) else 'survived'
        wanted = [end] if result.status in DONE else [start]
        if fault['kind'] == 'signal' and words[0] != 'wire':
            wanted.append(end)  # only a wire is rolled back; what is taken away, say, is so to its end
        index, now = self.wait(wanted, 0.3 if direction in self.scenario.parts or result.status == TOLD else 4.0)
        is_to_be_swept = False
        if index is None:
            if result.status == TOLD or result.status == 1 and (_is_told_by_plugin(result) or self._is_stale()):
                verdict = 'told'
            elif result.status == 0 and self.scenario.tells and self.scenario.tells in result.err:
                verdict, is_to_be_swept = 'told', True
                if self.scenario.stays and os.path.exists(self.scenario.stays):
                    os.unlink(self.scenario.stays)
            elif result.status in DONE and self.scenario.again and oracle.differ_in_old_files(end, now):
                is_to_be_swept = True  # what it could not remove goes with the next run
            elif result.status in DONE or direction not in self.scenario.parts:
                problems.append('status %d, and not as %s:\n%s' % (
                    result.status, 'after a good run' if result.status in DONE else 'before',
                    oracle.difference(wanted[0], now)))
            else:
                problems += [self._is_either(direction)]
        if fault['what'] in SIGNALS and result.status not in (0, SIGNALS[fault['what']]):
            problems.append('status %d' % result.status)
        problems.append(self._next(direction, words, is_to_be_swept or result.status not in DONE))
        if fault['kind'] == 'signal' and result.status == 0:
            verdict = 'passed'
        problems = [problem for problem in problems if problem]
        return ('left', '\n'.join(problems + [repr(result)])) if problems else (verdict, '')

    def _next(self, direction, words, is_undone):
        """The same command again: '' if it leads to the other side, or what is wrong. Of commands that a second run of
        is an error (`netns add`), what is in the way is taken away first."""
        end = self.sides[other(direction)]
        if not is_undone or not self.scenario.again and oracle.same(end, self.look()):
            index, now = self.wait([end])
            self.at = other(direction)
            return '' if index is not None else 'a good run left:\n' + oracle.difference(end, now)
        if not self.scenario.again:
            self._clear_name(direction)
        result = self.ground.run([], words, self.feed(direction))
        index, now = self.wait([end])
        if index is not None:
            self.at = other(direction)
        if result.status != 0:
            return 'the same command again: %r' % result
        return '' if index is not None else 'the same command again left:\n' + oracle.difference(end, now)

    def _clear_name(self, direction):
        """A name that was begun and leads to no namespace is told as stale by list, and delete removes it."""
        if direction == 'there' and self._is_stale():
            self.ground.run([], ['netns', 'delete', 'x'])

    def _is_stale(self):
        """Is there a name of the scenario's that list tells as stale?"""
        return (not self.scenario.again and os.path.lexists('/run/netns/x')
                and '"x" is stale' in self.ground.run([], ['netns', 'list']).err)

    def mend(self):
        """After a run that left something: back to the base by force, or Broken."""
        self.ground.run([], ['unwire', '--all'])
        try:
            if oracle.same(self.look(), self.sides['back']):
                self.at = 'back'
            else:
                self.plainly('there')
                self.plainly('back')
            self.arrive('there')
        except (Broken, AssertionError):
            # Whether this is one way or the other is as good as another ground.
            raise Broken('it cannot be mended')


def _is_told_by_plugin(result):
    """Has a plugin, whose status is 0 or 1, said in its own form what netnsctl says with TOLD?"""
    told = 'It is still in the journal: the next netnsctl command tries again.'
    return result.out.startswith('{') and told in result.out


def other(direction):
    return 'back' if direction == 'there' else 'there'


def is_pythons_own(text):
    """Did Python itself not start, with too little of something, and nothing of netnsctl's run?"""
    return 'Fatal Python error' in text or 'Traceback' in text and '/netnsctl/' not in text and '/site.py"' in text


def complaints(result, most_lines):
    """What is wrong in how a run told that it failed: list of text."""
    found = []
    if is_pythons_own(result.err):
        return found
    if 'Traceback' in result.err or 'Error:' in result.err.partition('\n')[0].partition(' ')[0]:
        found.append('a traceback')
    if result.status not in DECLARED:
        found.append('undeclared status %d' % result.status)
    # What the doctor finds, it prints.
    if result.status != 0 and not result.err.strip() and '  FAIL ' not in result.out:
        found.append('status %d without a word' % result.status)
    if len(result.err.splitlines()) > most_lines:
        found.append('%d lines of error' % len(result.err.splitlines()))
    return found
