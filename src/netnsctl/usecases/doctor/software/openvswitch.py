"""Open vSwitch: installed, its database answering, its daemon carrying out what the database says."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.switches import ovs
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn
from netnsctl.usecases.doctor.kernel.privileges import is_privileged

_NEED = 'only a wire to ovs:// needs it'
_UNIT = '/lib/systemd/system/openvswitch-switch.service'


@check('ovs', 'links', summary='Open vSwitch answers, where it is installed.')
def check_ovs(host):
    """Open vSwitch answers, where it is installed."""
    path = host.find(ovs.PROGRAM)
    if path is None:
        return ok('not installed; %s' % _NEED, [('program', '%s is not on the PATH' % ovs.PROGRAM)])
    evidence = [('program', path)]
    try:
        switches = sorted(ovs.read(host).switches)
        behind = ovs.is_behind(host)
    except NetnsctlError as error:
        evidence.append(('asked for its ports', error.message))
        if not is_privileged(host):
            return warn('Open vSwitch is installed, but does not answer without root', evidence,
                        Remediation('Run netnsctl as root to ask it.', ['sudo netnsctl doctor ovs']))
        return warn('Open vSwitch is installed, but does not answer; %s' % _NEED, evidence, _mend(host))
    evidence.append(('its bridges', ', '.join(switches) or 'none'))
    if behind:
        evidence.append(('changes of its database', 'ovs-vswitchd has not carried them all out'))
        return warn('the database of Open vSwitch answers, but ovs-vswitchd is behind it', evidence, _mend(host))
    return ok('Open vSwitch answers, with %s' % (
        '1 bridge' if len(switches) == 1 else '%d bridges' % len(switches) if switches else 'no bridge'), evidence)


def _mend(host):
    service = 'openvswitch-switch' if host.exists(_UNIT) or host.exists('/etc/init.d/openvswitch-switch') \
        else 'openvswitch'
    start = 'systemctl restart %s' if host.exists('/run/systemd/system') else 'service %s restart'
    return Remediation('Restarting it interrupts the traffic of its bridges for a moment.', [start % service])
