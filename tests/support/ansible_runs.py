"""Runs of Ansible: playbooks and its other programs, by any of the versions that tests/tools/ansible has set up."""
from __future__ import absolute_import, division, print_function

import io
import json
import os
import re
import sys

from support import process
from support.program import SOURCE, TOP

TOOL = os.path.join(TOP, 'tests', 'tools', 'ansible')
# All that are set up for; each has an environment of its own.
VERSIONS = ('newest', '2.16', '2.12')


def installed():
    """Those whose environment is there: list."""
    return process.run([TOOL, '--versions']).out.split()


def text_of(*path):
    """The text of a file of the collection."""
    with io.open(os.path.join(TOP, 'ansible', *path), encoding='utf-8') as source:
        return source.read()


def examples():
    """{name of a file: its text} of the collection's README."""
    return dict(re.findall(r'```yaml\n# (\S+)\n(.*?)```', text_of('README.md'), re.DOTALL))


class Task(object):
    """What one task returned for one host: host, name, how (ok, failed, unreachable, skipped), result (dict)."""

    def __init__(self, host, name, how, result):
        self.host, self.name, self.how, self.result = host, name, how, result

    def __getitem__(self, key):
        return self.result[key]

    def get(self, key, default=None):
        return self.result.get(key, default)

    def __repr__(self):
        return '%s: %s: %s %s' % (self.host, self.name, self.how, json.dumps(self.result, indent=1, sort_keys=True))


class Play(object):
    """What a run of ansible-playbook gave: status, out, err, and tasks (list of Task, in order)."""

    def __init__(self, run, tasks):
        self.status, self.out, self.err, self.tasks = run.status, run.out, run.err, tasks

    def of(self, host):
        """The Tasks of one host: list."""
        return [task for task in self.tasks if task.host == host]

    def changed(self):
        """The Tasks that changed something: list."""
        return [task for task in self.tasks if task.get('changed')]

    def __repr__(self):
        return 'status %s\n%s\n%s\n%s' % (self.status, self.out, self.err, '\n'.join(repr(one) for one in self.tasks))


class Ansible(object):
    """One version. folder: a directory (text) for inventories, playbooks, and what Ansible keeps."""

    def __init__(self, version, folder):
        self.version, self.folder, self._runs = version, str(folder), 0

    def environ(self, more=None):
        variables = dict((name, value) for name, value in os.environ.items()
                         if not name.startswith(('PYTHON', 'ANSIBLE_', 'NETNSCTL_')))
        variables.update({
            'ANSIBLE_LOCAL_TEMP': os.path.join(self.folder, 'tmp'), 'ANSIBLE_HOME': os.path.join(self.folder, 'home'),
            'ANSIBLE_REMOTE_TEMP': os.path.join(self.folder, 'remote'), 'ANSIBLE_NOCOLOR': '1',
            # Not that of the user: hosts of two worlds have the same addresses, and would share their connections.
            'ANSIBLE_SSH_CONTROL_PATH_DIR': os.path.join(self.folder, 'cp'),
            'ANSIBLE_RETRY_FILES_ENABLED': '0', 'ANSIBLE_HOST_KEY_CHECKING': '0', 'LC_ALL': 'C.UTF-8',
            'ANSIBLE_CALLBACK_PLUGINS': os.path.join(TOP, 'tests', 'ansible', 'plugins'),
            'ANSIBLE_CALLBACKS_ENABLED': 'record', 'ANSIBLE_LOCALHOST_WARNING': '0',
            'ANSIBLE_INVENTORY_UNPARSED_WARNING': '0', 'ANSIBLE_DEVEL_WARNING': '0'})
        variables.update(more or {})
        return variables

    def run(self, *argv, **options):
        """Runs one of its programs: Result. environ: more variables; timeout: seconds."""
        return process.run([TOOL, self.version] + list(argv), environ=self.environ(options.get('environ')),
                           timeout=options.get('timeout', 300))

    def write(self, name, text):
        """Writes a file into the folder: its path."""
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as stream:
            stream.write(text.encode('utf-8'))
        return path

    def play(self, plays, *words, **options):
        """Runs a playbook (list of plays, or its text): Play. inventory: its text, or a path; by default this host,
        without a connection. words: more for the command line."""
        self._runs += 1
        text = plays if isinstance(plays, type(u'')) else json.dumps(plays)
        playbook = self.write('play-%d.yml' % self._runs, text)
        inventory = options.pop('inventory', None) or (
            'localhost ansible_connection=local ansible_python_interpreter=%s\n' % sys.executable)
        if '\n' in inventory:
            inventory = self.write('hosts-%d' % self._runs, inventory)
        record = os.path.join(self.folder, 'record-%d' % self._runs)
        environ = dict(options.pop('environ', {}), NETNSCTL_TEST_RECORD=record)
        done = self.run('ansible-playbook', '-i', inventory, playbook, *words, environ=environ, **options)
        tasks = []
        if os.path.exists(record):
            with open(record) as lines:
                for line in lines:
                    found = json.loads(line)
                    tasks.append(Task(found['host'], found['task'], found['how'], found['result']))
        return Play(done, tasks)


def program(folder):
    """A netnsctl of these sources under the tests' Python, as it could be installed: the path of a script in folder."""
    path = os.path.join(str(folder), 'netnsctl')
    with open(path, 'w') as script:
        script.write('#!/bin/sh\nPYTHONPATH=%s exec %s -m netnsctl "$@"\n' % (SOURCE, sys.executable))
    os.chmod(path, 0o755)
    return path
