"""One thing that a fix does."""
from __future__ import absolute_import, division, print_function


class Step(object):
    """One thing that a fix does.

    says: one line, what it will do. commands: what a person would type for it, may be empty. run: function without
    arguments that does it and returns one line on what was done, or raises a declared error with nothing changed.
    offered: it is optional, so it has its own question. undo: what undoes it, in words; None: it cannot be undone.
    """
    __slots__ = ('says', 'commands', 'run', 'offered', 'undo')

    def __init__(self, says, run, commands=(), offered=False, undo=None):
        self.says = says
        self.run = run
        self.commands = list(commands)
        self.offered = offered
        self.undo = undo
