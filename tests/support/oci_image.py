"""A small image of a container, as a directory that podman pulls from: oci:DIR."""
from __future__ import absolute_import, division, print_function

import binascii
import hashlib
import json
import os
import shutil
import tempfile

from support.containers import archive_of, make_root_folder

_KIND = 'application/vnd.oci.image.'


def new_folder():
    """Makes a directory that everybody may read: its path, in small letters, as podman wants names of images."""
    path = os.path.join(tempfile.gettempdir(), 'nwi' + binascii.hexlify(os.urandom(8)).decode('ascii'))
    os.mkdir(path)
    os.chmod(path, 0o755)
    return path


def make_image(folder, annotations, labels=None):
    """Writes an image with busybox into a directory that is made for it. annotations: of its manifest; labels: of its
    configuration."""
    os.makedirs(os.path.join(folder, 'blobs', 'sha256'))
    layer = _blob(folder, _archive(), 'layer.v1.tar')
    config = _blob(folder, _document({
        'architecture': 'amd64', 'os': 'linux', 'config': {'Cmd': ['/bin/sh'], 'Labels': labels or {}},
        'rootfs': {'type': 'layers', 'diff_ids': [layer['digest']]}}), 'config.v1+json')
    manifest = _blob(folder, _document({'schemaVersion': 2, 'mediaType': _KIND + 'manifest.v1+json', 'config': config,
                                        'layers': [layer], 'annotations': annotations}), 'manifest.v1+json')
    _write(folder, 'index.json', _document({'schemaVersion': 2, 'manifests': [manifest]}))
    _write(folder, 'oci-layout', _document({'imageLayoutVersion': '1.0.0'}))


def make_twin(folder, to, annotations):
    """Writes the image in a directory once more, with other annotations: its configuration, and so its ID, is the
    same."""
    shutil.copytree(folder, to)
    with open(os.path.join(to, 'index.json')) as source:
        digest = json.load(source)['manifests'][0]['digest']
    with open(os.path.join(to, 'blobs', *digest.split(':'))) as source:
        document = json.load(source)
    manifest = _blob(to, _document(dict(document, annotations=annotations)), 'manifest.v1+json')
    _write(to, 'index.json', _document({'schemaVersion': 2, 'manifests': [manifest]}))


def _archive():
    root = tempfile.mkdtemp()
    try:
        make_root_folder(root)
        return archive_of(root)
    finally:
        shutil.rmtree(root)


def _document(value):
    return json.dumps(value).encode('ascii')


def _blob(folder, data, kind):
    digest = hashlib.sha256(data).hexdigest()
    _write(folder, os.path.join('blobs', 'sha256', digest), data)
    return {'mediaType': _KIND + kind, 'digest': 'sha256:' + digest, 'size': len(data)}


def _write(folder, name, data):
    with open(os.path.join(folder, name), 'wb') as sink:
        sink.write(data)
