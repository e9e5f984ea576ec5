# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The action repo: RDO's yum repository, for hosts whose iproute has no ip netns."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import reading
from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils.acting import Failed, NetnsctlAction

VALUES = ('baseurl', 'gpgkey', 'fingerprint', 'rpm', 'sha256')
FLAGS = ('upgrade', 'insecure', 'force')


class ActionModule(NetnsctlAction):
    SPEC = {
        'state': {'type': 'str', 'choices': ['enabled', 'disabled'], 'default': 'enabled'},
        'preset': {'type': 'str', 'default': 'havana'},
        'baseurl': {'type': 'str'},
        'gpgkey': {'type': 'str'},
        'fingerprint': {'type': 'str'},
        'upgrade': {'type': 'bool', 'default': False},
        'rpm': {'type': 'str'},
        'sha256': {'type': 'str'},
        'insecure': {'type': 'bool', 'default': False},
        'force': {'type': 'bool', 'default': False},
    }
    RULES = {'mutually_exclusive': [['rpm', 'baseurl']]}

    def act(self, given):
        preset = reading.check_text(given['preset'], 'preset')
        if not preset or preset.startswith('-'):
            raise Failed('preset: there is no %r' % preset)
        before = self.netnsctl(['repo', 'status', '--json', '--', preset])
        if before.rc != 0:
            return self.settle(before, changed=False)
        if self.is_check:
            changed = self._would_change(given, before.document)
            return {'changed': changed, 'repo': before.document}
        if given['state'] == 'disabled':
            words = ['disable'] + (['--force'] if given['force'] else [])
        else:
            words = ['enable'] + ['--%s=%s' % (key, reading.check_text(given[key], key))
                                  for key in VALUES if given[key]]
            words += ['--' + key for key in FLAGS if given[key]]
        done = self.netnsctl(['repo'] + words + ['--', preset], wants_document=False)
        after = self.netnsctl(['repo', 'status', '--json', '--', preset])
        now = after.document if after.rc == 0 else None
        changed = now is None or self._of(before.document) != self._of(now)
        result = {'diff': {'before': self._of(before.document), 'after': self._of(now)}} if self.is_diff and now else {}
        return self.settle(done, changed=changed, repo=now, **result)

    @staticmethod
    def _of(status):
        """What of a status this action can change."""
        return {'configured': status['configured'], 'installed': status['installed'], 'ip': status['ip']}

    @staticmethod
    def _would_change(given, now):
        configured = now['configured']
        if given['state'] == 'disabled':
            return configured['state'] != 'absent'
        if given['rpm'] or given['upgrade']:
            if not now['ip_knows_netns']:
                return True
        asked = dict((key, given[key]) for key in ('baseurl', 'fingerprint') if given[key])
        if given['rpm'] or now['ip_knows_netns'] and not (asked or given['gpgkey'] or given['force']):
            return False
        return configured['state'] != 'ours' or any(
            (configured[key] or '').replace(' ', '').lower() != value.replace(' ', '').lower()
            for key, value in asked.items())
