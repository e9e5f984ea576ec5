"""The labels of running containers, of docker and podman, and which of them are not their image's.

An engine merges the labels of an image into those of its containers. Who makes an image is a stranger: what it says is
told apart by asking for the image's own labels.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.edge.runtimes import docker_address, docker_socket, engines, presence
from netnsctl.edge.runtimes.container import ask, check_name, one_line
from netnsctl.errors import NetnsctlError, NoAnswerError, NotFoundError, UsageError

SCHEMES = ('docker', 'podman')
MOST = 5000  # containers of one engine
_IMAGE = re.compile(r'(?:sha256:)?[0-9a-f]{64}\Z')


class Labelled(object):
    """A container that runs: scheme, identity (the full ID), name, labels ({name: value}, those of the image too)."""
    __slots__ = ('scheme', 'identity', 'name', 'labels')

    def __init__(self, scheme, identity, name, labels):
        self.scheme, self.identity, self.name, self.labels = scheme, identity, name, labels

    @property
    def target(self):
        """Its target as text."""
        return '%s://%s' % (self.scheme, self.name)


def running(host, scheme):
    """The containers of an engine that run: [Labelled]. NetnsctlError.

    None where nothing of it is found: it is not installed, or a docker that has ended took its socket with it, while
    its containers may run on.
    """
    if not presence.is_present(host, scheme):
        return None
    answer = _docker_list(host) if scheme == 'docker' else _podman_list(host)
    if not isinstance(answer, list):
        raise NetnsctlError('ask %s: its list of containers is none' % scheme)
    if len(answer) > MOST:  # a part of them would leave the others for ended
        raise NetnsctlError('ask %s: it has more than %d containers' % (scheme, MOST))
    return [found for found in (_read(scheme, row) for row in answer) if found is not None]


def _docker_list(host):
    path = docker_address.socket_path(host)
    if path is None:
        return _by_command(host)
    try:
        status, body = docker_socket.get(host.path(path), '/containers/json', limit=engines.LIST_LIMIT)
    except docker_socket.Unusable as error:
        raise docker_address.no_answer(host, 'list docker\'s containers', str(error))
    if status != 200:
        raise NetnsctlError('list docker\'s containers: HTTP status %d' % status)
    return engines.parse_json('docker', body)


def _by_command(host):
    result = _docker(host, ['ps', '-q', '--no-trunc'])
    ids = [word for word in result.out.split() if re.match('[0-9a-f]{64}\\Z', word)]
    if not ids:
        return []
    answer = engines.parse_json('docker', _docker(host, ['inspect'] + ids).out)
    return [{'Id': row.get('Id'), 'Names': [row.get('Name')], 'Labels': _config_of(row).get('Labels')}
            for row in answer if isinstance(row, dict)] if isinstance(answer, list) else None


def _config_of(document):
    config = document.get('Config')
    return config if isinstance(config, dict) else {}


def _docker(host, words):
    result = ask(host, 'docker', ['docker'] + words, environ=engines.DOCKER_VARIABLES)
    if result.status != 0:
        raise NoAnswerError('ask docker: %s' % (one_line(result.err) or 'status %d' % result.status))
    return result


def _podman_list(host):
    result = ask(host, 'podman', ['podman', 'ps', '--no-trunc', '--format', 'json'], seconds=engines.PODMAN_SECONDS)
    if result.status != 0:
        raise NoAnswerError('ask podman: %s' % (one_line(result.err) or 'status %d' % result.status))
    return engines.parse_json('podman', result.out) or []


def _read(scheme, row):
    """Labelled, or None of what is no container that can be named."""
    identity = row.get('Id') or row.get('ID') if isinstance(row, dict) else None
    if not isinstance(identity, str) or not re.match('[0-9a-f]{64}\\Z', identity):
        return None
    name = engines.own_name(row.get('Names'))
    try:
        check_name(scheme, name)
    except UsageError:
        return None
    return Labelled(scheme, identity, name, _texts(row.get('Labels')))


def _texts(labels):
    return dict((key, value) for key, value in (labels if isinstance(labels, dict) else {}).items()
                if isinstance(key, str) and isinstance(value, str))


def _platform_of(said, spelled):
    """(operating system, architecture, variant) that docker's JSON says. spelled: how it spells the keys there."""
    return tuple(str(said.get(spelled(key)) or '') for key in ('os', 'architecture', 'variant'))


