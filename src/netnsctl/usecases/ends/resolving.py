"""From a target to an open namespace, once, with everything that could be mistaken refused."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge import netns, netns_dir
from netnsctl.errors import ConflictError, NetnsctlError, NotFoundError, UsageError
from netnsctl.model.endpoint import RUNTIME_SCHEMES, Target
from netnsctl.model.names import check_name, may_be_pid


class Presence(object):
    """Which runtimes a bare name has to be looked up in: found out once per command, for a file may hold a thousand
    names.

    many: docker is asked for the names of all its containers at once, and then only about those it has; ask_ahead()
    then looks up those that are meant, a few at the same time. held: function
    that gives what a Target means (usecases.starting.container.Container) if its runtime holds it while it starts, and
    would not answer for it, else None.
    """

    def __init__(self, host, many=False):
        self.host = host
        self.many, self.held = many, None
        self._rows = None
        self._docker_names = self._asked = None

    def ask_ahead(self, targets):
        """Looks up the containers that Targets mean, if those are several of docker or podman. It changes nothing for
        what is not found."""
        bare = set(target.name for target in targets if target.scheme is None)
        if bare:
            self.rows(None)
            bare.intersection_update(self._docker_names or ())
        for scheme, names in (('docker', bare), ('podman', set())):
            names.update(target.name for target in targets if target.scheme == scheme)
            if len(names) > 1:
                from netnsctl.edge.runtimes import at_once
                self._asked = self._asked or at_once.Containers(self.host)
                self._asked.look_up(scheme, names)

    def asked(self, target):
        """The Container that was found ahead for a Target, or None."""
        return self._asked and self._asked.found.get((target.scheme or 'docker', target.name))

    def open_asked(self, target):
        """The Netns of the container that was found ahead for a Target, if that is still the same; else None."""
        return self._asked and self._asked.open(target)

    def rows(self, name):
        """The runtimes that may have a container of this name; of any name (None)."""
        if self._rows is None:
            self._rows = _rows_present(self.host)
            if self.many and any(runtime.scheme == 'docker' for runtime in self._rows):
                from netnsctl.edge.runtimes import engines
                self._docker_names = engines.docker_names(self.host)
        if not self._rows:
            return []
        from netnsctl.edge.runtimes import engines
        return [runtime for runtime in self._rows
                if runtime.scheme != 'docker' or None in (name, self._docker_names) or name in self._docker_names
                or engines.is_id_prefix(name)]


def _rows_present(host):
    from netnsctl.edge.runtimes import presence
    found = [scheme for scheme in RUNTIME_SCHEMES if presence.is_present(host, scheme)]
    if not found:
        return []  # and a host without containers loads no more
    from netnsctl.edge.runtimes import finding
    return [finding.by_scheme(scheme) for scheme in found]


def resolve(host, target, home, presence=None):
    """A target -> (Netns, canonical Target). The caller closes the Netns.

    home: the namespace that netnsctl runs in, which only `host` and what is on it may mean. presence: a Presence shared
    by the look-ups of one command. NotFoundError if there is none, ConflictError if a bare name means two or the target
    is the host itself.
    """
    if target.is_on_host:
        return netns.open_host(), target
    target = canonical_target(target)
    held = presence.held(target) if presence and presence.held else None
    if held is not None:
        found, canonical = netns.open_pid(held.pid, str(target), held.start), target
    elif target.scheme is None:
        found, canonical = _open_bare(host, target.name, presence or Presence(host))
    else:
        found = presence and presence.open_asked(target)
        found, canonical = found or _OPENERS[target.scheme](host, target), target
    if found.key == home.key:
        found.close()
        raise ConflictError("%s: shares the host's own network namespace" % canonical,
                            hint='To wire the host itself, use `host`.')
    return found, canonical


def canonical_target(target):
    """A path made absolute, or the name of a namespace where it is the path of one; every other target as it is."""
    if target.scheme != 'path':
        return target
    path = os.path.abspath(target.name)
    folder, name = os.path.split(path)
    if name and os.path.realpath(folder) == os.path.realpath(netns.NETNS_DIR):
        try:
            check_name(name, path)
            return Target('netns', name)
        except UsageError:
            pass  # a name that has no other form
    return Target('path', path)


def _open_named(_, target):
    if netns_dir.is_open_to_others():
        raise NetnsctlError('%s: users other than root can write to %s and may have created that name' % (
            target, netns.NETNS_DIR), hint='See whose names are there, then close the directory:\n  ls -lan %s/\n  '
                                           'chmod go-w %s' % (netns.NETNS_DIR, netns.NETNS_DIR))
    return netns.open_named(target.name, str(target))


def _open_pid(_, target):
    return netns.open_pid(int(target.name), str(target))


def _open_path(_, target):
    try:
        return netns.open_path(target.name, str(target))
    except NotFoundError as error:
        # 10.1.1.2/32 looks like a path.
        error.hint = error.hint or _hint_for_an_address('/'.join(target.name.split('/')[-2:]))
        raise


def _open_container(host, target):
    # Imported here: wires between named namespaces do not need it.
    from netnsctl.edge.runtimes import finding
    runtime = finding.by_scheme(target.scheme)
    container = runtime.lookup(host, target.name)
    if container is None:
        raise NotFoundError('%s: there is no such container' % target)
    return _open_found(host, container, str(target))


def _open_found(host, container, label):
    """Opens a container's namespace and asks again: only a container that is still the same was what we opened."""
    from netnsctl.edge.runtimes import finding
    opened = netns.open_pid(container.pid, label)
    try:
        same = finding.still_same(host, container)
    except Exception:
        opened.close()
        raise
    if not same:
        opened.close()
        raise NotFoundError('%s: the container was restarted or ended while it was being examined' % label)
    return opened


