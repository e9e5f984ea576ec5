"""What a mistyped word of the command line may be meant to be."""
from __future__ import absolute_import, division, print_function

# Words of iproute2's, docker's and systemd's for what has another name here.
MEANT = {
    'list': 'ls', 'status': 'ls', 'ps': 'ls', 'add': 'wire', 'create': 'wire', 'connect': 'wire', 'link': 'wire',
    'delete': 'unwire', 'del': 'unwire', 'remove': 'unwire', 'rm': 'unwire', 'disconnect': 'unwire', 'info': 'show',
    'inspect': 'show', 'test': 'check', 'ping': 'check', 'start': 'up', 'stop': 'down', 'diagnose': 'doctor',
    'exec': 'netns', 'identify': 'netns', 'pids': 'netns', 'attach': 'netns', 'save': 'config', 'render': 'config',
}


def closest(word, known, meant=()):
    """The one of the known words that this one is most likely meant to be, or None. meant: {word: the right one}."""
    import difflib  # only who mistypes pays for it
    if word in meant and meant[word] in known:
        return meant[word]
    found = difflib.get_close_matches(word.lower(), known, 1, 0.6)
    if not found and len(word) > 1:
        found = [name for name in known if name.startswith(word)]
    return found[0] if len(found) == 1 else None


def command_hint(path, word, known):
    """The hint for a word that is not a command of `path` ('netnsctl', 'netnsctl config')."""
    found = closest(word, known, MEANT if path == 'netnsctl' else ())
    if found is None:
        return 'Try: %s --help' % path
    return 'Did you mean `%s %s`? Try: %s %s --help' % (path, found, path, found)


def option_hint(path, option, known):
    """The hint for an option that the command `path` does not have."""
    found = closest(option, known)
    return '%sTry: %s --help' % ('Did you mean %s? ' % found if found else '', path)
