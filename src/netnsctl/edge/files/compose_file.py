"""Compose files: read as docker compose reads them where it is installed, else as plain YAML or JSON.

`docker compose config` fills in variables, merges what extends and includes name, and says what the project is called.
Its JSON lacks the x- keys of services (seen with 2.26), so with PyYAML its YAML is read. docker-compose 1.x leaves the
top level's x- keys out of both, and is not asked.
"""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.compat import find_libraries, native, open_cloexec, read_all, string_types
from netnsctl.edge.runtimes.container import one_line
from netnsctl.errors import UsageError, cause_of
from netnsctl.model import own_wires
from netnsctl.model.compose import KEY

BYTES = 1 << 20
ITEMS = 100000  # that anchors may make of a file, in what is read of it
DIGITS = 100
SECONDS = 30.0
_VARIABLE = re.compile(r'\$\{?([A-Za-z_][A-Za-z0-9_]*)')
_DOCKERS = ('DOCKER_CONFIG', 'DOCKER_CONTEXT', 'DOCKER_HOST', 'COMPOSE_PROJECT_NAME', 'COMPOSE_PROFILES',
            'COMPOSE_ENV_FILES')
# What decides which code a helper runs is not for a file to name.
_NEVER = re.compile(r'PATH\Z|HOME\Z|LD_|PYTHON|BASH_ENV\Z|ENV\Z|GO')
_INDENTED = re.compile(r'(?m)^[ \t]+["\']?x-netnsctl["\']?[ \t]*:')
_PLUGIN = 'Install docker\'s compose plugin (docker-compose-plugin).'
_LIBRARY = 'Install PyYAML (python3-yaml; PyYAML on EL6 and EL7).'
_PACKAGES = _LIBRARY[:-1] + ', or docker\'s compose plugin (docker-compose-plugin).'


def read(host, filename, project=None):
    """(the file as plain data, the name of the project or None, its absolute path). UsageError for what cannot be
    read, or is no YAML.

    project: its name, where a person says it; else that of the file, of COMPOSE_PROJECT_NAME, or of its directory.
    """
    path = os.path.abspath(filename)
    text = _text_of(path)
    yaml = _yaml()
    program = _program(host)
    if program is not None:
        data = _by_compose(host, program, path, text, project, yaml)
    elif text.lstrip()[:1] == '{':
        data = _by_json(path, text)
    elif yaml is not None:
        data = _by_yaml(yaml, path, text)
    else:
        raise UsageError('%s: this Python has no reader for YAML' % path, hint=_PACKAGES)
    if isinstance(data, dict):
        _require_bounded(path, data)
    picked = _picked(data)
    if program is None:
        _refuse_what_only_compose_knows(path, data, picked)
    name = project or (picked['name'] if isinstance(picked, dict) else None) or _usual_name(host, path)
    return picked, name, path


def _text_of(path):
    try:
        descriptor = open_cloexec(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, IOError, TypeError, ValueError) as error:
        raise UsageError('%s: %s' % (path, cause_of(error)))
    try:
        import stat
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UsageError('%s: not a regular file' % path)
        data = read_all(descriptor, BYTES + 1)
    except EnvironmentError as error:
        raise UsageError('%s: %s' % (path, cause_of(error)))
    finally:
        os.close(descriptor)
    if len(data) > BYTES:
        raise UsageError('%s: larger than %d bytes' % (path, BYTES))
    try:
        return native(data.decode('utf-8'))
    except UnicodeError:
        raise UsageError('%s: not UTF-8' % path)


def _yaml():
    """The library, or None: it is not among those that netnsctl needs."""
    find_libraries()
    try:
        import yaml
        return yaml if hasattr(yaml, 'SafeLoader') else None
    except Exception:  # one that is there, but not for this Python
        return None


def _program(host):
    """The words that ask docker compose (2 and later), or None."""
    docker = host.find('docker')
    if docker is not None and host.run(
            [docker, 'compose', 'version'], seconds=SECONDS, environ=_DOCKERS).status == 0:
        return [docker, 'compose']
    alone = host.find('docker-compose')
    if alone is not None and re.search(r'(?i)compose version:? v?[2-9]', host.run(
            [alone, 'version'], seconds=SECONDS).out):
        return [alone]
    return None


def _by_compose(host, program, path, text, project, yaml):
    if yaml is None and _INDENTED.search(text):
        raise UsageError('%s: without PyYAML x-netnsctl is read at the top level alone' % path, hint=_LIBRARY)
    words = ['-f', path] + (['-p', project] if project else []) + ['config'] + ([] if yaml else ['--format', 'json'])
    named = [name for name in set(_VARIABLE.findall(text)) if not _NEVER.match(name)]
    result = host.run(program + words, seconds=SECONDS, environ=_DOCKERS + tuple(named))
    if result.status != 0:
        lines = [line for line in result.err.splitlines() if line.strip()]
        raise UsageError('%s: docker compose: %s' % (path, one_line(lines[-1]) if lines else 'status %d'
                                                     % result.status))
    return _by_yaml(yaml, path, result.out) if yaml else _by_json(path, result.out)


def _by_json(path, text):
    import json
    try:
        return json.loads(text)
    except (ValueError, RuntimeError) as error:  # RuntimeError: nested deeper than the interpreter's stack
        raise UsageError('%s: not JSON: %s' % (path, one_line(str(error))))


