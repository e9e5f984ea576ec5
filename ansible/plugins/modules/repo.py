# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
---
module: repo
short_description: Manage the yum repository whose iproute has netns, for CentOS 6
version_added: 1.0.0
description:
  - Sets up or removes RDO repository, from which C(iproute) can be upgraded on hosts whose C(ip) knows no C(netns).
  - Nothing is done on hosts whose C(ip) does.
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
    description: Whether the repository is set up. What was installed from it stays when it is removed.
    type: str
    choices: [enabled, disabled]
    default: enabled
  preset:
    description: Which repository.
    type: str
    default: havana
  baseurl:
    description: Where the packages are, instead of at the address of the preset.
    type: str
  gpgkey:
    description: A file on the host with the key that the packages are signed with; it is installed.
    type: str
  fingerprint:
    description: The fingerprint of that key, instead of that of the preset.
    type: str
  upgrade:
    description: Also upgrade iproute from it.
    type: bool
    default: false
  rpm:
    description: Upgrade iproute from this package file on the host, without setting up a repository.
    type: str
  sha256:
    description: The checksum that the package must have, in addition to its signature.
    type: str
  insecure:
    description: Accept an unsigned package. It needs I(sha256).
    type: bool
    default: false
  force:
    description: Replace or remove files that somebody has changed; copies are kept.
    type: bool
    default: false
'''

EXAMPLES = r'''
- name: An ip with netns for CentOS 6
  netnsctl.netnsctl.repo:
    gpgkey: /root/RPM-GPG-KEY-RDO-Havana
    upgrade: true
'''

RETURN = r'''
repo:
  description: How it stands, as C(netnsctl repo status --json) prints it.
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
