# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""What the documentation of the actions has in common."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment(object):
    DOCUMENTATION = r'''
options:
  executable:
    description: The netnsctl of the host, as a name on the PATH there or as a path.
    type: str
    default: netnsctl
requirements:
  - netnsctl 1.0.0 or later on the host
author:
  - netnsctl contributors (@netnsctl)
notes:
  - This is an action plugin that runs the netnsctl of the host by the connection alone. The host needs no Python that
    Ansible supports, just the one that netnsctl itself runs with, from Python 2.6 on.
  - It needs root, and so usually C(become).
'''
