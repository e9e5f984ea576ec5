"""`netnsctl map`: the whole host as it is, whoever made it, with netnsctl's wires."""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import subprocess
import time

import jsonschema
import pytest

from netnsctl.compat import unicode_of
from support import inject, process, terminal
from support.far import VNI
from support.inside import ip
from support.lacking import lacking
from support.process import must
from support.program import TOP
from support.untouched import own_state


with open(os.path.join(TOP, 'docs', 'map.schema.json')) as source:
    SCHEMA = json.load(source)


def looked(run_netnsctl, *words, **options):
    """The map as JSON, which holds to its schema."""
    result = run_netnsctl('map', '--json', *words, **options)
    assert (result.status, result.err) == (0, ''), result
    document = json.loads(result.out)
    jsonschema.Draft4Validator(SCHEMA).validate(document)
    return document


def space_of(document, identity):
    found = [space for space in document['namespaces'] if space['id'] == identity]
    assert len(found) == 1, (identity, [space['id'] for space in document['namespaces']])
    return found[0]


def link_of(document, identity, name):
    return dict((link['name'], link) for link in space_of(document, identity)['links'])[name]


def lines_of(run_netnsctl, *words, **options):
    result = run_netnsctl('map', *words, **options)
    assert result.status == 0, result
    return result.out.splitlines()


def wait_until_it_sleeps(pid):
    """Until unshare(1) has become sleep(1), in a namespace of its own."""
    deadline = time.time() + 60
    while 'sleep' not in must(['cat', '/proc/%d/comm' % pid]):
        assert time.time() < deadline
        time.sleep(0.01)


