"""The inventory map: the network namespaces of this host as hosts of Ansible."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from support import ansible_runs
from support.inside import ip


@pytest.fixture
def inventory(core, tmp_path):
    """inventory({...options}) -> the path of a file for the plugin."""
    def write(**options):
        known = {'plugin': 'netnsctl.netnsctl.map', 'executable': ansible_runs.program(tmp_path)}
        return core.write('these.netns.yml', u'%s\n' % json.dumps(dict(known, **options)))
    return write


ENABLED = {'ANSIBLE_INVENTORY_ENABLED': 'netnsctl.netnsctl.map,ini', 'ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED': '1'}


def test_wired_namespaces_are_hosts_in_which_tasks_run(core, inventory, pair, run_netnsctl):
    a, b = pair
    assert run_netnsctl('wire', '--name', 'ab', a + ':A=10.1.1.1/32', b + ':B=10.1.1.2/32').status == 0
    try:
        played = core.play([{'hosts': 'netns_wire_ab', 'gather_facts': False, 'tasks': [
            {'raw': 'ip -4 -o addr; ping -c1 -W5 {{ "10.1.1.2" if "10.1.1.1" in netns_addresses else "10.1.1.1" }}'}]}],
            inventory=inventory(), environ=ENABLED)
    finally:
        run_netnsctl('unwire', 'ab')
    found = dict((task.host, task) for task in played.tasks)
    assert sorted(found) == [a, b] and all(task.how == 'ok' for task in played.tasks), played
    assert '10.1.1.1/32' in found[a]['stdout'] and '10.1.1.2/32' in found[b]['stdout'], played


def test_what_a_container_calls_its_links_is_no_template(core, inventory, netns, tmp_path):
    space, hit = netns(), tmp_path / 'hit'
    ip(space, 'link', 'add', 'x', 'type', 'veth', 'peer', 'name', '{{7*6}}')
    ip(space, 'link', 'set', 'x', 'alias', "{{lookup('pipe','touch %s')}}" % hit)
    constructed = {'compose': {'again': 'netns_links'}, 'groups': {'odd': 'netns_links | string is search("7")'},
                   'keyed_groups': [{'key': 'netns_links | map(attribute="name") | join'}]}
    played = core.play([{'hosts': space, 'gather_facts': False, 'tasks': [
        {'debug': {'msg': '{{ netns_links + again }}'}}]}], inventory=inventory(**constructed), environ=ENABLED)
    task, = played.tasks
    assert not hit.exists() and '{{7*6}}' in [link['name'] for link in task['msg']], played


MAP = '{"namespaces": [%s], "wires": []}' % ', '.join(
    '{"id": "docker://%s", "names": [], "links": [], "containers": [{"runtime": "docker", "name": "%s"}]}' % (one, one)
    for one in ('all', 'db1', 'dbs', 'localhost', '127.0.0.1', 'netns_all', 'odd', 'ungrouped', 'web'))
REAL = u'[dbs]\ndb1 ansible_host=192.0.2.10\nweb.one ansible_host=192.0.2.11\n'


def _listed(core, *sources):
    """What ansible-inventory lists of these sources: (its data, what it warned of, in one line)."""
    words = [word for source in sources for word in ('-i', source)]
    listed = core.run('ansible-inventory', '--list', *words, environ=ENABLED)
    assert listed.status == 0, listed
    return json.loads(listed.out), ' '.join(listed.err.split())


def test_a_container_takes_over_no_host_and_no_group_that_it_is_called_as(core, inventory):
    shows = "sh -c 'cat %s' x" % core.write('map.json', u'%s\n' % MAP)
    real, own = core.write('real.ini', REAL), {'executable': shows, 'groups': {'odd': 'true'}}
    data, warned = _listed(core, real, inventory(**own))
    known = data['_meta']['hostvars']
    assert known['db1'] == {'ansible_host': '192.0.2.10'} and known['web.one'] == {'ansible_host': '192.0.2.11'}, data
    assert sorted(known) == ['db1', 'web', 'web.one'] and 'docker://web' in str(known['web']['ansible_netns']), data
    assert data['netns_all'] == {'hosts': ['web']} and sorted(data['dbs']['hosts']) == ['db1', 'web.one'], data
    for name in ('all', 'db1', 'dbs', 'localhost', '127.0.0.1', 'netns_all', 'odd', 'ungrouped'):
        assert 'the host %s is left out: ' % name in warned, (name, warned)
    assert 'the host web is' not in warned and 'prefix: netns-' in warned, warned


def test_with_a_prefix_all_are_there_beside_hosts_of_their_names(core, inventory):
    shows = "sh -c 'cat %s' x" % core.write('map.json', u'%s\n' % MAP)
    real, own = core.write('real.ini', REAL), inventory(executable=shows, prefix='netns-')
    for sources in ((real, own), (own, real)):
        data, warned = _listed(core, *sources)
        known = data['_meta']['hostvars']
        assert known['db1'] == {'ansible_host': '192.0.2.10'} and len(data['netns_all']['hosts']) == 9, data
        assert 'docker://db1' in str(known['netns-db1']['ansible_netns']) and 'left out' not in warned, data


def test_hosts_that_do_not_answer_are_an_error_or_left_out(core, inventory):
    hosts = [{'name': 'nowhere', 'address': '127.0.0.1', 'port': 9, 'user': 'root'}]
    path = inventory(hosts=hosts, timeout=20)
    failed = core.run('ansible-inventory', '-i', path, '--list', environ=ENABLED)
    assert failed.status != 0 and 'nowhere: ssh ended with status 255' in ' '.join(failed.err.split()), failed
    path = inventory(hosts=hosts, timeout=20, skip_unreachable=True)
    listed = core.run('ansible-inventory', '-i', path, '--list', environ=ENABLED)
    assert listed.status == 0 and 'nowhere: ssh ended with status 255' in ' '.join(listed.err.split()), listed


def test_options_that_are_not_right_are_refused(core, inventory):
    for options, text in (({'hosts': ['-oProxyCommand=x']}, 'is not one'), ({'hosts': [{'x': 1}]}, 'each is a name'),
                          ({'executable': '/no/such'}, '/no/such'), ({'executable': 'echo x'}, 'not JSON'),
                          ({'nonsense': 1, 'executable': 'false'}, 'status 1')):
        failed = core.run('ansible-inventory', '-i', inventory(**options), '--list', environ=ENABLED)
        assert failed.status != 0 and text in ' '.join(failed.err.split()), (options, failed)
