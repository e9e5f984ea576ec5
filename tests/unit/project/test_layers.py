"""The layers: imports go downward only and never in a circle, model does no I/O, and what differs between Pythons is in
compat.py.

    cli -> netnsctl (the API) -> usecases -> execution -> edge;   below all of them: model;   below that: errors, compat
"""
from __future__ import absolute_import, division, print_function

import ast
import os

import pytest

from support.imports import circles_of, find_modules, imports_of, own_modules
from support.program import SOURCE

LAYERS = ('cli', 'netnsctl', 'usecases', 'execution', 'edge', 'model')
FROM_ANYWHERE = ('errors', 'compat')
# Modules beside the layers' folders: what `python -m` enters is the command line, api is what the package offers.
# ipnetns and ipshim are command lines of their own, without click; plugins are what runtimes start.
ALIASES = {'__main__': 'cli', 'start': 'cli', 'ipnetns': 'cli', 'ipshim': 'cli', 'plugins': 'cli', 'api': 'netnsctl',
           'library': 'netnsctl'}
# model says what is to be; these would let it look or do.
MODEL_FORBIDDEN = ('os', 'io', 'sys', 'subprocess', 'fcntl', 'select', 'ctypes', 'tempfile', 'shutil', 'glob',
                   'signal', 'time', 'pyroute2', 'socket')
# A package of model may turn text into addresses, which socket does without touching the network.
SOCKET_ALLOWED = ('inet_pton', 'inet_ntop', 'inet_aton', 'inet_ntoa', 'AF_INET', 'AF_INET6', 'error')
FUTURE = set(['absolute_import', 'division', 'print_function'])


def layer_of(module):
    """Its place in LAYERS; None for what anything may import."""
    first = module.split('.')[0]
    if first in FROM_ANYWHERE:
        return None
    return LAYERS.index(ALIASES.get(first, first))


def upward_imports(module, imports, modules):
    here = layer_of(module)
    if here is None:
        here = len(LAYERS)
    for line, name, taken in imports:
        for target in own_modules(name, taken, modules):
            there = layer_of(target)
            if there is not None and there < here:
                yield '%d: %s imports %s' % (line, module, target)


def model_io(module, imports, tree):
    if layer_of(module) != LAYERS.index('model'):
        return
    for line, name, taken in imports:
        top = name.split('.')[0]
        allowed = top == 'socket' and all(item in SOCKET_ALLOWED for item in taken or ())
        if top in MODEL_FORBIDDEN and not allowed:
            yield '%d: model imports %s' % (line, name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, 'id', '') == 'socket':
            if node.attr not in SOCKET_ALLOWED:
                yield '%d: model uses socket.%s' % (node.lineno, node.attr)
        if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'open':
            yield '%d: model opens a file' % node.lineno


def version_looks(module, imports, tree):
    if module == 'compat':
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ('version_info', 'hexversion', 'python_version'):
            yield '%d: looks at the version of Python' % node.lineno
    for line, name, taken in imports:
        if name == 'sys' and set(taken or ()) & set(['version_info', 'hexversion']):
            yield '%d: looks at the version of Python' % line


def missing_future(tree):
    statements = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    if not statements:
        return
    first = statements[0]
    if not (isinstance(first, ast.ImportFrom) and first.module == '__future__'
            and FUTURE <= set(alias.name for alias in first.names)):
        yield '%d: begins without `from __future__ import %s`' % (first.lineno, ', '.join(sorted(FUTURE)))


def faults_of(top):
    """Every breach in the tree of sources under `top`, as 'PATH:LINE: what'."""
    modules = find_modules(top)
    faults, graph = [], {}
    for module, path in sorted(modules.items()):
        with open(path, 'rb') as source:
            tree = ast.parse(source.read(), path)
        imports = imports_of(module, path, tree)
        found = list(upward_imports(module, imports, modules)) + list(model_io(module, imports, tree))
        found += list(version_looks(module, imports, tree)) + list(missing_future(tree))
        faults += ['%s:%s' % (os.path.relpath(path, top), fault) for fault in found]
        graph[module] = set(target for _, name, taken in imports for target in own_modules(name, taken, modules)
                            if target != module)
    return faults + ['a circle: %s' % ' '.join(circle) for circle in circles_of(graph)]


def test_the_source_keeps_to_its_layers():
    assert find_modules(SOURCE)
    assert faults_of(SOURCE) == []


