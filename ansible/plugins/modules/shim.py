# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
module: shim
short_description: Give a host an ip that supports network namespaces
version_added: 1.0.0
description:
  - Installs or removes the shim, an C(ip) in front of the host own one, for scripts on hosts whose C(ip) knows no
    C(netns).
extends_documentation_fragment:
  - netnsctl.netnsctl.netnsctl
attributes:
  check_mode:
    support: full
    description: Can run in check mode and tell what would be done, without doing it.
  diff_mode:
    support: full
    description: Shows what changes.
options:
  state:
    description: Whether the shim is enabled.
    type: str
    choices: [enabled, disabled]
    default: enabled
  force:
    description: Enable it even if the ip of the host supports network namespaces. Otherwise it is then left disabled,
      which is not
      a failure.
    type: bool
    default: false
'''

EXAMPLES = r'''
- name: Where ip has no netns
  netnsctl.netnsctl.shim:
    state: enabled
'''

RETURN = r'''
shim:
  description: How the shim stands, as C(netnsctl shim status --json) prints it.
  returned: success
  type: dict
rc:
  description:
    - The exit status of netnsctl.
    - 1 failed, nothing was changed; 2 bad input; 3 not found; 4 conflict; 5 wired, but the check failed; 6 something
      could
      not be undone, and the message says what.
  returned: when netnsctl was run
  type: int
  sample: 0
msg:
  description: Why it failed.
  returned: failure
  type: str
hint:
  description: How to go on after a failure.
  returned: failure
  type: str
meaning:
  description: The kind of failure, in words.
  returned: failure
  type: str
  sample: conflict
notes:
  description: What else netnsctl said.
  returned: when it did
  type: list
  elements: str
'''
