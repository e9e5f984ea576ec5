"""What this process is: uid, capabilities, user namespace (capabilities(7), user_namespaces(7))."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.privileges import WHOLE_MAP
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, fail, ok, warn

# linux/capability.h
CAP_NET_ADMIN, CAP_SYS_ADMIN = 12, 21
_NEEDED = (('CAP_SYS_ADMIN', CAP_SYS_ADMIN), ('CAP_NET_ADMIN', CAP_NET_ADMIN))


def read_status(host):
    """/proc/self/status as {field: text}; empty if it cannot be read."""
    text = host.read('/proc/self/status') or ''
    return dict((name, value.strip()) for name, _, value in [line.partition(':') for line in text.splitlines()])


def is_privileged(host):
    """Does this process hold the two capabilities that netnsctl needs?"""
    return not _missing(read_status(host))


def _missing(status):
    effective = int(status.get('CapEff') or '0', 16)
    return [name for name, bit in _NEEDED if not effective >> bit & 1]


@check('privileges', 'privileges', required=True)
def check_privileges(host):
    """netnsctl runs as root, with CAP_SYS_ADMIN and CAP_NET_ADMIN, outside any user namespace."""
    status = read_status(host)
    if 'Uid' not in status:
        return fail('/proc/self/status cannot be read', [],
                    Remediation('Is /proc mounted? Namespaces are found through it.', ['mount -t proc proc /proc']))
    uid = status['Uid'].split()[1]
    # No such file before Linux 3.5 and in kernels without user namespaces.
    uid_map = host.read('/proc/self/uid_map')
    evidence = [('effective uid', uid), ('effective capabilities', status.get('CapEff', 'unknown')),
                ('uid_map', 'none' if uid_map is None else ' '.join(uid_map.split()))]
    missing = _missing(status)
    if uid != '0':
        without = ', without %s' % ' and '.join(missing) if missing else ''
        return fail('not root: uid %s%s' % (uid, without), evidence,
                    Remediation('Only root can change namespaces and links. Run netnsctl as root.',
                                ['sudo netnsctl doctor']))
    if missing:
        return fail('root, but without %s' % ' and '.join(missing), evidence,
                    Remediation('Whatever started this process dropped it, as a container runtime does. Run netnsctl '
                                'on the host itself, or give the container %s.'
                                % ' and '.join('--cap-add=%s' % name[len('CAP_'):] for name in missing)))
    if uid_map is not None and uid_map.split() != WHOLE_MAP:
        # The other checks (netns, veth, state) try what can be done here.
        return warn('root only inside a user namespace: the host cannot be changed from here', evidence,
                    Remediation('To wire anything on the host, run netnsctl outside the user namespace, as the root of '
                                'the host.'))
    return ok('root, with CAP_SYS_ADMIN and CAP_NET_ADMIN', evidence)
