"""IPv6 where it is disabled for new links: it is enabled for that of an end if that was asked for."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import shell_quote
from netnsctl.errors import NetnsctlError


def settle(wiring, at, end):
    """For an end with something of IPv6. Where that is disabled, as in every default Docker container, it is enabled
    for the new link if that was asked for too; else this says better what would be EACCES later."""
    off = [scope for scope in ('all', 'default')
           if wiring.opened[at].sysctl('ipv6/conf/%s/disable_ipv6' % scope) not in ('0', None)]
    if not off:
        return
    end.enables_ipv6 = end.ipv6
    if not end.ipv6:
        hint = 'Add ",ipv6" to this end to enable it on the new link alone.'
        if wiring.targets[at].scheme in ('docker', 'podman'):
            hint += ' Or for the whole container: %s run --sysctl net.ipv6.conf.%s.disable_ipv6=0' % (
                wiring.targets[at].scheme, off[0])
        raise NetnsctlError('%s: IPv6 is disabled there (net.ipv6.conf.%s.disable_ipv6=1)'
                            % (end.label, off[0]), hint=hint)


def settle_bridge(session, end):
    """IPv6 for a bridge that is asked for it and has it disabled: one that netnsctl makes gets it on request; another
    one that needs it for no address of the wire is left as it is, with a notice."""
    wanted = [address for address in end.addresses if ':' in address and address not in end.present]
    if not end.ipv6 and not wanted:
        return
    name = 'default' if end.new_bridge else end.bridge
    if session.home.sysctl('ipv6/conf/%s/disable_ipv6' % name) in ('0', None):
        return
    is_ours = end.new_bridge or end.own_bridge
    end.enables_ipv6 = end.ipv6 and is_ours
    if end.enables_ipv6:
        return
    text = '%s: IPv6 is disabled there (net.ipv6.conf.%s.disable_ipv6=1)' % (end.label, name)
    left = 'sysctl -w net/ipv6/conf/%s/disable_ipv6=0' % shell_quote(name)
    if not wanted:
        session.notices.append('%s, and netnsctl did not make this bridge: %s' % (text, left))
        return
    raise NetnsctlError(text, hint='Add ",ipv6" to this end to enable it on the bridge that netnsctl makes.' if is_ours
                        else 'netnsctl did not make this bridge, so that is left to you: ' + left)
