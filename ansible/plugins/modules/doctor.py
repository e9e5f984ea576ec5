# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
module: doctor
short_description: Report what a host can do for netnsctl, as facts, and fix it
version_added: 1.0.0
description:
  - Runs the checks of C(netnsctl doctor) and returns them as facts. Nothing is changed unless I(fix) is given.
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
  checks:
    description: The checks to run; all by default. Facts are set only by all.
    type: list
    elements: str
    default: []
  fix:
    description:
      - What to fix first.
      - C(native) makes netnsctl work without a newer ip; C(rdo) upgrades iproute from RDO's repository; the others do
        what the check
        of that name asks for.
    type: list
    elements: str
    choices: [native, rdo, netns-dir, netns-names, wires]
    default: []
  require_fit:
    description: Fail if a required check fails.
    type: bool
    default: false
'''

EXAMPLES = r'''
- name: Is this host fit?
  netnsctl.netnsctl.doctor:
    require_fit: true

- name: Only where the kernel has VXLAN
  ansible.builtin.debug:
    msg: it has
  when: ansible_facts.netnsctl.findings.vxlan.status == 'ok'

- name: Remove stale names
  netnsctl.netnsctl.doctor:
    fix: [netns-names]
'''

RETURN = r'''
ansible_facts:
  description: The facts of the host.
  returned: when all checks were run
  type: dict
  contains:
    netnsctl:
      description: What netnsctl found.
      type: dict
      contains:
        version:
          description: The version of netnsctl.
          type: str
        fit:
          description: No required check failed.
          type: bool
        findings:
          description: The findings by the name of the check, each with C(status) (ok, warn or fail), C(text) and more.
          type: dict
findings:
  description: The same, as a list in the order of the doctor.
  returned: success
  type: list
  elements: dict
fit:
  description: No required check failed.
  returned: success
  type: bool
fixed:
  description: What was done, each with C(way), C(says) and C(did).
  returned: success
  type: list
  elements: dict
steps:
  description: What I(fix) would do.
  returned: in check mode with I(fix)
  type: list
  elements: dict
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
