"""Whole processes, side by side in one run: the nine `ip` commands of a wire against one `netnsctl wire`,
and files of many wires.

Prints medians and ratios as a table; --json FILE writes every figure with the machine named.
Rounds alternate between the contenders, so that what else the machine does meets all of them alike.
"""
from __future__ import absolute_import, division, print_function

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
A, B = 'bench-a-%d' % os.getpid(), 'bench-b-%d' % os.getpid()

# As a person's script has them: one sh, nine processes.
NINE = '''
ip link add A type veth peer name B
ip link set A netns {a}
ip netns exec {a} ip addr add 10.1.1.1/32 dev A
ip netns exec {a} ip link set A up
ip netns exec {a} ip route add 10.1.1.2/32 dev A
ip link set B netns {b}
ip netns exec {b} ip addr add 10.1.1.2/32 dev B
ip netns exec {b} ip link set B up
ip netns exec {b} ip route add 10.1.1.1/32 dev B
'''.format(a=A, b=B)


def run(argv, **options):
    """Runs a command to its end, quietly; a failure ends the bench."""
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, **options)


def timed(call):
    """Seconds that a call took."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def contenders(program):
    """{name: (function that makes the wire, function that takes it away)} for one wire as whole processes."""
    ends = ['%s:A=10.1.1.1/32' % A, '%s:B=10.1.1.2/32' % B]
    found = {'nine ip commands': (lambda: run(['sh', '-e', '-c', NINE]),
                                  lambda: run(['ip', '-n', A, 'link', 'del', 'A']))}
    for backend in ('iproute', 'netlink'):
        found['netnsctl, ' + backend] = (lambda b=backend: run(program + ['wire', '--backend', b] + ends),
                                         lambda: run(program + ['unwire'] + ends))
    found['a bare interpreter'] = (lambda: run([program[0], '-sE', '-c', 'pass']), lambda: None)
    return found


def bench_one_wire(program, rounds):
    """Medians in seconds of one wire, checks included: {name: seconds}, and ratios to the nine commands,
    each the median of its rounds'."""
    times = {}
    both = contenders(program)
    for number in range(rounds + 1):
        for name, (make, take_away) in both.items():
            seconds = timed(make)
            take_away()
            if number:  # the first round warms the caches
                times.setdefault(name, []).append(seconds)
    base = times['nine ip commands']
    return dict((name, {'seconds': median(values), 'ratio': median([mine / nine for mine, nine in zip(values, base)])})
                for name, values in times.items())


def bench_file(program, count, rounds):
    """Seconds a wire for a file of `count` wires between 2 * count namespaces through netlink,
    start-up and checks included."""
    prefix = 'bench-%d-' % os.getpid()
    with tempfile.NamedTemporaryFile('w', suffix='.wires') as wires, tempfile.NamedTemporaryFile('w') as add, \
            tempfile.NamedTemporaryFile('w') as delete:
        for number in range(count):
            ends = ['%s%s%d' % (prefix, side, number) for side in 'ab']
            wires.write('netns://%s:A=10.1.1.1/32 netns://%s:B=10.1.1.2/32\n' % tuple(ends))
            for name in ends:
                add.write('netns add %s\n' % name)
                delete.write('netns delete %s\n' % name)
        for stream in (wires, add, delete):
            stream.flush()
        run(['ip', '-batch', add.name])
        try:
            found = []
            for _ in range(rounds):
                found.append(timed(lambda: run(program + ['wire', '-f', wires.name, '--backend', 'netlink'])) / count)
                run(program + ['unwire', '--all'])
        finally:
            run(['ip', '-batch', delete.name])
    return median(found)


def machine():
    with open('/proc/cpuinfo') as source:
        models = [line.partition(':')[2].strip() for line in source if line.startswith('model name')]
    return '%s, %d cores, Linux %s, Python %s' % (models[0] if models else platform.machine(), os.cpu_count(),
                                                  platform.release(), platform.python_version())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--rounds', type=int, default=15)
    parser.add_argument('--wires', type=int, default=1000)
    parser.add_argument('--json', metavar='FILE')
    options = parser.parse_args()
    program = [sys.executable, '-sE', os.path.join(os.path.dirname(sys.executable), 'netnsctl')]
    if json.loads(subprocess.run(program + ['ls', '--json'], check=True, stdout=subprocess.PIPE).stdout)['wires']:
        sys.exit('bench: there are wires on this host, and the bench unwires all: not here')
    for name in (A, B):
        run(['ip', 'netns', 'add', name])
    try:
        one = bench_one_wire(program, options.rounds)
    finally:
        for name in (A, B):
            run(['ip', 'netns', 'delete', name])
    sizes = [size for size in (10, 100) if size < options.wires] + [options.wires]
    many = dict((size, bench_file(program, size, 3)) for size in sizes)
    print(machine())
    print('%-22s %10s  %s' % ('one wire', 'median', 'to the nine commands'))
    for name, figure in one.items():
        print('%-22s %7.1f ms  %.2f' % (name, figure['seconds'] * 1e3, figure['ratio']))
    print('%-22s %10s' % ('a file of wires', 'a wire'))
    for size in sizes:
        print('%-22d %7.2f ms' % (size, many[size] * 1e3))
    if options.json:
        with open(options.json, 'w') as target:
            json.dump({'machine': machine(), 'one_wire': one, 'file_seconds_a_wire': many}, target,
                      indent=2, sort_keys=True)


if __name__ == '__main__':
    main()
