"""NetworkManager and systemd-networkd: would they manage new veth links, and so remove addresses and routes?"""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.edge.nics.managers import find_process
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.network import network_manager, networkd
from netnsctl.usecases.doctor.finding import LINK, Remediation, ok, warn
from netnsctl.usecases.doctor.network.recorded import HOST, read_wires

# A link of the host that netnsctl names itself is nw and ten digits (usecases.wiring).
SAMPLE = 'nw0123456789'
NM_FILE = '/etc/NetworkManager/conf.d/99-netnsctl.conf'
NETWORKD_FILE = '/etc/systemd/network/0-netnsctl.network'
# Before 0.9.10 it logged "couldn't determine device driver; ignoring" for every link without hardware.
_FIRST_WITH_VETH = (0, 9, 10)


def link_names(host):
    """Names of veth links on the host: one as netnsctl gives it, and those of recorded wires."""
    names = [end.dev for record in read_wires(host) or () for end in record.ends if end.target == HOST]
    return [SAMPLE] + sorted(set(names))


# NetworkManager

@check('networkmanager', 'managers')
def check_networkmanager(host):
    """NetworkManager is not running, or leaves veth links alone."""
    if not host.exists('/run/NetworkManager') and not host.exists('/var/run/NetworkManager'):
        return ok('not running')
    pid = find_process(host, 'NetworkManager')
    if pid is None:
        return ok('not running here', [('/run/NetworkManager', 'there')])
    evidence, taken = [('process', pid)], []
    for name in link_names(host):
        answer = network_manager.ask(host, name)
        evidence.append(('link %s' % name, '%s%s' % (answer.why, ' (%s)' % answer.place if answer.place else '')))
        if answer.managed:
            taken.append((name, answer))
    if not taken:
        return ok('running, and leaves veth links alone', evidence)
    version = _nm_version(host)
    if version is not None:
        evidence.append(('version', '.'.join('%d' % part for part in version)))
        if version < _FIRST_WITH_VETH:
            return ok('running, and too old to manage links without hardware', evidence)
    name, answer = taken[0]
    reload_it = 'systemctl reload NetworkManager' if host.exists('/run/systemd/system') else 'kill -HUP %d' % pid
    return warn('would manage the wires\' links on the host, like %s: %s%s'
                % (name, answer.why, ' (%s)' % answer.place if answer.place else ''), evidence,
                Remediation('It may request an address by DHCP on a new link and remove the one that netnsctl gave it. '
                            'Tell it to leave veth links alone, except those named eth*: in a container they are its '
                            'own.',
                            _write(host, NM_FILE, '[device-netnsctl]\\nmatch-device=driver:veth,'
                                                  'except:interface-name:eth*\\nmanaged=0\\n') + [reload_it])
                ).about(LINK, [name for name, _ in taken])


def _write(host, path, text):
    """Commands that write a file. text: as a printf(1) format."""
    folder = os.path.dirname(path)
    return ([] if host.exists(folder) else ['mkdir -p %s' % folder]) + ["printf '%s' >%s" % (text, path)]


def _nm_version(host):
    """(1, 42, 4), or None if unknown."""
    program = host.find('NetworkManager')
    try:
        text = host.run([program, '--version'], seconds=3.0).out if program else ''
    except NetnsctlError:
        return None
    found = re.search(r'(\d+)\.(\d+)(?:\.(\d+))?', text)
    return tuple(int(part or 0) for part in found.groups()) if found else None


# systemd-networkd

@check('networkd', 'managers')
def check_networkd(host):
    """systemd-networkd is not running, or leaves veth links alone."""
    if not host.exists('/run/systemd/netif'):
        return ok('not running')
    pid = find_process(host, 'systemd-networkd')
    if pid is None:
        return ok('not running here', [('/run/systemd/netif', 'there')])
    evidence, taken = [('process', pid)], []
    for name in link_names(host):
        item = networkd.find_file(host, name)
        if item is None:
            evidence.append(('link %s' % name, 'no .network file matches'))
            continue
        told = item.unmanaged[0]
        evidence.append(('link %s' % name, '%s matches%s' % (item.line, ', Unmanaged=yes (%s)' % item.unmanaged[1]
                                                            if told else '')))
        if not told:
            taken.append((name, item))
    if not taken:
        return ok('running, and leaves veth links alone', evidence)
    name, item = taken[0]
    return warn('would manage the wires\' links on the host, like %s: %s matches' % (name, item.line), evidence,
                Remediation('It removes addresses and routes that are not its own from a link that it manages. Tell it '
                            'to leave veth links alone, except those named eth* or host0: in a container they are its '
                            'own.',
                            _write(host, NETWORKD_FILE, '[Match]\\nDriver=veth\\nName=!eth* host0\\n\\n[Link]\\n'
                                                        'Unmanaged=yes\\n') + ['networkctl reload'])
                ).about(LINK, [name for name, _ in taken])
