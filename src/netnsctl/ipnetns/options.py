"""The options before the word, and how iproute2 treats prefixes and numbers."""
from __future__ import absolute_import, division, print_function

from netnsctl.ipnetns.output import Refused, quoted

USAGE = b"""Usage:\tip netns list
\tip netns add NAME
\tip netns attach NAME PID
\tip netns set NAME NETNSID
\tip [-all] netns delete [NAME]
\tip netns identify [PID]
\tip netns pids NAME
\tip [-all] netns exec [NAME] cmd ...
\tip netns monitor
\tip netns list-id [target-nsid POSITIVE-INT] [nsid POSITIVE-INT]
NETNSID := auto | POSITIVE-INT"""
INCOMPLETE = b'Command line is not complete. Try option "help"'
FAMILIES = (b'inet', b'inet6', b'mpls', b'bridge', b'link')
# In ip.c's order: a word means the first option that it is a prefix of. The value is the action, or None if the option
# changes nothing that netns prints.
_OPTIONS = (
    (b'-loops', 'word'), (b'-family', 'family'), (b'-human-readable', None), (b'-iec', None), (b'-stats', None),
    (b'-statistics', None), (b'-details', None), (b'-resolve', None), (b'-oneline', None), (b'-timestamp', None),
    (b'-tshort', None), (b'-Version', 'version'), (b'-force', 'force'), (b'-batch', 'batch'), (b'-brief', None),
    (b'-json', 'json'), (b'-pretty', 'pretty'), (b'-Numeric', None), (b'-rcvbuf', 'rcvbuf'), (b'-color', None),
    (b'-help', 'help'), (b'-netns', 'namespace'), (b'-all', 'all'),
)
_WITH_VALUE = ('word', 'family', 'batch', 'rcvbuf', 'namespace')
_PLAIN = (b'-4', b'-6', b'-0', b'-M', b'-B', b'-color=always', b'-color=auto', b'-color=never')


class Options(object):
    """all, json, pretty, force: yes or no. batch: bytes or None."""

    def __init__(self):
        self.all = self.json = self.pretty = self.force = False
        self.batch = None


def is_prefix(word, whole):
    """Is the word a non-empty prefix of the whole one (lib/utils.c, matches())?"""
    return bool(word) and whole.startswith(word)


def _is_color(option):
    """Is it a prefix of -color with a value (lib/color.c, matches_color())?"""
    name, equals, value = option.partition(b'=')
    return bool(equals) and is_prefix(name, b'-color') and value in (b'', b'always', b'auto', b'never')


def usage():
    """`help`, and what cannot be parsed: Refused with the usage, status 255."""
    return Refused(USAGE, 255)


def scan(argv, found):
    """Splits a command line of `ip`: adds (action or None, [the option's words]) to found for each option, and returns
    the rest, from the first word that is not an option, or after -Version or -help, which end it. Raises Refused with
    status 255 for an unknown option; an option whose value is missing comes alone."""
    argv = list(argv)
    for option in _taken_off(argv):
        found.append(option)
    return argv


def _taken_off(argv):
    """Takes the options off a list, one by one: yields as scan() adds them."""
    action = None
    while argv and argv[0][:1] == b'-' and action not in ('version', 'help'):
        words = [argv.pop(0)]
        if words[0] == b'--':
            yield None, words
            break
        action = _meant(words[0][1:] if words[0][1:2] == b'-' else words[0])
        if action in _WITH_VALUE and argv:
            words.append(argv.pop(0))
        yield action, words


def _meant(option):
    """The action of an option, or None if it changes nothing. Refused if it is unknown."""
    if option in _PLAIN:
        return None
    for whole, action in _OPTIONS:
        if is_prefix(option, whole) or whole == b'-color' and _is_color(option):
            return action
    raise Refused(quoted(b'Option', option, b' is unknown, try "ip -help".'), 255)


def parse(argv, enter=None):
    """Options, up to the first word that is not one, each carried out as it comes: (Options, the rest).

    enter: called with each namespace. Raises Refused: with status 0 for -Version, else 255.
    """
    settings, rest = Options(), list(argv)
    for action, words in _taken_off(rest):
        if action == 'namespace' and words[1:] and enter is not None:
            enter(words[1])
        elif action is not None:
            _act(settings, action, words[1:])
    return settings, rest


def _act(settings, action, values):
    if action in ('all', 'json', 'pretty', 'force'):
        setattr(settings, action, True)
    elif action == 'version':
        from netnsctl import __version__
        from netnsctl.compat import to_bytes
        raise Refused(status=0, shown=to_bytes('ip netns, netnsctl-%s\n' % __version__))
    elif action == 'help' or not values:
        raise Refused(INCOMPLETE, 255) if action == 'namespace' else usage()
    elif action == 'batch':
        settings.batch = values[0]
    elif action == 'family' and values[0] not in FAMILIES:
        raise usage() if values[0] == b'help' else wrong(values[0], b'invalid protocol family')
    elif action == 'rcvbuf' and integer(values[0]) is None:
        raise Refused(b"Invalid rcvbuf size '" + values[0] + b"'", 255)


def wrong(value, why):
    """Refused as iproute2's invarg() does: status 255."""
    return Refused(quoted(b'Error: argument', value, b' is wrong: ' + why), 255)


def integer(text):
    """A whole number as strtol() with base 0 takes it (blanks before it, a sign, 0x, 0), of an int's size; else
    None."""
    digits = text.lstrip(b' \t\n\v\f\r')
    sign = digits[:1] if digits[:1] in (b'-', b'+') else b''
    digits = digits[len(sign):]
    base = 16 if digits[:2].lower() == b'0x' else 8 if digits[:1] == b'0' else 10
    if base == 16:
        digits = digits[2:]
    if not digits.isalnum():
        return None
    try:
        number = int(digits, base)
    except ValueError:
        return None
    number = -number if sign == b'-' else number
    return number if -1 << 31 <= number < 1 << 31 else None
