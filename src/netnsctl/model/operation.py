"""What all operations have in common: model.operations."""
from __future__ import absolute_import, division, print_function

# Verbs of model.features.uplink_steps, which few wires have: sent to no kernel, but carried out on the host.
ON_HOST = ('set-sysctl', 'restore-sysctl', 'set-hairpin', 'add-nat', 'delete-nat', 'release-ports', 'open-forward',
           'close-forward')


class Operation(object):
    """Base of all operations: a value with the fields that `fields` names, compared by value.

    later: those of its fields that earlier records lack. They are in a record only if they are set. outlives: does what
    it makes of a link stay when that link is deleted?
    """
    verb = None
    fields = ()
    later = ()
    outlives = False

    def __init__(self, *values, **named):
        given = dict(zip(self.fields, values), **named)
        own = dict.fromkeys(self.fields)
        own.update(given)
        if len(own) > len(self.fields) or len(given) < len(values) + len(named):
            raise TypeError('%s takes %s' % (type(self).__name__, ', '.join(self.fields)))
        self.__dict__.update(own)

    def __setattr__(self, name, value):
        raise AttributeError('operations are immutable')

    def __eq__(self, other):
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((self.verb,) + tuple(self.__dict__[field] for field in self.fields))

    def __repr__(self):
        return '%s(%s)' % (type(self).__name__, ', '.join('%s=%r' % (f, self.__dict__[f]) for f in self.fields))

    def undo(self):
        """The operation that takes this one back, or None if nothing has to."""
        raise NotImplementedError

    def made(self):
        """The (ns, dev) links that this operation makes."""
        return ()

    def record(self):
        """Plain data for the journal; from_record() turns it back."""
        said = dict(self.__dict__, verb=self.verb)
        for field in self.later:
            if said[field] is None:
                del said[field]
        return said


class Inverse(object):
    """undo() for operations whose inverse has the same fields."""
    inverse = None

    def undo(self):
        return self.inverse(*[self.__dict__[field] for field in self.fields])
