# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
module: config
short_description: Manage the tree from which wires are recreated, and apply it
version_added: 1.0.0
description:
  - Brings up or removes what the tree in C(/etc/sysconfig/netns) describes, compares it with what is wired, or writes
    into it what is wired.
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
    description:
      - C(up) makes what the tree describes, and recreates what differs; in check mode the differences are listed.
      - C(down) removes it; the files stay.
      - C(checked) lists how what is wired differs from the tree, and changes nothing; that there are differences is no
        failure.
      - C(saved) writes recorded wires into the tree.
      - C(forgotten) removes the files of wires; the wires stay.
    type: str
    choices: [up, down, checked, saved, forgotten]
    default: up
  namespaces:
    description: The directories of the tree that are meant, for C(up), C(down) and C(checked); all by default. With an
      empty list
      nothing is done.
    type: list
    elements: str
  wires:
    description: The names of the wires that are meant, for C(saved) and C(forgotten).
    type: list
    elements: str
  all:
    description: For C(saved), every recorded wire.
    type: bool
    default: false
  stale:
    description: For C(forgotten), every wire that is not up, except those with ONBOOT=no and those of stopped
      containers.
    type: bool
    default: false
'''

EXAMPLES = r'''
- name: Save what is wired
  netnsctl.netnsctl.config:
    state: saved
    all: true

- name: Is it all as the files say?
  netnsctl.netnsctl.config:
    state: checked
  register: tree

- name: Make it so
  netnsctl.netnsctl.config:
    state: up
  when: tree.differences | length > 0
'''

RETURN = r'''
differences:
  description: How what is wired differs from the tree, each with its file and line.
  returned: C(checked), and C(up) in check mode
  type: list
  elements: str
problems:
  description: Files that cannot be used, and why.
  returned: C(checked), and C(up) in check mode
  type: list
  elements: str
remarks:
  description: What else there is to say of the tree, such as wires that are in no file.
  returned: C(checked), and C(up) in check mode
  type: list
  elements: str
made:
  description: The names of the wires that were made.
  returned: C(up) and C(down)
  type: list
  elements: str
recreated:
  description: The names of the wires that were recreated, because they differed.
  returned: C(up) and C(down)
  type: list
  elements: str
gone:
  description: The names of the wires that were removed.
  returned: C(up) and C(down)
  type: list
  elements: str
same:
  description: The names of the wires that were as they should be.
  returned: C(up) and C(down)
  type: list
  elements: str
commands:
  description: What would be done.
  returned: C(down) in check mode or diff mode
  type: list
  elements: str
failures:
  description: What failed, each with C(what), C(error), C(hint) and C(exit_code).
  returned: when something did
  type: list
  elements: dict
written:
  description: The files that were written.
  returned: C(saved)
  type: list
  elements: str
removed:
  description: The files that were removed; for C(up) and C(down), the namespaces.
  returned: always but for C(checked)
  type: list
  elements: str
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
