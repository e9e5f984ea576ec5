"""One command's hold on the host: its state directory, journal, own namespace, backends, and what it has found out."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import netns
from netnsctl.edge.host import Host
from netnsctl.errors import NetnsctlError
from netnsctl.execution import backends
from netnsctl.execution.journal import DamagedError
from netnsctl.execution.state import State
from netnsctl.usecases.recorded import existing, records
from netnsctl.usecases.ends.resolving import Presence


class Session(object):
    """host: edge.Host. notices: remarks for the user, in order.

    group: while wires are made that stand or fall together, their number in the journal; else None. confirming: while
    wires are made that are undone unless they are confirmed, the unconfirmed.Request; else None. starting: the
    container that its runtime is about to start (usecases.starting), and whose wires are made; else None.
    """

    def __init__(self, host=None):
        self.host = host or Host()
        self.state = State(self.host)
        self.journal = records.Journal(self.state)
        self.notices = []
        self.group = self.confirming = self.starting = None
        self.tree_before = None  # what the tree said before a file of wires was saved: outdated.Earlier
        self.tree_kept = None  # the tree while a file of wires is saved under one lock: kept.Kept
        self.untold = None  # the record of the wire that was committed last: making.take_back_untold()
        self.takes_back = False  # is a wire without its address by DHCP taken back?
        self.tell_waiting = None  # function that is told what a command waits for (text)
        self.came_back = []  # records of wires that were removed and made again, and have lost their DHCP clients
        self.pools = {}  # network in text: pool.Pool
        self.presence = Presence(self.host)
        # What is known of bridges (usecases.bridging): who has which address on them by the records, who answered for
        # which, how long an answer may take.
        self.claimed, self.answers, self.reach, self.announcer = None, {}, {}, None
        self.new_bridges = None  # names of those that wires of this file have made, while the file is worked on
        self.sought = 0  # how often the records were searched for one address
        self.now, self.places = existing.Now(self), existing.Places()
        self._home = self._living = self._meanings = None
        self._choices = {}

    @property
    def home(self):
        """The namespace that netnsctl runs in: Netns, open as long as the session."""
        if self._home is None:
            self._home = netns.open_host()
        return self._home

    @property
    def meanings(self):
        """What the names of containers mean now: meaning.Meanings."""
        if self._meanings is None:
            from netnsctl.usecases.recorded import meaning  # few wires end in a container that may be renamed
            self._meanings = meaning.Meanings(self.host)
        return self._meanings

    def locked(self):
        """Context that holds the lock, as State.locked(). Once it is released, wires that came back under it get their
        addresses by DHCP again."""
        return _Locked(self)

    def forget_found(self):
        """Another process has made wires: what the records say is read again when it is needed."""
        self.claimed, self.places = None, existing.Places()
        self.journal.lose_track()

    def close(self):
        if self.announcer is not None:
            self.announcer.close()
            self.announcer = None
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

    def open_of(self, record, home=None):
        """records.open_namespaces(); where no namespace of its links is where it was, also those that other processes
        are in, or that have a name: they outlive what they were taken from."""
        found = records.open_namespaces(record, home)
        try:
            if not any(end.ns in found for end in record.ends if end.has_link):
                found.update(self._open_living(record, found))
        except BaseException:
            records.close_all(found, home)
            raise
        return found

    def _open_living(self, record, found):
        if self._living is None:
            self._living = netns.living()
        opened = dict((reference, netns.open_living(told, self._living))
                      for reference, told in record.netns.items() if reference not in found)
        return dict((reference, there) for reference, there in opened.items() if there is not None)

    def is_recorded(self, index, is_there):
        """Is a link of that index, in a Netns for which is_there(Netns), an end of a recorded wire, or of one that is
        being removed?"""
        for record in self.recorded(pending=True):
            for end in record.ends:
                opened = netns.open_again(record.identity(end)) if end.index == index else None
                if opened is not None:
                    found = is_there(opened)
                    opened.close()
                    if found:
                        return True
        return False

    def recorded(self, pending=False, mentioning=()):
        """Every committed record, by name, and where asked for the pending ones after them, with those that they are to
        replace; one at a time, without those that are damaged, which `ls` reports. NetnsctlError if one cannot be
        read. mentioning: only those that have these texts somewhere (Journal.load)."""
        done, begun = self.journal.names()
        for name, is_begun in [(name, False) for name in done] + [(name, True) for name in begun if pending]:
            try:
                record = self.journal.load(name, is_begun, mentioning)
                for found in (record, record and record.replaces):
                    if found:
                        yield found
            except DamagedError:
                continue

    def given_to(self, bridge):
        """What wires gave a bridge of the host, those that are being removed too: sets of addresses, and of routes as
        (destination, metric)."""
        addresses, routes = set(), set()
        for record in self.recorded(pending=True, mentioning=(bridge,)):
            for end in record.ends:
                if end.bridge == bridge:
                    addresses.update(record.own_addresses(end))
                    routes.update((step.dst, step.metric_number()) for step in record.planned('add-route')
                                  if (step.ns, step.dev) == (end.ns, bridge))
        return addresses, routes

    def stands(self, record):
        """Is a wire that was made still there, and not another in its place?"""
        return self.standing(record) is not None

    def standing(self, record):
        """The Record of a wire that was made, as it is by now, with what it replaced; None where it is not there, or
        another is in its place."""
        now = self.journal.load(record.name) or self.journal.load(record.name, pending=True)
        if now is None or now.id != record.id:
            return None
        return record if now.revision == record.revision else now.with_changes(replaces=record.replaces)

    def targets_with_servers(self, record):
        """The Targets of a recorded wire's ends, whose resolv.conf may have servers of that wire: list. Empty where no
        namespace has a resolv.conf of its own."""
        return [end.parsed_target() for end in record.ends] if self.host.exists('/etc/netns') else []

    def wires_that_stay(self):
        """The records of wires that need what they share: committed ones, and those of the group that is under
        way in place of the ones that they replace."""
        if self.group is None:
            return self.recorded()
        found = list(self.recorded(pending=True))
        replaced = set(record.replaces.id for record in found if record.replaces)
        return [record for record in found if record.id not in replaced]

    def stop_clients(self, name):
        """A DHCP client outlives its link, and keeps its namespace."""
        if self.state.has('dhcp'):
            from netnsctl.usecases.ends import dhcp  # few wires have one
            dhcp.stop_all(self, name)

    def choice_for(self, record):
        """The backend that made the wire; netlink, which needs nothing of the host, where that one is gone."""
        try:
            return self.choose(record.backend)
        except NetnsctlError:
            return self.choose('netlink')


class _Locked(object):
    def __init__(self, session):
        self._session, self._lock = session, session.state.locked()

    def __enter__(self):
        self._lock.__enter__()
        self._session.tree_kept = None  # others may have written meanwhile

    def __exit__(self, *error):
        self._lock.__exit__(*error)
        if self._session.came_back:
            from netnsctl.usecases.tree import clients  # few wires come back, and few have a client
            clients.ask_again(self._session)
