"""A guest like support.guest's with the kernel of a Debian release, in qemu.

Its root is this machine's own too, and tests/uml/init is its first process. It has all modules of that kernel that
links and netfilter take. Its processor is emulated: about eight times slower than this machine.
"""
from __future__ import absolute_import, division, print_function

import os
import subprocess

from support import guest
from support.process import native
from support.program import TOP
from support.py26 import check_output

QEMU = 'qemu-system-x86_64'
MEMORY = '1024'
# Of the kernel, which hands what it does not know to the first process, as variables. What keeps processes from reading
# each other's memory costs an emulated processor much of its time, and its timer may be late.
PARAMETERS = ['console=ttyS0', 'quiet', 'loglevel=1', 'panic=-1', 'mitigations=off', 'no_timer_check']
RELEASES = ('bullseye', 'bookworm', 'trixie', 'forky')


def fetch(release):
    """The folder of a release's kernel (tests/tools/debian-kernel); raises guest.Unavailable."""
    try:
        return native(check_output([os.path.join(TOP, 'tests', 'tools', 'debian-kernel'), release])).strip()
    except subprocess.CalledProcessError:
        raise guest.Unavailable("the kernel of Debian's %s cannot be had here" % release)


def share(name, path, *options):
    """The words for a folder of this machine that the guest mounts."""
    return ['-fsdev', ','.join(('local,id=%s,path=%s,security_model=none' % (name, path),) + options),
            '-device', 'virtio-9p-pci,fsdev=%s,mount_tag=%s' % (name, name)]


def timing(accelerator):
    """Under emulation the guest's time goes by with what it does, 2 ns an instruction: a busy machine makes no test
    late."""
    return ['-icount', 'shift=1'] if accelerator == 'tcg' else []


class Machine(guest.Guest):
    """One boot of a release's kernel, as support.guest.Guest.

    NETNSCTL_TEST_ACCEL: qemu's accelerator; without it tcg, which needs nothing of the machine.
    """

    def __init__(self, release, argv, environ=(), folder='/', output=None, terminal=False):
        self.release = release
        guest.Guest.__init__(self, argv, environ, folder, output, terminal)

    def _require(self):
        if not any(os.access(os.path.join(path, QEMU), os.X_OK) for path in os.environ['PATH'].split(os.pathsep)):
            raise guest.Unavailable('%s is not installed' % QEMU)
        self.kernel = fetch(self.release)

    def _start(self, argv, environ, folder):
        self._write_command(argv, environ, folder)
        accelerator = os.environ.get('NETNSCTL_TEST_ACCEL', 'tcg')
        words = [QEMU, '-accel', accelerator, '-m', MEMORY] + timing(accelerator) + [
                 '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
                 '-kernel', os.path.join(self.kernel, 'linux'), '-initrd', os.path.join(self.kernel, 'initrd'),
                 '-append', ' '.join(PARAMETERS + ['GUEST=' + self.shared, 'MODULES=%s/modules' % self.kernel]),
                 '-serial', 'stdio']
        words += share('root', '/', 'readonly=on', 'multidevs=remap') + share('guest', self.shared)
        # One hub joins the two, as a cable does.
        for number in range(2):
            words += ['-netdev', 'hubport,id=n%d,hubid=0' % number,
                      '-device', 'virtio-net-pci,romfile=,netdev=n%d' % number]
        self._run(words, dict(os.environ))