def _by_yaml(yaml, path, text):
    try:
        loader = _bounded(yaml)
        return yaml.load(text, Loader=loader)  # nosec B506 # a SafeLoader
    except yaml.YAMLError as error:
        raise UsageError('%s: not YAML: %s' % (path, one_line(str(error))))
    # A date that is none; too deep; {[]: 1}; !!int with nothing in it; !!timestamp of what is none.
    except (ValueError, RuntimeError, TypeError, OverflowError, LookupError, AttributeError) as error:
        raise UsageError('%s: not YAML: %s' % (path, one_line(str(error))))


def _bounded(yaml):
    """A SafeLoader for files of strangers: merge keys may repeat no more than ITEMS keys, and a number with many digits
    is text, since it may take minutes to compute (1:59:59:59...)."""
    class Loader(yaml.SafeLoader):
        merged = 0

        def flatten_mapping(self, node):
            for key, value in node.value:
                if key.tag == 'tag:yaml.org,2002:merge':
                    for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                        if isinstance(one, yaml.MappingNode):
                            self.flatten_mapping(one)
                            self.merged += 1 + len(one.value)
                        if self.merged > ITEMS:
                            raise yaml.YAMLError('its merge keys repeat more than %d keys' % ITEMS)
            yaml.SafeLoader.flatten_mapping(self, node)

        def construct_yaml_int(self, node):
            if isinstance(node, yaml.ScalarNode) and len(node.value) > DIGITS:
                return self.construct_yaml_str(node)
            return yaml.SafeLoader.construct_yaml_int(self, node)

        def construct_yaml_float(self, node):
            if isinstance(node, yaml.ScalarNode) and len(node.value) > DIGITS:
                return self.construct_yaml_str(node)
            return yaml.SafeLoader.construct_yaml_float(self, node)
    Loader.add_constructor('tag:yaml.org,2002:int', Loader.construct_yaml_int)
    Loader.add_constructor('tag:yaml.org,2002:float', Loader.construct_yaml_float)
    return Loader


def _require_bounded(path, data):
    """UsageError if what is read of a file is far more than what is written in it."""
    services = data.get('services')
    said = [data] + [one for one in (services.values() if isinstance(services, dict) else ()) if isinstance(one, dict)]
    items = 0
    for one in said:
        wires = one[KEY].get('wires') if isinstance(one.get(KEY), dict) else None
        items += sum(len(part) for part in (one.get(KEY), one.get('labels'), wires) if isinstance(part, (dict, list)))
    if items > ITEMS:
        raise UsageError('%s: its anchors make more than %d wires and labels of it' % (path, ITEMS))


def _picked(data):
    """What is read of a file, and no more: with anchors a short YAML can mean more than memory holds. Native text; what
    is neither text, number nor None within it is ()."""
    if not isinstance(data, dict):
        return data
    found = {'name': _leaf(data.get('name')), KEY: _extension(data.get(KEY))}
    services = data.get('services')
    found['services'] = services if not isinstance(services, dict) else dict(
        (_leaf(name), said if not isinstance(said, dict) else
         {'labels': _labels(said.get('labels')), KEY: _extension(said.get(KEY))}) for name, said in services.items())
    return found


def _leaf(value):
    if isinstance(value, string_types):
        return native(value)
    return value if value is None or isinstance(value, (int, float)) else ()


def _extension(said):
    if not isinstance(said, dict):
        return said
    wires = said.get('wires', ())
    wires = [] if wires is None else wires  # docker compose makes null of []
    if not isinstance(wires, list):
        return dict((_leaf(key), ()) for key in said)
    return dict([(_leaf(key), ()) for key in said], wires=[_leaf(text) for text in wires])


def _labels(said):
    if isinstance(said, dict):
        return dict((_leaf(key), _leaf(value)) for key, value in said.items())
    return [_leaf(item) for item in said] if isinstance(said, list) else None


def _refuse_what_only_compose_knows(path, data, picked):
    """UsageError for variables in what is read of a file (picked), and for services that are described elsewhere."""
    for text in _texts(picked):
        if '$' in text:
            raise UsageError('%s: %s: only docker compose fills in variables' % (path, one_line(text)), hint=_PLUGIN)
    services = data.get('services') if isinstance(data, dict) else None
    if isinstance(services, dict) and ('include' in data or any(
            isinstance(said, dict) and 'extends' in said for said in services.values())):
        raise UsageError('%s: only docker compose follows extends and include' % path, hint=_PLUGIN)


def _texts(data):
    """The texts of a file that are read: list."""
    if not isinstance(data, dict):
        return []
    services = data['services'] if isinstance(data['services'], dict) else {}
    said = [data] + [service for service in services.values() if isinstance(service, dict)]
    found = [data['name']]
    for one in said:
        found += (one[KEY] if isinstance(one[KEY], dict) else {}).get('wires') or ()
        labels = one.get('labels')
        found += [value for key, value in labels.items() if own_wires.is_label(str(key))] if isinstance(
            labels, dict) else [item for item in labels or () if own_wires.is_label(str(item))]
    return [text for text in found if isinstance(text, str)]


def _usual_name(host, path):
    """What compose calls a project that nobody named: by its directory, small letters, digits, _ and - alone."""
    text = host.environ.get('COMPOSE_PROJECT_NAME') or os.path.basename(os.path.dirname(path))
    return re.sub('[^a-z0-9_-]', '', text.lower()).lstrip('_-')
