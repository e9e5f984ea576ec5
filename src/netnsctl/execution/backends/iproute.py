"""The iproute backend: operation -> argv of `ip`, run in as few `ip -batch` processes as it can.

The same table prints --dry-run.
"""
from __future__ import absolute_import, division, print_function

import binascii
import errno
import os

from netnsctl.compat import shell_quote, to_bytes
from netnsctl.edge import netns
from netnsctl.errors import ConflictError, NetnsctlError
from netnsctl.execution.backends import otherwise
from netnsctl.execution.backends.refusals import attempt, refusal
from netnsctl.model import operations as op
from netnsctl.model.links import kind_of
from netnsctl.model.names import is_number

BATCH_SECONDS = 30.0
# iproute2's batch reader takes these for comments, quotes and continued lines: such a word goes in an argv of its own.
_NOT_IN_BATCH = frozenset('#"\'\\ \t\n\r\v\f')


class Iproute(object):
    """Carries operations out through the host's ip.

    ip: IpProgram. namespaces: {reference: Netns}. wire_name: what the names of nameless namespaces are made of.
    """
    name = 'iproute'

    def __init__(self, host, ip, namespaces, wire_name='', lock_fd=None):
        self.host = host
        self.ip = ip
        self.namespaces = namespaces
        self.lock_fd = lock_fd
        # The same in every process, unlike Python's hash(): the next run finds what a killed one left.
        self._digest = '%08x' % (binascii.crc32(to_bytes(wire_name)) & 0xffffffff)

    def plan(self, operations, live=True):
        """The operations, with a name given first to each namespace that has none, and removed at the end.

        live: the name leads to the descriptor that netnsctl holds, so that a reused PID does no harm; otherwise to the
        path where a person would find the namespace.
        """
        nameless = sorted(set(ns for operation in operations for ns in _namespaces_of(operation)
                              if not _by_index(operation) and ns != 'host' and self.namespaces[ns].name is None))
        names = []
        for ns in nameless:
            path = '/proc/%d/fd/%d' % (os.getpid(), self.namespaces[ns].fd) if live else self.namespaces[ns].path
            names.append(op.AddNetnsName(ns, self._name(ns), path))
        return tuple(names) + tuple(operations) + tuple(name.undo() for name in reversed(names))

    def _name(self, ns):
        """The name by which ip knows a namespace; None for the host's own."""
        if ns == 'host':
            return None
        return self.namespaces[ns].name or 'netnsctl-%s-%s' % (self._digest, ns)

    def apply(self, operations):
        """Runs operations in order; adjacent ones in the same namespace share a process, if ip reports which one
        failed. Raises for the first that is refused."""
        for batch in op.batches(operations, self._place, _SINGLE):
            if batch[0].verb in _SINGLE:
                _SINGLE[batch[0].verb](self, batch[0])
            else:
                self._run(batch)

    def lines(self, operations):
        """The operations as the shell commands that a person could paste: list of text."""
        found = []
        for operation in operations:
            if operation.verb == 'add-netns-name':
                if not found:
                    found.append(['mkdir', '-p', netns.NETNS_DIR])
                found.append(['ln', '-s', operation.path, '%s/%s' % (netns.NETNS_DIR, operation.name)])
            elif operation.verb == 'delete-netns-name':
                found.append(['rm', '%s/%s' % (netns.NETNS_DIR, operation.name)])
            elif operation.verb in _BY_BRIDGE:
                found.append(self._prefix('bridge', operation.ns) + argv(operation, self._name))
            elif operation.verb in _BY_TC:
                found.append(self._prefix('tc', operation.ns) + argv(operation, self._name))
            elif operation.verb == 'add-port':
                from netnsctl.edge.switches import ovs
                found.append([ovs.PROGRAM] + ovs.words_to_add(operation))
            elif operation.verb == 'ignore-advertisements':  # -e: a host without IPv6 has none
                found.append(['sysctl', '-e', '-w', 'net/%s=0' % operation.sysctl()])
            elif operation.verb == 'enable-ipv6':
                name = self._name(operation.ns)
                found.append((['ip', 'netns', 'exec', name] if name else [])
                             + ['sysctl', '-w', 'net/%s=0' % operation.sysctl()])
            elif operation.verb in op.ON_HOST:
                from netnsctl.execution.backends import uplinks
                found += uplinks.lines(operation)
            else:
                found.append(self._prefix('ip', self._place(operation)) + argv(operation, self._name))
        return [words if isinstance(words, str) else ' '.join(shell_quote(word) for word in words) for words in found]

    def _place(self, operation):
        """The namespace to run an operation in.

        A pair with an end on the host is made from the host, which has no name to move an end to.
        """
        if operation.verb != 'add-link':
            return operation.ns
        return 'host' if operation.peer and operation.peer.ns == 'host' else kind_of(operation).sent_from(operation)

    def _prefix(self, program, ns):
        name = self._name(ns)
        if name is None:
            return [program]
        if self.ip is None or self.ip.dash_n:
            return [program, '-n', name]
        return [self.ip.path if os.path.isabs(program) else 'ip', 'netns', 'exec', name, program]

    def _run(self, batch, program=None):
        words = [argv(operation, self._name) for operation in batch]
        apart = not self.ip.numbers or any(
            not word or not _NOT_IN_BATCH.isdisjoint(word) for line in words for word in line)
        if len(batch) > 1 and apart:
            for operation in batch:
                self._run([operation])
            return
        for operation in batch:
            otherwise.prepare(operation)
        command = self._prefix(program or self.ip.path, self._place(batch[0]))
        feed = ''
        if len(batch) == 1:
            command = command + words[0]
        else:
            command = command + ['-batch', '-']
            feed = ''.join(' '.join(line) + '\n' for line in words)
        result = self.host.run(command, feed=feed, seconds=BATCH_SECONDS, keep=self.lock_fd)
        if result.status != 0:
            self._refused(batch, result)
            return
        for operation in batch:
            if otherwise.acknowledges_in_vain(operation):
                self._settle(operation, 0)

    def _refused(self, batch, result):
        """Finds the operation that ip failed at and raises its refusal, unless there is another way to do it."""
        text = _complaint(result)
        number = _errno_of(text)
        at = _failed_at(batch, [argv(operation, self._name) for operation in batch], result.err, text)
        if at is None:
            kind = ConflictError if number == errno.EEXIST else NetnsctlError
            raise kind('one of %d changes in %s: %s' % (len(batch), self.namespaces[batch[0].ns].label, text))
        self._settle(batch[at], number, text)
        self.apply(batch[at + 1:])

    def _settle(self, operation, number, text=None):
        """Raises the refusal of an operation, unless it can be done in another way.

        number: the errno behind ip's complaint, text; 0: ip did it, None: unknown.
        """
        if operation.verb == 'delete-link' and number == errno.ENODEV:
            return
        if number is None:
            raise NetnsctlError('%s: %s' % (attempt(operation, self.namespaces), text))
        refused = otherwise.settle(self, operation, number, text)
        if refused is not None:
            raise refusal(operation, self.namespaces, *refused)

    def _delete_link(self, operation):
        """By its index, through rtnetlink: ip takes a name, which the owner of the namespace may have given to another
        link by now."""
        if not _by_index(operation):
            self._run([operation])
            return
        self._by_netlink(operation)

    def ask(self, *operations):
        """Sends operations of one namespace through rtnetlink: None, or the refusal of the last, (errno, words)."""
        from netnsctl.execution.backends.netlink import Netlink
        return Netlink(self.namespaces).ask(*operations)

    def _by_netlink(self, operation):
        from netnsctl.execution.backends.netlink import Netlink  # making a plain wire needs nothing of it
        Netlink(self.namespaces).apply((operation,))

    def _by_tc(self, operation):
        tc = self.host.find('tc')  # of a package of its own on EL8 and later, which may not be installed
        if tc is None:
            self._by_netlink(operation)
        else:
            self._run([operation], tc)

    def _change_rule(self, operation):
        self._run([operation])  # by itself: in a batch there is no -6

    def _enable_ipv6(self, operation):
        from netnsctl.execution.backends import sysctls  # few wires need it
        sysctls.enable_ipv6(operation, self.namespaces)

    def _ignore_advertisements(self, operation):
        if not self.namespaces[operation.ns].set_sysctl(operation.sysctl(), '0'):
            from netnsctl.execution.backends import sysctls
            sysctls.require_no_advertisements(operation, self.namespaces)

    def _carry_out(self, operation):
        from netnsctl.execution.backends import uplinks  # few wires have nat or publish
        uplinks.carry_out(self, operation)

    def _change_port(self, operation):
        from netnsctl.execution.backends import switch_ports  # few wires have a port of Open vSwitch
        switch_ports.change(operation, self.namespaces)

    def _add_rule(self, operation):
        from netnsctl.execution.backends import rules_there  # few wires have rules
        rules_there.add(operation, self.namespaces, self._change_rule)

    def _add_name(self, operation):
        self._name_call(operation, netns.link_name, operation.name, operation.path)

    def _delete_name(self, operation):
        self._name_call(operation, netns.unlink_name, operation.name, operation.path)

    def _name_call(self, operation, call, *arguments):
        try:
            call(*arguments)
        except OSError as error:
            text = '%s: %s: %s' % (attempt(operation, self.namespaces), netns.NETNS_DIR, error.strerror)
            if error.errno != errno.EEXIST:
                raise NetnsctlError(text)
            raise ConflictError(text, hint='See what it is: ls -l %s/%s' % (netns.NETNS_DIR, operation.name))


