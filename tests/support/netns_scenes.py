"""Lines of `ip netns` by scene, which netnsctl netns and the real one are both given: {scene: lines}."""
from __future__ import absolute_import, division, print_function

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
        -c=auto netns list
        --col=always netns list
        -colo= netns list
        -=never netns list
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
        -c=foo netns list
        -colors=auto netns list
        --=auto= netns list
        -jsonx netns list
        -n a netns list
        -netns a netns identify
        -net b netns identify
        -n nosuch netns list
        -n nosuch -n a netns identify
        -n a -n nosuch netns identify
        -n a -n b netns identify
        -n b -j -n a -V netns identify
        -n nosuch -V netns list
        -n nosuch -x netns list
        -n nosuch -n
        -V -x netns list
        -V -n nosuch netns list
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
