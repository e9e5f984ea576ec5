"""The key that a preset's packages are signed with: found, and checked against its fingerprint before it is used."""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.edge.packages import gpg
from netnsctl.edge.host import write_file
from netnsctl.errors import NetnsctlError, UsageError

# A key of RSA 4096 with its user ids and signatures has some 2 to 20 KB.
_LIMIT = 1 << 20


class KeyFile(object):
    """A key file whose fingerprint is right. source: where it was read. text: the key alone, as gpg writes it, path: a
    private file of that. fingerprint: upper-case hexadecimal digits, owner: its user id."""
    __slots__ = ('path', 'source', 'text', 'fingerprint', 'owner')


def check_fingerprint(text):
    """A fingerprint as a person types it -> upper-case hexadecimal digits, 40 of them. UsageError."""
    digits = re.sub(r'[\s:]', '', text).upper()
    if not re.match(r'[0-9A-F]{40}\Z', digits):
        raise UsageError('repo: --fingerprint %s: not the 40 hexadecimal digits of a fingerprint' % text)
    return digits


def shown(fingerprint):
    """A fingerprint in groups of four, as gpg shows it."""
    return ' '.join(fingerprint[at:at + 4] for at in range(0, len(fingerprint), 4))


def read(host, source, fingerprint, folder):
    """Reads a key file of the host and holds it against a fingerprint: KeyFile.

    folder: an empty private directory for a copy of it and for gpg's own files. NetnsctlError if it is not there, is no
    key, or is another one.
    """
    text = host.read(source, _LIMIT)
    if text is None:
        is_there = os.path.lexists(host.path(source))
        raise (NetnsctlError if is_there else gpg.NotAKey)('read the key file %s: %s' % (
            source, 'it cannot be read' if is_there else 'there is no such file'), hint=how_to_have(fingerprint))
    found = KeyFile()
    found.path, found.source = os.path.join(folder, 'key.asc'), source
    write_file(found.path, text)
    try:
        key, found.text = gpg.read_key(host, found.path, folder)
    except NetnsctlError as error:
        raise type(error)(error.message.replace(found.path, source), hint=error.hint)
    if key.fingerprint != fingerprint:
        raise gpg.NotAKey('read the key file %s: it is not the expected key, but %s%s' % (
            source, shown(key.fingerprint), ' (%s)' % key.owner if key.owner else ''),
            hint='Expected: %s.\nFor another key, use --fingerprint.' % shown(fingerprint))
    found.fingerprint, found.owner = key.fingerprint, key.owner
    write_file(found.path, found.text)
    return found


def how_to_have(fingerprint):
    """What to do where the key is not at hand: text."""
    return ('netnsctl ships no key. Get it from a source that you trust, and give it with --gpgkey FILE:\n'
            'its fingerprint is %s.' % shown(fingerprint))
