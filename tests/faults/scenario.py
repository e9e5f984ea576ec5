"""A scenario: a way there and a way back, each a command line of netnsctl."""

from __future__ import absolute_import, division, print_function

from faults.ground import Ground, RpmGround


class Scenario(object):
    """setup: shell script. there, back: words of netnsctl; back_sh instead of back: a shell script that goes back.
    feed, feed_back: their standard input.

    parts: ways ('there', 'back') made of steps that stand for themselves: what is cut short in between may leave some.
    settles: after a kill the next command alone (`ls` takes no lock, `unwire` of nothing does) leaves all or nothing.
    again: the same command after a success is a success too. holders: how many processes that own a namespace there are
    ({0}, {1} in the words are their PIDs).
    environ: more variables for it. tells: what it says on standard error where it succeeds without a part, by design;
    stays: the path of what the next run does not take away either, then.
    helpers, limits ('state', or 'files': of the config tree too), races: these faults are tried on it as well.
    """

    def __init__(self, name, setup, there, back=(), back_sh=None, feed=b'', **options):
        self.name, self.setup, self.feed = name, setup, feed
        self.feed_back = options.pop('feed_back', b'')
        self.there, self.back, self.back_sh = list(there), list(back), back_sh
        self.parts = options.pop('parts', ())
        self.settles = options.pop('settles', True)
        self.again = options.pop('again', True)
        self.holders = options.pop('holders', 0)
        self.ground = options.pop('ground', Ground)
        self.helpers = options.pop('helpers', False)
        self.limits = options.pop('limits', None)
        self.races = options.pop('races', False)
        self.tells = options.pop('tells', None)
        self.stays = options.pop('stays', None)
        self.environ = options.pop('environ', {})
        assert not options, options

    def words(self, direction, ground):
        """The command line of one way ('there', 'back') on a ground."""
        found = self.there if direction == 'there' else self.back
        replace = dict(('{%d}' % number, '%d' % pid) for number, pid in enumerate(ground.pids))
        if self.ground is RpmGround:
            replace.update({'{url}': 'file://' + ground.packages.repo('good'), '{key}': ground.packages.key,
                            '{fingerprint}': ground.packages.fingerprint})
        for old, new in replace.items():
            found = [word.replace(old, new) for word in found]
        return found
