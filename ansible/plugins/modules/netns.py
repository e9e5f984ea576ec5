# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
module: netns
short_description: Create or remove a named network namespace
version_added: 1.0.0
description:
  - Creates a network namespace with a name, as C(ip netns add) does, or removes the name; or names the namespace of a
    process.
  - Names are compared as a whole, and nothing is reported as changed that was not.
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
  name:
    description: The name, in C(/var/run/netns).
    type: str
    required: true
  pid:
    description: Give that name to the namespace of this process, instead of creating one.
    type: int
  state:
    description: Whether the name is there.
    type: str
    choices: [present, absent]
    default: present
'''

EXAMPLES = r'''
- name: A namespace
  netnsctl.netnsctl.netns:
    name: web

- name: And another
  netnsctl.netnsctl.netns:
    name: db
'''

RETURN = r'''
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
