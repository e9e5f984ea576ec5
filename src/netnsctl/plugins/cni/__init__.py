"""The CNI plugin: containerd, CRI-O, podman's CNI backend, nerdctl and Multus start it for each attachment of a
container to a network. SPEC.md of CNI 1.1.0.

What is asked for comes in the environment (request) and as JSON on standard input (configuration); the answer, a result
or an error, is JSON on standard output. An attachment is a wire whose name follows from the network, the container and
the interface, so that CHECK, DEL and GC find it.
"""
from __future__ import absolute_import, division, print_function

import gc
import os

from netnsctl.compat import open_standard_streams
from netnsctl.errors import Interrupted
from netnsctl.plugins.cni import documents, request as requests
from netnsctl.plugins.cni.problems import as_cni


def main():
    """The program. Ends the process: 0, or 1 with an error on standard output; never with a traceback."""
    # Collecting garbage while modules are loaded takes a twentieth of the time.
    gc.set_threshold(20000)
    open_standard_streams()
    os.umask(os.umask(0o022) | 0o022)
    status, answer = respond(os.environ, read_input)
    if answer is not None and not _write(documents.written(answer)):
        status = 1
    os._exit(status)  # all is written and closed


def respond(environ, read):
    """Carries out what the environment asks for: (exit status, document for standard output or None). read(): what is
    on standard input, bytes."""
    version = [None]
    try:
        return 0, _answer(environ, read, version)
    except (Exception, Interrupted) as error:
        return 1, documents.of_error(as_cni(error), version[0])


def _answer(environ, read, version):
    """The document of an answer, or None. version: list, whose element becomes the cniVersion as soon as it is read.
    CniError, NetnsctlError, Interrupted."""
    request = requests.read(environ)
    data = read()
    if request.command == 'VERSION':
        asked = documents.read(data, 'standard input').get('cniVersion') if data.strip() else None
        return documents.of_versions(asked if isinstance(asked, str) and len(asked) < 100 else None)
    from netnsctl.plugins.cni import configuration
    document = documents.read(data, 'the network configuration')
    version[0] = configuration.version_of(document)
    config = configuration.read(document, request.command)
    from netnsctl.plugins.cni import commands  # what changes nothing needs no wires
    return commands.CALLS[request.command](commands.Call(config, request, environ, data))


def read_input():
    """All of standard input. From here on a signal is an error."""
    from netnsctl.execution import signals
    signals.install()
    return documents.read_all(0, 'the network configuration')


def _write(data):
    """Writes all of it to standard output: could that be done?"""
    try:
        while data:
            data = data[os.write(1, data):]
    except (OSError, IOError):
        return False
    return True
