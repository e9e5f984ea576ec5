"""What the targets of recorded wires mean now: the name of a container may have passed to another one.

Only docker and podman can rename a running container. Where a name is of a namespace, a path or a PID, and for the
other runtimes, the identity of the recorded namespace says all of it (edge.netns.open_again).
"""
from __future__ import absolute_import, division, print_function

from netnsctl.usecases.recorded import records


class Meanings(object):
    """The containers that run, asked for once per command and runtime, and only if a wire ends in one."""

    def __init__(self, host):
        self.host = host
        self._ids = {}

    def passed_on(self, record):
        """For each end of a record whose target means another container now, or none: list of text. Nothing is known,
        and nothing reported, if the runtime does not answer."""
        found = []
        for end in record.ends:
            if end.target.startswith(records.RENAMING):
                found += self._of_end(end, record.identity(end))
        return [text for text, _ in found]

    def has_successor(self, record):
        """Does another container now have the name of one in which a record ends?"""
        return any(is_another for end in record.ends if end.target.startswith(records.RENAMING)
                   for _, is_another in self._of_end(end, record.identity(end)))

    def _of_end(self, end, identity):
        """[(text, is it another container's name now?)], empty if it means what it meant, or nobody can tell."""
        target = end.parsed_target()
        scheme, name = target.scheme, target.name
        if scheme not in self._ids:
            from netnsctl.edge.runtimes import engines
            self._ids[scheme] = engines.running_ids(self.host, scheme)
        ids = self._ids[scheme]
        if ids is None or identity['pid'] is None:
            return []
        full = set(ids.get(known) for known in ids if known == name or len(name) >= 12 and known.startswith(name)
                   and ids[known] == known)
        if not full:
            return [('%s: no running container has this name any more' % end.place, False)]
        from netnsctl.edge.runtimes import container, engines
        if len(full) == 1 and not engines.is_in(self.host, container.Container(scheme, name, identity['pid'],
                                                                               full.pop())):
            return [('%s: %s is now another container' % (end.place, end.target), True)]
        return []


def elsewhere(record, ends, opened):
    """For each recorded end that is not in the namespace that was asked for: list of text.

    ends: the record's, in the order of opened, which holds a Netns for each.
    """
    return ['%s: %s is now another network namespace' % (end.place, end.target)
            for end, namespace in zip(ends, opened) if not namespace.is_the_same_as(record.identity(end))]
