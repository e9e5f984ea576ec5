# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
name: netns
short_description: Run tasks in a network namespace or the network of a container of a host
version_added: 1.0.0
author:
  - netnsctl contributors (@netnsctl)
description:
  - Commands run in a network namespace of a host, by C(netnsctl netns exec) there. The host itself is reached by
    another connection, ssh or local.
  - Only the network is that of the namespace, with C(/sys) and, for one with a name, what C(/etc/netns/NAME) has.
    Files, processes and users are those of the host, and files are copied to and from the host.
  - Entering a namespace takes root on the host. Log in as root, or set the executable to C(sudo -n netnsctl).
extends_documentation_fragment:
  - netnsctl.netnsctl.ssh
requirements:
  - netnsctl 1.0.0 or later on the host
options:
  netns:
    description: The namespace, by its name, or a container or process as C(docker://web) or C(pid://1234).
    type: str
    required: true
    vars:
      - name: ansible_netns
  netns_connection:
    description: How the host that has the namespace is reached. With C(ssh), all options of that connection apply.
    type: str
    choices: [ssh, local]
    default: ssh
    vars:
      - name: ansible_netns_connection
  netns_executable:
    description: The command that starts netnsctl on the host; it is split as in a shell.
    type: str
    default: netnsctl
    vars:
      - name: ansible_netns_executable
'''

import shlex

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.common.text.converters import to_text
from ansible.plugins.connection import ConnectionBase
from ansible.plugins.loader import connection_loader

# What netnsctl says before it ends with 255, if the namespace cannot be entered.
REFUSALS = ('Cannot open network namespace', 'setting the network namespace', 'Invalid netns name', 'unshare failed',
            'mount of /sys failed')


def _raise_refusal(space, status, err):
    """AnsibleConnectionFailure if that is how netnsctl, or a shell that looks for it, ends without running anything."""
    said = to_text(err, errors='surrogate_or_replace').strip()
    if status == 255 and said.startswith(REFUSALS) or status in (126, 127) and 'netnsctl' in said:
        raise AnsibleConnectionFailure('%s: %s' % (space, said.splitlines()[0]))


class Connection(ConnectionBase):
    """A network namespace of a host, reached over another connection."""
    transport = 'netnsctl.netnsctl.netns'
    has_pipelining = True

    def __init__(self, play_context, *args, **kwargs):
        super(Connection, self).__init__(play_context, *args, **kwargs)
        self._rest = args
        self._host = None

    def _reached(self):
        """The connection to the host."""
        if self._host is None:
            name = self.get_option('netns_connection')
            self._host = connection_loader.get(name, self._play_context, *self._rest)
            wanted = {}
            if name == 'ssh':
                wanted = dict((key, value) for key, value in self.get_options().items()
                              if not key.startswith('netns'))
            self._host.set_options(direct=wanted)
        # With a password to be asked for, the other connection talks to whoever asks.
        self._host.become = self.become
        return self._host

    def _connect(self):
        if not self._connected:
            self._reached()._connect()
            self._connected = True
        return self

    def exec_command(self, cmd, in_data=None, sudoable=True):
        """Runs a command in the namespace: (exit status, standard output, standard error)."""
        super(Connection, self).exec_command(cmd, in_data=in_data, sudoable=sudoable)
        space = self.get_option('netns')
        if not space or space.startswith('-') or any(character in space for character in '\0\n\r'):
            raise AnsibleError('ansible_netns: %r is not a network namespace' % space)
        try:
            start = shlex.split(self.get_option('netns_executable'))
        except ValueError as error:
            raise AnsibleError('ansible_netns_executable: %s' % error)
        entering = start + ['netns', 'exec', space]
        line = shlex.join(entering + ['/bin/sh', '-c', to_text(cmd, errors='surrogate_or_strict')])
        try:
            status, out, err = self._reached().exec_command(line, in_data=in_data, sudoable=sudoable)
        except AnsibleConnectionFailure:
            # By ssh, for which 255 means that it failed itself.
            self._require_entered(space, entering)
            raise
        if status in (126, 127, 255):
            _raise_refusal(space, status, err)
            if status != 255:  # a terminal leaves no standard error but ssh's own
                self._require_entered(space, entering)
        return status, out, err

    def _require_entered(self, space, entering):
        """AnsibleConnectionFailure with the cause if the namespace cannot be entered; asked without a terminal."""
        try:
            status, _out, err = self._reached().exec_command(shlex.join(entering + ['true']), sudoable=False)
        except AnsibleConnectionFailure as error:
            said = to_text(error)
            found = [said.index(refusal) for refusal in REFUSALS if refusal in said]
            status, err = 255, said[min(found):] if found else ''
        _raise_refusal(space, status, err)

    def put_file(self, in_path, out_path):
        """Copies a file to the host, whose files the namespace has."""
        super(Connection, self).put_file(in_path, out_path)
        self._reached().put_file(in_path, out_path)

    def fetch_file(self, in_path, out_path):
        """Copies a file from the host."""
        super(Connection, self).fetch_file(in_path, out_path)
        self._reached().fetch_file(in_path, out_path)

    def reset(self):
        """Closes what is kept open to the host."""
        if hasattr(self._reached(), 'reset'):
            self._reached().reset()
        self._connected = False

    def close(self):
        if self._host is not None:
            self._host.close()
        self._connected = False
