"""Is the shim enabled, and first on the PATH?"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.usecases import shim
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn


@check('shim', 'services', seconds=10.0)
def check_shim(host):
    """The shim is not enabled, or is the `ip` that the PATH leads to."""
    now = shim.status(host)
    evidence = [('place', now.place), ('it leads to', now.target or 'nothing'),
                ('ip on this PATH', now.other or 'none')]
    if now.state == shim.DISABLED:
        return ok('not enabled', evidence)
    if now.state == shim.DANGLING:
        return warn('%s points to a netnsctl that is gone' % now.place, evidence,
                    Remediation('It is harmless: the next `ip` on the PATH is used.',
                                ['netnsctl shim disable']))
    if now.state == shim.FOREIGN:
        return ok('not enabled; %s is not netnsctl\'s' % now.place, evidence)
    theirs = shim.open_to_others(host, host.path(now.place))
    if theirs is not None:
        return warn('enabled, but users other than root can write to %s' % theirs, evidence,
                    Remediation('They can replace what root runs as `ip`. Enable the shim of a netnsctl that only root '
                                'can write to, or none.', ['ls -ld %s' % shell_quote(theirs), 'netnsctl shim disable']))
    if now.first:
        return ok('enabled, and first on this PATH', evidence)
    return warn('enabled, but `ip` on this PATH is %s' % (now.other or 'none'), evidence,
                Remediation('Scripts with this PATH do not use the shim: /usr/local/sbin must come first, in '
                            '/root/.bash_profile, the crontab or the service that they run in.',
                            ['export PATH=/usr/local/sbin:$PATH']))