class Images(object):
    """The labels of images, each asked for once."""

    def __init__(self, host):
        self._host, self._known = host, {}

    def own(self, container):
        """(the labels of a Labelled that its image does not have with the same value, those that it does): two dicts.

        NetnsctlError where the image cannot be asked, NotFoundError of a container that has just ended: docker lists it
        a moment longer.
        """
        image, platform = self._image_of(container)
        key = container.scheme, image, platform
        if key not in self._known:
            self._known[key] = self._labels_of(container.scheme, image, platform)
        inherited = self._known[key]
        own, others = {}, {}
        for key, value in container.labels.items():
            (others if inherited.get(key) == value else own)[key] = value
        return own, others

    def _image_of(self, container):
        """(the ID of its image, the platform that was taken of that as _platform_of() gives it, None where it has one
        alone); (None, None) of a container without an image (podman's --rootfs)."""
        if container.scheme == 'docker':
            document = self._ask_docker('/containers/%s/json' % container.identity, ['inspect', container.identity])
        else:
            document = self._ask_podman(['podman', 'container', 'inspect', container.identity])
        state, image = document.get('State'), document.get('Image')
        if isinstance(state, dict) and not state.get('Running'):
            raise NotFoundError('%s has ended' % container.target)
        if container.scheme == 'podman' and not image and document.get('Rootfs'):
            return None, None
        if not isinstance(image, str) or not _IMAGE.match(image):
            raise NetnsctlError('%s: its image is not known' % container.target)
        # Docker 28's, where an ID may be that of images for several architectures, each with labels of its own.
        platform = document.get('ImageManifestDescriptor')
        platform = platform.get('platform') if isinstance(platform, dict) else None
        return image, _platform_of(platform, str.lower) if isinstance(platform, dict) else None

    def _labels_of(self, scheme, image, platform):
        if image is None:
            return {}
        if scheme == 'docker':
            document = self._ask_docker('/images/%s/json' % docker_socket.quote_segment(image), ['inspect', image])
        else:
            document = self._ask_podman(['podman', 'image', 'inspect', image])
        if platform is not None and _platform_of(document, str.capitalize) != platform:
            raise NetnsctlError('ask %s for labels: those of its image for %s are not known' % (
                scheme, one_line('/'.join(platform))[:40]))
        return _texts(_config_of(document).get('Labels'))

    def _ask_docker(self, target, words):
        path = docker_address.socket_path(self._host)
        if path is None:
            answer = engines.parse_json('docker', _docker(self._host, words).out)
            document = answer[0] if isinstance(answer, list) and answer else None
        else:
            try:
                status, body = docker_socket.get(self._host.path(path), target)
            except docker_socket.Unusable as error:
                raise docker_address.no_answer(self._host, 'ask docker for labels', str(error))
            if status == 404 and '/containers/' in target:
                raise NotFoundError('ask docker for labels: the container has gone')
            if status != 200:
                raise NetnsctlError('ask docker for labels: HTTP status %d' % status)
            document = engines.parse_json('docker', body)
        return self._object('docker', document)

    def _ask_podman(self, argv):
        result = ask(self._host, 'podman', argv, seconds=engines.PODMAN_SECONDS)
        if result.status != 0:
            raise NetnsctlError('ask podman for labels: %s' % (one_line(result.err) or 'status %d' % result.status))
        answer = engines.parse_json('podman', result.out)
        return self._object('podman', answer[0] if isinstance(answer, list) and answer else None)

    @staticmethod
    def _object(scheme, document):
        if not isinstance(document, dict):
            raise NetnsctlError('ask %s for labels: its answer makes no sense' % scheme)
        return document
