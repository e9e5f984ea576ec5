# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
name: map
short_description: The network namespaces and containers of hosts, by netnsctl map
version_added: 1.0.0
author:
  - netnsctl contributors (@netnsctl)
description:
  - Runs C(netnsctl map --json) on this machine or on hosts by ssh, and makes each network namespace that has a name or
    a container a host of the inventory, which the connection C(netnsctl.netnsctl.netns) reaches.
  - They are in the group C(netns_all), and in groups by their runtime, C(netns_runtime_docker) and the like or
    C(netns_runtime_none), by the wires that end in them, C(netns_wire_NAME), and by their host, C(netns_host_NAME).
  - What containers call their links is not used as a template.
  - A namespace or container is called as on its host, C(web), or C(web.HOST) where I(hosts) are asked. One that is
    called as a host or a group that the inventory has already, or as C(localhost), is left out with a warning.
  - A host of a later source is not known yet. With I(prefix) the names cannot be those of other hosts, in whatever
    order the sources are.
  - The name of the file must end in C(netns.yml) or C(netns.yaml).
extends_documentation_fragment:
  - ansible.builtin.constructed
requirements:
  - netnsctl 1.0.0 or later on each of the hosts
options:
  plugin:
    description: This plugin.
    type: str
    required: true
    choices: [netnsctl.netnsctl.map]
  hosts:
    description:
      - The hosts to ask by ssh, each a name, or a dictionary with I(name) and optionally I(address), I(user), I(port)
        and I(executable).
      - Without any, this machine is asked, as the user who runs Ansible.
    type: list
    elements: raw
    default: []
  executable:
    description: The command that starts netnsctl, such as C(sudo -n netnsctl); it is split as in a shell.
    type: str
    default: netnsctl
  ssh_args:
    description: More arguments for ssh.
    type: str
    default: ''
  timeout:
    description: How long a host may take to answer, in seconds.
    type: int
    default: 30
  skip_unreachable:
    description: Warn of hosts that do not answer, and go on without them. Otherwise they are an error.
    type: bool
    default: false
  prefix:
    description:
      - What the names of these hosts begin with, such as C(netns-). Use it where the inventory has other hosts, or
        where not all who may name a container are trusted.
    type: str
    default: ''
  processes:
    description: Also take namespaces that have no name and no container, by one of their processes.
    type: bool
    default: false
'''

EXAMPLES = r'''
---
# shop.netns.yml
plugin: netnsctl.netnsctl.map
hosts:
  - one
  - name: two
    address: 192.0.2.2
    user: root
prefix: netns-
skip_unreachable: true
'''

import json
import shlex
import subprocess

from ansible import constants
from ansible.errors import AnsibleParserError
from ansible.module_utils.common.text.converters import to_native, to_text
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import mapping, reading

KEYS = set(['name', 'address', 'user', 'port', 'executable'])


class InventoryModule(BaseInventoryPlugin, Constructable):
    NAME = 'netnsctl.netnsctl.map'

    def verify_file(self, path):
        """Is this file for this plugin?"""
        return super(InventoryModule, self).verify_file(path) and path.endswith(('netns.yml', 'netns.yaml'))

    def parse(self, inventory, loader, path, cache=True):
        """Asks the hosts, and fills the inventory."""
        super(InventoryModule, self).parse(inventory, loader, path, cache)
        self._read_config_data(path)
        hosts = [self._host(item) for item in self.get_option('hosts')]
        for host in hosts or [None]:
            try:
                document = self._ask(host)
                found = mapping.hosts_of(document, host and host['name'], self.get_option('processes'),
                                         self.get_option('prefix'))
            except (ValueError, OSError, RuntimeError) as error:  # RuntimeError: JSON that is nested too deeply
                text = '%s: %s' % (host['name'] if host else 'this machine', to_native(error))
                if not self.get_option('skip_unreachable'):
                    raise AnsibleParserError(text)
                self.display.warning(text)
                continue
            for one in self._without_taken(found, path):
                self._add(one, host)

    def _host(self, item):
        host = {'name': item} if isinstance(item, str) else item
        if not isinstance(host, dict) or not isinstance(host.get('name'), str) or not set(host) <= KEYS:
            raise AnsibleParserError('hosts: each is a name, or has name, address, user, port, executable: %r'
                                     % (item,))
        for key in ('name', 'address', 'user'):
            if host.get(key) is not None and (not str(host[key]) or str(host[key]).startswith('-')):
                raise AnsibleParserError('hosts: %s: %r is not one' % (key, host[key]))
        return dict(host)

    def _ask(self, host):
        """The document of `netnsctl map` on a host (None: on this machine). ValueError, OSError."""
        start = shlex.split((host or {}).get('executable') or self.get_option('executable'))
        argv = start + ['map', '--json']
        if host is not None:
            line = shlex.join(argv)
            argv = ['ssh', '-o', 'BatchMode=yes'] + shlex.split(self.get_option('ssh_args'))
            argv += ['-l', str(host['user'])] if host.get('user') else []
            argv += ['-p', str(host['port'])] if host.get('port') else []
            argv += ['--', str(host.get('address') or host['name']), line]
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=self.get_option('timeout'), check=False)
        except subprocess.TimeoutExpired:
            raise ValueError('no answer within %d s' % self.get_option('timeout'))
        said = to_text(done.stderr, errors='surrogate_or_replace')
        if done.returncode != 0:
            raise ValueError('%s ended with status %d: %s' % (argv[0], done.returncode, reading.shown(said)))
        try:
            return json.loads(to_text(done.stdout))
        except ValueError:
            raise ValueError('netnsctl printed what is not JSON: %s' % reading.shown(to_text(done.stdout)))

    def _without_taken(self, found, path):
        """Those of these Founds that are called as nothing else; a warning names each of the others. A container may be
        called anything, and variables for the name of a host or a group go to the one that is there."""
        groups = set(self.inventory.groups).union(*[one.groups for one in found])
        groups.update(self._sanitize_group_name(group) for group in self.get_option('groups') or ())
        for one in found:
            why = ('Ansible runs on the machine of that name' if one.name in constants.LOCALHOST else
                   'the inventory has a host of that name' if one.name in self.inventory.hosts else
                   'a group has that name' if one.name in groups else None)
            if why is None:
                yield one
            else:
                self.display.warning('%s: the namespace that would be the host %s is left out: %s. It is told apart by '
                                     '`prefix: netns-` there.' % (path, one.name, why))

    def _add(self, found, host):
        name = self.inventory.add_host(found.name)
        variables = dict(found.variables, ansible_connection='netnsctl.netnsctl.netns',
                         ansible_netns_connection='local' if host is None else 'ssh',
                         ansible_netns_executable=(host or {}).get('executable') or self.get_option('executable'))
        if host is not None:
            variables['ansible_host'] = host.get('address') or host['name']
            for key in ('user', 'port'):
                if host.get(key) is not None:
                    variables['ansible_' + key] = host[key]
            if self.get_option('ssh_args'):
                variables['ansible_ssh_common_args'] = self.get_option('ssh_args')
        # A container may call its links what it likes, and a template runs on the controller: also one that the options
        # of `constructed` come upon.
        variables = dict((key, wrap_var(value)) for key, value in variables.items())
        for key, value in variables.items():
            self.inventory.set_variable(name, key, value)
        for group in found.groups:
            self.inventory.add_child(self.inventory.add_group(group), name)
        strict = self.get_option('strict')
        self._set_composite_vars(self.get_option('compose'), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option('groups'), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option('keyed_groups'), variables, name, strict=strict)
