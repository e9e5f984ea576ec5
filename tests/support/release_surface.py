"""What scripts and other programs rely on, as one document that is kept with each release: commands and options, exit
codes, the words of endpoints, keys of the tree, the Python API, what runtimes and Ansible call. docs/stability.md says
what of it stays."""
from __future__ import absolute_import, division, print_function

import io
import os
import re

from netnsctl import errors
from netnsctl.cli import commands
from netnsctl.edge.files import settings
from netnsctl.edge.runtimes import engines
from netnsctl.ipnetns import words as ip_words
from netnsctl.model import compose, endpoint, links, own_wires
from netnsctl.model.ifcfg import fields
from netnsctl.plugins import netavark
from netnsctl.plugins.cni import configuration, documents, problems
from netnsctl.plugins.netavark import network
from netnsctl.usecases import doctor, fixing, tree
from netnsctl.usecases.tree import reading
from support.program import TOP

DOCS = os.path.join(TOP, 'docs')
MODULES = os.path.join(TOP, 'ansible', 'plugins', 'modules')


def surface():
    """{part: {name: what is said of it, as text or a sorted list}}"""
    return {
        'commands': dict((' '.join(path), command.load().words and command.load().words.metavar or '')
                         for path, command in commands.walk()),
        'options': dict(option for path, command in commands.walk() for option in options_of(path, command.load())),
        'exit codes': dict((name, '%d' % item.exit_code) for name, item in vars(errors).items()
                           if isinstance(item, type) and issubclass(item, errors.NetnsctlError)),
        'endpoints': {'schemes': sorted(endpoint.SCHEMES), 'keys': sorted(endpoint.KEYS),
                      'words': sorted(endpoint.WORDS)},
        'keys of kinds': dict((name, sorted(links.kind_named(name).keys)) for name in links.KINDS),
        'files of the tree': {'beginnings': sorted(('ifcfg-',) + reading.SIDE_PREFIXES), 'place': tree.PLACE},
        'keys of the tree': dict((field.key, 'acted on' if field.acted else 'refused' if field.other else 'kept')
                                 for field in fields.FIELDS),
        'settings': dict((key, sorted(values)) for key, values in settings.KEYS.items()),
        'variables': {'environment': sorted(['NETNSCTL_PATH', 'NO_COLOR'] + list(engines.DOCKER_VARIABLES))},
        'checks': {'names': sorted(item.name for item in doctor.checks()), 'ways to fix': sorted(fixing.WAYS)},
        'words of netns': {'words': sorted(word.decode('ascii') for word, _, _ in ip_words._WORDS)},
        'python': python_api(),
        'cni': {'versions': sorted(documents.VERSIONS), 'keys': sorted(configuration.READERS),
                'codes': sorted('%d' % code for code in set(
                    [problems.WIRE + code for code in (1, 3, 4, 6)]
                    + [problems.DIFFERS, problems.INTERRUPTED, problems.IPAM, problems.DEFECT]))},
        'netavark': {'version': netavark.API_VERSION, 'options': sorted(set(network.FLAGS) | set(network.OWN_KEYS)),
                     'ipam': sorted(network.IPAM)},
        'containers': {'label': own_wires.LABEL, 'compose': compose.KEY},
        'ansible': dict(options_of_module(name) for name in sorted(os.listdir(MODULES)) if name.endswith('.py')),
    }


def options_of(path, syntax):
    """[('wire --mtu', 'a value'), ('wire --json', 'flag'), ('wire --backend', ['auto', ...]), ...]"""
    found = []
    for option in () if syntax.is_raw else syntax.options:
        kind = 'flag' if not option.metavar else 'values' if option.is_repeated else 'a value'
        if '|' in (option.metavar or ''):
            kind = sorted(option.metavar.split('|'))
        for name in option.names + ([option.off] if option.off else []):
            found.append(('%s %s' % (' '.join(path), name), kind))
    return found


def read(*names):
    with io.open(os.path.join(TOP, *names), encoding='utf-8') as source:
        return source.read()


def python_api():
    """{function: [its arguments with their types], class: [its attributes]} of the stub files."""
    found = {}
    for name in ('__init__.pyi', 'errors.pyi'):
        text = read('src', 'netnsctl', name)
        for function, words, given in re.findall(r'(?m)^def (\w+)\(((?:.|\n)*?)\) -> (.*): \.\.\.$', text):
            # Commas within brackets belong to a type.
            arguments = re.split(r',\s+(?![^\[]*\])', words.strip()) if words else []
            by_place = arguments[:arguments.index('*')] if '*' in arguments else arguments
            numbered = ['%d. %s' % (index + 1, word) for index, word in enumerate(by_place)]
            by_name = [word for word in arguments[len(by_place):] if word != '*']
            found[function] = sorted(['-> ' + given] + numbered + by_name)
        for kind, body in re.findall(r'(?m)^class (\w+).*:((?:\n    .*)*)', text):
            found[kind] = sorted(re.findall(r'(?m)^    (\w+: [^"\n]+)$', body)
                                 + ['%s()' % method for method in re.findall(r'(?m)^    def (\w+)\(', body)])
    return found


def options_of_module(name):
    """('wire', ['ends: list', ...]) of an Ansible module's documentation."""
    text = read('ansible', 'plugins', 'modules', name).partition('\noptions:\n')[2].partition("\n'''")[0]
    found, option = [], None
    for line in text.splitlines():
        if re.match(r'\S', line):
            break
        heading = re.match(r'  (\w+):$', line)
        option = heading.group(1) if heading else option
        if re.match(r'    type: ', line):
            found.append('%s: %s' % (option, line.split()[1]))
    return name[:-len('.py')], sorted(found)


def lost(old, new):
    """What of an earlier release's document a later one lacks or says otherwise: list of text. More may be added."""
    found = []
    for part in sorted(old):
        for name in sorted(old[part]):
            before, now = old[part][name], new.get(part, {}).get(name)
            if now is None:
                found.append('%s: %s is gone' % (part, name))
            elif isinstance(before, list):
                found += ['%s: %s: %s is gone' % (part, name, word) for word in before if word not in now]
            elif before != now and (part, now) != ('keys of the tree', 'acted on'):
                found.append('%s: %s was %s and is %s' % (part, name, before, now))
    codes = old.get('exit codes', {})
    for name, code in sorted(new.get('exit codes', {}).items()):
        # A class of its own for a case of an old one has the code of that; a new meaning has a new code.
        if name not in codes and code in codes.values() and not is_case_of(name, code, codes):
            found.append('exit codes: %s takes %s, which others have' % (name, code))
    return found


def is_case_of(name, code, codes):
    kind = getattr(errors, name, None)
    return any(codes.get(above.__name__) == code for above in kind.__mro__[1:]) if kind else False
