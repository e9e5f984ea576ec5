"""What runtimes tell the programs that they start: CNI, the OCI hook, netavark."""
from __future__ import absolute_import, division, print_function

import json

from fuzz.targets import Target
from netnsctl.compat import native
from netnsctl.edge.oci import ancestors, images
from netnsctl.errors import NetnsctlError
from netnsctl.model import endpoint
from netnsctl.model.endpoint import Target as Place
from netnsctl.plugins import documents, netavark, oci
from netnsctl.plugins.cni import configuration, ends, ipam, problems, request, results
from netnsctl.plugins.cni import documents as cni_documents
from netnsctl.plugins.netavark import attachment, network

COMMANDS = ('ADD', 'CHECK', 'DEL', 'GC', 'STATUS')
ENVIRON = {'CNI_COMMAND': 'ADD', 'CNI_CONTAINERID': 'c1', 'CNI_NETNS': '/proc/7/ns/net', 'CNI_IFNAME': 'eth0',
           'CNI_PATH': '/opt/cni/bin', 'CNI_ARGS': 'IP=10.1.0.7;MAC=02:00:00:00:00:01'}
LEASED = {'ips': [{'address': '10.1.0.9/24', 'gateway': '10.1.0.1'}], 'routes': [('0.0.0.0/0', None)],
          'dns': {'nameservers': ['10.1.0.1']}}


def _told(error, version=None):
    """A document of an error must be one."""
    json.loads(cni_documents.written(cni_documents.of_error(problems.as_cni(error), version)).decode('ascii'))


def _cni(data):
    """The first byte says what is asked for, and whether there is a result of an IPAM plugin."""
    first = bytearray(data[:1] or b'\0')[0]
    environ = dict(ENVIRON, CNI_COMMAND=COMMANDS[first % len(COMMANDS)])
    leased = LEASED if first & 64 else None
    try:
        asked = request.read(environ)
        document = cni_documents.read(data[1:], 'the network configuration')
        config = configuration.read(document, asked.command)
        request.wire_of(config.name, asked.container, asked.ifname, config.own_ifname)
        if asked.command == 'CHECK' and config.get('prevResult'):
            results.own_of(config.get('prevResult'), asked.netns, asked.ifname)
        if asked.command == 'ADD':
            _added(config, asked, leased)
    except (NetnsctlError, problems.CniError) as error:
        _told(error)
        raise


def _added(config, asked, leased):
    found = ends.wanted(config, asked, leased)
    endpoint.parse(ends.inner(asked, config, found))
    endpoint.parse(ends.outer(config, found, leased))
    servers = results.servers(config, leased)
    previous = config.get('prevResult')
    if previous is not None:
        results.check_previous(previous)
    own = {'addresses': found.addresses, 'gateways': found.gateways, 'routes': found.routes}
    result = results.of_wire(config, asked, [own], [(_Link(), True)], {}, servers)
    json.loads(cni_documents.written(results.after(previous, result)).decode('ascii'))


class _Link(object):
    name, mac, mtu = 'eth0', '02:00:00:00:00:01', 1500


def _cni_environment(data):
    values = native(data).split('\n')
    environ = dict(zip(sorted(ENVIRON), values))
    try:
        asked = request.read(dict(ENVIRON, **environ))
        assert not asked.netns or '=' not in asked.netns
    except problems.CniError as error:
        _told(error)
        raise


def _cni_ipam(data):
    try:
        leased = ipam._read(cni_documents.read(data, 'its result'))
        config = configuration.read({'cniVersion': '1.0.0', 'name': 'n', 'anchor': 'bridge://br0', 'isGateway': True,
                                     'ipam': {'type': 'host-local'}}, 'ADD')
        _added(config, request.read(ENVIRON), leased)
    except (NetnsctlError, problems.CniError) as error:
        _told(error)
        raise


