# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The action config: the tree in /etc/sysconfig/netns, and what is wired."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import reading
from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils.acting import Failed, NetnsctlAction, named

SPACES = ('up', 'down', 'checked')


class ActionModule(NetnsctlAction):
    SPEC = {
        'state': {'type': 'str', 'choices': ['up', 'down', 'checked', 'saved', 'forgotten'], 'default': 'up'},
        'namespaces': {'type': 'list', 'elements': 'str'},
        'wires': {'type': 'list', 'elements': 'str'},
        'all': {'type': 'bool', 'default': False},
        'stale': {'type': 'bool', 'default': False},
    }

    def act(self, given):
        state = given['state']
        for key, states in (('namespaces', SPACES), ('wires', ('saved', 'forgotten')), ('all', ('saved',)),
                            ('stale', ('forgotten',))):
            if given[key] and state not in states:
                raise Failed('%s is for the state %s' % (key, ' or '.join(states)))
        if state in SPACES:
            spaces = [self._space(name) for name in given['namespaces'] or []]
            if given['namespaces'] is not None and not spaces:
                return {'changed': False}
            return {'up': self._up, 'down': self._down, 'checked': self._compare}[state](spaces)
        every = given['all'] or given['stale']
        if every == bool(given['wires']):
            if given['wires'] is not None and not every:
                return {'changed': False}
            raise Failed('state=%s takes either wires or %s' % (state, 'all' if state == 'saved' else 'stale'))
        words = [('--all' if state == 'saved' else '--stale')] if every else ['--'] + [
            named(name) for name in given['wires']]
        return self._save(words) if state == 'saved' else self._forget(words)

    @staticmethod
    def _space(name):
        if not name or name.startswith('-'):
            raise Failed('namespaces: %r is not a directory of the tree' % name)
        return reading.check_text(name, 'namespaces')

    def _compare(self, spaces):
        """How what is wired differs from the tree: a result that says so and has changed nothing."""
        found = self.netnsctl(['config', 'check', '--json', '--'] + spaces)
        result = {}
        for key in ('differences', 'problems'):
            result[key] = reading.listed(found, key)
        result['remarks'] = reading.listed(found, 'notes')
        if found.rc == 1 and result['differences'] and not result['problems']:
            return dict(result, rc=1, changed=False)
        return self.settle(found, changed=False, **result)

    def _up(self, spaces):
        result = {}
        if self.is_check or self.is_diff:
            compared = self._compare(spaces)
            result['diff'] = self.shown(compared['differences'])
            if self.is_check:
                return dict(compared, changed=bool(compared['differences']), **result)
        return self._restored(self.netnsctl(['up', '--json', '--'] + spaces), result)

    def _down(self, spaces):
        result = {}
        if self.is_check or self.is_diff:
            planned = self.netnsctl(['down', '--json', '--dry-run', '--'] + spaces)
            result['commands'] = reading.listed(planned, 'commands')
            if self.is_diff:
                result['diff'] = self.shown(result['commands'])
            if self.is_check:
                return self._told(planned, bool(result['commands']), result)
        return self._restored(self.netnsctl(['down', '--json', '--'] + spaces), result)

    def _restored(self, found, result):
        for key in ('made', 'gone', 'removed', 'same'):
            result[key] = reading.listed(found, key)
        result['recreated'] = reading.listed(found, 'changed')
        return self._told(found, any(result[key] for key in ('made', 'recreated', 'gone', 'removed')), result)

    def _told(self, found, changed, result):
        failures = reading.listed(found, 'failed')
        if failures:
            result['failures'] = failures
            result['msg'] = '; '.join('%s: %s' % (one['what'], one['error']) for one in failures)
        return self.settle(found, changed=changed, **result)

    def _save(self, words):
        found = self.netnsctl(['config', 'save', '--json'] + (['--dry-run'] if self.is_check else []) + words)
        return self._files(found, written=reading.listed(found, 'written'))

    def _forget(self, words):
        if words[0] == '--':
            words = self._known(words[1:])
            if not words:
                return {'changed': False, 'removed': []}
            words = ['--'] + words
        found = self.netnsctl(['config', 'forget', '--json'] + (['--dry-run'] if self.is_check else []) + words)
        return self._files(found)

    def _known(self, names):
        """Those of these names that the tree describes: forgetting one that it does not is done already."""
        known = []
        for name in names:
            found = self.netnsctl(['config', 'forget', '--json', '--dry-run', '--', name])
            if found.rc == 0:
                known.append(name)
            elif found.rc != 3:
                raise Failed(found.error, **self.settle(found, changed=False))
        return known

    def _files(self, found, **result):
        result['removed'] = reading.listed(found, 'removed')
        if self.is_diff:
            result['diff'] = self.shown(['write ' + place for place in result.get('written', ())] +
                                        ['rm ' + place for place in result['removed']])
        return self.settle(found, changed=bool(result['removed'] or result.get('written')), **result)
