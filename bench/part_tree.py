"""The config tree: `up` of many wires, `up` again with nothing to do, `ls`, `unwire --all`; `wire -f` of the same."""
from __future__ import absolute_import, division, print_function

import contenders
import world
from measuring import run, show, summary

COMMANDS = ('up', 'up again', 'ls', 'unwire --all')
BY_FILE = ('wire -f', 'wire --no-check -f')


def measure(pythons, count, rounds):
    """{interpreter: {command: figures}}; the ratio is that to `up`; `up` has that to `wire -f` too, as to_file.
    The named namespaces are there already."""
    world.make_names('t', count)
    try:
        lines = ''.join('netns://%s:A=10.1.1.1/32 netns://%s:B=10.1.1.2/32\n' % pair
                        for pair in contenders.names_of('t', count))
        path = world.write('tree', lines)
        run(next(iter(pythons.values())).argv + ['config', 'render', '--root', '/', '-f', path])
        return dict((name, _measure_python(python, path, count, rounds)) for name, python in pythons.items())
    finally:
        run(['rm', '-rf', '/etc/sysconfig/netns'])
        world.remove_names('t', count)


def _measure_python(python, path, count, rounds):
    spent = dict((command, []) for command in COMMANDS + BY_FILE)
    for _ in range(rounds):
        for command in COMMANDS:
            spent[command].append(run(python.argv + command.replace(' again', '').split()))
        for command in BY_FILE:
            spent[command].append(run(python.argv + command.split() + [path]))
            run(python.argv + ['unwire', '--all'])
    figures = dict((command, summary(items, spent['up'], count)) for command, items in spent.items())
    figures['up']['to_file'] = summary(spent['up'], spent['wire -f'])['ratio']
    show('a tree of %d wires, %s' % (count, python.name), ['', 'ms a wire', 'to up', 'rounds', 'peak MB'],
         [[command, '%.2f' % figure['milliseconds_each'], '%.2f' % figure['ratio'], '%d' % figure['rounds'],
           '%.1f' % (figure['peak_kilobytes'] / 1024)] for command, figure in figures.items()])
    return figures
