"""`netnsctl netns` beside iproute2's `ip netns`: the same lines in two equal worlds, and the same outcome.

A line is words for `ip`; one that begins with `$` is a shell command that prepares both worlds; `<text>` after it is
what the program is fed. What is meant to differ is in DIFFERENT, and must differ.
"""

from __future__ import absolute_import, division, print_function

import shlex

import pytest

from support import process
from support.worlds import World

SCENES = {
    'an empty host': '''
        netns
        netns list
        netns show
        -j netns list
        -j -p netns list
        netns identify
        netns identify 1
        netns identify @PID@
        netns pids x
        netns delete x
        -all netns delete
        -all netns exec true
        netns exec x true
        netns list-id
        -j netns list-id
        -j -p netns list-id
        netns set x 1
        $ mkdir /run/netns
        netns
        -j netns
        -j -p netns
        -p netns
        -all netns delete
        -all netns exec true
        netns identify 1
    ''',
    'words and prefixes': '''
        netns a x
        netns l
        netns li
        netns lis
        netns ls
        netns lst
        netns s
        netns sh
        netns sho
        netns show
        netns list-
        netns list-i
        netns list-id
        netns ad y
        netns i
        netns ident
        netns p x
        netns pid x
        netns e x echo in
        netns ex x echo in
        netns exe x echo in
        netns se x 3
        netns at z @PID@
        netns att zz @PID@
        netns identify @PID@
        netns d x
        netns del y
        netns delet z
        netns rm zz
        netns lister
        netns Add k
        netns x
        netns add-
        netns --help
        netns -j list
        netns ""
        netns h
        netns help
        netns hel
        netns help me
        netns list x y z
    ''',
    'global options': '''
        netns add a
        netns add b
        -j netns
        -js netns
        -json netns
        --json netns
        -j -p netns
        -p -j netns
        -pretty -j netns list
        -pr -j netns list
        -s netns list
        -stat netns list
        -statistics netns list
        -d netns list
        -o netns list
        -r netns list
        -t netns list
        -ts netns list
        -br netns list
        -iec netns list
        -h netns list
        -human netns list
        -4 netns list
        -6 netns list
        -0 netns list
        -N netns list
        -c netns list
        -color netns list
        -color=never netns list
        -f inet netns list
        -family inet6 netns list
        -fam link netns list
        -f foo netns list
        -l 3 netns list
        -rc 1000 netns list
        -rc x netns list
        -- netns list
        -x netns list
        --x netns list
        -color=foo netns list
        -jsonx netns list
        -n a netns list
        -netns a netns identify
        -net b netns identify
        -n nosuch netns list
        -n a netns exec b echo in
        -a netns exec echo in
        -al netns exec echo in
        -all netns exec sh -c "exit 3"
        -all netns exec
        -all netns list a/b
        -force netns list
    ''',
    'add and delete': '''
        netns add
        netns add a
        netns add a
        netns add a/b
        netns add .
        netns add ..
        netns add ""
        netns add %s
        netns add %s
        netns add "two words"
        netns add -x
        netns add --
        netns add auto
        netns add 17
        netns add tab\tname
        netns add "quote\\"d"
        netns add name extra
        -j netns list
        -j -p netns list
        netns list
        $ stat -c "%%a %%n" /run/netns
        netns delete
        netns delete a b
        netns delete a
        netns delete a/b
        netns delete "two words"
        netns list
        $ mkdir /run/netns/folder; touch /run/netns/plain
        netns delete folder
        netns delete plain
        netns add folder
        $ rmdir /run/netns/folder
        $ chmod 0 /run/netns
        netns list
        -all netns delete
        netns list
    ''' % ('n' * 255, 'n' * 256),
    'attach': '''
        netns attach
        netns attach q
        netns attach q abc
        netns attach q 0
        netns attach q -1
        netns attach q 4194305
        netns attach q 12x
        netns attach q ""
        netns attach a/b 1
        netns attach q @PID@
        netns attach q @PID@
        netns identify @PID@
        netns pids q
        netns exec q true
        netns list
        netns delete q
        netns identify @PID@
    ''',
    'numbers': '''
        netns add a
        netns add b
        netns add c
        netns set
        netns set a
        netns set a -3
        netns set a abc
        netns set a ""
        netns set a 0x
        netns set a 1.5
        netns set a 5x
        netns set a 99999999999
        netns set nosuch 1
        netns set a/b 1
        netns set a 5
        netns set a 5
        netns set a 6
        netns set b 5
        netns set b auto
        netns set c 0x10
        netns list
        -j netns list
        -j -p netns list
        netns list-id
        -j netns list-id
        -j -p netns list-id
        netns list-id nsid 5
        -j netns list-id nsid 5
        -p -j netns list-id nsid 5
        netns list-id nsid 0
        netns list-id nsid 77
        -j netns list-id nsid 77
        netns list-id nsid
        netns list-id target-nsid
        netns list-id nsid x
        netns list-id target-nsid x
        netns list-id nsid -3
        netns list-id target-nsid -3 nsid 5
        netns list-id nsid 5 nsid 6
        netns list-id target-nsid 5 target-nsid 5
        netns list-id target-nsid 99
        netns list-id target-nsid 99 nsid 5
        netns list-id foo
        netns exec a true
        -n a netns set b 7
        -n a netns set c 8
        netns list-id target-nsid 5
        -j netns list-id target-nsid 5
        -p -j netns list-id target-nsid 5
        netns list-id target-nsid 5 nsid 7
        -n a netns list-id
        -n a netns list
        netns delete a
        netns list
        netns list-id
    ''',
    'identify and pids': '''
        netns add a
        netns identify
        netns identify self
        netns identify 4194305
        netns identify 12x
        netns identify -1
        netns identify 1 2
        netns identify a/b
        netns identify ""
        netns pids
        netns pids nosuch
        netns pids a
        netns pids a b
        netns pids a/b
        netns exec a sh -c "exec ip netns identify"
        $ ln -s a /run/netns/again
        netns exec a ip netns identify
        netns pids again
        netns delete again
        netns list
    ''',
    'exec': '''
        netns exec
        netns add a
        netns exec a
        netns exec a ""
        netns exec a nosuch
        netns exec a ./nosuch
        netns exec a /etc
        netns exec a /etc/passwd
        netns exec a/b true
        netns exec nosuch true
        netns exec a true
        netns exec a false
        netns exec a sh -c "exit 77"
        netns exec a sh -c "kill -9 \\$\\$"
        netns exec a sh -c "kill -15 \\$\\$"
        netns exec a echo one "two words" ""
        netns exec a -- true
        netns exec a cat <fed to it>
        netns exec a sh -c "ls /sys/class/net"
        netns exec a ip -o link show lo
        netns exec a sh -c "ls /proc/self/fd"
        netns exec a sh -c "grep -E Sig.gn /proc/self/status"
        netns exec a sh -c "yes | head -1; exit \\${PIPESTATUS:-0}"
        netns exec a sh -c "mount -t tmpfs none /mnt/w && ls /mnt/w"
        $ mountpoint -q /mnt/w && exit 1; true
        netns exec a sh -c "mount | grep -c sysfs"
        $ mkdir -p /etc/netns/a; echo nameserver 192.0.2.1 >/etc/netns/a/resolv.conf; touch /etc/netns/a/not-in-etc
        $ echo outside >/etc/resolv.conf || true
        netns exec a cat /etc/resolv.conf
        netns exec a true
        $ rm /etc/netns/a/not-in-etc; mkdir /etc/netns/a/apt; touch /etc/netns/a/apt/there
        netns exec a ls /etc/apt
        $ printf 'echo "no shebang: $*"' >/mnt/script; chmod +x /mnt/script
        netns exec a /mnt/script x y
        $ printf '#!/nosuch/interpreter' >/mnt/script
        netns exec a /mnt/script
        $ chmod -x /mnt/script
        netns exec a /mnt/script
        netns exec a env -i sh -c "echo \\$PATH"
        netns exec a readlink /proc/self/cwd
    ''',
    'batches': '''
        $ printf 'netns add k\\nnetns list\\n' >/mnt/b
        -b /mnt/b
        -batch /mnt/b
        -force -b /mnt/b
        $ printf '# comment\\n\\nnetns add q # more\\n   netns   list\\nnetns \\\\\\n  list\\n' >/mnt/b
        -b /mnt/b
        -b - <netns list>
        -b - <netns add r>
        -b - <netns add a/b>
        -b - <foo>
        -b - <netns foo>
        -b - <netns delete nosuch\nnetns list>
        -force -b - <netns delete nosuch\nnetns list>
        -force -b - <netns exec k false\nnetns list>
        -b - <netns exec k true\nnetns list>
        -b - <netns exec k sh -c "exit 3"\nnetns list>
        -b - <netns exec k echo "two words" 'single one'>
        -b - <netns set k 4\nnetns list-id\nnetns list>
        -j -b - <netns list\nnetns list>
        -b - <netns list-id nsid 99\nnetns list>
        -b - <netns exec "k>
        -b - <"netns" "add" "w w">
        -b - <net list>
        -b - <netns add dos\r\nnetns list>
        -b - <netns help>
        -b /nosuch
        -b /mnt
        -b - <>
    ''',
    'stale names': '''
        netns add good
        $ cd /run/netns; touch -d "1 hour ago" empty content; mkdir folder; echo x >content; ln -s /dev/null null
        $ ln -s /proc/4194305/ns/net /run/netns/gone; ln -s good /run/netns/also; sleep 0.01
        netns list
        -j netns list
        netns list-id
        netns identify
        netns exec empty true
        netns exec folder true
        netns exec content true
        netns exec gone true
        netns exec null true
        netns exec also true
        -n empty netns list
        netns set empty 3
        netns set gone 3
        netns pids empty
        netns pids gone
        -all netns exec echo in
        netns add empty
        netns add gone
        netns delete empty
        netns delete gone
        netns delete content
        netns delete folder
        netns delete null
        netns exec good true
    ''',
    'what the option -netns lacks': '''
        -n
        -b
        -f
        -rc
        -help
        -V
        -n ""
        -n a/b netns list
    ''',
}

