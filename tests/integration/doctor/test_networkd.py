"""The doctor's reading of .network files, held against systemd-networkd itself in a throwaway host."""
from __future__ import absolute_import, division, print_function

import os
import time

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases.doctor.network import networkd
from netnsctl.usecases.doctor.network.managers import SAMPLE
from support import process

PROGRAMS = ('/usr/lib/systemd/systemd-networkd', '/lib/systemd/systemd-networkd')
PROGRAM = ([path for path in PROGRAMS if os.path.exists(path)] or [None])[0]
pytestmark = pytest.mark.skipif(PROGRAM is None, reason='systemd-networkd is not installed')
ADDRESS = '[Network]\nLinkLocalAddressing=no\nAddress=10.88.0.1/24\n'


class Networkd(object):
    """networkd in a world with these files of /etc/systemd/network and a veth link of each of these names."""

    def __init__(self, world, files, names):
        self.world = world
        self.process = None
        world.sh('rm -rf /etc/systemd/network; mkdir -p /etc/systemd/network /run/systemd; mount -o remount,ro /sys')
        for path, text in files.items():
            self.write('/etc/systemd/network/' + path, text)
        for number, name in enumerate(names):
            world.sh('ip link add %s type veth peer name peer%d; ip link set %s up' % (name, number, name))

    def write(self, path, text):
        process.must(self.world.aside.prefix + ['sh', '-euc', 'mkdir -p "${1%/*}"; cat >"$1"', 'sh', path], feed=text)

    def start(self):
        """Starts it and waits until it has looked at every link."""
        self.process = process.start(self.world.aside.prefix + [PROGRAM], dict(os.environ, SYSTEMD_LOG_LEVEL='warning'))
        deadline = time.time() + 20
        while time.time() < deadline:
            states = self.states()
            if len(states) >= len(self.world.sh('ls /sys/class/net').split()) and 'pending' not in str(states):
                return
            assert self.process.poll() is None, process.finish(self.process)
            time.sleep(0.05)
        pytest.skip('systemd-networkd does not run here')

    def states(self):
        """{ifindex: {key: value}} as it keeps them for others (/run/systemd/netif/links)."""
        found = {}
        text = self.world.sh('cd /run/systemd/netif/links 2>/dev/null || exit 0; for link in *; do [ ! -e $link ] || '
                             '{ echo "= $link"; cat $link; }; done')
        for part in text.split('= ')[1:]:
            lines = part.splitlines()
            found[lines[0]] = dict(line.split('=', 1) for line in lines[1:] if '=' in line and line[:1] != '#')
        return found

    def file_of(self, name):
        """The .network file that it applies to a link, or None."""
        index = self.world.sh('cat /sys/class/net/%s/ifindex' % name).strip()
        state = self.states()[index]
        return state.get('NETWORK_FILE') if state.get('ADMIN_STATE') != 'unmanaged' else None

    def end(self):
        if self.process is not None:
            self.process.terminate()
            process.finish(self.process)
            self.process = None


@pytest.fixture
def start(world):
    made = []

    def call(files, names=(SAMPLE,)):
        made.append(Networkd(world, files, names))
        made[-1].start()
        return made[-1]
    yield call
    for one in made:
        one.end()


def foreseen(world, name):
    """What netnsctl makes of the same files: the path, or None where the link is left alone."""
    root = '/proc/%d/root' % world.aside.shell.pid
    item = networkd.find_file(Host(root=root, environ={}), name)
    return None if item is None or item.unmanaged[0] else item.place


