"""Operations: small immutable values, one per kernel request, each with undo() that names its inverse.

An operation names namespaces by a reference ('a', 'b', 'host') that the plan resolves, so that it can stand
in a journal. Its `verb` is what the backends' tables are keyed by. No I/O.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import named_tuple
from netnsctl.model.link_sysctls import EnableIPv6, IgnoreAdvertisements
from netnsctl.model.operation import Inverse as _Inverse
from netnsctl.model.operation import ON_HOST, Operation  # noqa: F401
from netnsctl.model.route import SCOPES, Route, scope_number

# The alias that marks a bridge as netnsctl's own.
BRIDGE_ALIAS = 'netnsctl'
# The first byte of the MAC address of a bridge's port, as libvirt and LXC have it: a bridge without an address of its
# own takes the lowest one of its ports (br_stp_recalculate_bridge_id), and hardly any other port's is higher.
PORT_MAC = 'fe'


class AddNetnsName(_Inverse, Operation):
    """Gives a namespace a name for iproute: a symlink /var/run/netns/NAME to path."""
    verb = 'add-netns-name'
    fields = ('ns', 'name', 'path')


class DeleteNetnsName(_Inverse, Operation):
    """Takes the symlink away, if it still points to path; never what it points to."""
    verb = 'delete-netns-name'
    fields = ('ns', 'name', 'path')


# The other end of a pair of links.
Peer = named_tuple('Peer', 'ns dev mac mtu')


class _LinkWords(Operation):
    """What AddLink and DeleteLink share."""

    def __init__(self, *values, **named):
        Operation.__init__(self, *values, **named)
        # As they were, whether or not they come out of a record.
        self.__dict__.update(data=self.data and tuple(tuple(pair) for pair in self.data),
                             peer=self.peer and Peer(*self.peer))
        if self.__dict__.get('was'):
            self.__dict__['was'] = tuple(self.was)

    def replaced(self, **fields):
        """The same with other values of some fields."""
        return type(self)(**dict(((field, self.__dict__[field]) for field in self.fields), **fields))


class AddLink(_LinkWords):
    """Makes a link of a kind (model.links) in a namespace, at once.

    mac: set, and random where the user asked for none: udev and networkd leave a set one alone, and it helps to know
    the link again. mtu: bytes, or None. anchor: the link of the host that it stands on, or None. data: what its kind
    has to say besides, pairs of text, or None. peer: the other end of a pair (Peer), made along with it, or None.
    """
    verb = 'add-link'
    fields = ('ns', 'dev', 'mac', 'mtu', 'kind', 'anchor', 'data', 'peer')
    later = ('mtu', 'anchor', 'data', 'peer')

    def made(self):
        return ((self.ns, self.dev),) + (((self.peer.ns, self.peer.dev),) if self.peer else ())

    def undo(self):
        return DeleteLink(**dict((field, self.__dict__[field]) for field in self.fields))


class DeleteLink(_LinkWords):
    """Removes one link, which has to have that index (None: not known); of a pair by whichever end is found.

    Where it has a kind it stands for an AddLink in the undo list of a record, and which link that is now is found out
    first (execution.undoing); peer_index: of the other end, where it is known; node, peer_node: numbers of a pair's
    ends (edge.link_nodes), both or none; was: the (ns, dev) that it was made as, where it was moved afterwards. Without
    a kind it has no inverse.
    """
    verb = 'delete-link'
    fields = ('ns', 'dev', 'index') + AddLink.fields[2:] + ('peer_index', 'node', 'peer_node', 'was')
    later = fields[2:]

    def undo(self):
        if self.kind is None:
            raise NotImplementedError
        return AddLink(*[self.__dict__[field] for field in AddLink.fields])


class MoveLink(Operation):
    """Moves a link to another namespace under another name."""
    verb = 'move-link'
    fields = ('ns', 'dev', 'to_ns', 'to_dev')

    def undo(self):
        return MoveLink(self.to_ns, self.to_dev, self.ns, self.dev)


class AddFdb(Operation):
    """One more remote of a vxlan, for what is sent to all and to those that it does not know."""
    verb = 'add-fdb'
    fields = ('ns', 'dev', 'remote')

    def undo(self):
        return None  # it goes with the link


class SetAlias(Operation):
    """Sets the alias of a link, where netnsctl marks the bridges that are its own."""
    verb = 'set-alias'
    fields = ('ns', 'dev', 'alias')

    def undo(self):
        return SetAlias(self.ns, self.dev, '')


class SetMac(Operation):
    """Sets the MAC address of a link. Of a bridge that has it already: it then keeps it, whatever is plugged in."""
    verb = 'set-mac'
    fields = ('ns', 'dev', 'mac')

    def undo(self):
        return None  # the address is the one the link had, or it had none


class SetUp(_Inverse, Operation):
    verb = 'set-up'
    fields = ('ns', 'dev')


class SetDown(_Inverse, Operation):
    verb = 'set-down'
    fields = ('ns', 'dev')


class SetMaster(_Inverse, Operation):
    """Plugs a link into a bridge."""
    verb = 'set-master'
    fields = ('ns', 'dev', 'master')


class SetNoMaster(_Inverse, Operation):
    verb = 'set-nomaster'
    fields = ('ns', 'dev', 'master')


class AddQueue(Operation):
    """Queues what leaves a link, in place of what did so before. kind: 'tbf' or 'netem'; words: those that it has after
    that in tc(8), with plain units (model.shaping); handle: '1:'; parent: '1:1' of a queue in another one, None of the
    link's own."""
    verb = 'add-queue'
    fields = ('ns', 'dev', 'kind', 'words', 'handle', 'parent')
    later = ('parent',)

    def undo(self):
        return None if self.parent else DeleteQueue(self.ns, self.dev, self.handle)


