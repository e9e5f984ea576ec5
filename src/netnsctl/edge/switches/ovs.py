"""Open vSwitch, by ovs-vsctl: which bridges and ports its database has; ports added and removed.

Each question and each change is one transaction with a time limit. ovs-vsctl commits a change and then waits for
ovs-vswitchd to carry it out: at the end of the limit the database may be changed all the same.
"""
from __future__ import absolute_import, division, print_function

import json
import os

from netnsctl.compat import monotonic, native, to_bytes
from netnsctl.edge.host import Host
from netnsctl.errors import ConflictError, NetnsctlError, NoAnswerError

PROGRAM, FILE_PROGRAM = 'ovs-vsctl', 'ovsdb-tool'
SECONDS = 5
_MORE_SECONDS = 2.0  # for a program that does not even heed its own limit
_SILENT_SECONDS = 30.0
WIRE_KEY = 'netnsctl-wire'
_ENVIRON = ('OVS_RUNDIR', 'OVS_DBDIR')
_HOW_TO_START = ('Is Open vSwitch running? `netnsctl doctor ovs` says more; to start it: systemctl start '
                 'openvswitch-switch (Debian), openvswitch (elsewhere).')
_HOW_TO_BE_LET_IN = ('Its socket is for its own user alone. The services netnsctl and netnsctl-watch reach it with '
                     'CapabilityBoundingSet=CAP_DAC_OVERRIDE below [Service] (systemctl edit).')
_ERROR = 'ovs-vsctl: '

# {path of the program: until when it is taken for silent}: of questions, and of changes that an ovs-vswitchd does not
# carry out. A hang costs one time limit, and not one for each wire.
_silent, _waits_in_vain = {}, {}


class Port(object):
    """A port: switch (its bridge), name, tag (int, or None), trunks (sorted list of int), vlan_mode (text, or None),
    wire (external_ids:netnsctl-wire, or None)."""
    __slots__ = ('switch', 'name', 'tag', 'trunks', 'vlan_mode', 'wire')

    def __init__(self, switch, name, tag=None, trunks=(), vlan_mode=None, wire=None):
        self.switch, self.name, self.tag, self.trunks = switch, name, tag, sorted(trunks)
        self.vlan_mode, self.wire = vlan_mode, wire

    def columns(self):
        """What it says of VLANs, as model.links.ovs.columns_of() has it."""
        found = [('tag', '%d' % self.tag)] if self.tag is not None else []
        found += [('trunks', ','.join('%d' % number for number in self.trunks))] if self.trunks else []
        return found + ([('vlan_mode', self.vlan_mode)] if self.vlan_mode else [])


class Interface(object):
    """What a port consists of; of a bond several. name, port (its name), type ('' of a link of the kernel's,
    'internal', 'patch', 'vxlan', ...), options ({text: text}), is_there: has ovs-vswitchd found or made it?"""
    __slots__ = ('name', 'port', 'type', 'options', 'is_there')

    def __init__(self, name, port, type_, options, is_there):
        self.name, self.port, self.type, self.options, self.is_there = name, port, type_, options, is_there


class Database(object):
    """What the database has: switches, set of the names of bridges; ports, {name: Port}. Where they were asked for:
    datapaths, {name of a bridge: 'system' or 'netdev'}; interfaces, list of Interface."""
    __slots__ = ('switches', 'ports', 'datapaths', 'interfaces')

    def __init__(self, switches, ports):
        self.switches, self.ports, self.datapaths, self.interfaces = switches, ports, {}, []


def is_installed(host=None):
    """Is there an ovs-vsctl?"""
    return (host or Host()).find(PROGRAM) is not None


