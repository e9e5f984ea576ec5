"""How light `netnsctl netns` and the shim are: whole processes, side by side in one run, in a throwaway host.

`netnsctl netns` against a bare start of the same interpreter with the same flags, and against iproute2; the shim
against the real `ip`, both for what it hands on and for what it does. Prints medians and ratios, each the median of its
rounds'; --json FILE writes every figure with the machine named. Rounds alternate between the contenders.
"""
from __future__ import absolute_import, division, print_function

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile

from wire import TOP, machine, median, timed

SOURCE = os.path.join(TOP, 'src')
SHIM = os.path.join(SOURCE, 'netnsctl', 'libexec', 'ip')
TARGET = 1.5
# The program as a package installs it, less the interpreter's path.
PROGRAM = 'import sys; sys.path[0] = %r; from netnsctl.start import main; main()' % SOURCE
LINES = [['list'], ['exec', 'a', 'true']]
# An `ip` that has no netns, as far as the shim asks.
OLD_IP = '#!/bin/sh\necho \'Object "netns" is unknown, try "ip help".\' >&2\nexit 255\n'


def bare(python):
    return [python, '-E', '-s', '-c', 'pass']


def pythons():
    """The interpreters that are measured: the one that runs this, and a 2.7 where one is found."""
    found = [sys.executable]
    try:
        found.append(subprocess.check_output([os.path.join(TOP, 'tests', 'tools', 'find-python2.7')],
                                             universal_newlines=True).strip())
    except (OSError, subprocess.CalledProcessError):
        pass
    return found


def version(python):
    return subprocess.check_output([python, '-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])'],
                                   universal_newlines=True).strip()


def measure(contenders, rounds):
    """{name: (argv, environ or None, name of what it is held against or None)} -> {name: {'seconds', 'ratio'}}."""
    times = {}
    with open(os.devnull, 'w') as null:
        for number in range(rounds + 1):
            for name, (argv, environ, _) in contenders.items():
                seconds = timed(functools.partial(subprocess.check_call, argv, env=environ, stdout=null))
                if number:  # the first round warms the caches
                    times.setdefault(name, []).append(seconds)
    found = {}
    for name, (_, _, base) in contenders.items():
        ratio = base and median([mine / other for mine, other in zip(times[name], times[base])])
        found[name] = {'seconds': median(times[name]), 'ratio': ratio, 'to': base}
    return found


def contenders_netns(python):
    name = 'Python ' + version(python)
    start = '%s -c pass' % name
    made = {start: (bare(python), None, None)}
    script = os.path.join(os.path.dirname(python), 'netnsctl')
    if os.path.exists(script):
        made[name + ' -c pass, no flags'] = ([python, '-c', 'pass'], None, None)
        made['bin/netnsctl netns list'] = ([script, 'netns', 'list'], None, name + ' -c pass, no flags')
    for words in LINES:
        line = ' '.join(['netns'] + words)
        made['ip ' + line] = (['ip', 'netns'] + words, None, start)
        made['netnsctl ' + line] = (bare(python)[:-1] + [PROGRAM, 'netns'] + words, None, start)
    return made


def contenders_shim(folder):
    """Over the machine's own ip, to which all goes, and over one that has no netns."""
    usual = os.environ['PATH']
    shim = os.path.join(folder, 'ip')
    new = dict(os.environ, PATH='%s:%s' % (folder, usual))
    old = dict(os.environ, PATH='%s:%s/old:%s' % (folder, folder, usual))
    return {'ip link': (['ip', 'link'], None, None), 'shim: ip link': ([shim, 'link'], new, 'ip link'),
            'ip netns': (['ip', 'netns'], None, None),
            'shim: ip netns': ([shim, 'netns'], new, 'ip netns'),
            'shim: ip netns, by netnsctl': ([shim, 'netns'], old, 'ip netns'),
            'sh -c :': (['sh', '-c', ':'], None, 'ip link')}


def show(title, figures):
    print(title)
    for name, figure in figures.items():
        ratio = '' if figure['ratio'] is None else '  %.2f of %s' % (figure['ratio'], figure['to'])
        print('  %-32s %6.1f ms%s' % (name, figure['seconds'] * 1e3, ratio))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--rounds', type=int, default=60)
    parser.add_argument('--json', metavar='FILE')
    parser.add_argument('--inside', action='store_true', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        # Names and mounts of its own, gone with it.
        os.execvp('unshare', ['unshare', '-m', '-n', '--propagation', 'private', sys.executable, '-sE'] + sys.argv
                  + ['--inside'])
    subprocess.check_call(['mount', '-t', 'tmpfs', 'none', '/run'])
    subprocess.check_call(['ip', 'netns', 'add', 'a'])
    folder = tempfile.mkdtemp()
    try:
        os.symlink(SHIM, os.path.join(folder, 'ip'))
        os.mkdir(os.path.join(folder, 'old'))
        with open(os.path.join(folder, 'old', 'ip'), 'w') as target:
            target.write(OLD_IP)
        os.chmod(target.name, 0o755)
        netns = dict((python, measure(contenders_netns(python), options.rounds)) for python in pythons())
        shim = measure(contenders_shim(folder), options.rounds)
    finally:
        shutil.rmtree(folder)
    print(machine())
    for python, figures in netns.items():
        show('netnsctl netns (%s)' % python, figures)
    show('the shim', shim)
    over = [name for figures in netns.values() for name, figure in figures.items()
            if 'netnsctl' in name and figure['ratio'] > TARGET]
    print('over the target of %.1f bare starts: %s' % (TARGET, ', '.join(over) or 'none'))
    if options.json:
        with open(options.json, 'w') as target:
            json.dump({'machine': machine(), 'netns': netns, 'shim': shim}, target, indent=2, sort_keys=True)


if __name__ == '__main__':
    main()