STALE = 'a stale name is called stale, and why'
# (scene, line): why it is meant to differ, and netnsctl's own (status, a part of standard error)
DIFFERENT = {
    ('words and prefixes', 'netns --help'): ('options come right after netns, so this is -help', 255, 'Usage:'),
    ('words and prefixes', 'netns -j list'): ('options come right after netns', 0, ''),
    ('numbers', 'netns list-id nsid -3'): ('iproute2 names the word after the wrong one', 255, '"-3" is wrong'),
    ('numbers', 'netns list-id target-nsid -3 nsid 5'): ('the same', 255, '"-3" is wrong'),
    ('identify and pids', 'netns list'): ('deleting a symlink unmounts what it leads to; netnsctl does not', 0, ''),
    ('batches', '-b /mnt'): ('a folder is no empty file', 1, 'Cannot open file "/mnt" for reading: Is a directory'),
    ('stale names', 'netns list'): (STALE, 0, 'Network namespace "empty" is stale: an empty file'),
    ('stale names', '-j netns list'): (STALE, 0, 'Network namespace "content" is stale: a file'),
    ('stale names', 'netns list-id'): (STALE, 0, 'Network namespace "folder" is stale: a folder'),
    ('stale names', 'netns exec empty true'): (STALE, 255, 'Network namespace "empty" is stale: an empty file'),
    ('stale names', 'netns exec folder true'): (STALE, 255, 'Network namespace "folder" is stale: a folder'),
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


@pytest.mark.parametrize('scene', sorted(SCENES))
def test_the_same_lines_have_the_same_outcome(scene, worlds):
    found = []
    for line, words, feed, preparation in lines_of(scene):
        if preparation is not None:
            assert worlds[0].sh(preparation) == worlds[1].sh(preparation), line
            continue
        theirs, ours = [world.run(words, feed.encode('utf-8')) for world in worlds]
        if (scene, line) in DIFFERENT:
            _, status, part = DIFFERENT[(scene, line)]
            fine = theirs != ours and ours[0] == status and part in ours[2]
        else:
            fine = theirs == ours
        if not fine:
            found.append('%s\n   iproute2 %r\n   netnsctl %r' % (line, theirs, ours))
    assert not found, '\n'.join(found)


def test_the_list_of_differences_has_no_line_that_is_not_run():
    run = [(scene, row[0]) for scene in SCENES for row in lines_of(scene)]
    assert sorted(set(DIFFERENT) - set(run)) == []
    assert len([line for _, line in run if not line.startswith('$')]) >= 300