def _oci(data):
    state = oci.read_state(data)
    for own in (Place('podman', 'web'), Place('pid', '7')):
        for line in oci.lines_of(state, own):
            assert own in (line.a.target, line.b.target)


class _Store(object):
    """A host on which every file holds the same."""

    def __init__(self, text):
        self._text = text

    def read(self, *_):
        return self._text

    def listdir(self, _):
        return ['=bWFuaWZlc3Qtc2hhMjU2OmE=', 'x', '=', '=!']

    def path(self, absolute):
        return '/nowhere' + absolute


def _oci_store(data):
    identity = 'a' * 64
    host = _Store(native(data))
    for container in (identity, 'b' * 64):
        try:
            images.annotations_of(host, '/r/overlay-containers/%s/userdata' % container, container)
        except NetnsctlError as error:
            assert error.message
    words = native(data).split('\0')
    ancestors._options_of(words)
    ancestors.monitor_of(host, identity, 7)


def _netavark(data):
    """The first byte says what is asked for."""
    what = bytearray(data[:1] or b'\0')[0] % 3
    try:
        found = documents.as_object(data[1:], 'standard input')
        if what == 0:
            json.dumps(network.completed(found), allow_nan=True)
            return
        if what == 1:
            attachment.wire_of(found)
            return
        asked = attachment.read('/run/netns/a', found)
        for led in ((), (4, 6)):
            own, outer = asked.ends(led)
            endpoint.parse(own), endpoint.parse(outer)
    except NetnsctlError as error:
        assert '\n' not in netavark.told(error)
        raise


_CNI = ('"cniVersion"', '"1.0.0"', '"name"', '"anchor"', '"bridge://br0"', '"ipam"', '"runtimeConfig"',
        '"portMappings"',
        '"hostPort"', '"containerPort"', '"protocol"', '"hostIP"', '"bandwidth"', '"ingressRate"', '"egressBurst"',
        '"ips"', '"mac"', '"mtu"', '"routes"', '"dst"', '"gw"', '"dns"', '"nameservers"', '"prevResult"',
        '"interfaces"',
        '"sandbox"', '"args"', '"cni"', '"ipMasq"', '"isGateway"', '"publish"', '"addresses"', '"gateway"', 'true',
        '"cni.dev/valid-attachments"', '"containerID"', '"ifname"', 'null', 'NaN', '1e999')
_OCI = ('"id"', '"status"', '"creating"', '"stopped"', '"pid"', '"bundle"', '"annotations"', '"netnsctl.wire"',
        '"netnsctl.wire.a"', '"self:eth1=10.0.0.1/24 bridge://br0"', '"none"', '"io.container.manager"', '"image"',
        '"root"', '"path"', '"gw"', '"nat"')
_NETAVARK = ('"network"', '"network_options"', '"interface_name"', '"container_id"', '"container_name"', '"subnets"',
             '"subnet"', '"gateway"', '"ipam_options"', '"driver"', '"host-local"', '"options"', '"to"', '"static_ips"',
             '"static_mac"', '"port_mappings"', '"host_port"', '"container_port"', '"range"', '"protocol"', '"host_ip"',
             '"network_dns_servers"', '"network_interface"', '"routes"', '"destination"', '"internal"',
             '"no_default_route"')

TARGETS = [
    Target('cni', _cni, _CNI, is_json=True),
    Target('cni-environment', _cni_environment, ('ADD', 'DEL', 'VERSION', 'IP=', 'MAC=', ';', '/proc/7/ns/net', '\n')),
    Target('cni-ipam', _cni_ipam, _CNI + ('"address"', '"domain"', '"search"'), is_json=True),
    Target('oci-state', _oci, _OCI, is_json=True),
    Target('oci-store', _oci_store, _OCI + ('"layer"', '--cid\0', '-n\0', '--exit-command\0'), is_json=True),
    Target('netavark', _netavark, _NETAVARK, is_json=True),
]
