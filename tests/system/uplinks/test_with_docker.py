"""nat and published ports of real containers, beside the rules of a Docker Engine that has its own networks."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import process
from support.aside import OWN_STATE, Aside
from support.containers import Unavailable
from support.lacking import lacking
from support.own_dockerd import OwnDockerd
from support.uplink_host import ANSWER, ASK

ETC = ' && '.join((OWN_STATE, 'mount -t tmpfs none /mnt', 'mkdir /mnt/upper /mnt/work',
                   'mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work none /etc',
                   'echo "firewall = %s" >/etc/netnsctl.conf', 'chmod 644 /etc/netnsctl.conf'))
OUTSIDE = """
ip link add nwup0 type veth peer name eth0 netns %s; ip address add 192.0.2.1/24 dev nwup0; ip link set nwup0 up
ip route add default via 192.0.2.9 dev nwup0
ip -n %s address add 192.0.2.9/24 dev eth0; ip -n %s link set eth0 up; ip -n %s link set lo up
"""


@pytest.fixture(scope='module')
def engine():
    try:
        made = OwnDockerd(networks=True)
    except Unavailable as error:
        lacking('docker', str(error))
    yield made
    made.close()


@pytest.fixture(params=['nft', 'iptables'])
def host(request, run_netnsctl, engine, netns):
    """(netnsctl, a shell, the name of the namespace that is the outside)."""
    out, made = netns(), Aside(run_netnsctl, ETC % request.param)
    made.sh(OUTSIDE % ((out,) * 4))
    yield lambda *words: made(*words, environ=engine.environ), made.sh, out
    made('unwire', '--all', environ=engine.environ)
    made.sh('ip link delete nwup0')
    made.close()


def rules():
    return process.must(['sh', '-c', 'nft -s list ruleset; iptables-legacy -t nat -S'])


def test_the_recipes_work_beside_dockers_rules_and_leave_them_as_they_were(host, engine, tmpdir):
    run, sh, out = host
    assert 'DOCKER' in rules()
    before, box = rules(), engine.containers('nat')
    try:
        web = box.run('web')
        made = run('wire', '--name', 'w', 'docker://%s:eth0=10.0.0.2/24,publish=8080:80' % web,
                   'bridge://nwbr0=10.0.0.1/24,nat')
        assert made.status == 0, made
        seen = run('check', 'w')
        assert (seen.status, 'DOCKER-USER' in seen.out) == (5, True), seen
        lines = seen.out.splitlines()
        commands = lines[[at for at, line in enumerate(lines) if 'is dropped by' in line][0] + 1].strip()
        sh(commands)
        try:
            there = run('check', 'w', '--to', '192.0.2.9')
            assert there.status == 0, there
            assert answered(box.pid(web), out, tmpdir) == 'web 192.0.2.9'
        finally:
            sh(commands.replace(' -I ', ' -D '))
        assert run('unwire', 'w').status == 0
    finally:
        box.close()
    assert rules() == before


def test_with_open_they_pass_dockers_rules_until_the_wire_goes(host, engine, tmpdir):
    run, sh, out = host
    before, box = rules(), engine.containers('open')
    try:
        web = box.run('web')
        made = run('wire', '--open', '--name', 'w', 'docker://%s:eth0=10.0.0.2/24,publish=8080:80' % web,
                   'bridge://nwbr0=10.0.0.1/24,nat')
        assert (made.status, '-A DOCKER-USER -i nwbr0 ' in sh('iptables-save')) == (0, True), made
        there = run('check', 'w', '--to', '192.0.2.9')
        assert there.status == 0, there
        assert answered(box.pid(web), out, tmpdir) == 'web 192.0.2.9'
        assert run('unwire', 'w').status == 0
    finally:
        box.close()
    assert rules() == before


def answered(pid, out, tmpdir):
    """What a server in the container says to the outside, which asks at the published port."""
    for name, text in (('answer', ANSWER), ('ask', ASK)):
        tmpdir.join(name).write(text)
    server = process.start(['nsenter', '-t', '%s' % pid, '-n', 'python3', str(tmpdir.join('answer')), 'tcp', '0.0.0.0',
                            '80', 'web'])
    try:
        assert process.native(server.stdout.readline()) == 'ready\n'
        return process.must(['ip', 'netns', 'exec', out, 'python3', str(tmpdir.join('ask')), 'tcp', '192.0.2.1', '8080',
                             '20', '0']).strip()
    finally:
        server.kill()
        process.finish(server)


def test_a_map_names_dockers_networks_at_their_bridges_and_the_way_out(engine, run_netnsctl):
    name = 'nwmap%d' % os.getpid()
    process.must(engine.command + ['network', 'create', name])
    try:
        process.must(engine.command + ['run', '-d', '--name', name, '--network', name, engine.image, 'sleep', '1000'])
        result = run_netnsctl('map', '--json', environ=engine.environ)
        assert result.status == 0, result
        host = json.loads(result.out)['namespaces'][0]
        assert [link['kind'] for link in host['links'] if link.get('network') == name] == ['bridge']
        assert 'IPv4' in host['forwards']
        result = run_netnsctl('map', '--ns', name, environ=engine.environ)
        assert 'docker network ' + name in result.out and '(host:br-' in result.out, result
    finally:
        process.run(engine.command + ['rm', '-f', name])
        process.must(engine.command + ['network', 'rm', name])
