"""What an operation attempts, in words, and the kernel's refusal of it as a declared error."""
from __future__ import absolute_import, division, print_function

import errno
import os

from netnsctl.edge import bridges
from netnsctl.edge.netlink.reading import ALL_KINDS, RT_TABLE_MAIN, leading_to
from netnsctl.errors import ConflictError, KernelError
from netnsctl.model.links import KINDS, kind_named, kind_of
from netnsctl.model.operations import Peer

# verb -> how to say it; filled from the operation's fields, namespaces already as labels
_ATTEMPTS = {
    'add-netns-name': 'name the namespace {ns} {name}',
    'delete-netns-name': 'remove the name {name} of {ns}',
    'move-link': 'move {dev} from {ns} to {to_ns} as {to_dev}',
    'lend-link': 'lend the NIC {dev} of {ns} to {to_ns} as {to_dev}',
    'delete-altname': 'remove the alternative name {altname} of {dev} in {ns}',
    'set-mtu': 'set the mtu of {dev} in {ns} to {mtu}',
    'add-fdb': 'add the remote {remote} to {dev} in {ns}',
    'delete-fdb': 'delete the remote {remote} from {dev} in {ns}',
    'delete-link': 'delete the link {dev} in {ns}',
    'set-alias': 'set the alias of {dev} in {ns}',
    'set-mac': 'set the MAC address of {dev} in {ns} to {mac}',
    'ignore-advertisements': 'ignore router advertisements at {dev} in {ns}',
    'enable-ipv6': 'enable IPv6 for {dev} in {ns}',
    'set-up': 'set {dev} in {ns} up',
    'set-down': 'set {dev} in {ns} down',
    'set-master': 'plug {dev} into the bridge {master}',
    'set-nomaster': 'unplug {dev} from the bridge {master}',
    'add-queue': 'shape what leaves {dev} in {ns} by {kind}',
    'delete-queue': 'remove the shaping of {dev} in {ns}',
    'set-vlan-filtering': 'set vlan_filtering of the bridge {dev} in {ns} to {value}',
    'add-vlan': 'put {dev} in {ns} into the VLAN {vid}',
    'delete-vlan': 'take {dev} in {ns} out of the VLAN {vid}',
    'add-port': 'plug {dev} into the Open vSwitch bridge {switch}',
    'delete-port': 'unplug {dev} from the Open vSwitch bridge {switch}',
    'add-address': 'add the address {address} to {dev} in {ns}',
    'delete-address': 'delete the address {address} from {dev} in {ns}',
    'add-route': 'add the route {route} to {ns}{where}',
    'delete-route': 'delete the route {route} from {ns}{where}',
    'add-rule': 'add the rule {rule} to {ns}',
    'delete-rule': 'delete the rule {rule} from {ns}',
    'set-sysctl': 'set net/{name} to {value}',
    'restore-sysctl': 'set net/{name} back to {was}',
    'set-hairpin': 'let {port} have back what it sends',
    'add-nat': 'add the firewall rules of {wire}',
    'delete-nat': 'delete the firewall rules of {wire}',
    'release-ports': 'delete the firewall rules of {wire}, which is lost',
    'open-forward': 'let {wire} pass the firewall of this host',
    'close-forward': 'delete the rules that let {wire} pass the firewall of this host',
}


def attempt(operation, namespaces):
    """'add the address 10.1.1.1/32 to A in docker://a'. namespaces: {reference: Netns}."""
    words, text = dict(operation.__dict__), _ATTEMPTS.get(operation.verb)
    if operation.verb == 'add-link':
        text = kind_of(operation).attempt
        words.update(('peer_' + field, value) for field, value in zip(Peer._fields, operation.peer or ()))
    for field in ('ns', 'peer_ns', 'to_ns'):
        if words.get(field) in namespaces:
            words[field] = namespaces[words[field]].label
    if operation.verb in ('add-rule', 'delete-rule'):
        words['rule'] = ' '.join(operation.words())
    elif operation.verb.endswith('-route'):
        words['route'] = '%s %s' % (operation.type, operation.dst) if operation.type else operation.dst
        words['where'] = ' dev %s' % operation.dev if operation.dev else ''
    return text.format(**words)