@pytest.fixture
def outsider(netns):
    """(namespace, PID of a process in a nameless namespace, name of the link that joins the two in both)."""
    a = netns('a')
    sleeper = subprocess.Popen(['unshare', '-n', 'sleep', '1000'])
    try:
        wait_until_it_sleeps(sleeper.pid)
        name = 'o%d' % (os.getpid() % 100000)
        ip(a, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', '%d' % sleeper.pid)
        yield a, sleeper.pid, name
    finally:
        sleeper.kill()
        sleeper.wait()


def test_wires_and_what_somebody_else_made_are_joined_as_the_kernel_says(run_netnsctl, pair, outsider):
    a, pid, link = outsider
    b, c = pair
    assert run_netnsctl('wire', '--name', a + '.w', a + ':A=10.1.1.1/24,gw=10.1.1.2', b + ':B=10.1.1.2/24').status == 0
    document = looked(run_netnsctl)
    assert document['namespaces'][0]['id'] == 'host'
    first, second = link_of(document, 'netns://' + a, 'A'), link_of(document, 'netns://' + b, 'B')
    assert first['peer'] == {'namespace': 'netns://' + b, 'link': 'B', 'index': second['index']}
    assert second['peer'] == {'namespace': 'netns://' + a, 'link': 'A', 'index': first['index']}
    assert first['wire'] == second['wire'] == a + '.w' and '10.1.1.1/24' in first['addresses']
    assert space_of(document, 'netns://' + a)['gateways'] == [{'link': 'A', 'via': '10.1.1.2'}]
    outside = 'pid://%d' % pid
    assert link_of(document, 'netns://' + a, link)['peer']['namespace'] == outside
    assert link_of(document, outside, link)['peer']['namespace'] == 'netns://' + a
    assert space_of(document, outside)['processes']['count'] == 1
    assert [wire for wire in document['wires'] if wire['name'] == a + '.w'][0]['state'] == 'whole'
    assert 'netns://' + c in [space['id'] for space in document['namespaces']]


def test_links_of_one_index_in_every_namespace_are_told_apart(run_netnsctl, netns):
    """Each pair has the indexes 2 and 2, as in containers that are wired to each other."""
    names = [netns('n') for _ in range(6)]
    for one, other in zip(names[::2], names[1::2]):
        ip(one, 'link', 'add', 'x', 'index', '2', 'type', 'veth', 'peer', 'name', 'x', 'index', '2', 'netns', other)
    document = looked(run_netnsctl)
    for one, other in zip(names[::2], names[1::2]):
        assert link_of(document, 'netns://' + one, 'x')['peer']['namespace'] == 'netns://' + other
        assert link_of(document, 'netns://' + other, 'x')['peer']['namespace'] == 'netns://' + one


def test_many_pairs_of_one_index_take_few_questions(host):
    inject.available()
    host.sh('for n in $(seq 40); do ip netns add n$n; done; for n in $(seq 1 2 39); do ip -n n$n link add x index 2 '
            'type veth peer name x index 2 netns n$((n+1)); done')
    made = inject.traced(host, ['map', '--json'], '-f', '-e', 'trace=openat', log='/run/told')
    document = json.loads(made.out)
    for number in range(1, 41, 2):
        for one, other in ((number, number + 1), (number + 1, number)):
            assert link_of(document, 'netns://n%d' % one, 'x')['peer']['namespace'] == 'netns://n%d' % other
    opened = host.sh("grep 'run/netns/n' /run/told").splitlines()
    assert len(opened) < 40 * 4, opened  # each was asked for every other, they were 510


def test_bridges_and_macvlans_are_drawn_below_what_carries_them(run_netnsctl, host):
    host.sh('ip link add br0 type bridge; ip link set br0 up; ip netns add a; ip netns add b;'
            'ip link add nic type veth peer name far; ip link set nic up')
    assert host('wire', '--name', 'w', 'a:e=10.0.0.2/24', 'bridge://br0:p=10.0.0.1/24').status == 0
    assert host('wire', '--name', 'm', '--no-check', 'b:m=10.5.0.2/24', 'macvlan://nic').status == 0
    lines = lines_of(host, environ={'LC_ALL': 'C.UTF-8'})
    assert lines[0].startswith('host')
    bridge = [number for number, line in enumerate(lines) if line.split()[1:2] == ['br0']][0]
    assert u'\u2502  \u2514\u2500 p  veth  up' in unicode_of(lines[bridge + 1]), lines
    assert unicode_of(lines[bridge + 1]).endswith(u'\u2500\u2500 netns://a:e  [wire w whole]')
    assert [line for line in lines if 'netns://b:m  macvlan bridge' in line], lines
    assert link_of(looked(host), 'netns://b', 'm')['parent'] == {
        'namespace': 'host', 'link': 'nic', 'index': link_of(looked(host), 'host', 'nic')['index']}


def test_without_utf8_it_is_drawn_in_ascii(host):
    host.sh('ip netns add a; ip -n a link add x type veth peer name y')
    text = '\n'.join(lines_of(host, environ={'LC_ALL': 'C'}))
    assert 'y  veth  down  -- netns://a:x' in text and all(ord(letter) < 128 for letter in text)


def test_a_lost_wire_is_named_with_its_cause(run_netnsctl, pair):
    a, b = pair
    assert run_netnsctl('wire', '--name', a + '.w', a + ':A', b + ':B').status == 0
    must(['ip', 'netns', 'delete', b])
    assert [line for line in lines_of(run_netnsctl) if line.startswith('wire %s.w is lost: netns://%s' % (a, b))]
    wire = [wire for wire in looked(run_netnsctl)['wires'] if wire['name'] == a + '.w'][0]
    assert [end['namespace'] for end in wire['ends']] == ['netns://' + a, None]


def test_a_namespace_is_meant_by_the_pid_of_any_process_in_it_and_by_its_name_in_each_spelling(host):
    host.sh('ip netns add a; ip netns add b')
    assert lines_of(host, '--ns', 'netns:a') == lines_of(host, '--ns', 'netns://a') == ['netns://a']
    start = 'sleep 600 </dev/null >/dev/null 2>&1 & echo $!; '
    pids = host.sh(start + 'ip netns exec a sh -c "%s"' % (start * 4).replace('$', '\\$')).split()
    try:
        assert lines_of(host, '--ns', pids[0])[0].startswith('host')
        assert lines_of(host, '--ns', pids[4])[0].startswith('netns://a')  # a document names three of them
    finally:
        host.sh('kill ' + ' '.join(pids))
    result = host('map', '--ns', '999999999')
    assert result.status == 3 and 'is called 999999999' in result.err, result


def test_that_there_are_no_wires_is_said(host):
    host.sh('ip netns add a')
    assert lines_of(host, '--wires') == ['no wires']


def test_it_says_of_each_wire_what_ls_says(host):
    """It has read the links and addresses before it looks at the wires."""
    for number in range(6):
        host.sh('ip netns add a{0}; ip netns add b{0}'.format(number))
        assert host('wire', '--name', 'w%d' % number, '--no-check', 'a%d:A=10.1.1.1/24,gw=10.1.1.2' % number,
                    'b%d:B=10.1.1.2/24' % number).status == 0
    host.sh('ip -n a1 link set A name other; ip -n b2 address delete 10.1.1.2/24 dev B; ip -n a3 link set A down;'
            'ip netns delete b4; ip -n a5 link delete A; ip -n a5 link add A type veth peer name B netns b5')
    told = dict((wire['name'], (wire['state'], wire['remarks'])) for wire in looked(host)['wires'])
    assert told == dict((wire['name'], (wire['state'], wire['remarks']))
                        for wire in json.loads(host('ls', '--json').out)['wires'])
    assert [told['w%d' % number][0] for number in range(6)] == [
        'whole', 'altered', 'altered', 'altered', 'lost', 'altered']


def test_a_namespace_that_only_a_link_leads_to_is_drawn(host):
    """An open descriptor keeps it, of a process that is no engine."""
    host.sh('ip netns add a; ip link add out type veth peer name in; ip link set in netns a; '
            '(exec 3</run/netns/a; exec sleep 1000) >/dev/null 2>&1 & '
            'until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.01; done; ip netns delete a')
    document = looked(host)
    beyond = link_of(document, 'host', 'out')['peer']['namespace']
    assert beyond.startswith('nsid://') and link_of(document, beyond, 'in')['peer']['link'] == 'out'


def test_one_namespace_with_what_it_is_joined_to(run_netnsctl, host):
    host.sh('ip link add br0 type bridge; ip link set br0 up; for n in a b c d; do ip netns add $n; done')
    for name in 'ab':
        assert host('wire', '--no-check', name + ':e', 'bridge://br0').status == 0
    assert host('wire', '--no-check', 'c:e', 'd:e').status == 0
    document = looked(host, '--ns', 'a')
    assert [space['id'] for space in document['namespaces']] == ['host', 'netns://a', 'netns://b']
    assert len(space_of(document, 'host')['links']) == 3
    assert [space['id'] for space in looked(host, '--ns', 'netns://c')['namespaces']] == ['netns://c', 'netns://d']
    assert host('map', '--ns', 'nosuch').status == 3
    assert [space['id'] for space in looked(host, '--wires')['namespaces']] == ['host'] + [
        'netns://' + name for name in 'abcd']
    host.sh('ip -n d link add own type veth peer name other')
    assert [link['name'] for link in space_of(looked(host, '--wires'), 'netns://d')['links']] == ['e']


def test_a_file_gets_the_format_of_its_ending(run_netnsctl, tmpdir):
    path = tmpdir.join('map.json')
    result = run_netnsctl('map', '-o', str(path))
    assert (result.status, result.out, result.err) == (0, '', '')
    assert json.loads(path.read())['version'] == 1
    text = tmpdir.join('map.txt')
    assert run_netnsctl('map', '-o', str(text)).status == 0 and text.read().startswith('host')
    assert run_netnsctl('map', '--format', 'json', '-o', str(text)).status == 0
    assert json.loads(text.read())['version'] == 1


def test_the_temp_file_of_a_killed_map_goes_with_the_next(run_netnsctl, tmpdir):
    for name in ('map.txt.99999999.tmp', 'map.txt.1.tmp', 'map.txt.mine.tmp'):
        tmpdir.join(name).write('')
    assert run_netnsctl('map', '-o', str(tmpdir.join('map.txt'))).status == 0
    assert sorted(os.listdir(str(tmpdir))) == ['map.txt', 'map.txt.1.tmp', 'map.txt.mine.tmp']


@pytest.mark.parametrize('words,status', [
    (['-o', 'x.nosuch'], 2), (['--format', 'nosuch'], 2), (['--json', '--format', 'text'], 2), (['--ns', ''], 2),
    (['-o', '/nosuch/map.json'], 1)])
def test_what_cannot_be_is_refused(run_netnsctl, words, status):
    result = run_netnsctl('map', *words)
    assert result.status == status and result.err.startswith('netnsctl: map: '), result


def test_what_is_no_regular_file_is_not_replaced(run_netnsctl, tmpdir):
    tmpdir.join('target').write('mine')
    link = tmpdir.join('map.json')
    os.symlink(str(tmpdir.join('target')), str(link))
    result = run_netnsctl('map', '-o', str(link))
    assert result.status == 2 and 'not a regular file' in result.err
    assert os.path.islink(str(link)) and tmpdir.join('target').read() == 'mine'


def test_looking_changes_nothing(run_netnsctl, pair):
    a, b = pair
    assert run_netnsctl('wire', a + ':A', b + ':B').status == 0
    before = own_state()
    for words in ([], ['--json'], ['--wires'], ['--ns', a]):
        assert run_netnsctl('map', *words).status == 0
    assert own_state() == before


def test_it_is_cut_off_at_the_width_of_a_terminal(host):
    host.sh('ip netns add a; ip -n a link add %s type veth peer name y' % ('x' * 15))
    shown = terminal.run(['sh', '-c', 'stty cols 30; exec "$@"', 'sh'] + host.argv('map'), environ=dict(
        host.environ(), TERM='dumb')).out
    lines = shown.splitlines()
    assert [line for line in lines if line.endswith('~') and len(unicode_of(line)) == 30], lines


@pytest.mark.parametrize('engine', ['docker', 'podman'])
def test_a_container_is_called_by_its_name(run_netnsctl, request, engine):
    containers = request.getfixturevalue(engine)
    name = containers.run('web')
    document = looked(run_netnsctl)
    space = space_of(document, '%s://%s' % (engine, name))
    assert space['containers'][0]['name'] == name and space['processes']['count'] >= 1
    assert run_netnsctl('map', '--ns', name).out.startswith('%s://%s  ' % (engine, name))


def test_what_the_doctor_complains_of_is_added(host):
    host.sh('mkdir -p /run/netns; mkdir /run/netns/stale; ip netns add the; ip netns add b')
    assert host('wire', '--name', 'names', '--no-check', 'the:A=10.1.1.1/24', 'b:B=10.1.1.2/24').status == 0
    host.sh('ip -n the link set A down')
    result = host('map', '--json', '--problems', timeout=300)
    assert result.status == 0, result
    document = json.loads(result.out)
    concerns = dict((one['check'], one['concerns']) for one in document['problems'])
    assert concerns['wires'] == [{'namespace': 'netns://b', 'link': 'B'}, {'namespace': 'netns://the', 'link': 'A'}]
    assert concerns['netns-names'] == []  # which says names, and the
    jsonschema.Draft4Validator(SCHEMA).validate(document)
    told = json.loads(host('doctor', '--json', timeout=300).out)
    complaints = [finding for finding in told['findings'] if finding['status'] in ('fail', 'warn')]
    assert complaints and [one['check'] for one in document['problems']] == [one['check'] for one in complaints]
    lines = lines_of(host, '--problems', timeout=300)
    assert [line for line in lines if line.startswith(str('doctor: %s: ' % complaints[0]['check']))], lines


def test_it_is_drawn_again_when_something_changes(host):
    following = process.start(host.argv('map', '--follow', '--json'), environ=host.environ())
    try:
        document = json.loads(process.native(following.stdout.readline()))
        jsonschema.Draft4Validator(SCHEMA).validate(document)
        assert [space['id'] for space in document['namespaces'] if space['id'] == 'netns://new'] == []
        host.sh('ip netns add new')
        while not [space for space in document['namespaces'] if space['id'] == 'netns://new']:
            document = json.loads(process.native(following.stdout.readline()))
    finally:
        following.send_signal(signal.SIGINT)
        result = process.finish(following)
    assert result.status == 128 + signal.SIGINT and 'Traceback' not in result.err, result
    assert host('map', '--follow', '-o', '/nosuch.json').status == 2
    refused = host('map', '--follow', '--problems')
    assert refused.status == 2 and 'map: --follow excludes --problems' in refused.err, refused


def test_the_way_from_a_namespace_to_what_is_beyond_the_host(host):
    """Its gateway is an address of a bridge, and the host has its own gateway."""
    host.sh('ip netns add a; ip netns add lan; ip link add up0 type veth peer name lan netns lan; ip link set up0 up;'
            'ip -n lan link set lan up; ip address add 192.0.2.10/24 dev up0; ip route add default via 192.0.2.1;'
            'ip -n lan address add 192.0.2.1/24 dev lan; echo 1 >/proc/sys/net/ipv4/ip_forward')
    assert host('wire', '--no-check', 'a:e=10.0.0.2/24,gw=10.0.0.1', 'bridge://br0=10.0.0.1/24').status == 0
    made = looked(host)
    assert space_of(made, 'host')['forwards'][:1] == ['IPv4']
    lines = lines_of(host, environ={'LC_ALL': 'C'})
    assert lines[0].startswith('host  ') and 'forwards IPv4' in lines[0]
    assert [line for line in lines if 'default via 10.0.0.1 (host:br0)' in line], lines
    assert [line for line in lines if 'default via 192.0.2.1 (netns://lan:lan)' in line], lines
    assert 'up0' in [link['name'] for link in space_of(looked(host, '--ns', 'a'), 'host')['links']]
    picture = host('map', '--format', 'svg').out
    assert 'the host forwards IPv4' in picture
    host.sh('echo 0 >/proc/sys/net/ipv4/ip_forward')
    assert 'net.ipv4.ip_forward is 0' in host('map', '--format', 'svg').out


def test_without_a_privilege_the_host_is_drawn_and_the_rest_is_said_to_be_unread(host):
    host.sh('ip netns add a; ip netns add b; ip link add v type veth peer name e netns a')
    made = process.run(host.prefix + ['capsh', '--drop=cap_sys_admin', '--', '-c', 'exec "$@"', 'sh']
                       + host.argv('map', '--json')[len(host.prefix):], environ=host.environ())
    if made.status == 127 or 'capsh' in made.err:
        lacking('capsh', made.err)
    document = json.loads(made.out)
    assert 'v' in [link['name'] for link in space_of(document, 'host')['links']]
    assert link_of(document, 'netns://a', 'e')['peer']['link'] == 'v'  # by a number, without addresses
    assert [note for note in document['notes'] if note.startswith('netns://a: ') and 'not permitted' in note]
    assert 'Operation not permitted' in space_of(document, 'netns://b')['unread']


def test_two_moments_are_compared(host, tmpdir):
    host.sh('ip netns add a; ip netns add b; ip -n a link add x type veth peer name y')
    assert host('wire', '--name', 'w', 'a:A=10.1.1.1/24', 'b:B=10.1.1.2/24').status == 0
    kept = tmpdir.join('map.json')
    assert host('map', '-o', str(kept)).status == 0
    host.sh('until ip -n a link show dev A | grep -q "state UP"; do sleep 0.01; done')
    assert host('map', '-o', str(kept)).status == 0
    assert lines_of(host, '--diff', str(kept)) == ['nothing has changed']
    host.sh('ip netns add c; ip -n a link delete x; ip -n b link set B mtu 1400; ip -n a link add z type bridge')
    lines = lines_of(host, '--diff', str(kept))
    for line in ('+ namespace netns://c', '- link netns://a:x', '- link netns://a:y', '+ link netns://a:z',
                 '~ link netns://b:B: mtu: 1500 -> 1400'):
        assert line in lines, lines
    assert [line for line in lines if 'netns://c:lo' in line] == []
    changed = looked(host, '--diff', str(kept))
    assert {'change': 'changed', 'what': 'link', 'where': 'netns://b:B', 'field': 'mtu', 'before': '1500',
            'after': '1400'} in changed['changes']
    host.sh('ip netns delete b')
    assert '~ wire w: state: whole -> lost' in lines_of(host, '--diff', str(kept))


@pytest.mark.parametrize('text', [b'', b'[]', b'{"version": 2}', b'{"version": 1, "namespaces": [7], "wires": []}',
                                  b'[' * 9999, b'\xff'])
def test_a_file_that_is_no_map_is_refused(run_netnsctl, tmpdir, text):
    path = tmpdir.join('map.json')
    path.write(text, 'wb')
    result = run_netnsctl('map', '--diff', str(path))
    assert result.status == 2 and result.err.startswith('netnsctl: map: read %s: ' % path), result
    assert run_netnsctl('map', '--diff', str(path), '--format', 'svg').status == 2


def test_a_vxlan_that_is_on_no_nic_hangs_on_nothing(run_netnsctl, netns, far):
    a, other = netns('a'), far()
    made = run_netnsctl('wire', '--no-check', a + ':v=10.9.0.1/24', 'vxlan://%d=remote=%s' % (VNI, other.theirs))
    assert made.status == 0, made
    assert 'parent' not in link_of(looked(run_netnsctl), 'netns://' + a, 'v')
    assert '?:?' not in '\n'.join(lines_of(run_netnsctl, '--ns', a))