def read(host=None, with_interfaces=False):
    """The Database. NetnsctlError if it cannot be read."""
    more = ['interfaces', 'datapath_type'] if with_interfaces else ['', '']
    questions = [(['name', 'ports', more[1]], 'Bridge'),
                 (['_uuid', 'name', 'tag', 'trunks', 'vlan_mode', 'external_ids', more[0]], 'Port')]
    if with_interfaces:
        questions.append((['_uuid', 'name', 'type', 'options', 'ofport'], 'Interface'))
    words = ['--timeout=%d' % SECONDS, '--no-wait', '--format=json']
    for columns, table in questions:
        words += ['--', '--columns=' + ','.join(name for name in columns if name), 'list', table]
    text = _run(host, words).out
    try:
        return _database(*[_rows(json.loads(line)) for line in text.splitlines() if line.strip()])
    except (ValueError, TypeError, LookupError, AttributeError, RuntimeError):  # RuntimeError: nested too deeply
        raise NetnsctlError('ask Open vSwitch for its ports: %s printed what cannot be read: %s'
                            % (PROGRAM, _shown(text)))


def _database(bridges, ports, interfaces=()):
    """The Database of the rows of its tables."""
    owners = dict((_plain(uuid), row['name']) for row in bridges for uuid in _set(row['ports'], True))
    found = [_port(row, owners) for row in ports]
    database = Database(set(native_of(row['name']) for row in bridges),
                        dict((port.name, port) for port in found if port))
    if interfaces:
        database.datapaths = dict((native_of(row['name']), native_of(row['datapath_type']) or 'system')
                                  for row in bridges)
        names = dict((_plain(uuid), native_of(row['name'])) for row in ports for uuid in _set(row['interfaces'], True))
        database.interfaces = [_interface(row, names.get(_plain(row['_uuid']))) for row in interfaces]
    return database


def _interface(row, port):
    numbers = _set(row['ofport'])
    return Interface(native_of(row['name']), port, native_of(row['type']),
                     dict((native_of(key), native_of(value)) for key, value in row['options'][1]),
                     bool(numbers) and int(numbers[0]) > 0)


def saved_switches(host=None):
    """The names of the bridges in the database's file, where nothing serves it: list, empty if it cannot be read."""
    host = host or Host()
    program = host.find(FILE_PROGRAM)
    if program is None:
        return []
    question = '["Open_vSwitch",{"op":"select","table":"Bridge","where":[],"columns":["name"]}]'
    try:
        result = host.run([program, 'query', question], seconds=SECONDS, environ=_ENVIRON)
        return sorted(native_of(row['name']) for row in json.loads(result.out)[0]['rows'])
    except (NetnsctlError, ValueError, TypeError, LookupError, RuntimeError):
        return []


def is_behind(host=None):
    """Has ovs-vswitchd not carried out all that the database says? NetnsctlError."""
    words = ['--timeout=%d' % SECONDS, '--no-wait', '--', 'get', 'Open_vSwitch', '.', 'cur_cfg', 'next_cfg']
    numbers = _run(host, words).out.split()
    if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
        raise NetnsctlError('ask Open vSwitch for its state: %s printed what cannot be read: %s'
                            % (PROGRAM, _shown(' '.join(numbers))))
    return int(numbers[0]) < int(numbers[1])


def native_of(text):
    """A JSON string as a native str. TypeError for any other JSON value."""
    if isinstance(text, (list, dict, int, float, bool, type(None))):
        raise TypeError('not text')
    return native(to_bytes(text))


def _rows(table):
    """[{heading: value}] of a table."""
    return [dict(zip(table['headings'], row)) for row in table['data']]


def _set(value, of_pairs=False):
    """The members of a value that may be a set, or one member. of_pairs: members are lists themselves."""
    if isinstance(value, list) and value[:1] == ['set']:
        return value[1]
    return [value] if not isinstance(value, list) or of_pairs else []


def _plain(uuid):
    return native_of(uuid[1])


def _port(row, owners):
    """The Port of a row; None of one that no bridge has."""
    switch = owners.get(_plain(row['_uuid']))
    tags, modes, numbers = _set(row['tag']), _set(row['vlan_mode']), _set(row['trunks'])
    said = dict((native_of(key), native_of(value)) for key, value in row['external_ids'][1])
    if switch is None:
        return None
    return Port(native_of(switch), native_of(row['name']), int(tags[0]) if tags else None,
                [int(number) for number in numbers], native_of(modes[0]) if modes else None, said.get(WIRE_KEY))


