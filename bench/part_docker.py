"""A hundred real containers, each an end on a bridge, wired by a file: what docker itself takes to answer, and what
netnsctl takes beyond that. The engine is one of the bench's own."""
from __future__ import absolute_import, division, print_function

import os
import socket
import subprocess
import sys

import world
from measuring import TOP, Skipped, Spent, clock, median, run, show, side_by_side, summary

sys.path.append(os.path.join(TOP, 'tests'))
BY_NAME, BY_PID, ANSWERS = 'docker://NAME', 'pid://PID', "docker's answers alone"


def measure(pythons, count, rounds):
    """{interpreter: {way: figures, 'beyond': milliseconds a wire beyond docker's answers}}. Skipped without docker."""
    from support.containers import Unavailable
    from support.own_dockerd import OwnDockerd
    try:
        engine = OwnDockerd()
    except (OSError, AssertionError, Unavailable) as reason:
        raise Skipped('no dockerd runs here: %s' % reason)
    try:
        names = ['c%d' % number for number in range(count)]
        _start(engine, names)
        pids = dict((name, _pid(engine, name)) for name in names)
        environ = dict(os.environ, **engine.environ)
        return dict((name, _measure_python(python, engine, pids, environ, rounds))
                    for name, python in pythons.items())
    finally:
        subprocess.Popen(engine.command + ['kill'] + names, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE).communicate()
        engine.close()


def _start(engine, names):
    """Starts containers, a few at the same time."""
    starting = []
    for name in names:
        starting.append(subprocess.Popen(engine.command + ['run', '-d', '--net=none', '--name', name, engine.image,
                                                           '/bin/sleep', '1000000'], stdout=subprocess.PIPE))
        if len(starting) == 4:
            _finish(starting.pop(0))
    for process in starting:
        _finish(process)


def _finish(process):
    process.communicate()
    if process.returncode:
        raise Skipped('docker starts no container')


def _pid(engine, name):
    return subprocess.Popen(engine.command + ['inspect', '-f', '{{.State.Pid}}', name], stdout=subprocess.PIPE,
                            universal_newlines=True).communicate()[0].strip()


def _ask(engine, names):
    """Asks for each container once, one after the other, and reads no more of the answers than their end: Spent."""
    start = clock()
    for name in names:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(engine.socket)
        connection.sendall(('GET /containers/%s/json HTTP/1.0\r\nHost: docker\r\n\r\n' % name).encode('ascii'))
        while connection.recv(1 << 18):
            pass
        connection.close()
    return Spent(clock() - start, 0, 0)


def _measure_python(python, engine, pids, environ, rounds):
    def wiring(at, form):
        path = world.write('docker-%d' % at, ''.join(
            '%s:bench0=10.9.0.%d/24 bridge://br0=10.9.0.254/24\n' % (form(name), number + 1)
            for number, name in enumerate(sorted(pids))))

        def measured():
            spent = run(python.argv + ['wire', '--backend', 'netlink', '-f', path], environ)
            run(python.argv + ['unwire', '--all'], environ)
            return spent
        return measured

    spent = side_by_side({BY_NAME: wiring(0, lambda name: 'docker://' + name),
                          BY_PID: wiring(1, lambda name: 'pid://' + pids[name]),
                          ANSWERS: lambda: _ask(engine, sorted(pids))}, rounds)
    figures = dict((name, summary(items, count=len(pids))) for name, items in spent.items())
    show('wiring %d containers of docker, %s' % (len(pids), python.name), ['', 'ms a wire', 'CPU ms a wire', 'rounds'],
         [[name, '%.2f' % figure['milliseconds_each'], '%.2f' % (figure['cpu_seconds'] / len(pids) * 1e3),
           '%d' % figure['rounds']] for name, figure in figures.items()])
    figures['beyond'] = median([(mine.seconds - own.seconds) / len(pids) * 1e3
                                for mine, own in zip(spent[BY_NAME], spent[ANSWERS])])
    return figures