_SINGLE = {'add-netns-name': Iproute._add_name, 'delete-netns-name': Iproute._delete_name,
           'delete-link': Iproute._delete_link,
           'delete-altname': Iproute._by_netlink,  # the host's ip may be older than its kernel
           'enable-ipv6': Iproute._enable_ipv6,
           'ignore-advertisements': Iproute._ignore_advertisements,
           'add-queue': Iproute._by_tc, 'delete-queue': Iproute._by_tc,
           'add-port': Iproute._change_port, 'delete-port': Iproute._change_port,
           'add-rule': Iproute._add_rule, 'delete-rule': Iproute._change_rule}
# What iproute2 has `bridge` for, which may not be installed.
_BY_BRIDGE = ('add-fdb', 'delete-fdb', 'add-vlan', 'delete-vlan')
_SINGLE.update(dict.fromkeys(_BY_BRIDGE, Iproute._by_netlink))
_SINGLE.update((verb, Iproute._carry_out) for verb in op.ON_HOST)


_BY_TC = frozenset(verb for verb in _SINGLE if verb.endswith('-queue'))


def _failed_at(batch, words, err, text):
    """Which operation of a batch ip failed at; None if it does not report that."""
    if len(batch) == 1:
        return 0
    number = err.partition('Command failed -:')[2].splitlines()[:1]
    if number and is_number(number[0], 9) and 1 <= int(number[0]) <= len(batch):
        return int(number[0]) - 1
    # At a word that it cannot parse, ip ends at once, without a line number, but it quotes the word.
    for quoted in text.split('"')[1::2]:
        holders = [at for at, line in enumerate(words) if quoted in line]
        if quoted and len(holders) == 1:
            return holders[0]
    return None


