"""What is wired now, written into the tree: only files whose values change are touched, and comments stay."""
from __future__ import absolute_import, division, print_function

from netnsctl.edge import config_files
from netnsctl.errors import NetnsctlError, NotFoundError
from netnsctl.model.endpoint import Endpoint, Target
from netnsctl.model.ifcfg import spaces
from netnsctl.usecases import records
from netnsctl.usecases.config_tree import rendering


def ends_of(record):
    """A recorded wire as it stands, as two Endpoints with all that was decided when it was made.

    MAC addresses too, so that whoever has talked to it finds it again; a bridge's port and the host's own end get new
    ones.
    """
    found = []
    for end in record['ends']:
        scheme, _, name = end['target'].partition('://')
        made = records.effective(end)
        is_bridge = scheme == 'bridge'
        item = Endpoint(Target(scheme, name), end['asked']['ifname'] if is_bridge else end['dev'], made['addresses'],
                        made['gateways'], None if is_bridge else made['mac'], made['mtu'], made['routes'])
        item.scope, item.rules = made['scope'], made['rules']
        found.append(item)
    return found


def require_savable(targets):
    """UsageError for a canonical Target that does not outlive a boot: a PID, a path."""
    for target in targets:
        spaces.space_of(target)


def save(session, names):
    """Writes the files of these recorded wires: list of places that were written, in order.

    NotFoundError for a wire that there is not; otherwise as save_records().
    """
    found = []
    for name in names:
        record = session.journal.load(name)
        if record is None:
            raise NotFoundError('config save %s: no such wire' % name, hint='`netnsctl ls` lists them.')
        found.append(record)
    return save_records(session.host, found)


def save_records(host, found):
    """Writes the files of these records: list of places that were written, in order.

    UsageError for one that cannot be saved (a PID), or where a file that is there is not well formed; nothing was
    written then. NetnsctlError where a file cannot be written: those before it are as they were.
    """
    pending = []
    for record in found:
        for described in rendering.describe(record['name'], *ends_of(record)):
            pending += files_of(host, described)
    done = []
    try:
        for place, before, text in pending:
            _put(host, place, text)
            done.append((place, before))
    except NetnsctlError:
        for place, before in reversed(done):
            _put(host, place, before)
        raise
    return [place for place, _ in done]


def _put(host, place, text):
    """Writes a file; None: removes it."""
    if text is None:
        config_files.remove(host, place)
    else:
        config_files.write(host, place, text)


def files_of(host, described):
    """What has to be written for a link: list of (place, text that is there, text that is to be; None where there is no
    file). UsageError."""
    found = []
    text = config_files.read(host, described.place())
    rendered = rendering.render_link(described, text)
    if rendered != text:
        found.append((described.place(), text, rendered))
    for place, wanted in rendering.side_files(described):
        text = config_files.read(host, place)
        if wanted and wanted != text:
            found.append((place, text, wanted))
        elif not wanted and text is not None:
            found.append((place, text, None))
    return found
