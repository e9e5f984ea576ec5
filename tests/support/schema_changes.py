"""Whether what is written by a JSON schema can be read by who knows an earlier form of it."""
from __future__ import absolute_import, division, print_function

# What says something about values without naming them, and has to stay.
HELD = ('pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems', 'format')


def broken(old, new):
    """What a reader of documents by the old schema cannot rely on any more: list of text.

    A field may be added, at any depth, and a form of document at the top; a word may be added where the old schema
    lists words, but to `version`. Nothing else.
    """
    return Comparison(old, new).of(old, new, '')


class Comparison(object):
    """The two documents, by which references are followed."""

    def __init__(self, old, new):
        self.roots, self.seen = (old, new), set()

    def of(self, old, new, where):
        names = tuple(part.get('$ref') for part in (old, new))
        if any(names):
            if names in self.seen:
                return []
            self.seen.add(names)
        old, new = [followed(root, part) for root, part in zip(self.roots, (old, new))]
        found = self.types(old, new, where) + self.words(old, new, where)
        for word in HELD:
            if word in old and old[word] != new.get(word):
                found.append('%s: %s was %s and is %s' % (where or 'document', word, old[word], new.get(word)))
        return found + self.fields(old, new, where) + self.items(old, new, where) + self.forms(old, new, where)

    @staticmethod
    def types(old, new, where):
        before, now = types_of(old), types_of(new)
        if before is None or now is not None and now <= before:
            return []
        return ['%s: its type was %s and is %s' % (where or 'document', ' or '.join(sorted(before)),
                                                   ' or '.join(sorted(now or ['anything'])))]

    @staticmethod
    def words(old, new, where):
        if 'enum' not in old:
            return []
        if 'enum' not in new:
            return ['%s: it was one of %s' % (where, old['enum'])]
        found = ['%s: %r is gone' % (where, word) for word in old['enum'] if word not in new['enum']]
        added = [word for word in new['enum'] if word not in old['enum']]
        if added and (where.endswith('.version') or not all(isinstance(word, type(u'')) for word in old['enum'])):
            found.append('%s: %s is new' % (where, added))
        return found

    def fields(self, old, new, where):
        found = []
        for name in old.get('required', ()):
            if name not in new.get('required', ()):
                found.append('%s.%s: it was always there and need not be now' % (where, name))
        for name, part in sorted(old.get('properties', {}).items()):
            if name not in new.get('properties', {}):
                found.append('%s.%s: it is gone' % (where, name))
            else:
                found += self.of(part, new['properties'][name], '%s.%s' % (where, name))
        before, now = old.get('additionalProperties'), new.get('additionalProperties')
        if isinstance(before, dict):
            found += self.of(before, now, where + '.*') if isinstance(now, dict) else [
                '%s: its values were described' % where]
        return found

    def items(self, old, new, where):
        if not isinstance(old.get('items'), dict):
            return [] if old.get('items') == new.get('items') else ['%s[]: it was described' % where]
        return self.of(old['items'], new.get('items', {}), where + '[]')

    def forms(self, old, new, where):
        """Of alternatives each old one must have become one of the new; only at the top may there be more."""
        found = []
        for word in ('oneOf', 'anyOf', 'allOf'):
            before, now = old.get(word, []), list(new.get(word, []))
            for form in before:
                trials = [(self.apart(form, other), other) for other in now]
                trials = trials or [(['%s: a form is gone' % where], None)]
                best = min(trials, key=lambda trial: len(trial[0]))
                found += best[0]
                if best[1] is not None:
                    now.remove(best[1])
            if before and now and where:
                found.append('%s: a form is new' % where)
        return found

    def apart(self, old, new):
        other = Comparison(*self.roots)
        other.seen = set(self.seen)
        return other.of(old, new, followed(self.roots[0], old).get('title', '(a form)'))


def followed(root, part):
    """A part of a schema with what its reference leads to, which its own words go before."""
    while '$ref' in part:
        target = root
        for word in part['$ref'].split('/')[1:]:
            target = target[word]
        part = dict(target, **dict((key, value) for key, value in part.items() if key != '$ref'))
    return part


def types_of(part):
    """set of the names of types, or None where the schema says none."""
    if 'type' not in part:
        return None
    found = set(part['type'] if isinstance(part['type'], list) else [part['type']])
    return found | set(['integer']) if 'number' in found else found
