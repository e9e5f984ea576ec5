"""The OCI hook as the package installs it, beside what else there is of podman 5: users other than root, pods with an
infra container."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from support import process
from support.oci_image import make_image
from support.podman_host import ran
from support.waiting import until

WIRE = 'netnsctl.wire=bridge://br7=10.251.0.1/24 self:eth0=10.251.0.%d/24'
SHOW = ['ip', '-o', 'addr', 'show', 'eth0']
# No user namespace can be made in a chroot, which PodmanHost is.
_NO_CHROOT = ('mount --make-rprivate /; cd /mnt/root; pivot_root . mnt; cd /; umount -l /mnt; mount --make-rshared /; '
              'exec "$@"')
_USER = '''
useradd -m -u 1500 someone
grep -q '^someone:' /etc/subuid
mkdir -p /run/user/1500
cp -a /rootfs /home/someone/rootfs
chown -R someone /run/user/1500 /home/someone/rootfs
'''


@pytest.fixture
def podman(podman_host):
    """PodmanHost; its containers and pods go with the test, and leave no wire."""
    yield podman_host
    podman_host.clear()


def test_a_container_of_another_user_than_root_is_refused_its_wire_and_runs_without(podman):
    podman.sh(_USER)
    prefix = ['nsenter', '-t', '%d' % podman.shell.pid, '-m', '-n', '--', 'unshare', '-m', 'sh', '-euc', _NO_CHROOT,
              'sh', 'setpriv', '--reuid=1500', '--regid=1500', '--clear-groups', 'env', 'HOME=/home/someone',
              'USER=someone', 'XDG_RUNTIME_DIR=/run/user/1500', 'podman', '--storage-driver', 'vfs',
              '--cgroup-manager', 'cgroupfs', '--runtime', 'crun']

    def run(*options):
        words = podman.container('a', ['--rm', '--cgroups=disabled', '--net=none'] + list(options),
                                 ['cat', '/proc/self/uid_map'], root='/home/someone/rootfs')
        return process.run(prefix + words, timeout=120, environ=podman.variables())
    assert ran(run()).split()[:3] == ['0', '1500', '1']
    refused = run('--annotation', WIRE % 2)
    assert refused.status == 126 and refused.out == '', refused
    assert 'it is rootless, and has no rights over links of the host' in refused.err, refused
    assert 'Traceback' not in refused.err and podman.wires() == {}


@pytest.mark.parametrize('runtime', ['runc', 'crun'])
def test_a_container_of_a_pod_with_an_infra_container_is_wired_in_the_namespace_of_the_pod(podman, runtime):
    folder = '/proc/%d/root/run/image' % podman.shell.pid
    if not os.path.exists(folder):
        make_image(folder, {})
    image = ran(podman.podman('pull', '-q', 'oci:/run/image')).strip()
    program = ['--runtime', runtime]
    ran(podman.podman(*(program + ['pod', 'create', '--name', 'p', '--network', 'none', '--infra-image', image,
                                   '--infra-command', '/bin/sleep 1000'])))
    for name, root in (('a', '/rootfs'), ('b', '/rootfs2')):
        options = ['-d', '--pod', 'p'] + (['--annotation', WIRE % 2] if name == 'a' else [])
        ran(podman.podman(*(program + podman.container(name, options, root=root))))
    for name in ('a', 'b'):
        assert 'inet 10.251.0.2/24' in ran(podman.podman('exec', name, *SHOW))
    assert list(podman.wires().values()) == ['whole']
    ran(podman.podman('rm', '-f', '-t', '0', 'a'))
    until(lambda: podman.wires() == {})
    assert podman.podman('exec', 'b', *SHOW).status != 0
