"""strace around the program: signals and delays at its Nth system call of one kind."""

from __future__ import absolute_import, division, print_function

import os
import re
import shutil
import tempfile

import pytest

from support import process


def available():
    """Skips the test where strace does not run (no ptrace, say)."""
    try:
        result = process.run(['strace', '-qq', '-o', '/dev/null', 'true'])
    except OSError:
        pytest.skip('strace is not installed')
    if result.status != 0:
        pytest.skip('strace does not run here: %s' % result.err.strip())


def inject(program, syscall, what, when, args, **options):
    """Runs the program with `-e inject=SYSCALL:WHAT:when=WHEN`: Result.

    strace ends itself by the signal that ended the program, so status is the program's own.
    options: path, environ (as Program's), only_netnsctl (do not follow the helpers it starts).
    """
    follow = [] if options.pop('only_netnsctl', False) else ['-f']
    words = (
        ['strace']
        + follow
        + ['-qq', '-o', '/dev/null', '-e', 'trace=' + syscall, '-e', 'inject=%s:%s:when=%s' % (syscall, what, when)]
    )
    return process.run(words + program.argv(*args), environ=program.environ(**options))


def count(program, syscall, args, **options):
    """How many calls of that kind netnsctl itself (not its helpers) makes for a command line."""
    folder = tempfile.mkdtemp()
    try:
        log = os.path.join(folder, 'log')
        process.run(
            ['strace', '-qq', '-o', log, '-e', 'trace=' + syscall] + program.argv(*args),
            environ=program.environ(**options),
        )
        with open(log) as source:
            return len([line for line in source if re.match(r'(?:%s)\(' % syscall.replace(',', '|'), line)])
    finally:
        shutil.rmtree(folder)


def sample(total, most):
    """Which of 1..total are tried: all with NETNSCTL_TEST_EVERY set, else `most` of them, spread over the whole."""
    if os.environ.get('NETNSCTL_TEST_EVERY') or total <= most:
        return list(range(1, total + 1))
    return sorted(set(1 + number * (total - 1) // (most - 1) for number in range(most)))


def traced(host, words, *options, **where):
    """The Result of a command of netnsctl's on a support.aside host, below strace with these options. log: the path on
    the host of what strace prints."""
    argv, at = host.argv(*words), len(host.prefix)
    return process.run(argv[:at] + ['strace', '-qq', '-o', where.get('log', '/dev/null')] + list(options) + argv[at:],
                       environ=host.environ())
