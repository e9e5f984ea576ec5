"""Measures netnsctl side by side with what else makes wires, and with what the kernel itself takes.

Everything runs on a throwaway host (namespaces of its own for mounts and network). Figures are medians over rounds in
which the contenders take turns; a ratio is the median of the rounds' ratios.
"""
from __future__ import absolute_import, division, print_function

import optparse
import os
import sys

import measuring
import part_containers
import part_docker
import part_ends
import part_growth
import part_kinds
import part_map
import part_memory
import part_podman
import part_processes
import part_tree
import part_wires
import targets
import world
from measuring import Skipped, say

PARTS = ('wires', 'ends', 'processes', 'kinds', 'tree', 'growth', 'memory', 'map', 'containers', 'docker', 'podman')


def numbers(text):
    """'1,100' -> [1, 100]. ValueError."""
    found = [int(part) for part in text.split(',')]
    if min(found) < 1:
        raise ValueError('at least 1')
    return found


def parse(arguments):
    parser = optparse.OptionParser(prog='bench/run', usage='%prog [PART...] [options]',
                                   description=__doc__.split('\n\n')[0])
    parser.add_option('--rounds', type='int', default=9, help='of small things; large ones take a third of them')
    parser.add_option('--sizes', default='1,100,1000', help='how many wires (default: %default)')
    parser.add_option('--ends', type='int', default=1000, help='on ten bridges, and on the host (default: %default)')
    parser.add_option('--containers', type='int', default=100, help='of a real docker (default: %default)')
    parser.add_option('--tree', type='int', default=1000, metavar='WIRES', help='in the config tree')
    parser.add_option('--spaces', type='int', default=1000, metavar='NAMESPACES', help='on the map')
    parser.add_option('--present', default='10,100,1000,10000', help='wires that are there when one more is made')
    parser.add_option('--many', type='int', default=10000, metavar='WIRES', help='whose memory is looked at')
    parser.add_option('--json', metavar='FILE', help='writes every figure there')
    parser.add_option('--aside', action='store_true', help=optparse.SUPPRESS_HELP)
    options, options.parts = parser.parse_args(arguments)
    for part in options.parts:
        if part not in PARTS:
            parser.error('%s: there are %s' % (part, ', '.join(PARTS)))
    try:
        options.sizes, options.present = numbers(options.sizes), numbers(options.present)
    except ValueError as error:
        parser.error('--sizes and --present: %s' % error)
    if min(options.rounds, options.ends, options.containers, options.tree, options.spaces,
           options.many) < 1:
        parser.error('rounds and sizes are at least 1')
    if options.json and os.path.abspath(options.json).startswith(('/run/', '/etc/')):
        parser.error('%s: /run and /etc are thrown away with the host of the bench' % options.json)
    return options


def measure(options):
    """Runs the parts that are wanted: everything that was found out, as plain data."""
    words = [word for word in sys.argv[1:] if word != '--aside']
    found = {'machine': measuring.machine(), 'command': ['bench/run'] + words, 'figures': {}}
    say('%(processor)s, %(cores)d cores, %(memory_megabytes)d MB, Linux %(kernel)s, %(ip)s, commit %(commit)s'
        % found['machine'])
    pythons, skipped = world.pythons()
    try:
        floor = world.Floor()
    except Skipped as reason:
        floor, skipped[part_wires.FLOOR] = None, str(reason)
    calls = {
        'wires': lambda: part_wires.measure(floor, pythons, options.sizes, options.rounds, skipped),
        'ends': lambda: part_ends.measure(pythons, options.ends, max(3, options.rounds // 3)),
        'processes': lambda: part_processes.measure(pythons, options.rounds, skipped),
        'kinds': lambda: part_kinds.measure(pythons, options.rounds, skipped),
        'tree': lambda: part_tree.measure(pythons, options.tree, max(3, options.rounds // 3)),
        'growth': lambda: part_growth.measure(floor, pythons, options.present, options.rounds),
        'memory': lambda: part_memory.measure(pythons, options.many),
        'map': lambda: part_map.measure(pythons, options.spaces, max(3, options.rounds // 3), skipped),
        'containers': lambda: part_containers.measure(pythons, options.rounds),
        'docker': lambda: part_docker.measure(pythons, options.containers, max(3, options.rounds // 3)),
        'podman': lambda: part_podman.measure(options.rounds, skipped),
    }
    for part in options.parts or PARTS:
        try:
            found['figures'][part] = calls[part]()
        except Skipped as reason:
            skipped[part] = str(reason)
    found['skipped'] = skipped
    found['targets'] = targets.judge(found['figures'])
    return found


def main():
    options = parse(sys.argv[1:])
    if not options.aside:
        if options.json:
            os.close(os.open(options.json, os.O_WRONLY | os.O_CREAT, 0o644))  # better now than after minutes
        world.go_aside(sys.argv + ['--aside'])
    world.prepare()
    found = measure(options)
    targets.show(found['targets'])
    for what, reason in sorted(found['skipped'].items()):
        say('skipped: %s: %s' % (what, reason))
    if options.json:
        measuring.write_json(options.json, found)


if __name__ == '__main__':
    main()