# What ip prints of an errno, by strerror(3) or in its own words, which differ from version to version.
_ERRNOS = (
    (errno.EADDRINUSE, ('Address already in use', 'assigned to an ipvlan')),
    (errno.EEXIST, ('File exists', 'already assigned', 'already exists')),
    (errno.EPERM, ('Operation not permitted',)),
    (errno.EACCES, ('Permission denied',)),
    (errno.ENODEV, ('Cannot find device', 'No such device')),
    (errno.EINVAL, ('Invalid argument', 'invalid gateway')),
    (errno.ENOENT, ('No such file or directory', 'qdisc kind is unknown')),
    (errno.EBUSY, ('resource busy',)),
    (errno.ENETDOWN, ('Network is down',)),
    # The last three: an ip older than what it is asked for.
    (errno.EOPNOTSUPP, ('not supported', 'Unknown device type', 'garbage', 'Garbage')),
)


def _errno_of(text):
    """The errno behind ip's complaint, or None."""
    for number, complaints in _ERRNOS:
        if any(words in text for words in complaints):
            return number
    return None


_NOISE = ('Command failed', 'We have an error talking to the kernel')  # the last line, and no cause


def _complaint(result):
    """ip's error message, on one line, without prefixes."""
    lines = [line for line in result.err.splitlines() if line.strip() and not line.startswith(_NOISE)]
    text = (lines[-1] if lines else 'ip exited with status %d and no message' % result.status).strip()
    for before in ('RTNETLINK answers: ', 'Error: '):
        if text.startswith(before):
            return text[len(before):].rstrip('.')
    return text.rstrip('.')


def _by_index(operation):
    """Does it need no ip?"""
    return operation.verb == 'delete-link' and operation.index is not None


def _namespaces_of(operation):
    found = [operation.__dict__[field] for field in ('ns', 'to_ns') if operation.__dict__.get(field)]
    return found + ([operation.peer.ns] if operation.verb == 'add-link' and operation.peer else [])


def argv(operation, name_of):
    """The words after `ip [-n NS]` for an operation. name_of: reference -> name of the namespace (None: the host's)."""
    return _ARGV[operation.verb](operation, name_of)


