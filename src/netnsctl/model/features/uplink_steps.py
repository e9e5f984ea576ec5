"""The operations of nat and publish: sysctls of the host, and the rules of one wire in its firewall."""
from __future__ import absolute_import, division, print_function

from netnsctl.model import operations
from netnsctl.model.operation import Operation


class SetSysctl(Operation):
    """Sets a sysctl of the host, and keeps `sysctl --system` from setting it back. name: below /proc/sys/net
    ('ipv4/ip_forward'). was: the value that it had before the first wire that needs it."""
    verb = 'set-sysctl'
    fields = ('ns', 'name', 'value', 'was')

    def undo(self):
        return RestoreSysctl(self.ns, self.name, self.value, self.was)


class RestoreSysctl(Operation):
    """Sets a sysctl back to what it was, if it still has the value that netnsctl gave it."""
    verb = 'restore-sysctl'
    fields = SetSysctl.fields

    def undo(self):
        return SetSysctl(self.ns, self.name, self.value, self.was)


class SetHairpin(Operation):
    """Lets a port of a bridge have back what came from it, so that a container reaches its own published port: where
    bridges pass their packets to iptables (br_netfilter), an address is translated before a packet has left the
    bridge."""
    verb = 'set-hairpin'
    fields = ('ns', 'port')

    def undo(self):
        return None  # it goes with the port


class _Rules(Operation):
    fields = ('ns', 'wire', 'program', 'link', 'nat', 'publish', 'inside', 'localhost', 'fresh')

    def __init__(self, *values, **named):
        Operation.__init__(self, *values, **named)
        # As they were, whether or not they come out of a record.
        for field in ('nat', 'publish', 'inside', 'fresh'):
            self.__dict__[field] = tuple(tuple(row) if isinstance(row, (list, tuple)) else row
                                         for row in self.__dict__[field] or ())

    @property
    def families(self):
        """The IP versions that it has rules for: list of 4 and 6."""
        told = list(self.nat) + [row[4] for row in self.publish]
        return sorted(set(6 if ':' in text else 4 for text in told))


class AddNat(_Rules):
    """Adds the rules of a wire to the host's firewall, in place of those of that wire that are there.

    program: 'nft' (one table of the family inet), 'nft-ip' (one of each IP version) or 'iptables'. link: the host's
    link to the container: the bridge, or the host's end. nat: networks whose packets are masqueraded when they leave.
    publish: rows [protocol, address of the host or None, first port, last port, address of the container, its port].
    inside: networks from which published ports are reached by way of the host. localhost: are they reached at
    127.0.0.1? fresh: tables (IP version, name) of iptables, and chains (IP version, name, chain) in others, that were
    not there before the first wire.
    """
    verb = 'add-nat'

    def undo(self):
        return DeleteNat(*[self.__dict__[field] for field in self.fields])


class DeleteNat(_Rules):
    """Removes the rules of a wire, and with the last ones what else netnsctl has in the host's firewall."""
    verb = 'delete-nat'

    def undo(self):
        return AddNat(*[self.__dict__[field] for field in self.fields])


class ReleasePorts(_Rules):
    """Removes the rules of a lost wire, before those of another one that publishes its ports."""
    verb = 'release-ports'

    def undo(self):
        return None  # they led to nobody, and that wire may be there again by then


class _Places(Operation):
    fields = ('ns', 'wire', 'link', 'places')

    def __init__(self, *values, **named):
        Operation.__init__(self, *values, **named)
        self.__dict__['places'] = tuple(tuple(row) for row in self.__dict__['places'] or ())

    def with_places(self, places):
        """The same for other places."""
        return type(self)(self.ns, self.wire, self.link, places)


class OpenForward(_Places):
    """Lets what goes through a link of the host pass chains of others that would drop it. places: rows of three words,
    as edge.uplink.opening has them."""
    verb = 'open-forward'

    def undo(self):
        return CloseForward(self.ns, self.wire, self.link, self.places)


class CloseForward(_Places):
    """Removes what OpenForward has added; what is gone with its chain is no failure."""
    verb = 'close-forward'

    def undo(self):
        return OpenForward(self.ns, self.wire, self.link, self.places)


operations.BY_VERB.update((kind.verb, kind) for kind in (
    SetSysctl, RestoreSysctl, SetHairpin, AddNat, DeleteNat, ReleasePorts, OpenForward, CloseForward))
