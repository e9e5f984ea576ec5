# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The action doctor: what a host can do, as facts; and fixing it."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import reading
from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils.acting import Failed, NetnsctlAction


class ActionModule(NetnsctlAction):
    SPEC = {
        'checks': {'type': 'list', 'elements': 'str', 'default': []},
        'fix': {'type': 'list', 'elements': 'str', 'default': [],
                'choices': ['native', 'rdo', 'netns-dir', 'netns-names', 'wires']},
        'require_fit': {'type': 'bool', 'default': False},
    }
    RULES = {'mutually_exclusive': [['checks', 'fix']]}

    def act(self, given):
        for name in given['checks']:
            if not name or name.startswith('-'):
                raise Failed('checks: no such check: %r' % name)
            reading.check_text(name, 'checks')
        ways = [word for way in given['fix'] for word in ('--fix', way)]
        result = {}
        if ways and (self.is_check or self.is_diff):
            planned = self.netnsctl(['doctor', '--json', '--dry-run'] + ways)
            steps = reading.listed(planned, 'steps')
            result['diff'] = self.shown('%s: %s' % (step['way'], step['says']) for step in steps)
            if planned.rc != 0:
                return self.settle(planned, changed=False, **result)
            if self.is_check:
                result.update(changed=bool(steps), steps=steps)
                ways = []
        found = self.netnsctl(['doctor', '--json'] + ways + (['--yes'] if ways else ['--'] + given['checks']))
        document = found.document or {}
        if 'findings' not in document:
            result.setdefault('changed', False)
            return self.settle(found, **result)
        fixed = document.get('fixed', [])
        facts = {'version': document['netnsctl'], 'fit': document['fit'],
                 'findings': dict((one['check'], one) for one in document['findings'])}
        result.setdefault('changed', bool(fixed))
        result.update(fit=document['fit'], findings=document['findings'], fixed=fixed)
        if not given['checks']:  # of some checks alone nothing follows for the host
            result['ansible_facts'] = {'netnsctl': facts}
        if not document['fit'] and (given['require_fit'] or ways):
            bad = [one for one in document['findings'] if one['status'] == 'fail']
            return dict(result, failed=True, rc=found.rc, msg='this host is not fit for netnsctl: %s' % '; '.join(
                '%s: %s' % (one['check'], one['text']) for one in bad))
        return dict(result, rc=found.rc)
