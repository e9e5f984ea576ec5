"""The netlink backend: operation -> rtnetlink message, sent on a socket inside the namespace."""
from __future__ import absolute_import, division, print_function

import errno
import _socket as socket
import time

from netnsctl.compat import monotonic
from netnsctl.edge.netlink import writing
from netnsctl.edge.netlink.writing import CHANGE, CREATE, RTM_DELLINK, RTM_NEWLINK, RTM_SETLINK
from netnsctl.errors import KernelError
from netnsctl.execution.backends import otherwise
from netnsctl.execution.backends.refusals import attempt, refusal
from netnsctl.model import operations as op
from netnsctl.model.links import kind_of

RTM_NEWADDR, RTM_DELADDR, RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWRULE, RTM_DELRULE = 20, 21, 24, 25, 32, 33
IFF_UP = 1
IFA_F_NODAD = 0x02
IN6_ADDR_GEN_MODE_NONE = 1  # linux/if_link.h
RT_TABLE_MAIN, RTPROT_BOOT, RT_SCOPE_NOWHERE, RTNH_F_ONLINK = 254, 3, 255, 4
FIB_RULE_INVERT = 2
# linux/neighbour.h; APPEND: NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND
RTM_NEWNEIGH, RTM_DELNEIGH, AF_BRIDGE, NUD_PERMANENT, NTF_SELF, APPEND = 28, 29, 7, 0x80, 0x02, 0xc05
# linux/if_bridge.h: BRIDGE_FLAGS_SELF; BRIDGE_VLAN_INFO_PVID, _UNTAGGED
SELF, PVID_UNTAGGED = 0x2, 0x2 | 0x4
SETTLE_SECONDS = 1.0
AT_ONCE = 100  # messages: their acks have to fit the buffer of a socket, 276 with the kernel's default


class Netlink(object):
    """Carries operations out through rtnetlink. namespaces: {reference: Netns}. lock_fd: inherited by helpers."""
    name = 'netlink'

    def __init__(self, namespaces, lock_fd=None):
        self.namespaces, self.lock_fd = namespaces, lock_fd
        self._indexes = {}  # of links that the messages of one datagram speak of

    def plan(self, operations):
        """The operations unchanged: descriptors need no names."""
        return tuple(operations)

    def apply(self, operations):
        """Runs operations in order; adjacent ones in the same namespace share a datagram. Raises for the first that is
        refused."""
        for batch in op.batches(operations, lambda operation: operation.ns, _SINGLE, AT_ONCE):
            if batch[0].verb in _SINGLE:
                _SINGLE[batch[0].verb](self, batch[0])
            else:
                self._send(batch)

    def index(self, operation, ns, dev):
        """The index of a link that an operation needs; raises the operation's refusal if there is none."""
        index = self._indexes.get((ns, dev))
        if index is not None:
            return index
        index = self.namespaces[ns].rtnl().index_of(dev)
        if index is None:
            raise KernelError('%s: there is no link %s' % (attempt(operation, self.namespaces), dev), errno.ENODEV)
        return index

    def _send(self, batch):
        rtnl = self.namespaces[batch[0].ns].rtnl()
        for dev in set(operation.dev for operation in batch
                       if operation.verb in _BY_INDEX and operation.dev is not None):
            self._indexes[batch[0].ns, dev] = rtnl.index_of(dev)
        try:
            messages = [encode(self, operation) for operation in batch]
        finally:
            self._indexes.clear()
        answers = rtnl.request(messages)
        for operation, answer in zip(batch, answers):
            if answer is None or self._settled(rtnl, operation, answer[0]):
                continue
            refused = otherwise.settle(self, operation, *answer)
            if refused is not None:
                raise refusal(operation, self.namespaces, *refused)

    def _settled(self, rtnl, operation, number):
        """An IPv6 route is refused until the kernel's link watch has seen the carrier, which takes it a moment."""
        not_yet = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EINVAL)
        if operation.verb != 'add-route' or ':' not in (operation.via or operation.dst) or number not in not_yet:
            return False
        deadline = monotonic() + SETTLE_SECONDS
        while monotonic() < deadline:
            time.sleep(0.01)
            if rtnl.request([encode(self, operation)])[0] is None:
                return True
        return False

    def ask(self, *operations):
        """Sends operations of one namespace in one datagram and returns the refusal of the last, or None."""
        rtnl = self.namespaces[self.sender(operations[-1])].rtnl()
        return rtnl.request([encode(self, operation) for operation in operations])[-1]

    @staticmethod
    def sender(operation):
        """The reference of the namespace that asks for an operation."""
        return kind_of(operation).sent_from(operation) if operation.verb == 'add-link' else operation.ns

    def _alone(self, operation):
        """Sends one operation, or does it in another way if this kernel needs that."""
        otherwise.prepare(operation)
        refused = otherwise.settle(self, operation, *(self.ask(operation) or (0,)))
        if refused is not None and (operation.verb, refused[0]) != ('delete-link', errno.ENODEV):
            raise refusal(operation, self.namespaces, *refused)

    def _enable_ipv6(self, operation):
        from netnsctl.execution.backends import sysctls  # few wires need it
        sysctls.enable_ipv6(operation, self.namespaces)

    def _ignore_advertisements(self, operation):
        if not self.namespaces[operation.ns].set_sysctl(operation.sysctl(), '0'):
            from netnsctl.execution.backends import sysctls
            sysctls.require_no_advertisements(operation, self.namespaces)

    def _delete_altname(self, operation):
        from netnsctl.edge.nics import saved  # only a NIC that is lent may have any
        index = self.index(operation, operation.ns, operation.dev)
        saved.change_altnames(self.namespaces[operation.ns].rtnl(), index, [operation.altname], adds=False)

    def _carry_out(self, operation):
        from netnsctl.execution.backends import uplinks  # few wires have nat or publish
        uplinks.carry_out(self, operation)

    def _change_port(self, operation):
        from netnsctl.execution.backends import switch_ports  # few wires have a port of Open vSwitch
        switch_ports.change(operation, self.namespaces)

    def _add_rule(self, operation):
        from netnsctl.execution.backends import rules_there  # few wires have rules
        rules_there.add(operation, self.namespaces, self._alone)


