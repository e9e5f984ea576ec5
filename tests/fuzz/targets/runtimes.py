"""What engines and their programs answer: HTTP on a socket, JSON, events, what docker, podman, lxc, ovs-vsctl print."""
from __future__ import absolute_import, division, print_function

import json

from fuzz.targets import Target
from netnsctl.compat import native
from netnsctl.edge import events
from netnsctl.edge.host import Host, Result
from netnsctl.edge.runtimes import docker_socket, engines, finding, labelled, listing, presence
from netnsctl.edge.switches import ovs

ID = 'a' * 64


class Connection(object):
    """A socket on which these bytes come, in pieces of some sizes."""

    def __init__(self, data, sizes):
        self._data, self._sizes = data, list(sizes) or [1 << 16]

    def recv(self, _):
        size = self._sizes[0] if len(self._sizes) == 1 else self._sizes.pop(0)
        piece, self._data = self._data[:size], self._data[size:]
        return piece

    def connect(self, *_):
        pass

    settimeout = setblocking = sendall = connect

    def close(self):
        pass


def _http(data):
    """The first byte says how long the pieces are that the answer comes in."""
    size = bytearray(data[:1] or b'\1')[0] % 32
    sizes, whole = ([size * size] if size else []), [1 << 16]
    answers = []
    for one in (sizes, whole):
        try:
            answers.append(docker_socket._exchange(
                Connection(data[1:], one), '/s', '/x', docker_socket.monotonic() + 3600, 1 << 16))
        except docker_socket.Unusable as error:
            answers.append(str(error))
    assert answers[0] == answers[1], 'in pieces: %r, at once: %r' % tuple(answers)
    stream = docker_socket.Stream.__new__(docker_socket.Stream)
    stream.answered, stream._data, stream._left, stream._connection = False, b'', None, Connection(data[1:], sizes)
    lines = events.Lines(1000)
    try:
        while True:
            for line in lines.feed(stream.read()):
                _event(line or b'')
    except docker_socket.Unusable as error:
        assert str(error)


def _event(data):
    for scheme in ('docker', 'podman'):
        try:
            events.parse_line(scheme, data)
        except ValueError:
            continue


class Answering(Host):
    """A host whose programs all print the same, and whose files under /proc are those of a container of docker's."""

    def __init__(self, result):
        Host.__init__(self, environ={'DOCKER_HOST': 'unix:///s'})
        self.result = result

    def find(self, program):
        return '/bin/' + program

    def run(self, argv, *_, **__):
        return self.result

    def read(self, absolute, limit=1 << 20):
        if absolute.endswith('/cgroup'):
            return '0::/docker/%s\n' % ID
        if absolute.endswith('/status'):
            return 'Uid:\t0\t0\t0\t0\n'
        return '7 (x) S 1 1' if absolute.endswith('/stat') else '{'

    def listdir(self, absolute):
        return ['overlay-containers'] if absolute.endswith('/storage') else []

    def exists(self, absolute):
        return True


def _engine_json(data):
    """The first byte is that of the status."""
    status = (200, 404, 500, 200)[bytearray(data[:1] or b'\0')[0] % 4]
    body, host = data[1:], Answering(Result(1, '', 'x'))
    get = docker_socket.get
    docker_socket.get = lambda *_, **__: (status, body)
    try:
        labels = labelled.Images(host)
        for call in (lambda: engines.docker_lookup(host, 'x'), lambda: engines.docker_lookup(host, ID[:12]),
                     lambda: engines.docker_names(host), lambda: engines.docker_version(host),
                     lambda: engines.docker_trouble(host), lambda: listing._docker(host, []),
                     lambda: [labels.own(one) for one in labelled.running(host, 'docker') or ()]):
            _answered(call)
    finally:
        docker_socket.get = get


def _answered(call):
    try:
        call()
    except engines.NetnsctlError as error:
        assert error.message and '\n' not in error.message, error.message


def _programs(data):
    """The first byte is of the exit status; what comes after a byte 0xff is printed on standard error."""
    status = (0, 0, 0, 1, 125, -9)[bytearray(data[:1] or b'\0')[0] % 6]
    out, _, err = data[1:].partition(b'\xff')
    host = Answering(Result(status, native(out), native(err)))
    labels = labelled.Images(host)
    found = [lambda scheme=scheme: finding.by_scheme(scheme).lookup(host, 'x')
             for scheme in ('podman', 'lxc', 'libvirt-lxc', 'nspawn')]
    found += [lambda runtime=runtime: runtime.version(host) for runtime in finding.RUNTIMES]
    for call in found + [
            lambda: engines._docker_inspect(host, 'x', 'no socket'), lambda: listing._podman(host, []),
            lambda: engines._podman_ids(host), lambda: labelled._by_command(host),
            lambda: [labels.own(one) for one in labelled.running(host, 'podman') or ()],
            lambda: ovs.read(host), lambda: ovs.read(host, True), lambda: ovs.saved_switches(host)]:
        _answered(call)
    ovs._silent.clear()
    presence.is_present(host, 'podman')


CONTAINER = json.dumps({'Id': ID, 'Name': '/x', 'State': {'Pid': 7, 'Running': True}, 'Image': 'sha256:' + ID,
                        'Config': {'Labels': {'a': 'b'}}})
_KEYS = ('"Id"', '"ID"', '"Names"', '"Name"', '"State"', '"Pid"', '"Ports"', '"PublicPort"', '"PrivatePort"', '"IP"',
         '"NetworkSettings"', '"Networks"', '"NetworkID"', '"Labels"', '"Config"', '"Image"', '"Version"', '"message"',
         '"ImageManifestDescriptor"', '"platform"', '"host_port"', '"range"', '"Running"', '"Rootfs"', ID, 'null',
         'true', '1e999', '\\ud800', '[[[[')
_HTTP = ('HTTP/1.1 200 OK\r\n', 'HTTP/1.0 404 x\r\n', 'Transfer-Encoding: chunked\r\n', 'Content-Length: ', '\r\n\r\n',
         '\r\n0\r\n\r\n', ';a=b\r\n', 'ffffffff\r\n', '-1')

TARGETS = [
    Target('engine-http', _http, _HTTP),
    Target('engine-json', _engine_json, _KEYS, is_json=True),
    Target('engine-programs', _programs, _KEYS + ('Leader=', 'pid:', 'State:', 'no such container', 'ambiguous',
                                                  '"data"', '"headings"', '["uuid",', '["set",[', '["map",[', '\xff')),
    Target('engine-event', _event, ('"Type"', '"container"', '"Actor"', '"Attributes"', '"name"', '"status"', '"start"',
                                    '"Action"', 'container start ', ID[:12], '(image=x, name=y)', '"die"')),
]
