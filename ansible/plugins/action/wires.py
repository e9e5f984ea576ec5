# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The action wires: all wires of a list or a file, and no others where that is asked for."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import reading
from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils.acting import (
    Failed, NetnsctlAction, WIRING_SPEC, wiring_words)


class ActionModule(NetnsctlAction):
    SPEC = dict(
        WIRING_SPEC,
        wires={'type': 'list', 'elements': 'raw'},
        src={'type': 'path'},
        content={'type': 'str'},
        atomic={'type': 'bool', 'default': False},
        purge={'type': 'bool', 'default': False},
        purge_pattern={'type': 'str', 'default': '*'},
    )
    RULES = {'required_one_of': [['wires', 'src', 'content']], 'mutually_exclusive': [['wires', 'src', 'content']]}

    def act(self, given):
        text = self._text(given)
        for one, other in (('atomic', 'purge'), ('atomic', 'save'), ('confirm', 'purge')):
            if given[one] and given[other]:
                raise Failed('%s and %s cannot be combined' % (one, other))
        words = wiring_words(given) + (['--atomic'] if given['atomic'] else [])
        if given['purge']:
            words.append('--purge=' + reading.check_text(given['purge_pattern'], 'purge_pattern'))
        ask = ['wire', '--json', '-f', '-'] + words
        planned = self.netnsctl(ask + ['--dry-run'], text) if self.is_check or self.is_diff else None
        result = {}
        if planned is not None:
            reading.require(planned, 'wires')
            result['commands'] = reading.listed(planned, 'commands')
            if self.is_diff:
                result['diff'] = self.shown(result['commands'])
        if self.is_check:
            return self._check(given, planned, result, text)
        found = self.netnsctl(ask + (['--save'] if given['save'] else []), text)
        made = reading.listed(found, 'wires')
        result.update(wires=made, purged=reading.listed(found, 'purged'),
                      not_purged=reading.listed(found, 'not_purged'))
        removed = reading.listed(found, 'removed_files')
        changed = reading.is_any_changed(made) or bool(result['purged'] or removed)
        return self._settle(found, text, changed, result)

    def _check(self, given, planned, result, text):
        wires = reading.listed(planned, 'wires')
        result.update(wires=wires, purged=reading.listed(planned, 'purged'))
        changed = bool(result['commands'])
        failed = set(line['line'] for line in reading.listed(planned, 'failed'))
        names = [wire['name'] for wire in wires if not wire['changed'] and wire['line'] not in failed]
        if given['save'] and names and not changed:
            saved = self.netnsctl(['config', 'save', '--json', '--dry-run', '--'] + names)
            result['files'] = reading.listed(saved, 'written') + reading.listed(saved, 'removed')
            if saved.rc != 0:
                return self.settle(saved, changed=False, **result)
            changed = bool(result['files'])
        return self._settle(planned, text, changed, result)

    def _settle(self, found, text, changed, result):
        lines = text.split('\n')
        failures = [dict(line, wire=lines[line['line'] - 1]) for line in reading.listed(found, 'failed')]
        if failures:
            result['failures'] = failures
            texts = ['%s: %s' % (one['wire'].strip(), one['error']) for one in failures]
            texts += ['%s: %s' % (one['name'], one['error']) for one in result.get('not_purged', ())]
            result['msg'] = '%d of %d wires failed: %s' % (
                len(failures), len([line for line in lines if line.strip()]), '; '.join(texts))
        return self.settle(found, changed=changed, **result)

    def _text(self, given):
        """The file of wires, as text."""
        if given['content'] is not None:
            return given['content']
        if given['src'] is not None:
            path = self._find_needle('files', given['src'])
            with open(self._loader.get_real_file(path), 'rb') as source:
                return source.read().decode('utf-8', 'surrogateescape')
        return ''.join(reading.wire_line(item) + '\n' for item in given['wires'])
