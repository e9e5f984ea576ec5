"""Containers as docker compose starts them, by their labels, and compose files for them."""
from __future__ import absolute_import, division, print_function

import json
import os


class Composed(object):
    """A project's folder. boxes: support.containers.Containers; start(service, number) gives a container's name;
    write(wires, services) the compose file, a JSON document, which is YAML too."""

    def __init__(self, folder, boxes, name='shop'):
        self.folder, self.boxes, self.name = str(folder), boxes, name
        self.file = os.path.join(self.folder, 'compose.yaml')
        self.services = []

    def start(self, service, number=1, options=()):
        labels = {'project': self.name, 'service': service, 'container-number': '%d' % number, 'oneoff': 'False'}
        words = ['--label=com.docker.compose.%s=%s' % item for item in sorted(labels.items())]
        if service not in self.services:
            self.services.append(service)
        return self.boxes.run('%s%d' % (service, number), words + list(options))

    def write(self, wires, **services):
        """wires: of x-netnsctl. services: more of those, by their names."""
        described = dict((service, {'image': 'own-busybox', 'network_mode': 'none'}) for service in self.services)
        for service, more in services.items():
            described.setdefault(service, {'image': 'own-busybox', 'network_mode': 'none'}).update(more)
        document = {'name': self.name, 'services': described}
        if wires is not None:
            document['x-netnsctl'] = {'wires': list(wires)}
        with open(self.file, 'w') as out:
            out.write(json.dumps(document))
        return self.file