class DeleteQueue(Operation):
    """Removes the queue of a link, with those in it. handle: the undo list means the one that has it."""
    verb = 'delete-queue'
    fields = ('ns', 'dev', 'handle')

    def undo(self):
        return None


class SetVlanFiltering(Operation):
    """Makes a bridge filter VLANs (value 1) or not (0). A port that has no VLAN of its own then is in the bridge's
    default one."""
    verb = 'set-vlan-filtering'
    fields = ('ns', 'dev', 'value')

    def undo(self):
        return None  # plan.undo()


class _VlanWords(Operation):
    """What AddVlan and DeleteVlan share. is_bridge: of the bridge itself, and not of a port."""
    fields = ('ns', 'dev', 'vid', 'is_bridge')
    later = ('is_bridge',)

    def undo(self):
        return None  # they go with the port; of the bridge: plan.undo()


class AddVlan(_VlanWords):
    """Puts a port into a VLAN: what comes in without a tag belongs to it, and what goes out has none."""
    verb = 'add-vlan'


class DeleteVlan(_VlanWords):
    """Takes a port out of a VLAN."""
    verb = 'delete-vlan'


class _AddressWords(_Inverse):
    """What AddAddress and DeleteAddress share."""
    fields = ('ns', 'dev', 'address', 'nodad', 'scope')
    later = ('scope',)

    def scope_number(self):
        """RT_SCOPE_* (0: global, the kernel's default for what is no loopback address)."""
        return 0 if self.scope is None else scope_number(self.scope)


class AddAddress(_AddressWords, Operation):
    """address: '10.1.1.1/32'. nodad: IPv6 without duplicate address detection. scope: iproute2's name or number, or
    None; the kernel heeds it for IPv4 only."""
    verb = 'add-address'


class DeleteAddress(_AddressWords, Operation):
    verb = 'delete-address'


def route_type(name):
    """RTN_* of a type ('blackhole', 'local')."""
    from netnsctl.model import route_words  # few routes and rules have one
    return route_words.RTN_LOCAL if name == 'local' else route_words.DEAD_ENDS[name]


class _RouteWords(_Inverse):
    """What AddRoute and DeleteRoute share."""
    fields = ('ns', 'dev', 'dst', 'via', 'metric', 'src', 'protocol', 'scope', 'table', 'onlink', 'mtu', 'type', 'tos',
              'realms', 'options', 'nexthops')
    later = fields[7:]

    def words(self):
        """The words after `ip route add`: list."""
        return Route(self.dst, self.via, self.metric, self.src, self.scope, self.table, self.onlink, self.mtu,
                     self.type, self.tos, self.protocol, self.realms, self.options, self.nexthops).words(self.dev)

    def type_number(self):
        """RTN_*."""
        return 1 if self.type is None else route_type(self.type)

    def metrics(self):
        """[('RTAX_MTU', 1400), ...] in the order of their numbers: what RTA_METRICS holds."""
        if not self.options:
            return [('RTAX_MTU', self.mtu)] if self.mtu else []
        from netnsctl.model import route_words  # few routes have them
        return route_words.metric_attributes(self.options, self.mtu)

    def scope_number(self):
        """RT_SCOPE_* as iproute2 sends it: what was asked for, else `link` for IPv4 without a gateway, else global."""
        if self.scope is not None:
            return scope_number(self.scope)
        if self.type == 'local' and ':' not in self.dst:
            return SCOPES['host']
        return SCOPES['global' if self.via or self.nexthops or self.type or ':' in self.dst else 'link']

    def gateways(self):
        """[(address, weight, onlink)] of several next hops; empty if there is one, or none."""
        if not self.nexthops:
            return []
        from netnsctl.model import route_words  # few routes have them
        return route_words.gateways_of(self.nexthops)

    def is_across(self):
        """Is it an IPv4 route by a gateway of IPv6?"""
        return bool(self.via) and ':' in self.via and ':' not in self.dst

    def metric_number(self):
        """The metric that the kernel gives the route: IPv6 has no 0 (IP6_RT_PRIO_USER)."""
        return self.metric or (1024 if ':' in self.dst else 0)