# What most datagrams hold: a link that stands in several of its messages is looked up once.
_BY_INDEX = frozenset(('add-address', 'delete-address', 'set-up', 'set-down', 'add-route', 'delete-route'))
_SINGLE = dict.fromkeys(list(otherwise.WAYS) + ['add-link'], Netlink._alone)
# Later operations may use the link's new name.
_SINGLE['move-link'] = _SINGLE['lend-link'] = Netlink._alone
_SINGLE['delete-altname'] = Netlink._delete_altname
_SINGLE['add-rule'] = Netlink._add_rule
_SINGLE['enable-ipv6'] = Netlink._enable_ipv6
_SINGLE['ignore-advertisements'] = Netlink._ignore_advertisements
_SINGLE.update((verb, Netlink._carry_out) for verb in op.ON_HOST)
_SINGLE['add-port'] = _SINGLE['delete-port'] = Netlink._change_port


def _message(*parts):
    """The bytes of a message by the small encoder, or by pyroute2's classes where it has an attribute that
    the small one lacks."""
    try:
        return writing.encode(*parts)
    except KeyError:
        from netnsctl.edge.netlink import pyroute2_messages
        return pyroute2_messages.encode(*parts)


def encode(backend, operation):
    """The rtnetlink message of an operation, bytes; its sequence number still zero."""
    return _MESSAGES[operation.verb](backend, operation)


def _named(backend, link, sender):
    """The attributes that a new link (AddLink, or its Peer) has whatever its kind. sender: the namespace that asks."""
    attributes = [['IFLA_IFNAME', link.dev]]
    if link.mac:
        attributes.append(['IFLA_ADDRESS', link.mac])
    if link.mtu:
        attributes.append(['IFLA_MTU', link.mtu])
    if link.ns != sender:
        attributes.append(['IFLA_NET_NS_FD', backend.namespaces[link.ns].fd])
    return attributes


def _add_link(backend, operation):
    # NLM_F_EXCL looks for the name in the sender's namespace, which is the link's own where that can be.
    kind, sender = kind_of(operation), backend.sender(operation)
    own = _named(backend, operation, sender)
    if operation.anchor:
        own.append(['IFLA_LINK', backend.index(operation, sender, operation.anchor)])
    writing.learn(kind.numbers)
    peer = operation.peer and _named(backend, operation.peer, sender)
    data = [[name, backend.index(operation, sender, value) if kind.numbers.get(name, ('',) * 2)[1] == 'link' else value]
            for name, value in kind.attributes(operation, peer)]
    return _message(*writing.new_link(kind.link_type, own, data))


