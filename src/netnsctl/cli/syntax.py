"""The syntax of a command, as data, and a reader for plain command lines.

Every command describes itself with a Syntax, or a Group of commands, from which help, suggestions, completion and
click's commands are built. A plain line is read here, without click: loading click takes as long as making a wire.
Help, mistakes and unusual spellings are left to click (netnsctl.cli.program).
"""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import UsageError


class Option(object):
    """An option: names (['-f', '--file']), the parameter of the command that it goes to, help as text.

    With a metavar it takes a value; without, it is a flag that means True, or False under the name `off`. is_repeated:
    each use adds a value, and the parameter is a tuple; any other option that takes a value may be given once.
    shows_default: in the help. offers: what the completion offers for its value: 'files', 'folders', or a list.
    """

    def __init__(self, names, parameter, help, metavar=None, default=None, off=None, shows_default=False,
                 is_repeated=False, offers=None):
        self.names, self.parameter, self.help = names, parameter, help
        self.metavar, self.off, self.shows_default = metavar, off, shows_default
        self.is_repeated, self.offers = is_repeated, offers
        self.default = () if is_repeated else default if metavar or default is not None else False


class Words(object):
    """The words of a command that are not options, any number of them, as a tuple; the parameter that they go to.

    default: there is one word at most, and this is the value without it. offers: what the completion offers, as
    [(kind, for how many words, or None for all)]; kind: 'wires', 'endpoint', 'spaces', 'shaping', 'checks', 'presets',
    'help'.
    """

    def __init__(self, parameter, metavar, offers=(), default=None):
        self.parameter, self.metavar, self.offers, self.default = parameter, metavar, offers, default


class Syntax(object):
    """A command: run is called with its parameters by name and returns the exit code or None; its docstring is the
    help.

    words: Words or None. needs_root: does it fail for any other user? is_raw: everything after it is its words, even
    options. fills: {name: function that gives the text for %(name)s in the help}, for what is listed elsewhere.
    """
    commands = ()

    def __init__(self, run, words=None, options=(), needs_root=True, is_raw=False, fills=None):
        self.run, self.words, self.options, self.needs_root, self.is_raw = run, words, options, needs_root, is_raw
        self.fills = fills or {}

    def read(self, words):
        """The parameters that a plain line gives, as click would: {name: value}; None if the line is not plain.

        A plain line has full option names, values that do not look like options, and other words; everything else
        (help, mistakes, `--`, joined options such as -fFILE) is left to click.
        """
        if self.is_raw:
            return {self.words.parameter: tuple(words)}
        given = dict((option.parameter, option.default) for option in self.options)
        flags, valued = self._names()
        rest, seen = [], set()
        words = iter(words)
        for word in words:
            name, equals, value = word.partition('=')
            if word in flags:
                parameter, value = flags[word]
                given[parameter] = value
            elif name in valued and (not equals or name.startswith('--')):
                value = value if equals else next(words, None)
                if value is None or not equals and _looks_like_option(value):
                    return None
                option = valued[name]
                if option in seen and not option.is_repeated:
                    return None
                seen.add(option)
                given[option.parameter] = given[option.parameter] + (value,) if option.is_repeated else value
            elif _looks_like_option(word):
                return None
            else:
                rest.append(word)
        return self._with_rest(given, rest)

    def unknown_option(self, words):
        """The first of the words of a line that is not plain which is a long option that the command does not have: its
        name, or None."""
        flags, valued = self._names()
        words = iter(words)
        for word in words:
            name, equals, _ = word.partition('=')
            if name in valued and not equals:
                next(words, None)
            elif name == '--':
                return None
            elif name.startswith('--') and name not in flags and name not in valued and name != '--help':
                return name
        return None

    def call(self, path, given):
        """Runs the command: its exit code. UsageError for an empty option or word, which is what an unset variable in a
        script leaves: it would be taken for the working directory, or for a missing option.

        path: what the command is called, for the message. given: as read() gives it.
        """
        for option in () if self.is_raw else self.options:
            value = given[option.parameter]
            if option.metavar is not None and '' in (value if option.is_repeated else (value,)):
                raise UsageError('%s: %s is given an empty value' % (path, option.names[-1]))
        if self.words is not None and not self.is_raw:
            value = given[self.words.parameter]
            if '' in (value if self.words.default is None else (value,)):
                raise UsageError('%s: an argument is empty' % path)
        return self.run(**given) or 0

    def _with_rest(self, given, rest):
        """Adds the words that are not options to the parameters: these, or None if there are too many."""
        if self.words is None:
            return None if rest else given
        if self.words.default is None:
            given[self.words.parameter] = tuple(rest)
        elif len(rest) > 1:
            return None
        else:
            given[self.words.parameter] = rest[0] if rest else self.words.default
        return given

    def _names(self):
        """({flag: (parameter, value)}, {option with a value: Option})"""
        flags, valued = {}, {}
        for option in self.options:
            for name in option.names:
                if option.metavar is None:
                    flags[name] = option.parameter, True
                else:
                    valued[name] = option
            if option.off is not None:
                flags[option.off] = option.parameter, False
        return flags, valued


class Group(object):
    """A command that has commands of its own (a tuple of Command, in the order of the help). about: its help."""

    def __init__(self, about, commands, options=()):
        self.about, self.commands, self.options = about, commands, options


class Command(object):
    """A row in a table of commands: the name and a line that says what the command does.

    syntax: a Syntax or Group; without one it is what the module of that name in netnsctl.cli defines as `command`.
    elsewhere: what other programs (iproute2, docker, systemd) call it, for suggestions; words with blanks between.
    """

    def __init__(self, name, summary, syntax=None, elsewhere=''):
        self.name, self.summary, self._syntax, self.elsewhere = name, summary, syntax, elsewhere

    def load(self):
        """The Syntax or Group. The module is imported only now, so that `wire` does not pay for importing them all."""
        if self._syntax is None:
            self._syntax = __import__('netnsctl.cli.' + self.name, None, None, ['command']).command
        return self._syntax


def named(commands, name):
    """The Command of that name among commands, or None."""
    for command in commands:
        if command.name == name:
            return command
    return None


def _looks_like_option(word):
    return word[:1] == '-' and word != '-'
