# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The action shim: an ip that supports netns, in front of one that does not."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils.acting import NetnsctlAction

KEYS = ('state', 'target')


class ActionModule(NetnsctlAction):
    SPEC = {
        'state': {'type': 'str', 'choices': ['enabled', 'disabled'], 'default': 'enabled'},
        'force': {'type': 'bool', 'default': False},
    }

    def act(self, given):
        before = self.netnsctl(['shim', 'status', '--json'])
        if before.rc != 0:
            return self.settle(before, changed=False)
        verb = 'enable' if given['state'] == 'enabled' else 'disable'
        if self.is_check:
            return self._foresee(verb, given['force'], before.document)
        done = self.netnsctl(['shim', verb] + (['--force'] if given['force'] and verb == 'enable' else []),
                             wants_document=False)
        after = self.netnsctl(['shim', 'status', '--json'])
        changed = after.rc == 0 and [before.document[key] for key in KEYS] != [after.document[key] for key in KEYS]
        return self.settle(done, changed=changed, shim=after.document, **self._diff(before.document, after.document))

    def _foresee(self, verb, force, now):
        if now['state'] == 'foreign':
            return {'failed': True, 'changed': False, 'rc': 4, 'shim': now,
                    'msg': "netnsctl: %s the shim: %s exists and is not netnsctl's" % (verb, now['place'])}
        if verb == 'disable':
            changed = now['state'] != 'disabled'
        else:
            changed = now['state'] != 'enabled' and (force or not now['ip_knows_netns'])
        then = dict(now, state=verb + 'd') if changed else now
        return dict(self._diff(now, then), changed=changed, shim=now)

    def _diff(self, before, after):
        return {'diff': {'before': before['state'] + '\n', 'after': after['state'] + '\n'}} if self.is_diff else {}
