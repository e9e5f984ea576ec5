"""One thing that a fix does."""
from __future__ import absolute_import, division, print_function


class Step(object):
    """One thing that a fix does.

    says: one line, what it will do. commands: what a person would type for it, may be empty. run: function without
    arguments that does it and gives one line on what was done, or raises the declared error with nothing changed.
    offered: it is not needed for the fix, so it is asked for by itself. undo: what takes it back, in words; None: it is
    final.
    """
    __slots__ = ('says', 'commands', 'run', 'offered', 'undo')

    def __init__(self, says, run, commands=(), offered=False, undo=None):
        self.says = says
        self.run = run
        self.commands = list(commands)
        self.offered = offered
        self.undo = undo
