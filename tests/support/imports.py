"""Which module of the project imports which, read from the source: nothing is run."""
from __future__ import absolute_import, division, print_function

import ast
import os


def find_modules(top):
    """{module name without 'netnsctl.': path}; the package itself is 'netnsctl'."""
    modules = {}
    for folder, _, names in os.walk(os.path.join(top, 'netnsctl')):
        for name in names:
            if not name.endswith('.py'):
                continue
            path = os.path.join(folder, name)
            parts = os.path.relpath(path, top)[:-len('.py')].split(os.sep)
            if parts[-1] == '__init__':
                parts.pop()
            modules['.'.join(parts[1:]) or 'netnsctl'] = path
    return modules


def text_of(node):
    """The value of a string literal (ast.Str before 3.8, ast.Constant since), or None."""
    value = getattr(node, 's', None) if node.__class__.__name__ == 'Str' else getattr(node, 'value', None)
    return value if node.__class__.__name__ in ('Str', 'Constant') and isinstance(value, str) else None


def imports_of(module, path, tree):
    """(line, dotted name, names taken from it or None) of every import, wherever in the module it stands."""
    package = ['netnsctl'] + ([] if module == 'netnsctl' else module.split('.'))
    if not path.endswith('__init__.py'):
        package.pop()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else []
            name = '.'.join(base + ([node.module] if node.module else []))
            found.append((node.lineno, name, [alias.name for alias in node.names]))
        elif isinstance(node, ast.Call) and node.args and (text_of(node.args[0]) or '').startswith('netnsctl'):
            called = getattr(node.func, 'id', getattr(node.func, 'attr', ''))
            if called in ('__import__', 'import_module'):
                found.append((node.lineno, text_of(node.args[0]), None))
    return found


def own_modules(name, taken, modules):
    """The modules of this project that an import of `name`, or of names from it, brings in."""
    if name != 'netnsctl' and not name.startswith('netnsctl.'):
        return []
    if name == 'netnsctl' and taken == ['__version__']:
        return []  # a fact, and nothing of the API
    inner = name[len('netnsctl.'):]
    found = set()
    for item in taken or [None]:
        below = '.'.join(part for part in (inner, item) if part)
        found.add(below if item and below in modules else inner or 'netnsctl')
    return sorted(found)


def circles_of(graph):
    """The sets of modules that import each other, however late: list of sorted lists. graph: {module: set of those that
    it imports}."""
    def reached_from(module):
        found, todo = set(), [module]
        while todo:
            for other in graph.get(todo.pop(), ()):
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return found

    reached = dict((module, reached_from(module)) for module in graph)
    circles = set(tuple(sorted(other for other in reached[module] if module in reached.get(other, ())))
                  for module in graph if module in reached[module])
    return [list(circle) for circle in sorted(circles)]


def graph_of(top):
    """{module: set of the modules that it imports, wherever in it the import stands}."""
    modules = find_modules(top)
    graph = {}
    for module, path in modules.items():
        with open(path, 'rb') as source:
            tree = ast.parse(source.read(), path)
        graph[module] = set(target for _, name, taken in imports_of(module, path, tree)
                            for target in own_modules(name, taken, modules) if target != module)
    return graph
