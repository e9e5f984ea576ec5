# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The action wire: one wire, there or not."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import reading
from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils.acting import (
    Failed, NetnsctlAction, WIRING_SPEC, named, wiring_words)


class ActionModule(NetnsctlAction):
    SPEC = dict(
        WIRING_SPEC,
        ends={'type': 'list', 'elements': 'str'},
        name={'type': 'str'},
        state={'type': 'str', 'choices': ['present', 'absent', 'confirmed'], 'default': 'present'},
    )
    RULES = {'required_one_of': [['ends', 'name']],
             'required_if': [['state', 'present', ['ends']], ['state', 'confirmed', ['name']]]}

    def act(self, given):
        ends = given['ends']
        if ends is not None:
            if len(ends) != 2:
                raise Failed('ends: a wire has two, not %d' % len(ends))
            for end in ends:
                reading.check_text(end, 'ends')
        if given['name'] is not None:
            named(given['name'])
        return {'present': self._make, 'absent': self._remove, 'confirmed': self._confirm}[given['state']](given)

    def _make(self, given):
        words = wiring_words(given) + (['--name=' + given['name']] if given['name'] else [])
        ends = ['--'] + given['ends']
        result, planned = {}, None
        if self.is_check or self.is_diff:
            planned = self.netnsctl(['wire', '--json', '--dry-run'] + words + ends)
            reading.require(planned, 'wires')
            result['commands'] = reading.listed(planned, 'commands')
            if self.is_diff:
                result['diff'] = self.shown(result['commands'])
        if self.is_check:
            return self._check(given, planned, result)
        found = self.netnsctl(['wire', '--json'] + words + (['--save'] if given['save'] else []) + ends)
        made = reading.listed(found, 'wires')
        if made:
            result['wire'] = made[0]
        return self.settle(found, changed=reading.is_any_changed(made), **result)

    def _check(self, given, planned, result):
        changed = bool(result['commands'])
        if given['save'] and planned.rc == 0 and not changed:
            name = reading.listed(planned, 'wires')[0]['name']
            saved = self.netnsctl(['config', 'save', '--json', '--dry-run', '--', name])
            result['files'] = reading.listed(saved, 'written') + reading.listed(saved, 'removed')
            if saved.rc != 0:
                return self.settle(saved, changed=False, **result)
            changed = bool(result['files'])
        return self.settle(planned, changed=changed, **result)

    def _remove(self, given):
        words = ['unwire', '--json', '--if-exists'] + (['--forget'] if given['save'] else [])
        words += ['--dry-run'] if self.is_check else []
        found = self.netnsctl(words + ['--'] + ([given['name']] if given['name'] else given['ends']))
        gone, files = reading.listed(found, 'unwired'), reading.listed(found, 'removed_files')
        result = {'diff': self.shown(['netnsctl unwire ' + name for name in gone] +
                                     ['rm ' + place for place in files])} if self.is_diff else {}
        return self.settle(found, changed=bool(gone or files), unwired=gone, files=files, **result)

    def _confirm(self, given):
        if self.is_check:
            found = self.netnsctl(['ls', '--json', '--', given['name']])
            waiting = [wire for wire in reading.listed(found, 'wires') if wire.get('seconds_left') is not None]
            return self.settle(found, changed=bool(waiting))
        found = self.netnsctl(['confirm', '--json', '--', given['name']])
        return self.settle(found, changed=found.rc == 0 and bool(reading.listed(found, 'confirmed')))
