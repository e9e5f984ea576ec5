"""README.md and the pages of the manual: their commands, run in order as they stand, page by page, each on a throwaway
host with a network card and, where they use docker, an engine."""
from __future__ import absolute_import, division, print_function

import os
import sys

import pytest

from support import doc_pages, own_ovs, process
from support.aside import own_host
from support.examples import Example
from support.lacking import lacking
from support.program import SOURCE

pytestmark = pytest.mark.one_python  # the pages are the same under every Python

# The host's network: a card with an address of a LAN, on which there is a router that knows the LAN alone, and behind
# it somebody else.
LAN = '''
ip link add eth0 type veth peer name lan0
ip address add 192.168.1.10/24 dev eth0
ip link set eth0 up
unshare -n sleep 600 </dev/null >/dev/null 2>&1 & router=$!
while [ "$(readlink /proc/$router/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
ip link set lan0 netns $router
nsenter -t $router -n sh -euc '
    ip link set lo up
    ip address add 203.0.113.9/32 dev lo
    ip address add 192.168.1.1/24 dev lan0
    ip link set lan0 up'
ip route add default via 192.168.1.1
echo $router
'''
# The router of VLAN 100 of the Open vSwitch; its PID is printed.
VLAN_100 = '''
unshare -n sleep 600 </dev/null >/dev/null 2>&1 & router=$!
while [ "$(readlink /proc/$router/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
ip link add ovs100 type veth peer name lan100 netns $router
ip link set ovs100 up
nsenter -t $router -n sh -euc 'ip address add 192.168.100.1/24 dev lan100; ip link set lan100 up'
ovs-vsctl --timeout=20 add-port br-int ovs100 tag=100
echo $router
'''
# What a page promises and no command of it shows: run after the block that has that line. $ROUTER is a process there.
SHOWN = {
    'docs/recipes/publish.md': (
        # A server that has just been started may not listen yet.
        'publish=8080:80', 'for wait in 0.1 0.5 2 5; do nsenter -t $ROUTER -n busybox wget -q -O - '
        'http://192.168.1.10:8080/etc/hostname && exit; sleep $wait; done; exit 1'),
    'docs/recipes/lan.md': (
        'docker exec web ping', 'nsenter -t $ROUTER -n ping -c 1 -W 2 192.168.1.20'),
    'docs/recipes/undo.md': ('netnsctl unwire --all --forget', '[ -z "$(netnsctl ls)" ]'),
}
# What a Docker Engine with networks of its own has put there.
DOCKERS = """
iptables -P FORWARD DROP
for chain in DOCKER DOCKER-USER DOCKER-ISOLATION-STAGE-1; do iptables -N $chain; done
for chain in DOCKER-USER DOCKER-ISOLATION-STAGE-1; do iptables -A FORWARD -j $chain; iptables -A $chain -j RETURN; done
iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -A FORWARD -o docker0 -j DOCKER
iptables -A FORWARD -i docker0 -j ACCEPT
"""
BESIDE_DOCKERS = ('docs/recipes/internet.md', 'docs/recipes/publish.md')
# Whether a kernel has what a page says that it needs.
PROBES = {'vlan': 'ip link add link lo name probe type vlan id 100 && ip link delete probe',
          'ovs': 'ovs-vsctl --timeout=20 br-exists br-int', 'compose': 'docker compose version'}
# This one is run in the stand-in for CentOS 6.5: tests/packaging/test_acceptance.py.
PAGES = [name for name in doc_pages.with_commands() if name != 'docs/el6.md']


@pytest.fixture
def engine_of_busybox(own_engine):
    """Variables that lead to a Docker Engine with the image busybox."""
    if isinstance(own_engine, str):
        lacking('docker', own_engine)
    process.must(own_engine.command + ['tag', own_engine.image, 'busybox'])
    try:
        yield own_engine.environ
    finally:
        left = process.must(own_engine.command + ['ps', '-aq']).split()
        if left:
            process.must(own_engine.command + ['rm', '-f'] + left)


@pytest.fixture
def machine(run_netnsctl):
    """An Example on a host with a card. machine.router: the PID of a process of the router."""
    host = own_host(run_netnsctl)
    made = Example(host)
    made.router = int(host.sh(LAN))
    made.environ['ROUTER'] = '%d' % made.router
    made.daemons = []
    try:
        yield made
    finally:
        process.run(['kill', '%d' % made.router] + made.daemons)
        host.close()


def test_the_program_of_the_page_for_python_works_as_it_stands(machine):
    program, = [block for block in doc_pages.blocks('docs/python.md') if block.kind == 'python']
    machine.write('/mnt/it.py', program.text)
    out = machine.run('ip netns add a; ip netns add b; PYTHONPATH=%s %s it.py; netnsctl ls'
                      % (':'.join([SOURCE] + [path for path in sys.path if '/.venv' in path]), sys.executable))
    assert out.splitlines() == ['ab is whole'] * 2, out


def test_the_tree_that_the_page_on_many_hosts_copies_is_where_up_reads_it(machine):
    rendering, copying = [block.text for block in doc_pages.blocks('docs/recipes/many-hosts.md')
                          if block.kind == 'sh'][:2]
    machine.run(rendering)
    machine.run('mkdir -p /etc/sysconfig/netns')
    # The other hosts are this one. Its containers do not run, which `up` says of each.
    result = machine.try_it('ssh() { shift; sh -c "$1"; }\n' + copying)
    assert result.status == 3 and 'docker:web/ifcfg-eth0' in result.out and 'docker:db/ifcfg-eth0' in result.out, result
    place, = [line.split()[1] for line in doc_pages.source('docs/recipes/many-hosts.md').splitlines()
              if line.lstrip().startswith('src: ')]
    listed = 'cd %s; find . -type f | sort'
    assert machine.run(listed % place) == machine.run(listed % '/etc/sysconfig/netns')


def start_ovs(machine):
    if own_ovs.is_installed():
        machine.daemons += own_ovs.start_in(machine.host, 'br-int', 'ovsbr0')
        machine.daemons += machine.run(VLAN_100).split()


def run_page(machine, name):
    """Runs the blocks of a page: the number of commands that are netnsctl's."""
    count, out = 0, None
    if any(block.needs == 'ovs' for block in doc_pages.blocks(name)):
        start_ovs(machine)
    if name in BESIDE_DOCKERS:
        machine.run(DOCKERS)
    for block in doc_pages.blocks(name):
        if block.kind in ('ini', 'yaml') and block.title:
            machine.write(os.path.join('/mnt', block.title), block.text)
        elif doc_pages.is_run(block):
            if block.needs and machine.try_it(PROBES[block.needs]).status != 0:
                lacking(block.needs, 'this host has none')
            out = machine.run(block.text)
            count += block.text.count('netnsctl ')
            line, script = SHOWN.get(name, (None, None))
            if line is not None and line in block.text:
                machine.run(script)
        elif block.kind == 'text' and block.follows:
            assert doc_pages.matches(block.lines, out.splitlines()), (name, block.line, out)
    return count


@pytest.mark.parametrize('name', PAGES)
def test_the_commands_of_a_page_work_as_they_stand(machine, request, name):
    if 'docker ' in doc_pages.source(name):
        machine.environ.update(request.getfixturevalue('engine_of_busybox'))
    assert run_page(machine, name) > 0
    assert machine.run('netnsctl ls') == ''
