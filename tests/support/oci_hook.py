"""podman with netnsctl's OCI hook, as the package installs it."""
from __future__ import absolute_import, division, print_function

import json
import os

from support.program import SOURCE, TOP

HOOK = os.path.join(SOURCE, 'netnsctl', 'libexec', 'oci-hook')


def write_hook(folder, program=None):
    """Writes netnsctl's hook into a directory of hooks: its path. program: what is started, or None for netnsctl's."""
    with open(os.path.join(TOP, 'rpm', 'netnsctl-oci-hook.json')) as source:
        text = source.read()
    text = text.replace('@LIBRARY@/netnsctl/libexec/oci-hook', program or HOOK)
    path = os.path.join(folder, 'netnsctl.json')
    with open(path, 'w') as sink:
        sink.write(text)
    return path


def with_hook(command, folder):
    """The command of podman, with a directory of hooks."""
    return command[:1] + ['--hooks-dir', folder] + command[1:]


def assert_installed(unpacked, library='/usr/share/netnsctl'):
    """A package, unpacked below a py.path, has what podman starts where podman looks for it."""
    with open(str(unpacked.join('usr/share/containers/oci/hooks.d/netnsctl.json'))) as source:
        hook = json.load(source)
    program = hook['hook']['path']
    assert program == library + '/netnsctl/libexec/oci-hook' and hook['stages'] == ['createRuntime', 'poststop']
    driver = '/usr/libexec/netavark/netnsctl'
    with open(str(unpacked) + driver) as source:
        assert "\nlibrary='%s'\n" % library in source.read()
    for path in (program, driver):
        assert os.stat(str(unpacked) + path).st_mode & 0o777 == 0o755
