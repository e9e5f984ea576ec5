"""Fuzzes one target with atheris: libFuzzer's mutations, guided by which lines and branches of netnsctl they reach.

usage: fuzz.py TARGET [WORD OF LIBFUZZER | FOLDER]...
"""
import json
import os
import random
import resource
import signal
import sys

import atheris

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(TOP, 'src'), os.path.join(TOP, 'tests')]
CPU_SECONDS = 5  # of this process, for one input of some kB
# Values that a document may have in the place of any other.
ODD = (None, True, False, 0, -1, 1, 2 ** 31, 2 ** 64, 1e308, -0.5, '', 'a', '\0', '\n', '\ud800', 'x' * 300, [], [None],
       [[]], {}, {'': ''}, {'a': {}}, '10.0.0.1/24', 'fd00::1', '::', '0.0.0.0', '0')

with atheris.instrument_imports(include=['netnsctl']):
    from fuzz import targets
    ALL = targets.all_targets()


def places_of(tree):
    """[(container, key)] of every value in a document."""
    found, left = [], [tree]
    while left:
        value = left.pop()
        if isinstance(value, (dict, list)):
            keys = list(value) if isinstance(value, dict) else range(len(value))
            found += [(value, key) for key in keys]
            left += [value[key] for key in keys]
    return found


def changed_document(tree, words, choose):
    """Changes a document in one place."""
    places = places_of(tree)
    if not places:
        return choose.choice(ODD)
    holder, key = choose.choice(places)
    what = choose.randrange(6)
    if what == 0:
        holder[key] = choose.choice(ODD)
    elif what == 1:
        del holder[key]
    elif what == 2:
        other, at = choose.choice(places)
        holder[key] = json.loads(json.dumps(other[at])) if at in other or isinstance(at, int) and at < len(
            other) else choose.choice(ODD)
    elif what == 3 and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif what == 4 and isinstance(holder, dict):
        holder[choose.choice(words)] = holder[key]
    else:
        holder[key] = choose.choice(words)
    return tree


def mutator(target):
    """A mutator for documents: of the whole half of the time, of the bytes else."""
    words = [word.strip('"') for word in target.tokens]
    skipped = 1 if target.name in ('cni', 'netavark', 'state', 'engine-json') else 0  # a byte of the target's own

    def mutate(data, size, seed):
        choose = random.Random(seed)
        if choose.randrange(2):
            try:
                tree = json.loads(data[skipped:].decode('utf-8'))
                text = json.dumps(changed_document(tree, words, choose)).encode('ascii')
                if len(text) + skipped <= size:
                    return data[:skipped] + text
            except (ValueError, RecursionError, KeyError, IndexError):
                pass
        return atheris.Mutate(data, len(data) if choose.randrange(2) and data else size)
    return mutate


def written_dictionary(target, folder):
    path = os.path.join(folder, target.name + '.dict')
    with open(path, 'w') as sink:
        for word in target.tokens:
            sink.write('"%s"\n' % ''.join('\\x%02x' % byte for byte in word.encode('latin-1')))
    return path


def too_long(*_):
    raise AssertionError('more than %d s of the processor' % CPU_SECONDS)


def main():
    name, words = sys.argv[1], sys.argv[2:]
    target = ALL[name]
    build = os.path.join(TOP, 'build', 'fuzz')
    os.makedirs(build, exist_ok=True)
    signal.signal(signal.SIGVTALRM, too_long)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    read, start = target.read, signal.setitimer
    count = [0]

    def one(data):
        # Not anew for each of a million short inputs.
        count[0] += 1
        if count[0] % 256 == 1 or len(data) > 1024:
            start(signal.ITIMER_VIRTUAL, CPU_SECONDS)
        read(data)

    options = {'custom_mutator': mutator(target)} if target.is_json else {}
    argv = [sys.argv[0], '-rss_limit_mb=2048', '-max_len=4096', '-timeout=300',
            '-dict=' + written_dictionary(target, build)] + words
    atheris.Setup(argv, one, **options)
    atheris.Fuzz()


if __name__ == '__main__':
    main()
