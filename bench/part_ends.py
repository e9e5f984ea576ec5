"""A thousand ends on ten bridges, with addresses of the host on them and without, and as many wires to the host itself,
against as many wires between namespaces."""
from __future__ import absolute_import, division, print_function

import world
from contenders import names_of
from measuring import run, show, side_by_side, summary

BRIDGES = 10
PLAIN, BARE, ADDRESSED, HOST = ('between namespaces', 'on ten bridges', 'on ten bridges that have an address',
                                'to the host')
SUBNET = '10.%d.%d.%d/30'


def measure(pythons, count, rounds):
    """{interpreter: {what: figures}} of `wire -f` with that many wires, which are checked; the ratio is to wires
    between namespaces."""
    world.make_names('e', count)
    try:
        files = dict((name, world.write('ends-%d' % at, ''.join(line + '\n' for line in lines)))
                     for at, (name, lines) in enumerate(_lines(names_of('e', count)).items()))
        return dict((name, _measure_python(python, files, count, rounds)) for name, python in pythons.items())
    finally:
        world.remove_names('e', count)


def _lines(pairs):
    found = {PLAIN: [], BARE: [], ADDRESSED: [], HOST: []}
    for number, (a, b) in enumerate(pairs):
        network, host = 100 + number % BRIDGES, number // BRIDGES + 1
        end = 'netns://%s:A=10.%d.%d.%d/16 bridge://br%d' % (a, network, host // 200, host % 200 + 1, number % BRIDGES)
        subnet = (64 + number // 8192, number // 32 % 256, number % 32 * 8)
        found[PLAIN].append('netns://%s:A=10.1.1.1/32 netns://%s:B=10.1.1.2/32' % (a, b))
        found[BARE].append(end)
        found[ADDRESSED].append('%s=10.%d.255.1/16' % (end, network))
        found[HOST].append('netns://%s:A=%s host=%s' % (a, SUBNET % (subnet[:2] + (subnet[2] + 1,)),
                                                        SUBNET % (subnet[:2] + (subnet[2] + 2,))))
    return found


def _measure_python(python, files, count, rounds):
    def wiring(path):
        def measured():
            spent = run(python.argv + ['wire', '--backend', 'netlink', '-f', path])
            run(python.argv + ['unwire', '--all'])
            return spent
        return measured

    spent = side_by_side(dict((name, wiring(path)) for name, path in files.items()), rounds, warm=0)
    figures = dict((name, summary(items, spent[PLAIN], count)) for name, items in spent.items())
    show('%d wires by a file, %s' % (count, python.name),
         ['', 'ms a wire', 'CPU ms a wire', 'to plain', 'CPU to plain', 'rounds', 'peak MB'],
         [[name, '%.2f' % figure['milliseconds_each'], '%.2f' % (figure['cpu_seconds'] / count * 1e3),
           '%.2f' % figure['ratio'], '%.2f' % figure['cpu_ratio'], '%d' % figure['rounds'],
           '%.1f' % (figure['peak_kilobytes'] / 1024)] for name, figure in figures.items()])
    return figures
