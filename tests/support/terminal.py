"""A program on a terminal: its three streams are one pseudo-terminal, as they are for a person."""

from __future__ import absolute_import, division, print_function

import os
import select
import signal
import subprocess
import time

from support.process import Result, native


def run(argv, typed='', environ=None, timeout=60):
    """Runs a program that is typed to: Result; out is all that appeared on the terminal, with line feeds alone.

    typed: what the person types, all of it at once; the terminal hands it over line by line.
    """
    master, slave = os.openpty()

    def own_terminal():
        os.setsid()
        # The first terminal that a session leader opens is its own.
        os.close(os.open(os.ttyname(0), os.O_RDWR))

    process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=environ, cwd='/', close_fds=True,
                               preexec_fn=own_terminal)
    os.close(slave)
    try:
        os.write(master, typed.encode('utf-8'))
        shown = _read_all(master, time.time() + timeout)
        if shown is None:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError('no end within %g s' % timeout)
    finally:
        os.close(master)
        process.wait()
    return Result(process.returncode, native(shown).replace('\r\n', '\n'), '')


def _read_all(master, deadline):
    pieces = []
    while select.select([master], [], [], max(deadline - time.time(), 0))[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:
            piece = b''  # EIO: nobody holds the other side any more
        if not piece:
            return b''.join(pieces)
        pieces.append(piece)
    return None
