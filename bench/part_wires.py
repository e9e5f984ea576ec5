"""1, 100, 1,000 wires between named namespaces: netnsctl, what else there is, and the floor; and removing them."""
from __future__ import absolute_import, division, print_function

import contenders
import world
from measuring import Skipped, run, say, show, side_by_side, summary

# (name of the rounds' contender, seconds at one size past which it runs once and without a round to warm up)
SLOW_SECONDS = 5.0
FLOOR, FLOOR_SERIAL, NINE = 'floor (C)', 'floor (C), one at a time', 'nine ip commands'
DELETE = 'ip -n NS link delete'


def making(floor, pythons, prefix, count, skipped):
    """{name: function that makes COUNT wires and returns Spent}, in the order of the table."""
    found = {}

    def add(name, factory, *arguments):
        try:
            found[name] = factory(*arguments)
        except Skipped as reason:
            skipped[name] = str(reason)

    add(NINE, contenders.nine_commands, prefix, count)
    add('ip -batch', contenders.ip_batch, prefix, count)
    add('CNI ptp (one side)', contenders.cni_ptp, floor, prefix, count)
    add('CNI bridge', contenders.cni_bridge, floor, prefix, count)
    first = next(iter(pythons.values()))
    add('pyroute2 NetNS, ' + first.name, contenders.pyroute2_netns, first, prefix, count)
    for python in pythons.values():
        for backend in ('iproute', 'netlink'):
            add('netnsctl %s, %s' % (backend, python.name), contenders.netnsctl, python, backend, prefix, count)
        add('netnsctl netlink --no-check, %s' % python.name, contenders.netnsctl, python, 'netlink', prefix, count,
            ['--no-check'])
        if count <= 100:  # two processes a wire
            add('netnsctl as CNI plugin, ' + python.name, contenders.netnsctl_as_cni, python, prefix,
                count)
    return found


def measure(floor, pythons, sizes, rounds, skipped):
    """{'make': {size: {name: figures}}, 'unwire': the same}"""
    made, gone = {}, {}
    slow = set()
    for size in sizes:
        world.make_names('w', size)
        try:
            times = rounds if size < 100 else max(3, rounds // 3)
            made[size] = _measure_making(floor, pythons, size, times, slow, skipped)
            gone[size] = _measure_unwiring(floor, pythons, size, times)
        finally:
            world.remove_names('w', size)
    return {'make': made, 'unwire': gone}


def _measure_making(floor, pythons, size, rounds, slow, skipped):
    calls = making(floor, pythons, 'w', size, skipped)
    if floor:
        calls[FLOOR] = lambda: floor.wire('w', size)

    def cleaned(name, call):
        def measured():
            spent = call()
            _clean(name, floor, pythons, size)
            return spent
        return measured

    quick = dict((name, cleaned(name, call)) for name, call in calls.items() if name not in slow)
    once = dict((name, cleaned(name, call)) for name, call in calls.items() if name in slow)
    spent = side_by_side(quick, rounds, warm=1 if size <= 100 else 0)
    if once:
        say('  (once at this size: %s)' % ', '.join(once))
        spent.update(side_by_side(once, 1, warm=0))
    # What takes long at this size would take ten times as long at the next.
    slow.update(name for name, items in spent.items() if items[0].seconds * 10 > SLOW_SECONDS)
    base = spent.get(FLOOR)
    figures = {}
    for name in calls:
        figures[name] = summary(spent[name], base and base[:len(spent[name])], size)
        figures[name]['to_nine'] = figures[name]['seconds'] / summary(spent[NINE])['seconds']
        if size == 1:
            figures[name]['to_nine'] = summary(spent[name], spent[NINE])['ratio']
    _show('%d wire%s' % (size, 's' if size > 1 else ''), figures)
    return figures


def _clean(name, floor, pythons, size):
    if name.startswith('netnsctl'):
        run(next(iter(pythons.values())).argv + ['unwire', '--all'])
    elif floor is None:
        for a, _ in contenders.names_of('w', size):
            run(['ip', '-n', a, 'link', 'delete', 'A'])
    elif name.startswith('CNI'):
        contenders.remove_cni(floor, 'w', size)
    else:
        floor.unwire('w', size)


def _measure_unwiring(floor, pythons, size, rounds):
    """What netnsctl made is taken away by netnsctl, what the floor made by the floor and by ip."""
    calls = {}
    for python in pythons.values():
        def unwire(python=python):
            contenders.netnsctl(python, 'netlink', 'w', size, ['--no-check'])()
            return run(python.argv + ['unwire', '--all'])
        calls['netnsctl unwire --all, ' + python.name] = unwire
    if floor:
        delete = contenders.delete_links('w', size)

        def after_floor(call):
            def measured():
                floor.wire('w', size)
                return call()
            return measured

        if size <= 100:
            calls[DELETE] = after_floor(delete)
            calls[FLOOR_SERIAL] = after_floor(lambda: floor.unwire('w', size, threads=1))
        calls[FLOOR] = after_floor(lambda: floor.unwire('w', size))
    spent = side_by_side(calls, rounds, warm=1 if size <= 100 else 0)
    figures = dict((name, summary(items, spent.get(FLOOR), size)) for name, items in spent.items())
    _show('removing %d wire%s' % (size, 's' if size > 1 else ''), figures)
    return figures


def _show(title, figures):
    rows = []
    for name, figure in figures.items():
        rows.append([name, '%.2f' % figure['milliseconds_each'], '%.2f' % figure.get('ratio', 0),
                     '%.2f' % figure['to_nine'] if 'to_nine' in figure else '', '%d' % figure['rounds'],
                     '%.2f' % (figure['cpu_seconds'] / figure['seconds'] * figure['milliseconds_each']),
                     '%.1f' % (figure['peak_kilobytes'] / 1024)])
    show(title, ['', 'ms a wire', 'to floor', 'to nine', 'rounds', 'CPU ms a wire', 'peak MB'], rows)