def _set_link(backend, operation, fields=None, attributes=()):
    fields = dict(fields or {}, index=backend.index(operation, operation.ns, operation.dev))
    return _message('ifinfmsg', RTM_NEWLINK, CHANGE, fields, list(attributes))


def _move_link(backend, operation):
    return _set_link(backend, operation, attributes=[['IFLA_IFNAME', operation.to_dev],
                                                     ['IFLA_NET_NS_FD', backend.namespaces[operation.to_ns].fd]])


def _fdb(message_type, flags):
    def message(backend, operation):
        fields = {'family': AF_BRIDGE, 'ifindex': backend.index(operation, operation.ns, operation.dev),
                  'state': NUD_PERMANENT, 'flags': NTF_SELF}
        return _message('ndmsg', message_type, flags, fields, [['NDA_LLADDR', '00:00:00:00:00:00'],
                                                               ['NDA_DST', operation.remote]])
    return message


def _set_master(backend, operation):
    master = backend.index(operation, operation.ns, operation.master)
    # A port takes in no packet itself: a link-local address there is of no use, and getting it, which the kernel does
    # under its RTNL lock, delays the wires that are made meanwhile.
    no_link_local = ['AF_INET6', {'attrs': [['IFLA_INET6_ADDR_GEN_MODE', IN6_ADDR_GEN_MODE_NONE]]}]
    return _set_link(backend, operation, attributes=[['IFLA_MASTER', master],
                                                     ['IFLA_AF_SPEC', {'attrs': [no_link_local]}]])


def _set_vlan_filtering(backend, operation):
    info = [['IFLA_INFO_KIND', 'bridge'], ['IFLA_INFO_DATA', {'attrs': [['IFLA_BR_VLAN_FILTERING', operation.value]]}]]
    return _set_link(backend, operation, attributes=[['IFLA_LINKINFO', {'attrs': info}]])


def _vlan(message_type, flags):
    def message(backend, operation):
        spec = [['IFLA_BRIDGE_FLAGS', SELF]] if operation.is_bridge else []
        spec.append(['IFLA_BRIDGE_VLAN_INFO', {'flags': flags, 'vid': operation.vid}])
        fields = {'family': AF_BRIDGE, 'index': backend.index(operation, operation.ns, operation.dev)}
        return _message('ifinfmsg', message_type, CHANGE, fields, [['IFLA_AF_SPEC', {'attrs': spec}]])
    return message


def _delete_link(backend, operation):
    return _message(*writing.delete_link(operation.index))


def _address(message_type, flags):
    def message(backend, operation):
        address, _, length = operation.address.partition('/')
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        fields = {'family': family, 'prefixlen': int(length),
                  'index': backend.index(operation, operation.ns, operation.dev),
                  'flags': IFA_F_NODAD if operation.nodad else 0,
                  'scope': 0 if message_type == RTM_DELADDR else operation.scope_number()}
        attributes = [['IFA_LOCAL', address]] if family == socket.AF_INET else []
        return _message('ifaddrmsg', message_type, flags, fields, attributes + [['IFA_ADDRESS', address]])
    return message


def _route(message_type, flags):
    def message(backend, operation):
        dst, _, length = operation.dst.partition('/')
        scope = operation.scope_number()
        if message_type == RTM_DELROUTE and operation.scope is None:
            scope = RT_SCOPE_NOWHERE  # any, as iproute2 says it
        table = operation.table or RT_TABLE_MAIN
        fields = {'family': socket.AF_INET6 if ':' in dst else socket.AF_INET, 'dst_len': int(length),
                  'table': _table_byte(table), 'proto': operation.protocol or RTPROT_BOOT, 'scope': scope,
                  'type': operation.type_number(), 'tos': operation.tos or 0,
                  'flags': RTNH_F_ONLINK if operation.onlink else 0}
        attributes = [['RTA_DST', dst]] if int(length) else []
        if operation.via:
            attributes.append(['RTA_VIA' if operation.is_across() else 'RTA_GATEWAY', operation.via])
        if operation.nexthops:
            index = backend.index(operation, operation.ns, operation.dev)
            attributes.append(['RTA_MULTIPATH', [(index, weight, RTNH_F_ONLINK if onlink else 0, address)
                                                 for address, weight, onlink in operation.gateways()]])
        elif operation.dev is not None:
            attributes.append(['RTA_OIF', backend.index(operation, operation.ns, operation.dev)])
        if operation.metric:
            attributes.append(['RTA_PRIORITY', operation.metric])
        if operation.src:
            attributes.append(['RTA_PREFSRC', operation.src])
        metrics = operation.metrics()
        if metrics:
            attributes.append(['RTA_METRICS', {'attrs': [list(metric) for metric in metrics]}])
        if operation.realms:
            attributes.append(['RTA_FLOW', operation.realms])
        if table > 255:
            attributes.append(['RTA_TABLE', table])
        return _message('rtmsg', message_type, flags, fields, attributes)
    return message


