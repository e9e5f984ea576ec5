"""`map` of a host with many namespaces, each with a wire to a bridge, against `ip netns exec NAME ip -d address` in
each of them, and against plotnetcfg where it is installed."""
from __future__ import absolute_import, division, print_function

import os

import contenders
import world
from measuring import run, show, side_by_side, summary

LOOP = 'ip in each namespace'
FORMS = ('text', 'json', 'svg', 'html')


def measure(pythons, spaces, rounds):
    """{interpreter: {'text', 'json', 'svg', 'html', 'ip in each namespace', 'plotnetcfg': figures}}; the ratio is to
    ip."""
    count = max(spaces // 2, 1)
    world.make_names('m', count)
    first = next(iter(pythons.values()))
    try:
        names = [name for pair in contenders.names_of('m', count) for name in pair]
        run(first.argv + ['wire', '--no-check', '-f', world.write('mapped', ''.join(
            'netns://%s:eth0=10.%d.%d.2/8 bridge://mbr0\n' % (name, number // 250, number % 250)
            for number, name in enumerate(names)))])
        script = world.write('loop', ''.join('ip netns exec %s ip -d address\n' % name for name in names))
        return dict((name, _measure_python(python, script, len(names), rounds)) for name, python in pythons.items())
    finally:
        run(first.argv + ['unwire', '--all'])
        world.remove_names('m', count)


def _measure_python(python, script, count, rounds):
    calls = dict((form, lambda form=form: run(python.argv + ['map', '--format', form])) for form in FORMS)
    calls[LOOP] = lambda: run(['sh', script])
    plotter = [folder + '/plotnetcfg' for folder in os.environ['PATH'].split(':')
               if os.access(folder + '/plotnetcfg', os.X_OK)]
    if plotter:
        calls['plotnetcfg'] = lambda: run(plotter[:1])
    spent = side_by_side(calls, rounds)
    figures = dict((name, summary(items, spent[LOOP])) for name, items in spent.items())
    show('a map of %d namespaces, %s' % (count, python.name), ['', 's', 'cpu s', 'to ip', 'rounds', 'peak MB'],
         [[name, '%.2f' % figure['seconds'], '%.2f' % figure['cpu_seconds'], '%.2f' % figure['ratio'],
           '%d' % figure['rounds'], '%.1f' % (figure['peak_kilobytes'] / 1024)] for name, figure in figures.items()])
    return figures
