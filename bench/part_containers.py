"""Finding a hundred containers. The engine is a stand-in on a unix socket, which answers at once: what is measured is
netnsctl's own share, not dockerd's. The containers are processes in network namespaces of their own."""
from __future__ import absolute_import, division, print_function

import os
import signal
import subprocess
import sys
import time

import world
from measuring import HERE, Skipped, clock, run, show, side_by_side, summary

CONTAINERS = 100
SCHEMES = {'docker://c%d': 'docker://NAME', 'c%d': 'NAME, whatever it is', 'pid://%d': 'pid://PID'}


def measure(pythons, rounds):
    """{interpreter: {way: figures}} of `wire --dry-run -f` with 50 wires between 100 containers; milliseconds_each is
    that of one container. Nothing is wired."""
    # Their parent is called by their IDs, as the shim of a container is: netnsctl looks at that.
    shim = subprocess.Popen(['sh', '-c', 'for id; do unshare -n sleep 3600 & echo $!; done; wait', 'shim']
                            + [world.IDENTITY % (number + 1) for number in range(CONTAINERS)], stdout=subprocess.PIPE,
                            universal_newlines=True, preexec_fn=os.setsid)
    engine = None
    try:
        pids = [int(shim.stdout.readline()) for _ in range(CONTAINERS)]
        _wait(lambda: all(_is_apart(pid) for pid in pids), 'containers')
        path = world.SCRATCH + '/engine.sock'
        engine = subprocess.Popen([sys.executable, '-sE', os.path.join(HERE, 'engine.py'), path]
                                  + [str(pid) for pid in pids])
        _wait(lambda: os.path.exists(path), 'the stand-in engine')
        environ = dict(os.environ, DOCKER_HOST='unix://' + path)
        return dict((name, _measure_python(python, pids, environ, rounds)) for name, python in pythons.items())
    finally:
        os.killpg(shim.pid, signal.SIGKILL)
        shim.wait()
        if engine:
            engine.kill()
            engine.wait()


def _measure_python(python, pids, environ, rounds):
    calls = {}
    for form, name in SCHEMES.items():
        targets = [form % (pid if form.startswith('pid') else number) for number, pid in enumerate(pids)]
        lines = ''.join('%s:A=10.1.1.1/32 %s:B=10.1.1.2/32\n' % tuple(targets[at:at + 2])
                        for at in range(0, len(targets), 2))
        argv = python.argv + ['wire', '--dry-run', '-f', world.write('containers-%d' % len(calls), lines)]
        calls[name] = lambda argv=argv: run(argv, environ)
    spent = side_by_side(calls, rounds)
    figures = dict((name, summary(items, spent['pid://PID'], len(pids))) for name, items in spent.items())
    show('finding %d containers (stand-in engine), %s' % (len(pids), python.name), ['', 'ms each', 'to PIDs', 'rounds'],
         [[name, '%.2f' % figure['milliseconds_each'], '%.2f' % figure['ratio'], '%d' % figure['rounds']]
          for name, figure in figures.items()])
    return figures


def _is_apart(pid):
    """Has the process its own network namespace by now?"""
    try:
        return os.readlink('/proc/%d/ns/net' % pid) != os.readlink('/proc/self/ns/net')
    except OSError:
        return False


def _wait(is_there, what):
    until = clock() + 30
    while not is_there():
        if clock() > until:
            raise Skipped('%s did not come up' % what)
        time.sleep(0.01)
