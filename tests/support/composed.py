"""Containers as docker compose starts them, by their labels, and compose files for them."""
from __future__ import absolute_import, division, print_function

import json
import os

import jsonschema
import pytest

from support.lacking import lacking
from support.program import TOP


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


def checked(schema, text):
    """The document that a command printed, valid by its schema in docs/."""
    with open('%s/docs/%s.schema.json' % (TOP, schema)) as source:
        document = json.loads(text)
        jsonschema.validate(document, json.load(source))
    return document


@pytest.fixture
def shop(run_netnsctl, own_engine, tmpdir):
    """A Composed; shop.netnsctl(*words, status=0) runs netnsctl: its Result; shop.wires(): {name: its row of `ls`}."""
    if isinstance(own_engine, str):
        lacking('docker', own_engine)
    made = Composed(tmpdir, own_engine.containers('k'))

    def run(*words, **options):
        status = options.pop('status', 0)
        result = run_netnsctl(*words, environ=own_engine.environ)
        assert result.status == status and 'Traceback' not in result.err, result
        return result
    made.netnsctl = run
    made.wires = lambda: dict((wire['name'], wire) for wire in json.loads(run('ls', '--json').out)['wires'])
    yield made
    made.boxes.close()
    for name in made.wires():
        run('unwire', name)
