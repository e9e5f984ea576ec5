# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The action wire: one wire, there or not."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils.acting import NetnsctlAction


class ActionModule(NetnsctlAction):
    SPEC = {
        'ends': {'type': 'list', 'elements': 'str'},
        'name': {'type': 'str'},
        'mtu': {'type': 'int'},
        'state': {'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'},
    }
    RULES = {'required_one_of': [['ends', 'name']], 'required_if': [['state', 'present', ['ends']]]}

    def act(self, given):
        words = ['wire', '--json'] + (['--dry-run'] if self.is_check else [])
        for key in ('name', 'mtu'):
            if given[key] is not None:
                words += ['--%s=%s' % (key, given[key])]
        found = self.netnsctl(words + ['--'] + given['ends'])
        document = found.document or {}
        changed = bool(document.get('commands')) or any(wire['changed'] for wire in document.get('wires', ()))
        return self.settle(found, changed=changed, wires=document.get('wires', []))
