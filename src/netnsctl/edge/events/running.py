"""Which of some containers run right now."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.runtimes import engines
from netnsctl.errors import NetnsctlError, NoAnswerError, NotFoundError, UsageError


def running(host, scheme, names):
    """Those of the names (a set) whose container of docker or podman runs: set. NoAnswerError where nobody knows."""
    known = engines.docker_names(host) if scheme == 'docker' else engines.running_ids(host, scheme)
    if known is not None:
        return set(name for name in names if name in known or engines.is_id_prefix(name)
                   and any(other.startswith(name) for other in known))
    return set(name for name in names if _runs(host, scheme, name))


def _runs(host, scheme, name):
    from netnsctl.edge.runtimes import finding
    try:
        return finding.by_scheme(scheme).lookup(host, name) is not None
    except (NotFoundError, UsageError):
        return False
    except NoAnswerError:
        raise
    except NetnsctlError as error:
        raise NoAnswerError(error.message, error.hint)