def refusal(operation, namespaces, number, words=None):
    """The error for a request that the kernel answered with errno `number` (and maybe its own words)."""
    text = '%s: %s' % (attempt(operation, namespaces), words or os.strerror(number))
    if number == errno.EEXIST or number == errno.EADDRINUSE and operation.verb == 'add-address':  # of another ipvlan
        cause = taken(operation, namespaces) or words or 'it already exists'
        error = ConflictError('%s: %s' % (attempt(operation, namespaces), cause),
                              hint=_hint_for_taken(operation, namespaces))
        error.operation = operation
        error.may_pass = number != errno.EEXIST or (
            operation.verb == 'add-link' and cause == kind_of(operation).taken(operation))
        return error
    if operation.verb == 'add-queue' and number == errno.ENOENT:
        return _no_queue(operation, namespaces, number, words)
    error = KernelError(text, number, words)
    if number == errno.EPERM:
        error.hint = 'Root with CAP_NET_ADMIN and CAP_SYS_ADMIN is required; `netnsctl doctor` shows what is missing.'
    elif operation.verb == 'add-link':
        error.hint = kind_of(operation).hint(number, words)
        if error.hint is None and number == errno.EOPNOTSUPP:
            error.hint = 'The kernel lacks %s links, or their module: modprobe %s\nnetnsctl doctor %s says more.' % (
                operation.kind, kind_of(operation).module, operation.kind)
    elif operation.verb == 'lend-link':
        error.hint = kind_named('phys').hint(number, words)
    elif operation.verb in ('move-link', 'set-up'):
        error.hint = _hint_of_link(operation, namespaces, number, words)
    elif operation.verb == 'set-vlan-filtering':
        from netnsctl.model.links import bridge  # few wires have a VLAN in a bridge
        error.hint = bridge.NO_VLANS
    elif operation.verb == 'add-queue' and number == errno.EINVAL and namespaces[operation.ns].label != 'host':
        error.hint = ('A kernel before Linux 2.6.35 (CentOS 6) shapes what leaves links of the host alone: shape the '
                      'other end, a bridge or an end on the host.')
    elif number == errno.EACCES and operation.verb == 'add-address' and ':' in operation.address:
        error.hint = 'IPv6 is switched off there: sysctl net.ipv6.conf.%s.disable_ipv6' % operation.dev
    elif number in (errno.EINVAL, errno.ENODEV, errno.EOPNOTSUPP) and operation.verb == 'add-route':
        error.hint = _hint_for_route(operation)
    return error


def _no_queue(operation, namespaces, number, words):
    """The refusal of a queue that the kernel does not know, after it looked for a module of its name."""
    error = KernelError('%s: this kernel has no %s' % (attempt(operation, namespaces), operation.kind), number, words)
    error.hint = 'Its module is sch_%s: modprobe sch_%s' % (operation.kind, operation.kind)
    if operation.kind == 'netem':
        error.hint += '\nOn EL8 and later it is in a package of its own: dnf install kernel-modules-extra'
    return error


def _hint_of_link(operation, namespaces, number, words):
    """What the kind of a link that is there says of the refusal, or None."""
    link = namespaces[operation.ns].rtnl().link(name=operation.dev)
    return kind_named(link.kind).hint(number, words) if link is not None and link.kind in KINDS else None


def _hint_for_route(operation):
    """The words that an older kernel does not have, or None: it answers with no more than EINVAL, or ENODEV."""
    from netnsctl.model import route_words  # routes are rarely refused
    newest = route_words.newest(operation)
    return newest and 'A kernel before Linux %s has no %s in routes.' % (newest[1], newest[0])


def taken(operation, namespaces):
    """What is in the way: the name that is taken, or the existing route; None for other operations."""
    if operation.verb == 'add-route':
        return _route_there(operation, namespaces[operation.ns])
    ns, link = _link_there(operation, namespaces)
    if link is None and operation.verb == 'add-link':
        return kind_of(operation).taken(operation)
    return link and '%s has a link named %s already' % (namespaces[ns].label, link.name)


def _hint_for_taken(operation, namespaces):
    """What the name of an existing link of the host may have meant, or None."""
    ns, link = _link_there(operation, namespaces)
    if link is None or namespaces[ns].label != 'host' or link.kind == 'veth':
        return None
    if bridges.is_bridge(link):
        return '%s is a bridge: bridge://%s.' % (link.name, link.name)
    return ('An end on the host is a new link: give it an unused name. '
            + bridges.how_to_plug(namespaces[ns].rtnl(), link))


def _link_there(operation, namespaces):
    """(the reference of its namespace, the Link that has the name of one to be made), or (None, None)."""
    places = operation.made()
    if operation.verb in ('move-link', 'lend-link'):
        places = [(operation.to_ns, operation.to_dev)]
    for ns, dev in places:
        link = namespaces[ns].rtnl().link(name=dev)
        if link is not None:
            return ns, link
    return None, None


def _route_there(operation, netns):
    rtnl = netns.rtnl()
    for route in rtnl.routes(table=operation.table or RT_TABLE_MAIN, kinds=ALL_KINDS,
                             only=leading_to([operation.dst])):
        if (route.dst, route.metric, route.tos) == (operation.dst, operation.metric_number(), operation.tos or 0):
            link = rtnl.link(index=route.index) if route.index else None
            where = route.dead_end or '%s%s' % (
                'via %s ' % route.via if route.via else '', 'dev %s' % link.name if link else 'by several next hops')
            return 'it has one already, %s' % where
    return None
