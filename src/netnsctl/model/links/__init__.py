"""Kinds of links. Everything particular to one kind is in one module here, which ends in `kind = Kind(...)`.

To add a kind, write that module and add its row to KINDS. The backends, undo and the doctor ask the Kind; none of them
names a kind. The functions of a Kind take values (operations, links as the kernel reports them) and return values; code
that needs a socket stays with whoever has one. Most kinds want the default of most fields. Two things belong to no
single kind and are elsewhere: the backends write the other end of a pair, which has the same attributes in every kind
of pair, and execution.identity tells pairs apart, which takes a look at both ends.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError
from netnsctl.model import names
from netnsctl.model.operations import AddLink, MoveLink

# The table. A kind, its module here and the kernel have one name.
KINDS = ('veth', 'bridge', 'macvlan', 'ipvlan', 'vlan', 'vxlan', 'dummy', 'phys', 'ovs')
# Those that are schemes of an endpoint. They are on the host.
ANCHORS = ('bridge', 'ovs', 'macvlan', 'ipvlan', 'vlan', 'vxlan', 'dummy', 'phys')


class Way(object):
    """What is done instead if an older kernel refuses to make a link.

    since: the first Linux that makes it as asked, and EL6's if that differs. answers: errnos of older kernels.
    operations(link, temporary): operations with the same result, or None if there are none for that link; temporary: a
    free interface name. ioctl: instead of operations, the name of a row of otherwise.IOCTLS.
    """
    __slots__ = ('since', 'answers', 'operations', 'ioctl')

    def __init__(self, since, answers, operations=None, ioctl=None):
        self.since, self.answers, self.operations, self.ioctl = since, answers, operations, ioctl


class Key(object):
    """An item KEY=VALUE of an anchor. read(text): the value as it is recorded, or UsageError. default: the value that
    means the same as no item. is_list: may it be given several times? is_word: it has no value (recorded as '')."""
    __slots__ = ('read', 'default', 'is_list', 'is_word')

    def __init__(self, read, default=None, is_list=False, is_word=False):
        self.read, self.default, self.is_list, self.is_word = read, default, is_list, is_word


def item_of(link, key, default=None):
    """The value of an item that an AddLink, or a plan.End, was given once: text, or the default."""
    return dict(link.data or ()).get(key, default)


def one_of(key, words):
    """The reader of an item that takes one of these words."""
    def read(text):
        if text not in words:
            raise UsageError('%s=%s: known %ss: %s' % (key, text, key, ' '.join(sorted(words))))
        return text
    return read


VLAN_MAX = 4094  # 0 says that there is a priority and no VLAN, 4095 is reserved (IEEE 802.1Q)


def vlan_id(text):
    """The ID of a VLAN: text. UsageError."""
    if not names.is_number(text, 4) or text[0] == '0' or int(text) > VLAN_MAX:
        raise UsageError('%s is not the ID of a VLAN (1 to %d)' % (text or 'nothing', VLAN_MAX))
    return text


def probe_on_nic(link_type, data=None):
    """Kind.probe of a kind that hangs on a NIC: a veth stands in for that."""
    return lambda name, lower: (AddLink('host', lower, None, None, 'veth', peer=('host', lower + 'p', None, None)),
                                AddLink('host', name, None, None, link_type, lower, data))


def no_name(text):
    """read_name() of a kind that hangs on nothing: (None, ())."""
    if text:
        raise UsageError('takes no name after the ://, but is given %s' % text)
    return None, ()


def nic_name(text):
    """read_name() of a kind that hangs on a link of the host: (its name, ())."""
    if text == 'lo':
        raise UsageError('lo has no network behind it: name a NIC, or another link of the host')
    names.check_ifname(text)
    return text, ()


def steps_in_place(end, anchor):
    """One request makes the link in its namespace. NLM_F_EXCL looks for the name in the sender's namespace: if that has
    one, the link is made under another name and renamed."""
    link = AddLink(end.ns, end.dev, end.mac, end.mtu, anchor.kind, anchor.anchor, anchor.data)
    if not end.temporary:
        return [link]
    return [link.replaced(dev=end.temporary), MoveLink(end.ns, end.temporary, end.ns, end.dev)]


class Kind(object):
    """A kind of link. `link` is always an AddLink, or the DeleteLink that undoes it; `end` and `anchor` are the two
    plan.Ends of a wire whose anchor is of this kind.

    How it is made:
    link_type   IFLA_INFO_KIND, and the word after `ip link add ... type`
    attempt     what a message says was attempted; filled in from the operation's fields, peer_ns and peer_dev
    sent_from(link)        the reference of the namespace that sends the request
    words(link)            the words after `type KIND`, without those of a peer: list of text
    attributes(link, peer) what IFLA_INFO_DATA holds: [[name, value], ...]; peer: attributes of the other end, or None
    numbers     {name: (number, key of writing.PACKERS)} of attributes that edge.netlink.writing does not have; `link`
                if the value is the name of a link in the sender's namespace
    steps(end, anchor)     the operations that make the link
    changes(end, before, after)  the operations by which its link, which stays up, is made other than it was told
                (Endpoint.data) before: list, or None if it has to be recreated. end: has ns and dev of the link
    is_moved    is it made in the host's namespace as end.temporary, and then moved?
    lends       is nothing made, but a link of the host's itself moved (model.lending)? Its link_type is None
    way         Way around kernels that refuse, or None
    hint(number, words)    what to do about a refusal (errno, the kernel's words or None): text, or None
    taken(link)            what is in the way if the kernel answers EEXIST although the name is free: text
    module, module_options the kernel module if its name is not the kind's; words for modprobe, so that it makes no
                link of its own

    What may be asked for:
    read_name(text)        the text after `KIND://` -> (name of the host's link under it, or None; pairs for
                AddLink.data). UsageError; the caller adds the endpoint
    keys        {item of an endpoint: Key}
    check(end, anchor)     UsageError if the end cannot have such a link; called before anything is changed
    excludes    names of kinds of which a link of the host can have no link as long as it has one of this kind
    asked_at(anchor)       the name of the link on which the host can ask who has an address there, or None
    clash(anchor, other)   why an anchor of another wire, on the same link of the host, excludes this one: text or None
    needs(anchor)          the name of a link of the host that has to exist, or None
    network(anchor)        the name of the network that it is in: an address can be in use only there. A network that
                is named as a link includes the host's own addresses; '': nobody else is in it
    carriers(anchor)       what carries its packets: list of (address of a remote, bytes that a packet grows by)
    has_mac     has it a MAC address of its own, or that of the link under it?
    usual_mtu   its MTU if none was asked for; None if that depends on its surroundings

    Which one it is:
    is_alone    is it the only link of its wire, and of no other wire?
    plugs_in    may the other end be a bridge of the host, whose port its link then is?
    has_port    is the link a veth, whose near end on the host is a port of the anchor and a recorded end of the wire?
    is_it(link, found)     is `found`, a Link of the kernel's with the index or name that is known, the one that was
                made?
    is_kept(link, found, has_ports)  is it kept when its wire goes? has_ports(): is anything plugged into it?

    What is said of it:
    advice(link, is_hosts) what to look at if a gateway does not answer at all: text, or None. is_hosts: the gateway is
                an address of this host
    probe(name, lower)     what the doctor tries in a throwaway namespace, which is 'host' to it: operations, the last
                of which makes a link of this kind called name; lower: a name for the link under it
    """
    __slots__ = ('link_type', 'attempt', 'sent_from', 'words', 'attributes', 'numbers', 'way', 'hint', 'is_it',
                 'is_kept', 'probe', 'keys', 'steps', 'is_alone', 'read_name', 'check', 'has_mac', 'usual_mtu',
                 'taken', 'clash', 'module', 'module_options', 'needs', 'network', 'carriers', 'is_moved', 'lends',
                 'advice', 'has_port', 'excludes', 'asked_at', 'changes', 'plugs_in')

    def __init__(self, link_type, attempt='make the %s {dev} in {ns}', sent_from=None, words=None, attributes=None,
                 numbers=None, way=None, hint=None, is_it=None, is_kept=None, probe=None,
                 keys=None, steps=steps_in_place, is_alone=False, read_name=no_name, check=None, has_mac=True,
                 usual_mtu=None, taken=None, clash=None, module=None, module_options=(), needs=None,
                 network=None, carriers=None, is_moved=False, lends=False, advice=None,
                 has_port=False, excludes=(), asked_at=None, changes=None, plugs_in=False):
        self.link_type, self.module, self.module_options = link_type, module or link_type, module_options
        self.lends = lends
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
        self.read_name, self.steps, self.is_moved, self.has_port = read_name, steps, is_moved, has_port
        self.needs = needs or (lambda anchor: anchor.anchor)
        self.network = network or (lambda anchor: anchor.anchor)
        self.carriers = carriers or (lambda anchor: ())
        self.taken = taken or (lambda link: None)
        self.clash, self.excludes = clash, excludes
        self.asked_at = asked_at or (lambda anchor: None)
        self.advice = advice or (lambda link, is_hosts: None)
        self.changes, self.plugs_in = changes, plugs_in
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
