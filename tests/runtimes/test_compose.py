"""Projects that docker compose itself starts: version 1 (docker-compose), and 2 (docker's plugin, of a Debian 13)."""
from __future__ import absolute_import, division, print_function

import json
import os

import pytest

from support import doc_pages
from support.aside import own_host
from support.examples import Example
from support.lacking import lacking
from support.process import must, run
from support.program import TOP

FILE = '''
services:
  web:
    image: own-busybox
    command: /bin/sleep 1000000
    network_mode: none
    labels:
      netnsctl.wire.host: "self:eth2=10.81.0.2/24 host:nwhc=10.81.0.1/24"
  db:
    image: own-busybox
    command: /bin/sleep 1000000
    network_mode: none
  many:
    image: own-busybox
    command: /bin/sleep 1000000
    network_mode: none
    x-netnsctl:
      wires: ["self:eth1 bridge://nwdc=10.82.0.1/24"]
x-netnsctl:
  wires:
    - web:eth3=10.83.0.1/24 db:eth3=10.83.0.2/24
    - many-2:eth3=10.84.0.1/24 db:eth4=10.84.0.2/24
'''


class Shop(object):
    """A project. compose(*words) runs the real docker compose; netnsctl(*words, status=0); file."""

    def __init__(self, program, engine, words, environ, folder):
        self.program, self.engine, self.words = program, engine, words
        self.environ = dict(engine.environ, **environ)
        self.folder = folder.join('My-Shop')
        self.folder.ensure(dir=True)
        self.file = str(self.folder.join('compose.yml'))
        self.write(FILE)

    def write(self, text):
        self.folder.join('compose.yml').write(text)

    def compose(self, *words):
        result = run(self.words + ['-f', self.file] + list(words), timeout=120,
                     environ=dict(os.environ, COMPOSE_ANSI='never', **self.environ))
        assert result.status == 0, result
        return result.out

    def netnsctl(self, *words, **options):
        status = options.pop('status', 0)
        result = self.program(*words, environ=self.environ)
        assert result.status == status and 'Traceback' not in result.err, result
        return result

    def states(self):
        return [wire['state'] for wire in json.loads(self.netnsctl('ls', '--json').out)['wires']]

    def close(self):
        run(self.words + ['-f', self.file, 'down', '-t', '0'], timeout=120, environ=dict(os.environ, **self.environ))
        self.netnsctl('down', '--compose', self.file)


def version_1(folder):
    """The words that run it, and variables. None where there is none."""
    said = run(['sh', '-c', 'docker-compose version'])
    return (['docker-compose'], {}) if said.status == 0 and 'version 1.' in said.out else None


def version_2(folder):
    made = run([os.path.join(TOP, 'tests', 'tools', 'debian-root'), 'trixie', 'compose'], timeout=900)
    plugin = os.path.join(made.out.strip(), 'usr/libexec/docker/cli-plugins/docker-compose')
    if made.status != 0 or not os.path.exists(plugin):
        return None
    plugins = folder.join('docker', 'cli-plugins')
    plugins.ensure(dir=True)
    os.symlink(plugin, str(plugins.join('docker-compose')))
    return ['docker', 'compose'], {'DOCKER_CONFIG': str(folder.join('docker'))}


@pytest.fixture(params=[version_1, version_2], ids=['1', '2'])
def shop(request, run_netnsctl, own_engine, tmpdir):
    if isinstance(own_engine, str):
        lacking('docker', own_engine)
    found = request.param(tmpdir)
    if found is None:
        lacking('compose', 'there is no docker compose %s' % request.param.__name__)
    made = Shop(run_netnsctl, own_engine, found[0], found[1], tmpdir)
    yield made
    made.close()


