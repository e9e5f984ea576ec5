"""The mode of SELinux. Most hosts of the Red Hat family enforce it, which does not stop what root does by hand."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn

# selinuxfs: the second until Linux 3.0 (EL6).
_MOUNTS = ('/sys/fs/selinux', '/selinux')
_CONFIG = '/etc/selinux/config'


@check('selinux', 'selinux')
def check_selinux(host):
    """SELinux is off, permissive, or enforcing with a policy that leaves root's programs alone."""
    configured = re.search(r'(?m)^\s*SELINUX\s*=\s*(\w+)', host.read(_CONFIG) or '')
    policy = re.search(r'(?m)^\s*SELINUXTYPE\s*=\s*(\w+)', host.read(_CONFIG) or '')
    evidence = [(_CONFIG, configured.group(1) if configured else 'not there')]
    place = ([item for item in _MOUNTS if host.exists(item + '/enforce')] or [None])[0]
    if place is None:
        return ok('off', evidence)
    enforcing = (host.read(place + '/enforce') or '').strip()
    context = (host.read('/proc/self/attr/current') or '').strip('\0\n ')
    evidence += [(place + '/enforce', enforcing or 'not readable'),
                 ('policy', policy.group(1) if policy else 'unknown'),
                 ('context of this process', context or 'none')]
    if enforcing == '0':
        return ok('permissive', evidence)
    if not enforcing:
        return ok('on; whether it enforces could not be read', evidence)
    domain = (context.split(':') + ['', '', ''])[2]
    if domain and not _is_free(domain):
        return warn('enforcing, and this process is confined to the domain %s' % domain, evidence,
                    Remediation('A confined domain can be forbidden to create links or enter namespaces. Run netnsctl '
                                'from a root login shell, or as a service that is not confined; refusals are in the '
                                'audit log.', ['ausearch -m avc -ts recent']))
    return ok('enforcing%s' % (', this process is not confined (%s)' % domain if domain else ''), evidence)


def _is_free(domain):
    """From the targeted policy: a root shell's domain, an unconfined service's, init's own and that of its scripts."""
    return domain.startswith(('unconfined', 'kernel_t', 'init_t', 'initrc_t', 'sysadm_t', 'spc_t'))
