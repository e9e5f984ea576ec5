"""Container runtimes: installed, answering, which version. One check for each row of the table, so that none delays
another."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.runtimes import docker_address, engines
from netnsctl.edge.runtimes.finding import RUNTIMES
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.kernel.privileges import is_privileged
from netnsctl.usecases.doctor.finding import Remediation, ok, warn

# scheme: the service to start. podman and lxc have none.
_SERVICES = {'docker': 'docker', 'libvirt-lxc': 'libvirtd', 'nspawn': 'systemd-machined'}
# The controller of libvirt's LXC driver, by distribution. virsh comes without it where libvirt serves virtual machines.
_LXC_CONTROLLERS = ('/usr/libexec/libvirt_lxc', '/usr/lib/libvirt/libvirt_lxc', '/usr/lib64/libvirt/libvirt_lxc')


def examine(host, runtime):
    """The finding for one row of edge.runtimes.RUNTIMES."""
    if not runtime.installed(host):
        return ok('not installed', [('program', '%s is not on the PATH' % runtime.program)])
    path = host.find(runtime.program)
    evidence = [('program', path or 'no %s on the PATH' % runtime.program),
                ('its containers', 'possible' if runtime.present(host) else 'no trace of any')]
    cause = 'no answer'
    try:
        version = runtime.version(host)
    except NetnsctlError as error:
        version, cause = None, error.message
    if version:
        return ok('%s answers' % version, evidence + [('version', version)])
    evidence.append(('asked for its version', cause))
    trouble = engines.docker_trouble(host) if runtime.scheme == 'docker' else None
    if trouble is not None:
        evidence.append(('asked where its containers are', trouble.message))
    if runtime.scheme == 'nspawn' and not host.exists('/run/systemd/system'):
        # machinectl is part of systemd's package on some distributions, also in their containers.
        return ok('not in use: systemd is not running on this host', evidence)
    if runtime.scheme == 'libvirt-lxc' and not any(host.exists(place) for place in _LXC_CONTROLLERS):
        return ok('not in use: libvirt has no LXC driver here', evidence)
    if not is_privileged(host):
        return warn('installed, but does not answer without root', evidence,
                    Remediation('Run netnsctl as root to ask it.', ['sudo netnsctl doctor %s' % runtime.scheme]))
    return warn('installed, but does not answer', evidence, _mend(host, runtime))


def _mend(host, runtime):
    service = _SERVICES.get(runtime.scheme)
    prose = ('Containers of %s cannot be found by name until it answers; PIDs and named namespaces work all the same.'
             % runtime.scheme)
    if service is None:
        return Remediation(prose)
    if runtime.scheme == 'docker' and not docker_address.is_usual(host):
        return Remediation('%s %s' % (prose, docker_address.hint(host)))
    start = 'systemctl start %s' if host.exists('/run/systemd/system') else 'service %s start'
    return Remediation(prose, [start % service])


def _register(runtime):
    # 25 s: podman may use up its own limit of 10 s, docker two helpers' 5 s.
    @check(runtime.scheme, 'runtimes', seconds=25.0, summary='%s answers, where it is installed.' % runtime.scheme)
    def check_runtime(host):
        return examine(host, runtime)


for _runtime in RUNTIMES:
    _register(_runtime)
