# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""From what `netnsctl map --json` prints of a host to hosts and groups of an inventory. Imports nothing of Ansible."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

# What a group or a variable may be called.
ODD = re.compile(r'[^A-Za-z0-9_]')


class Found(object):
    """A namespace as a host of an inventory: name, groups (list), variables (dict)."""

    def __init__(self, name, groups, variables):
        self.name, self.groups, self.variables = name, groups, variables


def hosts_of(document, host=None, processes=False, prefix=''):
    """The namespaces that a map shows but the first, which is the host's own: list of Found, by name. host: the name of
    the host that the map is of, where there are several; it becomes part of names. processes: also those that only
    processes have. prefix: of each name. ValueError if it is not a map."""
    if not isinstance(document, dict) or not isinstance(document.get('namespaces'), list):
        raise ValueError('this is not what `netnsctl map --json` prints')
    wires = _wires_by_namespace(document)
    found = {}
    for space in document['namespaces']:
        if space.get('id') == 'host':
            continue
        target, name = _called(space)
        if target is None or target.startswith('nsid://') or target.startswith('pid://') and not processes:
            continue
        name = prefix + (name if host is None else '%s.%s' % (name, host))
        while name in found:
            name += '_'
        found[name] = _found(name, target, space, wires.get(space['id'], []), host)
    return [found[name] for name in sorted(found)]


def _called(space):
    """(how netnsctl is told which namespace it is, the name of the host in the inventory); (None, None): there is no
    way to say."""
    for container in space.get('containers') or ():
        return '%s://%s' % (container['runtime'], container['name']), _plain(container['name'])
    for name in space.get('names') or ():
        return name, _plain(name)
    if re.match(r'[a-z-]+://.', space.get('id') or ''):
        return space['id'], _plain(space['id'].partition('://')[2])
    return None, None


def _plain(name):
    """A name without what Ansible reads as ranges, ports or patterns."""
    return re.sub(r'[^A-Za-z0-9_.-]', '_', name) or '_'


def group(kind, name):
    """The name of a group: 'netns_wire_ov_1'."""
    return 'netns_%s_%s' % (kind, ODD.sub('_', name))


def _found(name, target, space, wires, host):
    runtimes = sorted(set(container['runtime'] for container in space.get('containers') or ()))
    groups = ['netns_all'] + [group('runtime', runtime) for runtime in runtimes or ['none']]
    groups += [group('wire', wire) for wire in wires]
    groups += [group('host', host)] if host is not None else []
    links = [link for link in space.get('links') or () if link.get('kind') != 'loopback']
    variables = {
        'ansible_netns': target,
        'netns_id': space.get('id'),
        'netns_names': list(space.get('names') or ()),
        'netns_containers': [{'runtime': one['runtime'], 'name': one['name']} for one in space.get('containers') or ()],
        'netns_wires': wires,
        'netns_links': links,
        'netns_addresses': [address.partition('/')[0] for link in links for address in link.get('addresses') or ()],
    }
    return Found(name, groups, variables)


def _wires_by_namespace(document):
    """{id of a namespace: names of the wires that end in it, sorted}"""
    found = {}
    for wire in document.get('wires') or ():
        for end in wire.get('ends') or ():
            found.setdefault(end.get('namespace'), set()).add(wire['name'])
    return dict((space, sorted(names)) for space, names in found.items())
