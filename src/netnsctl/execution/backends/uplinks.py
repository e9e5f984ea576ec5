"""What nat and publish need of the host, for either backend: rules of its firewall, and sysctls that stay."""
from __future__ import absolute_import, division, print_function

import os
import socket

from netnsctl.compat import shell_quote
from netnsctl.edge.host import Host, remove_temp_files, write_file
from netnsctl.edge.uplink import accept_ra, choosing, conntrack, opening, others
from netnsctl.errors import KernelError, NetnsctlError
from netnsctl.execution.backends.refusals import attempt

# The last one that is read: `sysctl --system` goes by the names of files, whatever their directory.
FORWARDING = {'ipv4/ip_forward': 4, 'ipv6/conf/all/forwarding': 6}
HAIRPIN = '/sys/class/net/%s/brport/hairpin_mode'
SYSCTL_FOLDER, SYSCTL_FILE = '/run/sysctl.d', 'zz-netnsctl-%s.conf'


def carry_out(backend, operation):
    """One of the operations of model.features.uplink_steps. NetnsctlError."""
    host = getattr(backend, 'host', None) or Host()
    try:
        _DO[operation.verb](host, operation, backend.namespaces, backend.lock_fd)
    except (NetnsctlError, EnvironmentError) as error:
        raise KernelError('%s: %s' % (attempt(operation, backend.namespaces),
                                      getattr(error, 'message', None) or error.strerror), None)


def _add(host, operation, namespaces, keep):
    choosing.tool(host, operation.program, keep).add(operation)
    _forget(operation, namespaces)


def _delete(host, operation, namespaces, keep):
    if choosing.tool(host, operation.program, keep).delete(operation):
        _forget(operation, namespaces)


def _forget(operation, namespaces):
    """What is known of connections over UDP to ports that are published now, or no longer."""
    rows = [row for row in operation.publish if row[0] == 'udp']
    if not rows:
        return
    addresses = set(item.address for item in namespaces[operation.ns].rtnl().addresses())
    for family in (socket.AF_INET, socket.AF_INET6):
        ports = [(row[2], row[3]) for row in rows if (':' in row[4]) == (family == socket.AF_INET6)]
        if ports:
            conntrack.forget(family, ports, set(socket.inet_pton(family, address) for address in addresses
                                                if (':' in address) == (family == socket.AF_INET6)))


def _file_of(host, name):
    """Where a sysctl is written down; None where there is no /run (EL6), whose sysctl reads no such directory."""
    return host.path('%s/%s' % (SYSCTL_FOLDER, SYSCTL_FILE % name.replace('/', '.'))) if host.exists('/run') else None


def _set_sysctl(host, operation, namespaces, _):
    if not namespaces[operation.ns].set_sysctl(operation.name, operation.value):
        raise NetnsctlError('net/%s cannot be written' % operation.name)
    path = _file_of(host, operation.name)
    if path is not None:
        if not os.path.isdir(os.path.dirname(path)):
            os.mkdir(os.path.dirname(path), 0o755)
        write_file(path, '# netnsctl: for nat and published ports; it goes with the last wire that needs it\n'
                         'net/%s = %s\n' % (operation.name, operation.value), 0o644)


def _remove_if_empty(folder):
    """/run/sysctl.d is there where somebody has put a file there."""
    try:
        os.rmdir(folder)
    except OSError:
        pass


def _restore_sysctl(host, operation, namespaces, _):
    path = _file_of(host, operation.name)
    if path is not None:
        remove_temp_files(path)  # of a run that was killed
        if os.path.exists(path):
            os.unlink(path)
            _remove_if_empty(os.path.dirname(path))
    here = namespaces[operation.ns]
    if operation.was in (None, operation.value):
        return
    now = here.sysctl(operation.name)
    if now is None and not os.path.exists('/proc/sys/net/' + operation.name) or now not in (None, operation.value):
        return  # one of a link goes with that; or somebody has set it since, also to end what cannot be decided here
    if operation.name in FORWARDING and others.translate(host, FORWARDING[operation.name]):
        return  # docker, say, which was started since then and found it on
    if operation.name.endswith('/accept_ra') and here.sysctl(accept_ra.FORWARDING) == '1':
        return  # somebody else needs that by now, and the host would no longer hear its routers
    # What cannot be read now may still have to be set back.
    if now is None or not here.set_sysctl(operation.name, operation.was):
        raise NetnsctlError('net/%s cannot be written' % operation.name)


def _set_hairpin(host, operation, namespaces, _):
    try:
        with open(host.path(HAIRPIN % operation.port), 'w') as out:
            out.write('1')
    except (IOError, OSError):
        pass  # no sysfs: only the container's own way to its port depends on it


def _open(host, operation, namespaces, keep):
    opening.Opening(host, keep).add(operation)


def _close(host, operation, namespaces, keep):
    opening.Opening(host, keep).delete(operation)


_DO = {'open-forward': _open, 'close-forward': _close, 'set-hairpin': _set_hairpin,
       'add-nat': _add, 'delete-nat': _delete, 'release-ports': _delete, 'set-sysctl': _set_sysctl,
       'restore-sysctl': _restore_sysctl}


def lines(operation):
    """The shell commands of an operation, for a dry run: list of text."""
    if operation.verb == 'add-nat':
        return choosing.lines(operation)
    if operation.verb == 'release-ports':
        return ['netnsctl unwire %s' % operation.wire]  # it is lost
    if operation.verb == 'open-forward':
        return opening.lines(operation)
    if operation.verb == 'set-hairpin':
        return ['echo 1 >%s' % shell_quote(HAIRPIN % operation.port)]
    return ['sysctl -w net/%s=%s' % (operation.name, operation.value)]
