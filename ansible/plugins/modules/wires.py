# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
module: wires
short_description: Make all wires of a list or a file, and remove those that it lacks
version_added: 1.0.0
description:
  - Makes many wires with one run of netnsctl. Each is made on its own, unless I(atomic) is set, and a failure is
    reported with its line.
  - With I(purge), the recorded wires of the host that the list lacks are removed first.
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
  wires:
    description:
      - The wires. Each is a line as in a file of wires, C(A B [--name NAME] [--mtu BYTES]), or a dictionary with
        I(ends) (a list
        of two), and optionally I(name) and I(mtu).
      - One of I(wires), I(src) and I(content) is needed.
    type: list
    elements: raw
  src:
    description: A file of wires on the controller, looked up in C(files) as usual.
    type: path
  content:
    description: The text of a file of wires, of a template for instance.
    type: str
  atomic:
    description: Make all of the wires or none. It cannot be combined with I(purge) or I(save).
    type: bool
    default: false
  purge:
    description:
      - Remove the recorded wires that are not listed. With I(save) their files are removed too.
      - As long as a line is malformed, nothing is removed and nothing is made.
    type: bool
    default: false
  purge_pattern:
    description: Which wires may be removed, by their names; C(*) and C(?) stand for any characters.
    type: str
    default: '*'
  mtu:
    description: The MTU of ends that do not set one, in bytes.
    type: int
  pool:
    description:
      - The network to take addresses from if neither end has one.
      - Netnsctl's own default is C(198.18.0.0/15).
    type: str
  backend:
    description: How to talk to the kernel.
    type: str
    choices: [auto, iproute, netlink]
    default: auto
  check:
    description:
      - Whether to test each new wire with echoes both ways.
      - If that fails, the wire is there and the task fails with an C(rc) of 5.
    type: bool
    default: true
  replace:
    description:
      - Recreate a wire that exists but differs, and displace routes that are in the way.
      - Without it, a wire that differs is a conflict, which fails and says what differs.
    type: bool
    default: false
  force:
    description: Use addresses and ports that others have, and NICs that the host needs.
    type: bool
    default: false
  open:
    description: Let what nat and published ports need pass a firewall that would drop it.
    type: bool
    default: false
  save:
    description:
      - Also write the files below C(/etc/sysconfig/netns) from which C(netnsctl up) recreates the wire when the host
        boots.
      - The files of wires that are removed are removed with them.
    type: bool
    default: false
  confirm:
    description:
      - Undo it after that many seconds unless it is confirmed, for a change that may cut off the connection.
      - A later task with I(state=confirmed) of M(netnsctl.netnsctl.wire) confirms it.
    type: int
'''

EXAMPLES = r'''
- name: All wires of this host that belong to the shop, and no others
  netnsctl.netnsctl.wires:
    wires:
      - ends: ['web:eth0=10.0.0.2/24,gw=10.0.0.1', 'bridge://br0=10.0.0.1/24']
        name: shop-web
      - 'db:eth0=10.0.0.3/24 bridge://br0 --name shop-db'
    purge: true
    purge_pattern: shop-*
    save: true

- name: The wires of a template
  netnsctl.netnsctl.wires:
    content: "{{ lookup('template', 'wires.j2') }}"
    atomic: true
'''

RETURN = r'''
wires:
  description: The wires that are in place, as C(netnsctl wire --json) prints them, each with C(changed); in check mode
    what
    would be done for each.
  returned: always
  type: list
  elements: dict
purged:
  description: The names of the wires that were removed, or in check mode would be.
  returned: always
  type: list
  elements: str
not_purged:
  description: The wires that could not be removed, each with C(name), C(error), C(hint) and C(exit_code).
  returned: not in check mode
  type: list
  elements: dict
failures:
  description: The lines that failed, each with C(line) (its number), C(wire) (its text), C(error), C(hint) and
    C(exit_code).
  returned: when there are any
  type: list
  elements: dict
commands:
  description: The ip commands for what changes.
  returned: in check mode or diff mode
  type: list
  elements: str
files:
  description: The files of the tree that would be written or removed.
  returned: in check mode with I(save)
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
