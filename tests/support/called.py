"""The program under test as a function of the tests' own process. For a guest of tests/uml, where each process takes a
quarter of a second; what the program does as a process of its own is the other tests' matter."""
from __future__ import absolute_import, division, print_function

import contextlib
import io
import os
import signal
import sys
import tempfile

from support import process
from support.program import Program

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


@contextlib.contextmanager
def called_by_netlink():
    """A Called by which no command starts `ip` that does not say so. Its wires are removed in the end."""
    with open('/etc/netnsctl.conf', 'w') as out:
        out.write('backend = netlink\n')
    try:
        program = Called()
        yield program
        program('unwire', '--all')
    finally:
        os.unlink('/etc/netnsctl.conf')


class Called(Program):
    """As Program: call it with the words of a command line, and with feed and environ. There is no time limit."""

    def __call__(self, *args, **options):
        """Runs the program to its end: Result with status, out, err."""
        from netnsctl.cli import output
        feed = options.pop('feed', b'')
        variables = self.environ(**options)
        files = [_file() for _ in range(3)]
        files[0].write(process.native(feed))
        files[0].seek(0)
        kept = (sys.stdin, sys.stdout, sys.stderr, dict(os.environ), os.getcwd(), sys.argv,
                [signal.getsignal(signum) for signum in SIGNALS])
        del output._emitted[:]
        try:
            sys.stdin, sys.stdout, sys.stderr = files
            _set_environ(variables)
            sys.argv = ['netnsctl'] + list(args)
            os.chdir('/')
            status = _status_of(args)
        finally:
            sys.stdin, sys.stdout, sys.stderr = kept[:3]
            _set_environ(kept[3])
            os.chdir(kept[4])
            sys.argv = kept[5]
            for signum, handler in zip(SIGNALS, kept[6]):
                signal.signal(signum, handler)
        texts = []
        for one in files[1:]:
            one.flush()
            one.seek(0)
            texts.append(process.native(one.read()))
        for one in files:
            one.close()
        return process.Result(status, *texts)


def _file():
    """An empty file, as Python's own streams are."""
    made = tempfile.TemporaryFile()
    if not process.PY3:
        return made
    return io.TextIOWrapper(made, encoding='utf-8', errors='surrogateescape')


def _set_environ(variables):
    os.environ.clear()
    os.environ.update(variables)


def _status_of(args):
    from netnsctl import cli
    try:
        cli.main(list(args))
    except SystemExit as end:
        return end.code or 0