_OPENERS = {'netns': _open_named, 'pid': _open_pid, 'path': _open_path}
_OPENERS.update((scheme, _open_container) for scheme in ('docker', 'podman', 'lxc', 'libvirt-lxc', 'nspawn'))


def _open_bare(host, name, presence):
    """A bare name: a named namespace, a PID, a container of any runtime present; two different namespaces are
    an error."""
    candidates, troubles = _candidates(host, name, presence)
    found = []
    for canonical, opener in candidates:
        try:
            opened = opener()
        except NetnsctlError as error:
            troubles.append(error)
            continue
        found.append((opened, canonical))
    if not found:
        if troubles:
            troubles[0].hint = _both(_hint_for_what_it_is(name), troubles[0].hint)
            raise troubles[0]
        raise _nothing_found(host, name, presence)
    if len(set(opened.key for opened, _ in found)) > 1:
        for opened, _ in found:
            opened.close()
        raise ConflictError('%s: means %s' % (name, ' and '.join(str(canonical) for _, canonical in found)),
                            hint='Give one of them in that form.')
    chosen = found[_lasting([canonical for _, canonical in found])]
    for opened, canonical in found:
        if canonical is not chosen[1]:
            opened.close()
    return chosen


def _nothing_found(host, name, presence):
    """The error for a bare name that nothing here has; it says which runtimes were asked, and which cannot be."""
    from netnsctl.edge.runtimes import engines
    asked = [runtime.scheme for runtime in presence.rows(None)]
    trouble = None if 'docker' in asked else engines.docker_trouble(host)
    text = '%s: no named network namespace%s, no running container' % (
        name, ', no process' if may_be_pid(name) else '')
    if asked or trouble is None:
        text += ' (%s)' % (' '.join(asked) or 'no runtime is here')
    if trouble is None:
        return NotFoundError(text, hint=_hint_for_what_it_is(name))
    return NotFoundError('%s; %s' % (text, trouble.message.partition(': ')[2]),
                         hint=_both(_hint_for_what_it_is(name), trouble.hint))


def _both(one, other):
    """Two hints as one, a line each; None of none."""
    return '\n'.join(hint for hint in (one, other) if hint) or None


def _hint_for_an_address(text):
    """Where an address belongs that was given as a target; None if the text is not an address."""
    from netnsctl.model.addressing import parse_address
    try:
        parse_address(text)
    except UsageError:
        return None
    return 'An address comes after the end that gets it: web=%s.' % text


def _hint_for_what_it_is(name):
    """What an address, or the name of a link of the host, may have meant; None if the name is neither."""
    from netnsctl.edge import bridges
    address = _hint_for_an_address(name)
    if address:
        return address
    here = netns.open_host()
    try:
        link = here.rtnl().link(name=name)
        if link is None:
            return None
        if bridges.is_bridge(link):
            return '%s is a bridge of this host: bridge://%s.' % (name, name)
        macvlan = '' if link.master or name == 'lo' else 'For a macvlan on it: macvlan://%s. ' % name
        return '%s is a link of this host, not a namespace. %s%s' % (
            name, macvlan, bridges.how_to_plug(here.rtnl(), link))
    finally:
        here.close()


def _lasting(candidates):
    """Which of several Targets for one namespace the bare name stands for: the first, unless that is a symlink to the
    namespace of a process, which is gone when the container restarts, while the container's name is not."""
    first = candidates[0]
    if first.scheme == 'netns' and os.path.islink('%s/%s' % (netns.NETNS_DIR, first.name)):
        for at, other in enumerate(candidates):
            if other.scheme not in ('netns', 'pid'):
                return at
    return 0


def _candidates(host, name, presence):
    """[(canonical Target, function that opens it)], and the errors met on the way."""
    candidates, troubles = [], []
    if os.path.lexists('%s/%s' % (netns.NETNS_DIR, name)):
        target = Target('netns', name)
        candidates.append((target, lambda: _open_named(host, target)))
    if may_be_pid(name) and netns.start_time(int(name)) is not None:
        process = Target('pid', name)
        candidates.append((process, lambda: _open_pid(host, process)))
    for runtime in presence.rows(name):
        canonical = Target(runtime.scheme, name)
        known = presence.open_asked(canonical)
        if known is not None:
            candidates.append((canonical, lambda known=known: known))
            continue
        try:
            container = runtime.lookup(host, name)
        except NetnsctlError as error:
            troubles.append(error)
            continue
        if container is not None:
            candidates.append((canonical, lambda c=container, label=str(canonical): _open_found(host, c, label)))
    return candidates, troubles
