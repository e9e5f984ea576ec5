"""Runtimes that start the CNI plugin themselves: podman with its CNI backend, and containerd."""
from __future__ import absolute_import, division, print_function

import json
import os
import re
import shutil
import tempfile
import time

import pytest

from support import cni, containers, cri, process
from support.cni_plugins import PLUGINS, leased, needs_plugins
from support.containers import IDLE
from support.inside import links
from support.lacking import lacking

BRIDGE = 'nwr%d' % os.getpid()
ADDRESS = ['/bin/busybox', 'ip', '-4', '-o', 'address', 'show', 'dev', 'eth0']

pytestmark = needs_plugins


@pytest.fixture
def folder():
    """A folder with a short path, for sockets, which has CNI's configuration (conf), its plugins (bin) and its leases
    (ipam), and a root folder of a container (root)."""
    made = tempfile.mkdtemp()
    os.mkdir(os.path.join(made, 'conf'))
    os.mkdir(os.path.join(made, 'bin'))
    os.symlink(cni.PROGRAM, os.path.join(made, 'bin', 'netnsctl'))
    for name in ('host-local', 'loopback', 'tuning'):
        os.symlink(os.path.join(PLUGINS, name), os.path.join(made, 'bin', name))
    with open(os.path.join(made, 'conf', '10-lan.conflist'), 'w') as target:
        json.dump({'cniVersion': '0.4.0', 'name': 'lan', 'plugins': [
            {'type': 'netnsctl', 'anchor': 'bridge://' + BRIDGE, 'nat': True,
             'capabilities': {'portMappings': True, 'mac': True, 'ips': True},
             'ipam': {'type': 'host-local', 'subnet': '10.86.0.0/24', 'dataDir': os.path.join(made, 'ipam'),
                      'routes': [{'dst': '0.0.0.0/0'}]}},
            {'type': 'tuning', 'sysctl': {'net.ipv4.conf.eth0.arp_announce': '1'}}]}, target)
    os.mkdir(os.path.join(made, 'root'))
    containers.make_root_folder(os.path.join(made, 'root'))
    yield made
    shutil.rmtree(made, ignore_errors=True)  # a test that failed may have left mounts there


def assert_detached(folder, before, run_netnsctl):
    assert (run_netnsctl('ls').out, leased(folder + '/ipam'), set(links(None)) - before) == ('', [], set())


@pytest.fixture
def podman_with_cni(folder, podman_engine, monkeypatch):
    """(podman's words, those of its `run`)"""
    if isinstance(podman_engine, str):
        lacking('podman', podman_engine)
    with open(os.path.join(folder, 'containers.conf'), 'w') as target:
        target.write('[network]\nnetwork_backend = "cni"\n'
                     'cni_plugin_dirs = ["%s/bin"]\nnetwork_config_dir = "%s/conf"\n' % (folder, folder))
    monkeypatch.setenv('CONTAINERS_CONF', os.path.join(folder, 'containers.conf'))
    words = podman_engine.command + ['--storage-driver', 'vfs', '--root', folder + '/store', '--runroot',
                                     folder + '/run']
    if process.must(words + ['info', '-f', '{{.Host.NetworkBackend}}']).strip() != 'cni':
        pytest.skip('this podman has no CNI')
    return words, ['run', '--net=lan', '--name', 'w%d' % os.getpid()] + list(podman_engine.OPTIONS)


def test_podman_attaches_a_container_before_its_first_process(folder, podman_with_cni, run_netnsctl):
    before = set(links(None))
    words, run = podman_with_cni
    root = ['--rootfs', folder + '/root']
    out = process.must(words + run + ['--rm'] + root + ADDRESS)
    assert re.search(r'inet 10\.86\.0\.2/24 ', out.splitlines()[0]), out
    assert_detached(folder, before, run_netnsctl)
    own = ['--rm', '--ip', '10.86.0.77', '--mac-address', '02:00:00:00:86:77']
    out = process.must(words + run + own + root + ['/bin/busybox', 'ip', 'address', 'show', 'dev', 'eth0'])
    assert '10.86.0.77/24' in out and '02:00:00:00:86:77' in out
    assert_detached(folder, before, run_netnsctl)


