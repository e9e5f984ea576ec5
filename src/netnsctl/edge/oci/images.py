"""What the manifest of a container's image says: podman copies its annotations into those of the container, so that
whoever made the image has a say there.

Read in podman's store, since podman itself holds the container and would not answer: containers-storage.conf(5), and
ROOT/DRIVER-containers/containers.json, ROOT/DRIVER-images/ID/manifest as containers/storage writes them.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import re

from netnsctl.compat import native_tree
from netnsctl.errors import NetnsctlError

_LIMIT = 64 << 20
_MANIFEST_LIMIT = 4 << 20


def annotations_of(host, bundle, identity):
    """{key: text} of the manifest of the image that a container of podman's was made of; {} if it has none.

    NetnsctlError if that cannot be found out.
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
    manifest = _json(host, '%s/%s-images/%s/manifest' % (root, driver, image), _MANIFEST_LIMIT)
    if not isinstance(manifest, dict):
        raise NetnsctlError('look for the image of the container: %s/%s-images/%s has no manifest' % (
            root, driver, image), hint='Is it in an additional store? Then a directory of the tree can wire it.')
    said = manifest.get('annotations')
    return said if isinstance(said, dict) else {}


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
