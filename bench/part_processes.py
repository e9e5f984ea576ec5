"""Single commands as whole processes, against iproute2's and against a start of the interpreter that does nothing."""
from __future__ import absolute_import, division, print_function

import os

import contenders
import world
from measuring import TOP, run, show, side_by_side, summary

SHIM = os.path.join(TOP, 'src', 'netnsctl', 'libexec', 'ip')
# An `ip` that has no netns, as far as the shim asks.
OLD_IP = '#!/bin/sh\necho \'Object "netns" is unknown, try "ip help".\' >&2\nexit 255\n'
ENDS = ['netns://pa0:A=10.1.1.1/32', 'netns://pb0:B=10.1.1.2/32']
BARE = 'a bare start'


def measure(pythons, rounds, skipped):
    """{'python3.11': {command: figures}, ..., 'shim': the same}; 'ratio' is to the bare start, 'to_ip' to what ip
    does."""
    world.make_names('p', 1)
    try:
        found = dict((name, _measure_python(python, rounds)) for name, python in pythons.items())
        found['shim'] = _measure_shim(next(iter(pythons.values())), rounds)
        return found
    finally:
        world.remove_names('p', 1)


def _measure_python(python, rounds):
    wire = python.argv + ['wire'] + ENDS
    unwire = python.argv + ['unwire'] + ENDS
    delete = ['ip', '-n', 'pa0', 'link', 'delete', 'A']
    nine = contenders.nine_commands('p', 1)

    def after(argv, call):
        """The second, once the first was run."""
        def measured():
            run(argv)
            return call()
        return measured

    def before(call, argv):
        """The first, and then the second to clean up."""
        def measured():
            spent = call()
            run(argv)
            return spent
        return measured

    def settled(call):
        """It alone: the kernel removes the namespaces that it tried after its end, and the caches have other programs
        than Python, at the cost of what comes next."""
        def measured():
            spent = call()
            run(['sleep', '1'])
            run(python.bare)
            return spent
        return measured

    def plain(*argv):
        return lambda: run(list(argv))

    # command -> (netnsctl, iproute2's counterpart or None)
    commands = {
        'wire': (before(plain(*wire), unwire), before(nine, delete)),
        'wire --no-check': (before(plain(*(wire + ['--no-check'])), unwire), before(nine, delete)),
        'wire --backend netlink': (before(plain(*(wire + ['--backend', 'netlink'])), unwire), before(nine, delete)),
        'unwire': (after(wire, plain(*unwire)), after(wire, before(plain(*delete), unwire))),
        'ls': (plain(*(python.argv + ['ls'])), plain('ip', '-all', 'netns', 'exec', 'ip', '-br', 'address')),
        'netns list': (plain(*(python.argv + ['netns', 'list'])), plain('ip', 'netns', 'list')),
        'netns exec a true': (plain(*(python.argv + ['netns', 'exec', 'pa0', 'true'])),
                              plain('ip', 'netns', 'exec', 'pa0', 'true')),
    }
    calls = {BARE: plain(*python.bare)}
    for command, (own, other) in commands.items():
        calls[command] = own
        if other:
            calls['ip for ' + command] = other
    spent = side_by_side(calls, rounds)
    figures = {}
    alone = side_by_side({BARE: calls[BARE], 'doctor': settled(plain(*(python.argv + ['doctor'])))}, rounds)
    for name, items in spent.items():
        figures[name] = summary(items, spent[BARE])
        if 'ip for ' + name in spent:
            figures[name]['to_ip'] = summary(items, spent['ip for ' + name])['ratio']
    figures['doctor'] = summary(alone['doctor'], alone[BARE])
    _show('single commands, %s' % python.name, figures)
    return figures


def _measure_shim(python, rounds):
    """Over the machine's own ip, to which all goes, and over one that has no netns."""
    folder = world.SCRATCH + '/shim'
    run(['mkdir', '-p', folder + '/old'])
    # As a package has it, with Python and the folder of the modules filled in.
    with open(SHIM) as source:
        text = source.read()
    text = text.replace('@PYTHON@', python.path).replace('@LIBRARY@', python.folders[0])
    os.chmod(world.write('shim/ip', text), 0o755)
    old = world.write('shim/old/ip', OLD_IP)
    os.chmod(old, 0o755)
    usual = os.environ['PATH']
    new = dict(os.environ, PATH='%s:%s' % (folder, usual))
    old = dict(os.environ, PATH='%s:%s/old:%s' % (folder, folder, usual))
    shim = folder + '/ip'
    spent = side_by_side({
        'ip link': lambda: run(['ip', 'link']), 'shim: ip link': lambda: run([shim, 'link'], new),
        'ip netns': lambda: run(['ip', 'netns']), 'shim: ip netns': lambda: run([shim, 'netns'], new),
        'shim: ip netns, by netnsctl': lambda: run([shim, 'netns'], old)}, rounds)
    figures = {}
    for name, items in spent.items():
        base = 'ip link' if name.endswith('link') else 'ip netns'
        figures[name] = summary(items)
        figures[name]['to_ip'] = summary(items, spent[base])['ratio']
    _show('the shim', figures)
    return figures


def _show(title, figures):
    show(title, ['', 'ms', 'to bare', 'to ip', 'rounds', 'peak MB'],
         [[name, '%.1f' % figure['milliseconds_each'], '%.2f' % figure['ratio'] if 'ratio' in figure else '',
           '%.2f' % figure['to_ip'] if 'to_ip' in figure else '', '%d' % figure['rounds'],
           '%.1f' % (figure['peak_kilobytes'] / 1024)] for name, figure in figures.items()])
