"""The throwaway host that everything is measured on, and the programs that are measured."""
from __future__ import absolute_import, division, print_function

import os
import subprocess
import sys

from measuring import TOP, Skipped, ask, run

SCRATCH = '/run/bench'
IDENTITY = '%064x'  # a container's, of its number from 1
NETNSCTL = 'import sys; sys.path[0:1] = %r; from netnsctl.start import main; main()'


def go_aside(argv):
    """Starts this program again in namespaces of its own (mounts, network and PIDs), which go with it, names, links and
    records included."""
    os.execvp('unshare', ['unshare', '-m', '-n', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation',
                          'private', sys.executable, '-sE'] + argv)


def prepare():
    """A /run and an /etc that nobody else sees, and the loopback up."""
    for argv in (['mount', '-t', 'tmpfs', 'none', '/run'], ['mkdir', '-p', SCRATCH, '/run/netns'],
                 ['mkdir', SCRATCH + '/upper', SCRATCH + '/work'],
                 ['mount', '-t', 'overlay', 'none', '/etc', '-o',
                  'lowerdir=/etc,upperdir=%s/upper,workdir=%s/work' % (SCRATCH, SCRATCH)],
                 ['ip', 'link', 'set', 'lo', 'up']):
        run(argv)


def make_names(prefix, count):
    """Named namespaces PREFIXa0, PREFIXb0, and so on."""
    _batch(''.join('netns add %s%s%d\n' % (prefix, side, number) for number in range(count) for side in 'ab'))


def remove_names(prefix, count):
    _batch(''.join('netns delete %s%s%d\n' % (prefix, side, number) for number in range(count) for side in 'ab'))


def _batch(text):
    run(['ip', '-batch', write('batch', text)])


def write(name, text):
    """A file in the scratch folder: its path."""
    path = '%s/%s' % (SCRATCH, name)
    with open(path, 'w') as target:
        target.write(text)
    return path


def find_program(name):
    """The path of a program, or None. That of root's own programs too, which not every PATH has."""
    paths = [os.path.join(folder, name) for folder in os.environ['PATH'].split(':') + ['/usr/sbin', '/sbin']]
    return next((path for path in paths if os.access(path, os.X_OK)), None)


class Floor(object):
    """The C program, compiled here and now."""

    def __init__(self):
        compiler = next((name for name in ('cc', 'gcc', 'clang') if find_program(name)), None)
        if compiler is None:
            raise Skipped('there is no C compiler')
        self.program = SCRATCH + '/floor'
        argv = [compiler, '-O2', '-Wall', '-pthread', '-o', self.program, os.path.join(TOP, 'bench', 'floor.c')]
        made = subprocess.Popen(argv, stderr=subprocess.PIPE, universal_newlines=True)
        words = made.communicate()[1]
        if made.returncode:
            raise Skipped('%s does not compile bench/floor.c: %s' % (compiler, words.strip()[-500:]))

    def wire(self, prefix, count):
        return run([self.program, 'wire', prefix, str(count)])

    def unwire(self, prefix, count, threads=64, dev='A', side='a'):
        """Removes what of these links is there, whoever made it."""
        return run([self.program, 'unwire', prefix, str(count), str(threads), dev, side])


class Python(object):
    """An interpreter with this checkout and its libraries: name ('python3.11'), argv (netnsctl), bare (a start of it
    that does nothing, but for -S, which the packages give to netnsctl)."""

    def __init__(self, path, folders):
        self.path, self.folders = path, folders
        self.name = 'python' + ask([path, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).strip()
        self.argv = [path, '-sES', '-c', NETNSCTL % (folders,)]
        self.bare = [path, '-sE', '-c', 'pass']


def python3():
    """The interpreter that .venv is made from, as a package would run it: without the virtual environment's start."""
    import click
    base = getattr(sys, '_base_executable', sys.executable)
    return Python(base, [os.path.join(TOP, 'src'), os.path.dirname(os.path.dirname(os.path.abspath(click.__file__)))])


def python2(version):
    """Python 2.6 or 2.7 (version: '2.7') with its libraries in .venv27. Skipped where there is none."""
    try:
        path = ask([os.path.join(TOP, 'tests', 'tools', 'find-python' + version)]).strip()
    except (OSError, subprocess.CalledProcessError):
        raise Skipped('there is no Python ' + version)
    folder = os.path.join(TOP, '.venv' + version.replace('.', ''))
    if not os.path.isdir(folder):
        raise Skipped('Python %s has no libraries here (tests/tools/python%s %s)' % (version, version, path))
    return Python(path, [os.path.join(TOP, 'src'), folder])


def pythons():
    """({name: Python}, {what: why it is skipped})"""
    found, skipped = [python3()], {}
    for version in ('2.7', '2.6'):
        try:
            found.append(python2(version))
        except Skipped as reason:
            skipped['python' + version] = str(reason)
    return dict((python.name, python) for python in found), skipped
