"""What may be called so: namespaces, links and wires; the name of a wire that was given none; the MTU that a link may
have. No I/O."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import is_utf8, sha256_hex, to_bytes
from netnsctl.errors import UsageError

IFNAME_BYTES = 15   # IFNAMSIZ less its NUL, if.h
NAME_BYTES = 255    # NAME_MAX, a netns name is a file's
MTU_MIN, MTU_MAX = 68, 65535   # RFC 791 and what a veth takes
_DIGITS = '0123456789'
_HEX_DIGITS = frozenset(_DIGITS + 'abcdefABCDEF')
# Of a wire's name. Not by re: every command that makes one wire would wait for that to be loaded.
_FIRST_SIGNS = frozenset(_DIGITS + '_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
_SIGNS = _FIRST_SIGNS | frozenset('.:@+-')
# What nothing can be said against in a name, but its length and a dot at its end; and in any text.
_ORDINARY = _SIGNS - frozenset(':')
_PRINTABLE = frozenset(chr(code) for code in range(32, 127))
_CONTROL = frozenset(chr(code) for code in list(range(32)) + [127])


def refuse_odd_bytes(what, text):
    """UsageError for text that is not UTF-8, or holds control characters."""
    if _PRINTABLE.issuperset(text):
        return
    if not is_utf8(text):
        raise UsageError('%s %s: contains bytes that are not UTF-8' % (what, text))
    if not _CONTROL.isdisjoint(text):
        raise UsageError('%s %s: contains a control character' % (what, text))


def check_name(name, what):
    """UsageError unless this can name a namespace or container: 1 to 255 bytes, no slash, not '.' or '..'."""
    if 0 < len(name) <= NAME_BYTES and name[-1] != '.' and _ORDINARY.issuperset(name):
        return
    refuse_odd_bytes(what, name)
    if not name:
        raise UsageError('%s: the name is empty' % what)
    if len(to_bytes(name)) > NAME_BYTES:
        raise UsageError('%s: the name is longer than %d bytes' % (what, NAME_BYTES))
    if '/' in name or name in ('.', '..'):
        raise UsageError('%s: not a name' % what)


def may_be_pid(text):
    """Can this be the number of a process: '1' to '9999999999'?"""
    return is_number(text, 10) and text[0] != '0'


def is_number(text, most):
    """Is the text 1 to `most` digits of ASCII, and nothing else?"""
    return 1 <= len(text) <= most and not text.strip(_DIGITS)


def is_hex(text, count):
    """Is the text that many hexadecimal digits, and nothing else?"""
    return len(text) == count and _HEX_DIGITS.issuperset(text)


def check_ifname(ifname):
    """UsageError unless a link may have this name: what dev_valid_name() of Linux refuses, and names that mean
    something else."""
    if (0 < len(ifname) <= IFNAME_BYTES and ifname[0] not in '-lad' and ifname[-1] != '.'
            and _ORDINARY.issuperset(ifname)):
        return
    what = 'interface name "%s"' % ifname
    refuse_odd_bytes(what, ifname)
    if not ifname:
        raise UsageError('an interface name is empty')
    if len(to_bytes(ifname)) > IFNAME_BYTES:
        raise UsageError('%s: longer than %d bytes' % (what, IFNAME_BYTES))
    if ifname in ('.', '..', 'lo', 'all', 'default'):
        raise UsageError('%s: has another meaning to the kernel' % what)
    # The kernel makes a number of a %; a leading - reads as an option to every tool. To its isspace() the byte A0 is a
    # blank too, wherever it appears: U+00E0 is C3 A0.
    if any(sign in '/:%' or sign.isspace() for sign in ifname) or b'\xa0' in to_bytes(ifname) or ifname.startswith('-'):
        raise UsageError('%s: must not begin with "-" or contain "/", ":", "%%" or blanks' % what)


def check_wire_name(name):
    """UsageError unless a wire may be given this name (it is a file's name too). Returns it."""
    if not _may_be_given(name):
        raise UsageError('wire name %s: 1 to 100 letters, digits and _ . : @ + -, beginning with a letter, a digit or _'
                         % name)
    return name


def _may_be_given(name):
    return (1 <= len(name) <= 100 and name[0] in _FIRST_SIGNS and _SIGNS.issuperset(name)
            and not name.endswith('.pending'))


def check_known_name(name):
    """UsageError unless a recorded wire can have this name: one that check_wire_name() takes, or that
    default_name() makes."""
    plain, _, digest = name.partition('~')
    if digest and not (is_hex(digest, 8) and digest == digest.lower()):
        plain = name
    check_wire_name(plain)
    return name


def may_be_name(name):
    """Can a recorded wire have this name?"""
    try:
        return bool(check_known_name(name))
    except UsageError:
        return False


def name_of_end(end):
    """'a:A' of an Endpoint: its part in default_name()."""
    return (end.target.name or end.target.scheme) + (':' + end.ifname if end.ifname else '')


def default_name(a, b):
    """The name of a wire between two Endpoints that was given none: 'a:A-b:B'.

    The same ends always give the same name.
    """
    text = '-'.join([name_of_end(end) for end in (a, b)])
    if _may_be_given(text):
        return text
    name = ''.join([sign if sign in _SIGNS else '_' for sign in text.lstrip('/')])
    return '%s~%s' % (name[:80].lstrip('-.:@+') or 'wire', sha256_hex(text)[:8])


def closest(word, known, cutoff=0.6):
    """The name that a word most likely means, or None. cutoff: how similar it must be (1: the same)."""
    import difflib  # imports much, for an error alone
    found = difflib.get_close_matches(word.lower(), known, 1, cutoff)
    return found[0] if found else None


def check_mtu(text):
    """'1400' -> 1400. UsageError outside 68..65535."""
    if not is_number(str(text), 5) or not MTU_MIN <= int(text) <= MTU_MAX:
        raise UsageError('mtu %s: not a number from %d to %d' % (text, MTU_MIN, MTU_MAX))
    return int(text)
