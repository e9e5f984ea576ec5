"""Wires that a container asks for: labels (or annotations) `netnsctl.wire` and `netnsctl.wire.NAME`, whose values are
written as a line of a file of wires is, with `self` for the container. No I/O.

Whoever sets a label may start containers, but need not be the one who gives netnsctl its commands: a label asks for
links of its own container, and not for a NIC of the host, what its firewall lets pass, or where the traffic of the host
and of other containers goes.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.errors import UsageError
from netnsctl.model import wires_file
from netnsctl.model.endpoint import Target

DOMAIN = 'netnsctl.'
LABEL = DOMAIN + 'wire'
OWN = 'self'
MOST = 16  # wires of one container
VALUE_CHARACTERS = 1024
_KEY = re.compile(r'netnsctl\.wire(?:\.[A-Za-z0-9_.-]{1,64})?\Z')
# A NIC would leave the host; a process or a path may be anything.
_REFUSED = ('phys', 'pid', 'path')
# The shortest prefix of the other end's networks: half of all addresses would be a default route by another name.
_SHORTEST = {4: 8, 6: 32}


def is_label(key):
    """Does a label's name ask for a wire, well or badly? One that is mistyped must not go unnoticed."""
    return key.startswith(DOMAIN)


def of_labels(labels, own):
    """([(label, WireLine)], [UsageError]) of a container's labels ({name: value}). own: its Target."""
    found, errors = [], []
    keys = sorted(key for key in labels if is_label(key))
    for key in keys[:MOST]:
        try:
            found.append((key, parse(key, labels[key], own)))
        except UsageError as error:
            errors.append(error)
    if len(keys) > MOST:
        errors.append(UsageError('%s: it has %d labels that ask for wires; the first %d count' % (
            own, len(keys), MOST)))
    return found, errors


def parse(key, text, own, what='label', where=None):
    """The WireLine that one label asks for. UsageError, which names the container and the label. what: its name where
    it is none ('annotation'); where: what is named instead of both."""
    where = where or '%s: %s %s' % (own, what, shown(key))
    if not _KEY.match(key):
        raise UsageError('%s: it is not %s, nor %s.NAME with 1 to 64 letters, digits and _ . - as the NAME' % (
            where, LABEL, LABEL))
    try:
        return _with_own(_line_of(text, key), own)
    except UsageError as error:
        raise UsageError('%s: %s' % (where, error.message), hint=error.hint)


def _line_of(text, key):
    if not isinstance(text, str):
        raise UsageError('not text')
    if len(text) > VALUE_CHARACTERS:
        raise UsageError('longer than %d characters' % VALUE_CHARACTERS)
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise UsageError('contains a control character')
    return wires_file.parse_words(key, 0, wires_file.split(text))


def _with_own(line, own):
    ends = [end for end in (line.a, line.b) if end.target == Target(None, OWN)]
    if len(ends) != 1:
        raise UsageError('one of its two ends must be %s, the container' % OWN,
                         hint='For example: %s:eth1=10.0.0.2/24 bridge://br0' % OWN)
    other = line.b if ends[0] is line.a else line.a
    _require_modest(other)
    ends[0].target = Target(own.scheme, own.name)
    return line


def _require_modest(end):
    """UsageError for what a label may not ask of the other end."""
    target = end.target
    if target.scheme in _REFUSED or target.scheme is None and target.name.isdigit():
        raise UsageError('%s cannot be asked for by a label' % target,
                         hint='`netnsctl wire` can join it, or a file of the tree.')
    if end.gateways or end.routes or end.dhcp:  # whose server the container could be, which says what the routes are
        raise UsageError('%s: routes of %s cannot be asked for by a label' % (
            target, 'the host' if target.is_on_host else 'another container'))
    for address in end.addresses:
        if int(address.partition('/')[2]) < _SHORTEST[6 if ':' in address else 4]:
            raise UsageError('%s: a network as large as that of %s cannot be asked for by a label' % (target, address))
    for key, value in end.data:
        # A macvlan that is passthru takes all that its NIC hears; who publishes a port is the container that has it.
        if key in ('open', 'publish') or (key, value) == ('mode', 'passthru'):
            raise UsageError('%s: %s cannot be asked for by a label' % (
                target, key if key != 'mode' else 'mode=passthru'))


def shown(key):
    """The name of a label in one line, cut where it is long."""
    return ''.join(sign if ord(sign) >= 32 and ord(sign) != 127 else '?' for sign in key[:80])
