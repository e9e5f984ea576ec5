"""The doctor's check of the CNI plugin: which networks are netnsctl's, and whether runtimes find it."""
from __future__ import absolute_import, division, print_function

import json

import pytest

from netnsctl.edge.host import Host
from netnsctl.usecases.doctor.software.cni import PROGRAM, check_cni

OURS = {'cniVersion': '1.0.0', 'name': 'lan', 'plugins': [
    {'type': 'netnsctl', 'anchor': 'bridge://br0', 'ipam': {'type': 'host-local'}}, {'type': 'tuning'}]}


@pytest.fixture
def judged(tmpdir):
    """judged(networks, programs): the finding on a host with those files in /etc/cni/net.d, and those programs."""
    def judge(networks, programs=()):
        for name, text in networks.items():
            tmpdir.join('etc/cni/net.d', name).write(text if isinstance(text, str) else json.dumps(text), ensure=True)
        for path in programs:
            tmpdir.join(path).ensure().chmod(0o755)
        return check_cni(Host(str(tmpdir)))
    return judge


@pytest.mark.parametrize('networks', [
    {}, {'10-x.conflist': {'name': 'x', 'plugins': [{'type': 'bridge'}]}}, {'10-x.conf': {'type': 'bridge'}},
    {'10-lan.txt': OURS}])
def test_a_host_without_a_network_of_ours_is_quiet(judged, networks):
    finding = judged(networks)
    assert finding.status == 'ok' and 'no network in /etc/cni/net.d' in finding.text


@pytest.mark.parametrize('text', ['{', '', '[' * 5000, '[]', '{"plugins": 7}', '{"plugins": ["x"]}'],
                         ids=['half', 'empty', 'deep', 'list', 'number', 'words'])
def test_a_file_that_is_no_network_is_named(judged, text):
    finding = judged({'10-lan.conflist': OURS, '20-x.conflist': text}, [
        'opt/cni/bin/netnsctl', 'opt/cni/bin/host-local'])
    cause = 'its plugins are not objects' if text.endswith((']', '}')) else 'it is not JSON'
    assert finding.status == 'warn'
    assert finding.text == '/etc/cni/net.d/20-x.conflist cannot be read as a network of CNI (%s)' % cause
    assert ('/etc/cni/net.d/10-lan.conflist', 'the network lan') in finding.evidence


def test_a_plugin_that_is_found_is_named_with_its_place(judged):
    finding = judged({'10-lan.conflist': OURS}, ['usr/lib/cni/netnsctl', 'usr/lib/cni/host-local'])
    assert (finding.status, finding.text) == ('ok', 'found in /usr/lib/cni')
    assert ('/etc/cni/net.d/10-lan.conflist', 'the network lan') in finding.evidence


def test_a_plugin_that_no_folder_has_is_to_be_linked_where_the_ipam_plugin_is(judged):
    finding = judged({'10-lan.conf': dict(OURS['plugins'][0], name='lan')})
    assert finding.status == 'warn' and '10-lan.conf names the plugin netnsctl' in finding.text
    assert finding.remediation.commands == ['mkdir -p /opt/cni/bin', 'ln -sfn %s /opt/cni/bin/netnsctl' % PROGRAM]
    finding = judged({}, ['usr/libexec/cni/host-local', 'usr/libexec/netnsctl/cni/netnsctl'])
    assert finding.remediation.commands == [
        'mkdir -p /usr/libexec/cni', 'ln -sfn /usr/libexec/netnsctl/cni/netnsctl /usr/libexec/cni/netnsctl']


def test_an_ipam_plugin_that_is_missing_is_named(judged):
    finding = judged({'10-lan.conflist': OURS}, ['opt/cni/bin/netnsctl'])
    assert (finding.status, finding.text) == ('warn', 'the IPAM plugin host-local is not installed')
    assert 'containernetworking-plugins' in finding.remediation.prose