def _named(link, sender, name_of):
    """What a new link (AddLink, or its Peer) is given whatever its kind: list of words. sender: who asks for it."""
    words = ['name', link.dev]
    if link.mac:
        words += ['address', link.mac]
    if link.mtu:
        words += ['mtu', str(link.mtu)]
    return words + ([] if link.ns == sender else ['netns', name_of(link.ns)])


def _add_link(o, name_of):
    kind = kind_of(o)
    sender, one, other = kind.sent_from(o), o, o.peer
    if other and other.ns == 'host':
        sender, one, other = 'host', other, one
    return (['link', 'add'] + (['link', o.anchor] if o.anchor else []) + _named(one, sender, name_of)
            + ['type', kind.link_type] + kind.words(o) + (['peer'] + _named(other, sender, name_of) if other else []))


def _move_link(o, name_of):
    return ['link', 'set', 'dev', o.dev, 'name', o.to_dev, 'netns', name_of(o.to_ns) or str(os.getpid())]


def _add_address(o, _):
    words = ['addr', 'add', o.address, 'dev', o.dev]
    return words + (['scope', o.scope] if o.scope else []) + (['nodad'] if o.nodad else [])


def _plain_times(o):
    # An `ip` of 2009 makes 20 ms of `rto_min 200ms`: it counts in ticks, as kernels before 2.6.27 did. A plain number
    # goes to the kernel as it is.
    words = o.words()
    if not o.options:
        return words
    options = o.options.split()
    from netnsctl.model import route_words  # few routes have any
    at = next(i for i in range(len(words) + 1) if words[i:i + len(options)] == options)
    for i, word in enumerate(options):
        if word[:-2].isdigit() and word.endswith('ms'):
            factor = route_words.OPTIONS[options[i - 2 if options[i - 1] == 'lock' else i - 1]][2]
            words[at + i] = str(int(word[:-2]) * factor)
    return words


def _add_queue(o, _):
    place = ['parent', o.parent] if o.parent else ['root']
    return ['qdisc', 'replace', 'dev', o.dev] + place + ['handle', o.handle, o.kind] + o.words.split()


def _rule(verb, o):
    return (['-6'] if o.family == 6 else []) + ['rule', verb] + o.words()


def _vlan(verb, o):
    return ['vlan', verb, 'dev', o.dev, 'vid', str(o.vid)]


def _vlan_of(o):
    return ['self'] if o.is_bridge else []


_ARGV = {
    'add-link': _add_link,
    'move-link': _move_link,
    'lend-link': _move_link,
    'delete-altname': lambda o, _: ['link', 'property', 'del', 'dev', o.dev, 'altname', o.altname],
    'set-mtu': lambda o, _: ['link', 'set', 'dev', o.dev, 'mtu', str(o.mtu)],
    'delete-link': lambda o, _: ['link', 'del', 'dev', o.dev],
    'add-fdb': lambda o, _: ['fdb', 'append', '00:00:00:00:00:00', 'dev', o.dev, 'dst', o.remote],
    'delete-fdb': lambda o, _: ['fdb', 'del', '00:00:00:00:00:00', 'dev', o.dev, 'dst', o.remote],
    'add-vlan': lambda o, _: _vlan('add', o) + ['pvid', 'untagged'] + _vlan_of(o),
    'delete-vlan': lambda o, _: _vlan('del', o) + _vlan_of(o),
    'set-vlan-filtering': lambda o, _: ['link', 'set', 'dev', o.dev, 'type', 'bridge', 'vlan_filtering', str(o.value)],
    'set-alias': lambda o, _: ['link', 'set', 'dev', o.dev, 'alias', o.alias],
    'set-mac': lambda o, _: ['link', 'set', 'dev', o.dev, 'address', o.mac],
    'set-up': lambda o, _: ['link', 'set', 'dev', o.dev, 'up'],
    'set-down': lambda o, _: ['link', 'set', 'dev', o.dev, 'down'],
    'set-master': lambda o, _: ['link', 'set', 'dev', o.dev, 'master', o.master],
    'set-nomaster': lambda o, _: ['link', 'set', 'dev', o.dev, 'nomaster'],
    'add-address': _add_address,
    'delete-address': lambda o, _: ['addr', 'del', o.address, 'dev', o.dev],
    'add-route': lambda o, _: ['route', 'add'] + _plain_times(o),
    'delete-route': lambda o, _: ['route', 'del'] + _plain_times(o),
    'add-queue': _add_queue,
    'delete-queue': lambda o, _: ['qdisc', 'del', 'dev', o.dev, 'root'],
    'add-rule': lambda o, _: _rule('add', o),
    'delete-rule': lambda o, _: _rule('del', o),
}
