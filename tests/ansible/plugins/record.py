"""A callback of Ansible that writes what each task returned for each host, a line of JSON for each, to the file that
NETNSCTL_TEST_RECORD names."""
from __future__ import absolute_import, division, print_function

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = '''
name: record
type: aggregate
short_description: Writes results to a file
description: Writes results to a file.
'''


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'record'
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, how, result):
        with open(os.environ['NETNSCTL_TEST_RECORD'], 'a') as record:
            record.write(json.dumps({'host': result._host.get_name(), 'task': result._task.get_name(), 'how': how,
                                     'result': result._result}, default=str) + '\n')

    def v2_runner_on_ok(self, result):
        self._write('ok', result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write('failed', result)

    def v2_runner_on_unreachable(self, result):
        self._write('unreachable', result)

    def v2_runner_on_skipped(self, result):
        self._write('skipped', result)
