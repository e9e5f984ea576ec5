"""Kinds of links: all that is particular to one stands in one module here, which ends in `kind = Kind(...)`.

To add a kind, write that module and add its row to KINDS. The backends, undo and the doctor ask the Kind; none of them
names a kind. The functions of a Kind get values (operations, links as the kernel tells them) and answer with values:
what needs a socket stays with who has one. A field that is left out is what most kinds want. Two things differ from a
plain list of callbacks, since they belong to no kind alone: the other end of a pair is written by the backends (it is
made of the same attributes whatever the pair), and a way round an old kernel is operations, or the name of an ioctl.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import names
from netnsctl.model.operations import AddLink, MoveLink

# The table: the kernel's name of a kind, which is that of its module.
KINDS = ('veth', 'bridge', 'macvlan', 'ipvlan', 'vlan', 'vxlan', 'dummy')
# Those that an end of a wire can name as its target, by a scheme of that name: they are on the host.
ANCHORS = ('bridge', 'macvlan', 'ipvlan', 'vlan', 'vxlan', 'dummy')


class Way(object):
    """What is done where an older kernel refuses to make a link.

    since: the first Linux that makes it as it is asked, and that of EL6 where it differs. answers: errnos of older
    ones. operations(link, temporary): those that come to the same, or None where there are none for that link;
    temporary: an interface name that is free. ioctl: in place of it, the name of a row of otherwise.IOCTLS.
    """
    __slots__ = ('since', 'answers', 'operations', 'ioctl')

    def __init__(self, since, answers, operations=None, ioctl=None):
        self.since, self.answers, self.operations, self.ioctl = since, answers, operations, ioctl


class Key(object):
    """An item KEY=VALUE of an anchor. read: function of the value, as text, that gives it as it is kept, or a
    UsageError; default: the value that says no more than leaving it out; is_list: may it be given several times?"""
    __slots__ = ('read', 'default', 'is_list')

    def __init__(self, read, default=None, is_list=False):
        self.read, self.default, self.is_list = read, default, is_list


def one_of(key, words):
    """The reader of an item that takes one of these words."""
    def read(text):
        if text not in words:
            raise UsageError('%s=%s: known %ss: %s' % (key, text, key, ' '.join(sorted(words))))
        return text
    return read


def probe_on_nic(link_type, data=None):
    """Kind.probe of a kind that hangs on a NIC: a veth stands in for that."""
    return lambda name, lower: (AddLink('host', lower, None, None, 'veth', peer=('host', lower + 'p', None, None)),
                                AddLink('host', name, None, None, link_type, lower, data))


def no_name(text):
    """What follows `dummy://`: nothing. (None, ())."""
    if text:
        raise UsageError('nothing follows the ://')
    return None, ()


def nic_name(text):
    """What follows `macvlan://`: a link of the host's. (its name, ())."""
    names.check_ifname(text)
    return text, ()


def steps_in_place(end, anchor):
    """One request makes the link in its namespace. NLM_F_EXCL looks for the name in the namespace of who asks: where
    that has one, it is renamed afterwards."""
    link = AddLink(end.ns, end.dev, end.mac, end.mtu, anchor.kind, anchor.anchor, anchor.data)
    if not end.temporary:
        return [link]
    return [link.replaced(dev=end.temporary), MoveLink(end.ns, end.temporary, end.ns, end.dev)]