def words_to_add(operation):
    """The words after `ovs-vsctl` of an AddPort: list."""
    from netnsctl.model.links.ovs import columns_of
    words = ['--timeout=%d' % SECONDS]
    if operation.stale:
        words += ['--', '--if-exists', 'del-port', operation.stale, operation.dev]
    words += ['--', 'add-port', operation.switch, operation.dev]
    words += ['%s=%s' % pair for pair in columns_of(operation.data)]
    return words + ['external_ids:%s="%s"' % (WIRE_KEY, operation.wire)]


def words_to_delete(switch, *names):
    """The words after `ovs-vsctl` that remove ports of a bridge: list."""
    words = ['--timeout=%d' % SECONDS]
    for name in names:
        words += ['--', '--if-exists', 'del-port', switch, name]
    return words


def add(operation, host=None):
    """Carries out an AddPort. ConflictError if a bridge has a port of that name; NetnsctlError."""
    result = _run(host, words_to_add(operation), 'plug %s into the Open vSwitch bridge %s'
                  % (operation.dev, operation.switch))
    if 'Error detected' in result.err:  # with the status 0, and the row is there
        raise NetnsctlError('plug %s into the Open vSwitch bridge %s: %s' % (
            operation.dev, operation.switch, _complaint(result.err)),
            hint='ovs-vswitchd has to run in the network namespace that netnsctl runs in.')


def delete(switch, *names):
    """Removes ports of a bridge. NetnsctlError if one is still in the database afterwards."""
    words, attempt = words_to_delete(switch, *names), 'unplug %s from the Open vSwitch bridge %s' % (
        ', '.join(names), switch)
    try:
        _run(None, words, attempt)
    except NoAnswerError:
        # Without an ovs-vswitchd the row is all that there is.
        _run(None, words[:1] + ['--no-wait'] + words[1:], attempt)


def _run(host, words, attempt='ask Open vSwitch for its ports'):
    """One run of ovs-vsctl: host.Result with the status 0. NetnsctlError, NoAnswerError."""
    host = host or Host()
    program = host.find(PROGRAM)
    if program is None:
        raise NetnsctlError('%s: there is no %s on this host' % (attempt, PROGRAM),
                            hint='Install Open vSwitch (openvswitch-switch on Debian, openvswitch elsewhere).')
    # What waits for ovs-vswitchd says nothing about the database.
    known = _silent if '--no-wait' in words else _waits_in_vain
    if monotonic() < max(_silent.get(program, 0), known.get(program, 0)):
        raise _no_answer(attempt)
    try:
        result = host.run([program] + words, seconds=SECONDS + _MORE_SECONDS, environ=_ENVIRON)
    except NoAnswerError:
        result = None
    if result is None or result.status == -14:  # SIGALRM: its own limit
        known[program] = monotonic() + _SILENT_SECONDS
        raise _no_answer(attempt)
    if result.status:
        text = 'it exited with status %d and no message' % result.status
        text = _complaint(result.err) if result.err.strip() else text
        kind = ConflictError if 'already exists on bridge' in text else NetnsctlError
        raise kind('%s: %s' % (attempt, text), hint=_hint(text))
    return result


def _hint(text):
    if 'connection failed' not in text:
        return None
    # With all capabilities root is let in, so this is a service's answer (or an LSM's).
    return _HOW_TO_BE_LET_IN if 'Permission denied' in text and os.geteuid() == 0 else _HOW_TO_START


def _no_answer(attempt):
    return NoAnswerError('%s: %s did not finish within %d s' % (attempt, PROGRAM, SECONDS), hint=_HOW_TO_START)


def _complaint(err):
    """What ovs-vsctl says of an error, on one line."""
    lines = [line[len(_ERROR):] for line in err.splitlines() if line.startswith(_ERROR)]
    return _shown(lines[0] if lines else err)


def _shown(text):
    """Of text that may be anything, what a line of an error can hold."""
    words = ' '.join(''.join(sign if sign.isprintable() else ' ' for sign in text[:400]).split()) \
        if hasattr(text, 'isprintable') else ' '.join(repr(text[:400])[1:-1].split())
    return words[:200] or 'nothing'
