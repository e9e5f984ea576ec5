"""The most memory that a process of netnsctl's takes with 10,000 wires."""
from __future__ import absolute_import, division, print_function

import contenders
import world
from measuring import run, show
from part_growth import SHARING


def measure(pythons, count):
    """{interpreter: {command: {'seconds', 'peak_kilobytes'}}}, each run once: `peak_kilobytes` is of the largest of a
    command's processes. The named namespaces are there already."""
    names = contenders.pairs_of(count, SHARING)
    world.make_names('m', names)
    path = world.write('many', ''.join(contenders.lines_of('m', count, SHARING)))
    try:
        run(next(iter(pythons.values())).argv + ['config', 'render', '--root', '/', '-f', path])
        found = dict((name, _measure_python(python, path)) for name, python in pythons.items())
    finally:
        run(['rm', '-rf', '/etc/sysconfig/netns'])
        world.remove_names('m', names)
    for name, figures in found.items():
        show('%d wires, %s' % (count, name), ['', 'seconds', 'peak MB'],
             [[command, '%.1f' % figure['seconds'], '%.1f' % (figure['peak_kilobytes'] / 1024)]
              for command, figure in figures.items()])
    return found


def _measure_python(python, path):
    found = {}
    for title, words in (('wire -f', ['wire', '-f', path]), ('ls', ['ls']), ('ls --json', ['ls', '--json']),
                         ('unwire --all', ['unwire', '--all']), ('up', ['up']), ('up again', ['up'])):
        spent = run(python.argv + words)
        found[title] = {'seconds': spent.seconds, 'peak_kilobytes': spent.peak}
    run(python.argv + ['unwire', '--all'])
    return found
