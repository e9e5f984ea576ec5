# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
module: wire
short_description: Wire two containers, processes or network namespaces, or one to a bridge or the host
version_added: 1.0.0
description:
  - Gives two endpoints a link, addresses and routes, in one step that either works or leaves nothing behind, or
    removes such a wire.
  - Asking for the same wire again changes nothing.
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
  ends:
    description:
      - The two endpoints, as C(netnsctl wire) takes them, each C(TARGET[:IFNAME][=ITEM,...]).
      - Needed unless a wire is removed or confirmed by its name.
    type: list
    elements: str
  name:
    description: The name of the wire; by default it is derived from its ends.
    type: str
  state:
    description:
      - C(present) means that the wire is there as described.
      - C(absent) means that it is not; it is named by I(name), or else by I(ends).
      - C(confirmed) means that it is there and is not undone any more; see I(confirm).
    type: str
    choices: [present, absent, confirmed]
    default: present
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
- name: Join two namespaces
  netnsctl.netnsctl.wire:
    ends:
      - web:eth0=10.1.1.1/32
      - db:eth0=10.1.1.2/32

- name: Give a namespace an address on a bridge, and a gateway, also after a reboot
  netnsctl.netnsctl.wire:
    name: web-lan
    ends:
      - web:lan=10.0.0.2/24,gw=10.0.0.1
      - bridge://br0=10.0.0.1/24
    save: true

- name: Remove it again, with its files
  netnsctl.netnsctl.wire:
    name: web-lan
    state: absent
    save: true
'''

RETURN = r'''
wire:
  description: The wire, as C(netnsctl wire --json) prints it.
  returned: when it is there, not in check mode
  type: dict
commands:
  description: The ip commands that make it, with which nothing was done in check mode.
  returned: in check mode or diff mode
  type: list
  elements: str
unwired:
  description: The names of the wires that were removed.
  returned: I(state=absent)
  type: list
  elements: str
files:
  description: The files of the tree that would be written or removed, or that were removed.
  returned: I(state=absent), and in check mode with I(save)
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