def _table_byte(table):
    """The number of a table where one byte holds it; else 0 (RT_TABLE_UNSPEC), and an attribute has it."""
    return table if table < 256 else 0


def _rule(message_type, flags):
    def message(backend, operation):
        fields = {'family': socket.AF_INET6 if operation.family == 6 else socket.AF_INET,
                  'table': _table_byte(operation.table_number()), 'action': operation.type_number(),
                  'tos': operation.tos or 0}
        attributes = []
        for name, length, network in (('FRA_SRC', 'src_len', operation.from_), ('FRA_DST', 'dst_len', operation.to)):
            if network is not None:
                address, _, fields[length] = network.partition('/')
                fields[length] = int(fields[length])
                attributes.append([name, address])
        for name, value in (('FRA_IIFNAME', operation.iif), ('FRA_OIFNAME', operation.oif),
                            ('FRA_FWMARK', operation.fwmark), ('FRA_FWMASK', operation.fwmask),
                            ('FRA_TABLE', operation.table if operation.table > 255 else None),
                            ('FRA_PRIORITY', operation.priority)):
            if value is not None:
                attributes.append([name, value])
        more = operation.more()
        if more:
            fields['flags'] = FIB_RULE_INVERT if 'not' in more else 0
            attributes += operation.attributes()
        return _message('fibmsg', message_type, flags, fields, attributes)
    return message


def _queue(backend, operation):
    from netnsctl.edge.netlink import queues  # few wires are shaped
    from netnsctl.model import shaping
    index = backend.index(operation, operation.ns, operation.dev)
    if operation.verb == 'delete-queue':
        return queues.deletion(index)
    return queues.addition(index, operation.kind, shaping.values_of(operation.words), operation.handle,
                           operation.parent)


_MESSAGES = {
    'add-link': _add_link,
    'move-link': _move_link,
    'lend-link': _move_link,
    'delete-link': _delete_link,
    'add-fdb': _fdb(RTM_NEWNEIGH, APPEND),
    'delete-fdb': _fdb(RTM_DELNEIGH, CHANGE),
    'set-alias': lambda backend, operation: _set_link(backend, operation,
                                                      attributes=[['IFLA_IFALIAS', operation.alias]]),
    'set-mac': lambda backend, operation: _set_link(backend, operation, attributes=[['IFLA_ADDRESS', operation.mac]]),
    'set-mtu': lambda backend, operation: _set_link(backend, operation, attributes=[['IFLA_MTU', operation.mtu]]),
    'set-up': lambda backend, operation: _set_link(backend, operation, {'flags': IFF_UP, 'change': IFF_UP}),
    'set-down': lambda backend, operation: _set_link(backend, operation, {'flags': 0, 'change': IFF_UP}),
    'set-master': _set_master,
    'set-nomaster': lambda backend, operation: _set_link(backend, operation, attributes=[['IFLA_MASTER', 0]]),
    'set-vlan-filtering': _set_vlan_filtering,
    'add-vlan': _vlan(RTM_SETLINK, PVID_UNTAGGED),
    'delete-vlan': _vlan(RTM_DELLINK, 0),
    'add-address': _address(RTM_NEWADDR, CREATE),
    'delete-address': _address(RTM_DELADDR, CHANGE),
    'add-route': _route(RTM_NEWROUTE, CREATE),
    'delete-route': _route(RTM_DELROUTE, CHANGE),
    'add-queue': _queue,
    'delete-queue': _queue,
    'add-rule': _rule(RTM_NEWRULE, CREATE),
    'delete-rule': _rule(RTM_DELRULE, CHANGE),
}
