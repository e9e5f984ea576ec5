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
from netnsctl.errors import Interrupted, NetnsctlError
from netnsctl.plugins import documents as incoming
from netnsctl.plugins.cni import documents, request as requests
from netnsctl.plugins.cni.problems import as_cni


def main():
    """The program. Ends the process: 0, or 1 with an error on standard output; never with a traceback."""
    # Collecting garbage while modules are loaded takes a twentieth of the time.
    gc.set_threshold(20000)
    open_standard_streams()
    os.umask(os.umask(0o022) | 0o022)
    os._exit(respond(os.environ, read_input, _write))  # all is written and closed


def respond(environ, read, write):
    """Carries out what the environment asks for: the exit status. read(): what is on standard input, bytes.
    write(document): for standard output; NetnsctlError where that takes none."""
    version = [None]
    try:
        _answer(environ, read, version, write)
        return 0
    except (Exception, Interrupted) as error:
        found = as_cni(error)
    try:
        write(documents.of_error(found, version[0]))
    except NetnsctlError:
        incoming.complain('netnsctl: %s' % found.message)
    return 1


def _answer(environ, read, version, write):
    """Writes the document of an answer, if there is one. version: list, whose element becomes the cniVersion as soon as
    it is read. CniError, NetnsctlError, Interrupted."""
    request = requests.read(environ)
    data = read()
    if request.command == 'VERSION':
        asked = documents.read(data, 'standard input').get('cniVersion') if data.strip() else None
        write(documents.of_versions(asked if isinstance(asked, str) and len(asked) < 100 else None))
        return
    from netnsctl.plugins.cni import configuration
    document = documents.read(data, 'the network configuration')
    version[0] = configuration.version_of(document)
    config = configuration.read(document, request.command)
    from netnsctl.plugins.cni import commands  # what changes nothing needs no wires
    commands.CALLS[request.command](commands.Call(config, request, environ, data, write))


def read_input():
    """All of standard input. From here on a signal is an error."""
    from netnsctl.execution import signals
    signals.install()
    return documents.read_all(0, 'the network configuration')


def _write(document):
    incoming.write(documents.written(document))