# Each is one file more than the distribution's own.
@pytest.mark.parametrize('files', [
    {}, {'x.network': '[Match]\nName=nw*\n'}, {'x.network': '[Match]\nName=!nw*\n'},
    {'x.network': '[Match]\nName=!en* wl*\n'}, {'x.network': '[Match]\nDriver=veth\n'},
    {'x.network': '[Match]\nKind=veth\n'}, {'x.network': '[Match]\nType=ether\n'},
    {'x.network': '[Match]\nType=!ether\n'}, {'x.network': '[Match]\nName=*\nDriver=e1000\n'},
    {'x.network': '[Match]\nName=*\nMACAddress=02:00:00:00:00:01\n'}, {'x.network': '[Match]\nName=*\nPath=!pci-*\n'},
    {'x.network': '[Match]\nName=en*\nName=nw*\n'}, {'x.network': '[Match]\nName=nw*\nName=\nName=en*\n'},
    {'x.network': '[Match]\nName=*\nName=\nType=wlan\n'}, {'x.network': '[Match]\nName = nw?123456789\n'},
    {'x.network': '[Match]\nName=*\n[Link]\nUnmanaged=yes\n'}, {'x.network': '#[Match]\n;Name=*\n'},
    {'b.network': '[Match]\nName=*\n', 'a.network': '[Match]\nName=nw*\n'},
    {'b.network': '[Match]\nName=*\n', 'a.network': ''},
    {'b.network': '[Match]\nName=*\n',
     '0-a.network': '[Match]\nDriver=veth\nName=!eth* host0\n[Link]\nUnmanaged=yes\n'},
    {'x.network': '[Match]\nName=*\n', 'x.network.d/a.conf': '[Match]\nName=\nName=en*\n'},
    {'x.network': '[Match]\nName=nw*\n', 'x.network.d/a.conf': '[Match]\nName=en*\n'},
    {'x.network': '[Match]\nName=nw*\n', 'x.network.d/a.conf': '[Match]\nDriver=e1000\n'},
    {'x.network': '[Match]\nName=*\n', 'x.network.d/b.conf': '[Link]\nUnmanaged=yes\n',
     'x.network.d/a.conf': '[Link]\nUnmanaged=no\n'},
    {'80-container-ve.network': '[Match]\nName=nw*\n'},
    {'x.network': '[Match]\nName=nw\\\n*\n'}, {'x.network': '[Match]\nKind=!bridge\n'},
    {'x.network': '[Match]\nVirtualization=!nosuch\nName=nw*\n'},
])
def test_the_file_that_networkd_takes_is_foreseen(world, start, files):
    names = [SAMPLE, 'eth0', 'enx0', 'host0', 'to-a']
    files = dict((path, text + ADDRESS if text and path.endswith('.network') else text) for path, text in files.items())
    running = start(files, names)
    assert [(name, foreseen(world, name)) for name in names] == [(name, running.file_of(name)) for name in names]


def test_a_networkd_that_would_take_a_wires_link_is_told_and_the_pasted_commands_keep_it_off(world, start):
    running = start({'x.network': '[Match]\nName=*\n' + ADDRESS}, ['eth0'])
    world.sh('ip netns add a')
    world.netnsctl('wire', '--name', 'w', 'a=10.5.5.2/24', 'host:to-a=10.5.5.1/24')
    finding = world.doctor('networkd')
    assert finding['status'] == 'warn' and '/etc/systemd/network/x.network:1 matches' in finding['text']
    assert {'what': 'link to-a', 'seen': '/etc/systemd/network/x.network:1 matches'} in finding['evidence']
    assert finding['remediation']['commands'][-1] == 'networkctl reload'
    for command in finding['remediation']['commands'][:-1]:
        world.sh(command)
    assert world.doctor('networkd')['status'] == 'ok'
    # networkctl needs the system bus; a start reads the files as well.
    running.end()
    running.start()
    assert running.file_of('to-a') is None and running.file_of('eth0') == '/etc/systemd/network/x.network'
    assert '10.5.5.1/24' in world.sh('ip address show dev to-a')


def test_no_networkd_is_quiet(world):
    world.sh('mkdir -p /run/systemd/netif')
    assert world.doctor('networkd')['text'] == 'not running here'
