"""What the names of podman's containers mean while podman starts some of them.

podman holds a container from before its hook runs until it has started, and answers nobody about it meanwhile. Two that
start at once, each with a wire to the other, would wait for each other.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.runtimes import engines, presence
from netnsctl.errors import NoAnswerError, NotFoundError
from netnsctl.usecases.starting import container as starting

# How long podman is asked about a container, attempt by attempt: in between its own hook may have begun.
ATTEMPTS = (0.5, 1.0, 2.0, 4.0)


class Held(object):
    """held(target): the Container that a Target means if podman holds it, else None; NotFoundError if podman does not
    answer for it, and its hook does not either. own: the container whose hook this is."""

    def __init__(self, session, own):
        self._session, self._own, self._free = session, own, set()

    def __call__(self, target):
        if target in self._own.targets():
            return self._own
        if target.scheme != 'podman' or target in self._free or not presence.is_installed(self._session.host, 'podman'):
            return None
        for seconds in ATTEMPTS:
            for other, is_held in starting.noted(self._session):
                if is_held and other.is_there() and target in other.targets():
                    return other
            try:
                engines.podman_lookup(self._session.host, target.name, seconds)
            except NoAnswerError:
                continue
            self._free.add(target)  # podman answers, so it will again
            return None
        raise NotFoundError('%s: it is being started' % target)
