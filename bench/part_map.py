"""`map` of a host with many namespaces, each with a wire to a bridge, against `ip netns exec NAME ip -d address` in
each of them, and against plotnetcfg, which must find the same namespaces and pairs."""
from __future__ import absolute_import, division, print_function

import json

import contenders
import world
from measuring import ask, run, say, show, side_by_side, summary

PLOTTER = 'plotnetcfg'
LOOP = 'ip in each namespace'
FORMS = ('text', 'json', 'svg', 'html')


def measure(pythons, spaces, rounds, skipped):
    """{interpreter: {'text', 'json', 'svg', 'html', 'ip in each namespace', 'plotnetcfg': figures}}; the ratio is to
    ip."""
    count = max(spaces // 2, 1)
    plotter = world.find_program(PLOTTER)
    if plotter is None:
        skipped[PLOTTER] = 'it is not installed (Debian: apt-get install plotnetcfg)'
    world.make_names('m', count)
    first = next(iter(pythons.values()))
    try:
        names = [name for pair in contenders.names_of('m', count) for name in pair]
        run(first.argv + ['wire', '--no-check', '-f', world.write('mapped', ''.join(
            'netns://%s:eth0=10.%d.%d.2/8 bridge://mbr0\n' % (name, number // 250, number % 250)
            for number, name in enumerate(names)))])
        script = world.write('loop', ''.join('ip netns exec %s ip -d address\n' % name for name in names))
        if plotter is not None:
            _compare(first, plotter)
        return dict((name, _measure_python(python, script, plotter, len(names), rounds))
                    for name, python in pythons.items())
    finally:
        run(first.argv + ['unwire', '--all'])
        world.remove_names('m', count)


def _measure_python(python, script, plotter, count, rounds):
    calls = dict((form, lambda form=form: run(python.argv + ['map', '--format', form])) for form in FORMS)
    calls[LOOP] = lambda: run(['sh', script])
    if plotter is not None:
        calls[PLOTTER] = lambda: run([plotter])
    spent = side_by_side(calls, rounds)
    figures = dict((name, summary(items, spent[LOOP])) for name, items in spent.items())
    show('a map of %d namespaces, %s' % (count, python.name), ['', 's', 'cpu s', 'to ip', 'rounds', 'peak MB'],
         [[name, '%.2f' % figure['seconds'], '%.2f' % figure['cpu_seconds'], '%.2f' % figure['ratio'],
           '%d' % figure['rounds'], '%.1f' % (figure['peak_kilobytes'] / 1024)] for name, figure in figures.items()])
    return figures


def _compare(python, plotter):
    """Says where the two differ in what they find."""
    ours = dict((space['id'].partition('://')[2], dict(
        (link['name'], '%(namespace)s:%(link)s' % link['peer']) for link in space['links'] if 'peer' in link))
        for space in json.loads(ask(python.argv + ['map', '--json']))['namespaces'])
    theirs = {}
    for space in json.loads(ask([plotter, '--format=json']))['namespaces']:
        pairs = theirs[space['name']] = {}
        for link in space['interfaces']:
            if 'peer' in link:
                where, _, name = link['peer']['target'].rpartition('/')
                pairs[link['name']] = '%s:%s' % ('netns://' + where if where else 'host', name)
    differing = [name for name in sorted(set(ours) | set(theirs)) if ours.get(name) != theirs.get(name)]
    say('%s finds %s' % (PLOTTER, 'the same %d namespaces and %d ends of pairs' % (
        len(ours), sum(len(pairs) for pairs in ours.values())) if not differing else
        'something else in %d namespaces, as in %s' % (len(differing), differing[0] or 'host')))
