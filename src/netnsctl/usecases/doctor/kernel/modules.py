"""Why a kernel module is missing, and how to get it: /lib/modules, modules.dep(5), modprobe.d(5)."""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.usecases.doctor.finding import Remediation

# modules.dep of a distribution's kernel has some 400 KB.
_LIMIT = 16 << 20
_PLACES = ('/etc/modprobe.d', '/run/modprobe.d', '/usr/local/lib/modprobe.d', '/usr/lib/modprobe.d', '/lib/modprobe.d')
ON_DISK, BUILT_IN, NOT_LISTED, NO_LIST, OTHER_KERNELS, NONE = (
    'on disk', 'built in', 'not in modules.dep', 'no modules.dep', 'only modules of other kernels are on disk',
    'no modules on disk')


def _lists(text, module):
    """Does modules.dep or modules.builtin name the module? Files may be compressed; - and _ are equivalent."""
    return re.search(r'(?m)^[^:\n]*/%s\.ko(\.\w+)?(:|$)' % module.replace('_', '[-_]'), text) is not None


def where_is(host, release, module):
    """Where the running kernel would get the module from: one of the words above."""
    folder = '/lib/modules/%s' % release
    if not host.exists(folder):
        return OTHER_KERNELS if host.listdir('/lib/modules') else NONE
    if _lists(host.read(folder + '/modules.builtin', _LIMIT) or '', module):
        return BUILT_IN
    known = host.read(folder + '/modules.dep', _LIMIT)
    if known is None:
        return NO_LIST
    return ON_DISK if _lists(known, module) else NOT_LISTED


def find_rules(host, module):
    """Lines of modprobe.d that keep the module out: list of (FILE:LINE, the line, 'install' or 'blacklist').

    A blacklisted one is not loaded when the kernel asks for it by an alias (rtnl-link-veth), but by its name.
    """
    found, names = [], set()
    for folder in _PLACES:
        for name in host.listdir(folder):
            # The first file of a name hides those in later directories; /lib and /usr/lib may be the same.
            if not name.endswith('.conf') or name in names:
                continue
            names.add(name)
            for number, line in enumerate((host.read('%s/%s' % (folder, name)) or '').split('\n'), 1):
                words = line.split()
                if words[:2] == ['blacklist', module] or (
                        words[:2] == ['install', module] and os.path.basename(words[-1]) in ('true', 'false')):
                    found.append(('%s/%s:%d' % (folder, name, number), ' '.join(words), words[0]))
    return found


def look(host, release, module):
    """Evidence on a module that was not loaded: list of (what, seen)."""
    evidence = [('module %s for %s' % (module, release), where_is(host, release, module))]
    if (host.read('/proc/sys/kernel/modules_disabled') or '').strip() == '1':
        evidence.append(('kernel.modules_disabled', '1'))
    return evidence + [(place, line) for place, line, _ in find_rules(host, module)]


def mend(host, release, module):
    """How to get a module that the kernel asked for and that was not loaded: Remediation."""
    lacks = 'The kernel lacks the module %s' % module
    where = where_is(host, release, module)
    if where == BUILT_IN:
        return Remediation('The module %s is built into this kernel, so a sandbox or a security module refuses the '
                           'request. Run netnsctl on the host itself.' % module)
    if where == OTHER_KERNELS:
        return Remediation('%s, and the modules of the running kernel are no longer on disk. If the kernel was '
                           'updated, reboot.' % lacks, ['reboot'])
    if where == NONE:
        return Remediation('%s, and there are no modules on disk here. In a container, load it on the host with '
                           '`modprobe %s`.' % (lacks, module))
    if where == NOT_LISTED:
        return Remediation('%s, and this kernel\'s modules do not include it. Some distributions ship it in a separate '
                           'package (kernel-modules-extra, linux-modules-extra-%s); otherwise another kernel is needed.'
                           % (lacks, release))
    if (host.read('/proc/sys/kernel/modules_disabled') or '').strip() == '1':
        return Remediation('%s, and kernel.modules_disabled forbids loading any until the next boot. Load it at boot, '
                           'before that is set.' % lacks, _at_boot(host, module) + ['reboot'])
    forbidding = [(place, line) for place, line, kind in find_rules(host, module) if kind == 'install']
    if forbidding:
        return Remediation('%s: `%s` (%s) forbids it. Remove that line, or load the module in spite of it.'
                           % (lacks, forbidding[0][1], forbidding[0][0]), ['modprobe --ignore-install %s' % module])
    return Remediation('%s and did not load it by itself.' % lacks,
                       (['depmod -a'] if where == NO_LIST else []) + ['modprobe %s' % module])


def _at_boot(host, module):
    """Commands that get a module loaded at boot: in systemd's directory, or in that of EL6's rc.sysinit."""
    if host.exists('/etc/modules-load.d'):
        return ['echo %s >/etc/modules-load.d/%s.conf' % (module, module)]
    path = '/etc/sysconfig/modules/%s.modules' % module
    return ["printf '#!/bin/sh\\nmodprobe %s\\n' >%s" % (module, path), 'chmod 755 ' + path]
