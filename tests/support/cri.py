"""Kubernetes' interface to a runtime (CRI), as kubelet speaks it: gRPC over a socket, by curl; and an image for its
sandboxes. No more of protocol buffers than that takes."""
from __future__ import absolute_import, division, print_function

import hashlib
import io
import json
import os
import struct
import tarfile
from contextlib import closing

from support import process
from support.containers import archive_of

IMAGE = 'localhost/netnsctl-pause:1'
TCP = 0


def field(number, value):
    """A field of a message: an int, a text, or a message (bytes); a list is repeated."""
    if isinstance(value, list):
        return b''.join(field(number, one) for one in value)
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    data = value if isinstance(value, bytes) else value.encode('utf-8')
    return _number(number << 3 | 2) + _number(len(data)) + data


def _number(value):
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes(found + bytearray([value]))


def message(**fields):
    """f1=..., f2=...: a message."""
    return b''.join(field(int(name[1:]), fields[name]) for name in sorted(fields, key=lambda name: int(name[1:])))


def first_text(data):
    """The text of field 1, which is the first of a message."""
    assert data[:1] == b'\x0a', data
    length, at, shift = 0, 1, 0
    while True:
        byte = bytearray(data[at:at + 1])[0]
        length, at, shift = length | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return data[at:at + length].decode('utf-8')


class Runtime(object):
    """A runtime at a socket."""

    def __init__(self, address, folder):
        self.address, self.folder = address, folder

    def call(self, method, request):
        """The answer to a request (messages). AssertionError with gRPC's words if it is an error."""
        body, answer = os.path.join(self.folder, 'request'), os.path.join(self.folder, 'answer')
        with open(body, 'wb') as target:
            target.write(struct.pack('>BI', 0, len(request)) + request)
        open(answer, 'wb').close()
        headers = process.must(['curl', '-sS', '--http2-prior-knowledge', '--unix-socket', self.address, '-D', '-',
                                '-o', answer, '-H', 'content-type: application/grpc', '-H', 'te: trailers',
                                '--data-binary', '@' + body,
                                'http://localhost/runtime.v1.RuntimeService/' + method], timeout=120)
        with open(answer, 'rb') as source:
            data = source.read()
        assert 'grpc-status: 0' in headers and len(data) >= 5, headers
        return data[5:]

    def run_sandbox(self, name, ports=()):
        """Starts a pod without containers: its ID. ports: [(host's, pod's)]."""
        mappings = [message(f1=TCP, f2=inside, f3=outside) for outside, inside in ports]
        config = message(f1=message(f1=name, f2='uid-' + name, f3='default'), f2=name, f3=self.folder,
                         f5=mappings)
        return first_text(self.call('RunPodSandbox', message(f1=config)))

    def remove_sandbox(self, identity):
        self.call('StopPodSandbox', message(f1=identity))
        self.call('RemovePodSandbox', message(f1=identity))


def write_image(path, root, command):
    """Writes an archive of the image IMAGE, as `docker save` has it: of the files below root."""
    layer = archive_of(root)
    config = {'architecture': {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(os.uname()[4], os.uname()[4]), 'os': 'linux',
              'config': {'Entrypoint': list(command)},
              'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + hashlib.sha256(layer).hexdigest()]}}
    manifest = [{'Config': 'config.json', 'RepoTags': [IMAGE], 'Layers': ['layer.tar']}]
    with closing(tarfile.open(path, 'w')) as archive:
        for name, data in (('config.json', json.dumps(config).encode('ascii')), ('layer.tar', layer),
                           ('manifest.json', json.dumps(manifest).encode('ascii'))):
            item = tarfile.TarInfo(name)
            item.size = len(data)
            archive.addfile(item, io.BytesIO(data))
