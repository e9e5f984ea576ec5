# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""What the actions share: they run the netnsctl of the host, by the connection alone. No Python is needed there but
netnsctl's own."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import reading

# Text for standard input up to this many bytes is part of the command line, and otherwise sent: Linux takes no argument
# over 128 KiB, and each shell on the way quotes it again.
IN_LINE = 24 * 1024
# ssh itself ends with 255 when it loses the host; `ip netns` and its like use that too.
KEEP_255 = '; s=$?; test "$s" != 255 || s=2; exit "$s"'


class Failed(Exception):
    """The task failed; result: what it returns."""

    def __init__(self, msg, **result):
        Exception.__init__(self, msg)
        self.result = dict(result, failed=True, msg=msg)


class NetnsctlAction(ActionBase):
    """An action. Derived classes have SPEC and act()."""
    TRANSFERS_FILES = False
    # As the argument_spec of a module, without `executable`.
    SPEC = {}
    # Keyword arguments of ArgumentSpecValidator: mutually_exclusive, required_one_of, ...
    RULES = {}

    def act(self, given):
        """Does what the arguments ask for: the result (dict). Failed, reading.Unusable, ValueError."""
        raise NotImplementedError

    def run(self, tmp=None, task_vars=None):
        """Ansible's entry point."""
        self._supports_check_mode, self._supports_async = True, False
        result = super(NetnsctlAction, self).run(tmp, task_vars)
        if result.get('skipped'):
            return result
        try:
            given = self._given()
            self.executable = given['executable']
            self._require_version()
            result.update(self.act(given))
        except Failed as error:
            result.update(error.result)
        except (reading.Unusable, ValueError) as error:
            result.update(failed=True, msg=str(error))
        result.setdefault('changed', False)
        result.setdefault('failed', False)  # else an rc other than 0 means that
        return result

    @property
    def is_check(self):
        """Is nothing to be changed?"""
        return bool(self._task.check_mode)

    @property
    def is_diff(self):
        """Is what changes to be shown?"""
        return bool(self._task.diff)

    def _given(self):
        spec = dict(self.SPEC, executable={'type': 'str', 'default': 'netnsctl'})
        found = ArgumentSpecValidator(spec, **self.RULES).validate(dict(self._task.args))
        if found.error_messages:
            raise Failed('; '.join(found.error_messages))
        return found.validated_parameters

    def _require_version(self):
        line = reading.command_line(self.executable, ['--version'], environment=self._compute_environment_string())
        said = self._low_level_execute_command(line)
        reading.version_of(said['rc'], said['stdout'], said['stderr'], self.executable)

    def netnsctl(self, words, data=None, wants_document=True):
        """Runs netnsctl on the host: reading.Answer. data: text for its standard input."""
        sent = None if data is None else data.encode('utf-8', 'surrogateescape')
        if sent is not None and len(sent) <= IN_LINE:
            sent = None
        line = reading.command_line(self.executable, words, data if sent is None else None,
                                    self._compute_environment_string())
        said = self._low_level_execute_command(line + KEEP_255, in_data=sent)
        return reading.answer(said['rc'], said['stdout'], said['stderr'], wants_document)

    def settle(self, found, **result):
        """The result for an Answer: changed and the like as given, and how it failed, if it did."""
        result['rc'] = found.rc
        notes = [line for line in found.notes if not found.rc or line not in (found.error, found.hint)]
        if notes:
            result['notes'] = notes
        if found.rc != 0:
            hint = self._in_arguments(found.hint)
            result.update(failed=True, hint=hint)
            result['msg'] = result.get('msg') or found.error + ('\n' + hint if hint else '')
            if found.rc in reading.MEANINGS:
                result['meaning'] = reading.MEANINGS[found.rc]
            if found.rc == 6:  # what was to be undone is still there
                result['changed'] = True
        return result

    def _in_arguments(self, hint):
        """A hint with the options of netnsctl that are arguments of this action as such."""
        return hint and re.sub(r'--([a-z]+)\b(?![-=])', lambda found: (
            '`%s: true`' if self.SPEC.get(found.group(1), {}).get('type') == 'bool' else '--%s') % found.group(1), hint)

    @staticmethod
    def shown(lines):
        """Lines as the diff of a result."""
        return {'prepared': ''.join(line + '\n' for line in lines)}


# Arguments that `wire` and `wires` have in common, as options of netnsctl.
FLAGS = ('replace', 'force', 'open')
VALUES = ('mtu', 'pool', 'backend', 'confirm')
WIRING_SPEC = {
    'mtu': {'type': 'int'},
    'pool': {'type': 'str'},
    'backend': {'type': 'str', 'choices': ['auto', 'iproute', 'netlink'], 'default': 'auto'},
    'check': {'type': 'bool', 'default': True},
    'replace': {'type': 'bool', 'default': False},
    'force': {'type': 'bool', 'default': False},
    'open': {'type': 'bool', 'default': False},
    'save': {'type': 'bool', 'default': False},
    'confirm': {'type': 'int'},
}


def wiring_words(given):
    """The options of `netnsctl wire` for the arguments in WIRING_SPEC but `save`: list."""
    words = ['--%s=%s' % (key, reading.check_text(str(given[key]), key)) for key in VALUES if given[key] is not None]
    words += ['--' + key for key in FLAGS if given[key]]
    return words + ([] if given['check'] else ['--no-check'])


def named(text):
    """A name of a wire. ValueError for what would be taken for an option."""
    if not text or text.startswith('-'):
        raise ValueError('not the name of a wire: %r' % text)
    return reading.check_text(text, 'name')
