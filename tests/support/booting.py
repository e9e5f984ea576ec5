"""What tests/boot/run makes of its guests: one TAP document of all boots, and one boot's time limit and end."""

from __future__ import absolute_import, division, print_function

import os
import re
import select
import subprocess
import sys
import time

from support.process import native

CUT = '# cut the power'
CONSOLE_LINES = 30
ENDING_SECONDS = 60
RESULT = re.compile(r'(ok|not ok) \d+ - (.*)')
PLAN = re.compile(r'1\.\.(\d+)$')
UNPRINTABLE = re.compile('[^ -~]')


class Tap(object):
    """Prints one document of the boots' documents: the tests are numbered on, and one plan is at the end."""

    def __init__(self):
        self.count = self.failed = 0

    def result(self, good, name):
        """Prints one test's result."""
        self.count += 1
        self.failed += not good
        print('%s %d - %s' % ('ok' if good else 'not ok', self.count, name))
        sys.stdout.flush()

    def remark(self, line):
        """Prints a line that is no result."""
        print(line if line.startswith('#') else '# ' + line)
        sys.stdout.flush()

    def end(self):
        """Prints the plan; returns the exit status."""
        print('1..%d' % self.count)
        return 1 if self.failed or not self.count else 0


class Boot(object):
    """One boot of the guest: its TAP is passed on to tap, and it is held against its own plan."""

    def __init__(self, part, tap):
        self.part, self.tap = part, tap
        self.seen, self.plan, self.cut = 0, None, False

    def take(self, line):
        """Takes one line of the guest's; True if the guest wants its power to be cut."""
        result, plan = RESULT.match(line), PLAN.match(line)
        if result:
            self.seen += 1
            self.tap.result(result.group(1) == 'ok', '%s: %s' % (self.part, result.group(2)))
        elif plan:
            self.plan = int(plan.group(1))
        elif line == CUT:
            self.cut = True
        elif line:
            self.tap.remark(line)
        return self.cut

    def finish(self, timed_out, console):
        """Holds what came against the plan; where it falls short, shows the console's last lines."""
        if timed_out or self.plan != self.seen:
            self.tap.result(False, '%s: the boot comes to its end' % self.part)
            self.tap.remark('out of time' if timed_out else 'tests: %d, planned: %s' % (self.seen, self.plan))
            lines = []
            # A qemu that does not start has none.
            if os.path.exists(console):
                with open(console, 'rb') as stream:
                    lines = stream.read().decode('ascii', 'replace').splitlines()
            for line in lines[-CONSOLE_LINES:]:
                self.tap.remark('console: ' + UNPRINTABLE.sub('', line))


def lines_of(stream, deadline):
    """Yields the stream's lines until its end, or None when the time is up."""
    held = b''
    while True:
        ready, _, _ = select.select([stream], [], [], max(0, deadline - time.time()))
        if not ready:
            yield None
            return
        got = os.read(stream.fileno(), 65536)
        held += got
        while b'\n' in held:
            line, held = held.split(b'\n', 1)
            yield native(line).strip('\r\0 ')
        if not got:
            return


def has_ended(process, seconds):
    """Waits so long for the end of a process: has it come?"""
    deadline = time.time() + seconds
    while process.poll() is None:
        if time.time() > deadline:
            return False
        time.sleep(0.1)
    return True


def boot_once(command, boot, console, seconds):
    """Runs one boot to its end, its time limit or its power cut."""
    timed_out = False
    with open(os.devnull) as nothing:
        process = subprocess.Popen(command, stdin=nothing, stdout=subprocess.PIPE)
    try:
        for line in lines_of(process.stdout, time.time() + seconds):
            timed_out = line is None
            if timed_out or boot.take(line):
                break
    finally:
        # By itself it ends with its output, or is stuck.
        if boot.cut or timed_out or sys.exc_info()[0] or not has_ended(process, ENDING_SECONDS):
            timed_out = timed_out or not (boot.cut or sys.exc_info()[0])
            process.kill()
        process.wait()
        process.stdout.close()
    boot.finish(timed_out, console)
