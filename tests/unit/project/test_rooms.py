"""The size of things: a room has a dozen modules at most, a file 400 lines; rooms import each other in no circle."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support.imports import circles_of, find_modules, graph_of
from support.program import SOURCE, TOP

MODULES = 12  # of a folder of usecases or edge, __init__ apart
LINES = 400


def room_of(module, modules):
    return module if modules[module].endswith('__init__.py') else module.rpartition('.')[0] or module


def test_a_room_of_usecases_or_edge_has_a_dozen_modules_at_most():
    modules = find_modules(SOURCE)
    rooms = {}
    for module in modules:
        if not modules[module].endswith('__init__.py'):
            rooms.setdefault(module.rpartition('.')[0], []).append(module)
    assert [room for room, inside in sorted(rooms.items())
            if room.split('.')[0] in ('usecases', 'edge') and len(inside) > MODULES] == []


def test_rooms_import_each_other_in_no_circle():
    modules, graph = find_modules(SOURCE), graph_of(SOURCE)
    rooms = {}
    for module, targets in graph.items():
        here = room_of(module, modules)
        rooms.setdefault(here, set()).update(set(room_of(target, modules) for target in targets) - set([here]))
    # A folder and one within it are the same room to a visitor.
    assert [circle for circle in circles_of(rooms)
            if not all(room == circle[0] or room.startswith(circle[0] + '.') for room in circle)] == []


def python_files(top):
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name != '__pycache__']
        for name in names:
            if name.endswith('.py'):
                yield os.path.join(folder, name)


@pytest.mark.parametrize('top', ['src', 'tests', 'bench'])
def test_a_file_has_400_lines_at_most_or_says_why_not(top):
    """A longer one has "Long, because" in its docstring."""
    found = []
    for path in python_files(os.path.join(TOP, top)):
        with open(path, 'rb') as source:
            text = source.read()
        if text.count(b'\n') > LINES and b'Long, because' not in b''.join(text.splitlines(True)[:12]):
            found.append('%s: %d lines' % (os.path.relpath(path, TOP), text.count(b'\n')))
    assert found == []