def test_podman_publishes_a_port_and_takes_all_of_it_back(folder, podman_with_cni, run_netnsctl):
    before = set(links(None))
    words, run = podman_with_cni
    name = run[run.index('--name') + 1]
    process.must(words + run + ['-d', '-p', '18086:80', '--rootfs', folder + '/root', '/bin/busybox', 'httpd', '-f',
                                '-p', '80', '-h', '/bin'])
    try:
        wire, = [line for line in run_netnsctl('ls').out.splitlines()]
        assert wire.startswith('cni-lan-') and '  whole  ' in wire
        assert process.run(['sh', '-c', 'for wait in 0.1 0.5 2 5; do busybox wget -q -O /dev/null '
                            'http://10.86.0.1:18086/busybox && exit; sleep $wait; done; exit 1']).status == 0
        assert process.must(words + ['exec', name, '/bin/busybox', 'cat',
                                     '/proc/sys/net/ipv4/conf/eth0/arp_announce']).strip() == '1'
        for _ in range(2):
            process.must(words + ['restart', '-t', '0', name])
        assert len(run_netnsctl('ls').out.splitlines()) == 1 and len(leased(folder + '/ipam')) == 1
    finally:
        process.run(words + ['rm', '-f', '-t', '0', name])
    assert_detached(folder, before, run_netnsctl)


# Of its sandboxes: no image is fetched, and CNI's folders are the test's.
CONTAINERD = '''
version = 2
[plugins."io.containerd.internal.v1.opt"]
path = "{0}/opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{1}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "native"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{0}/bin"
conf_dir = "{0}/conf"
'''


@pytest.fixture
def containerd(folder):
    """The words of `ctr` that lead to a containerd of the test's own, whose CNI is that of the folder."""
    if not all(os.path.exists(path) for path in ('/usr/bin/containerd', '/usr/bin/ctr')):
        lacking('containerd', 'not installed')
    with open(folder + '/config.toml', 'w') as target:
        target.write(CONTAINERD.format(folder, cri.IMAGE))
    address = folder + '/c.sock'
    daemon = containers.start_in_background(['containerd', '--config', folder + '/config.toml', '--root',
                                             folder + '/c-root', '--state', folder + '/c-state', '--address', address],
                                            folder + '/c.log')
    words = ['ctr', '--address', address]
    try:
        deadline = time.time() + 60
        while process.run(words + ['version']).status:
            assert time.time() < deadline, open(folder + '/c.log').read()
            time.sleep(0.05)
        yield words
    finally:
        daemon.terminate()
        daemon.wait()


def test_ctr_attaches_a_container_before_its_first_process(folder, containerd, run_netnsctl):
    before = set(links(None))
    # ctr takes CNI's own folders, and the first of the configurations there.
    script = ('[ -d /opt/cni/bin ] || mount -t tmpfs none /opt; mkdir -p /etc/cni/net.d /opt/cni/bin && '
              'mount --bind "$1/conf" /etc/cni/net.d && mount --bind "$1/bin" /opt/cni/bin && shift && exec "$@"')
    out = process.must(['unshare', '--mount', 'sh', '-c', script, '-', folder] + containerd + [
        'run', '--rm', '--cni', '--rootfs', folder + '/root', 'w1'] + ADDRESS, timeout=120)
    assert re.search(r'inet 10\.86\.0\.2/24 ', out.splitlines()[0]), out
    assert_detached(folder, before, run_netnsctl)


def test_pods_of_kubernetes_are_attached_and_detached(folder, containerd, run_netnsctl):
    if ' HTTP2' not in process.run(['curl', '--version']).out:
        lacking('curl', 'no curl that speaks HTTP/2')
    before = set(links(None))
    cri.write_image(folder + '/image.tar', folder + '/root', IDLE)
    process.must(containerd + ['-n', 'k8s.io', 'images', 'import', '--snapshotter', 'native', folder + '/image.tar'])
    kubelet = cri.Runtime(folder + '/c.sock', folder)
    pods = []
    try:
        pods.append(kubelet.run_sandbox('web', [(18087, 80)]))
        pods.append(kubelet.run_sandbox('db'))
        assert_pods(folder, run_netnsctl)
    finally:
        for pod in pods:
            kubelet.remove_sandbox(pod)
    assert_detached(folder, before, run_netnsctl)


def assert_pods(folder, run_netnsctl):
    names = run_netnsctl('ls').out.splitlines()
    assert len(names) == 2 and all(' whole ' in line and 'netns://cni-' in line for line in names), names
    shown = ''.join(run_netnsctl('show', line.split()[0]).out for line in names)
    assert '18087:80' in shown, shown
    assert leased(folder + '/ipam') == ['10.86.0.2', '10.86.0.3']
