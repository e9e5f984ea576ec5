# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""What the actions share: they run the netnsctl of the host, by the connection alone. No Python is needed there but
netnsctl's own."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.netnsctl.netnsctl.plugins.plugin_utils import reading

# Text for standard input up to this many bytes is part of the command line, and otherwise sent: Linux takes no argument
# over 128 KiB, and each shell on the way quotes it again.
IN_LINE = 24 * 1024


class Failed(Exception):
    """The task failed; result: what it returns."""

    def __init__(self, msg, **result):
        Exception.__init__(self, msg)
        self.result = dict(result, failed=True, msg=msg)


class NetnsctlAction(ActionBase):
    """An action. Derived classes have SPEC and act()."""
    TRANSFERS_FILES = False
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
        self.task_vars = task_vars or {}
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
        said = self._shell(reading.command_line(self.executable, ['--version'], environment=self._environment_words()))
        self.netnsctl_version = reading.version_of(said['rc'], said['stdout'], said['stderr'], self.executable)

    def netnsctl(self, words, data=None, wants_document=True):
        """Runs netnsctl on the host: reading.Answer. data: text for its standard input."""
        is_sent = data is not None and len(data.encode('utf-8')) > IN_LINE
        line = reading.command_line(self.executable, words, None if is_sent else data, self._environment_words())
        said = self._shell(line, data.encode('utf-8') if is_sent else None)
        return reading.answer(said['rc'], said['stdout'], said['stderr'], wants_document)

    def _environment_words(self):
        return self._compute_environment_string()

    def _shell(self, line, data=None):
        # 255 is what ssh itself ends with when it loses the host.
        said = self._low_level_execute_command(line, in_data=data)
        return {'rc': said['rc'], 'stdout': said['stdout'], 'stderr': said['stderr']}

    def settle(self, found, **result):
        """The result for an Answer: changed and the like as given, and how it failed, if it did."""
        result['rc'] = found.rc
        if found.notes:
            result['notes'] = found.notes
        if found.rc != 0:
            hint = found.hint
            result.update(failed=True, msg=found.error + ('\n' + hint if hint else ''), hint=hint)
            if found.rc in reading.MEANINGS:
                result['meaning'] = reading.MEANINGS[found.rc]
        return result
