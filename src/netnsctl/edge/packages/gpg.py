"""Asks gpg (1.4 to 2.4) whose key a file contains."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import native
from netnsctl.errors import NetnsctlError

SECONDS = 20.0
ARMOR = '-----BEGIN PGP '


class NotAKey(NetnsctlError):
    """A file does not hold the one key that it should."""


class Key(object):
    """A public key. fingerprint: upper-case hexadecimal digits. owner: its first user id, or ''."""
    __slots__ = ('fingerprint', 'owner')

    def __init__(self, fingerprint, owner):
        self.fingerprint = fingerprint
        self.owner = owner


def read_key(host, path, folder):
    """The one public key in a file: (Key, its armoured text as gpg writes it). path: its real path. folder: a private
    directory for gpg's own files.

    What is used from here on is the text: gpg has left out what is not bound to the key, which old rpms would trust
    (CVE-2021-3521), and whatever another reader could take for a second key. NetnsctlError if the file is not a
    key, or holds a secret key or more than one.
    """
    with open(path, 'rb') as source:
        data = source.read()
    # A byte over 127 begins a binary packet: gpg would then read that, and rpm the armour behind it.
    if any(byte > 127 for byte in bytearray(data)) or native(data).count(ARMOR) != 1 or \
            ARMOR + 'PUBLIC KEY BLOCK-----' not in native(data):
        raise NotAKey('read the key file %s: it is not one armoured public key '
                      '(-----BEGIN PGP PUBLIC KEY BLOCK-----)' % path)
    _gpg(host, folder, ['--import', path])
    keys = _parse(_gpg(host, folder, ['--with-colons', '--with-fingerprint', '--list-keys']).out)
    if len(keys) != 1 or not keys[0].fingerprint:
        raise NotAKey('read the key file %s: it holds %s' % (path, 'no key' if not keys else
                                                             '%d keys, not one' % len(keys)))
    text = _gpg(host, folder, ['--armor', '--export-options', 'export-minimal', '--export', keys[0].fingerprint]).out
    if ARMOR not in text:
        raise NotAKey('read the key file %s: gpg found no key in it' % path)
    return keys[0], text


def _gpg(host, folder, words):
    program = host.find('gpg') or host.find('gpg2')
    if program is None:
        raise NetnsctlError('read a key file: there is no gpg on this host', hint='Install it: yum install gnupg2')
    argv = [program, '--homedir', folder, '--batch', '--no-tty', '--quiet', '--trust-model', 'always']
    # An agent, which a public key has no need of, would outlive us.
    result = host.run(argv + ['--no-autostart'] + words, seconds=SECONDS)
    if 'no-autostart' in result.err:
        result = host.run(argv + words, seconds=SECONDS)  # before GnuPG 2.1
    return result


def _parse(listing):
    """gpg's --with-colons (doc/DETAILS in its sources) -> list of Key, of primary keys only."""
    keys, is_primary = [], False
    for line in listing.splitlines():
        fields = line.split(':')
        if fields[0] in ('pub', 'sec'):
            # 2.0 and before put the first user id into the pub line.
            keys.append(Key('', fields[9] if len(fields) > 9 else ''))
            is_primary = True
        elif fields[0] in ('sub', 'ssb'):
            is_primary = False
        elif fields[0] == 'fpr' and is_primary and keys and not keys[-1].fingerprint:
            keys[-1].fingerprint = fields[9].upper() if re.match(r'[0-9A-Fa-f]{32,64}$', fields[9]) else ''
        elif fields[0] == 'uid' and keys and not keys[-1].owner and len(fields) > 9:
            keys[-1].owner = fields[9]
    return keys
