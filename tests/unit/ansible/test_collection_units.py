"""The unit tests of the collection that need nothing of Ansible; `ansible-test units` runs them too."""
from __future__ import absolute_import, division, print_function

import os
import sys
import tempfile

import pytest

from support.program import TOP

if sys.version_info < (3, 8):
    pytest.skip('no ansible-core that the collection supports runs on this Python', allow_module_level=True)

_folder = tempfile.mkdtemp()
try:
    os.makedirs(os.path.join(_folder, 'ansible_collections', 'netnsctl'))
    os.symlink(os.path.join(TOP, 'ansible'), os.path.join(_folder, 'ansible_collections', 'netnsctl', 'netnsctl'))
    sys.path.insert(0, _folder)
    from ansible_collections.netnsctl.netnsctl.tests.unit.plugins.plugin_utils.test_mapping import *  # noqa: E402,F403
    from ansible_collections.netnsctl.netnsctl.tests.unit.plugins.plugin_utils.test_reading import *  # noqa: E402,F403
finally:
    sys.path.remove(_folder)
    os.unlink(os.path.join(_folder, 'ansible_collections', 'netnsctl', 'netnsctl'))
    os.removedirs(os.path.join(_folder, 'ansible_collections', 'netnsctl'))