class Kind(object):
    """What there is to know of a kind of link. link: always an AddLink, or the DeleteLink that takes it back.

    link_type   IFLA_INFO_KIND, and what follows `ip link add ... type`
    module      the kernel's module, where it is not called as the kind
    module_options         what it has to be loaded with, so that it makes no link of its own: words for modprobe
    attempt     how to speak of making one: filled in from the fields of the operation, and peer_ns and peer_dev
    sent_from(link)        the reference of the namespace that asks for it
    words(link)            what follows `type KIND` but for a peer: list of text
    attributes(link, peer) what IFLA_INFO_DATA holds: [[name, value], ...]; peer: attributes of the other end, or None
    numbers     {name: (number, key of writing.PACKERS)} of those attributes that edge.netlink.writing does not have;
                `link` of one whose value is the name of a link of whoever sends it
    way         Way for kernels that refuse, or None
    hint(number, words)    what to do about a refusal (errno, the kernel's words or None): text, or None
    read_name(text)        what follows `KIND://`: (name of the link of the host's that it hangs on, or None; the pairs
                that AddLink.data gets of it). UsageError, whose message the endpoint is put before
    taken(link)            what is in the way where the kernel says EEXIST of a name that is free: text
    clash(anchor, other)   why that of another wire (both plan.End), on the same link of the host's, excludes this one:
                text, or None. None: nothing does
    keys        {item of an endpoint: Key}
    check(end, anchor)     UsageError where a plan.End, whose other one is an anchor of this kind, cannot have such a
                link: nothing has been touched yet
    needs(anchor)          the name of a link of the host's that has to be there for that anchor (a plan.End), or None
    network(anchor)        the name of the network that it is in, of which the host's own addresses are where that is a
                link's: who has an address is asked for in that one alone. '': nobody else is in it
    carriers(anchor)       what its packets travel in: list of (address of a remote, bytes that a packet grows by)
    steps(end, anchor)     the operations that give that plan.End its link
    is_moved    is it made in the host's namespace under end.temporary, and moved from there?
    is_alone    is it the only link of its wire, and no other wire's?
    has_mac     has it a MAC address of its own, or that of the link that it hangs on?
    usual_mtu   the MTU that it has if none was asked for; None: as its surroundings have it
    advice(link, is_hosts) what to look at where a gateway answers nothing at all: text, or None. is_hosts: it has an
                address of this host
    is_it(link, found)     is a Link of the kernel's, under the index or the name that is known, the one that was made?
    is_kept(link, found, has_ports)  is it left alone all the same? has_ports(): is anything plugged into it?
    probe(name, lower)     what the doctor tries in a namespace that is thrown away, `host` to it: operations, of which
                the last makes a link of the kind, by that name; lower: a name for what it has to stand on
    """
    __slots__ = ('link_type', 'attempt', 'sent_from', 'words', 'attributes', 'numbers', 'way', 'hint', 'is_it',
                 'is_kept', 'probe', 'keys', 'steps', 'is_alone', 'read_name', 'check', 'has_mac', 'usual_mtu',
                 'taken', 'clash', 'module', 'module_options', 'needs', 'network', 'carriers', 'is_moved', 'advice')

    def __init__(self, link_type, attempt='make the %s {dev} in {ns}', sent_from=None, words=None, attributes=None,
                 numbers=None, way=None, hint=None, is_it=None, is_kept=None, probe=None,
                 keys=None, steps=steps_in_place, is_alone=False, read_name=no_name, check=None, has_mac=True,
                 usual_mtu=None, taken=None, clash=None, module=None, module_options=(), needs=None,
                 network=None, carriers=None, is_moved=False, advice=None):
        self.link_type, self.module, self.module_options = link_type, module or link_type, module_options
        self.attempt = attempt % link_type if '%s' in attempt else attempt
        self.sent_from = sent_from or (lambda link: link.ns)
        self.words = words or (lambda link: [])
        self.attributes = attributes or (lambda link, peer: [])
        self.numbers = numbers or {}
        self.way = way
        self.hint = hint or (lambda number, words: None)
        self.is_it = is_it or (lambda link, found: (found.kind, found.mac) == (link_type, link.mac))
        self.is_kept = is_kept or (lambda link, found, has_ports: False)
        self.keys, self.is_alone, self.has_mac, self.usual_mtu = keys or {}, is_alone, has_mac, usual_mtu
        self.read_name, self.steps, self.is_moved = read_name, steps, is_moved
        self.needs = needs or (lambda anchor: anchor.anchor)
        self.network = network or (lambda anchor: anchor.anchor)
        self.carriers = carriers or (lambda anchor: ())
        self.taken = taken or (lambda link: None)
        self.clash = clash
        self.advice = advice or (lambda link, is_hosts: None)
        self.check = check or (lambda end, anchor: None)
        self.probe = probe or (lambda name, lower: (AddLink('host', name, None, None, link_type),))


def has_own_mac(scheme):
    """Has the link of an end a MAC address of its own, where the other end's target has that scheme?"""
    return scheme not in ANCHORS or kind_named(scheme).has_mac


def kind_of(link):
    """The Kind of an AddLink or DeleteLink."""
    return kind_named(link.kind)


def kind_named(name):
    """The Kind of a row of KINDS, whose module is loaded when the first one of it is needed. KeyError."""
    if name not in KINDS:
        raise KeyError(name)
    return getattr(__import__('netnsctl.model.links', fromlist=[str(name)]), name).kind
