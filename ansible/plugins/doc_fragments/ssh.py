# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The options of Ansible's own ssh connection, whichever they are in this version."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import yaml

from ansible.plugins.connection import ssh


# Not an assignment to DOCUMENTATION: linters take what is assigned to that for text.
ModuleDocFragment = type('ModuleDocFragment', (object,), {
    'DOCUMENTATION': yaml.safe_dump({'options': yaml.safe_load(ssh.DOCUMENTATION)['options']})})
