# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The action netns: a named network namespace, there or not."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import reading
from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils.acting import Failed, NetnsctlAction


class ActionModule(NetnsctlAction):
    SPEC = {
        'name': {'type': 'str', 'required': True},
        'pid': {'type': 'int'},
        'state': {'type': 'str', 'choices': ['present', 'absent'], 'default': 'present'},
    }

    def act(self, given):
        name = reading.check_text(given['name'], 'name')
        if name in ('', '.', '..') or '/' in name or name.startswith('-') or len(name.encode('utf-8')) > 255:
            raise Failed('name: %r cannot be the name of a network namespace' % name)
        listed = self.netnsctl(['netns', '-json', 'list'], wants_document=False)
        if listed.rc != 0:
            return self._settle(listed, False)
        # Without any, it prints nothing.
        is_there = name in [one['name'] for one in listed.document or []]
        is_stale = any('"%s" is stale' % name in note for note in listed.notes)
        if is_there and is_stale and given['state'] == 'present':
            raise Failed('%s is a name in /var/run/netns that leads to no namespace; to remove such names: '
                         'netnsctl doctor --fix netns-names' % name)
        if is_there == (given['state'] == 'present'):
            return {'changed': False}
        result = {'diff': {'before': '', 'after': name + '\n'}} if self.is_diff else {}
        if result and is_there:
            result['diff'] = {'before': name + '\n', 'after': ''}
        if self.is_check:
            return dict(result, changed=True)
        if is_there:
            words = ['delete', name]
        else:
            words = ['add', name] if given['pid'] is None else ['attach', name, str(given['pid'])]
        done = self.netnsctl(['netns'] + words, wants_document=False)
        return self._settle(done, done.rc == 0, **result)

    def _settle(self, found, changed, **result):
        result = self.settle(found, changed=changed, **result)
        result.pop('meaning', None)  # these exit statuses are those of ip(8)
        return result
