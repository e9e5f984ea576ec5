# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
module: wire
short_description: Wire two containers, processes or network namespaces, or one to a bridge or the host
version_added: 0.1.0
description:
  - Gives two endpoints a link, addresses and routes, or removes them.
extends_documentation_fragment:
  - netnsctl.netnsctl.netnsctl
options:
  ends:
    description: The two endpoints, as C(netnsctl wire) takes them.
    type: list
    elements: str
  name:
    description: The name of the wire.
    type: str
  mtu:
    description: The MTU of ends that do not set one.
    type: int
  state:
    description: Whether the wire is there.
    type: str
    choices: [present, absent]
    default: present
'''

EXAMPLES = r'''
- name: Join two containers that have no network
  netnsctl.netnsctl.wire:
    ends:
      - docker://web:eth0=10.1.1.1/32
      - docker://db:eth0=10.1.1.2/32
'''

RETURN = r'''
wires:
  description: The wire, as C(netnsctl wire --json) prints it.
  returned: success
  type: list
  elements: dict
'''
