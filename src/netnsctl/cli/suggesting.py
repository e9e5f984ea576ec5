"""What a mistyped word of the command line may mean."""
from __future__ import absolute_import, division, print_function


def closest(word, known, meant=()):
    """The known word that this one most likely means, or None. meant: {word: the right one}."""
    import difflib  # loaded only after a typing error
    if word in meant and meant[word] in known:
        return meant[word]
    found = difflib.get_close_matches(word.lower(), known, 1, 0.6)
    if not found and len(word) > 1:
        found = [name for name in known if name.startswith(word)]
    return found[0] if len(found) == 1 else None


def command_hint(path, word, commands):
    """The hint for a word that is not one of the commands (rows of a table) of `path` ('netnsctl', 'netnsctl config').
    """
    meant = dict((other, row.name) for row in commands for other in row.elsewhere.split())
    found = closest(word, [row.name for row in commands], meant)
    if found is None:
        return 'Try: %s --help' % path
    return 'Did you mean `%s %s`? Try: %s %s --help' % (path, found, path, found)


def place_hint(option, argv):
    """The hint for an option given before the command that has it, or None."""
    from netnsctl.cli import commands
    words = [word for word in argv if word[:1] != '-']
    for at in range(len(words)):
        found = commands.split(words[at:])
        if found is not None and option in options_of(found[0]):
            return 'Options come after the command: netnsctl %s %s' % (' '.join(found[1]), option)
    if any(option in options_of(command.load()) for _, command in commands.walk()):
        return 'Options come after the command: netnsctl COMMAND %s' % option
    return None


def options_of(syntax):
    """The names of all options of a command's Syntax, also those that switch one off."""
    return [name for row in syntax.options for name in row.names + [row.off] if name]


def option_hint(path, option, known):
    """The hint for an option that the command `path` does not have."""
    found = closest(option, known)
    return '%sTry: %s --help' % ('Did you mean %s? ' % found if found else '', path)