@pytest.fixture
def plant(tmpdir):
    """plant(path, text): the faults of a small tree in which that module holds that text."""
    def write(path, text, future=True):
        head = 'from __future__ import absolute_import, division, print_function\n' if future else ''
        tmpdir.join('netnsctl', path).write(head + text + '\n', ensure=True)

    for name in ('cli/__init__', 'usecases/wiring', 'model/plan', 'model/operations', 'execution/undoing', 'edge/host',
                 'errors', 'compat', 'library', '__init__'):
        write(name + '.py', '')

    def planted(path, text, future=True):
        assert faults_of(str(tmpdir)) == []
        write(path, text, future)
        return faults_of(str(tmpdir))
    planted.write, planted.top = write, str(tmpdir)
    return planted


@pytest.mark.parametrize('path,text', [
    ('edge/host.py', 'from netnsctl.execution import undoing'),
    ('edge/host.py', 'import netnsctl.library'),
    ('edge/host.py', 'def late():\n    from netnsctl.usecases.wires.wiring import wire'),
    ('edge/host.py', 'from ..execution import undoing'),
    ('edge/host.py', 'import netnsctl'),
    ('edge/host.py', 'from netnsctl import wire'),
    ('usecases/wires/wiring.py', 'from netnsctl import library'),
    ('edge/host.py', '__import__("netnsctl.execution.undoing")'),
    ('execution/undoing.py', 'from netnsctl.usecases import wiring'),
    ('execution/undoing.py', 'from netnsctl.usecases.wires.wiring import wire'),
    ('model/plan.py', 'from netnsctl.edge import host'),
    ('model/plan.py', 'from netnsctl.execution import undoing'),
    ('usecases/wires/wiring.py', 'from netnsctl import wire'),
    ('usecases/wires/wiring.py', 'from netnsctl.cli import main'),
    ('__init__.py', 'from netnsctl.cli import main'),
    ('errors.py', 'from netnsctl.edge import host'),
    ('compat.py', 'from netnsctl import cli'),
    ('model/plan.py', 'import os'),
    ('model/plan.py', 'import os.path'),
    ('model/plan.py', 'from socket import socket'),
    ('model/plan.py', 'import socket\nsocket.create_connection'),
    ('model/plan.py', 'open("/etc/hosts")'),
    ('edge/host.py', 'import sys\nsys.version_info'),
    ('edge/host.py', 'from sys import version_info'),
])
def test_a_breach_is_found(plant, path, text):
    faults = plant(path, text)
    assert len(faults) == 1
    assert faults[0].startswith('netnsctl/%s:' % path)


@pytest.mark.parametrize('text', [
    'from netnsctl.model import operations', 'import netnsctl.model.operations', 'from . import operations',
    'def late():\n    from netnsctl.model.operations import AddLink', '__import__("netnsctl.model.operations")'])
def test_a_circle_is_found_however_late_it_closes(plant, text):
    assert plant('model/operations.py', 'from netnsctl.model import plan') == []
    plant.write('model/plan.py', text)
    assert faults_of(plant.top) == ['a circle: model.operations model.plan']


def test_circles_apart_are_told_apart():
    graph = {'a': set('b'), 'b': set('ac'), 'c': set('d'), 'd': set('e'), 'e': set('c'), 'f': set('a')}
    assert circles_of(graph) == [['a', 'b'], ['c', 'd', 'e']]


def test_a_module_without_the_future_line_is_found(plant):
    assert plant('edge/host.py', 'import os', future=False) == [
        'netnsctl/edge/host.py:1: begins without `from __future__ import absolute_import, division, print_function`']


@pytest.mark.parametrize('path,text', [
    ('cli/__init__.py', 'from netnsctl import wire, errors\nfrom netnsctl.edge import host'),
    ('__init__.py', 'def wire():\n    from netnsctl.usecases import wiring'),
    ('__init__.py', 'def wire():\n    from netnsctl import library'),
    ('usecases/wires/wiring.py', 'from netnsctl.model import plan\nfrom netnsctl.execution.undoing import undo'),
    ('usecases/wires/wiring.py', 'from . import other\nfrom ..edge import host'),
    ('execution/undoing.py', 'from netnsctl.model.operations import AddLink\nfrom netnsctl.edge import host'),
    ('execution/undoing.py', 'from netnsctl.model import operations'),
    ('execution/undoing.py', 'from netnsctl.model import plan'),
    ('edge/host.py', 'from netnsctl.model.plan import Plan'),
    ('model/plan.py', 'import socket\nfrom netnsctl import compat, errors\nsocket.inet_pton(socket.AF_INET6, "::")'),
    ('compat.py', 'import sys\nsys.version_info'),
])
def test_what_is_allowed_is_no_fault(plant, path, text):
    assert plant(path, text) == []
