"""What netnsctl wants to reach, held against the figures of a run."""
from __future__ import absolute_import, division, print_function

from measuring import show as show_table


def judge(figures):
    """[{target, limit, value or None (not measured), met}]"""
    return [{'target': name, 'limit': limit, 'value': value, 'met': None if value is None else value <= limit}
            for name, limit, value in _values(figures)]


def show(verdicts):
    show_table('to reach', ['', 'at most', 'measured', ''],
               [[item['target'], '%.2f' % item['limit'],
                 'not measured' if item['value'] is None else '%.2f' % item['value'],
                 {None: '', True: 'met', False: 'MISSED'}[item['met']]] for item in verdicts])


def _at(figures, *keys):
    """The figure at the end of these keys, or None where there is none."""
    for key in keys:
        if not isinstance(figures, dict) or key not in figures:
            return None
        figures = figures[key]
    return figures


def _values(figures):
    found = []
    largest = max(_at(figures, 'wires', 'make') or [0])
    wires = '%d wire%s' % (largest, 's' if largest > 1 else '') if largest else 'many wires'
    # Python 2.6 is measured where there is one, and has no targets.
    for name in sorted(_interpreters(figures) - set(['python2.6']), reverse=True):
        made = 'netnsctl netlink, ' + name
        if name != 'python2.7':
            for what, key in ((made, made), (made + ', --no-check', 'netnsctl netlink --no-check, ' + name)):
                found.append(('%s by a file to the floor: %s' % (wires, what), 2,
                              _at(figures, 'wires', 'make', largest, key, 'ratio')))
            found.append(('%s away to the floor: %s' % (wires, name), 2,
                          _at(figures, 'wires', 'unwire', largest, 'netnsctl unwire --all, ' + name, 'ratio')))
            found.append(('up to wire -f of the same: ' + name, 1.3, _at(figures, 'tree', name, 'up', 'to_file')))
            found.append(('up with nothing to do to up: ' + name, 0.3,
                          _at(figures, 'tree', name, 'up again', 'ratio')))
        found += _of_processes(figures, name)
        growth = _at(figures, 'growth', name) or {}
        if len(growth) > 1:
            few, many = min(growth), max(growth)
            found.append(('wire %d to wire %d: %s' % (many, few, name), 1.2,
                          growth[many]['wire']['ratio'] / growth[few]['wire']['ratio']))
        if name != 'python2.7':
            found += _of_map(figures, name)
            found += _of_ends(figures, name)
            found += _of_memory(figures, name)
        peak = _at(figures, 'wires', 'make', largest, made, 'peak_kilobytes')
        found.append(('peak memory at %s, MB: %s' % (wires, name), 64, peak and peak / 1024))
    found.append(("the shim's ip netns by netnsctl to the real one", 8,
                  _at(figures, 'processes', 'shim', 'shim: ip netns, by netnsctl', 'to_ip')))
    return found


def _of_processes(figures, name):
    is_old = name == 'python2.7'
    for backend, command, limit in (('iproute', 'wire', 0.75), ('netlink', 'wire --backend netlink', 0.6)):
        yield ('one wire to the nine commands: %s, %s' % (backend, name), 1.5 if is_old else limit,
               _at(figures, 'processes', name, command, 'to_ip'))
    for command, limit in (('doctor', 10), ('netns list', 1.1), ('netns exec a true', 1.25)):
        if not is_old or command != 'doctor':
            yield ('%s to a bare start: %s' % (command, name), 1.5 if is_old else limit,
                   _at(figures, 'processes', name, command, 'ratio'))


def _of_map(figures, name):
    for form in ('text', 'json'):
        drawn = _at(figures, 'map', name, form)
        yield 'map as %s, seconds: %s' % (form, name), 1, _at(drawn, 'seconds')
        yield 'map as %s, peak memory in MB: %s' % (form, name), 100, drawn and drawn['peak_kilobytes'] / 1024


def _of_ends(figures, name):
    for what in ('on ten bridges', 'on ten bridges that have an address', 'to the host'):
        yield 'ends %s to plain wires: %s' % (what, name), 1.3, _at(figures, 'ends', name, what, 'ratio')
    yield ("containers of docker, ms a wire beyond docker's answers: " + name, 2,
           _at(figures, 'docker', name, 'beyond'))


def _of_memory(figures, name):
    for command, figure in (_at(figures, 'memory', name) or {'wire -f': None}).items():
        yield ('peak memory of %s with very many wires, MB: %s' % (command, name), 100,
               figure and figure['peak_kilobytes'] / 1024)


def _interpreters(figures):
    """Names of the interpreters that were measured in any part."""
    names = set(name for part in ('processes', 'tree', 'growth', 'memory', 'map', 'ends', 'docker')
                for name in figures.get(part, {}) if name != 'shim')
    for makers in (_at(figures, 'wires', 'make') or {}).values():
        names.update(name.rpartition(', ')[2] for name in makers if name.startswith('netnsctl'))
    return names
