"""What the manifest of a container's image says: podman copies its annotations into those of the container, so that
whoever made the image has a say there.

Read in podman's store, since podman itself holds the container and would not answer: containers-storage.conf(5), and
ROOT/DRIVER-containers/containers.json, ROOT/DRIVER-images/ID/manifest and =BASE64 as containers/storage writes them.
"""
from __future__ import absolute_import, division, print_function

import base64
import json
import os
import re

from netnsctl.compat import native_tree
from netnsctl.errors import NetnsctlError

_LIMIT = 64 << 20
_MANIFEST_LIMIT = 4 << 20
_MANIFESTS = 64


def annotations_of(host, bundle, identity):
    """{key: texts} of the manifests of the image that a container of podman's was made of; {} if it has none.

    Of all manifests: its ID is that of its configuration, so the store has taken one image twice that came with two
    manifests, and the container may have been made before the second. NetnsctlError if that cannot be found out.
    """
    found = re.match(r'(/.*)/([A-Za-z0-9_]+)-containers/([^/]+)/userdata\Z', bundle)
    if not found or found.group(3) != identity:
        raise NetnsctlError('look for the image of the container: its bundle %s is not in a store of podman\'s'
                            % bundle)
    root, driver = found.group(1), found.group(2)
    image = _image_of(host, '%s/%s-containers' % (root, driver), identity)
    if image is None:
        _require_rootfs(host, bundle, root)
    if not image:
        return {}
    if not re.match('[0-9a-f]{64}\\Z', image):
        raise NetnsctlError('look for the image of the container: %s is not the ID of one' % image[:100])
    folder = '%s/%s-images/%s' % (root, driver, image)
    manifest = _json(host, folder + '/manifest', _MANIFEST_LIMIT)
    if not isinstance(manifest, dict):
        raise NetnsctlError('look for the image of the container: %s has no manifest' % folder,
                            hint='Is it in an additional store? Then a directory of the tree can wire it.')
    told, others = {}, [name for name in sorted(host.listdir(folder)) if _is_manifest(name)]
    if len(others) > _MANIFESTS:
        raise NetnsctlError('look for the image of the container: %s has more than %d manifests' % (
            folder, _MANIFESTS))
    for one in [manifest] + [_json(host, '%s/%s' % (folder, name), _MANIFEST_LIMIT) for name in others]:
        if not isinstance(one, dict):
            raise NetnsctlError('look for the image of the container: a manifest in %s cannot be read' % folder)
        said = one.get('annotations')
        for key, text in said.items() if isinstance(said, dict) else ():
            told.setdefault(key, []).append(text)
    return told


def _is_manifest(name):
    """Is a file of an image one of its manifests by digest? containers/storage writes names with a ":" in base64."""
    if not name.startswith('='):
        return False
    try:
        return base64.b64decode(name[1:]).startswith(b'manifest-')
    except (TypeError, ValueError):
        return False


def _image_of(host, folder, identity):
    """The ID of the image, '' if the container has none, None if the store does not know the container."""
    for name in ('containers.json', 'volatile-containers.json'):
        rows = _json(host, '%s/%s' % (folder, name), _LIMIT)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get('id') == identity:
                image = row.get('image')
                return image if isinstance(image, str) else ''
    return None


def _require_rootfs(host, bundle, root):
    """NetnsctlError unless a container that the store does not know is one of `podman run --rootfs`."""
    config = _json(host, bundle + '/config.json', _MANIFEST_LIMIT)
    path = config.get('root') if isinstance(config, dict) else None
    path = path.get('path') if isinstance(path, dict) else None
    if not isinstance(path, str) or not path.startswith('/') or os.path.normpath(path).startswith(root + '/'):
        raise NetnsctlError('look for the image of the container: the store in %s does not know it' % root)


def _json(host, path, limit):
    text = host.read(path, limit)
    if text is None:
        return None
    try:
        return native_tree(json.loads(text))
    except (ValueError, RuntimeError):
        return None
