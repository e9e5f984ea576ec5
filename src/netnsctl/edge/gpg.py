"""Whose key a file holds, asked of gpg: 2.1.23 and later, and EL6's 2.0 and 1.4."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.compat import native
from netnsctl.errors import NetnsctlError

SECONDS = 20.0
ARMOR = '-----BEGIN PGP '


class Key(object):
    """A public key. fingerprint: upper-case hexadecimal digits. owner: its first user id, or ''."""
    __slots__ = ('fingerprint', 'owner')

    def __init__(self, fingerprint, owner):
        self.fingerprint = fingerprint
        self.owner = owner


def read_key(host, path, folder):
    """The one public key in a file: Key. path: its real path. folder: a private folder for gpg's own files.

    NetnsctlError where the file is no key, or holds a secret key or more than one: rpm would trust each of them.
    """
    with open(path, 'rb') as source:
        text = native(source.read())
    # gpg reads the first armoured block and stops; rpm reads them all.
    if text.count(ARMOR) != 1 or ARMOR + 'PUBLIC KEY BLOCK-----' not in text:
        raise NetnsctlError('read the key file %s: it is not one armoured public key '
                            '(-----BEGIN PGP PUBLIC KEY BLOCK-----)' % path)
    keys = _parse(_list_packets(host, path, folder))
    if len(keys) != 1 or not keys[0].fingerprint:
        raise NetnsctlError('read the key file %s: it holds %s' % (path, 'no key' if not keys else
                                                                   '%d keys, not one' % len(keys)))
    return keys[0]


def _list_packets(host, path, folder):
    program = host.find('gpg') or host.find('gpg2')
    if program is None:
        raise NetnsctlError('read the key file %s: there is no gpg on this host' % path,
                            hint='Install it: yum install gnupg2')
    start = [program, '--homedir', folder, '--batch', '--no-tty', '--no-default-keyring', '--with-colons',
             '--with-fingerprint']
    result = host.run(start + ['--show-keys', path], seconds=SECONDS)
    if result.status and 'invalid option' in result.err.lower():
        # Before 2.1.23 a file without a command is listed.
        result = host.run(start + [path], seconds=SECONDS)
    return result.out


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
