"""Whatever a runtime, or whoever can write what it passes on, puts on standard input and into the environment, what
comes out is an answer in CNI's words.

NETNSCTL_TEST_EVERY=1 tries many more examples.
"""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from netnsctl.plugins import cni
from netnsctl.plugins.cni import commands, configuration, documents, ends, results

hypothesis = pytest.importorskip('hypothesis')
some = pytest.importorskip('hypothesis.strategies')
ENVIRON = {'CNI_COMMAND': 'ADD', 'CNI_CONTAINERID': 'c1', 'CNI_NETNS': '/run/netns/a', 'CNI_IFNAME': 'eth0'}
EXAMPLES = 3000 if os.environ.get('NETNSCTL_TEST_EVERY') else 150
atoms = some.one_of(
    some.none(), some.booleans(), some.integers(), some.floats(), some.text(max_size=8), some.sampled_from(
        ['bridge://br0', 'bridge://br0=10.1.0.1/24,nat', 'macvlan://eth0', 'vxlan://7=remote=10.0.0.1', '10.1.0.2/24',
         'fd00::1/64', '10.1.0.1', '0.0.0.0/0', 'host-local', 'eth0', 'net1', '/run/netns/a', '10mbit', '8080:80',
         '02:00:00:00:00:01', u'\ud800', '1.0.0', '1.1.0', 'lan', '\x00', 'a,b=c', '%s%d{0}']))
KEYS = sorted(set(('cniVersion', 'name', 'type', 'cni.dev/valid-attachments', 'interfaces', 'ips', 'address', 'dst',
                   'hostPort', 'containerPort', 'portMappings', 'bandwidth', 'ingressRate', 'sandbox', 'containerID',
                   'cni', 'dns', 'nameservers', 'servers')
                  + tuple(configuration.READERS)))
keys = some.one_of(some.sampled_from(KEYS), some.text(max_size=5))
trees = some.recursive(atoms, lambda inner: some.one_of(some.lists(inner, max_size=4), some.dictionaries(
    keys, inner, max_size=5)), max_leaves=12)
configs = some.fixed_dictionaries({'anchor': some.one_of(some.just('bridge://br0=10.1.0.1/24'), atoms)}).flatmap(
    lambda base: some.dictionaries(keys, trees, max_size=6).map(
        lambda more: dict({'cniVersion': '1.1.0', 'name': 'lan', 'type': 'netnsctl'}, **dict(base, **more))))
variables = some.dictionaries(some.sampled_from(
    ['CNI_COMMAND', 'CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_ARGS', 'CNI_PATH']), some.one_of(
        some.text(max_size=20), some.sampled_from(['DEL', 'GC', 'STATUS', 'CHECK', 'VERSION', 'MAC=1;IP=2', '..'])))


def compute(call):
    """All of a call that touches nothing."""
    config, request = call.config, call.request
    results.servers(config, None)
    if request.command in ('ADD', 'CHECK'):
        results.own_of(config.get('prevResult', {}), request.netns, call.ifname)
        leased = {'ips': [{'address': '10.1.0.5/24', 'gateway': '10.1.0.1'}], 'routes': [], 'dns': {}}
        for given in (None, leased):
            wanted = ends.wanted(config, request, given)
            ends.inner(request, config, wanted), ends.outer(config, wanted, given)
    if call.name and config.get('prevResult'):
        call.answer(config.get('prevResult'))


@hypothesis.settings(max_examples=EXAMPLES, deadline=None, database=None,
                     suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(some.one_of(configs.map(json.dumps).map(lambda text: text.encode('utf-8')), some.binary(max_size=50),
                              trees.map(json.dumps).map(lambda text: text.encode('utf-8'))), variables)
def test_whatever_comes_in_an_answer_in_cnis_words_goes_out(data, environ):
    real, answers = dict(commands.CALLS), []
    commands.CALLS.update((command, compute) for command in real)
    try:
        status = cni.respond(dict(ENVIRON, **environ), lambda: data, answers.append)
    finally:
        commands.CALLS.update(real)
    document = answers[0] if answers else None
    if document is not None:
        document = json.loads(documents.written(document).decode('ascii'))
    if status:
        assert document['code'] in (1, 2, 4, 6, 7), document
        assert document['msg'] and document['cniVersion'] in documents.VERSIONS
