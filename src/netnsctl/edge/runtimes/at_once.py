"""Many containers of docker and podman, looked up at once: some requests at the same time, or one process for all.

What is found here needs no second look: a process that was there before the runtime was asked, and still is when its
namespace is open, is the one that the runtime named in between. What is not found here is looked up one by one, which
says what is wrong with it.
"""
from __future__ import absolute_import, division, print_function

import errno
import os
import select
import _socket as socket

from netnsctl.compat import monotonic, set_cloexec, to_bytes, uninterrupted
from netnsctl.edge import netns
from netnsctl.edge.runtimes import docker_address, docker_socket, engines, silence
from netnsctl.edge.runtimes.container import ANSWER_LIMIT, SECONDS, ask, check_name
from netnsctl.errors import NetnsctlError, NotFoundError

REQUESTS = 8  # at the same time: dockerd has no more use for them
NAMES = 100  # of one process: an inspected container takes some 10 kB


class Containers(object):
    """The Containers that were found: found, {(scheme, name as it was asked for): Container}."""

    def __init__(self, host):
        self.host, self.found, self._asked = host, {}, {}  # _asked: when, by the same keys

    def look_up(self, scheme, names):
        """Looks up containers by their names (docker, podman)."""
        asked = _ticks(self.host)
        for name, document in _ASKING[scheme](self.host, sorted(filter(_is_name, names))):
            try:
                container = document and engines.container_of(scheme, name, document)
                if container and engines.is_in(self.host, container):
                    self.found[scheme, name], self._asked[scheme, name] = container, asked
            except NetnsctlError:
                continue

    def open(self, target):
        """The Netns of a Target's container, if it was found and is still the same; else None."""
        container = self.found.get((target.scheme, target.name))
        if container is None:
            return None
        try:
            opened = netns.open_pid(container.pid, str(target))
        except NotFoundError:
            opened = None
        if opened is not None and opened.start < self._asked[target.scheme, target.name]:
            return opened
        if opened is not None:
            opened.close()
        del self.found[target.scheme, target.name]
        return None


def _ticks(host):
    """The time since boot in the unit of netns.start_time(); 0 where it is not known."""
    try:  # hundredths of a second; a virtual machine's container may see less than there are
        return int(float((host.read('/proc/uptime') or '').split()[0]) * os.sysconf('SC_CLK_TCK'))
    except (IndexError, ValueError):
        return 0


def _is_name(name):
    try:
        check_name('', name)
        return True
    except NetnsctlError:
        return False


def _docker(host, names):
    """(name, what the engine says of that container) of each that it has, as they come."""
    endpoint = docker_address.socket_path(host)
    if endpoint is None:
        return
    asked = dict(('/containers/%s/json' % docker_socket.quote_segment(name), name) for name in names)
    begun, is_answered = monotonic(), False
    for target, (status, body) in get_each(host.path(endpoint), sorted(asked), SECONDS):
        is_answered = True
        try:
            document = engines.parse_json('docker', body) if status == 200 else None
        except NetnsctlError:
            continue
        yield asked[target], document
    if not is_answered and monotonic() - begun >= silence.LONG:
        trouble = engines.docker_trouble(host, engines.SOON)
        if trouble is not None:
            silence.remember(host, 'docker', trouble)


def _podman(host, names):
    for at in range(0, len(names), NAMES):
        some = names[at:at + NAMES]
        try:
            result = ask(host, 'podman', ['podman', 'container', 'inspect'] + some, seconds=engines.PODMAN_SECONDS)
            answer = engines.parse_json('podman', result.out) if result.status == 0 else None
        except NetnsctlError:
            return
        if isinstance(answer, list) and len(answer) == len(some):
            for item in zip(some, answer):
                yield item


_ASKING = {'docker': _docker, 'podman': _podman}


def get_each(path, targets, seconds=SECONDS, limit=ANSWER_LIMIT):
    """docker_socket.get() of each of the targets, some at the same time: (target, (status, body)) as they come, of
    those that are answered well. Ends where none is answered within that many seconds, or the engine is not there."""
    requests, left = {}, list(reversed(targets))
    try:
        poller, until = select.poll(), monotonic() + seconds
        while left or requests:
            while left and len(requests) < REQUESTS:
                try:
                    request = _Request(path, left[-1])
                except EnvironmentError as error:
                    if error.errno != errno.EAGAIN or not requests:
                        raise
                    break  # unix(7): a full backlog
                left.pop()
                requests[request.socket.fileno()] = request
                poller.register(request.socket, select.POLLIN)
            ready = uninterrupted(poller.poll, max(0, int((until - monotonic()) * 1000)))
            if not ready or monotonic() > until:  # one that always has some more to say is not ready to end
                return
            for number, _ in ready:
                answer = requests[number].read(limit)
                if answer is not None:
                    poller.unregister(number)
                    request = requests.pop(number)
                    request.close()
                    until = monotonic() + seconds
                    yield request.target, answer
    except (EnvironmentError, docker_socket.Unusable):
        return
    finally:
        for request in requests.values():
            request.close()


class _Request(object):
    """One that is under way. EnvironmentError, docker_socket.Unusable."""

    def __init__(self, path, target):
        self.target, self._data = target, b''
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            set_cloexec(self.socket.fileno())
            self.socket.setblocking(False)
            self.socket.connect(path)
            # So short that it fits whole into the buffer of a socket that is new.
            self.socket.sendall(to_bytes(docker_socket.REQUEST % target), docker_socket.MSG_NOSIGNAL)
        except BaseException:
            self.socket.close()
            raise

    def read(self, limit):
        """(status, body), or None as long as that is not whole."""
        piece = self.socket.recv(1 << 18)
        self._data += piece
        if len(self._data) > limit:
            raise docker_socket.Unusable('the answer is longer than %d bytes' % limit)
        return docker_socket.parse(self._data, ended=not piece)

    def close(self):
        self.socket.close()
