"""Which backend `auto` chooses, and whether both could work."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.files import settings
from netnsctl.edge.packages.libraries import install_command
from netnsctl.errors import NetnsctlError
from netnsctl.execution import backends
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, fail, ok, warn


def _load_messages():
    """None if the netlink backend can load pyroute2's message classes, otherwise the cause."""
    try:
        __import__('netnsctl.edge.netlink.pyroute2_messages')
    except (ImportError, NetnsctlError) as error:
        return str(error)


@check('backend', 'backend', required=True, seconds=20.0)
def check_backend(host):
    """There is a backend for `--backend auto` to choose."""
    trouble = _load_messages()
    try:
        choice = backends.choose(host)
    except NetnsctlError as error:
        # Only a setting for this host can rule out every backend.
        return fail('auto finds no backend: %s' % error.message, [('pyroute2, for netlink', trouble or 'usable')],
                    Remediation('%s decides this: correct it, or remove it to let netnsctl decide.%s'
                                % (settings.PLACE, ' ' + error.hint if error.hint else '')))
    evidence = [('auto chooses', choice.name), ('because', choice.reason),
                ('pyroute2, for netlink', trouble or 'usable')]
    text = 'auto chooses %s: %s' % (choice.name, choice.reason)
    if trouble is None:
        return ok(text, evidence)
    mend = Remediation('The netlink backend needs pyroute2: 0.3.22 on Python 2, any newer one on Python 3.',
                       [install_command(host, ['pyroute2'])])
    if choice.name == 'netlink':
        return fail('no backend works: %s, and pyroute2 cannot be used' % choice.reason, evidence, mend)
    return warn('%s; netlink cannot be used: %s' % (text, trouble), evidence, mend)
