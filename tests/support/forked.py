"""The program under test in a fork of the tests' own process: what a new process would do, without the second that a
guest takes to start Python."""
from __future__ import absolute_import, division, print_function

import os
import sys
import tempfile

from support.process import Result, native
from support.program import Program


def preload():
    """Loads what the forks need, once for all of them."""
    for module in ('cli.wire', 'cli.unwire', 'cli.watch', 'cli.up', 'cli.down', 'cli.ls', 'cli.check',
                   'execution.returning', 'execution.backends.iproute', 'execution.backends.netlink',
                   'usecases.lending.refusals', 'usecases.up_down.up_down'):
        __import__('netnsctl.' + module)


def start(words, out, err, environ=None, feed=None, first=None):
    """Starts netnsctl with these words: its PID. out, err: files for what it prints. feed: a file for its standard
    input. first(): called in the fork before it begins."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        os.setsid()
        for number, one in enumerate((feed, out, err)):
            if one is not None:
                os.dup2(one.fileno(), number)
        sys.stdin = os.fdopen(0)
        sys.stdout, sys.stderr = os.fdopen(1, 'w', 1), os.fdopen(2, 'w', 1)  # pytest has its own there
        if environ is not None:
            os.environ.clear()
            os.environ.update(environ)
        if first is not None:
            first()
        from netnsctl import cli
        sys.argv = ['netnsctl'] + list(words)
        status = cli.main(list(words))
    except SystemExit as ending:
        status = ending.code or 0
    except BaseException:
        import traceback
        os.write(2, traceback.format_exc().encode('utf-8'))
    finally:
        sys.stdout.flush()
        os._exit(status if isinstance(status, int) else 1)


def ended(pid):
    """Waits for it: its exit status, or -N if signal N ended it."""
    status = os.waitpid(pid, 0)[1]
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def text_of(output):
    """What was printed into a file, which is closed."""
    output.seek(0)
    try:
        return native(output.read())
    finally:
        output.close()


class Forked(Program):
    """A Program of which a call takes a fork; start() starts a process as ever."""

    def __call__(self, *args, **options):
        preload()
        feed = options.pop('feed', b'')
        source, out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile(), tempfile.TemporaryFile()
        source.write(feed if isinstance(feed, bytes) else feed.encode('utf-8'))
        source.flush()
        source.seek(0)
        try:
            status = ended(start(args, out, err, self.environ(**options), source))
        finally:
            source.close()
        return Result(status, text_of(out), text_of(err))
