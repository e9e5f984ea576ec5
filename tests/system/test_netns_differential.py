"""`netnsctl netns` beside iproute2's `ip netns`: the same lines in two equal worlds, and the same outcome.

A line is words for `ip`; one that begins with `$` is a shell command that prepares both worlds; `<text>` after it is
what the program is fed. What is meant to differ is in DIFFERENT, and must differ.
"""

from __future__ import absolute_import, division, print_function

import shlex

import pytest

from support import process
from support.netns_scenes import SCENES
from support.worlds import World

STALE = 'a stale name is called stale, and why'
# (scene, line): why it is meant to differ, and netnsctl's own (status, a part of standard error)
DIFFERENT = {
    ('words and prefixes', 'netns --help'): ('options come right after netns, so this is -help', 255, 'Usage:'),
    ('words and prefixes', 'netns -j list'): ('options come right after netns', 0, ''),
    ('global options', '-n b -j -n a -V netns identify'): ('whose version it is', 0, ''),
    ('global options', '-V -x netns list'): ('the same', 0, ''),
    ('global options', '-V -n nosuch netns list'): ('the same', 0, ''),
    ('numbers', 'netns list-id nsid -3'): ('iproute2 names the word after the wrong one', 255, '"-3" is wrong'),
    ('numbers', 'netns list-id target-nsid -3 nsid 5'): ('the same', 255, '"-3" is wrong'),
    ('identify and pids', 'netns list'): ('deleting a symlink unmounts what it leads to; netnsctl does not', 0, ''),
    ('batches', '-b /mnt'): ('a folder is no empty file', 1, 'Cannot open file "/mnt" for reading: Is a directory'),
    ('stale names', 'netns list'): (STALE, 0, 'Network namespace "empty" is stale: an empty file'),
    ('stale names', '-j netns list'): (STALE, 0, 'Network namespace "content" is stale: a file'),
    ('stale names', 'netns list-id'): (STALE, 0, 'Network namespace "folder" is stale: a directory'),
    ('stale names', 'netns exec empty true'): (STALE, 255, 'Network namespace "empty" is stale: an empty file'),
    ('stale names', 'netns exec folder true'): (STALE, 255, 'Network namespace "folder" is stale: a directory'),
    ('stale names', 'netns exec content true'): (STALE, 255, 'Network namespace "content" is stale: a file'),
    ('stale names', 'netns exec gone true'): (STALE, 255, '(stale: a symlink to process 4194305, which is gone)'),
    ('stale names', 'netns exec null true'): (STALE, 255, 'is stale: a symlink to /dev/null, which is no network'),
    ('stale names', '-n empty netns list'): (STALE, 255, 'Network namespace "empty" is stale'),
    ('stale names', 'netns set empty 3'): (STALE + '; and nothing is asked of the kernel', 1, 'is stale'),
    ('stale names', 'netns set gone 3'): (STALE, 1, 'process 4194305, which is gone'),
    ('stale names', 'netns pids empty'): (STALE, 1, 'Network namespace "empty" is stale'),
    ('stale names', '-all netns exec echo in'): ('iproute2 goes on in the child that failed, and tells many times', 0,
                                                 'is stale'),
    ('what the option -netns lacks', '-n'): ('there is a name missing, not one called (null)', 255, 'not complete'),
    ('what the option -netns lacks', '-b'): ('the usage is that of netns', 255, 'Usage:\tip netns list'),
    ('what the option -netns lacks', '-f'): ('the same', 255, 'Usage:\tip netns list'),
    ('what the option -netns lacks', '-rc'): ('the same', 255, 'Usage:\tip netns list'),
    ('what the option -netns lacks', '-help'): ('the same', 255, 'Usage:\tip netns list'),
    ('what the option -netns lacks', '-V'): ('whose version it is', 0, ''),
}


def lines_of(scene, scenes=None):
    """(line, words, feed, preparation) of each line."""
    for line in (scenes or SCENES)[scene].strip('\n').split('\n'):
        line = line.strip()
        if not line:
            continue
        if line.startswith('$ '):
            yield line, None, None, line[2:]
            continue
        text, _, feed = line.partition(' <')
        feed = feed[:-1].replace('\\n', '\n').replace('\\r', '\r') if feed else ''
        yield line, shlex.split(text), feed, None


@pytest.fixture
def worlds():
    try:
        if process.run(['ip', 'netns', 'attach']).err.startswith('Command'):
            pytest.skip('the ip of this machine is older than the contract (no netns attach, iproute2 5.1)')
    except OSError:
        pytest.skip('no ip')
    made = [World(False), World(True)]
    yield made
    for world in made:
        world.close()


def differences(rows, worlds, known):
    """Runs lines_of() a scene in both worlds: what differs and should not, or the other way round, as text. known:
    {line: (why, our status, part of what we print)} of lines that do differ."""
    found = []
    for line, words, feed, preparation in rows:
        if preparation is not None:
            theirs, ours = [world.sh(preparation.replace('@PID@', '%d' % world.aside.shell.pid)) for world in worlds]
            assert theirs == ours, line
            continue
        theirs, ours = [world.run(words, feed.encode('utf-8')) for world in worlds]
        if line in known:
            _, status, part = known[line]
            fine = theirs != ours and ours[0] == status and part in ours[2]
        else:
            fine = theirs == ours
        if not fine:
            found.append('%s\n   iproute2 %r\n   ours     %r' % (line, theirs, ours))
    return '\n'.join(found)


def known_in(scene, different):
    """{line: what is known} of one scene, of {(scene, line): what is known}."""
    return dict((line, known) for (other, line), known in different.items() if other == scene)


@pytest.mark.parametrize('scene', sorted(SCENES))
def test_the_same_lines_have_the_same_outcome(scene, worlds):
    assert differences(lines_of(scene), worlds, known_in(scene, DIFFERENT)) == ''


def test_the_list_of_differences_has_no_line_that_is_not_run():
    run = [(scene, row[0]) for scene in SCENES for row in lines_of(scene)]
    assert sorted(set(DIFFERENT) - set(run)) == []
    assert len([line for _, line in run if not line.startswith('$')]) >= 300
