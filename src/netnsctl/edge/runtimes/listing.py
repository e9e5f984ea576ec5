"""Which containers run, of every runtime that is on the host: for a look at the whole host."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import monotonic
from netnsctl.edge.runtimes import docker_address, docker_socket, engines, presence
from netnsctl.edge.runtimes.container import Container, ask, check_name, one_line
from netnsctl.edge.runtimes.finding import by_scheme
from netnsctl.errors import NetnsctlError, NotFoundError
from netnsctl.model.addressing import UNSPECIFIED

SECONDS = 10.0  # for the containers of one runtime
CONTAINERS = 2000  # of one runtime


class Running(object):
    """A container that runs: container (edge.runtimes.container.Container), ports (published: list of Port), bridges
    (of docker: {name of a bridge that docker makes for a network that it is in: name of the network})."""
    __slots__ = ('container', 'ports', 'bridges')

    def __init__(self, container, ports=(), bridges=None):
        self.container, self.ports, self.bridges = container, sorted(ports, key=str), bridges or {}


class Port(object):
    """A published port: address (of the host, '' for every one), port, to (inside), protocol."""
    __slots__ = ('address', 'port', 'to', 'protocol')

    def __init__(self, address, port, to, protocol):
        self.address, self.port, self.to, self.protocol = address, port, to, protocol

    def __str__(self):
        address = '[%s]' % self.address if ':' in self.address else self.address
        return '%s%d:%d/%s' % (address + ':' if address else '', self.port, self.to, self.protocol)


def running(host):
    """([Running], notes: list of text on what could not be asked)."""
    found, notes = [], []
    for scheme, list_them in _LISTS:
        try:
            if presence.is_present(host, scheme):
                found += list_them(host, notes)
        except NetnsctlError as error:
            notes.append('the containers of %s are not known: %s' % (scheme, error.message))
    return found, notes


def _docker(host, notes):
    endpoint = docker_address.socket_path(host)
    if endpoint is None:
        notes.append('the containers of docker are not known: its engine is not on this host')
        return []
    try:
        status, body = docker_socket.get(host.path(endpoint), '/containers/json', SECONDS, engines.LIST_LIMIT)
    except docker_socket.Unusable as error:
        raise NetnsctlError(str(error))
    answer = engines.parse_json('docker', body)
    if status != 200 or not isinstance(answer, list):
        raise NetnsctlError('HTTP status %d' % status)
    answer = [row for row in answer if isinstance(row, dict) and isinstance(row.get('Id'), str)]
    rows = [(row['Id'], engines.own_name(row.get('Names')), row.get('Ports')) for row in answer]
    found, bridges = _looked_up(host, 'docker', rows, notes), dict((row['Id'], _bridges(row)) for row in answer)
    for one in found:
        one.bridges = bridges.get(one.container.identity, {})
    return found


def _bridges(row):
    """{name of a bridge: name of its network}, as docker calls them unless it is told otherwise."""
    settings, found = row.get('NetworkSettings'), {}
    networks = settings.get('Networks') if isinstance(settings, dict) else None
    for name, network in networks.items() if isinstance(networks, dict) else ():
        identity = network.get('NetworkID') if isinstance(network, dict) else None
        if isinstance(identity, str) and identity:
            found['docker0' if name == 'bridge' else 'br-' + identity[:12]] = one_line(name)
    return found


def _looked_up(host, scheme, rows, notes):
    """[Running] of rows (identity or name, name to show, ports as the engine has them)."""
    runtime, deadline, found = by_scheme(scheme), monotonic() + SECONDS, []
    for at, (identity, name, ports) in enumerate(rows):
        if monotonic() > deadline or at >= CONTAINERS:
            notes.append('%d of %d containers of %s were not looked up' % (len(rows) - at, len(rows), scheme))
            break
        try:
            container = runtime.lookup(host, identity)
        except NotFoundError:
            continue
        except NetnsctlError as error:
            notes.append(error.message)
            continue
        if container is not None:
            found.append(Running(_renamed(container, name), _ports(ports)))
    return found


def _renamed(container, name):
    """The same by the name that it is to be shown by, if that is one."""
    try:
        check_name(container.scheme, name)
    except NetnsctlError:
        return container
    return Container(container.scheme, name, container.pid, container.identity)


def _ports(rows):
    """docker: IP, PrivatePort, PublicPort, Type; podman: host_ip, container_port, host_port, protocol, range (2.0 and
    later), hostIP, containerPort, hostPort (before)."""
    found = {}
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict):
            continue
        address, port, to, protocol = [next((row[key] for key in keys if row.get(key)), None) for keys in _PORT_KEYS]
        for number in (port, to):
            if not isinstance(number, int) or not 0 < number < 65536:
                break
        else:
            count = row.get('range')
            count = count if isinstance(count, int) and 0 < count <= 64 else 1
            address = one_line(address) if isinstance(address, str) and address not in UNSPECIFIED else ''
            for step in range(count):
                one = Port(address, port + step, to + step, one_line(protocol) if isinstance(protocol, str) else 'tcp')
                found[str(one)] = one
    return list(found.values())


_PORT_KEYS = (('IP', 'host_ip', 'hostIP'), ('PublicPort', 'host_port', 'hostPort'),
              ('PrivatePort', 'container_port', 'containerPort'), ('Type', 'protocol'))


def _podman(host, notes):
    result = ask(host, 'podman', ['podman', 'ps', '--no-trunc', '--format', 'json'], seconds=engines.PODMAN_SECONDS)
    if result.status != 0:
        raise NetnsctlError(one_line(result.err) or 'status %d' % result.status)
    answer = engines.parse_json('podman', result.out) or []
    found, plain = [], []
    for row in answer if isinstance(answer, list) else ():
        if not isinstance(row, dict):
            continue
        identity, pid = row.get('Id') or row.get('ID'), row.get('Pid') or row.get('PID')
        if not isinstance(identity, str) or not re.match('[0-9a-f]{64}\\Z', identity):
            continue
        name = engines.own_name(row.get('Names'))
        container = Container('podman', identity, pid, identity) if isinstance(pid, int) and pid > 0 else None
        if container is None or not engines.is_in(host, container):
            plain.append((identity, name, row.get('Ports')))  # an old podman, or it has restarted meanwhile
        else:
            found.append(Running(_renamed(container, name), _ports(row.get('Ports'))))
    return found + _looked_up(host, 'podman', plain, notes)


def _lxc(host, notes):
    path = presence.lxc_path(host)
    names = [name for name in host.listdir(path) if host.exists('%s/%s/config' % (path, name))]
    return _looked_up(host, 'lxc', [(name, name, None) for name in names], notes)


def _libvirt(host, notes):
    names = [name[:-len('.pid')] for name in host.listdir('/var/run/libvirt/lxc') if name.endswith('.pid')]
    return _looked_up(host, 'libvirt-lxc', [(name, name, None) for name in names], notes)


def _nspawn(host, notes):
    names = [name for name in host.listdir('/run/systemd/machines') if ':' not in name]
    return _looked_up(host, 'nspawn', [(name, name, None) for name in names], notes)


_LISTS = (('docker', _docker), ('podman', _podman), ('lxc', _lxc), ('libvirt-lxc', _libvirt), ('nspawn', _nspawn))
