"""What a compose file says of wires: `x-netnsctl: {wires: [...]}` and labels of services. No I/O.

    x-netnsctl:
      wires:
        - web:eth1=10.0.0.1/24 db:eth1=10.0.0.2/24
    services:
      web:
        labels: {netnsctl.wire: "self:eth2 bridge://br0"}

A bare name in x-netnsctl is a service, or SERVICE-NUMBER one of its containers; `self`, in the x-netnsctl or the labels
of a service, is each container of that.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import ConflictError, NotFoundError, UsageError
from netnsctl.model import own_wires, wires_file
from netnsctl.model.endpoint import Target

KEY = 'x-netnsctl'
MOST = 10000  # wires of one file
_PROJECT = re.compile(r'[a-z0-9][a-z0-9_-]*\Z')


class Project(object):
    """name; filename; wires: [Wanted], in the order of the file."""
    __slots__ = ('name', 'filename', 'wires')

    def __init__(self, name, filename, wires):
        self.name, self.filename, self.wires = name, filename, wires


class Wanted(object):
    """A wire that the file describes: where ('x-netnsctl.wires[0]'), text, service (whose containers `self` is, or
    None), is_label, services (the names of all)."""
    __slots__ = ('where', 'text', 'service', 'is_label', 'services')

    def __init__(self, where, text, service, is_label, services):
        self.where, self.text, self.service, self.is_label, self.services = where, text, service, is_label, services
        self.line(lambda service: Target('docker', service))  # UsageError now, before anything is made

    def line(self, container_of):
        """A new WireLine of it. container_of(service or None of the one whose it is): Target. UsageError."""
        if self.is_label:
            key = self.where.partition('.labels.')[2]
            return own_wires.parse(key, self.text, container_of(self.service), where=self.where)
        try:
            line = wires_file.parse_words(self.where, 0, wires_file.split(self.text))
        except UsageError as error:
            raise UsageError('%s: %s' % (self.where, error.message), hint=error.hint)
        for end in (line.a, line.b):
            if end.target == Target(None, own_wires.OWN) and self.service is not None:
                end.target = container_of(self.service)
            elif end.target.scheme is None:
                end.target = container_of(self._known(end.target.name))
        return line

    def _known(self, name):
        if name in self.services or _numbered(name, self.services):
            return name
        raise UsageError('%s: %s is not a service of the file, or its profile is not active' % (self.where, name),
                         hint='What is not a service has a scheme: netns://%s' % name)


def _numbered(name, services):
    """('web', 2) of web-2, if web is a service; else None."""
    service, _, number = name.rpartition('-')
    return (service, int(number)) if service in services and re.match('[1-9][0-9]{0,4}\\Z', number) else None


def parse(data, filename, name=None):
    """A compose file as plain data (as json.loads gives it, native text) -> Project. name: of the project, where it is
    known otherwise. UsageError names the place in the file."""
    if not isinstance(data, dict):
        raise UsageError('%s: not a compose file: a mapping is expected' % filename)
    name = name or data.get('name')
    if not isinstance(name, str) or not _PROJECT.match(name):
        raise UsageError('%s: the project has no name that compose takes' % filename,
                         hint='--project NAME says it: small letters, digits, _ and -.')
    services = data.get('services') or {}
    if not isinstance(services, dict) or not all(isinstance(key, str) for key in services):
        raise UsageError('%s: services: a mapping of names is expected' % filename)
    try:
        wires = _wires_of(data, KEY, None, services)
        for service in sorted(services):
            said = services[service] or {}
            if not isinstance(said, dict):
                raise UsageError('services.%s: a mapping is expected' % service)
            wires += _wires_of(said, 'services.%s.%s' % (service, KEY), service, services)
            wires += _labels_of(said.get('labels'), service, services)
    except UsageError as error:
        raise UsageError('%s: %s' % (filename, error.message), hint=error.hint)
    if len(wires) > MOST:
        raise UsageError('%s: more than %d wires' % (filename, MOST))
    return Project(name, filename, wires)


def _wires_of(data, where, service, services):
    said = data.get(KEY)
    if said is None:
        return []
    unknown = sorted(str(key) for key in said if key != 'wires') if isinstance(said, dict) else []
    if unknown:
        raise UsageError('%s: unknown key %s' % (where, unknown[0]),
                         hint='It is a mapping with a list called wires.')
    if not isinstance(said, dict) or 'wires' not in said or not isinstance(said['wires'], list):
        raise UsageError('%s: a mapping with a list called wires is expected' % where)
    found = []
    for at, text in enumerate(said['wires']):
        place = '%s.wires[%d]' % (where, at)
        if not isinstance(text, str):
            raise UsageError('%s: text is expected, as after `netnsctl wire`' % place)
        found.append(Wanted(place, text, service, False, services))
    return found


def _labels_of(labels, service, services):
    """Of a mapping, or a list of KEY=VALUE."""
    if isinstance(labels, list):
        labels = dict(item.partition('=')[::2] for item in labels if isinstance(item, str))
    if not isinstance(labels, dict):
        return []
    keys = sorted(key for key in labels if isinstance(key, str) and own_wires.is_label(key))
    if len(keys) > own_wires.MOST:
        raise UsageError('services.%s.labels: more than %d wires' % (service, own_wires.MOST))
    found = []
    for key in keys:
        where = 'services.%s.labels.%s' % (service, own_wires.shown(key))
        found.append(Wanted(where, labels[key], service, True, services))
    return found


class Containers(object):
    """Which containers a project has: rows of (service, number, Target)."""

    def __init__(self, rows):
        self._found = {}
        for service, number, target in sorted(rows, key=lambda row: (row[0], row[1], str(row[2]))):
            self._found.setdefault(service, []).append((number, target))

    def of(self, service):
        """The Targets of the containers of a service that run, by their numbers: list. NotFoundError if none does."""
        if service not in self._found:
            raise NotFoundError('the service %s has no container that runs' % service)
        return [target for _, target in self._found[service]]

    def one(self, name, services):
        """The Target that a service, or SERVICE-NUMBER, means. NotFoundError; ConflictError of one with several."""
        if name in services:
            found = self.of(name)
            if len(found) > 1:
                raise ConflictError('the service %s has %d containers' % (name, len(found)),
                                    hint='%s-%d means one of them; `self` in the service\'s own %s each.' % (
                                        name, self._found[name][0][0], KEY))
            return found[0]
        service, number = _numbered(name, services)
        for there, target in self._found.get(service, ()):
            if there == number:
                return target
        raise NotFoundError('the service %s has no container number %d that runs' % (service, number))


def lines_of(wanted, containers):
    """The WireLines of a Wanted: one, or one for each container that `self` means. NotFoundError, ConflictError,
    UsageError."""
    own = containers.of(wanted.service) if wanted.service is not None else [None]
    return [wanted.line(lambda name, self=target: self if name == wanted.service and self is not None
                        else containers.one(name, wanted.services)) for target in own]
