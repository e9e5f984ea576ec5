"""One command's hold on the host: its state folder, journal, own namespace, and what earlier runs left undone."""
from __future__ import absolute_import, division, print_function

import errno
import os
from itertools import chain

from netnsctl.compat import random_mac
from netnsctl.edge import netns
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError, UndoError, cause_of
from netnsctl.execution import backends, identity, signals
from netnsctl.execution.journal import DamagedError
from netnsctl.execution.state import State
from netnsctl.execution.undoing import take_back
from netnsctl.model.operations import BRIDGE_ALIAS, AddAddress, AddBridge, SetAlias, SetUp
from netnsctl.usecases import records
from netnsctl.usecases.resolving import Presence


_TRIES_AGAIN = 'It is still in the journal: the next netnsctl command tries again.'


class Session(object):
    """host: edge.Host. notices: text for a person's eye that the command met on its way, in order.

    group: while wires are made that stand or fall together, their number in the journal; else None.
    """

    def __init__(self, host=None):
        self.host = host or Host()
        self.state = State(self.host)
        self.journal = records.Journal(self.state)
        self.notices = []
        self.group = None
        self.pools = {}  # network in text: pool.Pool
        self.presence = Presence(self.host)
        # What a dry run has planned so far, as if it were there: {namespace's key: names of links}, names of bridges.
        self.planned_links = {}
        self.planned_bridges = set()
        # What is known of bridges (usecases.bridging): who has which address on them by the records, who answered for
        # which, how long an answer may take.
        self.claimed, self.answers, self.reach, self.announcers = None, {}, {}, {}
        self._home = self._living = None
        self._choices = {}

    def planned_names(self, key):
        """Names of links that a dry run has planned in the namespace of that key: set."""
        return self.planned_links.get(key, set())

    @property
    def home(self):
        """The namespace that netnsctl runs in: Netns, open as long as the session."""
        if self._home is None:
            self._home = netns.open_host()
        return self._home

    def close(self):
        for announcer in self.announcers.values():
            announcer.close()
        self.announcers = {}
        if self._home is not None:
            self._home.close()
            self._home = None

    def choose(self, requested, many=False):
        """The backend for a request, chosen once: backends.Choice."""
        key = (requested, many)
        if key not in self._choices:
            self._choices[key] = backends.choose(self.host, requested, many, self.state)
        return self._choices[key]

    def choose_many(self):
        """The backend for taking many wires away, whichever made them: what `auto` means for many."""
        try:
            return self.choose('auto', many=True)
        except NetnsctlError:
            return self.choose('netlink')

    def backend(self, choice, namespaces, wire_name):
        """A backend for the namespaces of one wire."""
        return backends.make(choice, self.host, namespaces, wire_name, self.state.lock_fd)

    def load_backends(self, record):
        """Loads what roll_back() of a wire takes, while it still stands: there may be no descriptor left for that.
        NetnsctlError."""
        backends.load(self._choice_for(record).name, 'netlink')

    def commit(self, record):
        """A wire is made: it stands, or waits for the others of its group."""
        if self.claimed is not None:
            from netnsctl.usecases import bridging
            bridging.note_claims(self, record)
        if self.group is None:
            old = record.replaces
            if old and old.name != record.name:
                # First: until the new one is committed, it is the pending one that brings the old one back.
                self.journal.withdraw(old)
                self.journal.forget(old.name)
            self.journal.commit(record.with_changes(replaces=None))
        else:
            self.journal.begin(record.with_changes(group=self.group))

    def begun_in_group(self):
        """The pending records of the group, the last made first: list."""
        found = []
        for name in self.journal.names()[1]:
            record = self.journal.load(name, pending=True)
            if record is not None and record.group == self.group:
                found.append(record)
        return sorted(found, key=lambda record: record.made, reverse=True)

    def commit_group(self, made):
        """The wires of the group (records) stand, all of them from one moment on, whatever happens in between."""
        with signals.held():
            self.journal.mark_group(self.group)
            for record in made:
                # With its group: what is withdrawn again stands or falls with the others.
                self.journal.commit(record.with_changes(replaces=None, group=self.group))
            self.journal.unmark_group(self.group)

    def take_group_back(self, made):
        """Takes back what the group has begun, and what commit_group() committed of it (records), in an order in which
        a kill leaves all or nothing. UndoError names what could not be taken away."""
        with signals.held():
            for record in made:
                self.journal.withdraw(record)
            self.journal.unmark_group(self.group)  # from here on none stands
            errors = []
            # What is committed no longer knows what it replaced.
            whole = dict((record.name, record) for record in made)
            for record in self.begun_in_group():
                try:
                    self.roll_back(whole.get(record.name, record))
                except NetnsctlError as error:
                    errors.append(error)
            if errors:
                raise UndoError('; '.join(error.message for error in errors), hint=errors[0].hint)

    def recover(self):
        """Rolls back what earlier runs left half done: the records that are gone with that. To be called with the lock
        held.

        What cannot be rolled back now stays in the journal and is told in a notice: it costs no other wire.
        """
        gone = []
        done, pending = self.journal.names()
        for name in pending:
            try:
                record = self.journal.load(name, pending=True)
                if record is None:
                    continue  # one that was put back along with another
                if name in done and self.journal.load(name).id == record.id:
                    self.journal.forget(name)  # killed right after its commit
                    continue
                if self.journal.group_marked(record.group):
                    self.journal.commit(record.with_changes(replaces=None))
                    continue
                self.roll_back(record)
                notice = ('put back the wire %s, which an earlier run did not finish replacing' if record.replaces
                          else 'rolled back the unfinished wire %s of an earlier run')
                self.notices.append(notice % name)
                if not record.replaces:
                    gone.append(record)
            except NetnsctlError as error:
                self.notices.append('the unfinished wire %s of an earlier run: %s' % (name, error.message))
            except Exception:
                # Whatever is wrong with it: one file that somebody damaged must not block every command.
                self.notices.append('the record of the unfinished wire %s is damaged: %s'
                                    % (name, self.state.path('wires', name + '.pending.json')))
        self.journal.sweep()
        self.state.sweep('names')
        return gone

    def roll_back(self, record, namespaces=None, standing=(), veth_gone=False):
        """Takes back what a pending record may have made, and forgets it; puts back a wire that it was to replace.

        standing: as for undo_of(). veth_gone: its links are known to be gone.
        UndoError names what could not be taken away; the record then stays pending.
        """
        self.claimed = None
        opened = namespaces
        with signals.held():
            try:
                self.journal.withdraw(record)
                opened = records.open_namespaces(record) if namespaces is None else namespaces
                self.stop_clients(record.name)
                backend = self.backend(self._choice_for(record), opened, record.name)
                undo = tuple(step for step in self.undo_of(record, standing)
                             if not (veth_gone and step.verb == 'delete-veth'))
                failures = take_back(undo, opened, backend, self.is_recorded)
                if failures:
                    # An answer that was lost can hide a success, and what the host's ip could not take back may still
                    # go the other way: what is left is looked up anew.
                    failures = take_back(undo, opened, self.backend(self.choose('netlink'), opened, record.name),
                                         self.is_recorded)
                if failures:
                    causes = '; '.join(error.message for _, error in failures)
                    raise UndoError('roll back %s: %s' % (record.name, causes), hint=_TRIES_AGAIN)
                if record.replaces:
                    self._make_again(record.replaces, opened)
                self.journal.forget(record.name)
            except UndoError:
                raise
            except Exception as error:
                raise UndoError('roll back %s: %s' % (record.name, cause_of(error)), hint=_TRIES_AGAIN)
            finally:
                if namespaces is None and opened is not None:
                    records.close_all(opened)

    def open_living(self, record):
        """{reference: Netns} of a record, for those that are not where they were and that other processes are in."""
        if self._living is None:
            self._living = netns.living()
        found = dict((reference, netns.open_living(told, self._living))
                     for reference, told in record.netns.items())
        return dict((reference, opened) for reference, opened in found.items() if opened is not None)

    def is_recorded(self, rtnl, number, index):
        """Is the link of that index, in the namespace that an Rtnl's knows by a number, an end of a recorded wire?"""
        from netnsctl.edge.netlink import lookups
        for record in self.recorded():
            for end in record.ends:
                opened = netns.open_again(record.identity(end)) if end.index == index else None
                if opened is not None:
                    found = lookups.nsid_of(rtnl, opened.fd)
                    opened.close()
                    if found == number:
                        return True
        return False

    def undo_of(self, record, standing=()):
        """What takes a wire away now, as operations: its undo list, but no address of a bridge that another wire asks
        for there. standing: records that are pending and count as wires all the same."""
        steps = record.undo_operations()
        bridges = set(end.bridge for end in record.ends if end.bridge)
        going = set((step.dev, step.address) for step in steps if step.verb == 'delete-address' and step.dev in bridges)
        own_names = (record.name, (record.replaces or record).name)
        kept = set()
        for other in chain(standing, self.recorded()) if going else ():
            if kept == going:
                break  # with a thousand wires on one bridge, the first says all
            if other.name not in own_names:
                kept |= going & set((end.bridge, address) for end in other.ends for address in end.addresses)
        return tuple(step for step in steps if step.verb != 'delete-address' or (step.dev, step.address) not in kept)

    def recorded(self, pending=False):
        """Every committed record, by name, and where asked for the pending ones after them, with those that they are to
        replace; one at a time, without those that are damaged, which `ls` reports. NetnsctlError where one cannot be
        read."""
        done, begun = self.journal.names()
        for name, is_begun in [(name, False) for name in done] + [(name, True) for name in begun if pending]:
            try:
                record = self.journal.load(name, pending=is_begun)
                for found in (record, record and record.replaces):
                    if found:
                        found.require_fields()
                        yield found
            except (DamagedError, KeyError, TypeError):
                continue

    def stop_clients(self, name):
        """A DHCP client outlives its link, and keeps its namespace."""
        if os.path.isdir(self.state.path('dhcp')):
            from netnsctl.usecases import dhcp  # few wires have one
            dhcp.stop_all(self, name)

    def _choice_for(self, record):
        """The backend that made the wire; netlink, which needs nothing of the host, where that one is gone."""
        try:
            return self.choose(record.backend)
        except NetnsctlError:
            return self.choose('netlink')

    def _make_again(self, old, opened):
        """A wire that was taken away to be replaced comes back, by its own plan; what of it is still there is left.

        opened: {reference: Netns} that may have its namespaces: there may be no descriptor left to open them anew.
        """
        namespaces = dict((reference, there) for reference, told in old.netns.items()
                          for there in opened.values() if there.is_the_same_as(told))
        own = {} if len(namespaces) == len(old.netns) else records.open_namespaces(old)
        namespaces = own or namespaces
        try:
            if len(namespaces) < len(old.netns):
                return  # one of its namespaces is gone: the wire died with it
            backend = self.backend(self.choose('netlink'), namespaces, old.name)
            for operation in _bridge_again(old, namespaces) + old.plan_operations():
                try:
                    if not operation.verb.endswith('netns-name'):
                        backend.apply((operation,))
                except NetnsctlError as error:
                    # There already, or gone already: the wire may still have been standing.
                    if error.exit_code != 4 and getattr(error, 'errno', None) not in (errno.ESRCH, errno.ENODEV):
                        raise
            for end, other in zip(old.ends, reversed(old.ends)):
                rtnl = namespaces[end.ns].rtnl()
                if identity.link_at(rtnl, identity.End(end.ns, end.dev, end.mac, end.index), other.index) is None:
                    end.index = rtnl.index_of(end.dev)
            old.note_nodes(namespaces)
            self.journal.commit(old)
        finally:
            records.close_all(own)


def _bridge_again(old, namespaces):
    """The operations for a bridge that an earlier wire had made and that went with this one, and for its addresses."""
    steps = []
    for end in old.ends:
        if not end.bridge:
            continue
        planned = [(step['verb'], step.get('address')) for step in old.plan if step.get('dev') == end.bridge]
        missing = namespaces[end.ns].rtnl().link(name=end.bridge) is None
        if end.own_bridge and missing and ('add-bridge', None) not in planned:
            steps += [AddBridge(end.ns, end.bridge, random_mac()),
                      SetAlias(end.ns, end.bridge, BRIDGE_ALIAS), SetUp(end.ns, end.bridge)]
        steps += [AddAddress(end.ns, end.bridge, address) for address in old.own_addresses(end)
                  if ('add-address', address) not in planned]
    return tuple(steps)
