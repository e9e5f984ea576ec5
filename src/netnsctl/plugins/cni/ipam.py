"""The plugin that hands out addresses, which is started as the runtime started this one: CNI's "Plugin Delegation"."""
from __future__ import absolute_import, division, print_function

import os
import sys

from netnsctl.compat import native, printable, to_bytes
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError
from netnsctl.plugins.cni import configuration, documents
from netnsctl.plugins.cni.problems import IPAM, TRY_AGAIN, CniError

SECONDS = 120.0  # one that asks a DHCP server takes its time
ENTRIES = 64  # of its lists


def call(config, request, environ, data, command=None):
    """Runs the IPAM plugin of a Configuration: its result, with the lists ips ([{'address', 'gateway'}]) and routes
    ([(dst, via or None)]) and the dict dns; None where there is none, or it answers nothing. data: what was on standard
    input. command: in place of the request's. CniError.
    """
    delegate = config.get('ipam')
    if delegate is None:
        return None
    name, command = delegate['type'], command or request.command
    out = _run(_find(name, request.path), name, dict(environ, CNI_COMMAND=command), data)
    if command != 'ADD':
        return None
    try:
        return _read(documents.read(to_bytes(out), 'its result'))
    except CniError as error:
        raise CniError(IPAM, 'ipam %s: %s' % (name, error.message), error.details)


def _find(name, folders):
    for folder in folders:
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise CniError(IPAM, 'ipam: there is no plugin %s in CNI_PATH (%s)' % (
        name, printable(':'.join(folders)) or 'which is empty'))


def _run(path, name, environ, data):
    try:
        result = Host(environ=environ).run([path], native(data), SECONDS, tuple(environ))
    except NetnsctlError as error:
        code = TRY_AGAIN if error.__class__.__name__ == 'NoAnswerError' else IPAM
        raise CniError(code, 'ipam %s: %s' % (name, error.message))
    if result.err:
        sys.stderr.write(printable(result.err).replace('\\x0a', '\n'))
    if result.status == 0:
        return result.out
    try:
        told = documents.read(to_bytes(result.out), 'its error')
        code, message, details = told.get('code'), told.get('msg'), told.get('details')
        if not isinstance(code, int) or not 0 < code < 1 << 32 or not isinstance(message, str):
            raise CniError(IPAM, '')
    except CniError:
        raise CniError(IPAM, 'ipam %s: it ended with status %d and printed no error that CNI knows' % (
            name, result.status), result.out[:1000])
    raise CniError(code, 'ipam %s: %s' % (name, message), details if isinstance(details, str) else '')


def _read(found):
    ips, routes = found.get('ips') or [], found.get('routes') or []
    for what, entries in (('ips', ips), ('routes', routes)):
        if not isinstance(entries, list) or len(entries) > ENTRIES:
            raise CniError(IPAM, '%s: not a list of at most %d' % (what, ENTRIES))
    for one in ips:
        configuration.item('ips.address', configuration.table('ips', one).get('address'))
        if one.get('gateway'):
            configuration.item('ips.gateway', one['gateway'])
    dns = configuration.dns('dns', found.get('dns') or {})
    return {'ips': ips, 'routes': configuration.routes('routes', routes), 'dns': dns}