def test_a_project_is_wired_scaled_restarted_and_taken_down(shop):
    shop.compose('up', '-d', '--scale', 'many=2')
    shop.netnsctl('up', '--compose', shop.file)
    assert shop.states() == ['whole'] * 5
    shop.compose('exec', '-T', 'web', 'ping', '-c', '1', '-W', '2', '10.83.0.2')
    shop.compose('exec', '-T', 'db', 'ping', '-c', '1', '-W', '2', '10.84.0.1')
    assert 'nothing to do' in shop.netnsctl('up', '--compose', shop.file).out
    shop.compose('restart', '-t', '0', 'db')
    shop.netnsctl('up', '--compose', shop.file)
    assert shop.states() == ['whole'] * 5
    shop.compose('up', '-d', '--scale', 'many=1')
    result = shop.netnsctl('up', '--compose', shop.file, status=3)
    assert 'no container number 2' in result.err and shop.states() == ['whole'] * 3
    shop.compose('down', '-t', '0')
    shop.netnsctl('up', '--compose', shop.file, status=3)
    assert shop.states() == []
    must(['sh', '-c', '! ip link show nwdc'])


def test_the_project_goes_by_the_name_that_it_was_started_with(shop):
    shop.compose('-p', 'other', 'up', '-d', 'web', 'db')
    try:
        result = shop.netnsctl('up', '--compose', shop.file, status=3)
        assert 'the service web has no container that runs' in result.err and shop.states() == []
        shop.netnsctl('up', '--compose', shop.file, '--project', 'other', status=3)
        assert shop.states() == ['whole'] * 2
        shop.netnsctl('down', '--compose', shop.file, '--project', 'other')
        assert shop.states() == []
    finally:
        shop.compose('-p', 'other', 'down', '-t', '0')


def test_variables_are_filled_in_by_compose_2_and_refused_without_it(shop):
    shop.folder.join('.env').write('NET=10.85.0\n')
    shop.write('services:\n  web: {image: own-busybox, command: /bin/sleep 1000000, network_mode: none}\n'
               'x-netnsctl: {wires: ["web:eth1=${NET}.2/24 host:nwhc=${NET:-}.1/24"]}\n')
    shop.compose('up', '-d')
    if shop.words == ['docker-compose'] and run(['docker', 'compose', 'version']).status != 0:
        assert 'only docker compose fills in variables' in shop.netnsctl('up', '--compose', shop.file, status=2).err
        shop.write('services: {}\n')
        return
    shop.netnsctl('up', '--compose', shop.file)
    shop.compose('exec', '-T', 'web', 'ping', '-c', '1', '-W', '2', '10.85.0.1')


def test_watch_obeys_labels_and_file_as_compose_starts_and_ends_it(shop):
    shop.compose('up', '-d')
    shop.netnsctl('watch', '--once', '--labels', '--compose', shop.file)
    assert shop.states() == ['whole'] * 3
    shop.compose('up', '-d', '--force-recreate', '-t', '0', 'web')
    shop.netnsctl('watch', '--once', '--labels', '--compose', shop.file)
    assert shop.states() == ['whole'] * 3
    shop.compose('down', '-t', '0')
    shop.netnsctl('watch', '--once', '--labels', '--compose', shop.file)
    assert shop.states() == []


def test_the_recipe_works_as_it_stands(run_netnsctl, own_engine, tmpdir):
    if isinstance(own_engine, str):
        lacking('docker', own_engine)
    found = version_2(tmpdir)
    if found is None:
        lacking('compose', 'there is no docker compose version_2')
    must(own_engine.command + ['tag', own_engine.image, 'busybox'])
    host = own_host(run_netnsctl)
    machine = Example(host)
    machine.environ.update(own_engine.environ, **found[1])
    try:
        for block in doc_pages.blocks('docs/recipes/compose.md'):
            if block.kind == 'yaml':
                machine.write(os.path.join('/mnt', block.title), block.text)
            elif doc_pages.is_run(block):
                machine.run(block.text)
        assert machine.run('netnsctl ls') == ''
    finally:
        left = must(own_engine.command + ['ps', '-aq']).split()
        if left:
            must(own_engine.command + ['rm', '-f'] + left)
        host.close()
