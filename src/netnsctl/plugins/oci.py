"""The OCI hook: podman, and CRI-O, start it when a container has its namespaces and not yet a process (createRuntime),
and when it has ended (poststop), with the container's state on standard input (OCI runtime-spec, "State").

A container is wired by its directory of the tree, or by annotations: netnsctl.wire, or netnsctl.wire.NAME for several.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import re
import stat
import sys

from netnsctl.cli import output
from netnsctl.compat import open_standard_streams, unicode_tree
from netnsctl.edge.files import settings
from netnsctl.edge.host import Host
from netnsctl.edge.oci import ancestors, images
from netnsctl.edge.privileges import is_in_user_namespace
from netnsctl.edge.runtimes.container import PID_MAX, one_line
from netnsctl.errors import Interrupted, NetnsctlError, UsageError
from netnsctl.model import own_wires
from netnsctl.plugins import documents

WHAT = 'the state of the container'
NO_WIRE = 'none'  # the value of an annotation that asks for nothing, as that of an image may have to be replaced by
_IDENTITY = re.compile(r'[A-Za-z0-9_+][A-Za-z0-9_+.-]{0,199}\Z')  # runc's, and the name of a file
_BEGINS, _ENDED = ('creating', 'created'), ('stopped',)


class State(object):
    """identity; has_ended: is it the end that is reported? pid (None of one that ended); bundle (a path); annotations
    ({key: text} of those that ask for wires); split_off: (key, value) of one that is a piece of these, or None;
    manager: what podman or CRI-O say that they are."""
    __slots__ = ('identity', 'has_ended', 'pid', 'bundle', 'annotations', 'split_off', 'manager')


def read_state(data):
    """The State in a JSON document (bytes). UsageError."""
    found = documents.as_object(data, WHAT)
    state = State()
    state.identity = found.get('id')
    if not isinstance(state.identity, str) or not _IDENTITY.match(state.identity):
        raise UsageError('%s: id: not the ID of a container' % WHAT)
    status = found.get('status')
    if status not in _BEGINS + _ENDED:
        raise UsageError('%s: status: %s is neither creating nor stopped' % (WHAT, one_line(_shown(status))))
    state.has_ended, state.pid = status in _ENDED, found.get('pid')
    if not state.has_ended and (type(state.pid) is not int or not 1 < state.pid <= PID_MAX):
        raise UsageError('%s: pid: not the PID of a container' % WHAT)
    state.bundle = found.get('bundle')
    if not isinstance(state.bundle, str) or not state.bundle.startswith('/') or '\0' in state.bundle:
        raise UsageError('%s: bundle: not a path' % WHAT)
    said = found.get('annotations')
    if said is not None and not isinstance(said, dict):
        raise UsageError('%s: annotations: not an object' % WHAT)
    state.annotations = dict((key, value) for key, value in (said or {}).items() if own_wires.is_label(key))
    state.manager = (said or {}).get('io.container.manager')
    state.split_off = state.annotations and _split_off(said) or None
    return state


def _split_off(said):
    """An annotation that is an item of a wire, and so a piece of the annotation of that: (key, value), or None. `podman
    run --annotation` split its value at commas up to podman 4."""
    plain = sorted(key for key in said if '.' not in key.split(' ')[0])
    if not plain:
        return None  # all that podman itself sets have a domain
    from netnsctl.model import endpoint, links
    items = set(endpoint.KEYS)
    for name in links.KINDS:
        items.update(links.kind_named(name).keys)
    for key in plain:
        words = key.split(' ')
        if key in items or words[0] in endpoint.WORDS and words[1:]:
            return key, said[key]
    return None


def _shown(value):
    return value if isinstance(value, str) else json.dumps(unicode_tree(value))[:100]


def lines_of(state, own):
    """The wires that the annotations of a State ask for: [WireLine]. own: the Target of the container. UsageError."""
    if state.split_off:
        raise UsageError('%s: the annotation %s was split at a comma: %s has become one of its own' % (
            own, own_wires.shown(sorted(state.annotations)[0]), own_wires.shown('='.join(map(str, state.split_off)))),
            hint='This podman takes one with commas in double quotes: --annotation \'"netnsctl.wire=..."\'')
    if len(state.annotations) > own_wires.MOST:
        raise UsageError('%s: more than %d annotations ask for wires' % (own, own_wires.MOST))
    return [own_wires.parse(key, state.annotations[key], own, 'annotation') for key in sorted(state.annotations)
            if state.annotations[key] != NO_WIRE]


def main():
    """Ends the process: 0, or the exit code of the error that standard error tells."""
    from netnsctl.execution import signals
    open_standard_streams()
    os.umask(os.umask(0o022) | 0o022)
    signals.install()
    host, status = Host(), 0
    try:
        _run(host)
    except (NetnsctlError, Interrupted) as error:
        status = _fail(host, error)
    except (EnvironmentError, ImportError, MemoryError) as error:
        status = _fail(host, NetnsctlError(str(error) or 'out of memory'))
    sys.stdout.flush()
    os._exit(status)


def _run(host):
    state = read_state(documents.read_all(0, WHAT))
    if is_in_user_namespace(host):
        # Directories of the tree are those of root's containers.
        if state.annotations and not state.has_ended:
            raise NetnsctlError('wire the container %s: it is rootless, and has no rights over links of the host'
                                % state.identity[:12], hint='Run it as root, or without the annotations netnsctl.wire.')
        return
    from netnsctl import library
    if state.has_ended:
        _tell(library.end_container(state.identity))
        return
    container = _container_of(host, state)
    if state.annotations:
        _require_own_word(host, state, container)
    _tell(library.begin_container(container, lines_of(state, container.target)))


def _container_of(host, state):
    from netnsctl.usecases.starting.container import Container
    monitor = ancestors.monitor_of(host, state.identity)
    if monitor is None or not monitor.is_podman:
        return Container(None, None, state.identity, state.pid)
    return Container('podman', monitor.name, state.identity, state.pid)


def _require_own_word(host, state, container):
    """NetnsctlError for annotations that may be another's than root's: who creates pods sets those of CRI-O's
    containers, who made an image those that it has."""
    if container.scheme != 'podman':
        if settings.read(host).pod_annotations != 'obey':
            raise NetnsctlError(
                'wire the container %s: annotations of containers that podman did not start are not obeyed'
                % state.identity[:12], hint='`pod_annotations = obey` in %s lets everybody who creates pods wire '
                'them.' % settings.PLACE)
        return
    theirs = images.annotations_of(host, state.bundle, state.identity)
    for key in sorted(state.annotations):
        if state.annotations[key] in theirs.get(key, ()):
            raise NetnsctlError('%s: the annotation %s is of its image' % (container, own_wires.shown(key)),
                                hint='To run it without: podman run --annotation %s=%s' % (
                                    own_wires.shown(key), NO_WIRE))


def _tell(done):
    for notice in done[1]:
        output.warn('netnsctl: %s' % notice)


def _fail(host, error):
    """Reports an error where its reader sees it: the exit code."""
    if isinstance(error, NetnsctlError):
        error.hint = documents.without_force(error.hint)
    output.report_error(error)
    crun = ancestors.crun_above(host)
    if crun is not None:
        # podman shows crun's standard error if there is more than one line in crun's log.
        text = ''.join('netnsctl: %s\n' % output.printable(line) for line in
                                [error.message] + (error.hint or '').splitlines())
        ancestors.append('/proc/%d/fd/2' % crun[0], text, stat.S_ISFIFO)
        ancestors.append(crun[1], json.dumps({'msg': 'netnsctl: %s' % output.printable(error.message),
                                              'level': 'error'}) + '\n', stat.S_ISREG)
    return error.exit_code