class AddRoute(_RouteWords, Operation):
    """dst: '10.1.1.2/32' or '0.0.0.0/0'. protocol: RTPROT_* number. dev: None of a route with a type, which goes with
    no link. The others as in route.Route; None, also for onlink, where not given."""
    verb = 'add-route'


class DeleteRoute(_RouteWords, Operation):
    verb = 'delete-route'


class _RuleWords(_Inverse):
    """What AddRule and DeleteRule share: the fields of rule.Rule, with a priority."""
    fields = ('ns', 'family', 'from_', 'to', 'iif', 'oif', 'fwmark', 'fwmask', 'table', 'priority', 'type', 'tos',
              'options')
    later = ('type', 'tos', 'options')

    def type_number(self):
        """FR_ACT_*, which has the numbers of RTN_*."""
        if self.type is not None:
            return route_type(self.type)
        more = self.more()
        return 2 if 'goto' in more else 3 if 'nop' in more else 1

    def table_number(self):
        """The table that is sent: 0 of a rule that leads to none, or to that of a VRF."""
        more = self.more()
        return 0 if 'goto' in more or 'nop' in more or 'l3mdev' in more else self.table

    def more(self):
        """{word: value as the kernel has it} of the rarer words: rule_words.values_of()."""
        if not self.options:
            return {}
        from netnsctl.model import rule_words  # few rules have any
        return rule_words.values_of(self.options)

    def attributes(self):
        """[[FRA_* name, value], ...] of more(): `not` is a flag and `nop` an action, and neither is here."""
        from netnsctl.model import rule_words
        return [[rule_words.ATTRIBUTES[word], int(value) if value is True else value]
                for word, value in sorted(self.more().items()) if word in rule_words.ATTRIBUTES]

    def newest(self):
        """(the word that came last to the kernel, the Linux that brought it), or None."""
        if not self.options:
            return None
        from netnsctl.model import rule_words
        return rule_words.newest(self.options)

    def words(self):
        """The words after `ip [-6] rule add`: list."""
        from netnsctl.model.rule import Rule
        return Rule(*[self.__dict__[field] for field in self.fields[1:]]).words()


class AddRule(_RuleWords, Operation):
    """A policy rule of a namespace; it does not go with any link."""
    verb = 'add-rule'


class DeleteRule(_RuleWords, Operation):
    verb = 'delete-rule'


for _one, _other in ((AddNetnsName, DeleteNetnsName), (SetUp, SetDown), (SetMaster, SetNoMaster),
                     (AddAddress, DeleteAddress), (AddRoute, DeleteRoute), (AddRule, DeleteRule)):
    _one.inverse, _other.inverse = _other, _one

OPERATIONS = (AddNetnsName, DeleteNetnsName, AddLink, DeleteLink, MoveLink, AddFdb, SetAlias, SetMac, EnableIPv6,
              IgnoreAdvertisements, SetUp,
              SetDown, SetMaster, SetNoMaster, SetVlanFiltering, AddVlan, DeleteVlan, AddAddress, DeleteAddress,
              AddRoute, DeleteRoute, AddRule, DeleteRule, AddQueue, DeleteQueue)
BY_VERB = dict((kind.verb, kind) for kind in OPERATIONS)


def from_record(data):
    """The operation that record() described. KeyError or TypeError if the data is not one."""
    if data['verb'] not in BY_VERB:
        from netnsctl.model import earlier  # written before AddLink was, or one of those that few wires have
        data = earlier.renewed(data)
    kind = BY_VERB[data['verb']]
    return kind(*[data.get(field) if field in kind.later else data[field] for field in kind.fields])


def undo_of(operations):
    """What takes a sequence of operations back, last first.

    What dies with a link that the sequence made is left out: deleting the link takes its addresses,
    routes and membership along. Rules are of the namespace and stay in.
    """
    made = set(link for operation in operations for link in operation.made())
    moved = dict(((step.ns, step.dev), (step.to_ns, step.to_dev)) for step in operations if step.verb == 'move-link')
    made |= set(moved[link] for link in made if link in moved)
    inverses = []
    for operation in reversed(operations):
        dies = not (operation.made() or operation.outlives)
        if dies and (operation.ns, getattr(operation, 'dev', None)) in made:
            continue
        inverse = operation.undo()
        if operation.made() and (operation.ns, operation.dev) in moved:
            was = operation.ns, operation.dev
            inverse = inverse.replaced(was=was, **dict(zip(('ns', 'dev'), moved[was])))
        if inverse is not None:
            inverses.append(inverse)
    return tuple(inverses)


def batches(operations, place, alone, most=None):
    """Cuts operations, in order, into lists that a backend can send at once.
    place: operation -> where it has to be sent; adjacent ones for the same place are sent together. alone: verbs that
    are sent alone. most: how many are sent at once (None: any number).
    """
    batch = []
    for operation in operations:
        if batch and (operation.verb in alone or batch[0].verb in alone or place(operation) != place(batch[0])
                      or len(batch) == most):
            yield batch
            batch = []
        batch.append(operation)
    if batch:
        yield batch
