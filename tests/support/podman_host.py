"""A throwaway Debian with podman and netavark, on which netnsctl's package is installed."""
from __future__ import absolute_import, division, print_function

import json
import os

from support import process
from support.debian_host import DebianHost
from support.waiting import until

_READY = r'''
mkdir -p /var/lib/containers
mount -t tmpfs none /var/lib/containers
mkdir -p /rootfs/bin /rootfs/dev /rootfs/etc /rootfs/proc /rootfs/run /rootfs/sys /rootfs/tmp
cp /bin/busybox /rootfs/bin/
for applet in sh sleep ping ip cat echo true wget nc hostname; do ln -s busybox /rootfs/bin/$applet; done
cp -a /rootfs /rootfs2
'''
# crun takes no host that has both kinds of cgroups; the newer kind is empty there.
_CGROUPS = r'''
mount --rbind /sys/fs/cgroup /mnt/root/sys/fs/cgroup
if [ -d /mnt/root/sys/fs/cgroup/unified ]; then umount /mnt/root/sys/fs/cgroup/unified; fi
'''


class PodmanHost(DebianHost):
    """podman(*words) runs it there: Result; its containers are of /rootfs and /rootfs2. sh(script); close()."""

    # ping takes NET_RAW.
    LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024', '--cap-add', 'NET_RAW']

    def __init__(self, root, package):
        DebianHost.__init__(self, root)
        try:
            process.must(['nsenter', '-t', '%d' % self.shell.pid, '-m', '--', 'sh', '-euc', _CGROUPS])
            self.sh(_READY)
            self.install(package)
        except BaseException:
            self.close()
            raise

    def podman(self, *words):
        return process.run(self.prefix + ['podman'] + list(words), timeout=120, environ=self.variables())

    def clear(self):
        """Removes all containers and pods, whose wires go with them."""
        self.podman('rm', '-f', '-t', '0', '-a')
        self.podman('pod', 'rm', '-f', '-t', '0', '-a')
        until(lambda: self.wires() == {})
        assert self.sh('ip -o link').count('\n') == 1

    def container(self, name, options=(), argv=('sleep', '1000'), root='/rootfs'):
        """The words of `podman run` for a container."""
        return ['run', '--name', name] + self.LIMITS + list(options) + ['--rootfs', root] + list(argv)

    def wires(self):
        """{name: state} of netnsctl's."""
        return dict((wire['name'], wire['state']) for wire in json.loads(self.sh('netnsctl ls --json'))['wires'])


def ran(result):
    """What a program prints that must not have failed."""
    assert result.status == 0, result
    return result.out


def root_of_podman(top):
    """The root that a PodmanHost is a layer over: Result of tests/tools/debian-root."""
    return process.run([os.path.join(top, 'tests', 'tools', 'debian-root'), 'trixie', 'podman'], timeout=900)
