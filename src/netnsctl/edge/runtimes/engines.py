"""docker and podman: the two that describe a container in JSON of one shape."""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.compat import native, native_tree
from netnsctl.edge.runtimes import docker_address, docker_socket, presence, processes, silence
from netnsctl.edge.runtimes.container import (
    ANSWER_LIMIT, Container, SECONDS, ask, failure, nonsense, not_running, one_line, pid_of, version_in)
from netnsctl.errors import ConflictError, NetnsctlError, NoAnswerError

PODMAN_SECONDS = 10.0  # it locks and reads its whole store at each start
LIST_LIMIT = 16 << 20  # a thousand containers with many labels and mounts take 2 to 5 MB
SOON = 1.0  # seconds, for an answer that is of use and not needed
RESTARTS = 5  # of a container, while it is looked up
DOCKER_VARIABLES = ('DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_CONFIG', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH')


def parse_json(scheme, data):
    """What a runtime printed (bytes or text) as plain data. NetnsctlError if it is not JSON."""
    import json
    try:
        return native_tree(json.loads(data.decode('utf-8') if isinstance(data, bytes) else data))
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than the interpreter's stack
        raise nonsense(scheme, 'not JSON')


def own_name(names):
    """The container's own name in a list that has its links too, OTHER/ALIAS; '' if there is none."""
    own = [name.lstrip('/') for name in (names if isinstance(names, list) else [names]) if isinstance(name, str)]
    own = [name for name in own if '/' not in name]
    return own[0] if own else ''


def is_id_prefix(name):
    """Is this text a beginning of a container's ID, of the 12 digits that `docker ps` prints, or more?"""
    return re.match('[0-9a-f]{12,63}\\Z', name) is not None


def _none_of_several(scheme, name):
    """None, for a name that no container has and that begins the IDs of several; ConflictError if it is an ID."""
    if is_id_prefix(name):
        raise ConflictError('look up %s container %s: the IDs of several containers begin with it' % (scheme, name),
                            hint='%s ps --no-trunc' % scheme)


def container_of(scheme, name, document):
    """Container from one inspected object; None if it is another one's, found by a short prefix of its ID."""
    identity, known = (document.get('Id'), document.get('Name')) if isinstance(document, dict) else (None, None)
    state = document.get('State') if identity else None
    if not isinstance(known, str) or not isinstance(state, dict) or 'Pid' not in state:
        raise nonsense(scheme, 'no container in it')
    if not isinstance(identity, str) or not re.match('[0-9a-f]{64}\\Z', identity):
        raise nonsense(scheme, 'no container ID in it')
    if name not in (identity, known) and known != '/' + name and not (is_id_prefix(name) and identity.startswith(name)):
        return None
    pid = pid_of(scheme, state['Pid'])
    if pid is None:
        raise not_running(scheme, name, scheme + ' start')
    return Container(scheme, name, pid, identity)


def _inspected(scheme, name, result):
    """Container or None from what `docker inspect` or `podman container inspect` left.

    The whole JSON is parsed, rather than a -f template given: every version prints it, it
    tells an image from a container, and no field can break the format of another.
    """
    if result.status != 0:
        # "ambiguous", "multiple": the name is the beginning of several IDs, and no container's name.
        if re.search(r'(?i)ambiguous|multiple ids|more than one result', result.err):
            return _none_of_several(scheme, name)
        if re.search(r'(?i)no such (image or )?(container|object)', result.err):
            return None
        raise failure(scheme, name, result)
    answer = parse_json(scheme, result.out)
    if not isinstance(answer, list) or len(answer) != 1:
        raise nonsense(scheme, 'not a list of one container')
    return container_of(scheme, name, answer[0])


def docker_lookup(host, name):
    endpoint = docker_address.socket_path(host)
    if endpoint is None:
        return _docker_inspect(host, name, None)
    try:
        return _settled(host, 'docker', name, lambda: _inspect_by_socket(host, endpoint, name),
                        'DOCKER_HOST or the engine at %s seems to belong to another machine.' % endpoint)
    except docker_socket.Unusable as error:
        return _docker_inspect(host, name, str(error))


def _inspect_by_socket(host, endpoint, name):
    """What the engine says of a container now: Container, or None if there is none. docker_socket.Unusable."""
    # This address knows containers only, never an image or a network; without a version every API level answers.
    target = '/containers/%s/json' % docker_socket.quote_segment(name)
    try:
        status, body = docker_socket.get(host.path(endpoint), target, SECONDS, ANSWER_LIMIT)
    except NoAnswerError as error:
        raise docker_address.no_answer(host, 'look up docker container %s' % name, error.message.rpartition(': ')[2])
    except NetnsctlError as error:
        raise type(error)('look up docker container %s: %s' % (name, error.message))
    if status == 200:
        return container_of('docker', name, parse_json('docker', body))
    if status == 404:
        return None
    # 500, 400 since 23: the name is the beginning of several IDs (`a` can be), and no container's name.
    if re.search(b'(?i)multiple ids', body):
        return _none_of_several('docker', name)
    cause = _message(body) or 'it gave no reason'
    raise NetnsctlError('look up docker container %s: %s (HTTP status %d)' % (name, cause, status))


def _settled(host, scheme, name, ask_once, hint):
    """What ask_once() gives, with a PID that is provably the container's: Container or None. NetnsctlError.

    The answer may be another machine's, whose PIDs mean other processes here (DOCKER_HOST, a context), a stale one
    (podman's store after a crash), or a lie. Or the container ended or restarted meanwhile: then the next answer has
    another PID.
    """
    before = None
    for _ in range(RESTARTS):
        container = ask_once()
        if container is None or is_in(host, container):
            return container
        if before == container.pid:
            break
        before = container.pid
    raise NetnsctlError('look up %s container %s: process %d of this host is not in it' % (scheme, name, container.pid),
                        hint=hint)


def is_in(host, container):
    """Is a Container's process in a cgroup that is called by the container's ID, or the child of the shim that was
    started for it (containerd-shim, conmon: where there are no cgroups)?

    A rootless engine can make both say what it likes, but not become another user's parent.
    """
    parent = processes.parent_of(host, container.pid)
    engine = _engine_owner(host) if container.scheme == 'docker' else 0
    if engine and (not parent or processes.owner_of(host, parent) != engine):
        return False
    return any(container.identity in group for group in processes.cgroups_of(host, container.pid)) or bool(
        parent and processes.owner_of(host, parent) in (0, engine)
        and any(container.identity in word for word in processes.words_of(host, parent)))


def _engine_owner(host):
    """The user ID that docker's socket belongs to; root's where it is not a unix socket."""
    try:
        return os.stat(host.path(docker_address.socket_path(host))).st_uid
    except (OSError, TypeError):
        return 0


def docker_names(host):
    """Names and full IDs of all containers that run, in one request: a frozenset, or None if the engine cannot tell."""
    ids = _docker_ids(host, SECONDS)
    return None if ids is None else frozenset(ids)


def running_ids(host, scheme):
    """{name or full ID: full ID} of every container of docker or podman that runs; None if that is unknown, or
    not soon."""
    return _docker_ids(host, SOON) if scheme == 'docker' else _podman_ids(host)


def _docker_ids(host, seconds):
    endpoint = docker_address.socket_path(host)
    if endpoint is None:
        return None
    try:
        silence.refuse(host, 'docker')
        status, body = docker_socket.get(host.path(endpoint), '/containers/json', seconds, LIST_LIMIT)
        answer = parse_json('docker', body) if status == 200 else None
    except (NetnsctlError, docker_socket.Unusable) as error:
        if isinstance(error, NoAnswerError) and seconds >= SECONDS:
            silence.remember(host, 'docker', docker_address.no_answer(host, 'ask docker', _bare_cause(error)))
        return None
    ids = {}
    for document in answer if isinstance(answer, list) else ():
        known = document.get('Names') if isinstance(document, dict) else None
        identity = known and document.get('Id')
        if not isinstance(known, list) or not isinstance(identity, str):
            return None
        ids[identity] = identity
        # A link gives a container further names, OTHER/ALIAS, which are none of its own.
        ids.update((name[1:], identity) for name in known if isinstance(name, str) and name.startswith('/'))
    return ids if isinstance(answer, list) else None


def _podman_ids(host):
    try:
        result = ask(host, 'podman', ['podman', 'ps', '--no-trunc', '--format', '{{.ID}} {{.Names}}'],
                     seconds=PODMAN_SECONDS)
    except NetnsctlError:
        return None
    if result.status != 0:
        return None
    rows = [line.replace(',', ' ').split() for line in result.out.splitlines() if line.strip()]
    return dict((word, row[0]) for row in rows for word in row)


def _message(body):
    """The engine's own words in one line: {"message": ...} since 1.12, before that plain text."""
    try:
        answer = parse_json('docker', body)
    except NetnsctlError:
        answer = None
    words = answer.get('message') if isinstance(answer, dict) else None
    return one_line(words if isinstance(words, str) else native(body))


def _docker_inspect(host, name, why_not_socket):
    """The same by the `docker` command. why_not_socket: what the socket said, or None if none was asked."""
    if host.find('docker') is None:
        raise docker_address.no_answer(host, 'look up docker container %s' % name,
                                       why_not_socket or 'there is no docker command here to ask it with')
    return _settled(host, 'docker', name, lambda: _inspect_by_command(host, name, why_not_socket),
                    'DOCKER_HOST or a docker context seems to name another machine.')


def _inspect_by_command(host, name, why_not_socket=None):
    """What the `docker` command says of a container now: Container, or None if there is none."""
    try:
        return _inspect_output(host, name)
    except NoAnswerError as error:
        raise docker_address.no_answer(host, 'look up docker container %s' % name, _cause(host, error, why_not_socket))


def _cause(host, error, why_not_socket):
    """Why docker does not answer: the socket's own cause, where the `docker` command only says that it cannot connect
    to the same."""
    cause = _bare_cause(error)
    return why_not_socket if why_not_socket and docker_address.address(host) in cause else cause


def _bare_cause(error):
    """What a NoAnswerError of ask() or failure() says after what was attempted."""
    return re.sub(r'^(ask|look up docker container) [^:]*: ', '', error.message)


def docker_is_alive(host):
    """Does docker answer the simplest question, and soon?"""
    return docker_trouble(host, SOON) is None


def docker_trouble(host, seconds=SECONDS):
    """Why docker does not answer: NoAnswerError; None if it does, or is not installed at all."""
    path = docker_address.socket_path(host)
    if path is None and host.find('docker') is None or not (presence.docker_socket_there(host) or host.find('docker')):
        return None
    try:
        if path is not None:
            docker_socket.get(host.path(path), '/_ping', seconds, ANSWER_LIMIT)
            return None
        result = ask(host, 'docker', ['docker', 'version'], seconds=seconds, environ=DOCKER_VARIABLES)
        if result.status == 0:
            return None
        failed = failure('docker', '', result)
    except (docker_socket.Unusable, NetnsctlError) as error:
        failed = error
    cause = _bare_cause(failed) if isinstance(failed, NetnsctlError) else str(failed)
    return docker_address.no_answer(host, 'ask docker', cause)


def _inspect_output(host, name):
    result = ask(host, 'docker', ['docker', 'inspect', '--type', 'container', name], environ=DOCKER_VARIABLES)
    # Docker before 1.8, so EL6's 1.7.1, has no --type and may then find an image: that has no State.
    if result.status != 0 and re.search(r'(?i)(not defined|unknown flag): -*type', result.err):
        result = ask(host, 'docker', ['docker', 'inspect', name], environ=DOCKER_VARIABLES)
        if result.status == 0 and _is_image(parse_json('docker', result.out)):
            return None
    return _inspected('docker', name, result)


def _is_image(answer):
    return (isinstance(answer, list) and len(answer) == 1 and isinstance(answer[0], dict)
            and 'Id' in answer[0] and 'State' not in answer[0])


def _is_docker(host):
    """Is the `docker` command the program, or is there none? podman-docker's, for one, is a script, which can ask
    anyone."""
    path = host.find('docker')
    if path is None:
        return True
    try:
        with open(path, 'rb') as opened:
            return opened.read(4) == b'\x7fELF'
    except (OSError, IOError):
        return False


def docker_version(host):
    endpoint = docker_address.socket_path(host)
    if endpoint is not None:
        try:
            status, body = docker_socket.get(host.path(endpoint), '/version', SECONDS, ANSWER_LIMIT)
            answer = parse_json('docker', body)
            if status == 200 and isinstance(answer, dict) and isinstance(answer.get('Version'), str):
                return answer['Version']
        except docker_socket.Unusable:
            if docker_address.is_only_usual(host) and not presence.docker_socket_there(host) and _is_docker(host):
                return None  # the `docker` command would look in the same place
    result = ask(host, 'docker', ['docker', 'version'], environ=DOCKER_VARIABLES)
    found = re.search(r'(?s)Server(?: version:|:.*?\bVersion:)\s*(\S+)', result.out)
    return found.group(1) if found and result.status == 0 else None


def podman_lookup(host, name, seconds=None):
    argv = ['podman', 'container', 'inspect', name]
    return _settled(host, 'podman', name, lambda: _inspected(
        'podman', name, ask(host, 'podman', argv, seconds=seconds or PODMAN_SECONDS)),
        'podman\'s store seems to be stale. To see what runs: podman ps --sync')


def podman_version(host):
    return version_in(ask(host, 'podman', ['podman', '--version'], seconds=PODMAN_SECONDS))
