"""What the words of a command are, as data, and how a plain line of them is read.

The commands that are run most describe themselves here, and click is made of that (netnsctl.cli.commands): their help
and whatever is not plain are click's. A plain line is read without it, for to load it takes as long as all of a wire.
"""
from __future__ import absolute_import, division, print_function


class Option(object):
    """An option: names (['-f', '--file']), the parameter of the command that it goes to, help as text.

    With a metavar it takes a value, else it is a flag that says True, or False by the name `off`. shows_default: in
    the help.
    """

    def __init__(self, names, parameter, help, metavar=None, default=None, off=None, shows_default=False):
        self.names, self.parameter, self.help = names, parameter, help
        self.metavar, self.off, self.shows_default = metavar, off, shows_default
        self.default = default if metavar or default is not None else False


class Syntax(object):
    """A command: run is called with its parameters by name and returns the exit code; its docstring is the help.

    words: (parameter, metavar) of the words that are no options, any number of them, or None. needs_root: does it fail
    for any other user?
    """

    def __init__(self, run, name, summary, words=None, options=(), needs_root=True):
        self.run, self.name, self.summary, self.words, self.options = run, name, summary, words, options
        self.needs_root = needs_root

    def read(self, words):
        """The parameters that a plain line gives, as click would: {name: value}; None where the line is not plain.

        Plain is a line of whole names of options, values that do not look like options, and other words; in all else
        (help, mistakes, `--`, what is joined as -fFILE) click is right whatever it does.
        """
        given = dict((option.parameter, option.default) for option in self.options)
        flags, valued = self._names()
        rest = []
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
                given[valued[name]] = value
            elif _looks_like_option(word):
                return None
            else:
                rest.append(word)
        if self.words is not None:
            given[self.words[0]] = tuple(rest)
        elif rest:
            return None
        return given

    def _names(self):
        """({flag: (parameter, value)}, {option with a value: parameter})"""
        flags, valued = {}, {}
        for option in self.options:
            for name in option.names:
                if option.metavar is None:
                    flags[name] = option.parameter, True
                else:
                    valued[name] = option.parameter
            if option.off is not None:
                flags[option.off] = option.parameter, False
        return flags, valued


def _looks_like_option(word):
    return word[:1] == '-' and word != '-'
