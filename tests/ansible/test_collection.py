"""The collection as it is built for Galaxy and installed."""
from __future__ import absolute_import, division, print_function

import filecmp
import hashlib
import json
import os
import shutil
import tarfile

from support import ansible_runs
from support.program import SOURCE, TOP


def built(core, folder):
    """The path of the archive that `ansible-galaxy collection build` makes."""
    source = os.path.join(core.folder, 'source')
    if not os.path.exists(source):
        shutil.copytree(os.path.join(TOP, 'ansible'), source, ignore=shutil.ignore_patterns('__pycache__'))
    done = core.run('ansible-galaxy', 'collection', 'build', source, '--output-path', folder, '--force')
    assert done.status == 0, done
    name, = os.listdir(folder)
    return os.path.join(folder, name)


def contents(archive):
    """{name: digest} of the files in an archive."""
    with tarfile.open(archive) as opened:
        return dict((one.name, hashlib.sha256(opened.extractfile(one).read()).hexdigest()) for one in opened
                    if one.isfile())


def test_it_is_built_with_all_that_it_needs_and_twice_alike(core, tmp_path):
    first, second = [built(core, str(tmp_path / name)) for name in ('first', 'second')]
    assert os.path.basename(first) == 'netnsctl-netnsctl-1.0.0.tar.gz'
    found = contents(first)
    assert found == contents(second)
    for folder in ('action', 'modules', 'plugin_utils', 'connection', 'inventory', 'doc_fragments'):
        for name in os.listdir(os.path.join(TOP, 'ansible', 'plugins', folder)):
            assert not name.endswith('.py') or 'plugins/%s/%s' % (folder, name) in found, name
    for name in ('README.md', 'CHANGELOG.rst', 'LICENSE', 'MANIFEST.json', 'FILES.json', 'meta/runtime.yml',
                 'changelogs/config.yaml', 'changelogs/changelog.yaml'):
        assert name in found, name
    assert not [name for name in found if '__pycache__' in name or name.startswith('tests/output')]


def test_it_works_when_it_is_installed(core, tmp_path):
    archive = built(core, str(tmp_path / 'built'))
    place = str(tmp_path / 'installed')
    environ = {'ANSIBLE_COLLECTIONS_PATH': place}
    done = core.run('ansible-galaxy', 'collection', 'install', archive, '-p', place, '--force', environ=environ)
    assert done.status == 0, done
    played = core.play([{'hosts': 'all', 'gather_facts': False, 'tasks': [{'netnsctl.netnsctl.doctor': {
        'executable': ansible_runs.program(tmp_path)}}]}], environ=environ)
    assert [task.how for task in played.tasks] == ['ok'], played


def test_its_version_is_that_of_netnsctl(core, tmp_path):
    with tarfile.open(built(core, str(tmp_path / 'built'))) as opened:
        manifest = json.loads(opened.extractfile('MANIFEST.json').read().decode('utf-8'))['collection_info']
    with open(os.path.join(SOURCE, 'netnsctl', '__init__.py')) as source:
        assert "__version__ = '%s'" % manifest['version'] in source.read()
    assert manifest['license_file'] == 'LICENSE' and manifest['namespace'] == manifest['name'] == 'netnsctl'
    assert filecmp.cmp(os.path.join(TOP, 'LICENSE'), os.path.join(TOP, 'ansible', 'LICENSE'), shallow=False)
